// Asking the server for JSON from a page that stays open for hours: a lost line, an ended session and a refusal are three
// different things, and only the caller knows what to do with what it holds. Keeps nothing, draws nothing.

/** Nobody answered, or a server that starts anew behind its proxy: ask again later. */
export class Away extends Error {}

/** The session has ended: sign in again (in another tab), then `renew()`. */
export class Expired extends Error {}

/** The server said no: `status`, and `data` as it answered (`message` in the reader's language). */
export class Refused extends Error {
  constructor(status, data) { super(data.message || String(status)); this.status = status; this.data = data; }
}

const RESTARTING = [502, 503, 504];
const token = () => document.querySelector('meta[name=csrf-token]');

/**
 * GET an address, or POST `body` to it as JSON.
 * @returns {Promise<Object>} the JSON answered
 * @throws {Away|Expired|Refused}
 */
export async function ask(address, body) {
  const headers = { Accept: 'application/json' };
  if (body !== undefined) Object.assign(headers, { 'Content-Type': 'application/json', 'X-CSRFToken': token().content });
  let answer;
  try {
    answer = await fetch(address, { method: body === undefined ? 'GET' : 'POST', headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) { throw new Away(error.message); }
  return understood(answer);
}

async function understood(answer) {
  if (RESTARTING.includes(answer.status)) throw new Away(String(answer.status));
  const json = (answer.headers.get('Content-Type') || '').includes('json');
  const data = json ? await answer.json() : {};
  // the token of an ended session is refused (400) before anybody asks who it is; a page instead of JSON is the sign-in
  if (answer.status === 401 || data.error === 'CSRFError' || (answer.redirected && !json)) throw new Expired();
  if (!answer.ok) throw new Refused(answer.status, data);
  return data;
}

/**
 * After somebody signed in again in another tab: takes over the new session's token.
 * @param {string} who the login that this page was opened for; another person's session is not taken over
 * @returns {Promise<boolean>} whether the page can go on
 */
export async function renew(who) {
  let page;
  try { page = new DOMParser().parseFromString(await (await fetch(window.location.href)).text(), 'text/html'); } catch { return false; }
  const fresh = page.querySelector('meta[name=csrf-token]'), root = page.getElementById('studio');
  if (!fresh || !root || root.dataset.me !== who) return false;
  token().content = fresh.content;
  return true;
}
