// What one chooses to make a rule: the questions of each builder in the panel, in order, each with when it is asked and what
// may be answered. Uses rules.js for making and saying; draws nothing.
import { makeDue, makeEscalation, makeReminder, makeRule, makeTimeout, sayDue, sayEscalation, sayReminder, sayRule, sayTimeout } from './rules.js';

const choice = (name, label, options, when = () => true) => ({ name, label, type: 'select', options: typeof options === 'function' ? options : ({ t }) => options.map(([value, text]) => ({ value, label: t(text) })), when });
const listed = (kind) => ({ names }) => names[kind].map(({ id, title }) => ({ value: id, label: title === id ? id : `${title} (${id})` }));
const number = (name, label, when = () => true) => ({ name, label, type: 'number', when });

const ROLES = ({ kind }) => kind === 'role' || kind === 'chain';
const variables = ({ variables: known }) => known.map(({ name, title }) => ({ value: name, label: title ? `${title} (${name})` : name }));

const WHO = [
  choice('role', 'Role', listed('roles'), ROLES),
  choice('place', 'Where', [['', 'At the unit, else above'], ['up', 'The unit above'], ['up2', 'Two units above'], ['*', 'Anywhere'], ['unit', 'At one unit']], ({ kind }) => kind === 'role'),
  choice('unit', 'Unit', listed('units'), ({ kind, place }) => kind === 'office' || (kind === 'role' && place === 'unit')),
  choice('name', 'Field', variables, ({ kind }) => kind === 'field'),
  { name: 'name', label: 'Name or login', type: 'text', when: ({ kind }) => kind === 'login' || kind === 'skill' },
  number('levels', 'Levels at most', ({ kind }) => kind === 'chain'),
];
const KINDS = [['role', 'Role'], ['initiator', 'Who started the case'], ['field', 'Who is chosen in a form'], ['chain', 'Level by level'], ['skill', 'Who has a skill'], ['login', 'One person']];
const ABOVE = [['superior', 'The superior'], ['head', 'The head of the unit'], ['head@up', 'The head of the unit above'], ['office', 'An office'], ['role', 'Role']];
const TIME = [['minutes', 'minutes'], ['hours', 'hours'], ['days', 'days']];
const RULE = { kind: 'role', role: '', place: '', unit: '', name: '', levels: '' };

/** name -> {start, questions, make(draft), say(item, names, t)} */
export const BUILDERS = {
  rules: { start: RULE, questions: [choice('kind', 'Who', KINDS), ...WHO], make: makeRule, say: sayRule },
  signers: { start: { ...RULE, kind: 'chain' }, questions: [choice('kind', 'Who', KINDS), ...WHO], make: makeRule, say: sayRule },
  starters: { start: { ...RULE, kind: 'role' }, questions: [choice('kind', 'Who', [['role', 'Role'], ['*', 'Anybody signed in'], ['public', 'Residents']]), WHO[0]], make: makeRule, say: sayRule },
  nobody: { single: true, start: { ...RULE, kind: 'skip' }, questions: [choice('kind', 'What then', [['skip', 'Pass the task'], ['incident', 'Report an incident'], ['role', 'Role']]), ...WHO], make: makeRule, say: sayRule },
  initiator: { single: true, start: { ...RULE, kind: 'superior' }, questions: [choice('kind', 'What then', [['skip', 'Pass the task'], ['superior', 'The superior'], ['continue', 'Go on as usual'], ['role', 'Role']]), ...WHO], make: makeRule, say: sayRule },
  reminders: {
    start: { when: 'before', n: '1', unit: 'days' },
    questions: [choice('when', 'When', [['before', 'Before it is due'], ['at', 'When it is due'], ['late', 'When it is late'], ['again', 'Again and again']]), number('n', 'How long', ({ when }) => when !== 'at'), choice('unit', 'Unit of time', TIME, ({ when }) => when !== 'at')],
    make: makeReminder, say: sayReminder,
  },
  escalations: {
    start: { ...RULE, kind: 'superior', order: 'late', n: '0', time: 'days' },
    questions: [choice('order', 'When', [['late', 'After it is due'], ['then', 'After the step before']]), number('n', 'How long'), choice('time', 'Unit of time', TIME), choice('kind', 'Whom', ABOVE), ...WHO],
    make: makeEscalation, say: sayEscalation,
  },
  timeouts: {
    start: { ...RULE, act: 'agree', n: '0', time: 'days', back: 'previous' },
    questions: [number('n', 'How late'), choice('time', 'Unit of time', TIME), choice('act', 'What happens', [['agree', 'It agrees'], ['refuse', 'It refuses'], ['complete', 'It is completed'], ['transfer', 'It goes to somebody'], ['return', 'It goes back']]),
      choice('back', 'Back to', [['previous', 'The step before'], ['start', 'The start']], ({ act }) => act === 'return'), ...WHO.map((one) => ({ ...one, when: (draft) => draft.act === 'transfer' && one.when(draft) }))],
    make: makeTimeout, say: sayTimeout,
  },
};

const calendars = ({ names, t }) => [{ value: '', label: t('The unit\'s own') }, ...names.calendars.filter(({ id }) => id !== 'natural').map(({ id, title }) => ({ value: id, label: title }))];

/** A task's deadline: `make(draft)` -> {dueDate, calendar} or null, `say(dueDate, calendar, names, t)`. */
export const DUE = {
  start: { kind: 'worked', n: '2', worked: 'days', unit: 'days', calendar: '', name: '' },
  questions: [choice('kind', 'Counted', [['worked', 'In working time'], ['natural', 'In plain time'], ['field', 'A moment chosen in a form']]), number('n', 'How long', ({ kind }) => kind !== 'field'),
    choice('worked', 'Unit of time', [['minutes', 'working minutes'], ['hours', 'working hours'], ['days', 'working days']], ({ kind }) => kind === 'worked'),
    choice('unit', 'Unit of time', [...TIME, ['weeks', 'weeks'], ['months', 'months']], ({ kind }) => kind === 'natural'),
    choice('calendar', 'Calendar', calendars, ({ kind }) => kind === 'worked'), choice('name', 'Field', variables, ({ kind }) => kind === 'field')],
  make: makeDue, say: sayDue,
};
