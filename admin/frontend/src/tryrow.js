// Tries the decision on the screen: asks the server what it wants to know, sends the answers with the file as it stands (nothing
// needs to be published), shows the result and lights the rules that fired.
import { ask } from './talk.js';

const QUIET = 700; // milliseconds without an edit before the inputs are asked for again

const make = (tag, given = {}, ...children) => { const made = Object.assign(document.createElement(tag), given); made.append(...children); return made; };

/** One input by its type; what was typed before stays. */
function control(asked, typed, words) {
  const id = `linli-try-${asked.name.replace(/\W/g, '_')}`;
  let box;
  if (asked.type === 'boolean') {
    box = make('select', { className: 'form-select' }, ...[['', words.unset], ['true', words.yes], ['false', words.no]].map(([value, text]) => make('option', { value, textContent: text })));
  } else {
    box = make('input', { className: 'form-control', type: { date: 'date', time: 'time', dateTime: 'datetime-local' }[asked.type] || 'text', autocomplete: 'off', placeholder: asked.type ? '' : words.feel });
    if (asked.type === 'number') box.inputMode = 'decimal';
  }
  Object.assign(box, { id, name: asked.name, value: typed ?? '' });
  box.dataset.type = asked.type;
  const parts = [make('label', { className: 'form-label mb-1', htmlFor: id, textContent: asked.label, title: asked.name }), box];
  if (asked.choices.length && box.tagName === 'INPUT') {
    box.setAttribute('list', `${id}-list`);
    parts.push(make('datalist', { id: `${id}-list` }, ...asked.choices.map((value) => make('option', { value }))));
  }
  return make('div', { className: 'linli-try-input' }, ...parts);
}

/**
 * @param {HTMLElement} root #studio with data-inputs and data-decide
 * @param {{read: () => Promise<string>, decision: () => string}} about
 */
export function openTry(root, words, { read, decision }) {
  const $ = (name) => root.querySelector(`[data-studio="${name}"]`);
  const lights = document.head.appendChild(document.createElement('style'));
  let timer, shown = '';

  const typed = () => Object.fromEntries([...$('inputs').querySelectorAll('[name]')].map((box) => [box.name, box.value]));
  function dark() { lights.textContent = ''; $('result').replaceChildren(); $('result').className = 'linli-try-result'; }

  async function inputs() {
    const id = decision();
    if (!id) { $('inputs').replaceChildren(); return; }
    let answer;
    try { answer = await ask(root.dataset.inputs, { content: await read(), decision: id }); } catch { return; } // a file that cannot be read has a finding
    const form = JSON.stringify([id, answer.inputs]);
    if (form === shown) return;
    shown = form;
    const kept = typed();
    $('inputs').replaceChildren(...answer.inputs.map((asked) => control(asked, kept[asked.name], words)));
    if (!answer.inputs.length) $('inputs').append(make('span', { className: 'text-secondary', textContent: words.no_inputs }));
  }

  function light(fired) {
    lights.textContent = fired.map(({ rule }) => `.linli-dmn td[data-row-id="${CSS.escape(rule)}"] { background: #d3f9d8 !important; box-shadow: inset 0 2px 0 #2fb344, inset 0 -2px 0 #2fb344; }`).join('\n');
    const first = fired.find(({ decision: of }) => of === decision());
    root.querySelector(`.linli-dmn [data-row-id="${CSS.escape(first?.rule || '-')}"]`)?.scrollIntoView({ block: 'nearest' });
  }

  async function run() {
    dark();
    const answer = await ask(root.dataset.decide, { content: await read(), decision: decision(), inputs: typed() });
    const box = $('result');
    $('inputs').querySelectorAll('[name]').forEach((each) => { each.classList.toggle('is-invalid', each.name in (answer.wrong || {})); each.title = answer.wrong?.[each.name] || ''; });
    if (answer.problem) { box.classList.add('bad'); box.textContent = [answer.problem, ...Object.values(answer.wrong || {})].join(' '); return; }
    const rules = answer.fired.map((each) => words.rule_n.replace('{decision}', each.name).replace('{n}', each.number));
    box.classList.add('good');
    box.append(make('strong', { textContent: `${words.result} ${answer.words}` }), make('span', { className: 'text-secondary ms-2', textContent: rules.length ? rules.join('、') : answer.table ? words.no_rule : '' }));
    light(answer.fired);
  }
  $('inputs').addEventListener('keydown', (event) => { if (event.key === 'Enter') { event.preventDefault(); root.querySelector('[data-studio-do=try]').click(); } });
  return {
    run,
    decision() { clearTimeout(timer); timer = setTimeout(inputs, 50); },
    stale() { dark(); clearTimeout(timer); timer = setTimeout(inputs, QUIET); },
  };
}
