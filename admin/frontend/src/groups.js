// Our groups of the panel as a table: on which elements, and which settings, each with the kind of field that fits it. What
// they mean: docs/designer/diagrams.md. Settings are zeebe:properties unless `get` and `set` say otherwise.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { Choice, Feel, Several, Text, TextRules } from './fields.js';
import { definition, owner, property, setProperty } from './settings.js';

const OPERATIONS = [['transfer', 'Transfer'], ['delegate', 'Delegate'], ['add_signer', 'Add a signer'], ['remove_signer', 'Remove a signer'], ['return', 'Return'], ['refuse', 'Refuse'], ['withdraw', 'Withdraw'], ['copy', 'Copy to others'], ['urge', 'Urge']];
const SHARES = [['all', 'Everybody agrees'], ['first', 'The first answer decides'], ['any', 'One agreement is enough'], ['>50%', 'More than half'], ['2/3', 'Two thirds']];

/** A setting kept in zeebe:properties. */
const kept = (name, label, hint, component = Text, more = {}) => ({ name, label, hint, component, get: (element) => property(element, name), set: (element, value, services) => setProperty(element, name, value, services), ...more });
const feel = (name, label, hint) => kept(name, label, hint, Feel);
const rules = (name, label, hint, builder) => kept(name, label, hint, TextRules, { builder });
const choose = (name, label, hint, options) => kept(name, label, hint, Choice, { options });

const NAME_EN = kept('name_en', 'English name');
const CALENDAR = choose('calendar', 'Calendar', 'Which working time counts; natural = plain time', 'calendars');
const timer = (element) => Boolean(definition(element, 'bpmn:TimerEventDefinition'));
const shown = (element) => isAny(element, ['bpmn:FlowNode', 'bpmn:Lane', 'bpmn:SequenceFlow']) && !is(element, 'bpmn:UserTask');

export const GROUPS = [
  { id: 'linli-case', label: 'Linli: case', on: (e) => isAny(e, ['bpmn:Process', 'bpmn:Participant']) && owner(e), fields: [
    feel('title', 'Case title (FEEL)'), feel('unit', 'Unit (FEEL)'), rules('starters', 'Who may start', 'Roles, comma separated; * = anyone signed in; public = residents', 'starters'),
    feel('public_key', 'Public code (FEEL)'), NAME_EN, kept('description', 'Description for residents'), kept('description_en', 'English description')] },
  { id: 'linli-duty', label: 'Linli: deadline and people', on: (e) => is(e, 'bpmn:UserTask'), fields: [
    CALENDAR, rules('remind', 'Remind at', 'ISO durations around the deadline, e.g. -P1D, PT0S, R/PT4H', 'reminders'),
    rules('escalate', 'Escalate to', 'After the deadline, e.g. PT0S secretary@up, P1D leader@up2', 'escalations'),
    rules('timeout', 'When late, by itself', 'e.g. PT0S agree, P1D transfer secretary@up, P2D return previous', 'timeouts'),
    feel('timeout_data', 'Answer when completed by itself (FEEL)'),
    rules('nobody', 'If nobody is found', 'A role to fall back to, skip, or incident', 'nobody'),
    rules('initiator', 'If it is the initiator\'s own', 'skip, superior, a role, or continue', 'initiator')] },
  { id: 'linli-operations', label: 'Linli: operations', on: (e) => is(e, 'bpmn:UserTask'), fields: [
    kept('operations', 'Operations allowed', undefined, Several, { options: OPERATIONS }),
    choose('delegated', 'When a delegate is done', undefined, [['confirm', 'The owner confirms'], ['complete', 'It is complete']]),
    choose('after_return', 'After a return', undefined, [['rerun', 'Through the steps again'], ['back', 'Straight back'], ['choose', 'Who returns it chooses']]),
    kept('refuse', 'Variable that a refusal makes false'), kept('opinions', 'Variable with the opinions of added signers')] },
  { id: 'linli-signing', label: 'Linli: signatures', on: (e) => is(e, 'bpmn:UserTask'), fields: [
    rules('signers', 'Who signs', 'Rules, comma separated: chain:leader@3, login:li, field:approvers', 'signers'),
    choose('signing', 'Passed when', 'The task must be a multi-instance', SHARES),
    kept('signing', 'Passed when (written)', 'all, first, any, 60%, >50%, 2/3', Text, { name: 'signing-text' }),
    feel('agree', 'An answer agrees when (FEEL)', 'empty = agreed'), feel('weight', 'Weight of a signer (FEEL)'),
    choose('early', 'Ends early', undefined, [['no', 'Everybody is heard']]), kept('verdict', 'Variable for the result', 'empty = passed')] },
  { id: 'linli-texts', label: 'Linli: texts', on: (e) => is(e, 'bpmn:UserTask'), fields: [
    feel('summary', 'Card summary (FEEL)'), kept('show', 'Variables to show', 'Comma separated, beside the form'), NAME_EN,
    choose('public', 'Open to', undefined, [['reporter', 'The resident with the code may do it'], ['shown', 'Residents see its name']]), feel('public_key', 'Public code (FEEL)')] },
  { id: 'linli-names', label: 'Linli: texts', on: shown, fields: [NAME_EN, choose('public', 'Open to', undefined, [['shown', 'Residents see its name']])] },
  { id: 'linli-calendar', label: 'Linli: calendar', on: timer, fields: [CALENDAR] },
];
