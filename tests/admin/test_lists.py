"""Lists, counts and badges in a town with much behind it: every query of every page finds an index, on both databases,
no page asks more statements for more rows, and slices of long lists are cut by the database."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from admin.app import create_app
from bench.flows import CHOICE, process
from bench.kit import PERSON, ROLE, UNIT
from bench.town import NOW, Builder, Town
from engine import Engine
from engine.clock import ManualClock
from engine.settings import Settings
from engine.store import models
from tests.admin.conftest import Visitor, text

TOWN = Town(people=10_000, finished=12_000, open=1_000)
LAMPS = {
    "name": "lamps",
    "title": {"zh": "路灯", "en": "Lamps"},
    "fields": [
        {"key": "code", "label": {"zh": "编号", "en": "Code"}, "type": "text", "required": True},
        {"key": "unit", "label": {"zh": "网格", "en": "Grid"}, "type": "unit", "required": True},
        {"key": "state", "label": {"zh": "状态", "en": "State"}, "type": "text"},
    ],
    "key": ["code"],
    "indexes": ["unit", "state"],
    "search": ["code"],
    "scope": "unit",
    "list": ["code", "unit", "state"],
}
LARGE = {
    *("person", "post", "instance", "work_item", "candidate", "journal", "timer"),
    *("notice", "outbox", "incident", "register_row", "register_value"),
}
OPEN_ONES = "workitem_unit_due_at"  # an index of the open tasks only: to walk it is to look at what is open
WORKER = (
    *("/desk/", "/desk/?tab=claim", "/desk/?tab=done", "/desk/?tab=started", "/desk/?sort=new", "/desk/?sort=priority"),
    *("/desk/?q=12", "/desk/?tab=claim&q=12", "/desk/?tab=done&q=12", "/desk/?tab=done&page=30", "/desk/count"),
    *("/desk/tabs", "/notices/", "/notices/badge", "/registers/", "/registers/lamps/", "/registers/lamps/?q=L7"),
    *("/registers/lamps/?state=broken", "/registers/lamps/?order=code", "/people/", "/people/?unit=grid-1"),
    *("/people/?status=pending", "/incidents/", "/incidents/?all=1", "/incidents/count", "/timers/"),
    *("/timers/?within=day&kind=reminder", "/insight/"),
)
BOSS = (
    *("/people/", "/people/?status=pending", "/join-requests/", "/people/?unit=grid-1", "/incidents/"),
    *("/incidents/?all=1", "/incidents/count", "/outbox/", "/outbox/?status=sent", "/outbox/count", "/timers/"),
    *("/timers/?within=late", "/registers/", "/registers/lamps/", "/registers/lamps/?state=broken", "/insight/"),
)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A town, made once for all tests of a database."""
    folder = tmp_path_factory.mktemp("town")
    url = f"sqlite:///{folder}/town.db"
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        url = server.url(server.database("template1"))
    settings = Settings(database=url, data=str(folder), secret_key="test" * 12, demo=False)
    with Engine(url, ManualClock(NOW), settings) as engine:
        engine.migrate()
        furnish(engine, folder)
        yield engine


def furnish(engine: Engine, folder: Path) -> None:
    """People of interest, a register, and a crowd of everything."""
    engine.people.put_unit(UNIT, name="一网格")
    rights = ("desk", "start", "oversee", "operate", "people:read", "register:lamps:read")
    engine.people.put(PERSON, name="李", posts=[(role, UNIT) for role in (ROLE, *rights)])
    engine.people.put("boss", name="管", posts=[("admin", "")])
    (folder / "pack.toml").write_text(ROLES.format(", ".join(f'"{right}"' for right in rights)), "utf-8")
    for name, content in {**process(CHOICE, 3), "lamps.json": json.dumps(LAMPS).encode()}.items():
        place = folder / {"bpmn": "processes", "form": "forms", "json": "registers"}[name.rpartition(".")[2]]
        place.mkdir(exist_ok=True)
        (place / name).write_bytes(content)
    engine.deploy_pack(folder, by="")
    lamps = [{"code": f"L{n}", "unit": UNIT, "state": "broken" if n % 7 else "lit"} for n in range(2_000)]
    engine.register("lamps").insert_many(lamps, by="")
    builder = Builder(engine, TOWN)
    builder.build()
    with engine.store.transaction():
        rows(builder)
    with engine.store.connected():
        engine.store.sql("analyze")


ROLES = """name = "lamps"
version = "1"
title = {{ zh = "路灯", en = "Lamps" }}
[roles.clerk]
title = {{ zh = "网格员", en = "Clerk" }}
permissions = [{}]
"""


