// A page as its readers will meet it, at the width of a desktop and of a phone: two frames in which the server draws the
// document on the screen. Acts on nothing.
const QUIET = 600; // milliseconds without an edit
const DESKTOP = 1280; // pixels that the wide frame believes it has; it is shown as small as there is room

/**
 * @param {HTMLElement} root #studio, with frames data-frame="wide" and data-frame="phone"
 * @param {string} address draws the posted `content`
 * @param {() => string} read the document
 */
export function openPreviews(root, address, read) {
  const frames = [...root.querySelectorAll('iframe[data-frame]')];
  const form = (frame) => { // one each: a form that is sent twice at once goes only where it was sent last
    const made = document.body.appendChild(Object.assign(document.createElement('form'), { method: 'post', action: address, target: frame.name, hidden: true }));
    for (const name of ['content', 'csrf_token']) made.append(Object.assign(document.createElement('input'), { type: 'hidden', name }));
    return made;
  };
  const forms = new Map(frames.map((frame) => [frame, form(frame)]));
  let timer;
  function send() {
    for (const [frame, one] of forms) {
      one.elements.content.value = read();
      one.elements.csrf_token.value = document.querySelector('meta[name=csrf-token]').content;
      frame.dataset.scroll = String(frame.contentWindow?.scrollY || 0);
      one.submit();
    }
  }
  for (const frame of frames) {
    frame.addEventListener('load', () => {
      frame.contentWindow.scrollTo(0, Number(frame.dataset.scroll || 0));
      root.dataset.previewed = String(Number(root.dataset.previewed || 0) + 1);
    });
  }
  const wide = frames.find((frame) => frame.dataset.frame === 'wide');
  const fit = () => {
    const scale = Math.min(1, wide.parentElement.clientWidth / DESKTOP);
    Object.assign(wide.style, { width: `${DESKTOP}px`, transform: `scale(${scale})`, height: `${wide.parentElement.clientHeight / scale}px` });
  };
  new ResizeObserver(fit).observe(wide.parentElement);
  return { draw() { clearTimeout(timer); timer = setTimeout(send, QUIET); } };
}
