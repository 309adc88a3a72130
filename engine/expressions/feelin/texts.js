/* FEEL's text of any value (the function `string`), and `abs`, which durations have too. */
import { kindOf, lengthOf } from './kinds.js';
import { momentText } from './moments.js';

const ESCAPED = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const quoted = text => `"${text.replace(/["\\\n\r\t]/g, sign => ESCAPED[sign])}"`;
const inner = value => kindOf(value) === 'string' ? quoted(value) : textOf(value);
const key = name => /^[\p{L}_?][\p{L}\p{N}_?]*$/u.test(name) ? name : quoted(name);

const WRITERS = {
  nil: () => 'null',
  string: value => value,
  boolean: String,
  number: numberText,
  list: value => `[${value.map(inner).join(', ')}]`,
  context: value => `{${Object.entries(value).map(([ name, part ]) => `${key(name)}: ${inner(part)}`).join(', ')}}`,
  range: rangeText,
  function: () => '<function>'
};

/** A number without an exponent. */
function numberText(value) {
  const text = String(value);
  const [ , sign, whole, rest = '', power ] = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (power === undefined) {
    return text;
  }
  const digits = whole + rest, point = whole.length + Number(power);
  return sign + (point > 0 ? digits.padEnd(point, '0') : `0.${'0'.repeat(-point)}${digits}`);
}

function rangeText(range) {
  const ends = [ range.start, range.end ].map(inner);
  return range.sign
    ? `${range.sign} ${range.start === null ? ends[1] : ends[0]}`
    : `${range['start included'] ? '[' : '('}${ends.join('..')}${range['end included'] ? ']' : ')'}`;
}

/** The text of a value. */
export function textOf(value) {
  const kind = kindOf(value);
  return WRITERS[kind] ? WRITERS[kind](value) : momentText(value, kind);
}

/** A number or a duration without its sign. */
export function abs(value) {
  switch (kindOf(value)) {
  case 'number': return Math.abs(value);
  case 'duration': return lengthOf(value) < 0 ? value.negate() : value;
  default: return null;
  }
}

