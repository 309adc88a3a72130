// Posts on a poor line: a form that carries an idempotency key (`_key`) is sent by fetch, and sent again with the same key
// until an answer comes, so that what reached the server and lost its answer on the way back counts once. Nothing is kept
// beyond the page: while it waits, what was typed and photographed stays in the form.
// The server answers 204 and X-Linli-Location where a browser would have been redirected (admin/widgets/sending.py).
const nonce = (document.currentScript || {}).nonce || '';
const PAUSES = [1, 2, 4, 8, 15, 30]; // seconds; the last one for ever
const AGAIN = [502, 503, 504]; // a server that starts anew, seen through its proxy
const said = (name) => document.body.dataset[name] || '';

function asksForIt(form, event) {
  const method = (event.submitter && event.submitter.getAttribute('formmethod')) || form.getAttribute('method') || '';
  return !event.defaultPrevented && method.toLowerCase() === 'post' && !form.hasAttribute('hx-post')
    && form.querySelector('input[name=_key]') && !form.target && !form.dataset.plain;
}

function bar() {
  let box = document.getElementById('linli-sending');
  if (box) return box;
  box = document.createElement('div');
  box.id = 'linli-sending';
  box.className = 'linli-sending';
  box.setAttribute('role', 'status');
  box.innerHTML = '<span></span><button type="button" class="btn btn-sm"></button>';
  box.querySelector('span').textContent = said('textWaiting');
  box.querySelector('button').textContent = said('textRetry');
  document.body.append(box);
  return box;
}

// Until some seconds have passed, the line is back, or somebody presses the button.
function pause(seconds) {
  const box = bar();
  return new Promise((go) => {
    const timer = setTimeout(done, seconds * 1000);
    function done() { clearTimeout(timer); window.removeEventListener('online', done); box.querySelector('button').removeEventListener('click', done); go(); }
    window.addEventListener('online', done);
    box.querySelector('button').addEventListener('click', done);
  });
}

async function reach(address, body) {
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await fetch(address, { method: 'POST', body, headers: { 'X-Linli-Send': '1' }, credentials: 'same-origin' });
      if (!AGAIN.includes(answer.status)) return answer;
    } catch { /* no line: again below */ }
    await pause(PAUSES[Math.min(tries, PAUSES.length - 1)]);
  }
}

// The page that answers takes this one's place, as after an ordinary post.
function show(page, address) {
  const theirs = /<script nonce="([^"]+)"/.exec(page);
  history.replaceState(null, '', address);
  document.open();
  document.write(theirs && nonce ? page.split(`nonce="${theirs[1]}"`).join(`nonce="${nonce}"`) : page);
  document.close();
}

// A server that is sent too much hangs up, which looks like a line that broke: too much is said here.
function tooLarge(body) {
  const limit = Number(document.body.dataset.uploadLimit || 0);
  const size = [...body.values()].reduce((sum, value) => sum + (value instanceof File ? value.size : 0), 0) / 1048576;
  if (!limit || size <= limit) return false;
  window.linli.toast(said('textLarge').replace('{size}', size.toFixed(1)).replace('{limit}', limit), 'danger');
  return true;
}

async function send(form, button) {
  const body = new FormData(form, button);
  if (tooLarge(body)) return;
  const address = (button && button.hasAttribute('formaction') && button.formAction) || form.getAttribute('action') || window.location.href;
  form.dataset.sending = '1';
  if (button) { button.disabled = true; button.classList.add('btn-loading'); }
  const answer = await reach(address, body);
  const box = document.getElementById('linli-sending');
  if (box) box.remove();
  const where = answer.headers.get('X-Linli-Location');
  if (where) { window.location.assign(where); return; }
  show(await answer.text(), answer.url);
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!asksForIt(form, event)) return;
  event.preventDefault();
  if (!form.dataset.sending) send(form, event.submitter);
});
window.addEventListener('pageshow', (event) => { if (event.persisted) document.querySelectorAll('[data-sending]').forEach((form) => { delete form.dataset.sending; }); });
