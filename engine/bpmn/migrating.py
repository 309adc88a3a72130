"""A state of one version of a process as a state of another: the tokens stay, their elements are named anew.

Owns what may move: every token, arrival and record needs an element of the same kind in the same scope of the new
version. What only listens is not in the way: a listener that is gone is dropped, a new one is to be armed, one that
waits for something else begins again (`arming`). Reports each, and refuses nothing itself: the caller decides by
`Step.problem`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn import definitions as d
from engine.bpmn.process import Process
from engine.bpmn.state import CHILD, read
from engine.errors import NotFound, Said
from engine.expressions import values

MOVED, RESTARTED, ADDED, REMOVED = "moved", "restarted", "added", "removed"
_ASSIGNED = ("assignee", "candidate_users", "candidate_groups")
_TASK = (*_ASSIGNED, "due_date", "form", "form_binding", "priority", "properties")


@dataclass(frozen=True, slots=True)
class Step:
    """Where one token goes, and what becomes of it there: moved | restarted (its timer or message is another one now) |
    added | removed (what only listens). `problem`: why it cannot, None when it can. `token` is '' for arrivals and for
    what is added."""

    token: str
    source: str
    target: str
    problem: Said | None = None
    fate: str = MOVED


@dataclass(slots=True)
class Translation:
    """A state for the new version and what is still to be done to it (`arming.arm`). `listen`: (host of the scope,
    element, host of the boundary event or 0); `again`: waiting token -> the definitions (by place) that say something
    else now; `renew`: tokens of tasks whose settings changed; `gone`: listeners dropped."""

    state: bytes = b""
    steps: list[Step] = field(default_factory=list)
    listen: list[tuple[int, str, int]] = field(default_factory=list)
    again: dict[int, list[int]] = field(default_factory=dict)
    renew: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)


def migrate(source: Process, target: Process, state: bytes, mapping: Mapping[str, str]) -> Translation:
    """The state for the new version, with a step for every token (and for whatever else has no place any more).
    Elements that `mapping` does not name keep their id."""
    return _Mover(source, target, mapping).run(read(state))


class _Mover:
    """One migration under way."""

    def __init__(self, source: Process, target: Process, mapping: Mapping[str, str]) -> None:
        self.source, self.target, self.mapping = source, target, mapping
        self.found = Translation()
        self.before: dict[int, str] = {}  # token -> its element in the old version
        self.inside: dict[int, tuple[str, str]] = {}  # token of a subprocess -> its scope's spec, old and new

    def run(self, saved: dict[str, Any]) -> Translation:
        for scope in saved["scopes"]:
            old, new = self.inside.get(scope["h"], (self.source.key, self.target.key))
            was, spec = self.source.specs.get(old), self.target.specs.get(new)
            self._tokens(scope, was, spec.task_specs if spec is not None else {})
            _rename(scope, self.mapping)
            self._rest(scope, was, spec)
        self.found.state = values.dumps(saved)
        return self.found

    def _tokens(self, scope: dict[str, Any], was: Any, names: Mapping[str, Any]) -> None:
        for token in list(scope["t"]):
            number, name, _, own = token
            if name.startswith("("):
                continue
            self.before[number] = name
            place = name.removesuffix(CHILD)
            wanted = self.mapping.get(place, place)
            token[1] = wanted + name[len(place) :]
            before = was.task_specs.get(name) if was is not None else None
            self._token(scope, token, before, names)
            inner = getattr(names.get(token[1]), "inner", "")
            if inner and not own.get("listens"):
                self.inside[number] = (getattr(before, "inner", ""), inner)

    def _token(self, scope: dict[str, Any], token: list[Any], before: Any, names: Mapping[str, Any]) -> None:
        """Note where a token goes; a listener that has no place any more is dropped."""
        number, name, letter, own = token
        place, wanted = self.before[number].removesuffix(CHILD), name.removesuffix(CHILD)
        found = names.get(name)
        problem = _problem(before, place, found, wanted, names)
        if own.get("listens") and (problem or not self._hangs(scope, token, names)):
            scope["t"].remove(token)
            self.found.gone.append(number)
            self.found.steps.append(Step(str(number), place, wanted, None, REMOVED))
            return
        fate = MOVED
        if problem is None and (parts := _differ(before, found)) and letter == "w":
            self.found.again[number] = parts
            fate = RESTARTED
        if problem is None and letter == "r" and getattr(found, "manual", False) and _set_otherwise(before, found):
            self.found.renew.append(number)
        self.found.steps.append(Step(str(number), place, wanted, problem, fate))

    def _hangs(self, scope: dict[str, Any], token: list[Any], names: Mapping[str, Any]) -> bool:
        """Whether a boundary event is still on the activity where its host stands now."""
        _, name, _, own = token
        if "host" not in own:
            return True
        host = next((one for one in scope["t"] if one[0] == own["host"]), None)
        return host is not None and name in getattr(names.get(host[1]), "boundary", ())

    def _rest(self, scope: dict[str, Any], was: Any, spec: Any) -> None:
        names = spec.task_specs if spec is not None else {}
        if "off" in scope:
            scope["off"] = [name for name in scope["off"] if name in names]
        self.found.steps += _arrivals(scope, names)
        if spec is not None:
            self._event_subs(scope, was, spec)
            self._borders(scope, was, names)

    # ---- what the new version adds

    def _event_subs(self, scope: dict[str, Any], was: Any, spec: Any) -> None:
        names = spec.task_specs
        listening = {name for _, name, _, own in scope["t"] if own.get("listens") and "host" not in own}
        if any(_interrupts(names.get(name), own) for _, name, _, own in scope["t"]):
            return
        known = {self.mapping.get(name, name) for name in (was.event_subs if was is not None else ())}
        for name in spec.event_subs:
            fired = name in known and _spent(names[name].event, names[name].event.interrupting)
            if name not in listening and name not in scope.get("off", []) and not (fired and not self._dropped(name)):
                self._add(scope["h"], name, 0)

    def _borders(self, scope: dict[str, Any], was: Any, names: Mapping[str, Any]) -> None:
        listening = {(name, own["host"]) for _, name, _, own in scope["t"] if "host" in own}
        for number, name, letter, own in scope["t"]:
            hosts = name in names and not own.keys() & {"mi", "side", "back", "listens"} and letter != "e"
            known = self._borders_before(was, number)
            for border in names[name].boundary if hosts else ():
                fired = border in known and _spent(names[border], names[border].cancel_activity)
                if (border, number) not in listening and not (fired and not self._dropped(border)):
                    self._add(scope["h"], border, number)

    def _borders_before(self, was: Any, number: int) -> set[str]:
        before = was.task_specs.get(self.before.get(number, "")) if was is not None else None
        return {self.mapping.get(name, name) for name in getattr(before, "boundary", ())}

    def _dropped(self, name: str) -> bool:
        """Whether this listener was dropped just now because it waits for something else."""
        return any(step.fate == REMOVED and step.target == name for step in self.found.steps)

    def _add(self, scope: int, name: str, host: int) -> None:
        self.found.listen.append((scope, name, host))
        self.found.steps.append(Step("", "", name, None, RESTARTED if self._dropped(name) else ADDED))


# ---- what fits -----------------------------------------------------------------------------------------------------


def _problem(before: Any, place: str, found: Any, wanted: str, names: Mapping[str, Any]) -> Said | None:
    """Why a token cannot stand at the element of the new version."""
    if found is None:
        if wanted in names:
            return Said(f"“{wanted}”是否重复办理与旧版不同", f"“{wanted}” repeats in only one of the versions")
        return Said(f"新版本的这一层里没有“{wanted}”", f"“{wanted}” is no element of this scope in the new version")
    if before is None:
        return Said(f"旧版本里没有“{place}”", f"“{place}” is no element of the old version")
    if before.type != found.type:
        return Said(
            f"“{place}”是{_kind(before.type)}，“{wanted}”是{_kind(found.type)}",
            f"{place} is a {before.type}, {wanted} a {found.type}",
        )
    if bool(getattr(before, "child", "")) != bool(getattr(found, "child", "")):
        return Said(f"“{wanted}”是否重复办理与旧版不同", f"“{wanted}” repeats in only one of the versions")
    if _waits_for(before) != _waits_for(found):
        return Said(f"“{wanted}”等待的事件与“{place}”不是一类", f"{wanted} waits for something else than {place}")
    return None


_KINDS = {
    "userTask": "人工任务",
    "manualTask": "手工任务",
    "serviceTask": "服务任务",
    "scriptTask": "脚本任务",
    "businessRuleTask": "决策任务",
    "sendTask": "发送任务",
    "receiveTask": "接收任务",
    "task": "任务",
    "callActivity": "调用流程",
    "subProcess": "子流程",
    "transaction": "事务子流程",
    "adHocSubProcess": "自由子流程",
    "intermediateCatchEvent": "等待事件",
    "boundaryEvent": "附着事件",
    "eventBasedGateway": "事件网关",
}


def _kind(type_: str) -> str:
    return _KINDS.get(type_, type_)


def _waits_for(spec: Any) -> list[str]:
    event = spec.event
    return [] if event is None else [type(single).__name__ for single in d.parts(event.event_definition)]


def _differ(before: Any, found: Any) -> list[int]:
    """Places of the definitions that say something else now."""
    old, new = before.event, found.event
    if old is None or new is None:
        return []
    pairs = zip(d.parts(old.event_definition), d.parts(new.event_definition), strict=True)
    return [place for place, (was, now) in enumerate(pairs) if _words(was, old) != _words(now, new)]


def _words(single: Any, event: Any) -> tuple[Any, ...]:
    """What a definition says, where a waiting token has to know it."""
    if isinstance(single, d.Timer):
        return (single.expression, event.settings.properties.get("calendar", ""))
    if isinstance(single, d.Message):
        return (single.name, single.correlation)
    if isinstance(single, d.Conditional):
        return (single.expression,)
    return (single.name,) if isinstance(single, d.Signal) else ()


def _set_otherwise(before: Any, found: Any) -> bool:
    """Whether a task's settings changed: whoever keeps its row has to look at them again."""
    return any(getattr(before.settings, name) != getattr(found.settings, name) for name in _TASK)


