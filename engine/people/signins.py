"""Signing in, as far as it is remembered: tries and their lock-out, browsers that are signed in, second factors.

Owns the tables `sign_in`, `browser` and `factor`. Knows no password and no secret in clear: hashes, digests and
encrypted secrets are handed in. A lock is counted from the tries themselves, so it ends by itself and leaves a trace.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import Expression

from engine.expressions import values
from engine.records import Page, SignedIn, Try
from engine.store import house, models
from engine.store.database import Store
from engine.store.prepared import Mark, Prepared

WRONG = ("wrong", "code")
ENDS = ("in", "oidc", "unlocked")  # what begins the count of an account anew
ADDRESS_TRIES = 6  # times as many wrong tries lock an address: behind one there may be an office
SEEN_AGAIN = timedelta(minutes=5)  # how exactly it is known when a browser was last seen
LONGEST = 200  # characters of a browser's name that are kept
Row = models.Attempt


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor: the encrypted secret, the last code taken, digests of the codes for a lost phone."""

    secret: str
    counter: int
    codes: tuple[str, ...]
    since: datetime


class SignIns:
    """Tries, browsers, factors. `tries` wrong ones within `minutes` lock an account for as long."""

    def __init__(self, store: Store, now: Callable[[], datetime], tries: int, minutes: int) -> None:
        self._store, self._now, self._tries = store, now, tries
        self._while = timedelta(minutes=minutes)
        columns = (models.Browser.login, models.Browser.ended_at, models.Browser.seen_at)  # asked in every request
        self._browser = Prepared(store, models.Browser.select(*columns).where(models.Browser.id == Mark("id")))

    # ---- tries

    def record(self, login: str, outcome: str, origin: Origin) -> None:
        """Keep a try, or what ended it."""
        row = {"at": self._now(), "login": login[:64], "outcome": outcome, "address": origin.address[:64]}
        with self._store.transaction():
            self._store.run(Row.insert({**row, "agent": origin.agent[:LONGEST]}))

    def locked_until(self, login: str, address: str) -> datetime | None:
        """When an account or an address may try again, None when it may now."""
        whose = self._last_wrong(Row.login == login, self._tries, ENDS)
        where = (
            self._last_wrong(Row.address == address, self._tries * ADDRESS_TRIES, ("unlocked",)) if address else None
        )
        last = max((one for one in (whose, where) if one is not None), default=None)
        return None if last is None else last + self._while

    def _last_wrong(self, of: Expression, tries: int, ends: Sequence[str]) -> datetime | None:
        """When the last wrong try was, if there were too many since it went well."""
        with self._store.connected():
            recent = of & (Row.at > self._now() - self._while)
            end = self._store.value(
                Row.select(Row.id).where(recent & Row.outcome.in_(ends)).order_by(Row.id.desc()).limit(1)
            )
            wrong = Row.select(Row.at).where(recent & Row.outcome.in_(WRONG) & (Row.id > (end or 0)))
            found = self._store.rows(wrong.order_by(Row.id.desc()).limit(tries))
        return found[0]["at"] if len(found) >= tries else None

    def unlock(self, login: str, *, by: str) -> None:
        """An administrator lets an account try again at once; on record."""
        row = {"at": self._now(), "login": login, "outcome": "unlocked", "address": "", "agent": ""}
        with self._store.transaction():
            self._store.run(Row.insert(row))
            house.note(self._store, "unlocked", login, by, self._now(), {})

    def tries(self, *, login: str = "", outcome: str = "", limit: int = 50, offset: int = 0) -> Page[Try]:
        """Tries, the newest first."""
        tests = [column == wanted for column, wanted in ((Row.login, login), (Row.outcome, outcome)) if wanted]
        query = Row.select().where(*tests) if tests else Row.select()
        with self._store.connected():
            rows = self._store.rows(query.order_by(Row.id.desc()).limit(limit + 1).offset(offset))
        found = tuple(Try(**row) for row in rows[:limit])
        return Page(found, offset + len(found) + (len(rows) > limit), offset, limit)

    # ---- browsers

    def begin(self, login: str, origin: Origin) -> str:
        """A browser signs in: the random number that its session is to hold."""
        token, now = secrets.token_urlsafe(24), self._now()
        row = {"id": _digest(token), "login": login, "begun_at": now, "seen_at": now, "address": origin.address[:64]}
        with self._store.transaction():
            self._store.run(models.Browser.insert({**row, "agent": origin.agent[:LONGEST]}))
        return token

    def alive(self, login: str, token: str) -> bool:
        """Whether a browser is still signed in as somebody; notes now and then that it was seen."""
        if not token:
            return False
        key, now = _digest(token), self._now()
        found = self._browser.rows(id=key)
        if not found or found[0]["login"] != login or found[0]["ended_at"] is not None:
            return False
        if now - found[0]["seen_at"] > SEEN_AGAIN and not self._store.db.in_transaction():
            with self._store.transaction():
                self._store.run(models.Browser.update(seen_at=now).where(models.Browser.id == key))
        return True

    def browsers(self, login: str) -> list[SignedIn]:
        """Where somebody is signed in, the last seen first."""
        query = models.Browser.select().where(models.Browser.login == login, models.Browser.ended_at.is_null())
        names = SignedIn.__dataclass_fields__
        with self._store.connected():
            rows = self._store.rows(query.order_by(models.Browser.seen_at.desc()).limit(100))
        return [SignedIn(**{name: row[name] for name in names}) for row in rows]

    def end(self, login: str, *, one: str = "", but: str = "") -> int:
        """Sign somebody's browsers out: `one` by its id, or all of them but the one of a token; how many."""
        here = (models.Browser.login == login) & models.Browser.ended_at.is_null()
        here = here & (models.Browser.id == one) if one else here
        here = here & (models.Browser.id != _digest(but)) if but else here
        with self._store.transaction():
            return self._store.run(models.Browser.update(ended_at=self._now()).where(here))

    def leave(self, login: str, token: str) -> None:
        """The browser of a token signs out."""
        if token:
            self.end(login, one=_digest(token))

    def which(self, token: str) -> str:
        """The id under which `browsers` names the browser of a token."""
        return _digest(token)

    # ---- second factors

    def factor(self, login: str) -> Factor | None:
        """Somebody's second factor."""
        with self._store.connected():
            row = self._store.row(models.Factor.select().where(models.Factor.login == login))
        if row is None:
            return None
        return Factor(row["secret"], row["counter"], tuple(values.loads(row["codes"])), row["since"])

    def put_factor(self, login: str, secret: str, codes: Sequence[str], *, by: str) -> None:
        """Somebody uses an authenticator app from now on; on record."""
        row: dict[str, Any] = {"login": login, "secret": secret, "counter": 0, "since": self._now()}
        row["codes"] = values.dumps([_digest(code) for code in codes]).decode()
        with self._store.transaction():
            self._store.run(models.Factor.delete().where(models.Factor.login == login))
            self._store.run(models.Factor.insert(row))
            house.note(self._store, "factor-on", login, by, self._now(), {})

    def drop_factor(self, login: str, *, by: str) -> bool:
        """Somebody signs in by password alone again (an administrator helps after a lost phone); on record."""
        with self._store.transaction():
            done = self._store.run(models.Factor.delete().where(models.Factor.login == login))
            if done:
                house.note(self._store, "factor-off", login, by, self._now(), {})
        return bool(done)

    def take_counter(self, login: str, counter: int) -> bool:
        """Use up an app's code: False when this one, or a later one, was used already."""
        here = (models.Factor.login == login) & (models.Factor.counter < counter)
        with self._store.transaction():
            return bool(self._store.run(models.Factor.update(counter=counter).where(here)))

    def take_code(self, login: str, code: str) -> bool:
        """Use up a code for a lost phone."""
        with self._store.transaction():
            row = self._store.row(models.Factor.select(models.Factor.codes).where(models.Factor.login == login))
            left = values.loads(row["codes"]) if row else []
            if row is None or _digest(code) not in left:
                return False
            left.remove(_digest(code))
            fresh = values.dumps(left).decode()
            here = (models.Factor.login == login) & (models.Factor.codes == row["codes"])
            return bool(self._store.run(models.Factor.update(codes=fresh).where(here)))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
