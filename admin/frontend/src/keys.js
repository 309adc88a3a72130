// Lists by keyboard: j and k move, Enter opens (the row's link has the focus), x ticks, c claims, / searches, ? tells.
// Nothing happens while somebody types; whoever needs these keys for something else turns them off in the help.
const OFF = 'linli-keys-off';
const off = () => { try { return localStorage.getItem(OFF) === '1'; } catch { return false; } };
const rows = () => [...document.querySelectorAll('.linli-table tr[data-href]')].filter((row) => row.offsetParent);
const here = () => document.querySelector('.linli-table tr.linli-here');

function go(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(here());
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
  all.forEach((row) => row.classList.toggle('linli-here', row === next));
  const link = next.querySelector('.linli-main a') || next.querySelector('a');
  if (link) link.focus({ preventScroll: true });
  next.scrollIntoView({ block: 'nearest' });
}

export function help() {
  const box = document.getElementById('keys-help');
  if (!box || box.open) return;
  const choice = box.querySelector('[data-keys-on]');
  choice.checked = !off();
  box.showModal();
}

const deeds = {
  j: () => go(1),
  k: () => go(-1),
  x: () => { const box = here() && here().querySelector('[type=checkbox]'); if (box) box.click(); },
  c: () => { const button = here() && here().querySelector('[data-key-claim]'); if (button) button.click(); },
  '/': () => { const box = document.querySelector('[data-key-search], .linli-search input'); if (box) { box.focus(); box.select(); } },
};
const typing = (target) => target.isContentEditable || (target.matches('input:not([type=checkbox]):not([type=radio]), select, textarea'));

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (document.querySelector('dialog[open]') || document.querySelector('[data-studio]')) return;
  if (event.key === '?') { event.preventDefault(); help(); return; }
  const deed = !off() && deeds[event.key];
  if (deed) { event.preventDefault(); deed(); }
});
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-keys-help]')) help();
  if (event.target.closest('[data-keys-close]')) document.getElementById('keys-help').close();
});
document.addEventListener('change', (event) => {
  if (!event.target.matches('[data-keys-on]')) return;
  try { localStorage.setItem(OFF, event.target.checked ? '' : '1'); } catch { /* private mode: until the page is left */ }
});

// ---- several rows at once: the bar of a list shows how many are ticked
function ticked() {
  const bar = document.querySelector('[data-bulk]');
  if (!bar) return;
  const many = document.querySelectorAll(`[form="${bar.id}"][type=checkbox]:checked`).length;
  bar.hidden = !many;
  bar.querySelector('[data-bulk-count]').textContent = many;
}
document.addEventListener('change', (event) => { if (event.target.matches('[type=checkbox]')) ticked(); });
document.addEventListener('htmx:afterSettle', ticked);
window.addEventListener('pageshow', ticked);
