"""Every place where one person's data stand, gone through once: to tell them, to count them, or to take them away.

Owns the list of places and what becomes of each. Tables without a rule here are looked through too (`_elsewhere`), so a
new table cannot be forgotten. What a value holds of them is `redaction`'s; journals stay provable (`store.journal`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import Model

from engine import bpmn
from engine.commands.context import Context
from engine.commands.redaction import GONE, Redaction, Subject
from engine.errors import Conflict, InvalidValue
from engine.expressions import values
from engine.registers import RegisterSchema
from engine.store import journal, mentions, models, search
from engine.store.writer import new_guard

Row = dict[str, Any]
TRIES = 12
STEP = 200  # values of one condition
OWN = {  # rows that are theirs alone go
    "notices": (models.Notice, models.Notice.person),
    "letters": (models.Outbox, models.Outbox.person),
    "drafts": (models.Draft, models.Draft.login),
    "filters": (models.SavedFilter, models.SavedFilter.login),
    "sign_ins": (models.Attempt, models.Attempt.login),
    "browsers": (models.Browser, models.Browser.login),
    "factors": (models.Factor, models.Factor.login),
    "skills": (models.Skill, models.Skill.person),
    "free_times": (models.FreeTime, models.FreeTime.person),
}
SECRET = ("secret", "codes", "id", "password")  # columns that no export tells
RULED = frozenset(  # tables with a rule of their own, or kept as they are (`personal.Kept` says why)
    {models.Instance, models.Journal, models.Chain, models.RegisterRow, models.RegisterValue, models.Person}
    | {models.CaseText, models.Definition, models.PackBlob, models.Pack, models.Attachment}
)


@dataclass(slots=True)
class Marks:
    """Keys of a process's form fields: about whomever a case is about, and about who fills them in."""

    personal: frozenset[str]
    own: frozenset[str]


