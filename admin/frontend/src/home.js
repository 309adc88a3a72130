// Where a file lives: in a pack's working copy that all designers share (every save names the revision it started from, a
// moved revision is refused with who and when), or as a definition of its own (a private draft until it is deployed).
// Both answer to `save`, `findings`; a pack's file also to `theirs` and `copy`. Draws nothing.
import { Refused, ask } from './talk.js';

const COPIES = 20;

/** `processes/a.bpmn` -> `processes/a-copy.bpmn`, `processes/a-copy2.bpmn`, ... */
export const copyName = (path, n) => path.replace(/(\.[^./]+)?$/, (suffix) => `-copy${n > 1 ? n : ''}${suffix}`);

function packHome(data) {
  let revision = Number(data.revision);
  const inside = data.path.split('/').length;
  const beside = (address, path) => [...address.split('/').slice(0, -inside), ...path.split('/').map(encodeURIComponent)].join('/');
  return {
    shared: true,
    get revision() { return revision; },
    set revision(value) { revision = value; },
    file: () => data.path.split('/').pop(),
    async save(content) { ({ revision } = await ask(data.file, { content, revision })); },
    async theirs() { const found = await ask(data.file); ({ revision } = found); return found.content; },
    async findings(content) {
      const { findings } = await ask(data.lint, { path: data.path, content });
      const here = (f) => !f.file || f.file === data.path || f.file === data.path.split('/').pop();
      return findings.map((f) => (here(f) ? f : { ...f, elsewhere: f.file, href: beside(data.edit, f.file) }))
        .sort((a, b) => Boolean(a.elsewhere) - Boolean(b.elsewhere));
    },
    /** Saves beside the file under a name nobody has; where it can be edited. */
    async copy(content) {
      for (let n = 1; n < COPIES; n += 1) {
        const path = copyName(data.path, n);
        try {
          await ask(beside(data.file, path), { content, revision: 0 });
          return { path, href: beside(data.edit, path) };
        } catch (error) { if (!(error instanceof Refused && error.status === 409)) throw error; }
      }
      throw new Error(copyName(data.path, COPIES));
    },
  };
}

function ownHome(data, nameBox) {
  const body = (content) => ({ subject: data.subject, file: nameBox.value, content });
  return {
    shared: false,
    revision: Number(data.version),
    file: () => nameBox.value,
    save: (content) => ask(data.draft, body(content)),
    findings: async (content) => (await ask(data.lint, body(content))).findings,
    forget: () => ask(data.draft, { subject: data.subject, content: '' }),
    /** Deploys; the version that was opened goes along, so that somebody else's newer one is noticed. */
    deploy(content, anyway = false) { return ask(data.deploy, { ...body(content), version: anyway ? undefined : this.revision }); },
  };
}

/** @param {HTMLElement} root the element #studio */
export function homeOf(root) {
  return root.dataset.file ? packHome(root.dataset) : ownHome(root.dataset, root.querySelector('[data-studio=file]'));
}
