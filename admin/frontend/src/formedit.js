// The form editor: form-js's editor with our library of fields (formfields.js), panel (formpanel.js) and Chinese (formzh.js), and
// beside it the form as the server draws it on a phone (formpreview.js). Loaded on its page only.
import { FormEditor } from '@bpmn-io/form-js-editor';
import { openWorkbench } from './workbench.js';
import { openPreview } from './formpreview.js';
import { colour } from './findings.js';
import { adding } from './formadd.js';
import { exchange } from './formexchange.js';
import Fields from './formfields.js';
import Panel from './formpanel.js';
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css';
import './formedit.css';

const root = document.getElementById('studio');
const { words, ...addresses } = JSON.parse(document.getElementById('studio-more').textContent);
Object.assign(root.dataset, addresses);
const $ = (name) => root.querySelector(`[data-studio="${name}"]`);

const editor = new FormEditor({
  container: $('canvas'),
  palette: { parent: $('palette') },
  propertiesPanel: { parent: $('panel') },
  exporter: { name: 'Linli', version: '1' },
  additionalModules: [Fields, Panel],
});
const preview = openPreview(root, () => JSON.stringify(editor.saveSchema()));
adding($('palette'), $('canvas'), editor);
const marks = document.head.appendChild(document.createElement('style')); // rules by id: the canvas is drawn anew after each edit

/** The field that a finding is about: the lint names its key, its path or its id; the form itself by its own. */
const fieldOf = ({ element }) => editor.get('formFieldRegistry').getAll().find((field) => [field.key, field.path, field.id].includes(element));

/** Ids told apart: form-js opens no form with one twice, the engine goes by keys and has never minded. */
function distinct(part, taken) {
  for (let n = 2, id = part.id; part.id && taken.has(part.id); n += 1) part.id = `${id}_${n}`;
  if (part.id) taken.add(part.id);
  for (const each of part.components || []) distinct(each, taken);
  return part;
}
const parsed = (text) => distinct(text.trim() ? JSON.parse(text) : { type: 'default', components: [] }, new Set());

window.linliForm = Object.assign(editor, { linliRead: parsed });
openWorkbench({
  async load(text) {
    const { warnings } = await editor.importSchema(parsed(text));
    preview.draw();
    return { warnings };
  },
  read: () => `${JSON.stringify(editor.saveSchema(), null, 1)}\n`,
  changed(callback) {
    editor.on('changed', () => { preview.draw(); callback(); });
  },
  go(finding) {
    const field = fieldOf(finding);
    if (field) editor.get('selection').set(field);
  },
  mark(findings) {
    const rule = (f) => `.fjs-editor-container [data-id="${CSS.escape(fieldOf(f).id)}"] { outline: 2px solid ${colour(f)}; outline-offset: -2px; }`;
    marks.textContent = findings.filter(fieldOf).reverse().map(rule).join('\n');
  },
  actions: {
    ...exchange(root, editor, words),
    undo: () => editor.get('editorActions').trigger('undo'),
    redo: () => editor.get('editorActions').trigger('redo'),
    preview: () => root.classList.toggle('linli-preview-open'),
    panel: () => root.classList.toggle('linli-panel-open'),
    chinese: () => preview.speak('zh'),
    english: () => preview.speak('en'),
    again: () => preview.again(),
  },
});
