"""V8 inside a thread that runs an asyncio loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.expressions import feel


def test_expressions_work_where_an_asyncio_loop_runs() -> None:
    """The embedded V8 took the running loop for its own and then refused every time limit: with Playwright's loop in
    the thread, deploying a process failed with `To apply a timeout in an async context ...`."""

    async def inside() -> object:
        return feel.evaluate(
            "sum(for x in [1, 2, 3] return x * 2)", {}, now=datetime(2026, 11, 23), zone=ZoneInfo("Asia/Shanghai")
        )

    with ThreadPoolExecutor(1) as fresh:  # a thread that has no isolate yet
        assert fresh.submit(asyncio.run, asyncio.wait_for(inside(), 20)).result() == 12
