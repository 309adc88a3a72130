"""The permission matrix: every address and method, every name of the façade that says who asks, for every role of the
community pack and everybody beside them, at their own unit, below it, beside it and above it.

Lists of addresses and names are the program's own: one without a row in `routes` or `calls` fails here.
"""

from __future__ import annotations

import csv
import inspect
import io
import shutil
from collections.abc import Iterator

import pytest
from flask import Flask
from openpyxl import load_workbook

from admin.app import create_app
from engine import Engine
from engine.people import People
from engine.people.signins import Origin
from engine.registers import Register
from tests.admin.conftest import Visitor
from tests.postgres import Server
from tests.security import table
from tests.security.ask import Changes, Door, address
from tests.security.calls import CALLS, RECORDS, ready, refused
from tests.security.routes import ROUTES
from tests.security.rules import Asked
from tests.security.world import PLACES, VISITOR, Town

ALSO = ("Engine.work_items", "Engine.count_items", "Engine.instances")  # they hand `by` on among their filters
STATIC = ("static", "admin.static", "security.static")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The town, once for all questions; on SQLite and on PostgreSQL."""
    folder = tmp_path_factory.mktemp("town")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "linli.db")
        made = Town(f"sqlite:///{folder}/linli.db", folder)
        yield made
        made.engine.close()
        return
    server: Server = request.getfixturevalue("postgres")
    name = server.lend(request.getfixturevalue("postgres_template"))
    made = Town(server.url(name), folder)
    yield made
    made.engine.close()
    server.give_back(name)


@pytest.fixture(scope="module")
def app(town: Town) -> Flask:
    """The application over it."""
    return create_app(town.engine)


@pytest.fixture(scope="module")
def door(app: Flask, town: Town) -> Iterator[Door]:
    """Where one asks."""
    made = Door(app, town)
    yield made
    made.changes.close()


def test_every_address_has_a_row_and_every_row_an_address(app: Flask) -> None:
    there = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in STATIC
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    missing, left = sorted(there - set(ROUTES)), sorted(set(ROUTES) - there)
    assert not missing, f"say in tests/security/routes.py who these are for: {missing}"
    assert not left, f"these rows of tests/security/routes.py are of no address any more: {left}"


def test_a_line_of_the_documentation_says_one_thing(town: Town) -> None:
    """Rows with the same words are one line of docs/operator/permissions.md, so they answer alike."""
    said: dict[str, set[tuple[str, ...]]] = {}
    for route in ROUTES.values():
        said.setdefault(route.says, set()).add(tuple(table.mark(route, town, who) for who in town.people))
    assert {words for words, answers in said.items() if len(answers) > 1} == set()


@pytest.mark.parametrize(("endpoint", "method"), ROUTES, ids=lambda part: part)
def test_an_address_lets_in_whom_it_is_for_and_nobody_else(
    endpoint: str, method: str, town: Town, app: Flask, door: Door
) -> None:
    """Also: whoever is refused has changed nothing."""
    route = ROUTES[endpoint, method]
    rule = next(r for r in app.url_map.iter_rules(endpoint) if method in (r.methods or ()))
    wrong = []
    for who in sorted(town.people, key=lambda one: route.lets(Asked(town, one, "own"))):  # the refused first
        for place in PLACES if route.places else ("own",):
            wanted = route.lets(Asked(town, who, place))
            told = door.ask(route, rule, method, who, place)
            if told.let_in != wanted:
                wrong.append(f"{who} at {place}: {'let in' if told.let_in else 'refused'} ({told.status} {told.where})")
            if not wanted and told.changed and not route.drafts and not town.engine.store.postgres:
                wrong.append(f"{who} at {place}: refused, and yet something changed")
    assert wrong == [], "\n".join(wrong)


def test_every_name_that_says_who_asks_has_a_row() -> None:
    there = {
        f"{kind.__name__}.{name}"
        for kind in (Engine, People, Register)
        for name, call in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and "by" in inspect.signature(call).parameters
    }
    told = {*CALLS, *RECORDS}
    assert not (missing := sorted({*there, *ALSO} - told)), f"say in tests/security/calls.py who may: {missing}"
    assert not (left := sorted(told - {*there, *ALSO})), f"rows of no name any more: {left}"


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_refused_to_whom_it_is_not_for(name: str, town: Town) -> None:
    """The engine's own answer: a screen that forgets to ask gives nothing away."""
    call, wrong = CALLS[name], []
    changes = Changes(town.engine.store)
    for who in sorted(set(town.people) - {VISITOR}, key=lambda one: call.lets(Asked(town, one, "own"))):
        for place in PLACES if call.places else ("own",):
            thing, wanted = town.thing(place), call.lets(Asked(town, who, place))
            ready(call, thing)
            changes.seen()
            was_refused = refused(call, thing, who)
            changed = changes.seen()
            if was_refused == wanted:
                wrong.append(f"{who} at {place}: {'refused' if was_refused else 'let in'}")
            if changed and not town.engine.store.postgres and was_refused:
                wrong.append(f"{who} at {place}: refused, and yet something changed")
            if changed:
                town.used(place)
    changes.close()
    assert wrong == [], "\n".join(wrong)


def test_no_cell_of_any_file_runs_in_a_spreadsheet(app: Flask, town: Town, door: Door) -> None:
    """Every address that gives a csv or xlsx, from the application's own list."""
    evil = '=HYPERLINK("http://evil","x")'
    row = {"code": "+EVIL", "channel": "visit", "content": evil, "unit": "a", "status": "pooled", "place": "@SUM(A1)"}
    town.engine.register("demands").insert(row)
    town.engine.people.put("evil", name=evil, home_unit="a")
    town.engine.people.signins.record(evil, "wrong", Origin("127.0.0.1", evil))
    seen = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not (
            ".csv" in rule.rule or ".xlsx" in rule.rule or "export" in rule.rule
        ):
            continue
        route = ROUTES[rule.endpoint, "GET"]
        for kind in ("csv", "xlsx") if "<kind>" in rule.rule else ("",):
            path = address(route, rule, town.thing("own"), "root").replace(".csv", f".{kind}" if kind else ".csv")
            answer = Visitor(app).enter("root").get(path)
            assert answer.status_code == 200, path
            assert [cell for cell in cells(answer.get_data()) if str(cell).startswith(RUNS)] == [], path
            seen += 1
    assert seen >= 6


RUNS = ("=", "+", "-", "@", "\t", "\r")


def cells(content: bytes) -> list[object]:
    """Every cell of a file; of a workbook also what it holds as a formula."""
    if not content.startswith(b"PK"):
        return [cell for line in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in line]
    return [cell for sheet in load_workbook(io.BytesIO(content)) for line in sheet.values for cell in line if cell]
