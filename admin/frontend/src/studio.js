// The diagram editor: bpmn-js with its properties panel, put together; the shell around it is workbench.js. Loaded on a
// diagram's page only.
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule } from 'bpmn-js-properties-panel';
import ZeebeBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';
import zn from 'bpmn-js-i18n/translations/zn.js';
import zh from './zh.js';
import Linli from './panel.js';
import { importDrawn } from './layout.js';
import { openWorkbench } from './workbench.js';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import './studio.css';

const root = document.getElementById('studio');
const $ = (name) => root.querySelector(`[data-studio="${name}"]`);
const chinese = document.documentElement.lang.startsWith('zh');
const texts = { ...zn, ...zh };
for (const [key, text] of Object.entries(texts)) texts[key.toLowerCase()] ??= text; // the panel's head says User Task, the menu User task

function translate(template, replacements = {}) {
  const text = (chinese && (texts[template] || texts[template.toLowerCase()])) || template;
  return text.replace(/{([^}]+)}/g, (_, key) => (key in replacements ? (chinese && texts[replacements[key]]) || replacements[key] : `{${key}}`));
}

const modeler = new Modeler({
  container: $('canvas'),
  propertiesPanel: { parent: $('panel') },
  moddleExtensions: { zeebe },
  additionalModules: [BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule, ZeebeBehaviors, Linli, { translate: ['value', translate] }],
});
const canvas = modeler.get('canvas');
const registry = modeler.get('elementRegistry');
window.linliModeler = modeler;

openWorkbench({
  async load(xml) {
    const { warnings } = await importDrawn(modeler, xml);
    canvas.zoom('fit-viewport', 'auto');
    return { warnings };
  },
  read: async () => (await modeler.saveXML({ format: true })).xml,
  changed: (callback) => modeler.on('commandStack.changed', callback),
  mark(findings) {
    registry.forEach((e) => { canvas.removeMarker(e, 'linli-error'); canvas.removeMarker(e, 'linli-warning'); });
    for (const f of findings) if (f.element && registry.get(f.element)) canvas.addMarker(f.element, `linli-${f.severity}`);
  },
  go(finding) {
    const element = registry.get(finding.element) || registry.filter((e) => e.businessObject?.processRef?.id === finding.element)[0];
    if (!element) return;
    canvas.scrollToElement(element);
    modeler.get('selection').select(element);
  },
  actions: { panel: ({ root }) => root.classList.toggle('linli-panel-open') },
});
