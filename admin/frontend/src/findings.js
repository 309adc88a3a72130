// The list of findings beside an editor: a click goes to the place. Findings of other files of a pack lead to their editors.

// from the least to the gravest: an element with several findings wears the gravest's colour
const LOOKS = { info: ['bg-azure-lt', '#4299e1'], warning: ['bg-yellow-lt', '#f59f00'], error: ['bg-red-lt', '#d63939'] };

/** The colour in which an editor marks the place of a finding. */
export const colour = ({ severity }) => LOOKS[severity][1];

const node = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text || '' });

function line(finding, words, go) {
  const item = document.createElement('li');
  const place = node('span', 'text-secondary small d-block', [finding.elsewhere, finding.line ? words.line.replace('{line}', finding.line) : '', finding.element].filter(Boolean).join(' · '));
  const open = finding.href ? Object.assign(document.createElement('a'), { href: finding.href }) : Object.assign(document.createElement('button'), { type: 'button' });
  open.append(document.createTextNode(finding.text), place);
  if (!finding.href) open.addEventListener('click', () => go(finding));
  item.append(node('span', `badge ${LOOKS[finding.severity][0]}`, words[finding.severity]), open);
  return item;
}

/**
 * @param {{box: HTMLElement, verdict: HTMLElement, words: Object}} where
 * @param {Array<{file, line, element, severity, text, href?, elsewhere?}>} findings errors first
 * @param {(finding) => void} go shows the place of a finding of this file
 */
export function list({ box, verdict, words }, findings, go) {
  const [errors, warnings, notes] = ['error', 'warning', 'info'].map((severity) => findings.filter((f) => f.severity === severity).length);
  const said = errors + warnings ? words.found.replace('{errors}', errors).replace('{warnings}', warnings) : words.clean;
  verdict.textContent = notes ? `${said} · ${words.notes.replace('{notes}', notes)}` : said;
  verdict.className = `badge ${errors ? 'bg-red-lt' : warnings ? 'bg-yellow-lt' : 'bg-green-lt'}`;
  box.replaceChildren(...findings.map((f) => line(f, words, go)));
}
