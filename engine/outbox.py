"""Messages on their way out: mail, chat robots, SMS hooks, and the list of people to phone.

Owns the path of an outbox row from `waiting` to `sent` or `failed`. `rows_for` makes the rows that a command commits
with its other changes; `Outbox.deliver` claims what is due in a short transaction, sends outside any, and marks it:
sent at least once, marked once. The only importer of smtplib and apprise. Does not decide who is told what.
"""

from __future__ import annotations

import itertools
import logging
import os
import random
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from engine import telling
from engine.clock import Clock
from engine.errors import LinliError
from engine.records import Person
from engine.settings import Settings
from engine.store import models
from engine.store.database import Store
from engine.store.points import Point, pass_through

CLAIM = timedelta(minutes=5)  # a sender that dies loses its claim after this
FIRST_RETRY, LONGEST_RETRY = 30.0, 6 * 3600.0  # seconds
BATCH = 50
MOST_GATHERED = 2000  # parts of digests taken in one transaction
AGAIN = 1000  # failed letters that are queued again in one go

Row = dict[str, Any]


class NotSent(LinliError):
    """The message could not be sent: {reason}"""

    zh = "消息未能发出：{reason}"


class Undeliverable(NotSent):
    """The message can never be sent to this address: {reason}"""

    zh = "该地址无法送达：{reason}"


def rows_for(
    store: Store,
    person: Person,
    now: datetime,
    *,
    key: str,
    subject: str,
    body: str = "",
    link: str = "",
    instance: int | None = None,
    due: datetime | None = None,
    way: str = "",
) -> list[Row]:
    """The outbox rows that tell somebody something, for the caller to insert: by the channel they chose (`way`, one of
    theirs, or `digest`), else their first, else by mail, else (`to-call`) a line on the phone list. `due`: not before.
    `key`: same key, one message."""
    own = (*person.channels, *([f"mailto:{person.email}"] if person.email else ()))
    channel, address = _by(way) if way in own else route(person)
    status = "digest" if way == telling.DIGEST else "to-call" if channel == "phone" else "waiting"
    made = {"id": store.new_id(), "key": f"{key}:{channel}", "created_at": now, "due_at": due or now}
    made["instance"] = instance
    said = {"person": person.login, "subject": subject, "body": body, "link": link}
    return [{**made, **said, "channel": channel, "address": address, "status": status}]


def route(person: Person) -> tuple[str, str]:
    """How a person is reached: (`email` | `apprise` | `phone`, address)."""
    for address in person.channels:
        return _by(address)
    return ("email", person.email) if person.email else ("phone", person.mobile)


def _by(address: str) -> tuple[str, str]:
    return ("email", address.removeprefix("mailto:")) if address.startswith("mailto:") else ("apprise", address)


def trouble(channel: str) -> str:
    """What is wrong with a person's channel ('' = nothing): for the forms that take one."""
    if channel.startswith("mailto:"):
        return "" if "@" in channel else "not a mail address"
    return "" if _apprise().Apprise.instantiate(channel, suppress_exceptions=True) else "not an Apprise address"


