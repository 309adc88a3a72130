"""Telling people: a notice in the app, and a row of the outbox that reaches them outside.

Owns who gets which rows, inside a command's commit: the wording (the product's, or that of the pack the process is of),
the hour (quiet hours, digest) and the channel that each person chose for this kind. The sending is the outbox's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from engine import outbox, telling
from engine.commands.times import local
from engine.expressions import values
from engine.records import Person
from engine.store import loads, new_id, persons
from engine.store.models import Notice, Outbox
from engine.telling import Template

if TYPE_CHECKING:
    from engine.commands.work import Work

Both = tuple[str, str]  # in Chinese and in English
DEFAULTS = {
    "reminder": Template(
        "【提醒】{step}{late}：{title}",
        "Reminder: {step} {late}: {title}",
        "“{step}”{late}，请及时办理。",
        "“{step}” {late}. Please see to it.",
    ),
    "escalation": Template(
        "【督办】{step}{late}：{title}",
        "Escalation: {step} {late}: {title}",
        "“{step}”{late}，请及时办理。",
        "“{step}” {late}. Please see to it.",
    ),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What is told, to a person whose language is English in English where there is a text for it. `key`: with the
    reader's login it makes the notice unique. `link`: path within Linli. `urgent`: neither quiet hours nor a digest
    hold it up."""

    key: str
    subject: str
    body: str = ""
    link: str = ""
    instance: int | None = None
    subject_en: str = ""
    body_en: str = ""
    kind: str = "notice"
    urgent: bool = False

    def words(self, locale: str) -> dict[str, str]:
        """Subject and body in a person's language ('' = Chinese)."""
        english = locale.lower().startswith("en") and bool(self.subject_en)
        subject, body = (self.subject_en, self.body_en or self.body) if english else (self.subject, self.body)
        return {"subject": subject, "body": body, "link": self.link}


def about(
    work: Work,
    item: Mapping[str, Any],
    kind: str,
    *,
    key: str,
    words: Mapping[str, Both],
    plain: Template | None = None,
    link: str = "",
) -> Letter:
    """A letter about a task. `words`: what templates may speak of, in both languages; `plain`: the product's wording
    of this kind, unless DEFAULTS has it."""
    own, usual = wording(work, item["process_key"], kind), plain or DEFAULTS[kind]
    zh, en = ({name: both[place] for name, both in {**_known(work, item), **words}.items()} for place in (0, 1))
    return Letter(
        key=key,
        subject=telling.filled(own.subject or usual.subject, zh),
        body=telling.filled(own.body or usual.body, zh),
        link=link or f"/task/{item['id']}/",
        instance=item["instance"],
        subject_en=telling.filled(own.subject_en or usual.subject_en, en),
        body_en=telling.filled(own.body_en or usual.body_en, en),
        kind=kind,
    )


def _known(work: Work, item: Mapping[str, Any]) -> dict[str, Both]:
    """The words that every letter about a task may use."""
    step = item["name"] or item["node_id"]
    due = ""
    if item["due_at"] is not None:
        due = f"{local(item['due_at'], work.context.times.zone(item['unit'])):%Y-%m-%d %H:%M}"
    process = loads.latest(work.context.store, "process", item["process_key"])
    names = (process[4], process[5] or process[4]) if process else (item["process_key"],) * 2
    found = work.context.people.units.names([item["unit"]]) if item["unit"] else {}
    unit = str(found.get(item["unit"], item["unit"]))
    known: dict[str, Both] = {"step": (step, item["name_en"] or step), "title": (item["title"],) * 2}
    return known | {"due": (due, due), "process": names, "unit": (unit, unit)}


def wording(work: Work, process: str, kind: str) -> Template:
    """How the pack that a process is of words a kind of notice."""
    pack = loads.pack_of(work.context.store, process)
    return _wordings(tuple(persons.packs(work.context.store))).get((pack, kind), Template()) if pack else Template()


@lru_cache(maxsize=16)  # by the very texts of the packs
def _wordings(packs: tuple[tuple[str, str], ...]) -> dict[tuple[str, str], Template]:
    return {
        (pack, kind): telling.template(written)
        for pack, settings in packs
        for kind, written in values.loads(settings).get("notices", {}).items()
    }


def tell(work: Work, logins: Iterable[str], letter: Letter) -> int:
    """Gather the rows that tell people something; how many people."""
    wanted = list(dict.fromkeys(login for login in logins if login))
    known = work.context.people.records(wanted) if wanted else {}
    for login in wanted:
        said = letter.words(known[login].locale if login in known else "")
        key = f"{letter.key}-{login}"
        notice = {**said, "id": new_id(), "key": key, "person": login, "created_at": work.now}
        notice["instance"] = letter.instance
        work.writes.insert(Notice, notice)
        if login in known:
            for row in _letters(work, known[login], letter, key, said):
                work.writes.insert(Outbox, row)
    return len(wanted)


def _letters(work: Work, person: Person, letter: Letter, key: str, said: dict[str, str]) -> list[dict[str, Any]]:
    """What leaves the house, when, and how: as this person chose for this kind of notice."""
    settings, chosen = work.context.settings, telling.of(person.telling)
    way, due, zone = chosen.way(letter.kind), work.now, work.context.times.zone(person.home_unit)
    if letter.urgent:
        way = way if way not in (telling.IN_APP, telling.DIGEST) else telling.AT_ONCE
    elif way == telling.IN_APP:
        return []
    elif way == telling.DIGEST:
        due = telling.next_digest(chosen.digest or settings.digest, work.now, zone)
    else:
        due = telling.quiet_until(chosen.quiet or settings.quiet, work.now, zone)
    return outbox.rows_for(
        work.context.store, person, work.now, key=key, instance=letter.instance, due=due, way=way, **said
    )
