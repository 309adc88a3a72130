// The helper that writes a timer's timetable from plain choices. The server draws the choices, the line they give and the next
// ten times (admin/studio/starts.py); each change asks for them anew. Any page of the studio may open it:
//
//   const chosen = await openTimetable({ line, calendar, words })   -> {line, calendar, said}, or null when it was closed
//     line, calendar    what there is, read back;  words {title, use, close, away}: texts of a dialog made here; `away`
//                       is said when the server does not answer (a dialog or page of the server's brings it as data-away)
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
  const there = box.querySelector('[data-timetable]'), drawn = await answered(address, asked);
  box.querySelector('[data-timetable-trouble]')?.remove();
  if (!drawn.querySelector('[data-timetable]')) box.prepend(trouble(box));
  else if (there) there.replaceWith(drawn);
  else box.replaceChildren(drawn);
}

/** The choices as the server draws them; something without choices when it refuses, is away, or asks who is there. */
async function answered(address, asked) {
  let text = '';
  try { text = await (await fetch(`${address}?${asked}`, { headers: { 'HX-Request': 'true' } })).text(); } catch { /* nobody answered: `fill` says so */ }
  return document.createRange().createContextualFragment(text);
}

/** What is said instead of the choices; those that are there stay. */
function trouble(box) {
  const said = document.createElement('p');
  said.className = 'alert alert-warning';
  said.dataset.timetableTrouble = '';
  said.setAttribute('role', 'alert');
  said.textContent = box.closest('[data-away]').dataset.away;
  return said;
}

function made(words) {
  const dialog = document.createElement('dialog');
  dialog.className = 'linli-dialog';
  dialog.innerHTML = '<h2 class="h3"></h2><div data-timetable-body></div><div class="btn-list justify-content-end mt-3"><button type="button" class="btn" data-timetable-close></button><button type="button" class="btn btn-primary" data-timetable-use></button></div>';
  dialog.querySelector('h2').textContent = words.title;
  dialog.setAttribute('aria-label', words.title);
  dialog.dataset.away = words.away;
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
    dialog.querySelector('[data-timetable-use]').onclick = () => {
      const drawn = box.querySelector('[data-timetable]');
      if (drawn) chosen = { line: drawn.dataset.line, calendar: drawn.dataset.calendar, said: drawn.dataset.said };
      dialog.close();
    };
    dialog.querySelector('[data-timetable-close]').onclick = () => dialog.close();
    dialog.addEventListener('close', () => answer(chosen), { once: true });
  });
}
