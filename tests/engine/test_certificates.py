"""Certificates that end: who hears of it, when, and once."""

from __future__ import annotations

from datetime import date

from engine import Engine
from engine.clock import ManualClock
from engine.records import Notice


def subjects(notices: list[Notice]) -> list[str]:
    return [notice.subject for notice in reversed(notices)]


def test_a_certificate_that_ends_is_told_in_three_stages_and_each_once(engine: Engine, clock: ManualClock) -> None:
    engine.people.put_unit("t", name="东")
    engine.people.put("wang", name="王", home_unit="t", skills=[("电工", "高压证", date(2026, 12, 20))])
    engine.people.put("head", posts=[("people:write", "t")], locale="en")
    assert engine.remind_of_certificates() == 1
    assert engine.remind_of_certificates() == 0
    assert subjects(engine.notices("wang")) == ["【证书】电工、高压证即将到期"]
    assert engine.notices("head") == []
    clock.advance(days=25)  # 18 December
    assert engine.remind_of_certificates() == 1
    clock.advance(days=5)
    assert (engine.remind_of_certificates(), engine.remind_of_certificates()) == (1, 0)
    assert subjects(engine.notices("wang"))[2] == "【证书】电工、高压证已到期"
    assert len(engine.notices("wang")) == 3
    told = engine.notices("head")
    assert subjects(told) == ["Certificate: 王, 电工, 高压证 expires soon", "Certificate: 王, 电工, 高压证 has expired"]
    assert told[0].link == "/people/wang/"


def test_neither_the_renewed_nor_the_long_expired_nor_those_who_left_are_told(
    engine: Engine, clock: ManualClock
) -> None:
    engine.people.put("old", skills=[("电工", "证", date(2026, 9, 1))])
    engine.people.put("far", skills=[("电工", "证", date(2027, 9, 1)), "写作"])
    engine.people.put("gone", status="left", skills=[("电工", "证", date(2026, 12, 1))])
    engine.people.put("wang", skills=[("电工", "证", date(2026, 12, 1))])
    assert engine.remind_of_certificates() == 1
    engine.people.put("wang", skills=[("电工", "证", date(2029, 12, 1))])
    clock.advance(days=10)
    assert engine.remind_of_certificates() == 0


def test_the_list_is_of_those_one_may_read(engine: Engine) -> None:
    engine.people.put("wang", home_unit="t", skills=[("电工", "证", date(2026, 12, 1))])
    engine.people.put("li", home_unit="w", skills=[("电工", "证", date(2026, 11, 1))])
    engine.people.put("head", posts=[("people:read", "t")])
    assert [login for login, _skill in engine.people.expiring(30)] == ["li", "wang"]
    assert [login for login, _skill in engine.people.expiring(30, by="head")] == ["wang"]
