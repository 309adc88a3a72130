// Adding a field without dragging: a click, a tap, Enter or Space on a component of the palette puts it at the end of the form,
// or of the group or list that is selected or whose field is; it is selected then, and a screen reader hears where it went.
// Dragging stays form-js's.
import { chinese, sayer } from './jsxsay.js';
import { NAMES } from './formzh.js';

const CONTAINERS = ['group', 'dynamiclist'];
const FAR = 8; // pixels: what moved further was dragged, and came back
const name = sayer(NAMES);

/** Where a new field goes: the group or list that is selected or holds what is, else the form itself. */
function target(editor) {
  const fields = editor.get('formFieldRegistry');
  let chosen = editor.get('selection').get();
  while (chosen && !CONTAINERS.includes(chosen.type)) chosen = fields.get(chosen._parent);
  return chosen || editor._getState().schema;
}

function said(label, into) {
  const box = into.label || name({ group: 'Group', dynamiclist: 'Dynamic list' }[into.type] || '');
  if (into.type === 'default') return chinese ? `已把“${label}”加到最后` : `${label} is added at the end`;
  return chinese ? `已把“${label}”加到“${box}”里` : `${label} is added to ${box}`;
}

/** @param {HTMLElement} palette where form-js draws its components; `canvas`: where the form, `editor`: form-js's */
export function adding(palette, canvas, editor) {
  canvas.addEventListener('click', (event) => { if (!event.target.closest('.fjs-element')) editor.get('selection').clear(); }); // beside the form: the next goes to its end

  const status = palette.appendChild(document.createElement('div'));
  status.className = 'visually-hidden';
  status.setAttribute('role', 'status');
  let pressed = null;
  palette.addEventListener('pointerdown', (event) => { pressed = [event.clientX, event.clientY]; }, true);
  palette.addEventListener('keydown', (event) => {
    pressed = null;
    if (event.key === 'Enter' && event.target.closest('.fjs-palette-field')) event.stopPropagation(); // form-js adds by itself then, and the click that follows would add another
  }, true);
  palette.addEventListener('click', (event) => {
    const entry = event.target.closest('.fjs-palette-field');
    if (!entry || (pressed && Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > FAR)) return;
    const into = target(editor), row = editor.get('formLayouter').nextRowId();
    const field = editor.get('modeling').addFormField({ type: entry.dataset.fieldType, _parent: into.id, layout: { row, columns: null } }, into, into.components.length);
    editor.get('selection').set(field);
    status.textContent = said(entry.textContent.trim(), into);
  });
}
