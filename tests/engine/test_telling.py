"""How and when people are told: quiet hours, own choices, digests, a pack's own words; nothing lost, nothing twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine import Engine, telling
from engine.clock import ManualClock
from engine.commands.notices import Letter
from engine.errors import DeploymentRefused, Forbidden, InvalidValue
from engine.settings import Settings
from engine.telling import Telling
from tests.diagrams import diagram, service, user
from tests.engine.helpers import deploy, item

SHANGHAI = ZoneInfo("Asia/Shanghai")
REMIND = diagram("s -> u -> e", user("u", name="核实", due="PT10H", assignee="li", props={"remind": "PT0S"}))


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        ("22:00-07:00", "23:30", "07:00"),
        ("22:00-07:00", "06:59", "07:00"),
        ("22:00-07:00", "07:00", "07:00"),
        ("22:00-07:00", "12:00", "12:00"),
        ("12:00-14:00", "12:00", "14:00"),
        ("12:00-14:00", "14:00", "14:00"),
        ("08:00-08:00", "09:00", "09:00"),
        ("", "23:30", "23:30"),
        ("none", "23:30", "23:30"),
    ],
)
def test_quiet_hours_end(hours: str, at: str, until: str) -> None:
    local = datetime.fromisoformat(f"2026-11-23T{at}:00+08:00")
    found = telling.quiet_until(hours, local.astimezone(ZoneInfo("UTC")).replace(tzinfo=None), SHANGHAI)
    ends = found.replace(tzinfo=ZoneInfo("UTC")).astimezone(SHANGHAI)
    assert f"{ends:%H:%M}" == until and timedelta() <= ends - local < timedelta(hours=10)


def reminded(engine: Engine, clock: ManualClock, **chosen: object) -> None:
    """The reminder of a task falls at 19:00."""
    deploy(engine, REMIND)
    engine.people.put("li", name="李", mobile="13800138000", email="li@example.cn", channels=["mailto:a@example.cn"])
    if chosen:
        engine.choose_telling("li", Telling(**chosen), by="li")  # type: ignore[arg-type]
    engine.start("p", {}, by="")
    clock.advance(hours=10)
    engine.run_due()


def test_quiet_hours_hold_the_letter_and_not_the_notice(engine: Engine, clock: ManualClock) -> None:
    reminded(engine, clock, quiet="18:00-07:00")
    assert len(engine.notices("li")) == 1 and engine.send() == 0
    clock.advance(hours=12)
    assert engine.send() == 1 and engine.send() == 0
    assert [letter.status for letter in engine.outbox()] == ["sent"]


def test_the_installations_quiet_hours_hold_unless_a_person_says_none(
    store_url: str, clock: ManualClock, tmp_path: Path
) -> None:
    with Engine(store_url, clock, Settings(data=str(tmp_path), quiet="18:00-07:00")) as engine:
        reminded(engine, clock)
        assert engine.send() == 0
        engine.choose_telling("li", Telling(quiet="none"), by="li")
        engine.urge(item(engine, engine.instances().rows[0].id).id, by="li")
        assert engine.send() == 1


def test_a_kind_goes_where_its_reader_wants_it(engine: Engine, clock: ManualClock) -> None:
    reminded(engine, clock, kinds={"reminder": "mailto:li@example.cn", "urge": "app"})
    [letter] = engine.outbox()
    assert letter.address == "li@example.cn"
    engine.urge(item(engine, engine.instances().rows[0].id).id, by="li")
    assert len(engine.outbox()) == 1 and len(engine.notices("li")) == 2


def test_a_channel_that_was_given_up_falls_back_to_the_first(engine: Engine, clock: ManualClock) -> None:
    reminded(engine, clock, kinds={"urge": "mailto:a@example.cn"})
    engine.people.put("li", channels=["mailto:b@example.cn"])
    engine.urge(item(engine, engine.instances().rows[0].id).id, by="li")
    assert {letter.address for letter in engine.outbox()} == {"a@example.cn", "b@example.cn"}


def test_a_digest_gathers_a_day_into_one_letter_and_once(engine: Engine, clock: ManualClock) -> None:
    kinds = {"reminder": "digest", "urge": "digest"}
    reminded(engine, clock, digest="08:30", kinds=kinds)
    task = item(engine, engine.instances().rows[0].id)
    engine.urge(task.id, by="li", text="请尽快")
    clock.set(datetime(2026, 11, 24, 0, 29))
    assert engine.send() == 0
    clock.set(datetime(2026, 11, 24, 0, 30))
    assert (engine.send(), engine.send()) == (1, 0)
    [sent] = engine.outbox("sent")
    assert (
        "2 条通知" in sent.subject
        and "核实" in sent.body
        and "请尽快" in sent.body
        and f"/task/{task.id}/" in sent.body
    )
    assert len(engine.outbox("gathered")) == 2
    engine.people.put("li", locale="en")
    engine.urge(task.id, by="li")
    clock.advance(days=1)
    engine.send()
    assert "Daily digest: 1 notices" in [letter.subject for letter in engine.outbox("sent")]


def test_what_is_urgent_waits_for_nothing(engine: Engine, clock: ManualClock) -> None:
    inputs = {"to": '="li"', "subject": '="集合"', "urgent": "=true"}
    deploy(engine, diagram("s -> n -> e", service("n", "notice", inputs=inputs)))
    engine.people.put("li", name="李", email="li@example.cn")
    engine.choose_telling("li", Telling(quiet="00:00-23:59", kinds={"notice": "digest"}), by="li")
    engine.start("p", {}, by="")
    assert engine.send() == 1


def test_choices_are_ones_own_and_sensible(engine: Engine) -> None:
    engine.people.put("li", name="李", email="li@example.cn")
    engine.people.put("wang", name="王")
    with pytest.raises(Forbidden):
        engine.choose_telling("li", Telling(), by="wang")
    bad = (
        Telling(quiet="25:00-07:00"),
        Telling(digest="8"),
        Telling(kinds={"urge": "mailto:other@example.cn"}),
        Telling(kinds={"gossip": "app"}),
    )
    for chosen in bad:
        with pytest.raises(InvalidValue):
            engine.choose_telling("li", chosen, by="li")


# ---- a pack's own words --------------------------------------------------------------------------------------------


def pack(folder: Path, notices: str) -> Path:
    (folder / "processes").mkdir(parents=True)
    (folder / "pack.toml").write_text(f'name = "own"\nversion = "1"\n{notices}', "utf-8")
    (folder / "processes" / "p.bpmn").write_bytes(REMIND)
    return folder


OWN = """
[notices.reminder]
subject = { zh = "请办：{step}（{due} 前）", en = "To do: {step} by {due}" }
"""


def test_a_pack_words_its_notices_in_both_languages(engine: Engine, clock: ManualClock, tmp_path: Path) -> None:
    engine.deploy_pack(pack(tmp_path / "own", OWN), by="")
    engine.people.put("li", name="李")
    for locale, subject in (("", "请办：核实（2026-11-23 19:00 前）"), ("en", "To do: 核实 by 2026-11-24 05:00")):
        engine.people.put("li", locale=locale)
        engine.start("p", {}, by="")
        clock.advance(hours=10)
        engine.run_due()
        newest = engine.notices("li")[0]
        assert newest.subject == subject and newest.body  # the body is the product's


@pytest.mark.parametrize(
    "wrong",
    [
        '[notices.gossip]\nsubject = { zh = "a", en = "b" }',
        '[notices.reminder]\nsubject = { zh = "a" }',
        '[notices.reminder]\nsubject = { zh = "{secret}", en = "b" }',
        '[notices.reminder]\nsubject = { zh = "{step.__class__}", en = "b" }',
        '[notices.reminder]\nsubject = { zh = "{", en = "b" }',
        '[notices.reminder]\ntitle = { zh = "a", en = "b" }',
    ],
)
def test_words_that_cannot_be_filled_are_refused(engine: Engine, tmp_path: Path, wrong: str) -> None:
    with pytest.raises(DeploymentRefused) as refused:
        engine.deploy_pack(pack(tmp_path / "own", wrong), by="")
    assert "通知" in refused.value.text("zh") and "otice" in refused.value.text("en")


def test_braces_that_people_type_are_left_alone() -> None:
    """A title is data: `{by}` in it must not be filled in."""
    assert telling.filled("{title}!", {"title": "{by} {0} {x.y}"}) == "{by} {0} {x.y}!"
    assert Letter(key="k", subject="题").words("en")["subject"] == "题"
