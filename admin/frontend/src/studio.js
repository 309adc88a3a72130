// The diagram editor: bpmn-js and what goes with it, put together; the shell around it is workbench.js. Loaded on a diagram's
// page only.
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule } from 'bpmn-js-properties-panel';
import ZeebeBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything';
import ColorPicker from 'bpmn-js-color-picker';
import Minimap from 'diagram-js-minimap';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';
import Copying from './copying.js';
import { readable } from './foreign.js';
import { showKeys } from './help.js';
import { importDrawn } from './layout.js';
import Linli from './panel.js';
import Names from './names.js';
import bpmn from './notation.js';
import * as picture from './picture.js';
import Simulation from './simulation.js';
import Speech, { translate } from './speech.js';
import Variables from './variables.js';
import { openWorkbench } from './workbench.js';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import './studio.css';

const root = document.getElementById('studio');
const part = (name) => root.querySelector(`[data-studio="${name}"]`);

const modeler = new Modeler({
  container: part('canvas'),
  propertiesPanel: { parent: part('panel'), feelPopupContainer: root.querySelector('.linli-studio-work') },
  moddleExtensions: { bpmn, zeebe },
  additionalModules: [
    BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule, ZeebeBehaviors, CreateAppendAnythingModule, ColorPicker, Minimap,
    Speech, Names, Variables, Linli, Copying, Simulation,
  ],
});
const canvas = modeler.get('canvas'), registry = modeler.get('elementRegistry'), stack = modeler.get('commandStack');
window.linliModeler = modeler; // for the browser tests, and for whoever helps a designer from the console

const run = (action) => () => modeler.get('editorActions').trigger(action);
const file = ({ home }) => home.file().replace(/\.[^.]+$/, '');

/** The whole diagram, beside the palette. */
function fit() {
  const palette = part('canvas').querySelector('.djs-palette'), wide = (palette?.offsetWidth || 0) + 30;
  const scale = canvas.zoom('fit-viewport', 'auto');
  if (!palette?.offsetWidth || canvas.viewbox().inner.width * scale < canvas.getSize().width - 2 * wide) return;
  canvas.zoom(scale * (1 - wide / canvas.getSize().width), { x: canvas.getSize().width, y: canvas.getSize().height / 2 });
}

async function load(xml) {
  const before = registry.getAll().length > 1 && (await modeler.saveXML()).xml;
  try {
    const { warnings } = await importDrawn(modeler, readable(xml, translate));
    fit();
    return { warnings };
  } catch (error) {
    if (before) await modeler.importXML(before); // what was there stays
    throw error;
  }
}

let marked = [];
function mark(findings) {
  for (const [id, name] of marked) if (registry.get(id)) canvas.removeMarker(id, name);
  marked = findings.filter((f) => f.element && registry.get(f.element)).map((f) => [f.element, `linli-${f.severity}`]);
  for (const [id, name] of marked) canvas.addMarker(id, name);
}

function go(finding) {
  const element = registry.get(finding.element) || registry.filter((e) => e.businessObject?.processRef?.id === finding.element)[0];
  if (!element) return;
  canvas.scrollToElement(element);
  modeler.get('selection').select(element);
}

function simulate() {
  const active = modeler.get('linliSimulation').toggle();
  root.classList.toggle('linli-teaching', active);
  part('simulate').setAttribute('aria-pressed', String(active));
}

function steps() {
  root.querySelector('[data-studio-do=undo]').disabled = !stack.canUndo();
  root.querySelector('[data-studio-do=redo]').disabled = !stack.canRedo();
}

modeler.load = load;
const opened = openWorkbench({
  load,
  read: async () => (await modeler.saveXML({ format: true })).xml,
  changed: (callback) => modeler.on('commandStack.changed', callback),
  mark,
  go,
  actions: {
    panel: () => root.classList.toggle('linli-panel-open'),
    undo: run('undo'),
    redo: run('redo'),
    find: () => { setTimeout(run('find')); }, // not within the click, which would close it again as one outside it
    simulate,
    keys: showKeys,
    svg: (bench) => picture.svg(modeler, file(bench)),
    png: (bench) => picture.png(modeler, file(bench)),
    print: () => picture.print(modeler),
  },
});

opened.then((bench) => {
  modeler.on('commandStack.changed', steps);
  modeler.on('import.done', steps);
  steps();
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 's') { event.preventDefault(); bench.save(); }
  });
  modeler.get('linliNames').fetch(root.dataset.names).catch((error) => bench.toast(`${translate('The pick-lists could not be read:')} ${error.message}`, 'warning'));
});
