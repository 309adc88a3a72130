// <div data-bpmn-viewer data-src="/definitions/ID/content" data-active="a b" data-done="c" data-trouble="d">: a diagram to look at.
// `active` is where the case stands, `done` where it has been, `trouble` where it is stuck, `missed` what no scenario visits. The bpmn.io mark stays.
import Viewer from 'bpmn-js/lib/NavigatedViewer';
import { importDrawn } from './layout.js';
import { controls } from './zoom.js';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';

const READABLE = 0.7; // of the drawn size

const list = (text) => (text || '').split(/[\s,]+/).filter(Boolean);

// A page in English shows the elements' English names (property `name_en`), where they have one.
function inPageLanguage(xml) {
  if (document.documentElement.lang !== 'en') return xml;
  const drawn = new DOMParser().parseFromString(xml, 'text/xml');
  for (const property of drawn.getElementsByTagName('*')) {
    if (property.localName !== 'property' || property.getAttribute('name') !== 'name_en') continue;
    const element = property.closest('[id][name]');
    if (element) element.setAttribute('name', property.getAttribute('value'));
  }
  return new XMLSerializer().serializeToString(drawn);
}

function mark(viewer, box) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  for (const kind of ['done', 'missed', 'trouble', 'active']) {
    for (const id of list(box.dataset[kind])) if (registry.get(id)) canvas.addMarker(id, `linli-${kind}`);
  }
}

// A wide diagram shrunk to fit cannot be read: then show the place where the case stands. The ⤢ button shows it all.
function settle(viewer, box) {
  const canvas = viewer.get('canvas');
  canvas.zoom('fit-viewport', 'auto');
  const here = list(box.dataset.trouble).concat(list(box.dataset.active)).find((id) => viewer.get('elementRegistry').get(id));
  if (canvas.zoom() > READABLE || !here) return;
  const { x, y, width, height } = viewer.get('elementRegistry').get(here);
  const size = canvas.getSize();
  const wide = size.width / READABLE, high = size.height / READABLE;
  canvas.viewbox({ x: x + width / 2 - wide / 2, y: y + height / 2 - high / 2, width: wide, height: high });
}

export async function show(box) {
  if (box.dataset.ready) return;
  box.dataset.ready = 'loading';
  const answer = await fetch(box.dataset.src, { headers: { Accept: 'application/xml' } });
  if (!answer.ok) { box.textContent = box.dataset.missing || String(answer.status); box.dataset.ready = 'failed'; return; }
  const viewer = new Viewer({ container: box });
  await importDrawn(viewer, inPageLanguage(await answer.text()));
  settle(viewer, box);
  viewer.get('zoomScroll').toggle(box.dataset.scroll === 'on'); // a page must stay scrollable under the pointer
  mark(viewer, box);
  controls(viewer, box);
  box.dataset.ready = 'yes';
}

const showAll = (root) => root.querySelectorAll('[data-bpmn-viewer]').forEach(show);
showAll(document);
document.addEventListener('htmx:afterSwap', (event) => showAll(event.detail.target));
