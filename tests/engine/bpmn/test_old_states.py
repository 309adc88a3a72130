"""States of cases under way that earlier programs saved: today's program loads each and plays it on to the end that it
had then. Ad-hoc subprocesses, transactions, complex gateways, event subprocesses, compensation, loops and
multi-instances, at every point of their scripts. How the files were made: states/make.py."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine import bpmn
from engine.bpmn.model import Due, Wait
from tests.engine.bpmn.constructs.construct import Construct
from tests.engine.bpmn.constructs.play import Play

KEPT: dict[str, dict[str, Any]] = {
    path.name: json.loads(gzip.decompress(path.read_bytes()))
    for path in sorted((Path(__file__).parent / "states").glob("constructs-*.json.gz"))
}
CASES = [pytest.param(one, id=f"{file.partition('.')[0]}-{name}") for file in KEPT for name, one in KEPT[file].items()]


def rows(process: bpmn.Process, point: dict[str, Any]) -> dict[tuple[str, str, int], Wait]:
    """What the database had beside the state: what it waits for, timers with the moment they were given."""
    waits = {(wait.token, wait.kind, wait.part): wait for wait in bpmn.waiting(process, point["state"].encode())}
    assert sorted(waits) == [tuple(row[:3]) for row in point["rows"]]
    return {key: replace(waits[key], due=_due(due)) for *parts, due in point["rows"] for key in [tuple(parts)]}


def _due(saved: list[Any] | None) -> Due | None:
    if saved is None:
        return None
    at, left, every, anchor = saved
    return Due(datetime.fromisoformat(at), left, every, datetime.fromisoformat(anchor) if anchor else None)


@pytest.mark.parametrize("kept", CASES)
def test_a_case_saved_by_an_earlier_program_goes_on_to_its_end(kept: dict[str, Any]) -> None:
    then = Construct("then", "", "", kept["diagram"].encode(), tuple(kept["script"]))
    for point in kept["points"]:
        state = point["state"].encode()
        play = Play(then, saved=state)
        assert bpmn.sound(play.main.process, state) == []
        play.main.rows = rows(play.main.process, point)
        play.world.now = datetime.fromisoformat(point["now"])
        for line in kept["script"][point["at"] :]:
            play.line(line)
        assert play.trace == kept["trace"][point["said"] :], point["at"]
        assert play.main.last.status == kept["status"]


def test_every_kind_of_construct_was_kept() -> None:
    (first,) = KEPT.values()
    kinds = ("adhoc", "transaction", "gateway-complex", "event-subprocess", "compensation", "many", "loop")
    assert all(any(name.startswith(kind) for name in first) for kind in kinds)
    assert sum(len(one["points"]) for one in first.values()) > 100
