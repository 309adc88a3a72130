"""The accounts after a siege: what the diaries say was wanted and answered, against what the database holds.

`finish` lets a calm process do what is left, so that every case has to be over; `accounts` counts. It believes no table
alone: a task's completion must be there as a journal line, a closed work item and a row of the register it writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine import Engine
from engine.expressions import values
from tests.faults import town
from tests.faults.diary import Line, read
from tests.faults.hands import YEARS, Hand, unfinished

ROUNDS = 400
ONCE = (("completed", "u"), ("completed", "score"), ("completed", "j"), ("caught", "m"), ("caught", "t"))
ONCE += (("completed", "turn"), ("completed", "r"), ("completed", "c"), ("completed", "tell"), ("completed", "e"))


def finish(engine: Engine, folder: Path, advance: Callable[[timedelta], None]) -> int:
    """Do again what was left open, and go on until no case runs; how many rounds it took."""
    hands = [Hand(engine, folder, login) for login in town.HANDS]
    for hand in hands:
        hand.again()
        if (folder / f"{hand.login}.csv").exists():
            hand.bring()
    for number in range(ROUNDS):
        if not _go_on(engine, advance):
            return number
    raise AssertionError(f"cases do not end: {[case.id for case in engine.instances(status='running').rows][:5]}")


def _go_on(engine: Engine, advance: Callable[[timedelta], None]) -> int:
    for case in engine.instances(process=town.PROCESS, status="running", limit=50).rows:
        engine.publish_message("keyed", {}, key=case.business_key, ttl=YEARS, dedupe=case.business_key)
    for item in engine.work_items(status="open", limit=200):
        engine.complete(item.id, {"amount": 1}, by=town.CHIEF)
    advance(timedelta(minutes=10))
    return engine.run_due() + engine.send(200) + engine.instances(status="running").total


class Accounts:
    """Rows and lines side by side; each check adds to `problems`."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.problems: list[str] = []
        self.lines: dict[str, list[Line]] = {who: read(folder / f"{who}.diary") for who in (*town.HANDS, town.VISITOR)}
        rows = self.rows("select id, business_key, status, process_key, parent from instance")
        self.cases = {row[0]: row[1] for row in rows if row[3] == town.PROCESS}
        self.states = Counter((row[3], row[2]) for row in rows)
        self.parents = Counter(row[4] for row in rows if row[4])
        self.events = Counter(self.rows("select instance, event, node_id from journal"))

    def rows(self, statement: str, *given: Any) -> list[tuple[Any, ...]]:
        with self.engine.store.connected():
            return [tuple(row) for row in self.engine.store.sql(statement, given).fetchall()]

    def of(self, act: str, kind: str = "got") -> list[tuple[str, Line]]:
        """Lines of an act with who wrote them."""
        return [
            (who, line) for who, lines in self.lines.items() for line in lines if (line.act, line.kind) == (act, kind)
        ]

    def wrong(self, text: str, some: Iterable[Any]) -> None:
        """A problem, unless there are none."""
        found = list(some)
        if found:
            self.problems.append(f"{text}: {len(found)}, e.g. {found[:3]}")

    # ---- checks

    def starts(self) -> None:
        by_ref = Counter(self.cases.values())
        answered = {line.ref: line.data for _, line in self.of("start")}
        wanted = {line.ref for _, line in self.of("start", "want")} | {line.ref for _, line in self.of("row")}
        refused = {line.ref for _, line in self.of("start", "no")}
        self.wrong("cases started twice", (ref for ref, count in by_ref.items() if count > 1))
        self.wrong("cases that nobody wanted", set(by_ref) - wanted)
        self.wrong("answered starts without a case", (set(answered) | {x.ref for _, x in self.of("row")}) - set(by_ref))
        self.wrong("refused starts with a case", (refused & set(by_ref)) - set(answered))
        self.wrong(
            "answers that name another case",
            (ref for ref, case in answered.items() if case and self.cases.get(case) != ref),
        )
        self.wrong("cases that are not over", (state for state in self.states if state[1] != "completed"))

    def journals(self) -> None:
        for event, node in ONCE:
            self.wrong(
                f"cases where {node} is not {event} once",
                (case for case in self.cases if self.events[case, event, node] != 1),
            )
        self.wrong(
            "cases whose late timer fired twice", (c for c in self.cases if self.events[c, "caught", "late"] > 1)
        )
        self.wrong("cases without one called case", (case for case in self.cases if self.parents[case] != 1))

    def registers(self) -> None:
        scores = Counter((row["ref"], row["what"]) for row in self._scores())
        for what in ("task", "timer", "child"):
            self.wrong(
                f"cases without one score of the {what}", (r for r in self.cases.values() if scores[r, what] != 1)
            )
        self.wrong("scores of no case", {ref for ref, _ in scores} - set(self.cases.values()))
        taken = int(self.engine.register("places").get("hall")["taken"])
        least = len(self.cases) + len(self.of("reserve"))
        most = least + sum(unfinished(line) for _, line in self.of("reserve", "no"))
        self.wrong("places taken", [taken] if not least <= taken <= most else [])

    def _scores(self) -> Iterable[dict[str, Any]]:
        found = self.rows("select data from register_row where register = 'scores'")
        return (values.loads(row[0]) for row in found)

    def tasks(self) -> None:
        items = {row[0]: row[1:] for row in self.rows("select id, instance, status, ended_by from work_item")}
        self.wrong("tasks that are not done", (i for i, row in items.items() if row[1] != "completed"))
        done = Counter(line.ref for _, line in self.of("complete"))
        self.wrong("tasks completed twice", (ref for ref, count in done.items() if count > 1))
        self.wrong(
            "answered completions by somebody else",
            (line.ref for who, line in self.of("complete") if items[int(line.ref)][2] != who),
        )
        amounts = {row["ref"]: row["amount"] for row in self._scores() if row["what"] == "task"}
        for who, lines in self.lines.items():
            said = {x.ref: x.data for x in lines if (x.act, x.kind) == ("complete", "want")}
            self.wrong(
                f"scores that differ from what {who} filled in",
                (
                    x.ref
                    for x in lines
                    if (x.act, x.kind) == ("complete", "got")
                    and amounts.get(self.cases.get(items[int(x.ref)][0])) != said[x.ref]
                ),
            )

    def claims(self) -> None:
        found = self.rows("select instance, actor, data from journal where event = 'claimed'")
        made = Counter((values.loads(data)["item"], actor) for _, actor, data in found)
        self.wrong("tasks claimed twice", (i for i, n in Counter(item for item, _ in made.elements()).items() if n > 1))
        answered = {(line.ref, who) for who, line in self.of("claim")}
        self.wrong("answered claims without a line", answered - set(made))
        wanted = {(line.ref, who) for who, line in self.of("claim", "want")}
        self.wrong("claims that nobody wanted", set(made) - wanted)

    def messages(self) -> None:
        sent = Counter(row[0] for row in self.rows("select correlation from message"))
        self.wrong("cases without one message", (ref for ref in self.cases.values() if sent[ref] != 1))
        reached = Counter(row[0] for row in self.rows("select instance from delivery"))
        self.wrong("cases without one delivery", (case for case in self.cases if reached[case] != 1))

    def jobs(self) -> None:
        path = self.folder / "effects"
        effects = set(path.read_text().split()) if path.exists() else set()
        self.wrong("jobs that ended without their effect", set(self.cases.values()) - effects)

    def notices(self) -> None:
        told = Counter(row[0] for row in self.rows("select subject from notice where person = ?", town.CHIEF))
        self.wrong("cases without one notice", (ref for ref in self.cases.values() if told[ref] != 1))
        said = self.rows("select data from journal where event = 'reminded'")
        lines = [values.loads(row[0]) for row in said]
        marks = Counter((line["item"], line["rule"], line["occurrence"]) for line in lines)
        self.wrong("reminders given twice", (mark for mark, count in marks.items() if count > 1))
        keys = Counter(row[0] for row in self.rows("select key from notice where key like ?", "reminder-%"))
        due = Counter(f"reminder-{x['item']}-{x['rule']}-{x['occurrence']}-{to}" for x in lines for to in x["to"])
        self.wrong("reminders and their notices", (keys - due) + (due - keys))
        letters = self.rows("select id, status from outbox")
        self.wrong("letters not sent", (row for row in letters if row[1] != "sent"))
        mails = self.folder / "var" / "mail"
        self.wrong(
            "letters marked sent without a mail", (r[0] for r in letters if not (mails / f"{r[0]}.eml").exists())
        )
        notices = self.rows("select count(*) from notice")[0][0]
        self.wrong("as many letters as notices", [] if len(letters) == notices else [(len(letters), notices)])

    def comments(self) -> None:
        found = self.rows("select data from journal where event = 'comment'")
        texts = Counter(values.loads(row[0])["text"] for row in found)
        self.wrong("comments made twice", (text for text, count in texts.items() if count > 1))
        self.wrong("answered comments that are not there", {line.ref for _, line in self.of("comment")} - set(texts))

    def leftovers(self) -> None:
        for table in ("timer", "subscription", "job", "candidate", "incident"):
            self.wrong(f"rows left in {table}", self.rows(f"select * from {table}"))
        uploads = self.rows("select id from attachment")
        self.wrong(
            "uploads without their bytes",
            (row[0] for row in uploads if not (self.folder / "var" / "files" / row[0]).exists()),
        )
        self.wrong("troubles of the web", (line for _, line in self.of("500", "trouble")))


