"""Services that run inside a command: registers, notices, codes, people, calendars.

Owns their names and inputs (contracts.md); what they write is gathered by the work and lands in its one commit, what
they read is recorded. Anything with an effect outside is a job, not here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine import records
from engine.commands import newcomers, notices, times
from engine.errors import InvalidValue
from engine.store import loads, new_id

if TYPE_CHECKING:
    from engine.commands.case import Case
    from engine.commands.work import Work
    from engine.commands.world import World

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is misread on paper or over the phone
CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Call:
    """One call: whose, and in what world. `context`: instance and node as the interpreter names them."""

    work: Work
    case: Case
    world: World
    context: Mapping[str, Any]


def is_inline(service: str) -> bool:
    """Whether a service task type runs inside the command."""
    return service in _SERVICES or service.startswith("register.")


def names() -> list[str]:
    """Service types for the lint's catalogue; `register.*` stands for a family."""
    return [*_SERVICES, "register.*"]


def call(asked: Call, service: str, inputs: Mapping[str, Any]) -> Any:
    """Run a service. Raises InvalidValue and what registers and people refuse."""
    if service.startswith("register."):
        return asked.work.batch.call(service, inputs, asked.case.row.id)
    return _SERVICES[service](asked, inputs)


def _notice(asked: Call, inputs: Mapping[str, Any]) -> int:
    """Tell people: `to` is a rule, a login or a list of them."""
    subject = _about(asked, inputs, "subject")
    if not subject:
        raise InvalidValue(reason="notice needs a subject")
    letter = notices.Letter(
        key=f"notice-{new_id()}",
        subject=subject,
        body=_about(asked, inputs, "body"),
        link=str(inputs.get("link") or f"/case/{asked.case.row.id}/"),
        instance=asked.case.row.id,
        subject_en=_about(asked, inputs, "subject_en"),
        body_en=_about(asked, inputs, "body_en"),
        urgent=inputs.get("urgent") is True,
    )
    told = _logins(asked, inputs.get("to"))
    node = str(asked.context.get("node", ""))
    asked.work.line(asked.case, "notified", node, {"to": told, "subject": subject, "subject_en": letter.subject_en})
    return notices.tell(asked.work, told, letter)


def _about(asked: Call, inputs: Mapping[str, Any], key: str) -> str:
    """A text of a notice; `{about}` in it is the name of the person whose login the input `about` is."""
    text, login = str(inputs.get(key) or ""), str(inputs.get("about") or "")
    if "{about}" not in text or not login:
        return text
    return text.replace("{about}", asked.work.context.people.names([login]).get(login) or login)


def _logins(asked: Call, to: Any) -> list[str]:
    """Logins and rules as written; while nobody is registered everything is a login."""
    people, row = asked.work.context.people, asked.case.row
    wanted = [str(one) for one in (to if isinstance(to, list) else [to]) if one]
    if people.empty():
        return wanted
    active = people.active(wanted)
    found: dict[str, None] = {}
    for one in wanted:
        found |= dict.fromkeys(
            [one] if one in active else people.resolve([one], row.unit, row.started_by, asked.case.variables)
        )
    return list(found)


def _signers(asked: Call, inputs: Mapping[str, Any]) -> list[str]:
    """Logins in the order of the rules: who signs a task of the property `signers`."""
    people, row = asked.work.context.people, asked.case.row
    rules = [str(one) for one in _list(inputs.get("rules"))]
    variables = inputs.get("variables") or asked.case.variables
    if not people.empty():
        return people.resolve(rules, row.unit, row.started_by, variables)
    found: dict[str, None] = {}
    for kind, _, name in (rule.partition(":") for rule in rules):
        named = variables.get(name) if kind == "field" else name or kind
        found |= dict.fromkeys(str(one) for one in (named if isinstance(named, list) else [named]) if one)
    return list(found)


