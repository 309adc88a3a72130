"""One person's data: all of it in one file for them, and all of it taken away when they ask to be forgotten.

Owns where personal data stands: the person's record, sign-ins, letters, drafts, private fields of register rows, and
the payloads of journal lines. A line's payload goes, its digest and place stay, so every chain still holds. What a
person did as staff stays theirs by their sign-in name; the name behind it is gone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import Any

from engine.commands.context import Context
from engine.errors import Forbidden, InvalidValue, Said
from engine.expressions import values
from engine.records import Person
from engine.store import house, models, persons

GONE = "已删除"
SHORTEST = 6  # characters of a text that is looked for in payloads: a shorter one would be found in everybody's
Row = dict[str, Any]


class Personal:
    """Export and erasure."""

    def __init__(self, context: Context) -> None:
        self._context, self._store = context, context.store

    def export(self, login: str, *, by: str) -> Row:
        """See `Engine.personal_data`."""
        person = self._context.people.get(login)
        here = person.home_unit or person.employer
        if by not in ("", login) and not self._context.people.may(by, "people:write", here):
            raise Forbidden(who=by, action="people:write")
        found = {
            "person": self._record(person),
            "posts": [[p.role, p.unit, p.since, p.until] for p in self._context.people.posts(login, history=True)],
            "cases": self._rows(models.Instance, models.Instance.started_by == login, "id", "title", "started_at"),
            "tasks": self._rows(models.WorkItem, models.WorkItem.ended_by == login, "id", "name", "title", "ended_at"),
            "notices": self._rows(models.Notice, models.Notice.person == login, "subject", "body", "created_at"),
            "sign_ins": self._rows(models.Attempt, models.Attempt.login == login, "at", "outcome", "address", "agent"),
            "rows": [dict(values.loads(row["data"]), register=row["register"]) for row in self._naming(person)],
        }
        if by != login:
            with self._store.transaction():
                house.note(self._store, "exported", login, by, self._context.clock.now(), {})
        return values.plain(found)

    def erase(self, login: str, *, by: str, reason: str) -> dict[str, int]:
        """See `Engine.erase_person`."""
        people = self._context.people
        if by and not people.may_everywhere(by, "admin"):
            raise Forbidden(who=by, action="admin")
        if by == login:
            raise InvalidValue(reason=Said("不能删除自己的个人信息", "one does not erase oneself"))
        person = people.get(login)
        with self._store.transaction():
            done = {"rows": self._rows_masked(person), "lines": self._lines_erased(person), **self._traces(login)}
            self._forget(person)
            house.note(self._store, "erased", login, by, self._context.clock.now(), {"reason": reason, **done})
        return done

    # ---- what there is

    def _record(self, person: Person) -> Row:
        kept = ("login", "name", "mobile", "email", "status", "home_unit", "employer", "branch", "locale", "fields")
        row = {name: getattr(person, name) for name in kept}
        return row | {"channels": list(person.channels), "skills": [[s.name, s.certificate] for s in person.skills]}

    def _rows(self, model: Any, where: Any, *names: str) -> list[Row]:
        query = model.select(*(getattr(model, name) for name in names)).where(where)
        return self._store.rows(query.order_by(model._meta.primary_key))

    def _texts(self, person: Person) -> list[str]:
        """What of a person is theirs alone, wherever it is written."""
        numbers = [text for text in _leaves(person.fields) if len(text) > 8 and text[:-1].isdigit()]  # identity cards
        given = (person.mobile, person.email, *numbers)
        return sorted({text for text in given if len(text) >= SHORTEST})

    def _naming(self, person: Person) -> list[Row]:
        """Rows of registers that hold something of theirs."""
        row = models.RegisterRow
        tests = [row.data.contains(text) for text in self._texts(person)] + [row.data.contains(f'"{person.login}"')]
        found: dict[int, Row] = {}
        for test in tests:
            found |= {one["id"]: one for one in self._store.rows(row.select().where(test))}
        return [found[key] for key in sorted(found)]

    # ---- taking it away

    def _rows_masked(self, person: Person) -> int:
        """Private fields of the rows that hold a text of theirs, and that text wherever else it stands in the row."""
        done, texts = 0, self._texts(person)
        schemas = {schema.name: schema for schema in self._context.registers.schemas()}
        for row in self._naming(person) if texts else ():
            data = values.loads(row["data"])
            if not any(text in row["data"] for text in texts):
                continue
            hidden = schemas[row["register"]].private if row["register"] in schemas else frozenset()
            fresh = {key: _masked(value, texts, key in hidden) for key, value in data.items()}
            line = models.RegisterRow.update(data=values.dumps(fresh).decode(), revision=row["revision"] + 1)
            self._store.run(line.where(models.RegisterRow.id == row["id"]))
            for text in texts:
                here = (models.RegisterValue.row == row["id"]) & models.RegisterValue.text.contains(text)
                self._store.run(models.RegisterValue.update(text=GONE).where(here))
            done += 1
        return done

    def _lines_erased(self, person: Person) -> int:
        """Payloads of journal lines that hold a text of theirs; digest and link stay."""
        line, done = models.Journal, 0
        for text in self._texts(person):
            done += self._store.run(line.update(data=None, salt="").where(line.data.contains(text)))
        return done

    def _traces(self, login: str) -> dict[str, int]:
        """Letters, drafts, sign-ins, browsers, factor."""
        done = {}
        for name, model, column in (
            ("notices", models.Notice, models.Notice.person),
            ("letters", models.Outbox, models.Outbox.person),
            ("drafts", models.Draft, models.Draft.login),
            ("sign_ins", models.Attempt, models.Attempt.login),
            ("browsers", models.Browser, models.Browser.login),
            ("factors", models.Factor, models.Factor.login),
            ("skills", models.Skill, models.Skill.person),
            ("free_times", models.FreeTime, models.FreeTime.person),
        ):
            done[name] = self._store.run(model.delete().where(column == login))
        return done

    def _forget(self, person: Person) -> None:
        persons.changed(self._store)
        today = self._context.people.today()
        open_posts = (models.Post.person == person.login) & models.Post.until.is_null()
        self._store.run(models.Post.update(until=today).where(open_posts))
        blank: Row = {
            "name": GONE,
            "mobile": "",
            "email": "",
            "branch": "",
            "channels": "[]",
            "fields": "{}",
            "password": "",
        }
        blank |= {"status": "left", "active": False, "fs_uniquifier": secrets.token_hex(16)}
        self._store.run(models.Person.update(blank).where(models.Person.login == person.login))


def _masked(value: Any, texts: list[str], private: bool) -> Any:
    if isinstance(value, str):
        return GONE if (private and value) or any(text in value for text in texts) else value
    if isinstance(value, list):
        return [_masked(one, texts, private) for one in value]
    if isinstance(value, dict):
        return {key: _masked(one, texts, private) for key, one in value.items()}
    return value


def _leaves(value: Any) -> Iterator[str]:
    """Every text in a value that a person typed: numbers and words of their record."""
    if isinstance(value, str):
        yield value
    inner: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from _leaves(one)
