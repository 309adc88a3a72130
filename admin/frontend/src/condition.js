// A condition as rows (field, comparison, value) joined by "and" or by "or": written as FEEL, and FEEL of this shape read back.
// Pure: knows no diagram and no screen. What is written otherwise is not read (null), and so never rewritten.
//
//   model   {join: 'and'|'or', rows: [{field, op, value}]}
//   value   text, number, true|false, {date: '2026-11-22'}; of `between` [from, to], of `one_of` a list of texts or numbers;
//           none of empty, filled, absent, present, is_true, is_false

/** Comparisons by the type of a field; the panel names them. */
export const COMPARISONS = {
  text: ['eq', 'ne', 'contains', 'starts', 'one_of', 'empty', 'filled', 'absent', 'present'],
  number: ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'between', 'one_of', 'absent', 'present'],
  boolean: ['is_true', 'is_false', 'absent', 'present'],
  date: ['eq', 'gt', 'ge', 'lt', 'le', 'absent', 'present'],
  list: ['has', 'lacks', 'empty_list', 'filled_list'],
};
export const WITHOUT_VALUE = ['is_true', 'is_false', 'empty', 'filled', 'empty_list', 'filled_list', 'absent', 'present'];

const SIGNS = { eq: '=', ne: '!=', gt: '>', ge: '>=', lt: '<', le: '<=' };
const OPS = Object.fromEntries(Object.entries(SIGNS).map(([op, sign]) => [sign, op]));
const CALLS = { contains: 'contains', 'starts with': 'starts', 'list contains': 'has' };
const FIELD = /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u;
const WORDS = new Set(['and', 'or', 'not', 'in', 'between', 'if', 'then', 'else', 'for', 'return', 'some', 'every', 'satisfies', 'null', 'true', 'false', 'function']);

/** Whether a name can stand in a condition as it is. */
export const isField = (name) => FIELD.test(name) && !name.split('.').some((part) => WORDS.has(part));

// ---- writing

const quoted = (text) => `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n').replace(/\t/g, '\\t').replace(/\r/g, '\\r')}"`;

function literal(value) {
  if (typeof value === 'string') return quoted(value);
  if (value && value.date) return `date(${quoted(value.date)})`;
  return String(value);
}

const WRITERS = {
  absent: (f) => `${f} = null`,
  present: (f) => `${f} != null`,
  is_true: (f) => `${f} = true`,
  is_false: (f) => `${f} = false`,
  empty: (f) => `(${f} = null or ${f} = "")`,
  filled: (f) => `(${f} != null and ${f} != "")`,
  empty_list: (f) => `(${f} = null or count(${f}) = 0)`,
  filled_list: (f) => `(${f} != null and count(${f}) > 0)`,
  contains: (f, v) => `contains(${f}, ${literal(v)})`,
  starts: (f, v) => `starts with(${f}, ${literal(v)})`,
  has: (f, v) => `list contains(${f}, ${literal(v)})`,
  lacks: (f, v) => `not(list contains(${f}, ${literal(v)}))`,
  one_of: (f, v) => `list contains([${v.map(literal).join(', ')}], ${f})`,
  between: (f, [from, to]) => `${f} in [${literal(from)}..${literal(to)}]`,
};

/** The model as FEEL, without the leading '='; '' for no rows. */
export function write({ join, rows }) {
  return rows.map(({ field, op, value }) => (SIGNS[op] ? `${field} ${SIGNS[op]} ${literal(value)}` : WRITERS[op](field, value))).join(` ${join} `);
}

// ---- reading

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?!\.\d)(?=\.\.|[^\p{L}\p{N}_.]|$))|(\.\.|!=|<=|>=|[=<>()[\],])|([\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*))/uy;

function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (!match) return null;
    const [, string, number, sign, word] = match;
    found.push(string !== undefined ? { value: unquoted(string) } : number !== undefined ? { value: Number(number) } : { word: sign ?? word, name: word !== undefined });
  }
  return found;
}

const ESCAPES = { n: '\n', t: '\t', r: '\r' };
const unquoted = (text) => text.slice(1, -1).replace(/\\(.)/gs, (_, one) => ESCAPES[one] ?? one);

class NotOurs extends Error {}