class Outbox:
    """The sender of one engine."""

    def __init__(self, store: Store, clock: Clock, settings: Settings, phone: Callable[[str], str]) -> None:
        """`phone`: the mobile number of a login ('' = none), for people whose channel failed for good."""
        self._store = store
        self._clock = clock
        self._settings = settings
        self._phone = phone

    def deliver(self, limit: int = BATCH) -> int:
        """Send what is due; how many rows were tried. One failure never holds up the rest."""
        self.gather()
        rows = self._claim(limit)
        if rows:
            pass_through(Point.LETTERS_TAKEN)
        with _mailer(self._settings, self._clock) as mail:
            for row in rows:
                self._send(row, mail)
        return len(rows)

    def resend(self, letter: int | None, by: str, reach: Callable[[str], Person | None]) -> int:
        """Queue a failed letter again, or (None) a bounded number of them; how many. `reach`: the person of a login:
        one who has another channel now gets it there. The call that stood in for a letter is called off."""
        chosen = models.Outbox.select().where(models.Outbox.status == "failed").limit(AGAIN)
        if letter is not None:
            chosen = chosen.where(models.Outbox.id == letter)
        with self._store.transaction():
            rows = self._store.rows(chosen)
            for row in rows:
                self._queue_again(row, by, reach(row["person"]) if row["person"] else None)
        return len(rows)

    def _queue_again(self, row: Row, by: str, person: Person | None) -> None:
        channel, address = route(person) if person else (row["channel"], row["address"])
        changes: Row = {"status": "waiting", "attempts": 0, "due_at": self._clock.now(), "done_at": None}
        changes["error"] = f"again by {by}"
        if channel != "phone":
            changes |= {"channel": channel, "address": address}
        self._store.run(models.Outbox.update(changes).where(models.Outbox.id == row["id"]))
        call = (models.Outbox.key == f"{row['key']}:phone") & (models.Outbox.status == "to-call")
        self._store.run(models.Outbox.delete().where(call))

    def gather(self) -> int:
        """Put what people asked for once a day into one letter each, when its hour has come; how many letters. The
        parts are marked in the same transaction, so each is in one digest."""
        now, box = self._clock.now(), models.Outbox
        due = (box.status == "digest") & (box.due_at <= now)
        if self._store.value(box.select(box.id).where(due).limit(1)) is None:
            return 0
        query = box.select().where(due).order_by(box.person, box.id).limit(MOST_GATHERED)
        with self._store.transaction():
            rows = self._store.rows(query.for_update(skip_locked=True) if self._store.postgres else query)
            for _, some in itertools.groupby(rows, key=lambda row: (row["person"], row["channel"], row["address"])):
                self._store.run(box.insert(self._digest(list(some), now)))
            gathered = {"status": "gathered", "done_at": now}
            self._store.run(box.update(gathered).where(box.id.in_([row["id"] for row in rows])))
        return len(rows)

    def _digest(self, rows: list[Row], now: datetime) -> Row:
        """One letter for many, in the person's language."""
        first, english = rows[0], self._english(rows[0]["person"])
        subject = f"Daily digest: {len(rows)} notices" if english else f"【每日摘要】{len(rows)} 条通知"
        body = "\n\n".join("\n".join(filter(None, (row["subject"], row["body"], self._link(row)))) for row in rows)
        status = "to-call" if first["channel"] == "phone" else "waiting"
        made = {"id": self._store.new_id(), "key": f"digest-{first['id']}", "created_at": now, "due_at": now}
        place = {name: first[name] for name in ("person", "channel", "address")}
        return {**made, **place, "subject": subject, "body": body, "link": "/notices/", "status": status}

    def _english(self, login: str) -> bool:
        person = models.Person
        found = self._store.value(person.select(person.locale).where(person.login == login))
        return str(found or "").lower().startswith("en")

    def _link(self, row: Row) -> str:
        return f"{self._settings.address}{row['link']}" if row["link"].startswith("/") else row["link"]

    def _claim(self, limit: int) -> list[Row]:
        """Take due rows for this sender: their next try is put off by CLAIM, others skip them."""
        now = self._clock.now()
        due = (models.Outbox.status == "waiting") & (models.Outbox.due_at <= now)
        query = models.Outbox.select().where(due).order_by(models.Outbox.due_at).limit(limit)
        if self._store.postgres:
            query = query.for_update(skip_locked=True)
        with self._store.transaction():
            rows = self._store.rows(query)
            mine = models.Outbox.id.in_([row["id"] for row in rows])
            if rows:
                taken = {"attempts": models.Outbox.attempts + 1, "due_at": now + CLAIM}
                self._store.run(models.Outbox.update(taken).where(mine))
        return [{**row, "attempts": row["attempts"] + 1} for row in rows]

    def _send(self, row: Row, mail: Mailer) -> None:
        try:
            if row["channel"] == "email":
                mail.send(row)
            else:
                _send_by_apprise(row, self._settings)
        except NotSent as problem:
            self._failed(row, problem)
        else:
            pass_through(Point.LETTER_SENT)
            self._mark(row, {"status": "sent", "done_at": self._clock.now(), "error": ""})

    def _failed(self, row: Row, problem: NotSent) -> None:
        spent = row["attempts"] >= self._settings.send_attempts or isinstance(problem, Undeliverable)
        error = str(problem.details["reason"])[:500]
        if not spent:
            self._mark(row, {"due_at": self._clock.now() + retry_after(row["attempts"]), "error": error})
            return
        self._mark(row, {"status": "failed", "done_at": self._clock.now(), "error": error}, self._call_instead(row))

    def _call_instead(self, row: Row) -> Row | None:
        """The phone-list row for somebody whose channel failed for good."""
        if not row["person"]:
            return None
        now = self._clock.now()
        made = {"id": self._store.new_id(), "key": f"{row['key']}:phone", "created_at": now, "due_at": now}
        kept = {name: row[name] for name in ("person", "instance", "subject", "body", "link")}
        return {**kept, **made, "channel": "phone", "address": self._phone(row["person"]), "status": "to-call"}

    def _mark(self, row: Row, changes: Mapping[str, Any], also: Row | None = None) -> None:
        """Write what came of this claim, unless another sender has taken the row over since."""
        mine = (models.Outbox.id == row["id"]) & (models.Outbox.attempts == row["attempts"])
        still = mine & (models.Outbox.status == "waiting")
        with self._store.transaction():
            done = self._store.run(models.Outbox.update(changes).where(still))
            if done and also:
                self._store.run(models.Outbox.insert(also).on_conflict_ignore())


