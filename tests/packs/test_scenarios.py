"""The community pack's scenarios, each on the real engine with a clock that it moves itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine import Engine, scenarios
from engine.clock import ManualClock
from engine.errors import InvalidFile

PACK = Path(__file__).parents[2] / "workflows" / "community"
ALL = scenarios.of_pack(PACK)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with the pack deployed, once; every scenario plays on a scratch copy."""
    clock = ManualClock(datetime(2026, 11, 20, 1, tzinfo=UTC))
    engine = Engine(f"sqlite:///{tmp_path_factory.mktemp('packs') / 'town.db'}", clock=clock)
    engine.migrate()
    engine.deploy_pack(PACK, by="admin")
    yield engine
    engine.close()


@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.file)
def test_a_scenario_comes_out_as_written(town: Engine, scenario: scenarios.Scenario) -> None:
    assert list(scenarios.run(town, scenario).problems) == []


def test_every_process_of_the_pack_is_played_by_some_scenario(town: Engine) -> None:
    text = "\n".join(path.read_text("utf-8") for path in (PACK / "scenarios").glob("*.toml"))
    called = {"consult", "feedback", "evaluation", "weekly-analysis"}  # started by other processes, in those scenarios
    keys = {definition.key for definition in town.definitions(kind="process")}
    assert {key for key in keys - called if f'start = "{key}"' not in text} == set()


def test_a_scenario_that_expects_what_does_not_happen_fails_and_says_where(town: Engine) -> None:
    expected = {"start": "four-party", "with": {"topic": "x", "unit": ""}, "expect": {"open": ["nowhere"]}}
    wrong = scenarios.Scenario("wrong.toml", "wrong", datetime(2026, 11, 23, 1), (), (), (expected,))
    problems = scenarios.run(town, wrong).problems
    assert len(problems) == 1 and "step 1: open tasks: expected ['nowhere']" in str(problems[0])


def test_a_scenario_never_touches_the_engine_it_was_asked_of(town: Engine) -> None:
    scenarios.run(town, ALL[-1])
    assert town.instances().total == 0 and town.people.empty()


@pytest.mark.parametrize(
    "text",
    [
        "title = 'x'",
        "title = 'x'\nstart = 2026-11-23T09:00:00",
        "title = 'x'\nstart = 2026-11-23T09:00:00Z\n[[step]]\nstrat = 'typo'",
        "title = 'x'\nstart = 2026-11-23T09:00:00Z\n[[step]]\nstart = 'a'\nwait = 'P1D'",
        "not toml",
    ],
)
def test_a_scenario_file_that_says_something_unknown_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.toml").write_text(text, "utf-8")
    with pytest.raises(InvalidFile):
        scenarios.read(tmp_path / "a.toml")
