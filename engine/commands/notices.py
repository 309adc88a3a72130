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
    """What is told. `key`: with the reader's login it makes the notice unique. `link`: path within Linli."""

    key: str
    subject: str
    body: str = ""
    link: str = ""
    instance: int | None = None


def tell(work: Work, logins: Iterable[str], letter: Letter) -> int:
    """Gather the rows that tell people something; how many people."""
    wanted = list(dict.fromkeys(login for login in logins if login))
    known = work.context.people.records(wanted) if wanted else {}
    said = {"subject": letter.subject, "body": letter.body, "link": letter.link}
    for login in wanted:
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
