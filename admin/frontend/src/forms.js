// Step forms: keeps what is typed while htmx redraws, when the session ends and when the network fails; signatures; place.
// Every rule (conditions, sums, what is required) is the server's; without this file a plain post works too.
import './forms.css';

const step = () => document.querySelector('form[data-step]');
const pairsOf = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === 'string' && name !== 'csrf_token');

// ---- a line of the summary leads to its field
document.addEventListener('click', (event) => {
  const link = event.target.closest('[data-problems] a');
  const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  event.preventDefault();
  const control = target.matches('input, select, textarea, canvas') ? target : target.querySelector('input, select, textarea, button');
  target.scrollIntoView({ block: 'center' });
  if (control) control.focus();
});

// ---- a redraw must not undo what was typed while it was under way
let sent = null;
document.addEventListener('htmx:beforeRequest', (event) => {
  if (event.detail.target && event.detail.target.id === 'form-fields') sent = snapshot();
});
function snapshot() {
  const values = new Map();
  step().querySelectorAll('#form-fields [id][name]').forEach((c) => { if (c.type !== 'file' && c.type !== 'hidden') values.set(c.id, valueOf(c)); });
  return values;
}
const valueOf = (c) => (c.type === 'checkbox' || c.type === 'radio' ? c.checked : c.value);
let typed = new Map();
document.addEventListener('htmx:beforeSwap', (event) => {
  if (event.detail.target.id !== 'form-fields' || !sent) return;
  typed = new Map([...snapshot()].filter(([id, value]) => sent.has(id) && sent.get(id) !== value));
  sent = null;
});
document.addEventListener('htmx:afterSettle', () => {
  for (const [id, value] of typed) {
    const control = document.getElementById(id);
    if (!control) continue;
    if (typeof value === 'boolean') control.checked = value; else control.value = value;
  }
  typed = new Map();
  ready();
});

// ---- the session ended, or the network failed: keep the page, keep the text, say what to do
const place = () => `linli-kept:${step().dataset.step}:${location.pathname}`; // a shared phone must not show one person's text to the next
function keep() {
  const form = step();
  if (!form) return false;
  try { localStorage.setItem(place(), JSON.stringify(pairsOf(form))); } catch { return false; }
  const note = document.querySelector('[data-kept]');
  if (note) note.hidden = false;
  return true;
}
document.addEventListener('htmx:beforeOnLoad', (event) => {
  // 400: the token of the ended session is refused before anybody asks who it is
  if ([400, 401].includes(event.detail.xhr.status) && step() && keep()) event.preventDefault();
});
document.addEventListener('htmx:sendError', () => { if (step()) keep(); });
document.addEventListener('submit', (event) => { if (event.target === step() && !document.querySelector('[data-kept]').hidden) keep(); });

function restore() {
  const form = step();
  if (!form) return;
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(place()) || 'null'); localStorage.removeItem(place()); } catch { return; }
  if (!kept || !form.dataset.refresh) return;
  const body = new URLSearchParams(kept.filter(([name]) => !name.startsWith('_')));
  body.set('csrf_token', form.elements.csrf_token.value);
  fetch(form.dataset.refresh, { method: 'POST', body, headers: { 'HX-Request': 'true' } }).then(async (answer) => {
    if (!answer.ok) return;
    const box = document.getElementById('form-fields');
    box.outerHTML = await answer.text();
    window.htmx.process(document.getElementById('form-fields'));
    ready();
  });
}

// ---- signatures: drawn with finger, pen or mouse; posted as a PNG
function signatures() {
  document.querySelectorAll('[data-signature]:not([data-ready])').forEach((box) => {
    box.dataset.ready = '1';
    const canvas = box.querySelector('canvas');
    const ink = box.querySelector('input[type=hidden]');
    const pen = canvas.getContext('2d');
    Object.assign(pen, { lineWidth: 3, lineCap: 'round', lineJoin: 'round', strokeStyle: '#111' });
    let drawing = false;
    const at = (e) => { const r = canvas.getBoundingClientRect(); return [(e.clientX - r.left) * canvas.width / r.width, (e.clientY - r.top) * canvas.height / r.height]; };
    canvas.addEventListener('pointerdown', (e) => { drawing = true; canvas.setPointerCapture(e.pointerId); pen.beginPath(); pen.moveTo(...at(e)); });
    canvas.addEventListener('pointermove', (e) => { if (drawing) { pen.lineTo(...at(e)); pen.stroke(); } });
    canvas.addEventListener('pointerup', () => { drawing = false; ink.value = canvas.toDataURL('image/png'); });
    box.querySelector('[data-signature-clear]').addEventListener('click', () => { pen.clearRect(0, 0, canvas.width, canvas.height); ink.value = ''; });
  });
}

// ---- a button in the reader's language instead of the browser's own; what is picked is stored and shown at once
function pickers() {
  document.querySelectorAll('.lf-pick[hidden]').forEach((label) => {
    label.hidden = false;
    document.getElementById(label.htmlFor).classList.add('lf-picker');
  });
}

// ---- the present place, when the browser may tell it
function places() {
  if (!navigator.geolocation || !window.isSecureContext) return;
  document.querySelectorAll('[data-locate]').forEach((button) => { button.hidden = false; });
}
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-locate]');
  if (!button) return;
  navigator.geolocation.getCurrentPosition((found) => {
    const input = document.getElementById(button.dataset.locate);
    const point = `${found.coords.latitude.toFixed(6)},${found.coords.longitude.toFixed(6)}`;
    input.value = input.value ? `${input.value} (${point})` : point;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }, () => window.linli && window.linli.toast(button.dataset.refused || '', 'warning'));
});

function ready() { signatures(); pickers(); places(); }
ready();
restore();
