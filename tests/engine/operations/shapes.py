"""The shapes of a diagram around one task `u`: alone, with several signers, in branches, in a subprocess, in a called
process, with timers pending.

Owns the diagrams: two steps before (`u1`, `u2`, both zhao's), `u` in its shape, one step after (`u9`). The task's
settings come from the operation under test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.diagrams import boundary, call, diagram, end, many, process, start, sub, user

SIGNERS = ("li", "wang", "sun")


@dataclass(frozen=True)
class Task:
    """How `u` is set in a cell. `people`: attributes of its assignment; `several`: repeated, whatever the shape."""

    props: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    due: str = ""
    several: bool = False
    over: str = "signers"  # variable with the signers; '' = property `signers` says who


@dataclass(frozen=True)
class Shape:
    """A shape. `several`: its task is repeated by itself; `inside`: its task ends a scope of its own."""

    key: str
    zh: str
    en: str
    several: bool = False
    sequential: bool = False

    def files(self, key: str, task: Task) -> dict[str, bytes]:
        """The diagrams, by file name; the process to start has the key."""
        return {f"{key}.bpmn": _DRAWN[self.key](self, key, task)}


SHAPES = (
    Shape("single", "单人", "single"),
    Shape("sequential", "依次多人", "sequential", several=True, sequential=True),
    Shape("parallel", "并行多人", "parallel", several=True),
    Shape("branches", "并行分支", "branches"),
    Shape("subprocess", "子流程内", "subprocess"),
    Shape("called", "被调用流程内", "called process"),
    Shape("timers", "定时待触发", "timers pending"),
)
BEFORE = "s -> u1 -> u2"
EARLIER = user("u1", assignee="zhao") + user("u2", assignee="zhao")
AFTER = user("u9", users="deng, qian")


def _u(shape: Shape, task: Task, **more: object) -> str:
    several = task.several or shape.several
    inside = many(task.over, item="signer", sequential=shape.sequential) if several and task.over else ""
    if several and not task.over:
        inside = f'<multiInstanceLoopCharacteristics isSequential="{str(shape.sequential).lower()}"/>'
    people = dict(task.people) or ({} if not task.over else {"assignee": "=signer"} if several else {"assignee": "li"})
    settings = {"props": dict(task.props), "due": task.due, **people, **more}
    return user("u", inside, name="签署", **settings)  # type: ignore[arg-type]


def _plain(shape: Shape, key: str, task: Task) -> bytes:
    return diagram(f"{BEFORE} -> u -> u9 -> e", EARLIER, AFTER, _u(shape, task), key=key)


def _branches(shape: Shape, key: str, task: Task) -> bytes:
    flows = f"{BEFORE} -> A1; A1 -> u -> A2; A1 -> v -> A2; A2 -> u9 -> e"
    return diagram(flows, EARLIER, AFTER, _u(shape, task), user("v", assignee="ma"), key=key)


def _subprocess(shape: Shape, key: str, task: Task) -> bytes:
    inner = sub("SP", "si -> u -> ei", start("si"), _u(shape, task), end("ei"))
    return diagram(f"{BEFORE} -> SP -> u9 -> e", EARLIER, AFTER, inner, key=key)


def _called(shape: Shape, key: str, task: Task) -> bytes:
    child = f"{key}-child"
    flows, inner = "sc -> u -> ec", _u(shape, task)
    called = process(flows, start("sc"), inner, end("ec"), key=child)
    return diagram(f"{BEFORE} -> c -> u9 -> e", EARLIER, AFTER, call("c", child), key=key, more=called)


def _timers(shape: Shape, key: str, task: Task) -> bytes:
    props = {"remind": "-PT1H, R/PT2H", "escalate": "PT8H login:chief", **task.props}
    timed = Task(props, task.people, task.due or "PT4H", task.several, task.over)
    late = boundary("b", "u", "duration", "P9D", cut=False)
    flows = f"{BEFORE} -> u -> u9 -> e; b -> w -> e2"
    return diagram(flows, EARLIER, AFTER, _u(shape, timed), late, user("w", assignee="ma"), key=key)


_DRAWN = {
    "single": _plain,
    "sequential": _plain,
    "parallel": _plain,
    "branches": _branches,
    "subprocess": _subprocess,
    "called": _called,
    "timers": _timers,
}
