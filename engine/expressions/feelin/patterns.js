/*
 * Regular expressions of XPath (FEEL's matches, replace, split) as those of JavaScript.
 *
 * Translated: the flags s m i x, classes with a part taken away (`[a-z-[aeiou]]`), Unicode blocks. Not there: the other
 * blocks than those below, and XML's \i and \c. What JavaScript cannot read is null, as an error is in FEEL.
 */
const FLAGS = /^[smix]*$/;
const BLOCKS = {
  IsBasicLatin: '\\u0000-\\u007F',
  'IsLatin-1Supplement': '\\u0080-\\u00FF',
  IsGreek: '\\u0370-\\u03FF',
  IsCyrillic: '\\u0400-\\u04FF',
  IsCJKUnifiedIdeographs: '\\u4E00-\\u9FFF'
};
const SYNTAX_IN_SETS = /[()[{}/\-|&!#$%*+,.:;<=>?@^`~]/;

/** A RegExp, or null when the pattern or the flags are wrong. */
export function regexp(pattern, flags = '', more = '') {
  if (!FLAGS.test(flags)) {
    return null;
  }
  const { text, sets } = translated(flags.includes('x') ? tightened(pattern) : pattern);
  try {
    return new RegExp(text, [ ...new Set(flags.replaceAll('x', '') + more) ].join('') + (sets ? 'v' : 'u'));
  } catch (problem) {
    if (problem.name !== 'SyntaxError') {
      throw problem;
    }
    return null;
  }
}

/** Without the white space that flag x leaves out: all but that inside a class. */
function tightened(pattern) {
  let depth = 0, text = '';
  for (let place = 0; place < pattern.length; place++) {
    const sign = pattern[place];
    if (sign === '\\' && depth) {
      text += sign + (pattern[++place] ?? '');
      continue;
    }
    depth += sign === '[' ? 1 : sign === ']' ? -1 : 0;
    text += depth > 0 || !/\s/.test(sign) ? sign : '';
  }
  return text;
}

const BLOCK = /^\\([pP])\{(Is[\w-]+)\}/;

/** {text, sets}: `sets` when it has a class from which another is taken away. */
function translated(pattern) {
  const sets = /\[[^\]]*-\[/.test(pattern.replace(/\\./gs, ''));
  let text = '', depth = 0;
  for (let place = 0; place < pattern.length; place++) {
    const sign = pattern[place], rest = pattern.slice(place);
    const block = BLOCK.exec(rest);
    if (block && BLOCKS[block[2]]) {
      text += depth && block[1] === 'p' ? BLOCKS[block[2]] : `[${block[1] === 'P' ? '^' : ''}${BLOCKS[block[2]]}]`;
      place += block[0].length - 1;
    } else if (sign === '\\') {
      text += depth && /\d/.test(rest[1] ?? '') ? '\\e' : rest.slice(0, 2); // a back reference in a class: `\e` is refused
      place++;
    } else if (sets && depth && rest.startsWith('-[')) {
      text += '--[';
      depth++;
      place++;
    } else {
      text += depth && sets && sign !== ']' && sign !== '-' && sign !== '^' && SYNTAX_IN_SETS.test(sign) ? `\\${sign}` : sign;
      depth += sign === '[' ? 1 : sign === ']' ? -1 : 0;
    }
  }
  return { text: sets ? nested(text) : text, sets };
}

/** `[A-Z--[OI]]` as JavaScript wants it: `[[A-Z]--[OI]]`. */
function nested(text) {
  return text.replace(/\[((?:[^[\]\\]|\\.)*)--\[/g, '[[$1]--[');
}

/** What a replacement means: `$1` a group, `$0` all of it, `\$` and `\\` themselves. */
export function replacing(replacement) {
  return (all, ...found) => {
    const groups = [ all, ...found.slice(0, found.findIndex(each => typeof each === 'number')) ];
    return replacement.replace(/\\([\\$])|\$(\d+)/g, (_, plain, digits) => plain ?? numbered(groups, digits));
  };
}

/** The longest number that is a group; further digits stay digits. */
function numbered(groups, digits) {
  for (let length = digits.length; length > 1; length--) {
    if (Number(digits.slice(0, length)) < groups.length) {
      return (groups[Number(digits.slice(0, length))] ?? '') + digits.slice(length);
    }
  }
  return (groups[Number(digits[0])] ?? '') + digits.slice(1);
}
