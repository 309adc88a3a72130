// The condition helper on a sequence flow: rows of field, comparison and value, joined by "and" or "or". It writes the flow's
// FEEL (condition.js) and shows it; a condition that says more than rows can is left to the FEEL field above.
import { h } from '@bpmn-io/properties-panel/preact';
import { useEffect, useState } from '@bpmn-io/properties-panel/preact/hooks';
import { useService } from 'bpmn-js-properties-panel';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { COMPARISONS, WITHOUT_VALUE, isField, read, write } from './condition.js';

const LABELS = {
  eq: 'is', ne: 'is not', gt: 'greater than', ge: 'at least', lt: 'less than', le: 'at most', between: 'between', one_of: 'one of', contains: 'contains', starts: 'begins with',
  empty: 'is empty', filled: 'is filled', is_true: 'is yes', is_false: 'is no', has: 'has', lacks: 'has not', empty_list: 'is an empty list', filled_list: 'is a filled list', absent: 'has no value', present: 'has a value',
};
const ANY = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'contains', 'one_of', 'is_true', 'is_false', 'empty', 'filled', 'absent', 'present', 'has'];
const FRESH = { field: '', op: 'eq', text: '' };

export const conditionOf = (flow) => getBusinessObject(flow).get('conditionExpression')?.get('body') || '';

/** Sets the condition of a flow; one that has one is nobody's default any more. */
export function setCondition(flow, body, { commandStack, bpmnFactory }) {
  const bo = getBusinessObject(flow), source = flow.source && getBusinessObject(flow.source);
  const made = body && bpmnFactory.create('bpmn:FormalExpression', { body });
  if (made) made.$parent = bo;
  const commands = [{ element: flow, moddleElement: bo, properties: { conditionExpression: made || undefined } }];
  if (body && source?.get('default') === bo) commands.push({ element: flow.source, moddleElement: source, properties: { default: undefined } });
  commandStack.execute('properties-panel.multi-command-executor', commands.map((context) => ({ cmd: 'element.updateModdleProperties', context })));
}

// ---- a row on the screen keeps what is typed (`text`, `to`); its value is made from it

const typed = (text, type) => (type === 'number' || (type !== 'text' && /^-?\d+(\.\d+)?$/.test(text)) ? Number(text) : text);
const shown = (value) => (value && value.date ? value.date : Array.isArray(value) ? value.join(', ') : String(value ?? ''));

function fromModel({ field, op, value }) {
  return op === 'between' ? { field, op, text: shown(value[0]), to: shown(value[1]) } : { field, op, text: shown(value), quoted: typeof value === 'string' };
}

function toModel({ field, op, text, to, quoted }, type) {
  if (!isField(field)) return null;
  if (WITHOUT_VALUE.includes(op)) return { field, op };
  if (text === '' && type !== 'text' && !quoted) return null;
  const kind = quoted && type !== 'number' ? 'text' : type;
  if (type === 'date') return { field, op, value: { date: text } };
  if (op === 'between') return to ? { field, op, value: [typed(text, 'number'), typed(to, 'number')] } : null;
  if (op === 'one_of') return { field, op, value: text.split(/[,，、]/).map((one) => typed(one.trim(), kind)).filter((one) => one !== '') };
  return { field, op, value: typed(text, ['contains', 'starts'].includes(op) ? 'text' : kind) };
}

const select = (label, value, options, onInput) => h('select', { class: 'bio-properties-panel-input', 'aria-label': label, title: label, value, onChange: (event) => onInput(event.target.value) },
  options.map(([key, text]) => h('option', { key, value: key, selected: key === value }, text)));

