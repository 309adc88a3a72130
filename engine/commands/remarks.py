"""What people say about a case beside its forms.

Owns the command: the remark on the journal, whom it names and tells, the files that come with it. Whoever is named
and may not see the case is not told and not let in: the command refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.commands import notices
from engine.commands.context import Context
from engine.commands.runner import perform
from engine.errors import NotFound
from engine.store import attachments, loads, search

if TYPE_CHECKING:
    from engine.commands.work import Work

SHOWN = 120  # letters of a remark in a notice


def comment(
    context: Context, instance: int, text: str, *, by: str, to: Iterable[str] = (), files: Iterable[str] = ()
) -> None:
    """Add a remark to a case's journal and tell those it names; the case's state is not touched. `files`: ids of
    uploads. NotFound, UnknownPerson."""
    named = [login for login in dict.fromkeys(to) if login != by]
    held = list(files)

    def plan(work: Work) -> None:
        if loads.root(context.store, instance) is None:
            raise NotFound(what="流程实例", id=instance)
        said: dict[str, Any] = {"text": text}
        said |= {name: value for name, value in (("to", named), ("files", held)) if value}
        work.note(instance, "comment", "", said)
        if named:
            notices.tell(work, named, _letter(context, instance, text, by))

    for login in (by, *named):
        if login:
            context.people.require(login)
    perform(context, by, plan, command="comment")
    with context.store.transaction():
        attachments.bind(context.store, instance, held, by)
        search.read_again(context.store, instance)


def _letter(context: Context, instance: int, text: str, by: str) -> notices.Letter:
    row = loads.case(context.store, instance)
    title = row.title if row else ""
    known = context.people.records([by]).get(by)
    who = known.name if known else by
    return notices.Letter(
        key=f"remark-{instance}-{context.clock.now().isoformat()}-{by}",
        subject=f"{who}在“{title}”中提到了您",
        subject_en=f"{who} mentioned you in “{title}”",
        body=text[:SHOWN],
        body_en=text[:SHOWN],
        link=f"/case/{instance}/#remarks",
        instance=instance,
    )
