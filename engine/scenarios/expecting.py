"""What a scenario may expect, each a sentence in both languages when it is not so.

Owns the words of `expect`. Looks, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from engine.errors import Said
from engine.facade import Engine


class Playing(Protocol):
    """The play as expectations see it."""

    engine: Engine

    def value(self, written: Any) -> Any:
        """A value as written in the file."""
        ...

    def open_nodes(self) -> list[str]:
        """Elements of all open tasks, sorted."""
        ...


def _same(zh: str, en: str, wanted: Any, found: Any) -> Iterable[Said]:
    if wanted != found:
        yield Said(f"{zh}应为 {wanted!r}，实为 {found!r}", f"{en}: expected {wanted!r}, found {found!r}")


def _open(play: Playing, wanted: list[str], case: int) -> Iterable[Said]:
    yield from _same("待办任务", "open tasks", sorted(wanted), play.open_nodes())


def _has_open(play: Playing, wanted: list[str], case: int) -> Iterable[Said]:
    missing, there = sorted(set(wanted) - set(play.open_nodes())), play.open_nodes()
    if missing:
        yield Said(f"待办任务缺 {missing}，现有 {there}", f"open tasks: {missing} are missing, found {there}")


def _status(play: Playing, wanted: str, case: int) -> Iterable[Said]:
    yield from _same("状态", "status", wanted, play.engine.instance(case).status)


def _variables(play: Playing, wanted: Mapping[str, Any], case: int) -> Iterable[Said]:
    variables = play.engine.instance(case).variables
    for name, value in wanted.items():
        yield from _same(f"变量 {name} ", f"variable {name}", play.value(value), variables.get(name))


def _notices(play: Playing, wanted: Mapping[str, int], case: int) -> Iterable[Said]:
    for login, count in wanted.items():
        yield from _same(f"{login} 的通知数", f"notices of {login}", count, len(play.engine.notices(login)))


def _told(play: Playing, wanted: Mapping[str, str], case: int) -> Iterable[Said]:
    for login, part in wanted.items():
        subjects = [notice.subject for notice in play.engine.notices(login)]
        if not any(part in subject for subject in subjects):
            zh = f"{login} 的通知里没有一条写着 {part!r}：{subjects}"
            yield Said(zh, f"notices of {login}: none says {part!r}: {subjects}")


def _trace(play: Playing, wanted: list[str], case: int) -> Iterable[Said]:
    trace = {f"{line.node_id} {line.event}" for line in play.engine.journal(case)}
    yield from (Said(f"经过里没有 {line!r}", f"trace: no {line!r}") for line in wanted if line not in trace)


def _never(play: Playing, wanted: list[str], case: int) -> Iterable[Said]:
    trace = {f"{line.node_id} {line.event}" for line in play.engine.journal(case)}
    for line in wanted:
        if line in trace:
            yield Said(f"经过里不应有 {line!r}", f"trace: {line!r} should not be there")


def _registers(play: Playing, wanted: Mapping[str, Mapping[str, Any]], case: int) -> Iterable[Said]:
    """Per register: `count`, `where` (a filter), and `has` (values of the newest row found)."""
    for name, asked in wanted.items():
        rows = list(play.engine.register(name).rows(where=play.value(asked.get("where", {}))))
        if "count" in asked:
            yield from _same(f"台账 {name} 的行数", f"rows of {name}", asked["count"], len(rows))
        for key, value in asked.get("has", {}).items():
            found = rows[0].get(key) if rows else "no row"
            yield from _same(f"{name}.{key} ", f"{name}.{key}", play.value(value), found)


def _incidents(play: Playing, wanted: int, case: int) -> Iterable[Said]:
    found = play.engine.incidents()
    if len(found) != wanted:
        zh = "；".join(f"{one.process_key}/{one.node_id}：{one.message}" for one in found)
        en = "; ".join(f"{one.process_key}/{one.node_id}: {one.message}" for one in found)
        yield Said(
            f"异常应为 {wanted} 个，实为 {len(found)} 个：{zh}",
            f"incidents: expected {wanted}, found {len(found)}: {en}",
        )


def _nothing(play: Playing, wanted: Any, case: int) -> Iterable[Said]:
    return ()


CHECKS: dict[str, Callable[[Playing, Any, int], Iterable[Said]]] = {
    "case": _nothing,
    "open": _open,
    "has_open": _has_open,
    "status": _status,
    "variables": _variables,
    "notices": _notices,
    "told": _told,
    "trace_has": _trace,
    "trace_has_not": _never,
    "register": _registers,
    "incidents": _incidents,
}
