// The kinds of fields our groups of the panel are made of, over the panel's own entries: text, FEEL with variables, choice,
// pick-list, check boxes of a comma list, and rules put together by choosing (builders.js). Each takes {element, id, label,
// hint, get, set}; what is set is one undoable command (settings.js).
import { CheckboxEntry, FeelEntry, SelectEntry, TextAreaEntry, TextFieldEntry, isCheckboxEntryEdited, isFeelEntryEdited, isSelectEntryEdited, isTextAreaEntryEdited, isTextFieldEntryEdited } from '@bpmn-io/properties-panel';
import { h } from '@bpmn-io/properties-panel/preact';
import { useEffect, useState } from '@bpmn-io/properties-panel/preact/hooks';
import { useService } from 'bpmn-js-properties-panel';
import { BUILDERS } from './builders.js';
import { items } from './rules.js';

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

/** The items of a list in words, each with a cross, and the questions that make another. */
export function Rules({ element, id, builder, get, set }) {
  const commandStack = useService('commandStack'), bpmnFactory = useService('bpmnFactory'), names = useService('linliNames'), t = useService('translate'), resolver = useService('variableResolver');
  const { start, questions, make, say, single } = BUILDERS[builder];
  const [draft, setDraft] = useState(start);
  const written = items(get(element) || '');
  if (!written) return null;
  const write = (list) => set(element, list.join(', '), { commandStack, bpmnFactory });
  const made = make(draft);
  return h('div', { class: 'bio-properties-panel-entry linli-rules', 'data-entry-id': id },
    h('ul', null, written.map((item, n) => h('li', { key: item + n }, h('span', { title: item }, say(item, names, t)),
      h('button', { type: 'button', title: t('Delete item'), 'aria-label': t('Delete item'), onClick: () => write(written.filter((_, other) => other !== n)) }, '×')))),
    h('div', { class: 'linli-questions' },
      questions.filter((one) => one.when(draft)).map((one) => h(Question, { key: one.name + one.type, one, draft, context: { names, t, variables: resolver.of(element) }, onAnswer: (name, value) => setDraft({ ...draft, [name]: value }) })),
      h('button', { type: 'button', class: 'linli-add', disabled: !made, onClick: () => { write(single ? [made] : [...written, made]); setDraft(start); } }, t(single ? 'Take this' : 'Add'))));
}

/** A text field with the builder below it. */
export function TextRules(props) { return h('div', { class: 'linli-text-rules' }, h(Text, props), h(Rules, { ...props, id: `${props.id}-rules` })); }

/** Whether an entry of a kind is filled, for the dot beside its group. */
export const EDITED = new Map([[Text, isTextFieldEntryEdited], [TextRules, isTextFieldEntryEdited], [Area, isTextAreaEntryEdited], [Check, isCheckboxEntryEdited], [Feel, isFeelEntryEdited], [Choice, isSelectEntryEdited],
  [Several, (node) => Boolean(node && node.closest('.linli-several').querySelector('input:checked'))], [Rules, (node) => Boolean(node && node.closest('.linli-rules').querySelector('li'))]]);
