"""The words of settings: what a diagram writes for machines is told to people in both languages."""

from __future__ import annotations

import pytest
from flask import Flask

from admin.widgets import dates, lookups, names
from engine import Engine


@pytest.mark.parametrize(
    ("written", "chinese", "english"),
    [
        ("-PT1H30M", "到期前 1 小时 30 分钟", "1 h 30 min before it is due"),
        ("PT0S", "到期时", "when due"),
        ("R/P1W", "之后每 7 天", "every 7 d after that"),
        ("PT4H admin", "超期 4 小时：系统管理员", "4 h after it was due: Administrator"),
    ],
)
def test_reminders_and_escalations_read_as_words(app: Flask, written: str, chinese: str, english: str) -> None:
    for language, told in (("zh", chinese), ("en", english)):
        with app.test_request_context(f"/?lang={language}"):
            assert names.setting(written) == told


def test_a_period_of_months_stays_as_written(app: Flask) -> None:
    with app.test_request_context("/"):
        assert dates.period("P1M") == "P1M"


def test_a_unit_field_offers_only_the_kinds_it_names(app: Flask, engine: Engine) -> None:
    engine.people.put_unit("town", name="街道", kind="街道")
    engine.people.put_unit("east", parent="town", name="东社区", kind="居委会")
    engine.people.put_unit("west", parent="town", name="西村", kind="村委会")
    engine.people.put_unit("mill", parent="town", name="纺织厂", kind="单位")
    with app.test_request_context("/"):
        assert [code for code, _name in lookups.units("居委会, 村委会")] == ["east", "west"]
