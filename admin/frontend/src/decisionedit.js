// The decision editor: dmn-js (graph, tables, formulas, boxed functions) in Chinese with tabs of our own, the row that tries a
// decision on the server (tryrow.js) and tables from and to a spreadsheet (decisionsheet.js). Loaded on its page only.
import DmnModeler from 'dmn-js/lib/Modeler';
import { DmnPropertiesPanelModule, DmnPropertiesProviderModule } from 'dmn-js-properties-panel';
import { openWorkbench } from './workbench.js';
import { openTry } from './tryrow.js';
import { colour } from './findings.js';
import { openSheet } from './decisionsheet.js';
import { showNotes, withNotes } from './rulenotes.js';
import { translate } from './decisionzh.js';
import { chinese } from './jsxsay.js';
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import './decisionedit.css';

const root = document.getElementById('studio');
const $ = (name) => root.querySelector(`[data-studio="${name}"]`);
const { words, ...addresses } = JSON.parse(document.getElementById('studio-more').textContent);
Object.assign(root.dataset, addresses);
const said = { translate: ['value', translate] };

/** The panel's groups are labelled past its translation. */
class Labels {
  constructor(propertiesPanel) { propertiesPanel.registerProvider(200, this); }
  getGroups() { return (groups) => groups.map((group) => ({ ...group, label: translate(group.label) })); }
}
Labels.$inject = ['propertiesPanel'];
const labels = { __init__: ['linliLabels'], linliLabels: ['type', Labels] };
const ICONS = { drd: 'sitemap', decisionTable: 'table', literalExpression: 'code', boxedExpression: 'puzzle' };

const modeler = new DmnModeler({
  container: $('canvas'),
  height: '100%', width: '100%',
  drd: { additionalModules: [said, DmnPropertiesPanelModule, DmnPropertiesProviderModule, labels], propertiesPanel: { parent: $('panel') } },
  decisionTable: { additionalModules: [said] }, literalExpression: { additionalModules: [said] }, boxedExpression: { additionalModules: [said] },
});
let edited = () => {};
const read = async () => (await withNotes(modeler.getDefinitions(), () => modeler.saveXML({ format: true }))).xml;
modeler.on('import.parse.complete', ({ definitions }) => showNotes(definitions));
const decision = () => { const { element } = modeler.getActiveView() || {}; return element?.$type === 'dmn:Decision' ? element : modeler.getDefinitions().drgElement?.find((each) => each.$type === 'dmn:Decision'); };
const attempt = openTry(root, words, { read, decision: () => decision()?.id });
window.linliDecisions = modeler;

// the panel and the graph's buttons into a decision carry titles past their translation
function titled() { root.querySelectorAll('.linli-dmn-panel [title], .drill-down-overlay[title]').forEach((each) => { const said = translate(each.title); if (said !== each.title) each.title = said; }); }
new MutationObserver(titled).observe(root.querySelector('.linli-studio-work'), { childList: true, subtree: true, attributeFilter: ['title'] });

// ---- tabs: the graph and each decision that has an editor
const sprite = (document.querySelector('svg.icon use')?.getAttribute('href') || '').split('#')[0];
function tab(view, active) {
  const button = Object.assign(document.createElement('button'), { type: 'button', className: `linli-tab${view === active ? ' active' : ''}` });
  button.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${sprite}#${ICONS[view.type]}"></use></svg>`;
  button.append(view.type === 'drd' ? words.graph : view.element.name || view.element.id);
  button.setAttribute('aria-pressed', String(view === active));
  button.addEventListener('click', () => modeler.open(view));
  return button;
}
/** Decisions whose boxed expression dmn-js cannot draw: they are edited as text. */
function undrawn(views) {
  const drawn = new Set(views.map((view) => view.element.id));
  const found = (modeler.getDefinitions().drgElement || []).filter((each) => each.decisionLogic && !drawn.has(each.id));
  return found.map((each) => Object.assign(document.createElement('a'), { className: 'linli-tab', href: root.dataset.text, textContent: words.as_text.replace('{name}', each.name || each.id) }));
}
modeler.on('views.changed', ({ views, activeView }) => {
  $('tabs').replaceChildren(...views.map((view) => tab(view, activeView)), ...undrawn(views));
  root.dataset.view = activeView?.type || '';
  attempt.decision();
  if (activeView?.type === 'drd') modeler.getActiveViewer().get('canvas').zoom('fit-viewport', 'auto');
});
modeler.on('viewer.created', ({ viewer }) => viewer.on('commandStack.changed', () => { edited(); attempt.stale(); }));

async function load(xml, like) {
  const { warnings } = await modeler.importXML(xml);
  const views = modeler.getViews();
  const same = like && views.find((view) => view.element.id === like);
  const only = views.filter((view) => view.type !== 'drd');
  await modeler.open(same || (only.length === 1 ? only[0] : views[0])); // a file with one decision opens on it
  return { warnings: (warnings || []).map((warning) => ({ message: warning.message || String(warning) })) };
}

/** The view that shows what a finding is about: a decision, or one of its rules. */
const shows = ({ element }, id) => element.id === id || element.decisionLogic?.rule?.some((rule) => rule.id === id);
const viewOf = (finding) => modeler.getViews().find((view) => view.type !== 'drd' && shows(view, finding.element));

const sheet = openSheet(root, words, { read, decision: () => decision()?.id, load: (xml) => load(xml, decision()?.id) });
const marks = document.head.appendChild(document.createElement('style'));
openWorkbench({
  load,
  read,
  changed(callback) { edited = callback; },
  async go(finding) {
    const view = viewOf(finding);
    if (view && view !== modeler.getActiveView()) await modeler.open(view);
    const rule = $('canvas').querySelector(`[data-row-id="${CSS.escape(finding.element)}"]`);
    if (rule) { rule.scrollIntoView({ block: 'center' }); return; }
    const graph = modeler.getViews().find((each) => each.type === 'drd');
    if (view || !graph) return;
    await modeler.open(graph);
    const viewer = modeler.getActiveViewer(), shape = viewer.get('elementRegistry').get(finding.element);
    if (shape) viewer.get('selection').select(shape);
  },
  mark(findings) {
    marks.textContent = findings.filter((f) => f.element).reverse().map((f) => `.linli-dmn [data-element-id="${CSS.escape(f.element)}"] .djs-visual > :first-child { stroke: ${colour(f)} !important; stroke-width: 3px !important; }\n.linli-dmn td[data-row-id="${CSS.escape(f.element)}"] { box-shadow: inset 0 0 0 1px ${colour(f)}; }`).join('\n');
  },
  actions: {
    ...sheet,
    try: () => attempt.run(),
    panel: () => root.classList.toggle('linli-panel-open'),
    undo: () => modeler.getActiveViewer().get('commandStack').undo(),
    redo: () => modeler.getActiveViewer().get('commandStack').redo(),
  },
});
if (chinese) root.classList.add('linli-chinese');