@dataclass(slots=True)
class Erasing:
    """One walk over the database for one person. `write`: take away, inside the caller's transaction; else only look.
    `counts`: rows by place; `told`: what was found there."""

    context: Context
    subject: Subject
    by: str
    now: datetime
    write: bool
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    told: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    others: int = 0
    uploads: frozenset[str] = frozenset()
    touched: set[int] = field(default_factory=set)
    _marks: dict[int, Marks] = field(default_factory=dict)

    def run(self) -> None:
        """All of it: cases before everything else (the order of locks)."""
        cases = self._cases_of_theirs()
        self.uploads = frozenset(self._files(cases))
        held = models.Attachment.select(models.Attachment.instance).where(models.Attachment.id.in_(self.uploads))
        cases |= {row["instance"] for row in self.context.store.rows(held) if row["instance"]}
        for instance in sorted(cases):
            self._case(instance)
        for instance in sorted(cases | self._journals_of_theirs()):
            self._journal(instance)
        self._registers()
        self._own_rows()
        self._beside_cases()
        self._elsewhere()
        self._searched()

    # ---- cases

    def _cases_of_theirs(self) -> set[int]:
        """Cases that name them, and those in which they filled in fields about themselves."""
        store, case, login = self.context.store, models.Instance, self.subject.login
        found = {row["id"] for row in mentions.rows(store, case, self.subject.sought)}
        if login:
            done = models.WorkItem.select(models.WorkItem.instance).where(models.WorkItem.ended_by == login)
            took_part = case.select(case.id, case.definition).where((case.started_by == login) | case.id.in_(done))
            found |= {row["id"] for row in store.rows(took_part) if self.marks(row["definition"]).own}
        return found

    def marks(self, definition: int) -> Marks:
        """The marked fields of the forms that a process names, in all their versions."""
        known = self._marks.get(definition)
        if known is None:
            named = {one.key for one in self.context.definitions.info(definition).references if one.kind == "form"}
            known = self._marks[definition] = self._marked(named)
        return known

    def _marked(self, keys: Iterable[str]) -> Marks:
        form = models.Definition
        query = form.select(form.id).where(form.kind == "form", form.key.in_(list(keys)))
        found: dict[str, set[str]] = {"about": set(), "own": set()}
        for row in self.context.store.rows(query):
            for one in self.context.definitions.form(row["id"]).walk():
                if one.key and one.personal:
                    found[one.personal].add(one.key)
        return Marks(frozenset(found["about"]), frozenset(found["own"]))

    def redaction(self, definition: int | None = None) -> Redaction:
        """What takes their data out of values of a process."""
        marks = self.marks(definition) if definition is not None else Marks(frozenset(), frozenset())
        return Redaction(self.subject, marks.personal, marks.own, uploads=self.uploads)

    def _case(self, instance: int) -> None:
        case, store = models.Instance, self.context.store
        for _ in range(TRIES):
            row = store.row(case.select().where(case.id == instance))
            if row is None:
                return
            redaction = self.redaction(row["definition"])
            fresh = self.case(row, redaction)
            if not fresh:
                return
            here = (case.id == instance) & (case.guard == row["guard"])
            if not self.write or store.run(case.update(fresh | {"guard": new_guard()}).where(here)):
                self._note("cases", {"case": str(instance), "title": row["title"], "values": _plain(redaction.taken)})
                self.others += redaction.others
                self.touched.add(instance)
                return
        raise Conflict(attempts=TRIES)

    def case(self, row: Row, redaction: Redaction) -> Row:
        """What becomes of a case's columns."""
        mine, state = self.subject.login in self._hands(row), bytes(row["state"])
        fresh: Row = {"state": bpmn.rewritten(state, lambda value: redaction.value(value, mine=mine))}
        fresh["title"] = self.titled(row["title"], bool(redaction.taken))
        fresh["business_key"] = row["business_key"] and self.subject.word(row["business_key"])
        fresh["started_by"] = self.subject.word(row["started_by"])
        return {name: one for name, one in fresh.items() if one != (state if name == "state" else row[name])}

    def _hands(self, row: Row) -> set[str]:
        done = models.WorkItem.select(models.WorkItem.ended_by).where(models.WorkItem.instance == row["id"])
        return {row["started_by"], *(one["ended_by"] for one in self.context.store.rows(done))} - {""}

    def titled(self, title: str, about: bool) -> str:
        """A title without them; `about`: it is of a case that lost something of theirs."""
        fresh = self.subject.line(title)
        return fresh.replace(self.subject.name, GONE) if about and self.subject.name else fresh

    # ---- journals

    def _journals_of_theirs(self) -> set[int]:
        return {row["instance"] for row in mentions.rows(self.context.store, models.Journal, self.subject.sought)}

    def _journal(self, instance: int) -> None:
        line, store = models.Journal, self.context.store
        if self.write:
            journal.hold(store, instance)
        case = store.row(models.Instance.select(models.Instance.definition).where(models.Instance.id == instance))
        redaction = self.redaction(case["definition"] if case else None)
        rows = store.rows(line.select().where(line.instance == instance).order_by(line.seq))
        fresh = list(self.lines(rows, redaction))
        self.counts["lines"] += len(fresh)
        self.told["lines"] += [{"case": str(instance), "values": _plain(redaction.taken)}] if redaction.taken else []
        if fresh and self.write:
            journal.replace(store, instance, fresh, self.line)

    @property
    def line(self) -> journal.Line:
        """What a journal says of its lines that were erased."""
        return journal.Line(journal.ERASED, "", self.by, self.now, {"person": self.subject.alias})

    def lines(self, rows: Sequence[Row], redaction: Redaction) -> Iterable[Row]:
        """Lines of a journal as they become, those that change."""
        for row in rows:
            fresh = {name: self.subject.word(row[name]) for name in ("actor", "node_id")}
            if row["data"] is not None:
                mine = bool(self.subject.login) and row["actor"] == self.subject.login
                said = redaction.value(values.loads(row["data"]), mine=mine)
                fresh["data"] = journal.text(said)
            if any(row[name] != one for name, one in fresh.items()):
                yield row | fresh

    # ---- registers

    def _registers(self) -> None:
        schemas = {schema.name: schema for schema in self.context.registers.schemas()}
        rows = {row["id"]: row for row in self._rows_naming()}
        changed = {rows[key]["register"] for key in sorted(rows) if self._register_row(rows[key], schemas)}
        part = models.RegisterPartition
        if changed and self.write:
            moved = part.update(version=part.version + 1).where(part.register.in_(sorted(changed)))
            self.context.store.run(moved)

    def _rows_naming(self) -> Iterable[Row]:
        row, store = models.RegisterRow, self.context.store
        yield from mentions.rows(store, row, self.subject.sought)
        for some in _parts(sorted(self.uploads), 50):
            yield from mentions.rows(store, row, some, [row.data])

    def _register_row(self, row: Row, schemas: dict[str, RegisterSchema]) -> bool:
        schema = schemas.get(row["register"])
        redaction = self.redaction()
        redaction.personal = schema.private if schema else frozenset()
        redaction.words = frozenset(schema.key) if schema else frozenset()
        data = values.loads(row["data"])
        fresh = redaction.value(data)
        columns = {name: self.subject.word(row[name]) for name in ("created_by", "updated_by")}
        columns["key"] = row["key"] and self.subject.word(row["key"])
        columns = {name: one for name, one in columns.items() if one != row[name]}
        if fresh == data and not columns:
            return False
        self._note("rows", {"register": row["register"], "row": str(row["id"]), "values": _plain(redaction.taken)})
        self.others += redaction.others
        if self.write:
            columns |= {"data": journal.text(fresh), "revision": row["revision"] + 1}
            mentions.write(self.context.store, models.RegisterRow, row, columns)
            self._indexed(row["id"], fresh)
        return True

    def _indexed(self, row: int, data: Row) -> None:
        """What filters find, of a row's fields."""
        one, store = models.RegisterValue, self.context.store
        for entry in store.rows(one.select().where(one.row == row, one.text.is_null(False))):
            text = GONE if data.get(entry["field"]) == GONE else self.subject.line(entry["text"])
            if text != entry["text"]:
                mentions.write(store, one, entry, {"text": text})

    # ---- files

    def _files(self, cases: set[int]) -> list[str]:
        """What they uploaded, signed in or as a visitor to a case of theirs."""
        file, case = models.Attachment, models.Instance
        visitors = case.select(case.id).where(case.id.in_(sorted(cases)), case.started_by == "")
        wanted = (file.uploaded_by == "") & file.instance.in_(visitors)
        if self.subject.login:
            wanted |= file.uploaded_by == self.subject.login
        rows = self.context.store.rows(file.select().where(wanted).order_by(file.id))
        for row in rows:
            self._note("files", {name: row[name] for name in ("name", "mime", "size", "uploaded_at")})
        ids = [row["id"] for row in rows]
        for some in _parts(ids, STEP) if self.write else ():
            given_up = {"name": GONE, "uploaded_by": self.subject.alias, "instance": None, "expires_at": self.now}
            self.context.store.run(file.update(given_up).where(file.id.in_(some)))  # `Files.sweep` takes the bytes
        return ids

    # ---- the rest

    @property
    def _themselves(self) -> list[str]:
        """What stands in a row that is theirs alone."""
        return [text for text in (self.subject.login, *self.subject.texts) if text]

    def _own_rows(self) -> None:
        for name, (model, column) in OWN.items():
            theirs = column.in_(self._themselves)
            for row in self.context.store.rows(model.select().where(theirs)):
                self._note(name, {key: one for key, one in row.items() if key not in SECRET})
            if self.write:
                self.context.store.run(model.delete().where(theirs))

    def _beside_cases(self) -> None:
        """Titles, letters to others and a migration's way back, of cases that lost something."""
        item, back = models.WorkItem, models.Migration
        store = self.context.store
        for some in _parts(sorted(self.touched), STEP):
            for row in store.rows(item.select().where(item.instance.in_(some), item.title != "")):
                self._becomes(item, row, {"title": self.titled(row["title"], True)})
            for letter in (models.Outbox, models.Notice):
                others = letter.instance.in_(some) & letter.person.not_in(self._themselves)
                for row in store.rows(letter.select().where(others)):
                    self._becomes(letter, row, {name: self.titled(row[name], True) for name in ("subject", "body")})
            if self.write:
                store.run(back.delete().where(back.instance.in_(some)))

    def _becomes(self, model: type[Model], row: Row, fresh: Row) -> None:
        changed = {name: one for name, one in fresh.items() if one != row[name]}
        if changed:
            self.counts["elsewhere"] += 1
            if self.write:
                mentions.write(self.context.store, model, row, changed)

    def _elsewhere(self) -> None:
        """Every other table: its keys and names with the alias, its prose without them."""
        for model in models.TABLES:
            own = next((column.name for one, column in OWN.values() if one is model), "")
            for row in mentions.rows(self.context.store, model, self.subject.sought) if model not in RULED else ():
                if not own or row[own] not in self._themselves:
                    self._becomes(model, row, row | mentions.changed(model, row, self.column))

    def column(self, text: str) -> str:
        """What becomes of any column's text, JSON or not."""
        if text[:1] in ("{", "["):
            try:
                return journal.text(self.redaction().value(values.loads(text)))
            except InvalidValue:
                pass  # no JSON: a text that begins so
        return self.subject.line(text)

    def _searched(self) -> None:
        """The search forgets these cases until it has read them again."""
        body = models.CaseText.body
        texts = [letters for text in self.subject.sought if (letters := search.letters(text))]
        found = {row["instance"] for row in mentions.rows(self.context.store, models.CaseText, texts, [body])}
        for instance in sorted(found | self.touched):
            self.counts["searched"] += 1
            if self.write:
                search.forget(self.context.store, instance)
                search.read_again(self.context.store, instance)

    def _note(self, place: str, what: Row) -> None:
        self.counts[place] += 1
        self.told[place].append(what)


def _plain(taken: list[tuple[str, Any]]) -> list[list[Any]]:
    return [[key, values.plain(value)] for key, value in taken]


def _parts(found: Sequence[Any], step: int) -> Iterable[Sequence[Any]]:
    return (found[start : start + step] for start in range(0, len(found), step))
