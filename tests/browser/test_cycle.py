"""The whole cycle as the people of one town walk it, on a served program, by what the screens call things.

Nobody types an address but the start page; nobody calls the engine. Only the clock is the test's: it is moved, and the
tick does what has come due. The same walk in Chinese and in English; and with the server killed between its steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from engine import Engine
from tests.admin.test_step_forms import PNG
from tests.browser import cycle
from tests.browser.conftest import Site
from tests.browser.town import QuietTown, Town, populate

pytestmark = pytest.mark.browser


@pytest.fixture
def town(
    request: pytest.FixtureRequest, engine: Engine, serve: Callable[[Engine], Site], open_page: Callable[..., Page]
) -> Iterator[Town]:
    populate(engine, request.param)
    yield QuietTown(engine, serve(engine).url, open_page, request.param)
    assert engine.doctor() == [] and engine.incidents() == []


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "east-gate.png"
    path.write_bytes(PNG)
    return path


@pytest.mark.parametrize("town", ["zh", "en"], indirect=True)
def test_a_demand_becomes_a_service_and_a_line_of_a_statement(town: Town, photo: Path) -> None:
    resident, code = cycle.submit(town, photo)
    cycle.register(town)
    cycle.paste(town)
    cycle.analyse(town)
    cycle.design(town)
    cycle.approve(town)
    cycle.claim(town)
    cycle.serve_the_shift(town)
    cycle.report(town)
    cycle.evaluate(town, resident, code)
    cycle.points(town)
    cycle.statement(town)


@pytest.mark.parametrize("town", ["zh", "en"], indirect=True)
def test_a_question_asked_at_night_is_late_a_quarter_of_an_hour_after_opening(town: Town) -> None:
    town.until(23, 22)
    cycle.ask(town)
    shu, jie = town.person("shu"), town.person("jie")
    town.until(23, 22, 15)
    shu.no_bell("办居住证要带什么材料")
    town.until(24, 8, 44)
    shu.no_bell("办居住证要带什么材料")
    town.until(24, 8, 45)
    shu.bell("办居住证要带什么材料")
    shu.shot("secretary-told")
    shu.follow("办居住证要带什么材料")
    shu.sees("15 分钟未答复")
    shu.shot("secretary-case")
    town.until(24, 9, 30)
    jie.bell("办居住证要带什么材料")
    cycle.urge(jie)
    cycle.answer(town)
