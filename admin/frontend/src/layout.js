// A diagram that came without drawing (written by hand or by a program) is laid out, so that it can be seen and edited.
import { layoutProcess } from 'bpmn-auto-layout';

export async function importDrawn(viewer, xml) {
  const drawn = /BPMNShape|BPMNEdge/.test(xml) ? xml : await layoutProcess(xml);
  return viewer.importXML(drawn);
}