def readdressed(before: Any, found: Any) -> bool:
    """Whether the new version addresses a task to others."""
    return any(getattr(before.settings, name) != getattr(found.settings, name) for name in _ASSIGNED)


def spec_of(process: Process, step_place: str, child: bool) -> Any:
    """The spec of a token's element; a child of a repeated activity has its own."""
    try:
        return process.node(step_place + CHILD if child else step_place)
    except NotFound:
        return None


# ---- what a scope keeps besides its tokens -------------------------------------------------------------------------


def _rename(scope: dict[str, Any], mapping: Mapping[str, str]) -> None:
    """Names that a scope keeps besides its tokens."""
    for key in ("arr", "used"):
        if key in scope:
            scope[key] = {mapping.get(node, node): counts for node, counts in scope[key].items()}
    for key in ("todo", "off"):
        if key in scope:
            scope[key] = [mapping.get(node, node) for node in scope[key]]
    _rename_records(scope.get("rec", []), mapping)


def _rename_records(records: list[dict[str, Any]], mapping: Mapping[str, str]) -> None:
    for record in records:
        for key in ("activity", "spec"):
            place = record[key].removesuffix(CHILD)
            record[key] = mapping.get(place, place) + record[key][len(place) :]
        _rename_records(record["records"], mapping)


