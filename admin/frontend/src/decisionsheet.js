// A decision table from a spreadsheet: the server reads it, the dialog shows what would come or which cell is wrong, and only then
// does it take the place of the table on the screen. And out to one.
import { Refused } from './talk.js';

const make = (tag, given = {}, ...children) => { const made = Object.assign(document.createElement(tag), given); made.append(...children); return made; };

async function send(address, body) {
  body.set('csrf_token', document.querySelector('meta[name=csrf-token]').content);
  const answer = await fetch(address, { method: 'POST', body, headers: { Accept: 'application/json' } });
  const data = (answer.headers.get('Content-Type') || '').includes('json') ? await answer.json() : {};
  if (!answer.ok) throw new Refused(answer.status, data);
  return data;
}

function table(found) {
  const head = make('tr', {}, make('th', { textContent: '#' }), ...found.columns.map((each) => make('th', { className: `linli-sheet-${each.kind}` }, each.label, make('code', { className: 'd-block small', textContent: each.name }))));
  const rows = found.rules.map((rule, n) => make('tr', {}, make('td', { textContent: n + 1 }), ...rule.map((cell) => make('td', { textContent: cell }))));
  return make('table', { className: 'table table-sm' }, make('thead', {}, head), make('tbody', {}, ...rows));
}

/**
 * Buttons of the bar.
 * @param {HTMLElement} root #studio with data-fromsheet and data-tosheet; a dialog `sheet` in it
 */
export function openSheet(root, words, { read, decision, load }) {
  const dialog = root.querySelector('[data-studio=sheet]'), file = dialog.querySelector('input[type=file]'), shown = dialog.querySelector('[data-studio=sheet-shown]');
  const use = dialog.querySelector('[data-studio-do=useSheet]');
  let ready = '';

  async function look() {
    use.disabled = true;
    ready = '';
    if (!file.files.length) return;
    const body = new FormData();
    body.set('sheet', file.files[0]);
    body.set('content', await read());
    body.set('decision', decision() || '');
    let found;
    try { found = await send(root.dataset.fromsheet, body); } catch (error) { shown.replaceChildren(make('div', { className: 'alert alert-danger', textContent: error.message })); return; }
    const troubles = found.troubles.map((each) => make('li', {}, make('code', { textContent: each.cell }), ` ${each.text}`));
    shown.replaceChildren(
      ...(troubles.length ? [make('div', { className: 'alert alert-danger', role: 'alert' }, make('strong', { textContent: words.sheet_wrong }), make('ul', { className: 'mb-0' }, ...troubles))] : []),
      ...(found.rules.length ? [make('p', { className: 'mb-1', textContent: words.sheet_found.replace('{n}', found.rules.length).replace('{hit}', found.hit) }), make('div', { className: 'table-responsive linli-sheet-table' }, table(found))] : []));
    ready = found.content || '';
    use.disabled = !ready;
  }
  file.addEventListener('change', look);
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });

  return {
    sheet() { file.value = ''; shown.replaceChildren(); use.disabled = true; dialog.showModal(); },
    closeSheet: () => dialog.close(),
    async useSheet(bench) {
      dialog.close();
      await load(ready);
      bench.edited();
      bench.toast(words.sheet_used, 'success');
    },
    async toSheet() {
      const form = make('form', { method: 'post', action: root.dataset.tosheet, hidden: true });
      const given = { csrf_token: document.querySelector('meta[name=csrf-token]').content, content: await read(), decision: decision() || '' };
      for (const [name, value] of Object.entries(given)) form.append(make('input', { type: 'hidden', name, value }));
      document.body.append(form);
      form.submit(); // the answer is a file: the page stays
      form.remove();
    },
  };
}
