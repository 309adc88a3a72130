// Which variables a FEEL expression of an element may use: fields of the forms on the way to it, results and outputs of the
// steps before it, names a script sets, what a loop brings. Serves the FEEL editors (as the service `variableResolver`) and
// the condition helper. Reads the diagram and the names; changes nothing.
import { getVariablesForElement } from '@bpmn-io/extract-process-variables/zeebe';
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { extension } from './settings.js';

const ALWAYS = [['case', 'context'], ['loopCounter', 'number']];
const SET = /^([\p{L}][\p{L}\p{N}_]*)\s*(?:[-+*/]?=)(?!=)/gmu; // a name that a script sets at its outer level; `_x` stays inside

/** Everything that may have happened before an element: its sources, hosts and parents, and theirs. */
function before(element) {
  const seen = new Set(), todo = [element];
  while (todo.length) {
    const one = todo.pop();
    if (!one || seen.has(one)) continue;
    seen.add(one);
    if (is(one, 'bpmn:SequenceFlow')) todo.push(one.source);
    todo.push(one.host, one.parent, ...(one.incoming || []).filter((flow) => is(flow, 'bpmn:SequenceFlow')).map((flow) => flow.source));
    if (is(one, 'bpmn:SubProcess') && one !== element) todo.push(...(one.children || []));
  }
  return seen;
}

const formOf = (bo) => { const form = extension(bo, 'zeebe:FormDefinition'); return form && (form.get('formId') || form.get('externalReference')); };

function ofElement(element, names) {
  const bo = getBusinessObject(element), origin = bo.get('name') || bo.get('id');
  const found = (names.find('forms', formOf(bo))?.fields || []).map((field) => ({ ...field, name: field.id, origin }));
  if (is(bo, 'bpmn:ScriptTask') && bo.get('script')) for (const [, name] of bo.get('script').matchAll(SET)) found.push({ name, origin });
  return found;
}

export class Variables {
  constructor(linliNames, elementRegistry) { this._names = linliNames; this._registry = elementRegistry; }

  /**
   * @returns {Array<{name, title?, type?, options?, origin}>} each name once; `type` (text, number, boolean, date, list) when a form says it
   */
  of(element) {
    const found = new Map();
    const add = (variable) => { if (variable.name && (!found.has(variable.name) || (variable.type && !found.get(variable.name).type))) found.set(variable.name, variable); };
    for (const one of before(element)) if (one.businessObject && !one.labelTarget && isAny(one, ['bpmn:Activity', 'bpmn:Event'])) ofElement(one, this._names).forEach(add);
    return [...found.values()];
  }

  /** For the FEEL editors. */
  async getVariablesForElement(bo) {
    const element = this._registry.get(bo.id) || this._registry.get(bo.$parent?.id);
    const own = element ? this.of(element) : [];
    const known = new Set(own.map((variable) => variable.name));
    const drawn = (await getVariablesForElement(bo)).filter((variable) => !known.has(variable.name));
    return [
      ...own.map(({ name, title, type, origin }) => ({ name, type, info: [title, origin].filter(Boolean).join(' · ') })),
      ...drawn.map(({ name, origin }) => ({ name, info: (origin || []).map((one) => one.name || one.id).join(', ') })),
      ...ALWAYS.map(([name, type]) => ({ name, type })),
    ];
  }

  /** Every variable there is at an element, with what is known of its type: for the condition helper. */
  async all(element) {
    const own = this.of(element), known = new Set(own.map((variable) => variable.name));
    const drawn = await getVariablesForElement(getBusinessObject(element));
    return [...own, ...drawn.filter((variable) => !known.has(variable.name)).map(({ name }) => ({ name }))];
  }
}
Variables.$inject = ['linliNames', 'elementRegistry'];

export default { variableResolver: ['type', Variables] };