def accounts(engine: Engine, folder: Path) -> tuple[dict[str, int], list[str]]:
    """(counts, problems). The counts say that there was a load at all."""
    books = Accounts(engine, folder)
    checks = (
        books.starts,
        books.journals,
        books.registers,
        books.tasks,
        books.claims,
        books.messages,
        books.jobs,
        books.notices,
        books.comments,
        books.leftovers,
    )
    for check in checks:
        check()
    events = Counter(event for _, event, _ in books.events.elements())
    found = {
        "cases": len(books.cases),
        "by web": sum(ref.startswith(town.VISITOR) for ref in books.cases.values()),
        "by import": sum("-row-" in ref for ref in books.cases.values()),
        "journal lines": sum(books.events.values()),
        "timers": events["caught"] - len(books.cases),
        "claims": events["claimed"],
        "reminders": events["reminded"],
        "letters": books.rows("select count(*) from outbox")[0][0],
        "answered": sum(line.kind == "got" for lines in books.lines.values() for line in lines),
        "repeated": _repeated(books.lines),
    }
    return found, books.problems


def _repeated(lines: dict[str, list[Line]]) -> int:
    """Wants without an answer that somebody did again."""
    count = 0
    for some in lines.values():
        count += sum(a.kind == b.kind == "want" for a, b in pairwise(some))
    return count
