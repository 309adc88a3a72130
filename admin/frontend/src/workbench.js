// The shell of every editor in the studio (diagram, form, decision, register, page, text): auto-save with a revision, who was
// faster, a lost line, an ended session, findings whose click selects, the status line, download. An editor brings only itself:
//
//   openWorkbench({ load, read, changed, go, mark, actions })
//     load(content)     shows a file; may return {warnings: [{message}]}; throws when it cannot be read (nothing is saved then)
//     read()            the file as it stands on the screen, text or a promise of it
//     changed(callback) calls back after each edit (calls during a load are ignored)
//     go(finding)       shows the place of a finding {line, element, ...};  mark(findings): marks them all (optional)
//     actions           {name: act(bench)} for more buttons `data-studio-do="name"` (optional)
//   -> a promise of the bench: {root, words, $, ask, status, toast, save, check, leave}
//
// The page is `studio/frame.html`; #studio carries data-me, data-subject (the file's name on this device), data-path, data-lint and
//   of a pack's file: data-file (GET -> {content, revision}; POST {content, revision} -> {revision}, 409 {who, when} when it has moved),
//     data-edit (the address of this page; both end with data-path), data-revision;  data-lint takes {path, content}
//   of a definition of its own: data-draft, data-deploy, data-version;  data-lint takes {file, content}
// #studio-content holds the file, #studio-words the texts, #studio-draft a private draft or null. What the server could not take
// stays on the device (kept.js) until it did.
import { Away, Expired, Refused, ask, renew } from './talk.js';
import { list } from './findings.js';
import { homeOf } from './home.js';
import { shelf } from './kept.js';
import { clear, notice } from './notices.js';
import './workbench.css';

const QUIET = 1200; // milliseconds without an edit before it is saved
const PAUSES = [2, 4, 8, 15, 30]; // seconds between tries on a lost line; the last one for ever

const json = (id) => JSON.parse(document.getElementById(id).textContent);
const clock = (at) => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

class Workbench {
  constructor(editor, root) {
    Object.assign(this, { editor, root, ask, words: json('studio-words'), dirty: false, loading: false, held: false, tries: 0 });
    this.$ = (name) => root.querySelector(`[data-studio="${name}"]`);
    this.home = homeOf(root);
    this.shelf = shelf(root.dataset.me, root.dataset.subject);
    this.mine = shelf(root.dataset.me, `${root.dataset.subject}#mine`); // what a conflict left over; a later save must not clear it
  }

  status(text) { this.$('status').textContent = text; }
  toast(text, colour) { window.linli.toast(text, colour); }
  tell(text, choices, colour) { notice(this.$('notice'), text, choices, colour); }

  // ---- opening
  async open() {
    const content = json('studio-content');
    if (!(await this.show(content))) { this.root.dataset.ready = 'failed'; return this; }
    this.editor.changed(() => this.edited());
    this.root.querySelectorAll('[data-studio-do]').forEach((button) => button.addEventListener('click', () => this.act(button)));
    this.root.querySelectorAll('[data-studio-leave]').forEach((link) => link.addEventListener('click', (event) => { event.preventDefault(); this.leave(link.href); }));
    window.addEventListener('beforeunload', (event) => { if (this.dirty || this.saving) event.preventDefault(); });
    window.addEventListener('online', () => this.again());
    document.addEventListener('visibilitychange', () => { if (!document.hidden) this.again(); else if (this.dirty) this.save(); });
    this.offerKept(content);
    this.root.dataset.ready = 'yes';
    this.check(content);
    return this;
  }

  /** Loads a file into the editor; a file that cannot be read is told, and what was there stays. */
  async show(content) {
    this.loading = true;
    try {
      const { warnings = [] } = (await this.editor.load(content)) || {};
      if (warnings.length) this.toast(warnings.map((w) => w.message).join('\n').slice(0, 300), 'warning');
      return true;
    } catch (error) {
      const asText = this.root.dataset.text ? [[this.words.as_text, () => window.location.assign(this.root.dataset.text)]] : [];
      this.tell(`${this.words.unreadable} ${error.message}`, [[this.words.download, () => this.download(content)], ...asText], 'danger');
      return false;
    } finally { this.loading = false; }
  }

  offerKept(content) {
    const from = this.shelf.take() ? this.shelf : this.mine;
    const kept = from.take();
    if (!kept || kept.content === content) { from.clear(); return; }
    this.tell(this.words.kept_here.replace('{at}', new Date(kept.at).toLocaleString()), [
      [this.words.open_kept, async () => { clear(this.$('notice')); this.home.revision = kept.revision; if (await this.show(kept.content)) this.edited(); }],
      [this.words.forget, () => { from.clear(); clear(this.$('notice')); }]], 'info');
  }

