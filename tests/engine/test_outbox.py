"""The outbox: sent once marked once, retried with growing waits, failed visibly, nobody forgotten. Against real servers
on this machine: a small SMTP server and an HTTP hook."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine.clock import ManualClock
from engine.outbox import CLAIM, Outbox, retry_after, route, rows_for, trouble
from engine.records import Person
from engine.settings import Settings
from engine.store import Store, models

LI = Person(login="li", name="李梅", channels=("mailto:li@example.cn",), mobile="13800138000")


class Mailbox(socketserver.ThreadingTCPServer):
    """An SMTP server that keeps what it gets; `refuse` answers every recipient with that line."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[email.message.EmailMessage] = []
        self.refuse = ""
        self.connections = 0


class _Session(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.server.connections += 1
        self.say("220 test")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.say("354 go on")
                self.take()
                self.say("250 kept")
            elif verb == b"RCPT" and self.server.refuse:
                self.say(self.server.refuse)
            elif verb == b"QUIT":
                return
            else:
                self.say("250 ok")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        self.server.mails.append(message)  # type: ignore[arg-type]

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Hook(ThreadingHTTPServer):
    """A web hook that keeps what it gets and answers with `status`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.posts: list[dict[str, Any]] = []
        self.status = 200


class _Post(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with serving(Mailbox()) as server:
        yield server


@pytest.fixture
def hook() -> Iterator[Hook]:
    with serving(Hook()) as server:
        yield server


@pytest.fixture
def sender(store: Store, clock: ManualClock, mailbox: Mailbox) -> Outbox:
    host, port = mailbox.server_address[:2]
    address = {
        "smtp_host": str(host),
        "smtp_port": int(port),
        "smtp_security": "none",
        "address": "https://linli.example.cn",
    }
    return Outbox(store, clock, Settings(**address, send_attempts=3, send_timeout=5), lambda login: "13800138000")


@pytest.fixture
def post(store: Store, clock: ManualClock) -> Callable[..., None]:
    def add(person: Person = LI, key: str = "k1", **text: Any) -> None:
        rows = rows_for(
            store, person, clock.now(), key=key, **({"subject": "新任务", "body": "请处理", "link": "/task/7"} | text)
        )
        store.run(models.Outbox.insert_many(rows).on_conflict_ignore())

    return add


def rows(store: Store) -> list[dict[str, Any]]:
    return store.rows(models.Outbox.select().order_by(models.Outbox.id))


class TestRoutes:
    @pytest.mark.parametrize(
        ("person", "expected"),
        [
            (Person("a", "a", channels=("mailto:a@b.cn", "json://x"), email="c@d.cn"), ("email", "a@b.cn")),
            (Person("a", "a", channels=("wecombot://abc",), email="c@d.cn"), ("apprise", "wecombot://abc")),
            (Person("a", "a", email="c@d.cn", mobile="138"), ("email", "c@d.cn")),
            (Person("a", "a", mobile="13800138000"), ("phone", "13800138000")),
            (Person("a", "a"), ("phone", "")),
        ],
    )
    def test_first_channel_then_mail_then_phone(self, person: Person, expected: tuple[str, str]) -> None:
        assert route(person) == expected

    @pytest.mark.parametrize("good", ["mailto:a@b.cn", "json://localhost/x", "wecombot://abc123"])
    def test_channels_a_form_accepts(self, good: str) -> None:
        assert trouble(good) == ""

    @pytest.mark.parametrize("bad", ["mailto:nobody", "carrier-pigeon://x", "", "13800138000"])
    def test_channels_a_form_refuses(self, bad: str) -> None:
        assert trouble(bad)

    def test_who_has_no_channel_is_listed_for_a_call(
        self, store: Store, sender: Outbox, post: Callable[..., None]
    ) -> None:
        post(Person("wang", "王强", mobile="13900139000"))
        assert sender.deliver() == 0
        assert [(r["status"], r["channel"], r["address"]) for r in rows(store)] == [("to-call", "phone", "13900139000")]


class TestMail:
    def test_is_sent_once_and_marked(
        self, store: Store, sender: Outbox, post: Callable[..., None], mailbox: Mailbox
    ) -> None:
        post()
        post()  # the same key
        assert sender.deliver() == 1
        assert sender.deliver() == 0
        (mail,) = mailbox.mails
        assert (mail["To"], mail["Subject"]) == ("li@example.cn", "新任务")
        assert mail.get_content().split() == ["请处理", "https://linli.example.cn/task/7"]
        (row,) = rows(store)
        assert (row["status"], row["attempts"], row["error"]) == ("sent", 1, "")
        assert mail["Message-ID"].startswith(f"<{row['id']}@")

    def test_a_batch_uses_one_connection(self, sender: Outbox, post: Callable[..., None], mailbox: Mailbox) -> None:
        for n in range(5):
            post(key=f"k{n}")
        assert sender.deliver() == 5
        assert (len(mailbox.mails), mailbox.connections) == (5, 1)

    def test_a_line_break_in_a_subject_makes_no_header(
        self, sender: Outbox, post: Callable[..., None], mailbox: Mailbox
    ) -> None:
        post(subject="a\r\nBcc: everybody@example.cn")
        sender.deliver()
        assert mailbox.mails[0]["Bcc"] is None

    def test_a_refused_address_fails_at_once_and_is_to_be_called(
        self, store: Store, sender: Outbox, post: Callable[..., None], mailbox: Mailbox
    ) -> None:
        mailbox.refuse = "550 no such person"
        post()
        sender.deliver()
        failed, call = rows(store)
        assert (failed["status"], failed["error"]) == ("failed", "550 no such person")
        assert (call["status"], call["channel"], call["address"], call["subject"]) == (
            "to-call",
            "phone",
            "13800138000",
            "新任务",
        )

    def test_a_full_mailbox_is_tried_again_later_and_then_given_up(
        self, store: Store, sender: Outbox, post: Callable[..., None], mailbox: Mailbox, clock: ManualClock
    ) -> None:
        mailbox.refuse = "452 mailbox full"
        post()
        waits = []
        for _ in range(3):
            assert sender.deliver() == 1
            assert sender.deliver() == 0  # not before its time
            row = rows(store)[0]
            waits.append((row["status"], row["due_at"] - clock.now()))
            clock.set(row["due_at"])
        assert [status for status, _ in waits] == ["waiting", "waiting", "failed"]
        assert timedelta(seconds=20) < waits[0][1] < timedelta(seconds=40) < waits[1][1]
        assert [r["status"] for r in rows(store)] == ["failed", "to-call"]

    def test_one_bad_address_does_not_hold_up_the_rest(
        self, store: Store, sender: Outbox, post: Callable[..., None], mailbox: Mailbox
    ) -> None:
        post(Person("bad", "bad", channels=("mailto:line\nbreak@x.cn",)), key="k1")
        post(Person("odd", "odd", channels=("nonsense://x",)), key="k2")
        post(key="k3")
        assert sender.deliver() == 3
        assert [r["status"] for r in rows(store)][:3] == ["failed", "failed", "sent"]
        assert len(mailbox.mails) == 1

    def test_a_dead_server_keeps_the_message(self, store: Store, clock: ManualClock, post: Callable[..., None]) -> None:
        with serving(Mailbox()) as server:
            port = server.server_address[1]
        settings = Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", send_timeout=1)
        post()
        Outbox(store, clock, settings, lambda _: "").deliver()
        (row,) = rows(store)
        assert row["status"] == "waiting"
        assert "ConnectionRefusedError" in row["error"]


def test_without_a_server_mail_is_written_as_files(
    store: Store, clock: ManualClock, post: Callable[..., None], tmp_path: Path
) -> None:
    post()
    Outbox(store, clock, Settings(data=str(tmp_path)), lambda _: "").deliver()
    (path,) = (tmp_path / "mail").iterdir()
    assert path.suffix == ".eml"
    assert email.message_from_bytes(path.read_bytes(), policy=email.policy.default)["Subject"] == "新任务"


class TestHooks:
    def person(self, hook: Hook) -> Person:
        return Person("li", "李梅", channels=(f"json://127.0.0.1:{hook.server_address[1]}/x",))

    def test_any_apprise_address_gets_the_text(
        self, store: Store, sender: Outbox, post: Callable[..., None], hook: Hook
    ) -> None:
        post(self.person(hook))
        assert sender.deliver() == 1
        (got,) = hook.posts
        assert (got["title"], got["message"].split()) == ("新任务", ["请处理", "https://linli.example.cn/task/7"])
        assert rows(store)[0]["status"] == "sent"

    def test_a_failing_hook_is_tried_again_with_its_reason_kept(
        self, store: Store, sender: Outbox, post: Callable[..., None], hook: Hook, clock: ManualClock
    ) -> None:
        hook.status = 503
        post(self.person(hook))
        sender.deliver()
        row = rows(store)[0]
        assert row["status"] == "waiting"
        assert "503" in row["error"]
        hook.status = 200
        clock.set(row["due_at"])
        sender.deliver()
        assert rows(store)[0]["status"] == "sent"
        assert len(hook.posts) == 2


class TestClaims:
    def test_two_senders_never_send_one_row_twice(
        self, open_database: Callable[[], Store], clock: ManualClock, post: Callable[..., None], mailbox: Mailbox
    ) -> None:
        for n in range(40):
            post(key=f"k{n}")
        port = int(mailbox.server_address[1])
        settings = Settings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
        start = threading.Barrier(4)

        def work() -> None:
            store = open_database()
            sender = Outbox(store, clock, settings, lambda _: "")
            start.wait()
            while sender.deliver(limit=3):
                pass
            store.close()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({m["Message-ID"] for m in mailbox.mails}) == len(mailbox.mails) == 40

    def test_a_sender_that_died_loses_its_claim(
        self, store: Store, sender: Outbox, post: Callable[..., None], mailbox: Mailbox, clock: ManualClock
    ) -> None:
        post()
        assert len(sender._claim(10)) == 1  # and dies here
        assert sender.deliver() == 0
        clock.advance(CLAIM)
        assert sender.deliver() == 1
        assert rows(store)[0]["status"] == "sent"

    def test_a_late_sender_does_not_overwrite_what_the_next_one_did(
        self, store: Store, sender: Outbox, post: Callable[..., None], clock: ManualClock
    ) -> None:
        post()
        (late,) = sender._claim(10)
        clock.advance(CLAIM)
        sender.deliver()
        sender._mark(late, {"status": "failed"})
        assert rows(store)[0]["status"] == "sent"


def test_waits_double_up_to_six_hours() -> None:
    assert retry_after(1) < timedelta(seconds=40)
    assert timedelta(hours=4) < retry_after(50) < timedelta(hours=8)
