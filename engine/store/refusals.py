"""What an error of the database means to a person: a value that no column holds, a full disk, a server that is away.

Owns the translation of drivers' errors into `engine.errors`; anything else stays what it is and is a fault of ours.
"""

from __future__ import annotations

from peewee import DataError, InterfaceError, OperationalError

from engine.errors import InvalidValue, LinliError, Said, StorageFull, Unavailable
from engine.store.statements import NOT_ALL

KNOWN = (DataError, OperationalError, InterfaceError, OverflowError, UnicodeEncodeError)
_UNKEPT = Said(
    "其中有数据库不能保存的字符或过大的数，请删去后重试",
    "it holds a character or a number that the database cannot keep; take it out and try again",
)

# A name, code or key of thousands of characters fits no index; SQLite's LIKE stops at 50,000.
_TOO_LONG = ("index row size", "index row requires", "pattern too complex")
_LONG = Said("名称、编号或查找的文字太长，请缩短后重试", "a name, code or search is too long; shorten it and try again")

_FULL = ("disk is full", "no space left")
_AWAY = ("connection", "server closed", "disk i/o error", "unable to open database file")
_GOING = ("08", "57P01", "57P02", "57P03", "53300")  # SQLSTATEs: connections lost or refused, shutting down, starting


def refusal(problem: Exception) -> LinliError | None:
    """The refusal when a value from outside, the disk or a server that is away is at fault; None when it is the
    program's own."""
    state = getattr(problem.__context__, "sqlstate", None) or ""
    if state == NOT_ALL:
        return None
    if not isinstance(problem, OperationalError | InterfaceError):
        return InvalidValue(reason=_UNKEPT)
    said = str(problem).lower()
    if any(words in said for words in _TOO_LONG):
        return InvalidValue(reason=_LONG)
    if state == "53100" or any(words in said for words in _FULL):
        return StorageFull()
    if state.startswith(_GOING) or (not state and any(words in said for words in _AWAY)):
        return Unavailable()
    return None
