// What could not be saved on the server is kept on this device, for the person and the file it belongs to, and offered again.

/** A shelf for one file of one person. `put` says whether there was room. */
export function shelf(who, subject) {
  const place = `linli-studio:${who}:${subject}`;
  return {
    put(kept) {
      try { localStorage.setItem(place, JSON.stringify({ ...kept, at: Date.now() })); } catch { return false; } // full, or a private window: the caller says so
      return true;
    },
    take() {
      try { return JSON.parse(localStorage.getItem(place) || 'null'); } catch { return null; } // what is no JSON is nothing of ours
    },
    clear() { try { localStorage.removeItem(place); } catch { /* a private window keeps nothing anyway */ } },
  };
}
