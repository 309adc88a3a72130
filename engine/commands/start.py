"""Starting a case: by hand, by a timer, by a message.

Owns who may start what, the first command of a case and its answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import forms
from engine.bpmn.model import ProcessInfo
from engine.commands.case import Landed
from engine.commands.context import Context
from engine.commands.definitions import Version
from engine.commands.runner import land
from engine.commands.work import Start, Work
from engine.errors import Forbidden, NotFound
from engine.expressions import values

PUBLIC, ANYBODY = "public", "*"


def start(
    context: Context,
    process: str,
    variables: Mapping[str, Any],
    *,
    by: str,
    business_key: str | None = None,
    key: str | None = None,
    node: str | None = None,
) -> Landed:
    """Start the latest version of a process; the new case. `by` '' is the system or a resident without an
    account. With an idempotency `key` a second call answers the first one's case. NotFound, Forbidden,
    UnknownPerson, InvalidValue."""
    given = values.variables(variables)
    version = latest(context, process)
    if by:
        context.people.require(by)
    if not may_start(context, version, by):
        raise Forbidden(who=by or PUBLIC, action=version.name or process)

    def plan(work: Work) -> int:
        wanted = Start(version, dict(given), by, node=node, business_key=business_key)
        return work.begin(wanted).row.id

    return land(context, by, plan, key=key, command="start")


def latest(context: Context, process: str) -> Version:
    """The newest version of a process. NotFound."""
    version = context.definitions.latest("process", process)
    if version is None:
        raise NotFound(what="流程", id=process)
    return version


def may_start(context: Context, version: Version, by: str) -> bool:
    """Whether somebody may start a process by hand: property `starters` lists roles, `*` (anybody signed in), `public`
    (residents). Without the property the permission `start` decides; the system ('') may start everything."""
    if not by or context.people.empty():
        return True
    starters = _starters(context.definitions.info(version.id))
    if not starters:
        return context.people.may(by, "start") or context.people.may(by, "desk")
    if starters & {PUBLIC, ANYBODY}:
        return True
    return bool(starters & {post.role for post in context.people.posts(by)}) or context.people.may(by, "admin")


def offered(context: Context, definition: int, by: str | None) -> bool:
    """Whether a process shows on a start page: it has a plain start event and `by` may start it (None: residents
    may)."""
    info = context.definitions.info(definition)
    if not any(one.kind == "plain" for one in info.starts):
        return False
    if not by:
        return PUBLIC in _starters(info)
    return may_start(context, context.definitions.version(definition), by)


def form(context: Context, process: str) -> forms.Form | None:
    """The form of a process's plain start event, in the version bound to it; None when it has none. NotFound."""
    version = latest(context, process)
    plain = [one for one in context.definitions.info(version.id).starts if one.kind == "plain" and one.form]
    if not plain:
        return None
    bound = context.definitions.bound("form", plain[0].form, plain[0].form_binding, version)
    return None if bound is None else context.definitions.form(bound.id)


def _starters(info: ProcessInfo) -> set[str]:
    return {entry.strip() for entry in info.properties.get("starters", "").split(",") if entry.strip()}
