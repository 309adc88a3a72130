// Remarks: an @ and some letters open a list of people who may see the case; the one picked is named in the text and told.
// Without this file a name typed after an @ works too. Also says which files are picked.
const word = /@([^\s@]{0,20})$/;

function close(form) { const list = form.querySelector('.ld-mentions'); list.hidden = true; list.textContent = ''; }

let asked = 0;
async function offer(form, area) {
  const found = word.exec(area.value.slice(0, area.selectionStart));
  if (!found) { close(form); return; }
  const mine = (asked += 1);
  let answer;
  try { answer = await fetch(`${form.dataset.mentions}?q=${encodeURIComponent(found[1])}`, { credentials: 'same-origin' }); } catch { return; }
  if (!answer.ok || mine !== asked) return;
  const list = form.querySelector('.ld-mentions');
  list.innerHTML = await answer.text();
  list.hidden = false;
}

function pick(form, button) {
  const area = form.querySelector('textarea');
  const at = area.selectionStart;
  const before = area.value.slice(0, at).replace(word, `@${button.dataset.name} `);
  area.value = before + area.value.slice(at);
  const to = document.createElement('input');
  Object.assign(to, { type: 'hidden', name: 'to', value: button.dataset.mention });
  form.append(to);
  close(form);
  area.focus();
  area.setSelectionRange(before.length, before.length);
}

document.addEventListener('input', (event) => {
  const form = event.target.closest('form[data-mentions]');
  if (form && event.target.matches('textarea') && !event.isComposing) offer(form, event.target);
});
document.addEventListener('compositionend', (event) => {
  const form = event.target.closest('form[data-mentions]');
  if (form) offer(form, event.target);
});
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-mention]');
  if (button) { pick(button.closest('form'), button); return; }
  document.querySelectorAll('form[data-mentions]').forEach((form) => { if (!form.contains(event.target)) close(form); });
});
document.addEventListener('keydown', (event) => {
  const form = event.target.closest && event.target.closest('form[data-mentions]');
  const list = form && form.querySelector('.ld-mentions');
  if (!list || list.hidden) return;
  const all = [...list.querySelectorAll('[data-mention]')];
  const at = all.indexOf(document.activeElement);
  if (event.key === 'Escape') { close(form); form.querySelector('textarea').focus(); }
  else if (event.key === 'ArrowDown' && all.length) { event.preventDefault(); all[Math.min(all.length - 1, at + 1)].focus(); }
  else if (event.key === 'ArrowUp' && at >= 0) { event.preventDefault(); (all[at - 1] || form.querySelector('textarea')).focus(); }
});
document.addEventListener('change', (event) => {
  if (!event.target.matches('input[type=file][data-picked]')) return;
  document.querySelector(event.target.dataset.picked).textContent = [...event.target.files].map((file) => file.name).join('、');
});
