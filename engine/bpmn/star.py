"""The star of live tokens: what SpiffWorkflow's workflow and task become here (design section 3).

Owns scopes, tokens, entering and leaving a node, counted joins, removing, and completion. It knows nodes only by their
hooks (`node.Node`): what an element means is the node's business. Pure: time and the outside come from `world`.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappush
from typing import Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from engine.bpmn import aside, joins
from engine.bpmn.model import Entry, Publish, Trouble, Wait, World
from engine.bpmn.tokens import ERROR, FUTURE, READY, WAITING, Scope, Token
from engine.errors import (
    BadRepetition,
    BpmnError,
    DecisionFailed,
    ExpressionFailed,
    InvalidValue,
    LinliError,
    NoFlowChosen,
    ScriptFailed,
    StarvedJoin,
    TooManySteps,
    TooManyTokens,
    UncaughtError,
)

MOST = 20_000  # live tokens of one case

_KINDS: dict[type[LinliError], str] = {
    ExpressionFailed: "expression",
    ScriptFailed: "script",
    DecisionFailed: "decision",
    NoFlowChosen: "flow",
    StarvedJoin: "join",
    TooManySteps: "loop",
    TooManyTokens: "loop",
    UncaughtError: "error",
    BpmnError: "error",
    BadRepetition: "value",
    InvalidValue: "value",
}


class SubScope(Scope, BpmnSubWorkflow):
    """A running subprocess."""

    def __init__(self, spec: Any, host: Token, top: Star) -> None:
        BpmnSubWorkflow.__init__(self, spec, host.id, top, deserializing=True)
        self.open()
        self.host = host
        self.level = host.workflow.level + 1

    def _calculate_depth(self) -> int:
        return 0


class Star(Scope, BpmnWorkflow):
    """One case in memory, for one command."""

    def __init__(self, spec: Any, subs: dict[str, Any], world: World, sequence: int = 0) -> None:
        BpmnWorkflow.__init__(self, spec, subs, script_engine=world, deserializing=True)
        self.open()
        self.world = world
        self.sequence = sequence
        self.status = "running"
        self.called = False
        self.error_code = ""
        self.escalated: list[str] = []
        self.subprocesses: dict[int, SubScope] = {}
        self.index: dict[int, Token] = {}
        self.agenda: list[tuple[int, int]] = []  # heap of (caught or done first, then oldest)
        self.conditional: set[int] = set()  # tokens with a condition to be asked
        self.pending: list[tuple[Token, Any, dict[str, Any]]] = []  # thrown in this step, to be caught after it
        self.born: set[int] = set()
        self.journal: list[Entry] = []
        self.waits: dict[int, list[Wait]] = {}
        self.rearmed: list[Wait] = []
        self.published: list[Publish] = []
        self.troubles: dict[int, Trouble] = {}
        self.solved: list[int] = []
        self.closed: dict[int, str] = {}
        self.hangs = False  # whether signers, or a step done again, hang on tasks
        self.holds: set[int] = set()  # tasks that somebody was asked before, or no longer is
        self.trail: dict[str, Any] | None = None  # what the completion of this command leads to

    # ---- scopes and tokens -----------------------------------------------------------------------------------------

    @property
    def scopes(self) -> list[Any]:
        """Outermost first."""
        return sorted([self, *self.subprocesses.values()], key=lambda scope: scope.level)

    def every(self) -> Iterator[Token]:
        """All live tokens, outermost scope first, oldest first."""
        for scope in self.scopes:
            yield from scope.tokens

    def find(self, number: Any) -> Token | None:
        return self.index.get(number)

    def room(self, more: int) -> None:
        """Raises TooManyTokens when so many more would be more than a case may hold: no diagram fills the memory."""
        if len(self.index) + more > MOST:
            raise TooManyTokens(limit=MOST)

    def get_task_from_id(self, task_id: Any) -> Any:
        return self.index.get(task_id)

    def arrived(self) -> dict[tuple[int, str, str], int]:
        """Tokens that wait at joins: (host of the scope, join, flow) -> how many."""
        return {
            (scope.host.id if scope.host is not None else 0, node, flow): count
            for scope in (self, *self.subprocesses.values())
            for node, flows in scope.arrivals.items()
            for flow, count in flows.items()
        }

    def alive(self, token: Token) -> bool:
        return self.index.get(token.id) is token

    def is_open(self, scope: Any) -> bool:
        return scope is self or self.subprocesses.get(scope.parent_task_id) is scope

    def add(self, scope: Any, name: str, state: int, own: dict[str, Any]) -> Token:
        """A new token, not yet armed."""
        self.sequence += 1
        token = Token(scope, scope.spec.task_specs[name], state, self.sequence, own)
        scope.tasks[token.id] = self.index[token.id] = token
        self.born.add(token.id)
        self._note_hold(own)
        return token

    def _note_hold(self, own: dict[str, Any]) -> None:
        if "before" in own:
            self.holds.add(own["before"])
        if "side" in own or "back" in own:
            self.hangs = True

    def discard(self, token: Token) -> None:
        """Out of the star, with no further effect."""
        del token.workflow.tasks[token.id]
        del self.index[token.id]
        self.waits.pop(token.id, None)
        self._note_hold(token.own)

    def create_subprocess(self, my_task: Any, spec_name: str) -> SubScope:
        sub = SubScope(self.subprocess_specs[spec_name], my_task, self)
        self.subprocesses[my_task.id] = sub
        return sub

    def say(self, token: Token, event: str, at: Any = None, **data: Any) -> None:
        """A journal line (`at`: of another node than the token's), unless the node was invented by the parser."""
        spec = at or token.task_spec
        if not spec.hidden:
            if "i" in token.own:
                data["child"] = token.own["i"]
            self.journal.append(Entry(spec.bpmn_id, event, {"token": str(token.id), **data}))

    # ---- entering --------------------------------------------------------------------------------------------------

    def enter(self, scope: Any, only: list[str] | None = None, part: int | None = None) -> None:
        """Begin a scope: its event subprocesses listen, its starts get a token, or `only` these nodes, whose event has
        happened (`part`: only that one of its definitions)."""
        for name in scope.spec.event_subs:
            self.listen(scope, name)
        names = list(only or scope.spec.starts)
        if not only and scope.host is not None:
            names, scope.todo = scope.host.task_spec.first(names)
        for name in names:
            spec = scope.spec.task_specs[name]
            self.put(scope, name, **(spec.caught(part) if only else spec.begun()))
        self.tidy(scope)

    def put(self, scope: Any, name: str, **own: Any) -> Token:
        """A token enters a node, whatever has arrived there."""
        token = self.add(scope, name, FUTURE, own)
        self.arm(token)
        return token

    def emit(self, scope: Any, flow: Any, race: int | None = None) -> None:
        """A token takes a flow. Where arrivals count it becomes a number, else it enters the node."""
        if scope.spec.task_specs[flow.target].counts:
            arrived = scope.arrivals.setdefault(flow.target, {})
            arrived[flow.id] = arrived.get(flow.id, 0) + 1
        else:
            self.put(scope, flow.target, **({"race": race} if race else {}))

    def listen(self, scope: Any, name: str, **own: Any) -> Token:
        """A boundary event or event subprocess begins to wait; a broken timer or key is its own incident."""
        token = self.add(scope, name, WAITING, {**own, "listens": 1})
        try:
            token.task_spec.subscribe(self, token)
        except LinliError as problem:
            self.report(token, problem, "open")
        return token

    def arm(self, token: Token, again: bool = False) -> None:
        """A token has come to life: the node subscribes, opens its scope, or is put on the agenda."""
        if not again:
            self.say(token, "entered")
        try:
            token.task_spec.open(self, token)
        except LinliError as problem:
            self.undo(token)
            self.report(token, problem, "open")

    def undo(self, token: Token) -> None:
        """Take back a half-opened node: what hangs on it, and its local variables."""
        self.strip(token)
        token.own.pop("local", None)
        self.waits.pop(token.id, None)

    def schedule(self, token: Token) -> None:
        """Let the token run at one of the next steps."""
        token._set_state(READY)
        own = token.own
        heappush(self.agenda, (0 if "fired" in own or "ran" in own else 1, token.id))

    def wait(self, token: Token, state: int = READY) -> None:
        """The token waits for the outside; what for, is handed out once the command is over."""
        token._set_state(state)
        self.waits[token.id] = token.task_spec.waits(self, token)

    # ---- leaving ---------------------------------------------------------------------------------------------------

    def finish(self, token: Token) -> None:
        """The work of a scope's host, a loop's body or a compensation thrower is done: it leaves at its next step."""
        token.own["ran"] = 1
        self.schedule(token)

    def settle(self, token: Token) -> None:
        """After a token's last step: it is dropped, its chosen flows are taken, those who wait for it are told."""
        scope, own, spec = token.workflow, token.own, token.task_spec
        if not own.get("said"):
            self.say(token, "completed")
        self.close(token, "completed")
        if spec.boundary:
            self.drop_listeners(token)
        spec.record(self, token)
        self.discard(token)
        race = token.id if spec.races else None
        for flow_id in own.get("out", ()):
            for _ in range(spec.completion_quantity):
                self.emit(scope, spec.flow(flow_id), race)
        if "mi" in own:
            self.tell(own["mi"], "child_done", token)
        elif "for" in own:
            self.tell(own["for"], "handled")
        elif "side" in own:
            self.tell(own["side"], "signer_gone")
        if self.is_open(scope):
            if scope.host is not None:
                scope.host.task_spec.inner_done(self, scope, token)
            self.tidy(scope)

    def tell(self, number: int, hook: str, *more: Any) -> None:
        token = self.index.get(number)
        if token is not None:
            getattr(token.task_spec, hook)(self, token, *more)

    def tidy(self, scope: Any) -> None:
        """Let joins fire; a scope in which nothing lives any more is complete."""
        if not self.is_open(scope) or self.status != "running":
            return
        if scope.arrivals or scope.consumed:
            joins.join(self, scope)
        if scope.busy() or scope.arrivals or scope.todo:
            return
        if scope is self:
            self.end("completed")
        else:
            self.shut(scope)

    def shut(self, scope: Any) -> None:
        """A subprocess is complete: keep what its host's mapping and compensation need."""
        host = scope.host
        self.clear(scope)
        host.task_spec.closing(self, host, scope)
        del self.subprocesses[host.id]
        self.finish(host)

    def end(self, status: str) -> None:
        """The case is over."""
        self.clear(self)
        self.status = status
        self.completed = True

    # ---- removing --------------------------------------------------------------------------------------------------

    def close(self, token: Token, reason: str) -> None:
        """Whatever the outside holds for this token is over."""
        self.waits.pop(token.id, None)
        self.closed.setdefault(token.id, reason)
        if token.id in self.troubles or "at" in token.own:
            self.resolve(token)

    def resolve(self, token: Token) -> None:
        """An incident is over."""
        token.own.pop("at", None)
        self.troubles.pop(token.id, None)
        self.solved.append(token.id)

    def drop_listeners(self, host: Token) -> None:
        for token in host.workflow.tokens:
            if token.own.get("host") == host.id:
                self.close(token, "cancelled")
                self.discard(token)

    def strip(self, token: Token) -> None:
        """Remove all that hangs on a token: listeners, loop children, handlers under way, its scope."""
        for other in token.workflow.tokens:
            if token.id in (other.own.get("host"), other.own.get("mi")):
                self.remove(other)
        for other in aside.hanging(self, token) if self.hangs else ():
            self.remove(other)
        sub = self.subprocesses.get(token.id)
        if sub is not None:
            self.clear(sub)
            del self.subprocesses[token.id]

    def remove(self, token: Token, quiet: bool = False) -> None:
        """Take a token out with all that hangs on it, wherever that is."""
        if not self.alive(token):
            return
        self.strip(token)
        if "queue" in token.own:  # a compensation thrower: its handlers may be in another scope
            for handler in [t for t in self.index.values() if t.own.get("for") == token.id]:
                self.remove(handler)
        if not quiet and not token.own.get("listens") and not ("said" in token.own and "mi" in token.own):
            self.say(token, "cancelled")
        self.close(token, "cancelled")
        self.discard(token)
        if "side" in token.own:
            self.tell(token.own["side"], "signer_gone")

    def clear(self, scope: Any, keep: Token | None = None) -> None:
        """Remove all tokens and arrivals of a scope."""
        for token in scope.tokens:
            if token is not keep:
                self.remove(token)
        scope.arrivals.clear()
        scope.consumed.clear()
        scope.todo = []

    # ---- trouble ---------------------------------------------------------------------------------------------------

    def report(self, token: Token, problem: LinliError, at: str, kind: str = "") -> None:
        """The token becomes an incident; `at` says from where a retry goes on."""
        token._set_state(ERROR)
        token.own["at"] = at
        self.waits.pop(token.id, None)
        kind = kind or next((_KINDS[base] for base in type(problem).__mro__ if base in _KINDS), "service")
        self.say(token, "incident", kind=kind, message=problem.text("zh"))
        self.troubles[token.id] = Trouble(
            str(token.id), token.task_spec.bpmn_id, kind, problem.text("zh"), problem.text("en")
        )
