// Copy in one diagram, paste in another, also in another tab: what was copied last lies in this browser's storage, which a
// plain http address in an office may use (the system's clipboard it may not).
import { createReviver } from 'bpmn-js-native-copy-paste/lib/PasteUtil.js';

const PLACE = 'linli-copied';
const HIGH = 2050;

class Copying {
  constructor(eventBus, moddle) {
    eventBus.on('copyPaste.elementsCopied', HIGH, ({ tree }) => {
      try { localStorage.setItem(PLACE, JSON.stringify(tree)); } catch { localStorage.removeItem(PLACE); } // too much for it: within this tab it is still there
    });
    eventBus.on('copyPaste.pasteElements', HIGH, (event) => {
      const kept = localStorage.getItem(PLACE);
      if (kept && !event.tree) event.tree = JSON.parse(kept, createReviver(moddle));
    });
  }
}
Copying.$inject = ['eventBus', 'moddle'];

export default { __init__: ['linliCopying'], linliCopying: ['type', Copying] };