def retry_after(attempts: int) -> timedelta:
    """How long to wait after so many failures: doubling, with jitter, six hours at most."""
    seconds = min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY)
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))


# ---- mail ----------------------------------------------------------------------------------------------------------


@dataclass
class Mailer:
    """Sends the mails of one batch: over one connection, or into files while no server is set."""

    settings: Settings
    clock: Clock
    server: smtplib.SMTP | None = None

    def send(self, row: Row) -> None:
        """Send one row. Raises NotSent, or Undeliverable for an address that will never do."""
        message = _message(row, self.settings, self.clock.now())
        try:
            if self.settings.smtp_host:
                self.server = self.server or _connect(self.settings)
                self.server.send_message(message)
            else:
                _write(self.settings.mail_folder / f"{row['id']}.eml", bytes(message))
        except smtplib.SMTPRecipientsRefused as problem:
            code, text = next(iter(problem.recipients.values()))
            kind = Undeliverable if code >= 500 else NotSent
            raise kind(reason=f"{code} {text.decode(errors='replace')}") from problem
        except (smtplib.SMTPException, OSError) as problem:
            self.close()
            raise NotSent(reason=f"{type(problem).__name__}: {problem}") from problem
        except ValueError as problem:  # an address that cannot even be written in a header
            raise Undeliverable(reason=f"{row['address']!r}: {problem}") from problem

    def close(self) -> None:
        """End the connection; a server that is gone already is no trouble."""
        server, self.server = self.server, None
        if server is not None:
            server.close()


@contextmanager
def _mailer(settings: Settings, clock: Clock) -> Iterator[Mailer]:
    mailer = Mailer(settings, clock)
    try:
        yield mailer
    finally:
        mailer.close()


def _connect(settings: Settings) -> smtplib.SMTP:
    host, port, limit = settings.smtp_host, settings.smtp_port, settings.send_timeout
    if settings.smtp_security == "tls":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=limit, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=limit)
        if settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
    if settings.smtp_user:
        server.login(settings.smtp_user, settings.smtp_password)
    return server


def _message(row: Row, settings: Settings, now: datetime) -> EmailMessage:
    """The mail of a row. Its Message-ID is the row's, so that a mail sent twice is seen as one."""
    message = EmailMessage()
    try:
        message["From"] = settings.mail_from
        message["To"] = row["address"]
        message["Subject"] = " ".join(row["subject"].split())
    except ValueError as problem:
        raise Undeliverable(reason=f"the address {row['address']!r}: {problem}") from problem
    message["Date"] = format_datetime(now.replace(tzinfo=UTC))
    message["Message-ID"] = f"<{row['id']}@{settings.mail_from.partition('@')[2] or 'localhost'}>"
    message.set_content(_text(row, settings))
    return message


def _text(row: Row, settings: Settings) -> str:
    link = f"{settings.address}{row['link']}" if row["link"].startswith("/") else row["link"]
    return "\n\n".join(part for part in (row["body"], link) if part) or row["subject"]


def _write(path: Path, content: bytes) -> None:
    """Write a file at once: a reader never sees half a mail."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(content)
    os.replace(draft, path)


# ---- chat and hooks ------------------------------------------------------------------------------------------------


def _send_by_apprise(row: Row, settings: Settings) -> None:
    limit = settings.send_timeout
    address = row["address"]
    target = _apprise().Apprise()
    mark = "&" if "?" in address else "?"
    if not target.add(f"{address}{mark}cto={limit}&rto={limit}"):
        raise Undeliverable(reason="not an Apprise address")
    with _log_of_apprise() as said:
        try:
            sent = target.notify(title=row["subject"], body=_text(row, settings))
        except Exception as problem:  # one of a hundred plugins, not ours: whatever it raises is this row's failure
            raise NotSent(reason=f"{type(problem).__name__}: {problem}") from problem
        if not sent:
            raise NotSent(reason=said.getvalue().strip() or "the service refused")


def _apprise() -> Any:
    """The library, loaded when a chat address is met for the first time: every start would pay for it."""
    import apprise

    return apprise


def _log_of_apprise() -> AbstractContextManager[Any]:
    """What the library says when it fails: it answers only yes or no."""
    return _apprise().LogCapture(level=logging.WARNING, fmt="%(message)s")
