// The properties panel as a designer of this engine needs it: our groups (groups.js, missing.js, services.js), pick-lists at
// the stock fields (picks.js), the condition helper. Puts the tables' lines into the panel; knows no setting itself.
import { isFeelEntryEdited } from '@bpmn-io/properties-panel';
import { ConditionRows, conditional, conditionOf, setCondition } from './conditionrows.js';
import { EDITED, Feel } from './fields.js';
import { GROUPS } from './groups.js';
import { MISSING } from './missing.js';
import { fitted } from './picks.js';
import { serviceGroup } from './services.js';

const FIRST = ['general', 'assignmentDefinition', 'form', 'condition', 'calledDecision', 'calledElement', 'message', 'timer']; // what most elements are opened for
const LATE = 200; // after the stock providers
const CONDITION = { name: 'feel', label: 'Condition (FEEL)', component: Feel, required: true, get: conditionOf, set: setCondition };

class LinliProvider {
  constructor(propertiesPanel, translate, linliNames, eventBus) {
    this._translate = translate;
    this._names = linliNames;
    propertiesPanel.registerProvider(LATE, this);
    eventBus.on('linli.names', () => eventBus.fire('propertiesPanel.providersChanged'));
  }

  entry(element, group, { name, ...field }) {
    return { id: `${group}-${name}`, element, ...field, isEdited: EDITED.get(field.component) };
  }

  group(element, { id, label, fields }) {
    return { id, label: this._translate(label), entries: fields.map((field) => this.entry(element, id, field)) };
  }

  conditions(element) {
    const rows = { id: 'linli-condition-rows', element, component: ConditionRows };
    return { id: 'linli-condition', label: this._translate('Condition'), entries: [{ ...this.entry(element, 'linli-condition', CONDITION), isEdited: isFeelEntryEdited }, rows] };
  }

  getGroups(element) {
    return (stock) => {
      const ours = [...GROUPS, ...MISSING].filter(({ on }) => on(element)).map((group) => this.group(element, group));
      const service = serviceGroup(element, this._names);
      if (service) ours.unshift(this.group(element, service));
      let groups = fitted(stock, element, (pick) => this.entry(element, 'linli', pick));
      if (conditional(element)) {
        groups = groups.filter(({ id }) => id !== 'condition');
        ours.unshift(this.conditions(element));
      }
      const first = groups.filter(({ id }) => FIRST.includes(id));
      return [...first, ...ours, ...groups.filter((group) => !first.includes(group))];
    };
  }
}
LinliProvider.$inject = ['propertiesPanel', 'translate', 'linliNames', 'eventBus'];

export default { __init__: ['linliProvider'], linliProvider: ['type', LinliProvider] };
