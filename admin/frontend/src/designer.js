// The designer of registers and of pages: the file is a JSON document on this page, the server draws it as a form
// (admin/studio/designers.py) and does what needs knowledge of it; this only carries single values into the document.
//
//   data-at="fields.0.label.zh"    an input's place in the document; data-as: text (default) | number | loose | flag | set
//   data-act="move" data-args='["fields.0", 1]'    what the server is asked for; a select or input adds its value
//   data-right="register:x:read" data-role="clerk"    a role's permission, kept in pack.toml at once
//   data-element="name"            what a finding about it is called;  data-keep="name" on <details>: stays as open as it is
import { openWorkbench } from './workbench.js';
import { ask } from './talk.js';
import { openPreviews } from './pagepreview.js';
import './designer.css';

const root = document.getElementById('studio');
const MARKS = ['linli-found', 'linli-wrong', 'linli-noted'];
const { words, ...more } = JSON.parse(document.getElementById('studio-more').textContent);
const box = root.querySelector('[data-studio=form]');
const previews = more.preview ? openPreviews(root, more.preview, () => written()) : null;
const past = [], ahead = [];
let doc = {}, edited = () => {};

const written = () => `${JSON.stringify(doc, null, 2)}\n`;
const within = (element) => element.closest('[data-keep]');

// ---- values and places
const parts = (path) => path.split('.');
function container(path) {
  let here = doc;
  for (const part of parts(path).slice(0, -1)) {
    if (typeof here[part] !== 'object' || here[part] === null) here[part] = {};
    here = here[part];
  }
  return here;
}
function put(path, value) {
  const here = container(path), last = parts(path).pop();
  if (value === undefined && !Array.isArray(here)) delete here[last];
  else here[last] = value ?? '';
}
const loose = (text) => { try { return JSON.parse(text); } catch { return text; } }; // what is no JSON is a text as it stands
const READ = {
  text: (input) => input.value || undefined,
  number: (input) => (input.value === '' ? undefined : Number(input.value)),
  loose: (input) => (input.value === '' ? undefined : loose(input.value)),
  flag: (input) => (input.checked === ('off' in input.dataset) ? undefined : input.checked),
  set(input) {
    const here = container(input.dataset.at)[parts(input.dataset.at).pop()];
    const rest = (Array.isArray(here) ? here : []).filter((one) => one !== input.value);
    const chosen = input.checked ? [...rest, input.value] : rest;
    return chosen.length || 'empty' in input.dataset ? chosen : undefined;
  },
};

// ---- drawing: the server's form of the document, after an act
async function draw(act = '', args = []) {
  const before = written();
  const answer = await ask(more.design, { content: before, act, args });
  doc = JSON.parse(answer.content);
  show(answer.html);
  if (act && written() !== before) noted(before);
}
function show(html) {
  const open = new Set([...box.querySelectorAll('details[data-keep]')].filter((one) => one.open).map((one) => one.dataset.keep));
  const focus = document.activeElement?.dataset?.at, scroll = box.scrollTop;
  const known = new Set([...box.querySelectorAll('[data-keep]')].map((one) => one.dataset.keep));
  box.innerHTML = html;
  for (const one of box.querySelectorAll('details[data-keep]')) if (open.has(one.dataset.keep) || (known.size && !known.has(one.dataset.keep))) one.open = true;
  box.scrollTop = scroll;
  if (focus) box.querySelector(`[data-at="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
  root.dataset.drawn = String(Number(root.dataset.drawn || 0) + 1);
}
function noted(before) {
  past.push(before);
  ahead.length = 0;
  edited();
  previews?.draw();
}
async function acted(element, value) {
  const args = JSON.parse(element.dataset.args || '[]');
  try { await draw(element.dataset.act, value === undefined ? args : [...args, value]); } catch (error) { window.linli.toast(error.message, 'danger'); }
}
async function granted(input) {
  try { await ask(more.rights, { role: input.dataset.role, permission: input.dataset.right, on: input.checked }); window.linli.toast(words.right_kept, 'success'); } catch (error) {
    input.checked = !input.checked;
    window.linli.toast(error.message, 'danger');
  }
}

box.addEventListener('input', ({ target }) => {
  if (!target.dataset.at) return;
  const before = written();
  put(target.dataset.at, READ[target.dataset.as || 'text'](target));
  const named = within(target)?.querySelector(`[data-shows="${CSS.escape(target.dataset.at)}"]`);
  if (named) named.textContent = target.value;
  if (written() !== before) noted(before);
});
box.addEventListener('change', ({ target }) => {
  if (target.dataset.right) granted(target);
  else if (target.dataset.act) acted(target, target.value);
  else if ('redraw' in target.dataset) draw();
});
box.addEventListener('click', ({ target }) => {
  const button = target.closest('button[data-act]');
  if (button) acted(button);
});

async function undo(from, to) {
  if (!from.length) return;
  to.push(written());
  doc = JSON.parse(from.pop());
  await draw();
  edited();
  previews?.draw();
}

const places = (finding) => [...box.querySelectorAll(`[data-element="${CSS.escape(finding.element)}"]`)];
openWorkbench({
  async load(text) {
    doc = JSON.parse(text.trim() || '{}');
    await draw();
    previews?.draw();
  },
  read: written,
  changed(callback) { edited = callback; },
  go(finding) {
    const [found] = places(finding);
    if (!found) return;
    for (let one = found; one; one = one.parentElement?.closest('details')) if (one.tagName === 'DETAILS') one.open = true;
    found.scrollIntoView({ block: 'center' });
    (found.querySelector('input, select') || found).focus?.({ preventScroll: true });
  },
  mark(findings) {
    box.querySelectorAll('.linli-found, .linli-noted').forEach((one) => one.classList.remove(...MARKS));
    for (const finding of findings) for (const one of places(finding)) one.classList.add(...(finding.severity === 'error' ? ['linli-found', 'linli-wrong'] : [finding.severity === 'info' ? 'linli-noted' : 'linli-found']));
  },
  actions: {
    undo: () => undo(past, ahead),
    redo: () => undo(ahead, past),
    async rows() {
      const target = root.querySelector('[data-studio=rows]');
      const answer = await fetch(more.rows, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRFToken': document.querySelector('meta[name=csrf-token]').content }, body: JSON.stringify({ content: written() }) });
      if (!answer.ok) throw new Error(String(answer.status));
      target.querySelector('[data-studio=effects]').innerHTML = await answer.text();
      target.showModal();
    },
    closeRows: () => root.querySelector('[data-studio=rows]').close(),
    preview: () => root.classList.toggle('linli-preview-open'),
  },
});