def _code(asked: Call, inputs: Mapping[str, Any]) -> str:
    """A short code that cannot be guessed: from the command's seed, so that a retry gives the same."""
    chance = random.Random(f"{asked.world.seed}-{asked.case.row.id}-{asked.case.codes}")
    asked.case.codes += 1
    if inputs.get("digits"):
        return "".join(chance.choice("0123456789") for _ in range(min(int(inputs["digits"]), 32)))
    return str(inputs.get("prefix") or "") + "".join(chance.choice(ALPHABET) for _ in range(CODE_LENGTH))


def _find(asked: Call, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    people = asked.work.context.people
    for key in ("mobile", "login"):
        if inputs.get(key):
            person = people.find(str(inputs[key]))
            return [_person(asked, person)] if person else []
    name, employer = str(inputs.get("name") or ""), str(inputs.get("employer") or "")
    if not name:
        raise InvalidValue(reason="people.find needs a mobile, a login or a name")
    found = people.rows(text=name, employer=employer, limit=50).rows
    return [_person(asked, person) for person in found if person.name == name]


def _person(asked: Call, person: records.Person) -> dict[str, Any]:
    return {
        "login": person.login,
        "name": person.name,
        "mobile": person.mobile,
        "employer": person.employer,
        "home_unit": person.home_unit,
        "skills": [skill.name for skill in person.skills],
        "units": asked.work.context.people.units_of(person.login),
    }


def _put(asked: Call, inputs: Mapping[str, Any]) -> str:
    """Make a person unless there is one already; their login."""
    given = inputs.get("person")
    if not isinstance(given, Mapping):
        raise InvalidValue(reason="people.put needs the input person")
    return newcomers.put(asked.work, given)


def _match(asked: Call, inputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """People with the most of the skills asked, then the fewest open tasks; without skills everybody at home there.
    `certified`: a valid certificate for each skill; `free`: at the moment `at`, null when they never said."""
    people = asked.work.context.people
    skills = [str(one) for one in _list(inputs.get("skills"))]
    unit, limit = str(inputs.get("unit") or ""), int(inputs.get("limit") or 20)
    counts = dict.fromkeys(
        [] if skills else [one.login for one in people.rows(unit=unit, status="active", limit=limit).rows], 0
    )
    for skill in skills:
        for login in people.skilled(skill, unit or None):
            counts[login] = counts.get(login, 0) + 1
    load = loads.open_counts(asked.work.context.store, list(counts))
    best = sorted(counts, key=lambda login: (-counts[login], load.get(login, 0), login))
    known = people.records(best[:limit])
    return [
        {
            **_person(asked, known[login]),
            "load": load.get(login, 0),
            **_fit(asked, known[login], skills, inputs.get("at")),
        }
        for login in best
        if login in known
    ]


def _fit(asked: Call, person: records.Person, skills: list[str], at: Any) -> dict[str, Any]:
    today = asked.work.context.people.today()
    proven = {s.name for s in person.skills if s.certificate and (s.expires is None or s.expires >= today)}
    if not person.free or not isinstance(at, datetime):
        return {"certified": bool(skills) and proven.issuperset(skills), "free": None}
    local = at.astimezone(asked.world.zone)
    minute = local.hour * 60 + local.minute
    free = any(f.weekday == local.isoweekday() and f.start <= minute < f.end for f in person.free)
    return {"certified": bool(skills) and proven.issuperset(skills), "free": free}


def _list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _add(asked: Call, inputs: Mapping[str, Any]) -> datetime:
    """A duration after a start on a calendar."""
    start, world = inputs.get("start"), asked.world
    base = times.moment(world.rules(times.NATURAL), start, "date", world.now, "start").at if start else world.now
    rules = world.rules(str(inputs.get("calendar") or ""))
    found = times.moment(rules, inputs.get("duration"), "duration", base, "duration")
    return times.local(found.at, world.zone)


_SERVICES: dict[str, Callable[[Call, Mapping[str, Any]], Any]] = {
    "notice": _notice,
    "code.new": _code,
    "people.find": _find,
    "people.put": _put,
    "people.match": _match,
    "people.signers": _signers,
    "calendar.add": _add,
}
