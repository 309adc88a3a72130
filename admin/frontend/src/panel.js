// Our own groups in the properties panel: the settings Linli reads from zeebe:properties, each with a field and a hint,
// and Python scripts, which the stock panel cannot edit.
import { TextFieldEntry, TextAreaEntry, isTextFieldEntryEdited, isTextAreaEntryEdited } from '@bpmn-io/properties-panel';
import { useService } from 'bpmn-js-properties-panel';
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';

const GROUPS = [
  { id: 'linli-case', label: 'Linli: case', on: ['bpmn:Process', 'bpmn:Participant'], fields: [
    ['title', 'Case title (FEEL)'], ['unit', 'Unit (FEEL)'],
    ['starters', 'Who may start', 'Roles, comma separated; * = anyone signed in; public = residents'], ['name_en', 'English name']] },
  { id: 'linli-duty', label: 'Linli: deadline and people', on: ['bpmn:UserTask'], fields: [
    ['calendar', 'Calendar', 'Name of a calendar of the pack; natural = plain time'],
    ['remind', 'Remind at', 'ISO durations around the deadline, e.g. -P1D, PT0S, R/PT4H'],
    ['escalate', 'Escalate to', 'After the deadline, e.g. PT0S secretary@up, P1D leader@up2'],
    ['timeout', 'When late, by itself', 'e.g. PT0S agree, P1D transfer secretary@up, P2D return previous'],
    ['timeout_data', 'Answer when completed by itself (FEEL)'],
    ['nobody', 'If nobody is found', 'A role to fall back to, skip, or incident'],
    ['initiator', 'If it is the initiator\'s own', 'skip, superior, a role, or continue'],
    ['public', 'Open to', 'reporter = the resident with the code'], ['public_key', 'Public code (FEEL)']] },
  { id: 'linli-operations', label: 'Linli: operations', on: ['bpmn:UserTask'], fields: [
    ['operations', 'Operations allowed', 'transfer, delegate, add_signer, remove_signer, return, refuse, withdraw, copy, urge; empty = transfer and urge'],
    ['delegated', 'When a delegate is done', 'confirm = back to the owner; complete'],
    ['after_return', 'After a return', 'rerun = through the steps again; back = straight back; choose'],
    ['refuse', 'Variable that a refusal makes false'], ['opinions', 'Variable with the opinions of added signers']] },
  { id: 'linli-signing', label: 'Linli: signatures', on: ['bpmn:UserTask'], fields: [
    ['signers', 'Who signs', 'Rules, comma separated: chain:leader@3, login:li, field:approvers'],
    ['signing', 'Passed when', 'all, first, any, 60%, >50%, 2/3; the task must be a multi-instance'],
    ['agree', 'An answer agrees when (FEEL)', 'empty = agreed'], ['weight', 'Weight of a signer (FEEL)'],
    ['early', 'Ends early', 'no = everybody is heard'], ['verdict', 'Variable for the result', 'empty = passed']] },
  { id: 'linli-texts', label: 'Linli: texts', on: ['bpmn:UserTask'], fields: [['summary', 'Card summary (FEEL)'], ['name_en', 'English name']] },
  { id: 'linli-names', label: 'Linli: texts', on: ['bpmn:FlowNode', 'bpmn:Lane', 'bpmn:SequenceFlow'], not: ['bpmn:UserTask'], fields: [['name_en', 'English name']] },
];

const owner = (element) => { const bo = getBusinessObject(element); return is(bo, 'bpmn:Participant') ? bo.get('processRef') : bo; };
const extension = (bo, type) => (bo.get('extensionElements')?.get('values') || []).find((v) => is(v, type));
const read = (element, name) => (extension(owner(element), 'zeebe:Properties')?.get('properties') || []).find((p) => p.get('name') === name)?.get('value') || '';

// One undoable command, whatever has to be made on the way: extension elements, the list, the property.
function write(element, name, value, { commandStack, bpmnFactory }) {
  const bo = owner(element);
  const commands = [];
  const change = (moddleElement, properties) => commands.push({ cmd: 'element.updateModdleProperties', context: { element, moddleElement, properties } });
  const make = (type, properties, parent) => { const made = bpmnFactory.create(type, properties); made.$parent = parent; return made; };
  let box = bo.get('extensionElements');
  if (!box) { box = make('bpmn:ExtensionElements', { values: [] }, bo); change(bo, { extensionElements: box }); }
  let list = extension(bo, 'zeebe:Properties');
  if (!list) { list = make('zeebe:Properties', { properties: [] }, box); change(box, { values: [...box.get('values'), list] }); }
  const rest = list.get('properties').filter((p) => p.get('name') !== name);
  change(list, { properties: value ? [...rest, make('zeebe:Property', { name, value }, list)] : rest });
  commandStack.execute('properties-panel.multi-command-executor', commands);
}

function Setting({ element, id, name, label, hint }) {
  const commandStack = useService('commandStack'), bpmnFactory = useService('bpmnFactory'), debounce = useService('debounceInput'), translate = useService('translate');
  return TextFieldEntry({
    element, id, debounce, label: translate(label), description: hint && translate(hint),
    getValue: () => read(element, name), setValue: (value) => write(element, name, value, { commandStack, bpmnFactory }),
  });
}

function Python({ element, id }) {
  const modeling = useService('modeling'), debounce = useService('debounceInput'), translate = useService('translate');
  const bo = getBusinessObject(element);
  return TextAreaEntry({
    element, id, debounce, label: translate('Python code'), description: translate('Runs in a sandbox; the names it sets become variables'), monospace: true, rows: 8,
    getValue: () => bo.get('script') || '',
    setValue: (value) => modeling.updateProperties(element, value ? { script: value, scriptFormat: 'python' } : { script: undefined, scriptFormat: undefined }),
  });
}

class LinliProvider {
  constructor(propertiesPanel, translate) { this._translate = translate; propertiesPanel.registerProvider(200, this); }

  getGroups(element) {
    return (groups) => {
      const fitting = GROUPS.filter((g) => isAny(element, g.on) && !(g.not && isAny(element, g.not)) && owner(element));
      const ours = fitting.map((g) => ({
        id: g.id, label: this._translate(g.label), component: undefined,
        entries: g.fields.map(([name, label, hint]) => ({ id: `${g.id}-${name}`, element, name, label, hint, component: Setting, isEdited: isTextFieldEntryEdited })),
      }));
      if (is(element, 'bpmn:ScriptTask')) {
        ours.unshift({ id: 'linli-python', label: this._translate('Linli: Python script'), entries: [{ id: 'linli-python-code', element, component: Python, isEdited: isTextAreaEntryEdited }] });
      }
      const after = groups.findIndex((g) => g.id === 'documentation') + 1;
      groups.splice(after, 0, ...ours);
      return groups;
    };
  }
}
LinliProvider.$inject = ['propertiesPanel', 'translate'];

export default { __init__: ['linliProvider'], linliProvider: ['type', LinliProvider] };
