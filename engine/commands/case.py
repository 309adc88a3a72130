"""One case inside a unit of work: its row, its process, and the net of what happened to its tokens.

Owns merging the changes of several steps of one command: what opens and closes within it leaves no row.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from engine import bpmn
from engine.bpmn.model import Changes, Trouble, Wait
from engine.store import Store, loads

SELDOM = (
    "status",
    "suspended",
    "title",
    "unit",
    "ended_at",
    "definition",
    "version",
)  # columns that few commands change
Place = tuple[str, str, int]  # token, kind, part


class Landed(NamedTuple):
    """What a command did to a case. `case`: as it was committed, when that is all there is to say of it; None when it
    has to be read (incidents, deliveries after the commit, an answer that was given before)."""

    id: int
    case: Case | None


class Case:
    """A loaded or new case. `unheard`: its parent ended it and is not to be told."""

    def __init__(self, row: loads.CaseRow, process: bpmn.Process, fresh: bool = False) -> None:
        self.row = row
        self.process = process
        self.fresh = fresh
        self.guard = row.guard
        self._loaded = {name: getattr(row, name) for name in SELDOM}
        self.touched = fresh
        self.unheard = False
        self.renamed = False
        self.opened: dict[Place, Wait] = {}
        self.rearmed: dict[Place, Wait] = {}
        self.closed: dict[str, str] = {}
        self.troubles: dict[str, Trouble] = {}
        self.solved: set[str] = set()
        self.handled: dict[str, bool] = {}  # tokens whose work item the command ended, whether timers hang on it
        self.trails: dict[str, dict[str, Any]] = {}  # completed tasks: what a withdrawal needs
        self.held: dict[str, bool] = {}  # tasks that others are asked before, or no longer are
        self.prefer: dict[str, str] = {}  # element -> who did it before and gets it again
        self.variables: dict[str, Any] = {}
        self.codes = 0  # drawn by this command
        self._stored: loads.Projections | None = None

    def stored(self, store: Store) -> loads.Projections:
        """The rows that hang on the case's tokens as loaded."""
        if self._stored is None:
            self._stored = loads.projections(store, self.row.id)
        return self._stored

    def keep(self, stored: loads.Projections) -> None:
        """These rows hang on its tokens: read with other cases' in one go, after the case itself."""
        self._stored = stored

    def moved(self) -> dict[str, Any]:
        """What of the row is to be saved: a column that is named is written into its indexes, changed or not."""
        row = self.row
        found = {name: getattr(row, name) for name, before in self._loaded.items() if getattr(row, name) != before}
        return {"state": row.state, **found}

    def take(self, changes: Changes, now: datetime) -> None:
        """Merge one step's changes."""
        self.touched = True
        self.row.state, self.variables = changes.state, changes.variables
        if changes.status != self.row.status:
            self.row.status, self.row.ended_at = changes.status, now
        self._close(changes)
        self.held |= changes.held
        if changes.trail is not None:
            self.trails[changes.trail["token"]] = changes.trail
        for wait in changes.opened:
            self.opened[wait.token, wait.kind, wait.part] = wait
        for wait in changes.rearmed:
            place = (wait.token, wait.kind, wait.part)
            (self.opened if place in self.opened else self.rearmed)[place] = wait
        for token in changes.solved:
            self.troubles.pop(token, None)
            self.solved.add(token)
        for trouble in changes.troubles:
            self.solved.add(trouble.token)
            self.troubles[trouble.token] = trouble

    def _close(self, changes: Changes) -> None:
        for token, how in changes.closed:
            for place in [p for p in self.opened if p[0] == token]:
                del self.opened[place]
            for place in [p for p in self.rearmed if p[0] == token]:
                del self.rearmed[place]
            self.closed[token] = how
