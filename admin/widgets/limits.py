"""How often one address may do a thing: sign in, register, submit a demand.

Owns the counters (in memory, one set an application; each process counts for itself). Must not decide what is limited.
"""

from __future__ import annotations

from flask import Flask, current_app, request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from engine.errors import LinliError


class TooOften(LinliError):
    """That was tried too often from here. Please wait a little and try again."""

    zh = "操作过于频繁，请稍后再试。"
    status = 429


def spend(name: str, rate: str, *more: str) -> None:
    """Count one act of this browser's address (and of `more`, say the name typed in); TooOften beyond `rate`,
    which reads like `5/minute` or `30/hour`."""
    limiter: MovingWindowRateLimiter = current_app.extensions["linli-limits"]
    if not limiter.hit(parse(rate), name, request.remote_addr or "", *more):
        raise TooOften()


def init(app: Flask) -> None:
    """Give the application counters of its own."""
    app.extensions["linli-limits"] = MovingWindowRateLimiter(MemoryStorage())
