// Files that are no diagram of ours, told apart before anything is drawn: too large, no XML, no BPMN, broken, another tool's. The
// message says what it is; the file itself stays as it was.

const LARGEST = 4 * 1024 * 1024; // bytes, as the engine takes them (engine/bpmn/xml.py)
const TOOLS = { 'http://camunda.org/schema/1.0/bpmn': 'Camunda 7', 'http://flowable.org/bpmn': 'Flowable', 'http://activiti.org/bpmn': 'Activiti', 'http://spiffworkflow.org/bpmn/schema/1.0/core': 'SpiffWorkflow' };

/** The file as it is, or an error in the reader's language. */
export function readable(xml, translate) {
  const size = new Blob([xml]).size;
  if (size > LARGEST) throw new Error(translate('The file has {size} MB; a diagram may have {most} MB.', { size: (size / 1048576).toFixed(1), most: LARGEST / 1048576 }));
  const start = xml.replace(/^﻿?\s*(<\?xml[^>]*\?>)?\s*(<!--[\s\S]*?-->\s*)*/, '').slice(0, 4000);
  if (!start.startsWith('<')) throw new Error(translate('This is no XML.'));
  if (!/^<([\w-]+:)?definitions\b/.test(start) || !xml.includes('http://www.omg.org/spec/BPMN/20100524/MODEL')) throw new Error(translate('This is XML, but no BPMN diagram.'));
  const wrong = new DOMParser().parseFromString(xml, 'text/xml').querySelector('parsererror'); // else what can be read of it is drawn, and saved over the rest
  if (wrong) throw new Error(translate('The XML breaks off or is wrong at line {line}.', { line: /line (\d+)/.exec(wrong.textContent)?.[1] ?? '1' }));
  return xml;
}

/** The tool whose settings a diagram carries, '' for none of those we know. */
export const toolOf = (xml) => Object.entries(TOOLS).filter(([space]) => xml.slice(0, 20000).includes(space)).map(([, tool]) => tool)[0] || '';
