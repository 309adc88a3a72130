"""Several small commands of the tick landed in one commit, which costs little more than one of them alone.

Owns nothing but the attempt: cases are loaded together, each piece plans on the same unit of work, all of it lands or
none. Whatever stands in the way (a case moved, one piece fails) the answer is None and nothing was written: the caller
does them one by one, so that a poison case takes nobody with it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from engine.commands.context import Context
from engine.commands.runner import settle_after
from engine.commands.work import Order, Work
from engine.store.points import Point, pass_through

log = logging.getLogger(__name__)
SIZE = 50  # pieces of a commit: on SQLite everybody else waits while it lands


class Piece(NamedTuple):
    """One command: the case it moves (None when it moves none that is there) and what it does."""

    instance: int | None
    plan: Callable[[Work], bool]


def together(context: Context, pieces: Sequence[Piece], command: str) -> list[bool] | None:
    """Do all pieces in one commit: which of them did something; None when they have to be done one by one. A piece is
    planned after its case was loaded, so what it reads then is as new as the case's guard."""
    context.store.refuse_inside()
    order = Order("", context.clock.now(), secrets.randbits(63), None, command)
    work = Work(context, order)
    try:
        with context.store.connected():
            work.preload(sorted({piece.instance for piece in pieces if piece.instance is not None}))
            made = [piece.plan(work) for piece in pieces]
            pass_through(Point.PLANNED)
            work.commit("null")
    except Exception as problem:  # whatever it is: alone, it is met by the one it belongs to, and said there
        log.info("%d pieces of %s are done one by one: %r", len(pieces), command, problem)
        return None
    settle_after(work)
    return made


def apart(rows: Iterable[Any], instance: Callable[[Any], int | None]) -> Iterator[list[Any]]:
    """Rows in groups of at most SIZE, in order, no two of a group of one case."""
    waiting = list(rows)
    while waiting:
        group: list[Any] = []
        cases: set[int] = set()
        rest: list[Any] = []
        for row in waiting:
            case = instance(row)
            if len(group) < SIZE and case not in cases:
                group.append(row)
                cases |= {case} if case is not None else set()
            else:
                rest.append(row)
        yield group
        waiting = rest
