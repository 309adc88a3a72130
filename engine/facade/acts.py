"""Everything that changes something, each one line to its command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

from engine import telling
from engine.commands import (
    almanac,
    certificates,
    deploy,
    files,
    leaving,
    leftovers,
    mend,
    messages,
    migrate,
    operate,
    remarks,
    retain,
    returns,
    signers,
    start,
    sweep,
    tasks,
    undoing,
)
from engine.commands.case import Landed
from engine.commands.context import Context
from engine.commands.personal import Personal
from engine.doctor import Problem
from engine.errors import Forbidden, NotFound
from engine.outbox import Outbox
from engine.people import People
from engine.queries import Letters
from engine.queries.cases import row_of
from engine.records import Deployed, Erasure, Holiday, Instance, Substitution, WorkItem
from engine.store import backup, house
from engine.telling import Telling

Data = Mapping[str, Any]


class Acts:
    """Mixed into Engine. `by` is a signed-in login ('' = the system, where allowed); `key` an idempotency key: same
    key, same answer, once. Errors: engine.errors."""

    _context: Context
    _outbox: Outbox
    _letters: Letters
    files: files.Files
    people: People
    instance: Callable[..., Instance]
    work_item: Callable[..., WorkItem]
    doctor: Callable[[], list[Problem]]

    # ---- definitions

    def deploy(self, files: Mapping[str, bytes], by: str) -> list[Deployed]:
        """Publish files (name -> bytes) together; one entry for each definition in them. DeploymentRefused, Forbidden
        without the permission `design`."""
        self._must(by, "design")
        return deploy.deploy(self._context, files, by=by)

    def deploy_pack(self, path: str | Path, by: str) -> list[Deployed]:
        """Publish a pack's folder in one transaction, with its roles and calendars. DeploymentRefused, InvalidFile,
        Forbidden without the permission `design`."""
        self._must(by, "design")
        return deploy.deploy_pack(self._context, path, by=by)

    def migrate_instance(
        self,
        instance: int,
        to_version: int,
        mapping: Mapping[str, str] | None = None,
        dry_run: bool = False,
        by: str = "",
    ) -> migrate.Report:
        """Move a case to another version of its process; the report of every token and timer. CannotMove when
        something has no place there (nothing is changed then)."""
        return migrate.migrate(self._context, instance, to_version, mapping or {}, dry_run=dry_run, by=by)

    def migrate_instances(
        self, instances: Iterable[int], to_version: int, mapping: Mapping[str, str] | None = None, *, by: str
    ) -> list[migrate.Outcome]:
        """Move cases one after the other, each in a commit of its own; what became of each. At most 500 in one call;
        one that cannot move, or breaks, stays as it is and does not stop the others."""
        return migrate.migrate_many(self._context, instances, to_version, mapping or {}, by=by)

    def undo_migration(self, instance: int, by: str) -> int:
        """Take a case's last migration back; its version then. CannotMove when there is none, or something has happened
        in the case since."""
        return undoing.undo(self._context, instance, by=by)

    def _must(self, by: str, permission: str) -> None:
        """Forbidden unless somebody holds a permission anywhere; '' is the system."""
        if by and not self.people.may(by, permission):
            self.people.require(by)
            raise Forbidden(who=by, action=permission)

    def _must_everywhere(self, by: str) -> None:
        """Forbidden unless somebody may operate at the top of the tree: what it touches is of all units."""
        if by and not self.people.may_everywhere(by, "operate"):
            raise Forbidden(who=by, action="operate")

    # ---- cases

    def start(
        self,
        process: str,
        variables: Data | None = None,
        by: str = "",
        business_key: str | None = None,
        key: str | None = None,
    ) -> Instance:
        """Start the latest version of a process."""
        data = {} if variables is None else variables
        with self._context.store.connected():
            return self._seen(start.start(self._context, process, data, by=by, business_key=business_key, key=key))

    def set_variables(self, instance: int, variables: Data, by: str, token: str | None = None) -> None:
        """Change variables of a case (or of what a token sees)."""
        operate.set_variables(self._context, instance, variables, by=by, token=token)

    def suspend(self, instance: int, by: str, reason: str = "") -> None:
        """Stop a case and those it called."""
        operate.suspend(self._context, instance, by=by, reason=reason)

    def resume(self, instance: int, by: str, reason: str = "") -> None:
        """Let it go on."""
        operate.resume(self._context, instance, by=by, reason=reason)

    def cancel(self, instance: int, by: str, reason: str = "") -> None:
        """End a case without completing it, and those it called."""
        operate.cancel(self._context, instance, by=by, reason=reason)

    def move(
        self,
        instance: int,
        target: str,
        by: str,
        leave: Sequence[str] | None = None,
        region: Sequence[str] | None = None,
        reason: str = "",
    ) -> None:
        """Take tokens out and put one at an element."""
        operate.move(self._context, instance, target, by=by, leave=leave, region=region, reason=reason)

    def comment(self, instance: int, text: str, by: str, to: Iterable[str] = (), files: Iterable[str] = ()) -> None:
        """Add a remark to a case that one may see, with uploads; `to` are told and must see it too. NotFound."""
        if not self.people.empty():
            for login in filter(None, (by, *(named := list(to)))):
                self.instance(instance, by=login)
            to = named
        remarks.comment(self._context, instance, text, by=by, to=to, files=files)

    def retry(self, incident: int, by: str) -> bool:
        """Try an incident's token again; whether it is over."""
        return operate.retry(self._context, incident, by=by)

    def resolve(self, incident: int, by: str) -> None:
        """Mark an incident without a token to retry as dealt with."""
        operate.resolve(self._context, incident, by=by)

    def move_timer(self, timer: int, due: datetime, by: str) -> None:
        """Let a timer fall due at another instant (naive UTC)."""
        operate.move_timer(self._context, timer, due, by=by)

    # ---- calendar

    def put_holiday(self, holiday: Holiday, by: str) -> None:
        """Enter or change a day of the working calendar. Forbidden, InvalidValue."""
        almanac.put_day(self._context, holiday, by=by)

    def put_holidays(self, days: Sequence[Holiday], by: str) -> None:
        """Enter or change many days at once, all of them or none: a year's notice. Forbidden, InvalidValue."""
        almanac.put_days(self._context, days, by=by)

    def drop_holiday(self, day: date, calendar: str = "", *, by: str) -> None:
        """Forget a day that was entered. NotFound, Forbidden."""
        almanac.drop_day(self._context, day, calendar, by=by)

    def mark_year(self, year: int, complete: bool, by: str, note: str = "") -> None:
        """Say whether a year's notice has been entered completely."""
        almanac.mark_year(self._context, year, complete, note, by=by)

    # ---- tasks

    def complete(self, item: int, data: Data | None = None, by: str = "", key: str | None = None) -> Instance:
        """Complete a task (claims it when `by` is a candidate); the case as it stands then."""
        with self._context.store.connected():
            return self._seen(tasks.complete(self._context, item, {} if data is None else data, by=by, key=key))

    def _seen(self, landed: Landed) -> Instance:
        """The case as a command left it, without reading again what has just been written."""
        return self.instance(landed.id) if landed.case is None else row_of(landed.case.row, landed.case.variables)

    def claim(self, item: int, by: str) -> WorkItem:
        """Take a task."""
        with self._context.store.connected():
            tasks.claim(self._context, item, by=by)
            return self.work_item(item)

    def unclaim(self, item: int, by: str) -> WorkItem:
        """Give it back to its candidates."""
        tasks.unclaim(self._context, item, by=by)
        return self.work_item(item)

    def transfer(self, item: int, to: str, by: str, reason: str = "") -> WorkItem:
        """Hand it to somebody else for good."""
        tasks.transfer(self._context, item, to, by=by, reason=reason)
        return self.work_item(item)

    def delegate(self, item: int, to: str, by: str, reason: str = "") -> WorkItem:
        """Have somebody do it in one's place."""
        tasks.delegate(self._context, item, to, by=by, reason=reason)
        return self.work_item(item)

    def urge(self, item: int, by: str, text: str = "") -> int:
        """Remind those who should handle it; how many."""
        return tasks.urge(self._context, item, by=by, text=text)

    def copy_to(self, item: int, to: Iterable[str], by: str, text: str = "") -> int:
        """Let others see it; how many were told."""
        return tasks.copy_to(self._context, item, to, by=by, text=text)

    def return_to(self, item: int, target: str, by: str, reason: str = "", then: str = "") -> None:
        """Send it back to `start`, `previous` or an earlier element; `then`: rerun | back ('': as the diagram says)."""
        returns.return_to(self._context, item, target, by=by, reason=reason, then=then)

    def withdraw(self, item: int, by: str, reason: str = "") -> None:
        """Take back what one completed, as long as nobody has acted on what followed."""
        returns.withdraw(self._context, item, by=by, reason=reason)

    def earlier_steps(self, item: int) -> list[returns.Place]:
        """Where it may be returned to, the latest done first."""
        with self._context.store.connected():
            return returns.places(self._context, item)

    def refuse(self, item: int, by: str, reason: str = "") -> Instance:
        """Say no to it: a counted vote, or the diagram's answer; the case as it stands then."""
        with self._context.store.connected():
            return self._seen(tasks.refuse(self._context, item, by=by, reason=reason))

    def add_signer(
        self, item: int, login: str | Iterable[str], by: str, when: str = "beside", reason: str = ""
    ) -> None:
        """Ask others to sign it too: before | beside | after whoever has it."""
        signers.add(self._context, item, login, by=by, when=when, reason=reason)

    def remove_signer(self, item: int, by: str, reason: str = "") -> None:
        """Take out a signer who has not answered; `item` is theirs."""
        signers.remove(self._context, item, by=by, reason=reason)

    def hand_over(
        self, leaver: str, to: str, by: str, reason: str = "", posts: bool = False, leaves: bool = False
    ) -> int:
        """Everything open that a person has goes to somebody else, and what still comes for them; how many tasks.
        `posts`: their posts and duties as a substitute too; `leaves`: they are gone then."""
        with self._context.store.connected():
            return leaving.hand_over(self._context, leaver, to, by=by, reason=reason, posts=posts, leaves=leaves)

    def remind_of_certificates(self) -> int:
        """Tell people, and who looks after them, of certificates that end; each stage once. How many certificates."""
        return certificates.remind(self._context)

    # ---- substitutes

    def put_substitute(
        self,
        person: str,
        substitute: str,
        by: str,
        since: date | None = None,
        until: date | None = None,
        process: str = "",
        reason: str = "",
    ) -> Substitution:
        """Let somebody act for a person for a time, in one process or all ('')."""
        wanted: dict[str, Any] = {"since": since, "until": until, "process": process, "reason": reason}
        return self._context.people.substitutes.put(person, substitute, by=by, at=self._context.clock.now(), **wanted)

    def end_substitute(self, substitution: int, by: str) -> None:
        """It is over."""
        self._context.people.substitutes.end(substitution, by=by, at=self._context.clock.now())

    # ---- repairs

    def repair(self, checks: Iterable[str], by: str = "") -> list[str]:
        """Repair what these checks of the doctor find, and nothing else; what was done. `checks` among orphan, missing,
        stray, double, held (`doctor.REPAIRS`). Forbidden without `operate` everywhere."""
        self._must_everywhere(by)
        wanted = set(checks)
        cases = {problem.instance for problem in self.doctor() if problem.code in wanted - {"orphan"}}
        store, now = self._context.store, self._context.clock.now()
        gone = leftovers.remove(self._context.settings.files, store, now) if "orphan" in wanted else []
        return gone + mend.repair(self._context, wanted, cases, by)

    # ---- messages and time

    def publish_message(
        self,
        name: str,
        payload: Data | None = None,
        key: str | None = None,
        by: str | None = None,
        ttl: timedelta | None = None,
        dedupe: str | None = None,
    ) -> int:
        """Publish a message with a correlation `key`; its id. `ttl`: how long it waits for somebody (one hour unless
        said)."""
        return messages.publish(
            self._context, "message", name, payload or {}, correlation=key, by=by or "", ttl=ttl, dedupe=dedupe
        )

    def broadcast_signal(self, name: str, payload: Data | None = None, by: str | None = None) -> int:
        """Send a signal to all that wait for it now; its id."""
        return messages.publish(self._context, "signal", name, payload or {}, by=by or "")

    def run_due(self, limit: int | None = None) -> int:
        """Do what is due now: messages, timers, jobs; how many things were done."""
        return sweep.run_due(self._context, limit)

    def send(self, limit: int = 50) -> int:
        """Send what waits in the outbox; how many letters were tried."""
        with self._context.store.connected():
            return self._outbox.deliver(limit)

    def resend(self, letter: int | None = None, *, by: str) -> int:
        """Send a failed letter again, or all that failed (None; at most 1,000 in one go), to where the person is
        reached today; how many were queued. NotFound when the letter has not failed."""
        self._must_everywhere(by)
        with self._context.store.connected():
            queued = self._outbox.resend(letter, by, lambda login: self._context.people.records([login]).get(login))
        if letter is not None and not queued:
            raise NotFound(what="发送失败的通知", id=letter)
        return queued

    # ---- keeping

    def backup(self, target: str | Path, force: bool = False) -> int:
        """Write database, uploads and key to one file while others work; its size in bytes. WouldOverwrite,
        ProgramFailed."""
        return backup.backup(self._context.settings, Path(target), self._context.clock.now(), force)

    def retain(
        self,
        days: int | None = None,
        trace_days: int | None = None,
        archive: bool | None = None,
        progress: Callable[[int], None] = lambda done: None,
    ) -> retain.Retained | None:
        """Let cases go that ended more than `days` ago, into the archive or for good, and traces (idempotency keys,
        messages, letters) older than `trace_days`; 0 = none, None = as the settings say. None: somebody is at it."""
        settings = self._context.settings
        place = replace(settings, retain_archive=settings.retain_archive if archive is None else archive)
        return retain.retain(
            self._context,
            settings.files,
            days=settings.retain_days if days is None else days,
            trace_days=settings.trace_days if trace_days is None else trace_days,
            archive=place.archive,
            progress=progress,
        )

    @staticmethod
    def prove_archive(archive: str | Path) -> tuple[int, list[str]]:
        """How many outermost cases an archive of `retain` holds, and what is wrong with their journals and uploads.
        InvalidFile."""
        return retain.prove(Path(archive))

    # ---- personal data

    def looked(self, whose: str, by: str, rows: Iterable[str] = ()) -> None:
        """Keep that somebody was shown full personal data: of a person, or of `rows` (ids) of a register."""
        with self._context.store.transaction():
            data = {"rows": list(rows)} if rows else {}
            house.note(self._context.store, "looked", whose, by, self._context.clock.now(), data)

    def erase_person(self, who: str, by: str, reason: str = "") -> Erasure:
        """Take somebody's personal data away for good, everywhere: a person's (sign-in name), or of somebody without a
        record who is known by a number or address. What went, and what stays and why. Forbidden unless `by` administers
        the whole installation, NotFound, InvalidValue for oneself."""
        return Personal(self._context, self.files).erase(who, by=by, reason=reason)

    # ---- aside

    def attach(self, name: str, mime: str, stream: IO[bytes], by: str = "", field: str = "") -> str:
        """Keep an uploaded file; its id. InvalidFile when it is too large."""
        return self.files.put(name, mime, stream, by=by, field=field)

    def mark_read(self, ids: Iterable[int], by: str) -> int:
        """Mark one's own notices as read; how many were unread."""
        return self._letters.mark_read(ids, by)

    def mark_called(self, outbox_id: int, by: str) -> None:
        """Somebody on the phone list was called. Forbidden without `operate` everywhere: the list is of all units."""
        self._must_everywhere(by)
        self._letters.mark_called(outbox_id, by)

    def choose_telling(self, login: str, chosen: Telling, by: str) -> None:
        """How and when somebody is told: one's own choice. Forbidden for another's, InvalidValue."""
        if by and by != login:
            raise Forbidden(who=by, action="telling")
        person = self.people.get(login)
        mail = (f"mailto:{person.email}",) if person.email else ()
        self.people.put(login, telling=telling.saved(telling.checked(chosen, (*person.channels, *mail))))

    def save_draft(self, subject: str, login: str, data: Data) -> None:
        """Keep a form half filled in. `subject`: 'item:ID' | 'start:PROCESS'."""
        self._letters.save_draft(subject, login, dict(data))

    def drop_draft(self, subject: str, login: str) -> None:
        """Forget it."""
        self._letters.drop_draft(subject, login)