def _arrivals(scope: dict[str, Any], names: Mapping[str, Any]) -> Iterator[Step]:
    """Joins that somebody has arrived at: they, and the flows taken, must be there."""
    for node, counts in {**scope.get("used", {}), **scope.get("arr", {})}.items():
        if node not in names:
            yield Step("", node, node, _lost(node, []))
        elif not set(counts) <= set(names[node].incoming):
            yield Step("", node, node, _lost(node, sorted(set(counts) - set(names[node].incoming))))
    for node in scope.get("todo", []):
        if node not in names:
            yield Step("", node, node, Said(f"还要办的“{node}”没有了", f"“{node}” was still to be done and is gone"))
    for record in scope.get("rec", []):
        if record["activity"] not in names:
            name = record["activity"]
            words = Said(f"已办完的“{name}”将无法撤销（补偿）", f"“{name}” could not be undone any more")
            yield Step("", name, "", words)


def _lost(node: str, flows: list[str]) -> Said:
    if not flows:
        return Said(f"有分支已到达“{node}”，新版本里没有它", f"arrivals wait at “{node}”, which is gone")
    return Said(
        f"有分支已沿 {'、'.join(flows)} 到达“{node}”，新版本里没有这条连线",
        f"arrivals wait at “{node}” on {', '.join(flows)}, which is gone",
    )


def _interrupts(spec: Any, own: dict[str, Any]) -> bool:
    """Whether a token is an interrupting event subprocess at work: then nothing else listens in its scope."""
    event = getattr(spec, "event", None)
    return event is not None and event is not spec and not own.get("listens") and event.interrupting


def _spent(event: Any, interrupting: bool) -> bool:
    """A timer that interrupts nothing may have fired for good: that it does not listen says nothing."""
    return not interrupting and all(isinstance(x, d.Timer) for x in d.parts(event.event_definition))
