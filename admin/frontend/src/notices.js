// A notice above an editor: one sentence and what one can do about it. One at a time; a new one takes its place.

/**
 * @param {HTMLElement} box
 * @param {string} text
 * @param {Array<[string, (() => void)|string]>} [choices] label and act, or label and an address that opens in another tab
 */
export function notice(box, text, choices = [], colour = 'warning') {
  box.className = `alert alert-${colour} m-0 d-flex flex-wrap gap-2 align-items-center`;
  box.replaceChildren(Object.assign(document.createElement('span'), { className: 'flex-fill', textContent: text }));
  for (const [label, act] of choices) {
    const link = typeof act === 'string';
    const button = document.createElement(link ? 'a' : 'button');
    Object.assign(button, { className: 'btn', textContent: label }, link ? { href: act, target: '_blank' } : { type: 'button' });
    if (!link) button.addEventListener('click', act);
    box.append(button);
  }
  box.hidden = false;
}

export function clear(box) { box.hidden = true; box.replaceChildren(); }
