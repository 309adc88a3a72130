// form-js has no translation hook: its texts stand in its code. All of them pass the one function that makes its elements,
// so the build gives it ours (build.mjs), which looks each text up. Values of inputs are never touched.
import { Fragment, jsx as made, jsxs as madeOf } from 'preact/jsx-runtime';

const SAID = ['children', 'title', 'label', 'placeholder', 'description', 'tooltip', 'text', 'alt', 'aria-label'];
export const chinese = document.documentElement.lang.startsWith('zh');

/** The text in the reader's language; `patterns`: [[RegExp, (...groups) => text]] for texts with a name in them. */
export function sayer(texts, patterns = []) {
  return (text) => {
    if (!chinese || text in texts) return chinese ? texts[text] : text;
    for (const [pattern, said] of patterns) { const found = pattern.exec(text); if (found) return said(...found.slice(1)); }
    return text;
  };
}

/** {jsx, jsxs, Fragment} that say what they are given in the reader's language. */
export function saying(say) {
  const one = (value) => (typeof value === 'string' ? say(value) : value);
  const each = (value) => (Array.isArray(value) && value.some((part) => typeof part === 'string') ? value.map(one) : one(value));
  const props = (given) => {
    const found = { ...given };
    for (const name of SAID) if (found[name]) found[name] = each(found[name]);
    return found;
  };
  const bare = !chinese;
  return {
    Fragment,
    jsx: bare ? made : (type, given, ...rest) => made(type, props(given), ...rest),
    jsxs: bare ? madeOf : (type, given, ...rest) => madeOf(type, props(given), ...rest),
  };
}
