// What BPMN has, the engine runs, and the stock panel cannot set: Python scripts, data stores, start and completion quantities,
// activation conditions, starting by a message or an event gateway, loop tests, how often, messages that are thrown.
// A table like groups.js.
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { Area, Check, Choice, Feel, Text } from './fields.js';
import { definition, extension, property, setExpression, setInside, setProperty } from './settings.js';

const bo = getBusinessObject;
const whole = (value) => (Number(value) > 1 ? Number(value) : undefined); // 1 is the default and stays unwritten

/** A plain attribute of the element, or of what `of` finds inside it. */
const attribute = (name, label, component, { of = bo, read = (value) => value, write = (value) => value || undefined, ...more } = {}) => ({
  name, label, component, ...more,
  get: (element) => read(of(element).get(name)),
  set: (element, value, services) => setInside(element, of(element), { [name]: write(value) }, services),
});
/** An expression element. */
const expression = (name, label, hint, of = bo) => ({
  name, label, hint, component: Feel,
  get: (element) => of(element).get(name)?.get('body') || '',
  set: (element, value, services) => setExpression(element, of(element), name, value, services),
});
const flag = (name, label, of) => attribute(name, label, Check, { of, read: Boolean, write: (value) => value || undefined });
const quantity = (name, label) => attribute(name, label, Text, { read: (value) => (value > 1 ? String(value) : ''), write: whole });

const loop = (element) => bo(element).get('loopCharacteristics');
const standard = (element) => is(element, 'bpmn:Activity') && is(loop(element), 'bpmn:StandardLoopCharacteristics');
const many = (element) => is(element, 'bpmn:Activity') && is(loop(element), 'bpmn:MultiInstanceLoopCharacteristics');
const several = (element) => is(element, 'bpmn:CatchEvent') && (bo(element).get('eventDefinitions') || []).length > 1;
const starts = (element) => is(element, 'bpmn:ReceiveTask') || is(element, 'bpmn:EventBasedGateway');

const CODE = {
  name: 'code', label: 'Python code', hint: 'Runs in a sandbox; the names it sets become variables', component: Area,
  get: (element) => bo(element).get('script') || '',
  set: (element, value, services) => setInside(element, bo(element), value ? { script: value, scriptFormat: 'python' } : { script: undefined, scriptFormat: undefined }, services),
};

// ---- messages that are thrown; what waits for one has the stock group

const thrown = (element) => is(element, 'bpmn:SendTask') || (isAny(element, ['bpmn:EndEvent', 'bpmn:IntermediateThrowEvent']) && definition(element, 'bpmn:MessageEventDefinition'));
const carrier = (element) => (is(element, 'bpmn:SendTask') ? bo(element) : definition(element, 'bpmn:MessageEventDefinition'));
const kept = (name, label, hint) => ({ name, label, hint, component: Feel, get: (e) => property(e, name), set: (e, value, services) => setProperty(e, name, value, services) });

/** The message an element speaks of, by its name; a new name makes a new message beside the others. */
export function messageNamed(element, of) {
  return {
    get: () => of(element).get('messageRef')?.get('name') || '',
    set(_, name, { commandStack, bpmnFactory }) {
      let root = bo(element);
      while (root.$parent) root = root.$parent;
      const known = root.get('rootElements').find((one) => is(one, 'bpmn:Message') && one.get('name') === name);
      const message = name ? known || bpmnFactory.create('bpmn:Message', { name }) : undefined;
      const commands = [];
      if (message && !known) {
        message.$parent = root;
        commands.push({ cmd: 'element.updateModdleProperties', context: { element, moddleElement: root, properties: { rootElements: [...root.get('rootElements'), message] } } });
      }
      commands.push({ cmd: 'element.updateModdleProperties', context: { element, moddleElement: of(element), properties: { messageRef: message } } });
      commandStack.execute('properties-panel.multi-command-executor', commands);
    },
  };
}
const message = (name, label, component, more) => ({ name, label, component, ...more, get: (e) => messageNamed(e, carrier).get(), set: (e, value, services) => messageNamed(e, carrier).set(e, value, services) });

export const MISSING = [
  { id: 'linli-python', label: 'Linli: Python script', on: (e) => is(e, 'bpmn:ScriptTask') && !extension(bo(e), 'zeebe:Script') && !extension(bo(e), 'zeebe:TaskDefinition'), fields: [CODE] },
  { id: 'linli-thrown', label: 'Linli: message that is sent', on: thrown, fields: [
    message('message-pick', 'Message from the list', Choice, { options: 'messages' }), message('message-name', 'Message name', Text),
    kept('correlationKey', 'Key: for whom it is (FEEL)', 'The value by which the waiting case knows it'), kept('payload', 'What it carries (FEEL)', 'empty = the input mapping')] },
  { id: 'linli-store', label: 'Linli: register', on: (e) => is(e, 'bpmn:DataStoreReference'), fields: [attribute('name', 'Register', Choice, { options: 'registers', named: 'register' })] },
  { id: 'linli-activation', label: 'Linli: when it goes on', on: (e) => is(e, 'bpmn:ComplexGateway'), fields: [
    expression('activationCondition', 'Activation condition (FEEL)', 'e.g. activationCount >= 2; empty = all that can still come')] },
  { id: 'linli-starts', label: 'Linli: starts the process', on: starts, fields: [
    flag('instantiate', 'Starts the process')] },
  { id: 'linli-both', label: 'Linli: which events', on: (e) => is(e, 'bpmn:EventBasedGateway') && bo(e).get('instantiate'), fields: [
    attribute('eventGatewayType', 'Goes on', Choice, { options: [['Exclusive', 'At the first event'], ['Parallel', 'After all events']], read: (value) => value || '' })] },
  { id: 'linli-multiple', label: 'Linli: which events', on: several, fields: [flag('parallelMultiple', 'Waits for all events, not for the first')] },
  { id: 'linli-loop', label: 'Linli: loop', on: standard, fields: [
    expression('loopCondition', 'Goes on while (FEEL)', undefined, loop), attribute('loopMaximum', 'Rounds at most', Text, { of: loop, read: (value) => (value ? String(value) : ''), write: (value) => Number(value) || undefined }),
    flag('testBefore', 'Test before the first round', loop)] },
  { id: 'linli-many', label: 'Linli: how often', on: many, fields: [
    expression('loopCardinality', 'How many times (FEEL)', 'instead of a collection', loop), flag('isSequential', 'One after the other', loop)] },
  { id: 'linli-adhoc', label: 'Linli: order', on: (e) => is(e, 'bpmn:AdHocSubProcess'), fields: [
    attribute('ordering', 'Order', Choice, { options: [['Parallel', 'Any at a time'], ['Sequential', 'One after the other']], read: (value) => value || '' })] },
  { id: 'linli-quantities', label: 'Linli: quantities', on: (e) => is(e, 'bpmn:Activity') && !bo(e).get('triggeredByEvent'), fields: [
    quantity('startQuantity', 'Tokens needed to start'), quantity('completionQuantity', 'Tokens given when done')] },
];
