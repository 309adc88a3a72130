// Forms and registers out of each other: the fields of a register are added to the form, the form becomes a new register.
import { ask } from './talk.js';

/** Components with ids and keys that the form does not have yet. */
function fresh(components, editor) {
  const ids = new Set(editor.get('formFieldRegistry').getAll().map((field) => field.id));
  const keys = new Set(editor.get('formFieldRegistry').getAll().flatMap((field) => [field.key, field.path]));
  return components.filter((part) => !keys.has(part.key ?? part.path)).map((part) => (ids.has(part.id) ? { ...part, id: undefined } : part));
}

/**
 * Buttons of the bar.
 * @param {HTMLElement} root #studio with data-names, data-fromregister, data-toregister; a dialog `register` in it
 */
export function exchange(root, editor, words) {
  const dialog = root.querySelector('[data-studio=register]');
  const choice = dialog.querySelector('select'), name = dialog.querySelector('input');
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  return {
    async register() {
      const { registers } = await ask(root.dataset.names);
      choice.replaceChildren(...registers.map(({ id, title }) => Object.assign(document.createElement('option'), { value: id, textContent: title === id ? id : `${title} · ${id}` })));
      dialog.showModal();
    },
    closeRegister: () => dialog.close(),
    async fromRegister(bench) {
      const { form } = await ask(root.dataset.fromregister, { register: choice.value, pack: root.dataset.pack || '' });
      const schema = editor.saveSchema();
      const added = fresh(form.components, editor);
      await editor.importSchema({ ...schema, properties: { ...form.properties, ...schema.properties }, components: [...schema.components, ...added] });
      dialog.close();
      bench.edited();
      bench.toast(words.fields_added.replace('{n}', added.length), added.length ? 'success' : 'warning');
    },
    async toRegister(bench) {
      const answer = await ask(root.dataset.toregister, { name: name.value.trim(), pack: root.dataset.pack || '', content: JSON.stringify(editor.saveSchema()) });
      dialog.close();
      if (answer.content) bench.download(answer.content, answer.file); else bench.tell(answer.message, [[words.open_register, () => bench.leave(answer.href)]], 'success');
    },
  };
}
