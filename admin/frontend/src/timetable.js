// The helper that writes a timer's timetable from plain choices. The server draws the choices, the line they give and the next
// ten times (admin/studio/starts.py); each change asks for them anew. Any page of the studio may open it:
//
//   const chosen = await openTimetable({ line, calendar, words })   -> {line, calendar, said}, or null when it was closed
//     line, calendar    what there is, read back;  words {title, use, close}: texts of a dialog made here
import './timetable.css';

const HELPER = '/starts/helper';

/** Keeps a helper inside `box` up to date with its choices. */
export function follow(box, drawn = () => {}) {
  box.addEventListener('submit', (event) => event.preventDefault());
  box.addEventListener('change', async () => {
    const form = box.querySelector('[data-timetable]');
    const focus = document.activeElement?.name, value = document.activeElement?.value;
    await fill(box, form.getAttribute('action'), new URLSearchParams(new FormData(form)));
    [...box.querySelectorAll('[name]')].find((one) => one.name === focus && (one.type !== 'checkbox' || one.value === value))?.focus();
    drawn(box.querySelector('[data-timetable]').dataset);
  });
}

async function fill(box, address, asked) {
  const answer = await fetch(`${address}?${asked}`, { headers: { 'HX-Request': 'true' } });
  if (answer.ok) box.querySelector('[data-timetable]') ? box.querySelector('[data-timetable]').replaceWith(document.createRange().createContextualFragment(await answer.text())) : (box.innerHTML = await answer.text());
}

function made(words) {
  const dialog = document.createElement('dialog');
  dialog.className = 'linli-dialog';
  dialog.innerHTML = '<h2 class="h3"></h2><div data-timetable-body></div><div class="btn-list justify-content-end mt-3"><button type="button" class="btn" data-timetable-close></button><button type="button" class="btn btn-primary" data-timetable-use></button></div>';
  dialog.querySelector('h2').textContent = words.title;
  dialog.querySelector('[data-timetable-close]').textContent = words.close;
  dialog.querySelector('[data-timetable-use]').textContent = words.use;
  dialog.addEventListener('close', () => dialog.remove());
  return document.body.appendChild(dialog);
}

/** @returns {Promise<{line: string, calendar: string, said: string}|null>} */
export async function openTimetable({ line = '', calendar = '', words, dialog = made(words) }) {
  const box = dialog.querySelector('[data-timetable-body]');
  box.replaceChildren();
  await fill(box, dialog.dataset.helper || HELPER, new URLSearchParams({ line, calendar }));
  if (!dialog.dataset.followed) follow(box);
  dialog.dataset.followed = 'yes';
  dialog.showModal();
  return new Promise((answer) => {
    let chosen = null;
    dialog.querySelector('[data-timetable-use]').onclick = () => { const { line: text, calendar: days, said } = box.querySelector('[data-timetable]').dataset; chosen = { line: text, calendar: days, said }; dialog.close(); };
    dialog.querySelector('[data-timetable-close]').onclick = () => dialog.close();
    dialog.addEventListener('close', () => answer(chosen), { once: true });
  });
}
