// Token simulation, for teaching: bpmn-js-token-simulation behind a button of ours. It speaks English only and is built from
// fixed markup, so its texts are put into the reader's language as they appear.
import TokenSimulation from 'bpmn-js-token-simulation/lib/modeler.js';
import 'bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css';

const OURS = '[class^="bts-"], [class*=" bts-"]';

function say(node, translate) {
  const text = node.nodeValue.trim();
  const said = text && translate(text.replace(/\d+/, '{n}'), { n: (text.match(/\d+/) || [''])[0] });
  if (said && said !== text) node.nodeValue = node.nodeValue.replace(text, said);
}

function sayAll(root, translate) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest('svg, style')) say(walker.currentNode, translate);
  for (const one of [root, ...root.querySelectorAll('[title]')]) {
    const title = one.getAttribute?.('title');
    if (!title) continue;
    const said = translate(title.replace(/= .*|[0-9a-f]{6,}|\d+/, '{n}'), { n: (title.match(/= .*|[0-9a-f]{6,}|\d+/) || [''])[0].replace('= ', '') });
    if (said !== title) one.setAttribute('title', said);
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
