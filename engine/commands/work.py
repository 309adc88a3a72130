"""The unit of work of one command: the cases it moves, what follows from that, and the rows it all becomes.

Owns following up inside the same commit: a call activity starts its child, a finished child completes its parent's
token, a cancelled token cancels the child behind it. Computes with no lock held; `commit` is short. Never reused
after a commit or a conflict: the runner makes a new one for each attempt.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from engine import bpmn, store
from engine.bpmn.model import Begin, Break, Cancel, Changes, Complete, Escalate, Event, Fire, Publish, Throw, Wait
from engine.commands import policies, projections
from engine.commands.case import Case
from engine.commands.context import Context
from engine.commands.definitions import Version
from engine.commands.world import Asking, World
from engine.errors import InvalidValue, NotFound, Said
from engine.queries import Cases
from engine.registers import Batch
from engine.store import Writes, attachments, loads, new_guard, new_id, persons
from engine.store.journal import START, Head, Line
from engine.store.models import Incident, Message

TITLE = 300  # characters: a title stands in every list
CALLS_PER_COMMAND = 200  # call activities that start each other without ever waiting are a loop


@dataclass(frozen=True, slots=True)
class Order:
    """What stays the same over all attempts of a command."""

    actor: str
    now: datetime
    seed: int
    key: str | None
    command: str


@dataclass(frozen=True, slots=True)
class Start:
    """A case to be begun."""

    version: Version
    variables: dict[str, Any]
    by: str
    node: str | None = None
    part: int = 0  # which definition of `node` it was
    business_key: str | None = None
    parent: Case | None = None
    parent_token: str | None = None


class Work:
    """Gathers one command's effects."""

    def __init__(self, context: Context, order: Order) -> None:
        self.context = context
        self.order = order
        self.actor, self.now = order.actor, order.now
        self.writes = Writes()
        self.cases: dict[int, Case] = {}
        self.ended: set[int] = set()  # work items whose rows the command itself has ended
        self.opened: dict[int, int] = {}  # work items this command makes, with the outermost case of each
        self.messages: list[int] = []  # published here, to be delivered after the commit
        self.subscribed: list[int] = []  # subscriptions to messages made here, to be looked at after it
        self._worlds: dict[int, World] = {}
        self._files: dict[int, set[str]] = {}  # uploads that the data of this command names, by case
        self._queue: deque[tuple[Case, Event]] = deque()
        self._calls = 0
        self._escalated: set[tuple[int, str]] = set()  # calls (case, token) that an escalation may have interrupted
        self._passed = 0
        self._stamp: int | None = None
        self._troubled = False  # whether a case had open incidents

    @cached_property
    def batch(self) -> Batch:
        """What this command reads and changes of registers."""
        return self.context.registers.batch(self.now, self.actor)

    # ---- cases

    def case(self, instance: int) -> Case:
        """The case as loaded for this attempt. NotFound."""
        known = self.cases.get(instance)
        if known is None:
            found = loads.headed(self.context.store, instance)
            if found is None:
                raise NotFound(what="流程实例", id=instance)
            known = self._loaded(*found)
        return known

    def preload(self, instances: Sequence[int]) -> None:
        """Load several cases, and the rows on their tokens, in two reads."""
        store = self.context.store
        found = loads.headed_all(store, instances) if instances else []
        rows = loads.projections_all(store, [row.id for row, _ in found]) if found else {}
        for row, head in found:
            self._loaded(row, head).keep(rows[row.id])

    def _loaded(self, row: loads.CaseRow, head: Head | None) -> Case:
        if head is not None:
            self.writes.heads[row.id] = head
        case = self.cases[row.id] = Case(row, self.context.definitions.process(row.definition))
        return case

    def task(self, item: int, with_case: bool = False) -> loads.Task:
        """A work item as loaded for this attempt; `with_case`: and its case. NotFound."""
        task = loads.task(self.context.store, item, self.actor, with_case)
        if task is None:
            raise NotFound(what="任务", id=item)
        self._stamp, self._troubled = task.stamp, task.troubled
        if task.case is not None:
            self._loaded(task.case, task.head)
        elif task.head is not None:
            self.writes.heads[task.item["instance"]] = task.head
        return task

    @property
    def stamp(self) -> int:
        """How often people and units had changed when this attempt began to ask for them."""
        if self._stamp is None:
            self._stamp = persons.stamp(self.context.store)
        return self._stamp

    def settled_case(self, instance: int) -> Case | None:
        """After the commit: the case, if it stands as it was written and has no incident to tell of."""
        moved = self.messages or self.subscribed
        case = None if moved or self._troubled or Incident in self.writes.inserted else self.cases.get(instance)
        return case if case is not None and case.touched else None

    def begin(self, start: Start) -> Case:
        """Make a case and start it."""
        case = self._new(start)
        called = start.parent is not None
        self.apply(case, Begin(start.variables, start.node, called, start.part))
        return case

    def _new(self, start: Start) -> Case:
        instance = new_id()
        row = loads.CaseRow(
            id=instance,
            definition=start.version.id,
            process_key=start.version.key,
            version=start.version.version,
            status="running",
            suspended=False,
            business_key=start.business_key,
            title="",
            unit=start.parent.row.unit if start.parent else "",
            started_by=start.by,
            started_at=self.now,
            ended_at=None,
            parent=start.parent.row.id if start.parent else None,
            parent_token=start.parent_token,
            root=start.parent.row.root if start.parent else instance,
            guard=new_guard(),
            state=b"",
        )
        case = self.cases[instance] = Case(row, self.context.definitions.process(start.version.id), fresh=True)
        self.writes.heads[instance] = START
        return case

    def apply(self, case: Case, event: Event) -> None:
        """Advance a case by an event, and all that follows from it."""
        self._name_files(case, event)
        self._queue.append((case, event))
        self._drain()

    def absorb(self, case: Case, changes: Changes) -> None:
        """Merge what was computed of a case without an event, and all that follows from it."""
        self._merge(case, changes)
        self._drain()

    def _drain(self) -> None:
        while self._queue:
            self._step(*self._queue.popleft())

    def _name_files(self, case: Case, event: Event) -> None:
        given = event.payload if isinstance(event, Fire) else getattr(event, "variables", None)
        by_hand = isinstance(event, Begin) and event.node is None and case.row.parent is None
        if by_hand or isinstance(event, Complete):
            held = attachments.named(bpmn.variables(case.row.state)) if case.row.state else set()
            self._refuse_foreign(case.row.root, attachments.named(given or {}) - held)
        self._keep_files(case.row.id, given)

    def name_files(self, instance: int, given: Mapping[str, Any]) -> None:
        """Uploads that somebody names are the case's from now on. InvalidValue for one that they could not open."""
        if names := attachments.named(given):
            self._refuse_foreign(loads.root(self.context.store, instance) or instance, names)
        self._keep_files(instance, given)

    def _keep_files(self, instance: int, given: Mapping[str, Any] | None) -> None:
        if given and (names := attachments.named(given)):
            self._files.setdefault(instance, set()).update(names)

    def _refuse_foreign(self, root: int, names: set[str]) -> None:
        """Nobody names a file that they could not open: the case's page would hand it to them."""
        if not names:
            return
        cases = Cases(self.context.store, self.context.people)
        for key, of in attachments.foreign(self.context.store, names, self.actor, root):
            if of is None or not cases.sees(of, self.actor):
                raise InvalidValue(reason=Said(f"文件 {key[:6]}… 不是您上传的", f"the file {key[:6]}… is not yours"))

    def _step(self, case: Case, event: Event) -> None:
        if not self._interrupted(case, event):
            self._merge(case, bpmn.advance(case.process, case.row.state or None, event, self.world(case)))

    def _merge(self, case: Case, changes: Changes) -> None:
        case.take(changes, self.now)
        self._describe(case, self.world(case), changes)
        if changes.journal:  # an empty list would be a chain that moves by nothing
            actor, now = self.actor, self.now
            told = (Line(entry.event, entry.node, actor, now, entry.data) for entry in changes.journal)
            self.writes.lines[case.row.id].extend(told)
        for thrown in changes.published:
            self.publish(thrown, case)
        self._follow(case, changes)

    def _describe(self, case: Case, world: World, changes: Changes) -> None:
        """Title, unit and public code (its business key) of the case are expressions of the process over its
        variables; the code must stand when the first command ends."""
        info = case.process.info
        before = (case.row.title, case.row.unit)
        title = world.text(info.properties.get("title", ""), changes.variables) or before[0] or info.name
        case.row.title = title[:TITLE]
        unit = info.properties.get("unit", "unit")
        case.row.unit = world.text(unit, changes.variables) or before[1]
        if case.fresh and not case.row.business_key:
            case.row.business_key = world.text(info.properties.get("public_key", ""), changes.variables) or None
        case.renamed = case.renamed or (not case.fresh and (case.row.title, case.row.unit) != before)

    # ---- what follows

    def _follow(self, case: Case, changes: Changes) -> None:
        for wait in changes.opened:
            if wait.kind == "call":
                self._call(case, wait)
            elif wait.kind == "user" and (why := policies.passing(self, case, wait)):
                self._pass(case, wait, why)
        self._cancel_children(case, changes)
        if changes.escalated and case.row.parent is not None and not case.unheard:
            self._escalate(case, changes)
        if changes.status != "running" and case.row.parent is not None and not case.unheard:
            self._answer(case, changes)

    def _pass(self, case: Case, wait: Wait, why: str) -> None:
        """A policy of the diagram lets a task pass without anybody. Too many of them are a circle: the next waits."""
        self._passed += 1
        if self._passed <= policies.SKIPS_PER_COMMAND:
            self.line(case, "passed", wait.node, {"why": why})
            self._queue.append((case, Complete(wait.token, policies.answer(wait))))

    def _call(self, case: Case, wait: Wait) -> None:
        self._calls += 1
        definitions = self.context.definitions
        process = definitions.version(case.row.definition)
        called = definitions.bound("process", wait.ref, wait.binding, process)
        if called is None:
            self._queue.append((case, Break(wait.token, "call", f"没有已发布的流程“{wait.ref}”。")))
        elif self._calls > CALLS_PER_COMMAND:
            self._queue.append((case, Break(wait.token, "loop", f"流程“{wait.ref}”不停地调用自身。")))
        else:
            start = Start(called, dict(wait.inputs), case.row.started_by, parent=case, parent_token=wait.token)
            child = self._new(start)
            self._queue.append((child, Begin(start.variables, called=True)))

    def _cancel_children(self, case: Case, changes: Changes) -> None:
        gone = {token for token, _ in changes.closed}
        if not gone:
            return
        for child in self._children(case, gone):
            if child.row.status == "running":
                child.unheard = True
                self._queue.append((child, Cancel("called activity ended")))

    def _children(self, case: Case, tokens: set[str]) -> list[Case]:
        here = [c for c in self.cases.values() if c.row.parent == case.row.id and c.row.parent_token in tokens]
        if case.fresh or not case.process.calls:
            return here
        stored = [row for row, token in case.stored(self.context.store).children if token in tokens]
        return here + [self.case(row) for row in stored if row not in self.cases]

    def _escalate(self, case: Case, changes: Changes) -> None:
        """Tell the parent what its called process escalates: it may interrupt the call, before the call is answered."""
        assert case.row.parent is not None and case.row.parent_token is not None
        parent, token = self.case(case.row.parent), case.row.parent_token
        self._escalated.add((parent.row.id, token))
        self._queue.extend((parent, Escalate(token, code)) for code in changes.escalated)

    def _interrupted(self, case: Case, event: Event) -> bool:
        """Whether an escalation has taken away the call that an event answers."""
        if not self._escalated or (case.row.id, getattr(event, "token", "")) not in self._escalated:
            return False
        alive = {view.token for view in bpmn.tokens(case.row.state)}
        return case.row.status != "running" or getattr(event, "token", "") not in alive

    def _answer(self, case: Case, changes: Changes) -> None:
        """Tell the parent how its called process ended."""
        assert case.row.parent is not None and case.row.parent_token is not None
        parent, token = self.case(case.row.parent), case.row.parent_token
        if parent.row.status != "running":
            return
        if changes.error_code:
            self._queue.append((parent, Throw(token, changes.error_code)))
        elif changes.status == "completed":
            self._queue.append((parent, Complete(token, changes.variables)))
        else:
            self._queue.append((parent, Break(token, "call", "被调用的流程已取消。")))

    def world(self, case: Case) -> World:
        """What a step of the case may ask of the outside."""
        known = self._worlds.get(case.row.id)
        if known is None or known.unit != case.row.unit:
            chance = self.order.seed if case.fresh else self.order.seed ^ case.row.id  # a batch moves many cases
            asking = Asking(self.now, chance, case.row.unit)
            known = self._worlds[case.row.id] = World(self.context, asking, self, case)
        return known

    def bare_world(self, unit: str) -> World:
        """A world that only computes."""
        return World(self.context, Asking(self.now, self.order.seed, unit))

    # ---- rows

    def line(self, case: Case, event: str, node: str = "", data: dict[str, Any] | None = None) -> None:
        """Add a journal line."""
        self.note(case.row.id, event, node, data)

    def note(self, instance: int, event: str, node: str = "", data: dict[str, Any] | None = None) -> None:
        """Add a journal line to a case that this command does not move."""
        self.writes.line(instance, Line(event, node, self.actor, self.now, data or {}))

    def publish(self, thrown: Publish, case: Case) -> None:
        """A message or signal of the diagram becomes a row; deliveries come after the commit."""
        row = projections.message_row(thrown, self.actor, self.now, case.row.id)
        self.writes.insert(Message, row)
        self.messages.append(row["id"])

    def commit(self, answer: str) -> None:
        """Land everything, or raise Moved."""
        for case in self.cases.values():
            if case.touched:
                projections.save(self, case)
        if self.order.key:
            self.writes.remember(self.order.key, self.order.command, answer, self.now)
        for instance, names in sorted(self._files.items()):
            self.writes.action(partial(attachments.bind, instance=instance, ids=names, by=self.actor))
        if "batch" in self.__dict__ and not self.batch.idle:
            self.writes.action(self.batch.land)
        store.commit(self.context.store, self.writes)

    def after_commit(self) -> None:
        """Deliver at once what was published, and what waits for those who now wait."""
        for item, root in self.opened.items():
            self.context.roots.put(item, root)
        if self.messages or self.subscribed:
            self.context.settle(self.messages, self.subscribed)
