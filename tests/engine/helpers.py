"""Short words for engine tests: deploy diagrams, look at what is open, race engines against each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from engine import Engine
from engine.records import WorkItem


def deploy(engine: Engine, *diagrams: bytes, **more: bytes) -> None:
    """Publish diagrams (and, by name with `_` for the dot, other files) together."""
    files = {f"{number}.bpmn": content for number, content in enumerate(diagrams)}
    engine.deploy(files | {name.replace("_", "."): content for name, content in more.items()}, by="admin")


def open_nodes(engine: Engine, instance: int) -> list[str]:
    """Elements of a case's open tasks, sorted."""
    return sorted(item.node_id for item in engine.work_items(instance=instance))


def item(engine: Engine, instance: int, node: str | None = None) -> WorkItem:
    """The one open task of a case (at an element)."""
    found = [one for one in engine.work_items(instance=instance) if node in (None, one.node_id)]
    assert len(found) == 1, [one.node_id for one in found]
    return found[0]


def events(engine: Engine, instance: int) -> list[str]:
    """Events of a case's journal, in order."""
    return [entry.event for entry in engine.journal(instance)]


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all things at the same moment in threads; each one's result, or the exception it raised."""
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return work()
        except Exception as problem:
            return problem

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def sound(engine: Engine) -> None:
    """Assert that the doctor finds nothing."""
    assert engine.doctor() == []
