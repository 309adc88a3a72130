// The buttons that zoom a diagram to look at: + − and ⤢ (all of it). The page must stay scrollable under the pointer, so the wheel does not.

/** Puts the buttons into the box of a bpmn-js viewer. */
export function controls(viewer, box) {
  const bar = document.createElement('div');
  bar.className = 'linli-zoom';
  for (const [sign, step] of [['+', 1], ['−', -1], ['⤢', 0]]) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn btn-icon';
    button.textContent = sign;
    button.setAttribute('aria-label', sign);
    button.addEventListener('click', () => (step ? viewer.get('zoomScroll').stepZoom(step) : viewer.get('canvas').zoom('fit-viewport', 'auto')));
    bar.append(button);
  }
  box.append(bar);
}
