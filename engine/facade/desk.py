"""What the desk keeps beside tasks: lists under a name, and the search."""

from __future__ import annotations

from typing import Any

from engine import bpmn
from engine.bpmn.model import NodeInfo
from engine.commands import reading
from engine.commands.context import Context
from engine.queries import Cases, Items, Lists
from engine.records import SavedList, Share


class Desk:
    """Mixed into Engine."""

    _context: Context
    _items: Items
    _cases: Cases
    _lists: Lists

    def read_cases(self) -> int:
        """Let the search know what has changed; how many cases were read. Part of the tick."""
        with self._context.store.connected():
            return reading.read_cases(self._context)

    def items_by_person(self, by: str, **wanted: Any) -> list[Share]:
        """Who has how much of the open tasks that one may see."""
        with self._context.store.connected():
            return self._items.by_person(by=by, **wanted)

    def steps_ahead(self, instance: int) -> list[NodeInfo]:
        """The tasks, and called processes, that may come next in a case's diagram. NotFound."""
        with self._context.store.connected():
            process = self._context.definitions.process(self._cases.get(instance).definition_id)
            stands = [token.node for token in bpmn.tokens(self._cases.state(instance)) if not token.listener]
            return [process.info.nodes[node] for node in bpmn.ahead(process, stands)]

    def saved_lists(self, login: str) -> list[SavedList]:
        """Somebody's lists."""
        with self._context.store.connected():
            return self._lists.of(login)

    def save_list(self, login: str, name: str, query: str) -> None:
        """Keep a question of the desk under a name. InvalidValue when there are too many."""
        self._lists.keep(login, name, query)

    def drop_list(self, login: str, key: int) -> None:
        """Forget one of one's own lists."""
        self._lists.drop(login, key)
