// The condition of a form's field without FEEL: rows of field, comparison and value, joined by "and" or "or". It writes what
// form-js keeps in `conditional.hide` and reads it back (condition.js); a condition that says more is left to the FEEL field below.
import { h } from 'preact';
import { useState } from 'preact/hooks';
import { COMPARISONS, WITHOUT_VALUE, isField, read, write } from './condition.js';
import { chinese } from './jsxsay.js';

const t = (zh, en) => (chinese ? zh : en);
const LABELS = {
  eq: t('等于', 'is'), ne: t('不等于', 'is not'), gt: t('大于', 'greater than'), ge: t('不小于', 'at least'), lt: t('小于', 'less than'), le: t('不大于', 'at most'), between: t('介于', 'between'),
  one_of: t('是其中之一', 'one of'), contains: t('包含', 'contains'), starts: t('开头是', 'begins with'), empty: t('没有填', 'is empty'), filled: t('已填写', 'is filled'),
  is_true: t('为是', 'is yes'), is_false: t('为否', 'is no'), has: t('有', 'has'), lacks: t('没有', 'has not'), empty_list: t('一项也没有', 'has none'), filled_list: t('至少有一项', 'has some'),
  absent: t('没有值', 'has no value'), present: t('有值', 'has a value'),
};
const TYPES = { number: 'number', checkbox: 'boolean', checklist: 'list', taglist: 'list', dynamiclist: 'list' };
const FRESH = { field: '', op: 'eq', text: '' };

/** What a condition can look at: [{key, title, type, options}]. */
export function asked(fields, but) {
  const found = fields.filter((each) => each !== but && isField(each.key || each.path || '') && each.type !== 'group');
  return found.map((each) => ({ key: each.key || each.path, title: each.label || each.dateLabel || '', options: each.values || [], type: TYPES[each.type] || (each.type === 'datetime' && (each.subtype || 'date') === 'date' ? 'date' : 'text') }));
}

const shown = (value) => (value?.date ? value.date : Array.isArray(value) ? value.join(', ') : String(value ?? ''));
const rowOf = ({ field, op, value }) => (op === 'between' ? { field, op, text: shown(value[0]), to: shown(value[1]) } : { field, op, text: shown(value) });
const number = (text) => (text.trim() === '' || Number.isNaN(Number(text)) ? null : Number(text));

/** A complete row for condition.js; null while something is missing. */
function complete({ field, op, text, to }, variable) {
  const type = variable?.type || 'text', plain = (each) => (type === 'number' ? number(each) : each);
  if (!isField(field)) return null;
  if (WITHOUT_VALUE.includes(op)) return { field, op };
  if (op === 'between') return number(text) === null || number(to || '') === null ? null : { field, op, value: [number(text), number(to)] };
  if (op === 'one_of') { const list = text.split(/[,，、]/).map((each) => plain(each.trim())).filter((each) => each !== '' && each !== null); return list.length ? { field, op, value: list } : null; }
  if (text === '' || plain(text) === null) return null;
  return { field, op, value: type === 'date' ? { date: text } : plain(text) };
}

const select = (said, value, options, change) => h('select', { class: 'bio-properties-panel-input', 'aria-label': said, value, onChange: (event) => change(event.target.value) },
  options.map(([key, text]) => h('option', { value: key, selected: key === value }, text)));

function Value({ row, variable, change }) {
  if (WITHOUT_VALUE.includes(row.op)) return null;
  const said = t('值', 'Value');
  if (variable?.options.length && ['eq', 'ne', 'has', 'lacks'].includes(row.op)) return select(said, row.text, [['', `${said}…`], ...variable.options.map(({ value, label }) => [String(value), label || String(value)])], (text) => change({ text }));
  const type = variable?.type === 'date' ? 'date' : 'text';
  const box = (name, label) => h('input', { class: 'bio-properties-panel-input', type, 'aria-label': label, placeholder: label, value: row[name] ?? '', onChange: (event) => change({ [name]: event.target.value }) });
  return row.op === 'between' ? [box('text', t('从', 'From')), box('to', t('到', 'To'))] : box('text', row.op === 'one_of' ? t('几个值，用逗号分开', 'Values, comma separated') : said);
}

function Row({ row, fields, change, remove }) {
  const variable = fields.find(({ key }) => key === row.field), ops = COMPARISONS[variable?.type || 'text'];
  const listed = [['', `${t('字段', 'Field')}…`], ...fields.map(({ key, title }) => [key, title ? t(`${title}（${key}）`, `${title} (${key})`) : key]), ...(row.field && !variable ? [[row.field, row.field]] : [])];
  return h('div', { class: 'linli-condition-row' },
    select(t('字段', 'Field'), row.field, listed, (field) => change({ field, op: COMPARISONS[fields.find(({ key }) => key === field)?.type || 'text'][0], text: '' })),
    select(t('比较', 'Comparison'), row.op, (ops.includes(row.op) ? ops : [...ops, row.op]).map((op) => [op, LABELS[op]]), (op) => change({ op })),
    h(Value, { row, variable, change }),
    h('button', { type: 'button', class: 'linli-condition-remove', title: t('删除', 'Delete'), 'aria-label': t('删除这个条件', 'Delete this condition'), onClick: remove }, '×'));
}

/** An entry of the panel: `field` is the one whose condition it is, `set(hide)` writes it ('' = always shown). */
export function Condition({ id, field, fields, set }) {
  const hide = field.conditional?.hide || '', model = read(hide);
  const [state, keep] = useState({ of: '', hide: null, join: 'and', rows: [] });
  if (!model) return h('p', { class: 'bio-properties-panel-description linli-condition', 'data-entry-id': id }, t('这个条件比较复杂，请在下面的公式里改。', 'This condition says more than rows can: change the expression below.'));
  const now = state.of === field.id && state.hide === hide ? state : { of: field.id, hide, join: model.join, rows: model.rows.map(rowOf) };
  const take = (next) => {
    const rows = next.rows.map((row) => complete(row, fields.find(({ key }) => key === row.field))).filter(Boolean);
    const written = rows.length ? `=${write({ join: next.join, rows })}` : '';
    keep({ ...next, of: field.id, hide: written });
    if (written !== hide) set(written);
  };
  const rows = now.rows.length ? now.rows : [FRESH];
  return h('div', { class: 'bio-properties-panel-entry linli-condition', 'data-entry-id': id },
    h('div', { class: 'bio-properties-panel-label' }, t('满足这些条件时隐藏', 'Hidden when')),
    rows.map((row, n) => [
      n > 0 && select(t('怎样连接', 'Joined by'), now.join, [['and', t('并且', 'and')], ['or', t('或者', 'or')]], (join) => take({ ...now, rows, join })),
      h(Row, { row, fields, change: (part) => take({ ...now, rows: rows.map((each, at) => (at === n ? { ...each, ...part } : each)) }), remove: () => take({ ...now, rows: rows.filter((_, at) => at !== n) }) })]),
    h('button', { type: 'button', class: 'linli-condition-add', onClick: () => keep({ ...now, hide, rows: [...rows, FRESH] }) }, t('再加一个条件', 'Add a condition')));
}
