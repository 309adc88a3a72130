// The editor's texts in the reader's language: bpmn-js-i18n, completed and corrected by zh*.js. English is the source.
import zn from 'bpmn-js-i18n/translations/zn.js';
import { sayWith } from './sayto.js';
import zh from './zh.js';
import zhheads from './zhheads.js';
import zhmore from './zhmore.js';
import zhours from './zhours.js';

const chinese = document.documentElement.lang.startsWith('zh');
const texts = { ...zn, ...zhheads, ...zhmore, ...zh, ...zhours };
for (const [key, text] of Object.entries(texts)) texts[key.toLowerCase()] ??= text; // the panel's head says User Task, the menu User task
const said = (text) => (chinese && (texts[text] || texts[text.toLowerCase()])) || text;

export function translate(template, replacements = {}) {
  return said(template).replace(/{([^}]+)}/g, (_, key) => (key in replacements ? said(String(replacements[key])) : `{${key}}`));
}

sayWith(translate);

export default { translate: ['value', translate] };
