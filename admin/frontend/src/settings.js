// Reading and writing settings of elements as single undoable commands: zeebe:properties, extension elements, expressions and
// plain attributes. Knows moddle and the command stack, no group of the panel.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

/** What the settings of an element hang on: of a pool its process. */
export const owner = (element) => { const bo = getBusinessObject(element); return is(bo, 'bpmn:Participant') ? bo.get('processRef') : bo; };
/** The first extension element of a type. */
export const extension = (bo, type) => (bo.get('extensionElements')?.get('values') || []).find((v) => is(v, type));
/** The only event definition of a type, undefined without. */
export const definition = (element, type) => (getBusinessObject(element).get('eventDefinitions') || []).find((one) => is(one, type));

/** A property of zeebe:properties, '' when it is not set. */
export const property = (element, name) => (extension(owner(element), 'zeebe:Properties')?.get('properties') || []).find((p) => p.get('name') === name)?.get('value') || '';
/** An input of the mapping, '' when it is not set. */
export const input = (element, name) => (extension(getBusinessObject(element), 'zeebe:IoMapping')?.get('inputParameters') || []).find((p) => p.get('target') === name)?.get('source') || '';

/** A task's deadline as it is written, '' without. */
export const due = (element) => extension(getBusinessObject(element), 'zeebe:TaskSchedule')?.get('dueDate') || '';
/** A timer's repetition as it is written, '' without. */
export const cycle = (element) => definition(element, 'bpmn:TimerEventDefinition')?.get('timeCycle')?.get('body') || '';

class Change {
  constructor(element, { commandStack, bpmnFactory }) { Object.assign(this, { element, commandStack, bpmnFactory, commands: [] }); }

  set(moddleElement, properties) { this.commands.push({ cmd: 'element.updateModdleProperties', context: { element: this.element, moddleElement, properties } }); }

  make(type, properties, parent) { const made = this.bpmnFactory.create(type, properties); made.$parent = parent; return made; }

  /** The extension element of a type, made when there is none. */
  extension(bo, type, properties) {
    let box = bo.get('extensionElements');
    if (!box) { box = this.make('bpmn:ExtensionElements', { values: [] }, bo); this.set(bo, { extensionElements: box }); }
    let found = extension(bo, type);
    if (!found) { found = this.make(type, properties, box); this.set(box, { values: [...box.get('values'), found] }); }
    return found;
  }

  /** A property of zeebe:properties; an empty value takes it out. */
  property(bo, name, value) {
    const list = this.extension(bo, 'zeebe:Properties', { properties: [] });
    const before = list.get('properties'), at = before.findIndex((p) => p.get('name') === name);
    const made = value ? [this.make('zeebe:Property', { name, value }, list)] : [];
    this.set(list, { properties: at < 0 ? [...before, ...made] : [...before.slice(0, at), ...made, ...before.slice(at + 1)] });
  }

  done() { this.commandStack.execute('properties-panel.multi-command-executor', this.commands); }
}

/** Sets a property of zeebe:properties; an empty value takes it out. */
export function setProperty(element, name, value, services) {
  const change = new Change(element, services);
  change.property(owner(element), name, value);
  change.done();
}

/** Sets the deadline of a task and, unless it is undefined, the calendar that it is counted on, as one step. */
export function setDue(element, { dueDate, calendar }, services) {
  const change = new Change(element, services), bo = getBusinessObject(element);
  change.set(change.extension(bo, 'zeebe:TaskSchedule', {}), { dueDate: dueDate || undefined });
  if (calendar !== undefined && calendar !== property(element, 'calendar')) change.property(bo, 'calendar', calendar);
  change.done();
}

/** Sets the timetable of a timer and whose working days it counts ('': none), as one step. */
export function setTimetable(element, { line, calendar }, services) {
  const change = new Change(element, services), timer = definition(element, 'bpmn:TimerEventDefinition');
  change.set(timer, { timeDate: undefined, timeDuration: undefined, timeCycle: change.make('bpmn:FormalExpression', { body: line }, timer) });
  if (calendar !== property(element, 'calendar')) change.property(getBusinessObject(element), 'calendar', calendar);
  change.done();
}

/** Sets an input of the mapping; an empty source takes it out. */
export function setInput(element, name, source, services) {
  const change = new Change(element, services);
  const mapping = change.extension(getBusinessObject(element), 'zeebe:IoMapping', { inputParameters: [], outputParameters: [] });
  const rest = mapping.get('inputParameters').filter((p) => p.get('target') !== name);
  change.set(mapping, { inputParameters: source ? [...rest, change.make('zeebe:Input', { source, target: name }, mapping)] : rest });
  change.done();
}

/** Sets attributes of an extension element, which is made when there is none. */
export function setExtension(element, type, properties, services) {
  const change = new Change(element, services);
  change.set(change.extension(getBusinessObject(element), type, {}), properties);
  change.done();
}

/** Sets attributes of anything inside an element (a loop, an event definition, a message). */
export function setInside(element, moddleElement, properties, services) {
  const change = new Change(element, services);
  change.set(moddleElement, properties);
  change.done();
}

/** Sets an expression element (`completionCondition`, `loopCondition`, ...) of anything inside an element; '' takes it out. */
export function setExpression(element, moddleElement, name, body, services) {
  const change = new Change(element, services);
  change.set(moddleElement, { [name]: body ? change.make('bpmn:FormalExpression', { body }, moddleElement) : undefined });
  change.done();
}
