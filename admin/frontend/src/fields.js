// The kinds of fields our groups of the panel are made of, over the panel's own entries: text, FEEL with variables, choice,
// pick-list, check boxes of a comma list, and rules put together by choosing (builders.js). Each takes {element, id, label,
// hint, get, set}; what is set is one undoable command (settings.js).
import { CheckboxEntry, FeelEntry, SelectEntry, TextAreaEntry, TextFieldEntry, isCheckboxEntryEdited, isFeelEntryEdited, isSelectEntryEdited, isTextAreaEntryEdited, isTextFieldEntryEdited } from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useEffect, useState } from '@bpmn-io/properties-panel/preact/hooks';
import { useService } from 'bpmn-js-properties-panel';
import { BUILDERS, DUE } from './builders.js';
import { items } from './rules.js';
import { cycle, due, property, setDue, setTimetable } from './settings.js';
import { openTimetable } from './timetable.js';

function useField({ element, id, label, hint, get, set }) {
  const commandStack = useService('commandStack'), bpmnFactory = useService('bpmnFactory'), debounce = useService('debounceInput'), translate = useService('translate');
  return {
    translate,
    entry: { element, id, debounce, label: translate(label), description: hint && translate(hint), getValue: () => get(element), setValue: (value) => set(element, value, { commandStack, bpmnFactory }) },
  };
}

export function Text(props) { return h(TextFieldEntry, useField(props).entry); }
export function Area(props) { return h(TextAreaEntry, { ...useField(props).entry, monospace: true, rows: 8 }); }
export function Check(props) { return h(CheckboxEntry, useField(props).entry); }

export function Feel(props) {
  const { entry } = useField(props), resolver = useService('variableResolver');
  const [variables, setVariables] = useState([]);
  useEffect(() => {
    let wanted = true;
    resolver.getVariablesForElement(props.element.businessObject).then((found) => wanted && setVariables(found));
    return () => { wanted = false; };
  }, [props.element]);
  return h(FeelEntry, { ...entry, feel: props.required ? 'required' : 'optional', variables });
}

const withPresent = (options, value) => (value && !options.some((one) => one.value === value) ? [...options, { value, label: value }] : options);

/** `options`: [[value, text]], or the name of a list of the server. */
export function Choice(props) {
  const { entry, translate } = useField(props), names = useService('linliNames');
  const listed = typeof props.options === 'string'
    ? names[props.options].map(({ id, type, title }) => ({ value: id || type, label: title === (id || type) ? title : `${title} (${id || type})` }))
    : props.options.map(([value, text]) => ({ value, label: translate(text) }));
  return h(SelectEntry, { ...entry, getOptions: () => withPresent([{ value: '', label: translate('<none>') }, ...listed], entry.getValue()) });
}

/** Check boxes for the words of a comma list. */
export function Several(props) {
  const { entry, translate } = useField(props);
  const chosen = items(entry.getValue()) || [];
  const turn = (word, on) => entry.setValue([...chosen.filter((one) => one !== word), ...(on ? [word] : [])].join(', '));
  return h('div', { class: 'bio-properties-panel-entry linli-several', 'data-entry-id': props.id },
    props.options.map(([word, text]) => h('label', { key: word, class: 'form-check' },
      h('input', { type: 'checkbox', class: 'bio-properties-panel-input', name: word, checked: chosen.includes(word), onChange: (event) => turn(word, event.target.checked) }),
      h('span', { class: 'form-check-label' }, translate(text)))));
}

function Question({ one, draft, context, onAnswer }) {
  const said = { 'aria-label': context.t(one.label), title: context.t(one.label), value: draft[one.name], onInput: (event) => onAnswer(one.name, event.target.value) };
  if (one.type !== 'select') return h('input', { ...said, class: 'bio-properties-panel-input', type: one.type, min: one.type === 'number' ? 0 : undefined, placeholder: context.t(one.label) });
  const options = one.options(context);
  const blank = options.some(({ value }) => value === draft[one.name]) ? [] : [{ value: '', label: `${context.t(one.label)}…` }];
  return h('select', { ...said, class: 'bio-properties-panel-input' }, [...blank, ...options].map(({ value, label }) => h('option', { key: value, value }, label)));
}

/** What is set, in words, each with a cross: `list` [{text, said}]. */
function Chosen({ list, t, onDrop }) {
  return h('ul', null, list.map(({ text, said }, n) => h('li', { key: text + n }, h('span', { title: text }, said),
    h('button', { type: 'button', title: t('Delete item'), 'aria-label': t('Delete item'), onClick: () => onDrop(n) }, '×'))));
}