def rows(builder: Builder) -> None:
    """Timers, incidents, letters, notices."""
    at, case = f"'{NOW}'", str(TOWN.finished // 2 + 1)
    builder.fill("timer", 3_000, {"id": "n", "instance": case, "kind": "'reminder'", "due_at": at})
    trouble = {"id": "n", "instance": f"{case} + n / 4", "kind": "'job'", "message": "'lamp'", "created_at": at}
    builder.fill("incident", 1_500, {**trouble, "resolved_at": f"case when n > 60 then {builder.instant(NOW)} end"})
    letter = {"id": "n", "key": "'k' || n", "channel": "'phone'", "due_at": at, "created_at": at}
    builder.fill("outbox", 3_000, {**letter, "status": "case when n > 100 then 'sent' else 'to-call' end"})
    whom = f"case when n < 200 then '{PERSON}' else 'p' || n end"
    builder.fill("notice", 3_000, {"id": "n", "key": "'k' || n", "person": whom, "subject": "'x'", "created_at": at})


@pytest.fixture(scope="module")
def app(town: Engine) -> Flask:
    return create_app(town)


@contextmanager
def heard(engine: Engine) -> Iterator[list[tuple[str, tuple[Any, ...]]]]:
    """Statements, with their values, while something runs."""
    found: list[tuple[str, tuple[Any, ...]]] = []

    def listen(event: Any) -> None:
        found.append((event.sql, tuple(event.params or ())))

    engine.store.db.query_hooks.append(listen)
    try:
        yield found
    finally:
        engine.store.db.query_hooks.remove(listen)


def walked(engine: Engine, statement: str, values: tuple[Any, ...]) -> set[str]:
    """Large tables that a statement reads from end to end, by whatever way: PostgreSQL is told to shun a sequential
    scan, and what then has no condition on an index walks it all."""
    execute = engine.store.db.execute_sql
    if not engine.store.postgres:
        plan = "\n".join(str(row[-1]) for row in execute(f"explain query plan {statement}", values).fetchall())
        aliases = dict(re.findall(r"(?:from|join) \"?(\w+)\"? (?:as )?\"?(\w+)", statement, re.IGNORECASE))
        names = {alias: table for table, alias in aliases.items()}
        found = re.findall(rf"SCAN (\w+)(?! USING (?:COVERING )?INDEX {OPEN_ONES})\b", plan)
        return {names.get(alias, alias) for alias in found} & LARGE
    execute("set enable_seqscan = off")
    [[plan]] = execute(f"explain (format json) {statement}", values).fetchall()
    execute("reset enable_seqscan")
    return {node.get("Relation Name", "") for node in nodes(plan[0]["Plan"]) if whole(node)} & LARGE


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def whole(node: dict[str, Any]) -> bool:
    kind = node["Node Type"]
    if kind == "Seq Scan":
        return True
    walks = kind in ("Index Scan", "Index Only Scan", "Bitmap Index Scan") and "Index Cond" not in node
    return walks and node["Index Name"] != OPEN_ONES


@pytest.mark.parametrize("login,page", [*((PERSON, page) for page in WORKER), *(("boss", page) for page in BOSS)])
def test_every_query_of_a_page_finds_an_index(town: Engine, app: Flask, login: str, page: str) -> None:
    visitor = Visitor(app).enter(login)
    with heard(town) as statements:
        assert visitor.get(page).status_code == 200
    assert len(statements) >= 2
    with town.store.connected():
        asked = {sql: values for sql, values in statements if sql.lower().startswith(("select", "with"))}
        plans = {sql: walked(town, sql, values) for sql, values in asked.items()}
    assert not {sql: tables for sql, tables in plans.items() if tables and not in_order(sql)}


def in_order(statement: str) -> bool:
    """Whether a statement stops after a slice: it walks an index in the order of its list, or counts no further. The
    values that a register's filter offers are those of all its rows."""
    return " LIMIT " in statement.upper() or 'COUNT("t1"."id") AS "n" FROM "register_value"' in statement


@pytest.mark.parametrize("page", ["/desk/", "/desk/?tab=claim", "/desk/?tab=done", "/desk/?tab=started", "/incidents/"])
def test_a_list_asks_no_more_statements_for_more_rows(town: Engine, app: Flask, page: str) -> None:
    """The list of free tasks asked for the name of each of its 25 rows' units by itself: 34 statements."""
    visitor = Visitor(app).enter(PERSON)
    visitor.get(page)
    with heard(town) as statements:
        visitor.get(page)
    assert len(statements) <= 20, [statement for statement, _ in statements]


def test_long_lists_are_counted_only_so_far_and_say_so(town: Engine, app: Flask) -> None:
    hers = TOWN.finished // 50
    page = town.item_page(ended_by=PERSON, status="completed", order="-ended_at", limit=25)
    assert (len(page.rows), page.total, page.more) == (25, hers, False)
    town.people.put("many", name="多", posts=[("desk", UNIT)])
    mine = models.WorkItem.update(ended_by="many").where(models.WorkItem.id <= 1_500)
    with town.store.transaction():
        town.store.run(mine)
    page = town.item_page(ended_by="many", status="completed", order="-ended_at", limit=25, offset=25)
    assert (len(page.rows), page.total, page.more) == (25, 1000, True)
    late = town.item_page(ended_by="many", status="completed", order="-ended_at", limit=25, offset=1_475)
    assert (len(late.rows), late.total, late.more) == (25, 1_500, False)
    ended = [row.ended_at for row in page.rows if row.ended_at]
    assert ended == sorted(ended, reverse=True) and len(ended) == 25
    shown = text(Visitor(app, "en").enter("many").get("/desk/?tab=done"))
    assert "1–25 of more than 1000" in shown


def test_slices_of_system_lists_come_from_the_database(town: Engine, app: Flask) -> None:
    """Incidents, letters and timers were all read, up to 2,000 of them, to show twenty-five."""
    boss = Visitor(app).enter("boss")
    for page, table in (
        ("/incidents/?all=1&page=3", "incident"),
        ("/outbox/?status=sent", "outbox"),
        ("/timers/", "timer"),
    ):
        with heard(town) as statements:
            assert boss.get(page).status_code == 200
        lists = [sql for sql, _ in statements if f'FROM "{table}"' in sql]
        assert lists and all("LIMIT" in sql for sql in lists)
    first, second = (town.incident_page("boss", open_only=False, limit=25, offset=at) for at in (0, 25))
    assert first.total == 1000 and first.more
    assert not {one.id for one in first.rows} & {one.id for one in second.rows}
    assert town.count_incidents("boss", 100) == 60 and town.count_outbox("to-call", 50) == 50
    assert town.timer_page(by="boss", kind="escalation").rows == ()
