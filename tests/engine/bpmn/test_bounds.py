"""No diagram fills the memory: tokens of one case are bounded, and what would go beyond is an incident to be seen."""

from __future__ import annotations

import pytest

from engine import bpmn
from engine.bpmn import star
from engine.bpmn.model import Begin
from tests.diagrams import diagram, element, many, sub, user
from tests.engine.bpmn.cases import Case, World

MULTIPLIES = "s -> X -> t1 -> X"
DIAGRAMS = {
    "a circle that multiplies its tokens": diagram(MULTIPLIES, element("task", "t1", completionQuantity="1000")),
    "a gateway that forks into itself": diagram("s -> Xm -> A -> Xm; A -> Xm; A -> Xm; A -> u1"),
    "repetitions of repetitions": diagram(
        "s -> B -> e", sub("B", "s1 -> u1 -> e1", user("u1", many(times="90")), inside=many(times="90"))
    ),
}


@pytest.mark.parametrize("what", DIAGRAMS)
def test_a_case_holds_a_bounded_number_of_tokens(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """2,000 steps that let out 1,000 tokens each were two million tokens in one command."""
    monkeypatch.setattr(star, "MOST", 200)
    process = bpmn.compile(DIAGRAMS[what], "p")
    changes = bpmn.advance(process, None, Begin(), World())
    assert {trouble.kind for trouble in changes.troubles} == {"loop"}
    assert any("200" in trouble.message for trouble in changes.troubles)
    assert len(bpmn.tokens(changes.state)) <= 300 and bpmn.sound(process, changes.state) == []


def test_what_was_too_many_goes_on_when_it_is_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(star, "MOST", 50)
    case = Case(diagram("s -> u1 -> e", user("u1", many("xs"))), {"xs": list(range(60))})
    assert case.troubles == [("u1", "loop")]
    case.set(xs=[1])
    case.retry("u1")
    assert case.open == "u1"
    case.do("u1")
    assert case.done
