"""Diagrams broken one edit at a time: for each slip of a designer a finding that names the element and says what to do.

Every edit of small diagrams, and a sample, the same in every run, of the edits of the pack that comes with the program.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import bpmn, packs
from engine.bpmn.model import Catalogue
from engine.commands import services
from engine.records import Finding
from tests.diagrams import boundary, catch, diagram, end, rule, script, service, start, sub, throw, user
from tests.engine.bpmn.breaking import Edit, broken, slips

ROOT = Path(__file__).parents[3]
SAMPLE = 2  # of each diagram of the pack
KINDS = 25  # of edits, at least, that the small diagrams alone must give

SMALL = {
    "a task with everything": diagram(
        "s -> u1 -> X; X -> e if ok = true; X -> u2 default; u2 -> e; b -> e2",
        user("u1", form="f", assignee="=boss", groups="clerk", due="P2D", props={"remind": "-P1D", "title": "=ok"}),
        user("u2", inputs={"x": "=ok"}, outputs={"y": "=x"}),
        boundary("b", "u1", "duration", "PT1H", cut=False),
    ),
    "messages and signals": diagram(
        "s -> c -> th -> E; E -> c2 -> e; E -> c3 -> e2",
        start("s", "message"),
        catch("c", "keyed"),
        throw("th", "signal"),
        catch("c2", "duration", value="PT5M"),
        catch("c3", "message"),
    ),
    "work of machines": diagram(
        "s -> t1 -> t2 -> t3 -> O; O -> e if n > 1; O -> t4 default; t4 -> x",
        script("t1", "n = 1"),
        service("t2", "http", inputs={"url": "=link"}),
        rule("t3", "grade", "g"),
        end("x", "error"),
    ),
    "a subprocess": diagram("s -> SP -> e; b -> e2", sub("SP", "s1 -> u1 -> e1"), boundary("b", "SP", "error")),
}
KNOWN = Catalogue(
    forms=frozenset({"f"}),
    decisions=frozenset({"grade"}),
    processes=frozenset(),
    roles=frozenset({"clerk"}),
    services=frozenset({"http"}),
    registers=frozenset(),
)


def told(content: bytes, known: Catalogue) -> set[tuple[str, str]]:
    return {(f.code, f.element) for f in findings(content, known)}


def findings(content: bytes, known: Catalogue) -> list[Finding]:
    return bpmn.lint({"a.bpmn": content}, known)


def unnoticed(content: bytes, edits: Iterator[Edit], known: Catalogue) -> list[tuple[str, str]]:
    """Edits without a new finding that names the element, in both languages, with its line."""
    before = told(content, known)
    missed = []
    for edit in edits:
        new = [f for f in findings(edit.content, known) if (f.code, f.element) not in before]
        good = [f for f in new if f.element in edit.about and f.line > 0 and f.message and f.message_en]
        if not good:
            missed.append((edit.kind, edit.what))
    return missed


@pytest.mark.parametrize("what", SMALL)
def test_each_slip_in_a_small_diagram_is_told(what: str) -> None:
    content = SMALL[what]
    assert unnoticed(content, (broken(content, slip) for slip in slips(content)), KNOWN) == []


def test_the_small_diagrams_can_be_broken_in_many_ways() -> None:
    assert len({slip.kind for content in SMALL.values() for slip in slips(content)}) >= KINDS


def test_a_sample_of_slips_in_the_packs_diagrams_is_told() -> None:
    chance = random.Random(20261122)
    for folder in sorted(path.parent for path in (ROOT / "workflows").glob("*/pack.toml")):
        pack = packs.read(folder)
        known = everything_in(pack)
        for name, content in pack.files.items():
            if name.endswith(".bpmn"):
                every = slips(content)
                some = chance.sample(every, min(SAMPLE, len(every)))
                assert (name, unnoticed(content, (broken(content, slip) for slip in some), known)) == (name, [])


def everything_in(pack: packs.PackFiles) -> Catalogue:
    """What the pack's diagrams may name."""
    keys: dict[str, set[str]] = {"form": set(), "decision": set(), "process": set(), "register": set()}
    for piece in packs.pieces(pack.files):
        keys.setdefault(piece.kind, set()).add(piece.key)
    own = packs.services(pack.folder, pack.name)
    return Catalogue(
        forms=frozenset(keys["form"]),
        decisions=frozenset(keys["decision"]),
        processes=frozenset(keys["process"]),
        registers=frozenset(keys["register"]),
        roles=pack.roles,
        services=frozenset([*services.names(), "http", "email", "notify", *own]),
        calendars=pack.calendars | {"natural", "working", "service"},
    )
