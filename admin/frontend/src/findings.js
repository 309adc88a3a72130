// The list of findings beside an editor: a click goes to the place. Findings of other files of a pack lead to their editors.

const node = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text || '' });

function line(finding, words, go) {
  const item = document.createElement('li');
  const error = finding.severity === 'error';
  const place = node('span', 'text-secondary small d-block', [finding.elsewhere, finding.line ? words.line.replace('{line}', finding.line) : '', finding.element].filter(Boolean).join(' · '));
  const open = finding.href ? Object.assign(document.createElement('a'), { href: finding.href }) : Object.assign(document.createElement('button'), { type: 'button' });
  open.append(document.createTextNode(finding.text), place);
  if (!finding.href) open.addEventListener('click', () => go(finding));
  item.append(node('span', `badge ${error ? 'bg-red-lt' : 'bg-yellow-lt'}`, error ? words.error : words.warning), open);
  return item;
}

/**
 * @param {{box: HTMLElement, verdict: HTMLElement, words: Object}} where
 * @param {Array<{file, line, element, severity, text, href?, elsewhere?}>} findings errors first
 * @param {(finding) => void} go shows the place of a finding of this file
 */
export function list({ box, verdict, words }, findings, go) {
  const errors = findings.filter((f) => f.severity === 'error').length;
  verdict.textContent = findings.length ? words.found.replace('{errors}', errors).replace('{warnings}', findings.length - errors) : words.clean;
  verdict.className = `badge ${errors ? 'bg-red-lt' : findings.length ? 'bg-yellow-lt' : 'bg-green-lt'}`;
  box.replaceChildren(...findings.map((f) => line(f, words, go)));
}
