// <div data-differ data-before="address" data-after="address"> with [data-side=before] and [data-side=after]: two diagrams beside each
// other, what differs in colours, moved and zoomed together. A button [data-element=ID] of the same section shows the element on
// whichever side has it. What differs is bpmn-js-differ's to say; the words above the drawings are the server's.
import Viewer from 'bpmn-js/lib/NavigatedViewer';
import { diff } from 'bpmn-js-differ';
import { importDrawn } from './layout.js';
import { controls } from './zoom.js';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './differences.css';

const SIDES = ['before', 'after'];

/** Which ids are coloured how, on each side; `told`: those that the words above name (settings which bpmn-js does not know). */
function colours(result, told) {
  const { _added, _removed, _changed, _layoutChanged } = result;
  const changed = new Set([...Object.keys(_changed), ...told.filter((id) => !_added[id] && !_removed[id])]);
  const both = { changed: [...changed], moved: Object.keys(_layoutChanged).filter((id) => !changed.has(id)) };
  return { before: { removed: Object.keys(_removed), ...both }, after: { added: Object.keys(_added), ...both } };
}

function paint(viewer, kinds) {
  const canvas = viewer.get('canvas'), registry = viewer.get('elementRegistry');
  for (const [kind, ids] of Object.entries(kinds)) {
    for (const id of ids) if (registry.get(id)) canvas.addMarker(id, `linli-is-${kind}`);
  }
}

/** What is moved or zoomed on one side moves on the other. */
function together(viewers) {
  let following = false;
  for (const one of viewers) {
    one.on('canvas.viewbox.changed', ({ viewbox: { x, y, width, height } }) => {
      if (following) return;
      following = true;
      for (const other of viewers) if (other !== one) other.get('canvas').viewbox({ x, y, width, height });
      following = false;
    });
  }
}

async function open(box, side) {
  const place = box.querySelector(`[data-side=${side}]`);
  if (!place) return null;
  const answer = await fetch(box.dataset[side], { headers: { Accept: 'application/xml' } });
  if (!answer.ok) { place.textContent = box.dataset.missing; return null; }
  const viewer = new Viewer({ container: place });
  try { await importDrawn(viewer, await answer.text()); } catch (error) {
    viewer.destroy();
    place.textContent = `${box.dataset.missing} ${error.message}`;
    return null;
  }
  viewer.get('zoomScroll').toggle(false); // a page must stay scrollable under the pointer
  viewer.get('canvas').zoom('fit-viewport', 'auto');
  controls(viewer, place);
  return viewer;
}

function show(viewers, id) {
  for (const viewer of viewers) {
    const element = viewer.get('elementRegistry').get(id);
    if (!element) continue;
    viewer.get('canvas').scrollToElement(element);
    viewer.get('selection').select(element);
    return;
  }
}

async function compare(box) {
  const opened = await Promise.all(SIDES.map((side) => open(box, side)));
  const viewers = opened.filter(Boolean), buttons = box.closest('section').querySelectorAll('[data-element]');
  if (viewers.length === 2) {
    const painted = colours(diff(...opened.map((viewer) => viewer.getDefinitions())), [...buttons].map((one) => one.dataset.element));
    SIDES.forEach((side, index) => paint(opened[index], painted[side]));
    together(viewers);
  }
  buttons.forEach((button) => {
    button.addEventListener('click', () => { box.scrollIntoView({ block: 'nearest' }); show([...viewers].reverse(), button.dataset.element); });
  });
  box.dataset.ready = viewers.length ? 'yes' : 'failed';
}

document.querySelectorAll('[data-differ]').forEach(compare);
