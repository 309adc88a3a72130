"""Expressions and scripts of other engines: what they mean in FEEL and in Python, by value and not by spelling."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.bpmn.dialects import from_python, in_feel, in_python
from engine.bpmn.dialects.speech import Untranslatable
from engine.expressions import feel, scripts

NOW, ZONE = datetime(2026, 11, 23, 1), ZoneInfo("Asia/Shanghai")
NINE = datetime(2026, 11, 23, 9, tzinfo=ZONE)
V: dict[str, Any] = {"n": 120, "ok": True, "name": "li", "xs": [1, 2, 3], "m": {"k": 1, "a": {"b": 2}}, "none": None}


def value(written: str) -> Any:
    return feel.evaluate(written.removeprefix("="), V, now=NOW, zone=ZONE) if written.startswith("=") else written


JUEL: dict[str, Any] = {
    "${n > 100 && ok}": True,
    "${n lt 3 or name eq 'li'}": True,
    "${not ok}": False,
    "${empty none}": True,
    "${empty xs}": False,
    "${!empty name}": True,
    "Hello ${name}, ${n + 1}!": "Hello li, 121!",
    "${xs[0]}": 1,
    "${m['k'] + m.a.b}": 3,
    "${ok ? 'a' : 'b'}": "a",
    "${(n - 20) * 2 - (n - 100)}": 180,
    "${n - (20 - 5)}": 105,
    "${xs.contains(2) and name.contains('l')}": True,
    "${xs.size() + name.length()}": 5,
    "${now().plusDays(3).toDate()}": NINE + timedelta(days=3),
    "${dateTime().minusHours(n)}": NINE - timedelta(hours=120),
    "${execution.getVariable('n') % 7}": 1,
    "${var:eq('n', 120)}": True,
    "${var:getOrDefault('none', 5)}": 5,
    "${name.toUpperCase().substring(0, 1)}": "L",
    "plain text": "plain text",
}


@pytest.mark.parametrize("written", JUEL)
def test_juel_means_the_same_in_feel(written: str) -> None:
    assert value(in_feel.juel(written)) == JUEL[written]


PYTHON: dict[str, Any] = {
    "n > 1 and not ok": False,
    "name in ['li', 'wang'] and 4 not in xs": True,
    "len(xs) + len(name)": 5,
    "m.get('z', 7) + m['k']": 8,
    "f'Hi {name}'": "Hi li",
    "datetime.now() + timedelta(hours=2)": NINE + timedelta(hours=2),
    "xs[0] + xs[-1]": 4,
    "1 < n <= 120": True,
    "[x * 2 for x in xs]": [2, 4, 6],
    "'a' if none is None else 'b'": "a",
    "{'x': n // 50}": {"x": 2},
}


@pytest.mark.parametrize("written", PYTHON)
def test_python_means_the_same_in_feel(written: str) -> None:
    assert value(from_python.expression(written)) == PYTHON[written]


SCRIPTS: dict[str, dict[str, Any]] = {
    "total = n * 2": {"total": 240, "r": 240},
    'def sum = n + 1\nexecution.setVariable("total", sum)': {"total": 121},
    "var t = 0;\nfor (var x of xs) { t += x; }\nt;": {"r": 6},
    "if (n > 100) { level = 'high' } else { level = 'low' }": {"level": "high", "r": "high"},
    'println "hello"\nmessage = "Hi ${name}, " + n': {"message": "Hi li, 120", "r": "Hi li, 120"},
    "map = [a: 1, b: xs.size()]\nmap.put('c', 2)": {"map": {"a": 1, "b": 3, "c": 2}},
    "xs << 4": {"xs": [1, 2, 3, 4], "r": None},
    "x = n > 3 ?\n  'yes' :\n  'no'": {"x": "yes", "r": "yes"},
}


@pytest.mark.parametrize("written", SCRIPTS)
def test_a_small_script_does_the_same_in_python(written: str) -> None:
    assert scripts.run(in_python.script(written, "r"), V, now=NOW, seed=1) == SCRIPTS[written]


@pytest.mark.parametrize(
    "written",
    [
        "import java.util.Date\nx = 1",
        "new Foo().bar()",
        "xs.each { y << it }",
        "while (true) {}",
        "x = y z",
        "return 1\nx = 2",
    ],
)
def test_a_script_that_does_more_is_not_guessed(written: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        in_python.script(written)
    assert caught.value.said.zh and caught.value.said.en


@pytest.mark.parametrize("written", ["${bean.run(x)}", "${a", "${}", "${a b}", "${execution.businessKey}", "${$x}"])
def test_an_expression_that_has_no_equal_is_not_guessed(written: str) -> None:
    with pytest.raises(Untranslatable):
        in_feel.juel(written)


@pytest.mark.parametrize("written", ["lambda: 1", "get_user()", "a b", "[x for x in xs if x]", "x @ y"])
def test_python_that_has_no_equal_is_not_guessed(written: str) -> None:
    with pytest.raises(Untranslatable):
        from_python.expression(written)
