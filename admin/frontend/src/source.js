// A file as plain text: what no other editor is for, and what another editor cannot read.
import { openWorkbench } from './workbench.js';

const area = document.querySelector('[data-studio=source]');

openWorkbench({
  async load(text) { area.value = text; },
  read: () => area.value,
  changed: (callback) => area.addEventListener('input', callback),
  go(finding) {
    const lines = area.value.split('\n');
    const from = lines.slice(0, Math.max(0, finding.line - 1)).reduce((n, l) => n + l.length + 1, 0);
    area.focus();
    area.setSelectionRange(from, from + (lines[finding.line - 1] || '').length);
    area.scrollTop = Math.max(0, (finding.line - 4) * parseFloat(getComputedStyle(area).lineHeight));
  },
});
