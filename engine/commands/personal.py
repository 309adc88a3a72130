"""One person's data: all of it in one file for them, and all of it taken away when they ask to be forgotten.

Owns who may, whose data are meant (a person's record, or a number of somebody who has none), the record itself, and
the report: what was found, what went, what is kept on purpose and why. The places are `erasing`'s and `archives`'.
"""

from __future__ import annotations

import secrets
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from peewee import fn

from engine.commands import archives
from engine.commands.context import Context
from engine.commands.erasing import Erasing
from engine.commands.files import Files
from engine.commands.redaction import GONE, SHORTEST, Subject, identifies, numbers
from engine.errors import Forbidden, InvalidValue, NotFound, Said
from engine.expressions import values
from engine.records import Erasure, Kept, Person
from engine.store import house, mentions, models, persons

Row = dict[str, Any]


class Personal:
    """Export and erasure."""

    def __init__(self, context: Context, files: Files) -> None:
        self._context, self._store, self._files = context, context.store, files

    def export(self, who: str, *, by: str) -> Row:
        """See `Engine.personal_data`."""
        person, subject = self._subject(who)
        self._may_read(person, subject, by)
        found = self._walk(subject, by)
        told: Row = {f"in_{name}" if name == "cases" else name: rows for name, rows in found.told.items() if rows}
        told |= self._record(person) if person else {}
        if by != subject.login:
            with self._store.transaction():
                house.note(self._store, "exported", self._known_as(person), by, self._context.clock.now(), {})
        return {**values.plain(told), "kept": [kept.en for kept in self._kept(found)]}

    def preview(self, who: str, *, by: str) -> Erasure:
        """What `erase` would do."""
        _person, subject = self._subject(who)
        self._may_erase(subject, by)
        found = self._walk(subject, by)
        return Erasure(subject.alias, _counted(found), self._kept(found))

    def erase(self, who: str, *, by: str, reason: str) -> Erasure:
        """See `Engine.erase_person`. Archives go first: after a death in between the person can be asked for again."""
        person, subject = self._subject(who)
        self._may_erase(subject, by)
        found = self._erasing(subject, by, True)
        archives.walk(self._context.settings.archive, found)
        found.counts["mail"] += self._mail(subject, True)
        with self._store.transaction():
            found.run()
            kept = self._kept(found)
            if person is not None:
                self._forget(person, subject)
            done = _counted(found)
            told = {"reason": subject.line(reason), **done}
            house.note(self._store, "erased", subject.alias, by, self._context.clock.now(), told)
        self._files.sweep(max(50, done.get("files", 0)))
        return Erasure(subject.alias, done, kept)

    # ---- who

    def _subject(self, who: str) -> tuple[Person | None, Subject]:
        """The record of a sign-in name or number, and what is looked for; NotFound."""
        person = self._context.people.find(who)
        alias = f"gone-{secrets.token_hex(4)}"
        if person is None:
            if not identifies(who):
                raise NotFound(what="人员", id=who)
            return None, Subject("", alias, "", (who,))
        given = {person.mobile, person.email, *numbers(person.fields)} - {person.login}
        texts = tuple(sorted(text for text in given if len(text) >= SHORTEST))
        name = "" if person.name == GONE else person.name
        renamed = identifies(person.login) or person.login == name
        return person, Subject(person.login, alias if renamed else person.login, name, texts)

    def _may_read(self, person: Person | None, subject: Subject, by: str) -> None:
        people = self._context.people
        if by and person is None and not people.may_everywhere(by, "admin"):
            raise Forbidden(who=by, action="admin")
        if person is None or by in ("", subject.login):
            return
        if not people.may(by, "people:write", person.home_unit or person.employer):
            raise Forbidden(who=by, action="people:write")

    def _may_erase(self, subject: Subject, by: str) -> None:
        if by and not self._context.people.may_everywhere(by, "admin"):
            raise Forbidden(who=by, action="admin")
        if by and by == subject.login:
            raise InvalidValue(reason=Said("不能删除自己的个人信息", "one does not erase oneself"))

    @staticmethod
    def _known_as(person: Person | None) -> str:
        """Of whom the audit speaks: it holds no number of somebody without a record."""
        return person.login if person else ""

    # ---- what

    def _erasing(self, subject: Subject, by: str, write: bool) -> Erasing:
        return Erasing(self._context, subject, by, self._context.clock.now(), write)

    def _walk(self, subject: Subject, by: str) -> Erasing:
        """Everything looked at, nothing changed."""
        found = self._erasing(subject, by, False)
        archives.walk(self._context.settings.archive, found)
        found.counts["mail"] += self._mail(subject, False)
        found.run()
        return found

    def _record(self, person: Person) -> Row:
        kept = ("login", "name", "mobile", "email", "status", "home_unit", "employer", "branch", "locale", "fields")
        row = {name: getattr(person, name) for name in kept}
        row |= {"channels": list(person.channels), "skills": [[s.name, s.certificate] for s in person.skills]}
        login = person.login
        return {
            "person": row,
            "posts": [[p.role, p.unit, p.since, p.until] for p in self._context.people.posts(login, history=True)],
            "cases": self._rows(models.Instance, models.Instance.started_by == login, "id", "title", "started_at"),
            "named_in": [{"register": r["register"], **values.loads(r["data"])} for r in self._naming(login)],
            "tasks": self._rows(models.WorkItem, models.WorkItem.ended_by == login, "id", "name", "title", "ended_at"),
        }

    def _rows(self, model: Any, where: Any, *names: str) -> list[Row]:
        query = model.select(*(getattr(model, name) for name in names)).where(where)
        return self._store.rows(query.order_by(model._meta.primary_key))

    def _naming(self, login: str) -> list[Row]:
        """Rows of registers that name them by their sign-in name."""
        return mentions.rows(self._store, models.RegisterRow, [f'"{login}"'], [models.RegisterRow.data])

    def _mail(self, subject: Subject, write: bool) -> int:
        """Letters to them that lie as files because no mail server is set."""
        folder, done = self._context.settings.mail_folder, 0
        for path in sorted(folder.glob("*.eml")) if folder.is_dir() else ():
            if subject.held(_letter(path)):
                done += 1
                if write:
                    path.unlink(missing_ok=True)
        return done

    # ---- what stays, and the record

    def _kept(self, found: Erasing) -> tuple[Kept, ...]:
        alias, login, store = found.subject.alias, found.subject.login, self._store
        acts, posts = (
            store.value(model.select(fn.COUNT(1)).where(column.in_([alias, login]))) if login else 0
            for model, column in ((models.Journal, models.Journal.actor), (models.Post, models.Post.person))
        )
        files = sum(mentions.count(store, one, found.subject.sought) for one in (models.PackBlob, models.Definition))
        told = (("acts", acts), ("posts", posts), ("others", found.others), ("packs", files), ("backups", 0))
        return tuple(Kept(code, n, _WHY[code].zh, _WHY[code].en) for code, n in told if n or code == "backups")

    def _forget(self, person: Person, subject: Subject) -> None:
        persons.changed(self._store)
        today = self._context.people.today()
        open_posts = (models.Post.person == subject.alias) & models.Post.until.is_null()
        self._store.run(models.Post.update(until=today).where(open_posts))
        blank: Row = dict.fromkeys(("mobile", "email", "branch", "password", "telling"), "")
        blank |= {"name": GONE, "channels": "[]", "fields": "{}", "login": subject.alias}
        blank |= {"status": "left", "active": False, "fs_uniquifier": secrets.token_hex(16)}
        self._store.run(models.Person.update(blank).where(models.Person.login == person.login))


