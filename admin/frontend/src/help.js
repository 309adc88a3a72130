// The keys of the diagram editor, in a dialog: what the mouse does slowly. Opened by its button and by "?".
import { translate } from './speech.js';

const KEYS = [
  ['Ctrl + Z / Ctrl + Y', 'Undo / redo'], ['Ctrl + C / Ctrl + V', 'Copy / paste, also into another diagram or tab'], ['Ctrl + D', 'Duplicate'], ['Ctrl + A', 'Select everything'],
  ['Ctrl + F', 'Search in the diagram'], ['Delete', 'Delete what is selected'], ['E', 'Write the name'], ['N', 'Create an element'], ['A', 'Append an element'], ['R', 'Change the kind of element'],
  ['H / L / S / C', 'Hand, lasso, space and connect tools'], ['← ↑ → ↓', 'Move what is selected'], ['Ctrl + ← ↑ → ↓', 'Move the view'], ['Ctrl + + / −', 'Zoom'], ['Ctrl + 0', 'Zoom to 100 %'], ['Ctrl + S', 'Save now'], ['T', 'Token simulation'], ['?', 'These keys'],
];

export function showKeys() {
  const box = document.createElement('dialog');
  box.className = 'linli-dialog linli-keys';
  const title = Object.assign(document.createElement('h2'), { className: 'h3', textContent: translate('Keys of the editor') });
  const list = document.createElement('dl');
  for (const [keys, deed] of KEYS) list.append(Object.assign(document.createElement('dt'), { textContent: keys }), Object.assign(document.createElement('dd'), { textContent: translate(deed) }));
  const close = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-primary', textContent: translate('Close') });
  close.addEventListener('click', () => box.close());
  box.addEventListener('close', () => box.remove());
  box.append(title, list, close);
  document.body.append(box);
  box.showModal();
}

const typing = (target) => target.isContentEditable || target.matches('input, select, textarea');
document.addEventListener('keydown', (event) => {
  if (event.key === '?' && !typing(event.target) && !document.querySelector('dialog[open]')) { event.preventDefault(); showKeys(); }
});
