// The form as people will meet it: a frame as wide as a phone in which the server draws the file on the screen, with the same
// controls, conditions and checks. After an edit only the fields are drawn anew; what was typed to try it stays.
const QUIET = 500; // milliseconds without an edit

/**
 * @param {HTMLElement} root #studio with data-preview (the frame's page) and data-redraw
 * @param {() => string} read the form as JSON
 */
export function openPreview(root, read) {
  const frame = root.querySelector('[data-studio=preview]');
  let timer, ticket, language = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';

  const form = () => frame.contentDocument?.querySelector('form[data-step]');
  function fill() {
    const found = form();
    if (!found) return null;
    found.elements._schema.value = read();
    found.elements._language.value = language;
    return found;
  }
  async function draw() {
    const found = fill(), mine = (ticket = {});
    if (!found) return;
    const body = new FormData(found);
    body.set('csrf_token', document.querySelector('meta[name=csrf-token]').content);
    for (const name of [...body.keys()]) if (name.startsWith('_file.')) body.delete(name); // an edit stores no file again
    let answer;
    try { answer = await fetch(root.dataset.redraw, { method: 'POST', body, headers: { 'HX-Request': 'true' } }); } catch { return; } // the workbench says that the line is lost
    if (mine !== ticket || !answer.ok || answer.redirected) return;
    const page = frame.contentDocument, place = page.getElementById('form-fields'), html = await answer.text();
    if (!place || mine !== ticket) return;
    place.outerHTML = html; // parsed in the frame: htmx there knows only elements of its own window
    frame.contentWindow.htmx.process(page.getElementById('form-fields'));
    page.dispatchEvent(new CustomEvent('htmx:afterSettle'));
  }
  const soon = () => { clearTimeout(timer); timer = setTimeout(draw, QUIET); };
  frame.addEventListener('load', () => { if (form()?.elements._schema.value === '') soon(); }); // what trying to submit answered stays
  return {
    draw: soon,
    again() { frame.contentWindow.location.replace(root.dataset.preview); },
    speak(chosen) {
      language = chosen;
      root.querySelectorAll('[data-language]').forEach((button) => button.classList.toggle('active', button.dataset.language === chosen));
      draw();
    },
  };
}