/** The questions that make something, and the button that takes it. */
function Asked({ questions, draft, context, button, made, onAnswer, onTake }) {
  return h('div', { class: 'linli-questions' },
    questions.filter((one) => one.when(draft)).map((one) => h(Question, { key: one.name + one.type, one, draft, context, onAnswer: (name, value) => onAnswer({ ...draft, [name]: value }) })),
    h('button', { type: 'button', class: 'linli-add', disabled: !made, onClick: onTake }, context.t(button)));
}

const box = (id, ...inside) => h('div', { class: 'bio-properties-panel-entry linli-rules', 'data-entry-id': id }, ...inside);

/** The items of a list in words, each with a cross, and the questions that make another. */
export function Rules({ element, id, builder, get, set }) {
  const commandStack = useService('commandStack'), bpmnFactory = useService('bpmnFactory'), names = useService('linliNames'), t = useService('translate'), resolver = useService('variableResolver');
  const { start, questions, make, say, single } = BUILDERS[builder];
  const [draft, setDraft] = useState(start);
  const written = items(get(element) || '');
  if (!written) return null;
  const write = (list) => set(element, list.join(', '), { commandStack, bpmnFactory });
  const made = make(draft);
  const take = () => { write(single ? [made] : [...written, made]); setDraft(start); };
  return box(id, h(Chosen, { list: written.map((text) => ({ text, said: say(text, names, t) })), t, onDrop: (n) => write(written.filter((_, other) => other !== n)) }),
    h(Asked, { questions, draft, context: { names, t, variables: resolver.of(element) }, button: single ? 'Take this' : 'Add', made, onAnswer: setDraft, onTake: take }));
}

/** A task's deadline in words, with the calendar it is counted on, and the questions that make another. */
export function Due({ element, id }) {
  const commandStack = useService('commandStack'), bpmnFactory = useService('bpmnFactory'), names = useService('linliNames'), t = useService('translate'), resolver = useService('variableResolver');
  const [draft, setDraft] = useState(DUE.start);
  const text = due(element), write = (one) => setDue(element, one, { commandStack, bpmnFactory });
  const made = DUE.make(draft);
  return box(id, h(Chosen, { list: text ? [{ text, said: DUE.say(text, property(element, 'calendar'), names, t) }] : [], t, onDrop: () => write({}) }),
    h(Asked, { questions: DUE.questions, draft, context: { names, t, variables: resolver.of(element) }, button: 'Take this', made, onAnswer: setDraft, onTake: () => { write(made); setDraft(DUE.start); } }));
}

const TIMETABLE = { title: 'Set the timetable', use: 'Use this timetable', close: 'Cancel', away: 'The server cannot be asked for the next times now. Try again later.' };

/** The button that opens the helper for a timer's timetable: plain choices, and the next ten times. */
export function Timetable({ element, id }) {
  const commandStack = useService('commandStack'), bpmnFactory = useService('bpmnFactory'), t = useService('translate');
  const words = Object.fromEntries(Object.entries(TIMETABLE).map(([name, text]) => [name, t(text)]));
  const open = async () => {
    const chosen = await openTimetable({ line: cycle(element), calendar: property(element, 'calendar'), words });
    if (chosen) setTimetable(element, chosen, { commandStack, bpmnFactory });
  };
  return box(id, h('button', { type: 'button', class: 'linli-add', onClick: open }, t('Set the timetable, see the next ten times…')));
}

/** A text field with the builder below it. */
export function TextRules(props) { return h('div', { class: 'linli-text-rules' }, h(Text, props), h(Rules, { ...props, id: `${props.id}-rules` })); }

/** Whether an entry of a kind is filled, for the dot beside its group. */
export const EDITED = new Map([[Text, isTextFieldEntryEdited], [TextRules, isTextFieldEntryEdited], [Area, isTextAreaEntryEdited], [Check, isCheckboxEntryEdited], [Feel, isFeelEntryEdited], [Choice, isSelectEntryEdited],
  [Several, (node) => Boolean(node && node.closest('.linli-several').querySelector('input:checked'))], [Due, (node) => Boolean(node && node.querySelector('li'))],
  [Rules, (node) => Boolean(node && node.closest('.linli-rules').querySelector('li'))]]);
