"""What operators watch: incidents, timers, letters, the calendar, the audit; each act goes through the façade."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest

from engine import Engine
from engine.records import Holiday
from tests.admin.conftest import Visitor, text
from tests.diagrams import diagram, script, user

Visit = Callable[..., Visitor]

BROKEN = script("t1", "x = missing_thing + 1")
WAITING = """<intermediateCatchEvent id="later"><timerEventDefinition><timeDuration
 xsi:type="tFormalExpression">PT2H</timeDuration></timerEventDefinition></intermediateCatchEvent>"""


@pytest.fixture
def operated(engine: Engine) -> Engine:
    """Somebody who may operate in East, somebody at the top, a case with a timer at East."""
    engine.people.put("east_op", name="东运维", posts=[("operate", "t1")])
    engine.people.put("top_op", name="总运维", posts=[("operate", "t")])
    waits = diagram("s -> later -> e", WAITING, key="waits", name="等待", properties={"unit": "=unit"})
    engine.deploy({"waits.bpmn": waits}, by="boss")
    return engine


def test_timers_are_listed_within_ones_units_and_can_fall_due_now(operated: Engine, visit: Visit) -> None:
    case = operated.start("waits", {"unit": "t1"}, by="li")
    operated.start("waits", {"unit": "t2"}, by="li")
    east = visit("east_op")
    page = text(east.get("/timers/"))
    assert page.count("/now") == 1
    assert "2 小时后" in page
    assert "没有等待的定时器" in text(east.get("/timers/?within=hour"))
    target = re.search(r'action="(/timers/\d+/now)"', page)
    assert target is not None
    assert east.post(target[1]).status_code == 302
    operated.run_due()
    assert operated.instance(case.id).status == "completed"
    assert "timer-moved" in [entry.event for entry in operated.journal(case.id)]
    assert visit("li").get("/timers/").status_code == 403


def test_a_timer_of_another_unit_is_not_moved(operated: Engine, visit: Visit) -> None:
    operated.start("waits", {"unit": "t2"}, by="li")
    east = visit("east_op")
    east.get("/timers/")
    timer = operated.timers()[0]
    assert east.post(f"/timers/{timer.id}/now").status_code == 403
    assert operated.timers()[0].due_at == timer.due_at


def test_an_incident_is_shown_retried_and_its_case_mended(operated: Engine, visit: Visit) -> None:
    operated.deploy({"b.bpmn": diagram("s -> t1 -> e", BROKEN, key="breaks", properties={"unit": "=unit"})}, by="boss")
    case = operated.start("breaks", {"unit": "t1"}, by="li")
    incident = operated.incidents()[0]
    east = visit("east_op")
    assert f"/case/{case.id}/" in text(east.get("/incidents/"))
    east.post(f"/incidents/{incident.id}/retry")
    assert "重试后仍然失败" in text(east.get("/incidents/"))
    operated.set_variables(case.id, {"missing_thing": 1}, by="east_op")
    still = operated.incidents()[0]
    east.post("/incidents/retry-all", {"incident": [str(still.id), "nonsense"]})
    assert operated.instance(case.id).status == "completed"
    assert "没有异常" in text(east.get("/incidents/"))
    assert "已恢复" in text(east.get("/incidents/?all=1"))


def test_people_without_a_channel_are_called_and_that_is_noted(operated: Engine, visit: Visit) -> None:
    called = diagram("s -> u1 -> e", user("u1", assignee="li"), key="call", properties={"unit": "=unit"})
    operated.deploy({"c.bpmn": called}, by="boss")
    case = operated.start("call", {"unit": "t1"}, by="boss")
    operated.urge(operated.work_items(instance=case.id)[0].id, by="boss")
    letter = operated.outbox("to-call")[0]
    top = visit("top_op")
    page = text(top.get("/outbox/"))
    assert "tel:13800000001" in page
    assert top.post(f"/outbox/{letter.id}/called").status_code == 302
    assert operated.outbox("to-call") == []
    assert "李网格" in text(top.get("/outbox/?status=called"))
    assert visit("east_op").get("/outbox/").status_code == 403


def test_a_letter_that_failed_is_seen_and_sent_again_to_where_the_person_is_now(operated: Engine, visit: Visit) -> None:
    letter = diagram("s -> u1 -> e", user("u1", assignee="li"), key="mail", properties={"unit": "=unit"})
    operated.deploy({"m.bpmn": letter}, by="boss")
    operated.people.put("li", channels=["json://127.0.0.1:9/hook"])
    cases = [operated.start("mail", {"unit": "t1"}, by="boss").id for _ in range(3)]
    for case in cases:
        operated.urge(operated.work_items(instance=case)[0].id, by="boss")
    object.__setattr__(operated.settings, "send_attempts", 1)
    assert operated.send() == 3
    assert len(operated.outbox("failed")) == len(operated.outbox("to-call")) == 3
    operated.people.put("li", channels=["mailto:li@example.cn"])
    top = visit("top_op")
    page = text(top.get("/outbox/?status=failed"))
    assert "全部重新发送" in page and page.count("/again") == 4
    one = operated.outbox("failed")[0].id
    assert top.post(f"/outbox/{one}/again").status_code == 302
    assert operated.send() == 1
    [sent] = operated.outbox("sent")
    assert (sent.id, sent.channel, sent.address) == (one, "email", "li@example.cn")
    assert len(operated.outbox("to-call")) == 2  # nobody calls about what has arrived
    assert top.post(f"/outbox/{one}/again").status_code == 404
    top.post("/outbox/again")
    assert operated.send() == 2 and operated.outbox("failed") == operated.outbox("to-call") == []
    assert visit("east_op").post("/outbox/again").status_code == 403


def test_holidays_are_entered_by_days_and_a_year_marked_complete(operated: Engine, visit: Visit) -> None:
    top = visit("top_op")
    assert "还没有日历" in text(top.get("/calendar/?year=2027"))
    given = {"first": "2027-02-05", "last": "2027-02-07", "open": "0", "note": "春节", "calendar": ""}
    assert top.post("/calendar/day", given).status_code == 302
    top.post("/calendar/day", {"first": "2027-02-14", "open": "1", "note": "调休"})
    almanac = operated.almanac(2027)
    assert [(h.day.day, h.open) for h in almanac.days] == [(5, False), (6, False), (7, False), (14, True)]
    assert almanac.days[0] == Holiday(date(2027, 2, 5), False, "春节")
    top.post("/calendar/year", {"year": "2027", "complete": "1"})
    assert operated.almanac(2027).entered
    top.post("/calendar/drop", {"day": "2027-02-14", "calendar": ""})
    assert len(operated.almanac(2027).days) == 3
    assert top.post("/calendar/day", {"first": "soon"}).status_code == 400
    assert top.post("/calendar/day", {"first": "2027-01-01", "last": "2027-12-31"}).status_code == 400


def test_the_calendar_of_all_is_not_one_communitys_to_change(operated: Engine, visit: Visit) -> None:
    east = visit("east_op")
    east.get("/timers/")
    assert east.get("/calendar/").status_code == 403
    assert east.post("/calendar/day", {"first": "2027-02-05"}).status_code == 403


def test_a_units_own_operator_enters_its_closures_and_no_other_units(operated: Engine, visit: Visit) -> None:
    """There was no screen for it: the calendar is for those who operate everywhere."""
    east = visit("east_op")
    page = text(east.get("/closures/?year=2027"))
    assert "东社区" in page and "西社区" not in page and 'href="/closures/"' in page
    given = {"unit": "t1", "first": "2027-03-01", "last": "2027-03-02", "note": "搬迁"}
    assert east.post("/closures/day", given).status_code == 302
    assert east.post("/closures/day", given | {"unit": "t2"}).status_code == 403
    assert east.post("/closures/day", given | {"unit": "t"}).status_code == 403
    assert east.post("/closures/day", given | {"unit": ""}).status_code == 400
    visit("top_op").post("/closures/day", given | {"unit": "t2", "last": ""})
    assert [(one.day.day, one.calendar) for one in operated.almanac(2027).days] == [
        *((1, "unit:t1"), (1, "unit:t2"), (2, "unit:t1"))
    ]
    page = text(east.get("/closures/?year=2027"))
    assert page.count("搬迁</td>") == 2 and text(visit("top_op").get("/closures/?year=2027")).count("搬迁</td>") == 3
    assert east.post("/closures/drop", {"unit": "t2", "day": "2027-03-01"}).status_code == 403
    assert east.post("/closures/drop", {"unit": "t1", "day": "2027-03-01"}).status_code == 302
    assert len(operated.almanac(2027).days) == 2
    assert visit("li").get("/closures/").status_code == 403


def test_the_audit_finds_nothing_wrong_and_a_tampered_journal(operated: Engine, visit: Visit) -> None:
    operated.start("waits", {"unit": "t1"}, by="li")
    top = visit("top_op")
    top.get("/audit/")
    assert "没有发现问题" in text(top.post("/audit/run"))
    with operated.store.transaction():
        operated.store.sql("update journal set actor = 'somebody' where seq = 1")
    top.get("/audit/")
    assert "没有发现问题" not in text(top.post("/audit/run"))


def test_the_load_is_counted_by_process_and_unit(operated: Engine, visit: Visit) -> None:
    operated.start("waits", {"unit": "t1"}, by="li")
    page = text(visit("east_op").get("/insight/"))
    assert "等待" in page
    assert "没有在办任务" in page
