// A diagram that came without drawing (written by hand or by a program) is laid out, so that it can be seen and edited.
import { layoutProcess } from 'bpmn-auto-layout';

/** The layout follows `incoming` and `outgoing` of the nodes, which a program may leave out: the flows say the same. */
function withEnds(xml) {
  const file = new DOMParser().parseFromString(xml, 'text/xml');
  const nodes = new Map([...file.querySelectorAll('[id]')].map((node) => [node.id, node]));
  for (const flow of [...file.getElementsByTagNameNS('*', 'sequenceFlow')]) {
    for (const [side, end] of [['outgoing', 'sourceRef'], ['incoming', 'targetRef']]) {
      const node = nodes.get(flow.getAttribute(end)?.split(':').pop());
      if (!node || [...node.children].some((child) => child.localName === side && child.textContent.trim() === flow.id)) continue;
      const named = file.createElementNS(flow.namespaceURI, flow.prefix ? `${flow.prefix}:${side}` : side);
      named.textContent = flow.id;
      node.append(named);
    }
  }
  return new XMLSerializer().serializeToString(file);
}

export async function importDrawn(viewer, xml) {
  const drawn = /BPMNShape|BPMNEdge/.test(xml) ? xml : await layoutProcess(withEnds(xml));
  return viewer.importXML(drawn);
}
