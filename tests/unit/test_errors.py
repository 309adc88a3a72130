"""Errors speak one language at a time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.errors import Forbidden, InvalidValue, NotFound, NotOpen, Said
from engine.expressions import values

ENGINE = Path(__file__).parents[2] / "engine"


def test_a_refusal_never_mixes_languages() -> None:
    """An English reader was told "There is no 任务 7", a Chinese one that a value is "nested deeper than 200"."""
    assert NotFound(what="任务", id=7).text("en") == "There is no task 7."
    assert NotFound(what="任务", id=7).text("zh") == "找不到任务 7。"
    assert "已办结" in NotOpen(state="completed").text("zh")
    assert "运维" in Forbidden(who="li", action="operate").text("zh")
    assert InvalidValue(reason=Said("太大", "too large")).text("zh") == "该值无法保存：太大"


def test_every_kind_of_thing_that_may_be_missing_has_an_english_word() -> None:
    raised = {
        word
        for path in ENGINE.rglob("*.py")
        for word in re.findall(r'NotFound\(what="([^"]+)"', path.read_text("utf-8"))
    }
    assert len(raised) > 10
    assert raised <= NotFound.words.keys()


@pytest.mark.parametrize(
    "value",
    [float("nan"), 2**53 + 1, "\ud800", {"\ud800": 1}, {1: 2}, object(), [[float("inf")]]],
    ids=["nan", "too large", "half a pair", "half a pair as key", "number as key", "foreign object", "infinite"],
)
def test_a_value_that_cannot_be_kept_is_refused_in_both_languages(value: object) -> None:
    """A key with half a surrogate pair was let through, and broke in the codec with an error that nobody explains."""
    with pytest.raises(InvalidValue) as refused:
        values.dumps({"x": value})
    assert re.search(r"[一-鿿]", refused.value.text("zh").removeprefix("该值无法保存"))
    assert not re.search(r"[一-鿿]", refused.value.text("en"))
