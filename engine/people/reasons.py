"""Why an assignment rule means somebody, and why it does not mean somebody one might have expected.

Owns the second question only: whom a rule means is `rules.answer`. Looks where the rule looked, at everybody with such
a post, skill or name, whatever their state or dates, and says what kept them out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from peewee import Expression

from engine.people.directory import CHUNK, rows_of
from engine.people.rules import Answer
from engine.store import models
from engine.store.database import Store

MOST = 200  # people passed over that are named for one rule
Person, Post, Skill = models.Person, models.Post, models.Skill


@dataclass(frozen=True, slots=True)
class Reason:
    """Somebody and a rule. `why`: '' = the rule means them; else pending | left | unknown, ended | later (a post; `day`
    its last or first), expired (a certificate; `day` its last), nearer (holders at a nearer unit come first)."""

    login: str
    rule: str
    kind: str  # role | skill | logins
    name: str = ""  # the role or skill
    unit: str = ""
    why: str = ""
    day: date | None = None


def chosen(answers: Iterable[Answer]) -> list[Reason]:
    """Whom the rules mean: each once, by the first rule that does."""
    found: dict[str, Reason] = {}
    for one in answers:
        for pick in one.picks:
            found.setdefault(pick.login, Reason(pick.login, one.rule, one.kind, one.name, pick.unit))
    return list(found.values())


def passed_over(store: Store, answer: Answer, home: Expression | None, today: date) -> list[Reason]:
    """Who else was where a rule looked. `home`: SQL test of who lives where a skill was looked for (None: anywhere)."""
    if answer.kind == "role":
        return _posts(store, answer, today)
    if answer.kind == "skill":
        return _skills(store, answer, home, today)
    known = {row["login"]: row["status"] for row in rows_of(store, Person, "login", list(answer.logins))}
    states = {login: _state(known.get(login, "unknown")) for login in answer.logins}
    return [Reason(login, answer.rule, "logins", why=state) for login, state in states.items() if state]


def _posts(store: Store, answer: Answer, today: date) -> list[Reason]:
    query = (
        Post.select(Post, Person.status).join(Person, on=(Person.login == Post.person)).where(Post.role == answer.name)
    )
    if answer.looked is not None:
        query = query.where(Post.unit.in_(answer.looked[:CHUNK]))
    rows = store.rows(query.order_by(Post.until.desc(nulls="first"), Post.person).limit(MOST))
    places = {unit: rank for rank, unit in enumerate(answer.looked or ())}
    rows.sort(key=lambda row: places.get(row["unit"], 0))
    return [_of_post(answer, row, today) for row in rows]


def _of_post(answer: Answer, row: dict[str, Any], today: date) -> Reason:
    why, day = _state(row["status"]), None
    if row["until"] and row["until"] < today:
        why, day = "ended", row["until"]
    elif not why and row["since"] and row["since"] > today:
        why, day = "later", row["since"]
    return Reason(row["person"], answer.rule, "role", answer.name, row["unit"], why or "nearer", day)


def _skills(store: Store, answer: Answer, home: Expression | None, today: date) -> list[Reason]:
    query = Skill.select(Skill, Person.status, Person.home_unit).join(Person, on=(Person.login == Skill.person))
    query = query.where(Skill.name == answer.name)
    if home is not None:
        query = query.where(home)
    rows = store.rows(query.order_by(Skill.expires.desc(nulls="first"), Skill.person).limit(MOST))
    found = []
    for row in rows:
        expired = row["expires"] is not None and row["expires"] < today
        why, day = ("expired", row["expires"]) if expired else (_state(row["status"]), None)
        if why:
            found.append(Reason(row["person"], answer.rule, "skill", answer.name, row["home_unit"], why, day))
    return found


def _state(status: str) -> str:
    return "" if status == "active" else status