  // ---- saving: one at a time, the newest state last
  edited() {
    if (this.loading) return;
    this.dirty = true;
    this.status(this.words.changed);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), QUIET);
  }

  /** @returns {Promise<boolean>} whether everything on the screen is on the server */
  async save() {
    clearTimeout(this.timer);
    if (this.held) return false;
    this.wanted = true;
    this.saving ??= this.write().finally(() => { this.saving = null; });
    return this.saving;
  }

  async write() {
    while (this.wanted) {
      this.wanted = this.dirty = false;
      const content = await this.editor.read();
      this.last = content;
      this.status(this.words.saving);
      try { await this.home.save(content); } catch (error) { this.dirty = true; this.keep(); return this.failed(error); }
    }
    this.tries = 0;
    this.shelf.clear();
    if (this.trouble) { clear(this.$('notice')); this.trouble = ''; }
    this.status(`${this.words.kept} ${clock(Date.now())}`);
    this.check();
    return true;
  }

  /** What is not on the server stays on this device. */
  keep() {
    if (!this.dirty || !this.last) return;
    if (!this.shelf.put({ content: this.last, revision: this.home.revision })) this.toast(this.words.no_room, 'danger');
  }

  failed(error) {
    if (error instanceof Away) this.away();
    else if (error instanceof Expired) this.expired();
    else if (error instanceof Refused && error.status === 409 && this.home.shared) this.conflict(error.data);
    else { this.trouble = 'refused'; this.status(''); this.tell(`${this.words.failed} ${error.message}`, [[this.words.download, () => this.download()]], 'danger'); }
    return false;
  }

  away() {
    this.trouble = 'away';
    this.status(this.words.away_short);
    this.tell(this.words.away, [[this.words.retry, () => this.save()]]);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSES[Math.min(this.tries, PAUSES.length - 1)] * 1000);
    this.tries += 1;
  }

  expired() {
    this.trouble = 'expired';
    this.status(this.words.away_short);
    this.tell(this.words.expired, [[this.words.sign_in, this.root.dataset.signIn], [this.words.go_on, () => this.again(true)]]);
  }

  /** The line is back, or somebody signed in again in another tab. */
  async again(asked = false) {
    if (this.trouble === 'away') { this.save(); return; }
    if (this.trouble !== 'expired') return;
    if (await renew(this.root.dataset.me)) this.save(); else if (asked) this.toast(this.words.not_yet, 'warning');
  }

  // ---- somebody else was faster: nothing of either is overwritten
  conflict({ who, when }) {
    const mine = this.last;
    this.mine.put({ content: mine, revision: this.home.revision });
    this.held = true;
    this.status('');
    const said = (text) => text.replace('{who}', who || '?').replace('{when}', when || '');
    const copy = [this.words.as_copy, () => this.asCopy(mine)];
    this.tell(said(this.words.conflict), [[this.words.see_theirs, async () => {
      if (!(await this.show(await this.home.theirs()))) return;
      this.held = this.dirty = false;
      this.shelf.clear();
      this.tell(said(this.words.theirs), [copy, [this.words.forget, () => { this.mine.clear(); clear(this.$('notice')); }]]);
      this.check();
    }], copy]);
  }

  async asCopy(mine) {
    try {
      const { path, href } = await this.home.copy(mine);
      this.shelf.clear();
      this.mine.clear();
      if (this.held) this.dirty = false;
      this.tell(this.words.copied.replace('{path}', path), [[this.words.open_copy, () => window.location.assign(href)]], 'success');
    } catch (error) { this.failed(error); }
  }

  // ---- findings
  async check(content) {
    const ticket = (this.ticket = {});
    let findings;
    try { findings = await this.home.findings(content ?? await this.editor.read()); } catch (error) {
      if (error instanceof Away || error instanceof Expired) return; // saving says that, and keeps trying
      this.toast(`${this.words.failed} ${error.message}`, 'danger');
      return;
    }
    if (ticket === this.ticket) this.list(findings);
  }

  list(findings) {
    list({ box: this.$('findings'), verdict: this.$('verdict'), words: this.words }, findings, (finding) => this.editor.go(finding));
    this.editor.mark?.(findings.filter((f) => !f.elsewhere));
    this.root.dataset.checked = String(findings.length);
  }

  // ---- buttons
  async act(button) {
    const name = button.dataset.studioDo;
    button.disabled = true;
    try { await (this.editor.actions?.[name] ? this.editor.actions[name](this) : this[name]()); } catch (error) {
      this.toast(`${this.words.failed} ${error.message}`, 'danger');
    } finally { button.disabled = false; }
  }

  async deploy(anyway = false) {
    try {
      const answer = await this.home.deploy(await this.editor.read(), anyway);
      this.deployed(answer);
    } catch (error) {
      if (!(error instanceof Refused)) { this.keep(); this.failed(error); return; }
      if (error.data.findings) this.list(error.data.findings);
      if (error.status === 409) this.tell(error.message, [[this.words.see_theirs, error.data.href], [this.words.anyway, () => this.deploy(true)]]);
      else this.toast(error.message, 'danger');
    }
  }

  deployed(answer) {
    clearTimeout(this.timer);
    this.dirty = false;
    this.shelf.clear();
    clear(this.$('notice'));
    this.home.revision = Math.max(...answer.deployed.map((d) => d.version));
    this.list(answer.findings);
    this.toast(answer.message, 'success');
    this.status(answer.deployed.map((d) => `${d.key} v${d.version}`).join(', '));
  }

  async download(content) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([content ?? await this.editor.read()], { type: 'application/octet-stream' }));
    link.download = this.home.file();
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async restore() {
    const draft = json('studio-draft');
    if (!(await this.show(draft.content))) return;
    this.$('file').value = draft.file;
    this.$('draft').remove();
    this.check();
  }

  async forget() { await this.home.forget(); this.$('draft').remove(); }

  /** Goes to another page once everything is saved. */
  async leave(address) { if (!this.dirty || await this.save()) window.location.assign(address); }
}

/** Opens the page's file in an editor; the form of both is described above. */
export function openWorkbench(editor) { return new Workbench(editor, document.getElementById('studio')).open(); }
