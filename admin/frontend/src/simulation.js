// Token simulation, for teaching: bpmn-js-token-simulation behind a button of ours. It speaks English only and is built from
// fixed markup, so its texts are put into the reader's language as they appear.
import TokenSimulation from 'bpmn-js-token-simulation/lib/modeler.js';
import 'bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css';

const OURS = '[class^="bts-"], [class*=" bts-"]';

const WITH_NAME = [/^(Set animation speed) = (.+)$/, /^(Focus process instance) (.+)$/];

/** A text of the simulation in the reader's language, as it is when it is a name of the diagram. */
function said(text, translate) {
  const match = WITH_NAME.map((pattern) => pattern.exec(text)).find(Boolean);
  return match ? translate(`${match[1]} {n}`, { n: match[2] }) : translate(text);
}

function sayAll(root, translate) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, text = node.nodeValue.trim();
    if (!text || node.parentElement.closest('svg, style')) continue;
    const other = said(text, translate);
    if (other !== text) node.nodeValue = node.nodeValue.replace(text, other);
  }
  for (const one of [root, ...root.querySelectorAll('[title], [aria-label]')]) {
    for (const name of ['title', 'aria-label']) {
      const text = one.getAttribute(name), other = text && said(text, translate);
      if (other && other !== text) one.setAttribute(name, other);
    }
  }
}

class Simulation {
  constructor(eventBus, canvas, translate, toggleMode) {
    this._toggle = toggleMode;
    this.active = false;
    eventBus.on('tokenSimulation.toggleMode', ({ active }) => { this.active = active; });
    const box = canvas.getContainer();
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) {
          const ours = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
          if (ours && (ours.closest(OURS) || ours.querySelector(OURS))) sayAll(ours, translate);
        }
      }
    }).observe(box.parentElement, { childList: true, subtree: true });
    eventBus.on('diagram.init', -1000, () => box.parentElement.querySelectorAll(OURS).forEach((one) => sayAll(one, translate)));
  }

  toggle() { this._toggle.toggleMode(); return this.active; }
}
Simulation.$inject = ['eventBus', 'canvas', 'translate', 'toggleMode'];

export default { __depends__: [TokenSimulation], __init__: ['linliSimulation'], linliSimulation: ['type', Simulation] };
