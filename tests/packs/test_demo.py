"""The demo can be told on any day: steps are relative to the present, which may be a holiday or New Year."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from engine import Engine, seeds
from engine.clock import ManualClock
from engine.errors import InvalidFile, NotFound
from engine.settings import Settings

COMMUNITY = Path(__file__).parents[2] / "workflows/community"


@pytest.mark.parametrize(
    "present",
    [datetime(2026, 11, 23, 2, 0), datetime(2027, 1, 1, 16, 30), datetime(2028, 3, 1, 0, 5)],
    ids=["a working day", "New Year", "after a leap day"],
)
def test_the_demo_is_told_on_any_day(tmp_path: Path, present: datetime) -> None:
    clock = ManualClock(present)
    engine = Engine(f"sqlite:///{tmp_path}/linli.db", clock, Settings(data=str(tmp_path / "var")))
    engine.migrate()
    engine.deploy_pack(COMMUNITY, by="")
    made = seeds.seed(engine, clock, seeds.read(COMMUNITY), password="hash")
    try:
        assert (made["people"], clock.now()) == (40, present)
        assert engine.incidents() == []
        assert engine.doctor() == []
        waiting = {login for item in engine.work_items() for login in (item.assignee, *item.candidates)}
        for role in (
            "member",
            "grid_worker",
            "community_staff",
            "organiser",
            "secretary",
            "unit_liaison",
            "subdistrict",
        ):
            assert any(login in waiting for logins in engine.people.holders(role).values() for login in logins), role
        late = next(timer for timer in engine.timers() if timer.node_id == "target-passed")
        assert (late.due_at - present).total_seconds() == 120
    finally:
        engine.close()


def test_samples_are_marked_and_their_numbers_belong_to_nobody() -> None:
    demo = seeds.read(COMMUNITY)
    assert all("样例" in person["name"] for person in demo.people)
    assert all(person["mobile"].startswith("100") for person in demo.people)
    communities = [unit["fields"]["committee"] for unit in demo.units if unit["kind"] == "社区"]
    assert (communities.count("居委会"), communities.count("村委会")) == (28, 11)


@pytest.mark.parametrize(
    "text",
    [
        "[[steps]]\n",
        "[[step]]\n",
        '[[step]]\nstart = "a"\nclaim = "b"\n',
        '[[step]]\nstart = "a"\nwho = "b"\n',
        "[[step",
    ],
)
def test_a_seed_that_means_nothing_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds/1.toml").write_text(text, "utf-8")
    with pytest.raises(InvalidFile):
        seeds.read(tmp_path)


def test_a_step_for_a_task_that_is_not_there_stops_the_filling(tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    text = '[[step]]\nstart = "work-order"\ncase = "x"\nby = ""\n[[step]]\ncomplete = "nowhere"\ncase = "x"\nby = ""\n'
    (tmp_path / "seeds/1.toml").write_text(text, "utf-8")
    clock = ManualClock(datetime(2026, 11, 23, 2, 0))
    engine = Engine(f"sqlite:///{tmp_path}/linli.db", clock, Settings(data=str(tmp_path / "var")))
    engine.migrate()
    engine.deploy_pack(COMMUNITY, by="")
    with pytest.raises(NotFound, match="x/nowhere"):
        seeds.seed(engine, clock, seeds.read(tmp_path))
    engine.close()