_WHY = {
    "acts": Said(
        "操作记录的行：谁在何时做了什么，是单位履职的证据，以代号保留",
        "lines of the record: who did what and when is the organisation's evidence; they stay under the alias",
    ),
    "posts": Said(
        "任职记录：某日谁对某单位负责，以代号保留",
        "posts held: who was responsible for a unit on a day stays known under the alias",
    ),
    "others": Said(
        "提到此人、但隐私栏写着别人号码的记录：只抹去此人的号码，其余是别人的信息",
        "records that mention them and whose personal fields hold another person's number: only their own number went",
    ),
    "packs": Said(
        "流程包文件（种子、场景、定义）：版本不可改动，请在工作室里改掉后重新发布",
        "files of packs (seeds, scenarios, definitions): versions never change; edit them and publish again",
    ),
    "backups": Said(
        "此前的备份、移到别处的归档和已发出的信件不在此列：按期销毁备份，恢复后请再删除一次",
        "backups made before, archives moved elsewhere and letters sent are out of reach: let backups expire, and "
        "erase again after restoring one",
    ),
}


def _counted(found: Erasing) -> dict[str, int]:
    return {name: count for name, count in found.counts.items() if count}


def _letter(path: Path) -> str:
    """A letter's addresses and text."""
    letter = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = letter.get_body(("plain", "html"))
    return "\n".join((str(letter["to"]), str(letter["subject"]), body.get_content() if body is not None else ""))