class Reader {
  constructor(found) { this.found = found; this.at = 0; }

  peek(word, ahead = 0) { return this.found[this.at + ahead]?.word === word; }
  take(word) { if (!this.peek(word)) throw new NotOurs(); this.at += 1; }
  maybe(word) { const there = this.peek(word); if (there) this.at += 1; return there; }
  end() { return this.at >= this.found.length; }

  field() {
    const next = this.found[this.at];
    if (!next?.name || !isField(next.word)) throw new NotOurs();
    this.at += 1;
    return next.word;
  }

  value() {
    const next = this.found[this.at];
    if (next && 'value' in next) { this.at += 1; return next.value; }
    if (!this.maybe('date')) throw new NotOurs();
    this.take('(');
    const date = this.value();
    if (typeof date !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(date)) throw new NotOurs();
    this.take(')');
    return { date };
  }

  row() {
    if (this.peek('(')) return this.nothing();
    if (this.maybe('not')) return this.negated();
    const call = this.call();
    if (call) return call;
    const field = this.field();
    if (this.maybe('in')) return { field, op: 'between', value: this.range() };
    const op = OPS[this.found[this.at]?.word];
    if (!op) return { field, op: 'is_true' };
    this.at += 1;
    for (const [word, is] of [['true', true], ['false', false]]) {
      if (['eq', 'ne'].includes(op) && this.maybe(word)) return { field, op: is === (op === 'eq') ? 'is_true' : 'is_false' };
    }
    if (['eq', 'ne'].includes(op) && this.maybe('null')) return { field, op: op === 'eq' ? 'absent' : 'present' };
    return { field, op, value: this.value() };
  }

  // (f = null or f = ""), (f != null and f != ""), and the two of lists
  nothing() {
    this.take('(');
    const field = this.field();
    const empty = this.peek('=');
    this.take(empty ? '=' : '!=');
    this.take('null');
    this.take(empty ? 'or' : 'and');
    const list = this.maybe('count');
    if (list) this.take('(');
    if (this.field() !== field) throw new NotOurs();
    if (list) this.take(')');
    this.take(list ? (empty ? '=' : '>') : (empty ? '=' : '!='));
    if (this.value() !== (list ? 0 : '')) throw new NotOurs();
    this.take(')');
    return { field, op: (empty ? 'empty' : 'filled') + (list ? '_list' : '') };
  }

  negated() {
    this.take('(');
    const inner = this.call() || { field: this.field(), op: 'is_true' };
    this.take(')');
    const op = { has: 'lacks', is_true: 'is_false' }[inner.op];
    if (!op) throw new NotOurs();
    return { ...inner, op };
  }

  call() {
    const name = [0, 1].map((n) => this.found[this.at + n]?.word).join(' ');
    const words = CALLS[name] ? 2 : CALLS[name.split(' ')[0]] ? 1 : 0;
    if (!words || !this.peek('(', words)) return null;
    const op = CALLS[words === 2 ? name : name.split(' ')[0]];
    this.at += words + 1;
    const row = op === 'has' && this.peek('[') ? this.oneOf() : { field: this.field(), op, value: (this.take(','), this.value()) };
    this.take(')');
    return row;
  }

  oneOf() {
    const value = [];
    this.take('[');
    do value.push(this.value()); while (this.maybe(','));
    this.take(']');
    this.take(',');
    return { field: this.field(), op: 'one_of', value };
  }

  range() {
    this.take('[');
    const from = this.value();
    this.take('..');
    const to = this.value();
    this.take(']');
    return [from, to];
  }

  model() {
    const rows = [this.row()];
    const join = this.peek('or') ? 'or' : 'and';
    while (!this.end()) { this.take(join); rows.push(this.row()); }
    return { join, rows };
  }
}

/**
 * The model of a condition, null when it says more than rows can.
 * @param {string} text FEEL, with or without its leading '='
 */
export function read(text) {
  const feel = (text || '').trim().replace(/^=/, '').trim();
  if (!feel) return { join: 'and', rows: [] };
  const found = tokens(feel);
  if (!found) return null;
  try { return new Reader(found).model(); } catch (error) {
    if (error instanceof NotOurs) return null;
    throw error;
  }
}
