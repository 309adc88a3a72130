// A service task as a form: which service, its inputs by name, the variable for its answer. The services and their inputs come
// from the server (admin/studio/jobs.py); the task keeps an ordinary task definition and input mapping.
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { Choice, Feel, Text } from './fields.js';
import { extension, input, setExtension, setInput } from './settings.js';

const bo = getBusinessObject;
const asked = (element) => isAny(element, ['bpmn:ServiceTask', 'bpmn:SendTask']) || (isAny(element, ['bpmn:BusinessRuleTask', 'bpmn:ScriptTask']) && extension(bo(element), 'zeebe:TaskDefinition'));
const type = (element) => extension(bo(element), 'zeebe:TaskDefinition')?.get('type') || '';

const TYPE = {
  name: 'type', label: 'What it does', component: Choice, options: 'jobs',
  get: type, set: (element, value, services) => setExtension(element, 'zeebe:TaskDefinition', { type: value }, services),
};

const headers = (element) => extension(bo(element), 'zeebe:TaskHeaders');
const ANSWER = {
  name: 'resultVariable', label: 'Variable for the answer', component: Text,
  get: (element) => (headers(element)?.get('values') || []).find((one) => one.get('key') === 'resultVariable')?.get('value') || '',
  set(element, value, services) {
    const rest = (headers(element)?.get('values') || []).filter((one) => one.get('key') !== 'resultVariable');
    const made = value ? [services.bpmnFactory.create('zeebe:Header', { key: 'resultVariable', value })] : [];
    setExtension(element, 'zeebe:TaskHeaders', { values: [...rest, ...made] }, services);
  },
};

const field = ({ name, label, pick }) => ({
  name, label, component: pick && pick !== 'people' ? Choice : Feel, options: pick,
  get: (element) => input(element, name), set: (element, value, services) => setInput(element, name, value, services),
});

/** The group of an element, null when it calls no service. */
export function serviceGroup(element, names) {
  if (!asked(element)) return null;
  const job = names.job(type(element));
  if (is(element, 'bpmn:SendTask') && !type(element)) return { id: 'linli-service', label: 'Linli: service', fields: [TYPE] };
  return { id: 'linli-service', label: 'Linli: service', fields: [TYPE, ...(job?.inputs || []).map(field), ...(!job || job.answers ? [ANSWER] : [])] };
}
