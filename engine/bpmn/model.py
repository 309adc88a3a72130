"""What goes into `advance` and what comes out: plain data, shared by the interpreter and the commands.

Owns the shapes of events, waits, changes and process descriptions, and the World protocol. Must not import
SpiffWorkflow, the store or people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

Variables = Mapping[str, Any]
TAGGED = "versionTag:"  # how a binding to a version tag begins; `deployment` and `latest` are the others


class World(Protocol):
    """What a step may ask of the outside. Built by commands/ for one command, which records what was read."""

    now: datetime  # naive UTC

    def evaluate(self, expression: str, variables: Variables) -> Any:
        """Value of a FEEL expression (no leading '='). Raises errors.ExpressionFailed."""
        ...

    def test(self, expression: str, variables: Variables) -> bool:
        """Truth of a FEEL condition. An unknown variable raises ExpressionFailed unless it is tested for null."""
        ...

    def run_script(self, script: str, variables: Variables) -> dict[str, Any]:
        """Run Python in the sandbox; the names it set or changed. Raises ScriptFailed or BpmnError."""
        ...

    def decide(self, decision: str, binding: str, variables: Variables, shape: str = "") -> Any:
        """Result of a DMN decision (`binding`: deployment | latest | versionTag; `shape`: '' or one of dmn.SHAPES).
        Raises DecisionFailed."""
        ...

    def due(self, expression: str, kind: str, calendar: str, variables: Variables) -> Due | None:
        """When a timer or deadline falls; None: there is none. `expression`: FEEL when it starts with '=', else an ISO
        instant, duration or repetition; `kind`: date | duration | cycle | deadline; `calendar`: '' or natural = plain
        time, else working time."""
        ...

    def again(self, due: Due, calendar: str) -> Due | None:
        """The firing after this one, counted from `due.anchor` by `due.every`; firings missed by now are skipped. None:
        none is left."""
        ...

    def inline(self, service: str) -> bool:
        """Whether a service task type runs inside the command (register.*, notice, ...) and not as a job."""
        ...

    def call(self, service: str, inputs: Variables, headers: Mapping[str, str], context: Mapping[str, Any]) -> Any:
        """Run an inline service; its writes are gathered for the commit. `context`: token, node, properties. May raise
        BpmnError."""
        ...


@dataclass(frozen=True, slots=True)
class Due:
    """An instant (naive UTC), how it repeats, and why it may not be trusted."""

    at: datetime
    left: int | None = 1  # firings left, this one included; None = for ever
    every: str = ""  # ISO duration of the repetition
    anchor: datetime | None = None  # first firing; the n-th is counted from here
    flag: str = ""  # '' or 'no-calendar:2027'
    length: str = ""  # the ISO duration it was counted from; '' = it was given as a moment, or it repeats


# ---- events: what a command asks of a case -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begin:
    """Start the process, at `node` (what an event started: a start event, or what stands behind an instantiating
    gateway) or at its plain starts."""

    variables: Variables = field(default_factory=dict)
    node: str | None = None
    called: bool = False  # a parent waits for it: an uncaught error ends the case (Changes.error_code), no incident
    part: int = 0  # which definition of `node` it was


@dataclass(frozen=True, slots=True)
class Complete:
    """A person (user or manual task), a job or a called process is done; results go through the output mapping."""

    token: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fire:
    """A timer is due, or a message or signal was delivered, at this waiting token (`part`: which definition)."""

    token: str
    payload: Variables = field(default_factory=dict)
    part: int = 0


@dataclass(frozen=True, slots=True)
class Throw:
    """A job or child failed with a business error that the diagram may catch."""

    token: str
    error_code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Escalate:
    """A called process escalates; it goes on unless what catches this at the call activity interrupts it."""

    token: str
    code: str


@dataclass(frozen=True, slots=True)
class Break:
    """Turn a waiting token into an incident (a job's attempts are spent)."""

    token: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Try an incident's token again."""

    token: str


@dataclass(frozen=True, slots=True)
class SetVariables:
    """An operator changes process variables (or those a token's scope sees)."""

    variables: Variables
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Take tokens out and put one at `target` (return, jump, skip). `region`: elements whose tokens and arrivals go
    too; None = all that the target leads to in its scope, as far as the first join that needs other branches too."""

    leave: Sequence[str]
    target: str
    region: Sequence[str] | None = ()


@dataclass(frozen=True, slots=True)
class AddChild:
    """Another child for a running multi-instance body."""

    token: str
    item: Any


@dataclass(frozen=True, slots=True)
class AddSigner:
    """One more person for a user task, whatever its shape: another child of a repeated one, else a token beside it."""

    token: str
    who: str
    when: str = "beside"  # before: the task is held until they are done | beside | after
    by: str = ""
    item: Any = None  # of the repetition; None: `who`


@dataclass(frozen=True, slots=True)
class RemoveChild:
    """Take a child out of a running multi-instance, or a signer from a task."""

    token: str  # the child's token
    signer: bool = False  # it is somebody's signature: the last one, before anybody has signed, stays


@dataclass(frozen=True, slots=True)
class Rework:
    """Have an earlier task done again while this one is held; then this one goes on (return, and jump back)."""

    token: str
    target: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Put a completed task back, as long as nothing that it led to has moved. `trail`: `Changes.trail` of its
    completion."""

    trail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the case without completing it."""

    reason: str = ""


Event = (
    Begin | Complete | Fire | Throw | Escalate | Break | Retry | SetVariables | Move | AddChild | AddSigner
    | RemoveChild | Rework | Withdraw | Cancel
)  # fmt: skip


# ---- what a case waits for -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wait:
    """A live token that somebody or something outside must move. Projections (work items, timers, subscriptions, jobs,
    child instances) are rows made of these, one per (token, kind, part)."""

    token: str
    node: str
    kind: str  # user | timer | message | signal | job | call | receive is 'message'
    part: int = 0
    name: str = ""  # node's name; for message/signal see `ref`
    ref: str = ""  # message or signal name, job type, called process, form key of a user task
    correlation: str | None = None  # evaluated correlation key of a message
    due: Due | None = None  # of a timer, or a user task's deadline
    assignee: str = ""  # user: evaluated
    candidates: tuple[str, ...] = ()  # user: candidateUsers, evaluated
    groups: tuple[str, ...] = ()  # user: candidateGroups, evaluated ('role', 'role@unit', 'role@up')
    priority: int = 50
    binding: str = "deployment"  # of form or called process
    inputs: Variables = field(default_factory=dict)  # job or call: evaluated input mapping (call: if none, all it sees)
    headers: Mapping[str, str] = field(default_factory=dict)  # task headers
    properties: Mapping[str, str] = field(default_factory=dict)  # zeebe:properties of the element, as written
    retries: int = 3
    asked_by: str = ""  # user: who added this signer


@dataclass(slots=True)
class Entry:
    """A journal line of this command, in order."""

    node: str
    event: str  # entered completed cancelled caught thrown incident resolved moved set
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Publish:
    """A message or signal thrown by the diagram, to become a row. A signal has already reached its own case, in the
    right order: deliver it to other cases and start events only."""

    kind: str  # message | signal
    name: str
    correlation: str | None
    payload: Variables


@dataclass(frozen=True, slots=True)
class Trouble:
    """A token that became an incident."""

    token: str
    node: str
    kind: str  # expression | script | decision | flow | join | loop | error | service | value, or a Break's kind
    message: str  # Chinese
    message_en: str = ""


@dataclass(slots=True)
class Changes:
    """All that one command did to one case. `state` is the codec's bytes; commands store it, never look inside."""

    state: bytes
    status: str  # running | completed | cancelled
    variables: dict[str, Any]  # process scope, after
    journal: list[Entry] = field(default_factory=list)
    opened: list[Wait] = field(default_factory=list)
    # (token, completed | cancelled | caught | broken): every projection of the token goes
    closed: list[tuple[str, str]] = field(default_factory=list)
    rearmed: list[Wait] = field(default_factory=list)  # a cycle's next firing, same token
    published: list[Publish] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    solved: list[str] = field(default_factory=list)  # tokens whose incident is over
    held: dict[str, bool] = field(default_factory=dict)  # live tasks: whether others have to be done before
    trail: dict[str, Any] | None = None  # of a completed user task: what a withdrawal needs
    error_code: str = ""  # the case ended by an uncaught error event that a parent may catch
    escalated: list[str] = field(default_factory=list)  # codes that nothing here caught and a parent may


# ---- what a diagram says -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TokenView:
    """A live token, for screens and moves."""

    token: str
    node: str  # element id in the diagram
    scope: str  # token of the subprocess it is in, '' at the top
    status: str  # ready | waiting | started | error
    listener: bool = False  # a boundary event or event subprocess that only listens
    child: int | None = None  # place in a multi-instance, from 0
    body: str = ""  # token of that multi-instance
    side: str = ""  # token of the task that this signer was added to
    before: str = ""  # token of the task that is held until this one is done


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """A flow node of the diagram."""

    id: str
    name: str
    name_en: str
    type: str  # BPMN local name: userTask, exclusiveGateway, ...
    lane: str
    scope: str  # id of the process or subprocess it is in
    properties: Mapping[str, str]
    form: str = ""


@dataclass(frozen=True, slots=True)
class StartInfo:
    """A way into the process: a definition of a start event, or what an instantiating gateway or receive task awaits.
    `expression`: the timer or the condition; `correlation`: a message's key, FEEL."""

    node: str
    kind: str  # plain | timer | message | signal | condition
    ref: str = ""  # message or signal name
    expression: str = ""
    timer: str = ""  # date | duration | cycle
    calendar: str = ""
    correlation: str = ""
    form: str = ""
    form_binding: str = "deployment"
    properties: Mapping[str, str] = field(default_factory=dict)
    part: int = 0  # which of the node's definitions


@dataclass(frozen=True, slots=True)
class Reference:
    """Something outside the file that a node names. `key` may be FEEL ('=...') and then is known only when it runs."""

    kind: str  # form | decision | process | service | register | role
    key: str
    node: str
    binding: str = "deployment"


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """One executable process of a file."""

    key: str
    name: str
    name_en: str
    version_tag: str
    properties: Mapping[str, str]
    starts: tuple[StartInfo, ...]
    nodes: Mapping[str, NodeInfo]
    references: tuple[Reference, ...]
    documentation: str = ""  # what the process is for, as its designer wrote it; English: property `description_en`


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Keys that a diagram may name. None: don't check that kind."""

    forms: frozenset[str] | None = None
    decisions: frozenset[str] | None = None
    processes: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    services: frozenset[str] | None = None  # job and inline types; a trailing '.*' stands for a family
    registers: frozenset[str] | None = None
    calendars: frozenset[str] | None = None
    choices: Mapping[str, Mapping[str, tuple[Any, ...]]] = field(default_factory=dict)  # form -> field -> its options
