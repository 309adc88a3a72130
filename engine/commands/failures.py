"""What becomes of due work that fails: tried again after a growing, jittered delay; attempts spent, an incident.

Owns the delays and the giving up, alike for timers, messages and jobs. The token becomes an incident by an ordinary
command; where even that fails (a state that cannot be read) the incident stands alone, kind `stuck`, its rows stay,
and a retry lets them fall due again. Trouble of the database itself (`OUTAGE`) is nobody's failure: it ends the tick.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from peewee import InterfaceError, OperationalError

from engine.bpmn.model import Break
from engine.commands.context import Context
from engine.commands.runner import perform
from engine.commands.work import Work
from engine.errors import Conflict, LinliError, Unavailable
from engine.store import due, loads, new_id
from engine.store.models import Incident

log = logging.getLogger(__name__)
ATTEMPTS = 6
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(days=1)
STUCK = "stuck"
OUTAGE = (OperationalError, InterfaceError, Unavailable)


def delay(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: doubling up to a day, jittered by half."""
    return _jittered(FIRST_DELAY * 2 ** min(attempts - 1, 20))


def delay_at_age(age: timedelta) -> timedelta:
    """The same for what counts no attempts: as long again as it has waited by now."""
    return _jittered(max(age, FIRST_DELAY))


def _jittered(length: timedelta) -> timedelta:
    return min(length, LONGEST_DELAY) * (0.75 + random.random() / 2)


def spent_at_age(age: timedelta) -> bool:
    """Whether by then attempts would be spent."""
    return age >= FIRST_DELAY * 2 ** (ATTEMPTS - 1)


def give_up(context: Context, row: Mapping[str, Any], kind: str, problem: Exception, breaks: bool = True) -> bool:
    """Make an incident of what waits at `row` (instance, token, node_id). True: its token is one now and its rows are
    gone. False: they stay, to be tried again: the case cannot be moved, or (`breaks` False) its token is another's."""
    if row["instance"] is None:
        return False
    try:
        if breaks:
            _change(context, row, lambda work: _break(work, row, kind, problem))
            return True
    except (Conflict, *OUTAGE):
        raise
    except Exception:
        log.exception("case %s cannot be told that its %s failed", row["instance"], kind)
    _change(context, row, lambda work: _say(work, row, problem))
    return False


def _change(context: Context, row: Mapping[str, Any], plan: Callable[[Work], None]) -> None:
    perform(context, "", plan, root=loads.root(context.store, row["instance"]), command="give up")


def _break(work: Work, row: Mapping[str, Any], kind: str, problem: Exception) -> None:
    work.apply(work.case(row["instance"]), Break(row["token"], kind, words(problem)))


def words(problem: Exception, locale: str = "zh") -> str:
    """What an operator reads about a failure."""
    return problem.text(locale) if isinstance(problem, LinliError) else str(problem) or repr(problem)


def _say(work: Work, row: Mapping[str, Any], problem: Exception) -> None:
    """An incident of its own, one for each token; no state is read for it."""
    known = loads.open_incidents(work.context.store, row["instance"])
    if any((one["token"], one["kind"]) == (row["token"], STUCK) for one in known):
        return
    place = {"instance": row["instance"], "token": row["token"], "node_id": row["node_id"], "kind": STUCK}
    said = {"message": words(problem), "message_en": words(problem, "en"), "created_at": work.now}
    work.writes.insert(Incident, {"id": new_id(), **place, **said})
    work.note(row["instance"], "incident", row["node_id"], {"kind": STUCK, "message": words(problem)})


def again(work: Work, incident: Mapping[str, Any]) -> None:
    """Let the rows of a stuck token fall due now, with all their attempts before them."""
    place = {"instance": incident["instance"], "token": incident["token"]}
    work.writes.action(partial(due.fall_due_again, now=work.now, **place))
    solved = {"resolved_at": work.now, "resolved_by": work.actor}
    work.writes.update(Incident, solved, {"id": incident["id"]})
    work.note(incident["instance"], "resolved", incident["node_id"], {"kind": STUCK})
