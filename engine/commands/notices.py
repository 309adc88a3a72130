"""Telling people: a notice in the app, and a row of the outbox that reaches them outside.

Owns who gets which rows, inside a command's commit; how somebody is reached and the sending are the outbox's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine import outbox
from engine.store import new_id
from engine.store.models import Notice, Outbox

if TYPE_CHECKING:
    from engine.commands.work import Work


@dataclass(frozen=True, slots=True)
class Letter:
    """What is told, to a person whose language is English in English where there is a text for it. `key`: with the
    reader's login it makes the notice unique. `link`: path within Linli."""

    key: str
    subject: str
    body: str = ""
    link: str = ""
    instance: int | None = None
    subject_en: str = ""
    body_en: str = ""

    def words(self, locale: str) -> dict[str, str]:
        """Subject and body in a person's language ('' = Chinese)."""
        english = locale.lower().startswith("en") and bool(self.subject_en)
        subject, body = (self.subject_en, self.body_en or self.body) if english else (self.subject, self.body)
        return {"subject": subject, "body": body, "link": self.link}


def tell(work: Work, logins: Iterable[str], letter: Letter) -> int:
    """Gather the rows that tell people something; how many people."""
    wanted = list(dict.fromkeys(login for login in logins if login))
    known = work.context.people.records(wanted) if wanted else {}
    for login in wanted:
        said = letter.words(known[login].locale if login in known else "")
        key = f"{letter.key}-{login}"
        notice = {**said, "id": new_id(), "key": key, "person": login, "created_at": work.now}
        work.writes.insert(Notice, notice)
        if login in known:
            sent = outbox.rows_for(
                work.context.store, known[login], work.now, key=key, instance=letter.instance, **said
            )
            for row in sent:
                work.writes.insert(Outbox, row)
    return len(wanted)
