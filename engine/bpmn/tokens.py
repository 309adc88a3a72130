"""Tokens and the scopes they live in: SpiffWorkflow's task and workflow, stripped of tree, clock and log.

Owns what a live token is and what a scope holds. Must not know how either changes: that is `star`.

What a token carries (`own`, saved as it is; values are JSON or variables):
  host   id of the activity a boundary event listens for     listens  1 while it only listens
  mi, i  body of a multi-instance and place in it            for      thrower a compensation handler works for
  local  variables of a task with a mapping                  vars     variables of a multi-instance child
  snap   variables as they were, for a handler               race     event-based gateway token it came from
  due, key, was, seen: of a subscription, by part            at       an incident's stage: open activate work join
  fired  1 once caught                                       ran      1 once its work is done
  said   1 once its completion is in the journal             over     whether it ends its ad-hoc subprocess or repeater
  mapped, written  1 once its results are where they go, in variables and registers
"""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import LinliError

READY, WAITING, STARTED, ERROR = TaskState.READY, TaskState.WAITING, TaskState.STARTED, TaskState.ERROR
COMPLETED, FUTURE = TaskState.COMPLETED, TaskState.FUTURE


class Token(Task):
    """A live token, directly below its scope's root. `Task.run` and `complete` are SpiffWorkflow's."""

    def __init__(self, scope: Any, spec: Any, state: int, number: int, own: dict[str, Any] | None = None) -> None:
        self.id: Any = number
        self.workflow = scope
        self.task_spec = spec
        self.own: dict[str, Any] = {} if own is None else own
        self.internal_data = self.own
        self.data: dict[str, Any] = {}  # stays empty: variables live in scopes
        self._parent, self._state = None, state
        self._children: list[Any] = []
        self.triggered, self.thread_id, self.last_state_change = False, 0, 0.0

    def _set_state(self, value: int) -> None:
        self._state = value  # stock: reads the clock and builds a log record at every change


class Scope:
    """Live tokens and variables of the process or of one running subprocess. Mixed in before SpiffWorkflow's."""

    spec: Any
    tasks: dict[int, Token]

    def open(self) -> None:
        self.vars: dict[str, Any] = dict.fromkeys(self.spec.declared)
        self.snap: dict[str, Any] = {}  # a reopened scope's variables as they were
        self.arrivals: dict[str, dict[str, int]] = {}  # node -> flow -> tokens that wait there
        self.consumed: dict[str, list[str]] = {}  # complex gateway -> flows it has used this round
        self.records: list[dict[str, Any]] = []  # what completed and can be undone, in order
        self.todo: list[str] = []  # sequential ad-hoc: what has not begun
        self.off: list[str] = []  # listeners an interrupting event subprocess switched off
        self.stuck: dict[str, LinliError] = {}  # joins whose condition failed in this command
        self.task_tree = Token(self, self.spec.start, COMPLETED, 0)
        self.host: Token | None = None
        self.level = 0

    @property
    def tokens(self) -> list[Token]:
        return list(self.tasks.values())

    def busy(self) -> bool:
        """Whether a token lives here that is not only a listener or the mark of a starved join."""
        return any(not t.own.get("listens") and t.own.get("at") != "join" for t in self.tasks.values())

    def _task_completed_notify(self, task: Task) -> None:
        """Stock: a task named 'End' would complete the workflow, whatever else lives."""