function Value({ row, variable, change, t }) {
  const type = variable?.type, label = t('Value');
  if (WITHOUT_VALUE.includes(row.op)) return null;
  if (variable?.options?.length && ['eq', 'ne', 'has', 'lacks'].includes(row.op)) {
    return select(label, row.text, [['', `${label}…`], ...variable.options.map(({ value, label: text }) => [String(value), text || String(value)])], (text) => change({ text, quoted: typeof variable.options.find((one) => String(one.value) === text)?.value === 'string' }));
  }
  const box = (name, said) => h('input', { class: 'bio-properties-panel-input', type: type === 'number' && row.op !== 'one_of' ? 'number' : type === 'date' ? 'date' : 'text', step: 'any', 'aria-label': said, title: said, placeholder: said, value: row[name] ?? '', onChange: (event) => change({ [name]: event.target.value, quoted: type === 'text' || undefined }) });
  return row.op === 'between' ? [box('text', t('From')), box('to', t('To'))] : box('text', row.op === 'one_of' ? t('Values, comma separated') : label);
}

function Row({ row, fields, change, remove, t }) {
  const variable = fields.find(({ name }) => name === row.field);
  const known = fields.map(({ name, title }) => [name, title ? `${title} (${name})` : name]);
  const listed = row.field && !variable ? [...known, [row.field, row.field]] : known;
  const ops = COMPARISONS[variable?.type] || ANY;
  const all = ops.includes(row.op) ? ops : [...ops, row.op];
  return h('div', { class: 'linli-condition-row' },
    select(t('Field'), row.field, [['', `${t('Field')}…`], ...listed], (field) => change({ field, op: (COMPARISONS[fields.find((one) => one.name === field)?.type] || ANY)[0], text: '' })),
    select(t('Comparison'), row.op, all.map((op) => [op, t(LABELS[op])]), (op) => change({ op })),
    h(Value, { row, variable, change, t }),
    h('button', { type: 'button', title: t('Delete item'), 'aria-label': t('Delete item'), onClick: remove }, '×'));
}

export function ConditionRows({ element, id }) {
  const commandStack = useService('commandStack'), bpmnFactory = useService('bpmnFactory'), resolver = useService('variableResolver'), t = useService('translate');
  const feel = conditionOf(element), model = read(feel);
  const [fields, setFields] = useState([]);
  const [state, setState] = useState({ feel: null, join: 'and', rows: [] });
  useEffect(() => { resolver.all(element).then((found) => setFields(found.filter(({ name }) => isField(name)))); }, [element]);
  const now = state.feel === feel || !model ? state : { feel, join: model.join, rows: model.rows.map(fromModel) };
  if (!model) return h('p', { class: 'linli-hint', 'data-entry-id': id }, t('This condition says more than the helper can; change it in the field above.'));

  const take = (next) => {
    const complete = next.rows.map((row) => toModel(row, fields.find(({ name }) => name === row.field)?.type)).filter(Boolean);
    const written = write({ join: next.join, rows: complete });
    const body = written && `=${written}`;
    setState({ ...next, feel: body });
    if (body !== feel) setCondition(element, body, { commandStack, bpmnFactory });
  };
  const rows = now.rows.length ? now.rows : [FRESH];
  const changed = (n, part) => take({ ...now, rows: rows.map((row, other) => (other === n ? { ...row, ...part } : row)) });
  return h('div', { class: 'bio-properties-panel-entry linli-condition', 'data-entry-id': id },
    rows.map((row, n) => [
      n > 0 && select(t('Joined by'), now.join, [['and', t('and')], ['or', t('or')]], (join) => take({ ...now, join })),
      h(Row, { key: n, row, fields, t, change: (part) => changed(n, part), remove: () => take({ ...now, rows: rows.filter((_, other) => other !== n) }) })]),
    h('button', { type: 'button', class: 'linli-add', onClick: () => setState({ ...now, feel, rows: [...rows, FRESH] }) }, t('Add a condition')),
    feel && h('code', { class: 'linli-feel' }, feel));
}

/** Whether a flow may have a condition: whatever chooses between its ways. */
export const conditional = (element) => is(element, 'bpmn:SequenceFlow') && element.source && !['bpmn:ParallelGateway', 'bpmn:EventBasedGateway'].some((type) => is(element.source, type));
