"""Handlers of jobs: `http`, `email`, `notify`, and the functions of packs.

Owns what a service task of these types does outside the engine. Each gets a key that stays the same over retries,
for the other side to tell a repetition by. Touches no case: the job's result goes through an ordinary command.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from engine import packs
from engine.clock import Clock
from engine.errors import InvalidValue, LinliError
from engine.expressions import values
from engine.store import Store, new_id
from engine.store.models import Outbox, Pack
from engine.store.statements import inserts

TIMEOUT = 30  # seconds
LARGEST = 4 * 1024 * 1024  # bytes of an answer

Handler = Callable[[Mapping[str, Any], Mapping[str, str], str], Mapping[str, Any] | None]
"""A job's work, outside any transaction: (inputs, headers, idempotency key) -> variables. May raise BpmnError."""


class CallFailed(LinliError):
    """The service at {url} did not answer well: {reason}"""

    zh = "服务 {url} 调用失败：{reason}"


class Handlers:
    """The handlers of one engine: its own, and those of the installed packs, loaded when first asked for.
    Thread-safe."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._own: dict[str, Handler] = {
            "http": http,
            "email": _mailing(store, clock, "email"),
            "notify": _mailing(store, clock, "apprise"),
        }
        self._packs: dict[str, Handler] = {}
        self._stamp: Any = None
        self._lock = threading.Lock()

    def get(self, kind: str) -> Handler | None:
        """The handler of a job type."""
        return self._own.get(kind) or self._of_packs().get(kind)

    def put(self, kind: str, handler: Handler) -> None:
        """Add or replace a handler: for programs that embed the engine."""
        self._own[kind] = handler

    def names(self) -> list[str]:
        """Every job type that can be run."""
        return [*self._own, *self._of_packs()]

    def _of_packs(self) -> dict[str, Handler]:
        stamp = self._store.rows(Pack.select(Pack.name, Pack.deployed_at).order_by(Pack.name))
        with self._lock:
            if stamp != self._stamp:
                self._packs, self._stamp = self._load(), stamp
            return self._packs

    def _load(self) -> dict[str, Handler]:
        found: dict[str, Handler] = {}
        for row in self._store.rows(Pack.select(Pack.name, Pack.settings)):
            folder = packs.folder_of(values.loads(row["settings"]))
            found |= {name: _pure(function) for name, function in packs.services(folder, row["name"]).items()}
        return found


def _pure(function: packs.Service) -> Handler:
    return lambda inputs, headers, key: function(inputs)


def http(inputs: Mapping[str, Any], headers: Mapping[str, str], key: str) -> Mapping[str, Any]:
    """Call a web service: inputs url, method (GET, or POST with a body), headers, body; -> status, body (JSON when
    it is)."""
    url = str(inputs.get("url") or headers.get("url") or "")
    if not url.startswith(("http://", "https://")):
        raise InvalidValue(reason=f"http needs an http(s) url, not {url!r}")
    body = inputs.get("body")
    method = str(inputs.get("method") or headers.get("method") or ("GET" if body is None else "POST")).upper()
    sent = {"Idempotency-Key": key, "Content-Type": "application/json", **(inputs.get("headers") or {})}
    data = None if body is None else json.dumps(values.plain(body), ensure_ascii=False).encode()
    request = urllib.request.Request(url, data=data, headers=sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return {"status": answer.status, "body": _body(url, answer.read(LARGEST + 1))}
    except (urllib.error.URLError, TimeoutError, OSError) as problem:
        raise CallFailed(url=url, reason=str(problem)) from problem


def held(inputs: Mapping[str, Any], headers: Mapping[str, str], key: str) -> Mapping[str, Any]:
    """`http` of a scratch engine: nobody is called, an empty answer comes."""
    return {"status": 200, "body": None}


def _body(url: str, raw: bytes) -> Any:
    if len(raw) > LARGEST:
        raise CallFailed(url=url, reason="the answer is too large")
    text = raw.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _mailing(store: Store, clock: Clock, channel: str) -> Handler:
    """A handler that puts a row into the outbox: `email` or `notify` (an Apprise address); inputs to, subject, body,
    link. The job's key makes it one row however often the job is run."""

    def put(inputs: Mapping[str, Any], headers: Mapping[str, str], key: str) -> None:
        to = inputs.get("to") or headers.get("to")
        if not to:
            raise InvalidValue(reason=f"{channel} needs the input to")
        moment = clock.now()
        said = {name: str(inputs.get(name) or "") for name in ("subject", "body", "link")}
        rows = [
            {**said, "id": new_id(), "key": f"{key}-{one}", "channel": channel, "address": str(one)}
            | {"created_at": moment, "due_at": moment}
            for one in (to if isinstance(to, list) else [to])
        ]
        with store.transaction():
            for statement, bound in inserts(Outbox, rows):
                store.sql(f"{statement} on conflict (key) do nothing", bound)

    return put
