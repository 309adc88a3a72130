// The designer's pages: bpmn-js with its properties panel for diagrams, a plain text area for everything else. Both
// check, deploy and keep drafts through the same addresses. Loaded on studio pages only.
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule } from 'bpmn-js-properties-panel';
import ZeebeBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';
import zn from 'bpmn-js-i18n/translations/zn.js';
import zh from './zh.js';
import Linli from './panel.js';
import { importDrawn } from './layout.js';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import './studio.css';

const root = document.getElementById('studio');
const words = JSON.parse(document.getElementById('studio-words').textContent);
const $ = (name) => root.querySelector(`[data-studio="${name}"]`);
const chinese = document.documentElement.lang.startsWith('zh');
const texts = { ...zn, ...zh };
for (const [key, text] of Object.entries(texts)) texts[key.toLowerCase()] ??= text; // the panel's head says User Task, the menu User task

function translate(template, replacements = {}) {
  const text = (chinese && (texts[template] || texts[template.toLowerCase()])) || template;
  return text.replace(/{([^}]+)}/g, (_, key) => (key in replacements ? (chinese && texts[replacements[key]]) || replacements[key] : `{${key}}`));
}

async function post(address, body) {
  const answer = await fetch(address, {
    method: 'POST', body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': document.querySelector('meta[name=csrf-token]').content },
  });
  const data = await answer.json();
  return { ok: answer.ok, ...data };
}

// ---- the two editors: {read(): text, go(finding), changed(callback)}
async function diagramEditor(content) {
  const modeler = new Modeler({
    container: $('canvas'),
    propertiesPanel: { parent: $('panel') },
    moddleExtensions: { zeebe },
    additionalModules: [BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule, ZeebeBehaviors, Linli, { translate: ['value', translate] }],
  });
  const canvas = modeler.get('canvas');
  const load = async (xml) => { const { warnings } = await importDrawn(modeler, xml); canvas.zoom('fit-viewport', 'auto'); return warnings; };
  const registry = () => modeler.get('elementRegistry');
  window.linliModeler = modeler;
  const warnings = await load(content);
  return {
    warnings,
    load,
    read: async () => (await modeler.saveXML({ format: true })).xml,
    changed: (callback) => modeler.on('commandStack.changed', callback),
    mark(findings) {
      registry().forEach((e) => { canvas.removeMarker(e, 'linli-error'); canvas.removeMarker(e, 'linli-warning'); });
      for (const f of findings) if (f.element && registry().get(f.element)) canvas.addMarker(f.element, `linli-${f.severity}`);
    },
    go(finding) {
      const element = registry().get(finding.element) || registry().filter((e) => e.businessObject?.processRef?.id === finding.element)[0];
      if (!element) return;
      canvas.scrollToElement(element);
      modeler.get('selection').select(element);
    },
  };
}

function sourceEditor(content) {
  const area = $('source');
  area.value = content;
  return {
    warnings: [],
    load: async (text) => { area.value = text; },
    read: async () => area.value,
    changed: (callback) => area.addEventListener('input', callback),
    mark() {},
    go(finding) {
      const lines = area.value.split('\n');
      const from = lines.slice(0, Math.max(0, finding.line - 1)).reduce((n, l) => n + l.length + 1, 0);
      area.focus();
      area.setSelectionRange(from, from + (lines[finding.line - 1] || '').length);
      area.scrollTop = Math.max(0, (finding.line - 4) * parseFloat(getComputedStyle(area).lineHeight));
    },
  };
}

function list(findings, editor) {
  const box = $('findings');
  box.replaceChildren();
  const errors = findings.filter((f) => f.severity === 'error').length;
  $('verdict').textContent = findings.length ? words.found.replace('{errors}', errors).replace('{warnings}', findings.length - errors) : words.clean;
  $('verdict').className = `badge ${errors ? 'bg-red-lt' : findings.length ? 'bg-yellow-lt' : 'bg-green-lt'}`;
  for (const finding of findings) {
    const item = document.createElement('li');
    const button = document.createElement('button');
    const badge = document.createElement('span');
    badge.className = `badge ${finding.severity === 'error' ? 'bg-red-lt' : 'bg-yellow-lt'}`;
    badge.textContent = finding.severity === 'error' ? words.error : words.warning;
    const place = document.createElement('span');
    place.className = 'text-secondary small d-block';
    place.textContent = [finding.line ? words.line.replace('{line}', finding.line) : '', finding.element].filter(Boolean).join(' · ');
    button.type = 'button';
    button.append(document.createTextNode(finding.text), place);
    button.addEventListener('click', () => editor.go(finding));
    item.append(badge, button);
    box.append(item);
  }
  editor.mark(findings);
}

async function open() {
  const content = JSON.parse(document.getElementById('studio-content').textContent);
  const state = { saved: true };
  let editor;
  try { editor = await ($('canvas') ? diagramEditor(content) : sourceEditor(content)); } catch (error) {
    $('verdict').textContent = `${words.unreadable} ${error.message}`;
    $('verdict').className = 'badge bg-red-lt';
    root.dataset.ready = 'failed';
    return;
  }
  const body = async () => ({ file: $('file').value, content: await editor.read(), subject: root.dataset.subject });
  const status = (text) => { $('status').textContent = text; };

  const actions = {
    async check() { const answer = await post(root.dataset.lint, await body()); if (answer.findings) list(answer.findings, editor); else window.linli.toast(answer.message, 'danger'); },
    async deploy() {
      const answer = await post(root.dataset.deploy, await body());
      if (answer.findings) list(answer.findings, editor);
      window.linli.toast(answer.message || words.failed, answer.ok ? 'success' : 'danger');
      if (answer.ok) { state.saved = true; status(answer.deployed.map((d) => `${d.key} v${d.version}`).join(', ')); }
    },
    async save() { const answer = await post(root.dataset.draft, await body()); state.saved = answer.ok; status(answer.ok ? words.kept : answer.message); },
    async download() {
      const { file, content: text } = await body();
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
      link.download = file;
      link.click();
      URL.revokeObjectURL(link.href);
    },
    panel() { root.classList.toggle('linli-panel-open'); },
    async restore() {
      const draft = JSON.parse(document.getElementById('studio-draft').textContent);
      await editor.load(draft.content);
      $('file').value = draft.file;
      $('draft').remove();
    },
    async forget() { await post(root.dataset.draft, { subject: root.dataset.subject, content: '' }); $('draft').remove(); },
  };
  root.querySelectorAll('[data-studio-do]').forEach((button) => button.addEventListener('click', async () => {
    button.disabled = true;
    try { await actions[button.dataset.studioDo](); } catch (error) { window.linli.toast(`${words.failed} ${error.message}`, 'danger'); } finally { button.disabled = false; }
  }));

  let timer = null;
  editor.changed(() => {
    state.saved = false;
    status(words.changed);
    clearTimeout(timer);
    timer = setTimeout(actions.save, 4000); // unfinished work is kept without asking
  });
  window.addEventListener('beforeunload', (event) => { if (!state.saved) event.preventDefault(); });
  if (editor.warnings.length) window.linli.toast(editor.warnings.map((w) => w.message).join('\n').slice(0, 300), 'warning');
  root.dataset.ready = 'yes';
}

open();
