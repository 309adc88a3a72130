"""Conformance: every construct runs as its trace says, with a save and a load between every two steps, and tokens can
be moved out of it and into it at any moment."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from engine import bpmn
from engine.bpmn import state as codec
from engine.bpmn.model import Move
from engine.errors import CannotMove
from tests.engine.bpmn.constructs import ALL
from tests.engine.bpmn.constructs.construct import TRACES, Construct
from tests.engine.bpmn.constructs.play import Actor, Play

ELSEWHERE = b'<userTask id="uZ"/><sequenceFlow id="zz" sourceRef="uZ" targetRef="uZ"/></process>'
each = pytest.mark.parametrize("construct", ALL, ids=lambda one: one.id)


def test_every_construct_has_one_name_and_one_trace() -> None:
    assert sorted(one.id for one in ALL) == sorted(TRACES)
    assert len({one.zh for one in ALL}) == len({one.en for one in ALL}) == len(ALL)


@each
def test_it_runs_as_its_trace_says(construct: Construct) -> None:
    refused = [one for one in bpmn.lint({"a.bpmn": construct.content}) if one.severity == "error"]
    assert not refused
    play = Play(construct).run()
    assert " ".join(play.trace) == construct.trace
    assert (play.main.last.status == "completed") is construct.ends
    assert {name: play.main.vars.get(name, "none") for name in construct.still} == construct.still
    assert {name: play.rows[name] for name in construct.after} == construct.after
    assert play.main.troubles == [] or not construct.ends


# ---- moves: `Case` asserts after every change that the state is sound and its rows are those it waits for ------------


def fork(case: Actor) -> Actor:
    """The case once more, to go another way with."""
    other = copy.copy(case)
    other.rows, other.trace, other.twice = dict(case.rows), [], False
    other.play = copy.copy(case.play)
    other.play.cases, other.play.trace = [other], []
    return other


def undoing(case: Actor, view: Any) -> bool:
    """Whether a token belongs to a compensation under way: what threw it waits, so nobody moves it."""
    seen = {one.token: one for one in case.views}
    working = {str(t[0]) for scope in codec.read(case.bytes)["scopes"] for t in scope["t"] if "for" in t[3]}
    while view is not None and view.token not in working:
        view = seen.get(view.scope)
    return view is not None


def shut(case: Actor, target: str) -> bool:
    """Where no token can be put: on a border, on a handler, on an event subprocess, into a repeated subprocess."""
    spec = case.process.node(target)
    around = [case.process.node(name) for name in case.process.chains.get(target, ())]
    nowhere = spec.type == "boundaryEvent" or spec.undoes or bool(spec.event is not None and spec.inner)
    return nowhere or any(one.place != one.name for one in around)


def moves(case: Actor, token: str, target: str) -> bool:
    """Move one token of a copy of the case; whether that was possible."""
    try:
        fork(case).send(Move([token], target, ()))
    except CannotMove:
        return False
    return True


@each
def test_every_token_can_be_moved_out_at_every_moment(construct: Construct) -> None:
    play = Play(construct, construct.content.replace(b"</process>", ELSEWHERE, 1))
    for line in ("", *construct.script):
        if line:
            play.line(line)
        for view in play.main.views:
            if not view.listener and not undoing(play.main, view):
                assert moves(play.main, view.token, "uZ"), (line, view.node)


@each
def test_a_token_can_be_moved_into_every_node(construct: Construct) -> None:
    case = Play(construct).main
    token = next((view.token for view in case.views if not view.listener and not undoing(case, view)), None)
    for target in case.process.info.nodes if token else ():
        assert moves(case, token, target) is not shut(case, target), target
