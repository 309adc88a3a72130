// What every page needs: Tabler (Bootstrap), htmx, and small behaviours tied to data- attributes (the content policy
// forbids inline handlers). Nothing here knows a particular screen.
import '@tabler/core/dist/css/tabler.css';
import './shell.css';
import '@tabler/core/dist/js/tabler.esm.js';
import htmx from 'htmx.org';
import './keys.js';
import './sending.js';
import './mentions.js';

window.htmx = htmx;
const text = (name) => document.body.dataset[name] || '';

// ---- toasts
export function toast(message, colour = 'primary') {
  const box = document.createElement('div');
  box.className = `toast show linli-toast border-start border-4 border-${colour}`;
  box.dataset.toast = '';
  box.innerHTML = '<div class="d-flex align-items-center"><div class="toast-body flex-fill"></div><button type="button" class="btn-close m-3" data-toast-close></button></div>';
  box.querySelector('.toast-body').textContent = message;
  document.getElementById('toasts').append(box);
  leaveSoon(box);
}
function leaveSoon(box) { setTimeout(() => box.remove(), box.classList.contains('border-danger') ? 12000 : 6000); }
document.querySelectorAll('[data-toast]').forEach(leaveSoon);

// ---- a question before a form is sent or a link followed: data-confirm="text"
let asked = null;
function ask(message, go) {
  const box = document.createElement('dialog');
  box.className = 'linli-dialog';
  box.innerHTML = '<form method="dialog"><p></p><div class="btn-list justify-content-end"><button value="no" class="btn"></button><button value="yes" class="btn btn-primary"></button></div></form>';
  box.querySelector('p').textContent = message;
  box.querySelector('[value=no]').textContent = text('textNo');
  box.querySelector('[value=yes]').textContent = text('textYes');
  box.addEventListener('close', () => { const yes = box.returnValue === 'yes'; box.remove(); if (yes) go(); });
  document.body.append(box);
  box.showModal();
}
document.addEventListener('submit', (event) => {
  const form = event.target;
  const message = (event.submitter && event.submitter.dataset.confirm) || form.dataset.confirm;
  if (!message || asked === form) { asked = null; return; }
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  ask(message, () => { asked = form; form.requestSubmit(submitter); });
}, true);
document.addEventListener('htmx:confirm', (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  ask(event.detail.question, () => event.detail.issueRequest(true));
});

// ---- a form is sent once: the button rests until the page changes
document.addEventListener('submit', (event) => {
  if (event.defaultPrevented || event.target.method === 'dialog' || event.target.hasAttribute('hx-post')) return;
  const button = event.submitter;
  if (button && event.target.method === 'post') setTimeout(() => { button.disabled = true; button.classList.add('btn-loading'); });
});
window.addEventListener('pageshow', (event) => {
  if (event.persisted) document.querySelectorAll('.btn-loading').forEach((b) => { b.disabled = false; b.classList.remove('btn-loading'); });
});

// ---- clicks
async function copy(value) {
  try { await navigator.clipboard.writeText(value); } catch {
    const area = document.createElement('textarea'); // no secure context: the old way
    area.value = value; area.style.position = 'fixed'; document.body.append(area); area.select(); document.execCommand('copy'); area.remove();
  }
  toast(text('textCopied'), 'success');
}
document.addEventListener('click', (event) => {
  const hit = (selector) => event.target.closest(selector);
  let found;
  if ((found = hit('[data-toast-close]'))) found.closest('[data-toast]').remove();
  else if ((found = hit('[data-copy]'))) copy(found.dataset.copy);
  else if (hit('[data-print]')) window.print();
  else if (hit('[data-theme-switch]')) {
    const next = document.documentElement.dataset.bsTheme === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.bsTheme = next;
    try { localStorage.setItem('linli-theme', next); } catch { /* private mode: the choice lasts for this page */ }
    document.dispatchEvent(new CustomEvent('linli:theme', { detail: next }));
  } else if ((found = hit('tr[data-href]')) && !hit('a, button, input, label, select')) window.location = found.dataset.href;
  else if ((found = hit('[data-check-all]'))) document.querySelectorAll(found.dataset.checkAll).forEach((box) => { if (box.checked !== found.checked) { box.checked = found.checked; box.dispatchEvent(new Event('change', { bubbles: true })); } });
});

// ---- selects that filter: data-auto-submit
document.addEventListener('change', (event) => { if (event.target.closest('[data-auto-submit]')) event.target.form.requestSubmit(); });

// ---- htmx: what went wrong is said, not swallowed
document.addEventListener('htmx:sendError', () => toast(text('textOffline'), 'danger'));
document.addEventListener('htmx:afterSwap', (event) => event.detail.target.querySelectorAll && event.detail.target.querySelectorAll('[data-toast]').forEach(leaveSoon));

window.linli = { toast, ask, copy };

// ---- tables that fit need no scrolling box of their own, which would keep their head from staying at the top
const fits = new ResizeObserver((seen) => seen.forEach(({ target }) => {
  target.classList.toggle('linli-fits', target.scrollWidth <= target.clientWidth);
}));
document.querySelectorAll('.table-responsive').forEach((box) => fits.observe(box));
