"""SpiffWorkflow 3.2 as its documentation uses it: its parser, its engine, its JSON serializer, one row for a case.

Owns the peer of workloads W1, W2, W3 and W5. No access check, no form, no journal: what it does is less than what the
engine does, and it is what a Python team would start from.
"""

from __future__ import annotations

import secrets
import sqlite3
from itertools import count
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

TABLES = """
create table instance (id integer primary key, status text, state text);
create table task (id text primary key, instance integer, name text, status text);
create index task_open on task (instance, status);
"""


class Raw:
    """Cases of one process, each loaded and saved for every action."""

    def __init__(self, folder: Path, diagram: bytes, process: str = "p") -> None:
        parser = BpmnParser()
        parser.add_bpmn_str(diagram.replace(b">=", b">"))  # conditions: Python here, FEEL in ours
        self._spec = parser.get_spec(process)
        self._serializer = BpmnWorkflowSerializer()
        self._ids = count(1)
        self._connection = sqlite3.connect(folder / f"raw-{secrets.token_hex(4)}.db", isolation_level=None)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(TABLES)

    def start(self) -> int:
        """Start and save a case; its id."""
        workflow = BpmnWorkflow(self._spec)
        workflow.do_engine_steps()
        number = next(self._ids)
        self._save(number, workflow, None)
        return number

    def complete(self, number: int, name: str, data: dict[str, Any]) -> None:
        """Load a case, complete its task of this name, save it."""
        row = self._connection.execute("select state from instance where id = ?", (number,)).fetchone()
        workflow = self._serializer.deserialize_json(row[0])
        ready = workflow.get_tasks(state=TaskState.READY, manual=True)
        task = next(one for one in ready if one.task_spec.name == name)
        task.data.update(data)
        task.run()
        workflow.do_engine_steps()
        self._save(number, workflow, str(task.id))

    def size(self, number: int) -> int:
        """Bytes of a case's state."""
        return int(self._connection.execute("select length(state) from instance where id = ?", (number,)).fetchone()[0])

    def _save(self, number: int, workflow: BpmnWorkflow, done: str | None) -> None:
        state = self._serializer.serialize_json(workflow)
        status = "completed" if workflow.is_completed() else "running"
        execute = self._connection.execute
        execute("begin immediate")
        execute("insert or replace into instance values (?, ?, ?)", (number, status, state))
        if done:
            execute("update task set status = 'done' where id = ?", (done,))
        for task in workflow.get_tasks(state=TaskState.READY, manual=True):
            row = (str(task.id), number, task.task_spec.name)
            execute("insert into task values (?, ?, ?, 'open') on conflict do nothing", row)
        execute("commit")

    def close(self) -> None:
        self._connection.close()
