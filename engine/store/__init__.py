"""Storage: models, migrations, the only writer, the journal, locks between processes.

Everything SQL that changes a case is in here; reads for screens are in `engine.queries`.
"""

from engine.store.database import Store, new_id, open_store
from engine.store.journal import text
from engine.store.writer import Moved, Writes, commit, new_guard

__all__ = ["Moved", "Store", "Writes", "commit", "new_guard", "new_id", "open", "open_store", "text"]

open = open_store
