// Pick-lists beside the stock fields: the form of a task, the decision, the called process, the message, the rules of who does
// it. The stock field stays below, for what is not in a list yet.
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { Choice, Due, Rules, Timetable } from './fields.js';
import { cycle, definition, extension, setExtension } from './settings.js';
import { messageNamed } from './missing.js';

const bo = getBusinessObject;
const of = (type, name) => ({
  get: (element) => extension(bo(element), type)?.get(name) || '',
  set: (element, value, services) => setExtension(element, type, { [name]: value || undefined }, services),
});
/** A timer that starts cases, and one that repeats already. */
const starts = (element) => is(element, 'bpmn:StartEvent') && isAny(element.parent, ['bpmn:Process', 'bpmn:Participant']);
const repeats = (element) => Boolean(definition(element, 'bpmn:TimerEventDefinition')) && (starts(element) || Boolean(cycle(element)));
const caught = (element) => (is(element, 'bpmn:ReceiveTask') ? bo(element) : definition(element, 'bpmn:MessageEventDefinition'));

/** Which picks stand before (or, `after`, behind) which stock entry. */
const PICKS = [
  { group: 'form', entry: 'formType', name: 'pick-form', label: 'Form from the list', component: Choice, options: 'forms', ...of('zeebe:FormDefinition', 'formId'), on: (e) => !extension(bo(e), 'zeebe:FormDefinition')?.get('formKey') },
  { group: 'calledDecision', entry: 'decisionId', name: 'pick-decision', label: 'Decision from the list', component: Choice, options: 'decisions', ...of('zeebe:CalledDecision', 'decisionId') },
  { group: 'calledElement', entry: 'targetProcessId', name: 'pick-process', label: 'Process from the list', component: Choice, options: 'processes', ...of('zeebe:CalledElement', 'processId') },
  { group: 'assignmentDefinition', entry: 'assignmentDefinitionCandidateGroups', after: true, name: 'pick-groups', component: Rules, builder: 'rules', ...of('zeebe:AssignmentDefinition', 'candidateGroups') },
  { group: 'assignmentDefinition', entry: 'taskScheduleDueDate', after: true, name: 'pick-due', component: Due },
  { group: 'timer', entry: 'timerEventDefinitionType', name: 'pick-timetable', component: Timetable, on: repeats },
  { group: 'message', entry: 'messageRef', name: 'pick-message', label: 'Message from the list', component: Choice, options: 'messages', on: (e) => Boolean(caught(e)),
    get: (e) => messageNamed(e, caught).get(), set: (e, value, services) => messageNamed(e, caught).set(e, value, services) },
];
/** Of Camunda, and refused or not read by the engine: shown only where a diagram brings them, to be taken out. */
const NOT_HERE = { Zeebe__ExecutionListeners: 'items', Zeebe__TaskListeners: 'items', activeElements: 'zeebe:AdHoc', outputCollection: 'zeebe:AdHoc', adHocSubProcessImplementation: 'zeebe:TaskDefinition' };
const ENTRIES_NOT_HERE = ['taskScheduleFollowUpDate'];

const brought = (group, element) => {
  const mark = NOT_HERE[group.id];
  return !mark || (mark === 'items' ? group.items.length > 0 : Boolean(extension(bo(element), mark)));
};

/** The stock groups as a designer of this engine needs them. `entry(pick)` makes a panel entry of a table's line. */
export function fitted(groups, element, entry) {
  const kept = groups.filter((group) => brought(group, element));
  for (const group of kept) if (group.entries) group.entries = group.entries.filter(({ id }) => !ENTRIES_NOT_HERE.includes(id));
  for (const pick of PICKS) {
    const group = kept.find(({ id }) => id === pick.group);
    const at = group ? group.entries.findIndex(({ id }) => id === pick.entry) : -1;
    if (at >= 0 && (!pick.on || pick.on(element))) group.entries.splice(at + (pick.after ? 1 : 0), 0, entry(pick));
  }
  return kept;
}
