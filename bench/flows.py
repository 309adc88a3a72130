"""W1 to W3: straight through scripts, one task after another, five at once. Each beside its floor and its peer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bench.kit import PERSON, ROLE, UNIT, Line, Run
from bench.raw import Raw
from bench.turns import chunks, measured
from engine import Engine
from tests.diagrams import diagram, feel, script, user

ANYBODY = {"starters": "*"}
FIELDS = [
    {"type": "checkbox", "key": "ok", "label": "ok"},
    {"type": "textfield", "key": "note", "label": "note", "validate": {"required": True, "maxLength": 200}},
    {"type": "number", "key": "amount", "label": "amount", "validate": {"min": 0}},
]
FORM = json.dumps({"type": "default", "id": "f", "components": FIELDS}).encode()
ANSWER = {"ok": True, "note": "现场已核实", "amount": 3}
STRAIGHT = "s -> t1 -> t2 -> t3 -> t4 -> t5 -> e"
CHOICE = "s -> u1 -> X; X -> u2 if ok; X -> u3 default; u2 -> e; u3 -> e"
SPLIT = "s -> A1; " + "; ".join(f"A1 -> u{n} -> A2" for n in range(1, 6)) + "; A2 -> e"


def process(flows: str, tasks: int) -> dict[str, bytes]:
    """Files of a process whose user tasks have a form and are for a role."""
    elements = [user(f"u{n}", form="f", groups=ROLE) for n in range(1, tasks + 1)]
    return {"p.bpmn": diagram(flows, *elements, properties=ANYBODY), "f.form": FORM}


def begin(engine: Engine) -> int:
    """Start a case; its id."""
    return engine.start("p", {"unit": UNIT}, by=PERSON).id


def tasks(engine: Engine, cases: int) -> list[Callable[[], Any]]:
    """Start cases; the completion of every task that they open, case by case."""
    items = [item for _ in range(cases) for item in engine.work_items(instance=begin(engine))]
    return [partial(engine.complete, item.id, ANSWER, by=PERSON) for item in items]


def w1(run: Run) -> Iterator[Line]:
    """Start + 5 FEEL script tasks + end; Python scripts beside it."""
    each = run.size(300, 20)
    python = [script(f"t{n}", f"x{n} = {n} + 1") for n in range(1, 6)]
    sets = {"FEEL": [feel(f"t{n}", f"={n} + 1", f"x{n}") for n in range(1, 6)], "Python": python}
    raw = Raw(run.folder, diagram(STRAIGHT, *python))
    for kind in run.databases():
        for what, elements in sets.items():
            peer = [[raw.start] * each] * run.repeats if (kind, what) == ("SQLite", "FEEL") else []
            with run.engine(kind, {"p.bpmn": diagram(STRAIGHT, *elements, properties=ANYBODY)}) as engine:
                begin(engine)  # parses the diagram
                found = measured(run, engine, [[partial(begin, engine)] * each] * run.repeats, peer)
            yield found.line("W1", f"start + 5 {what} scripts, {kind}", "2 x raw" if peer else "", raw_times=2)
    raw.close()


def w2(run: Run) -> Iterator[Line]:
    """Complete a task with a form, over a FEEL gateway to the next task."""
    cases = run.size(300, 20) * run.repeats
    raw = Raw(run.folder, diagram(CHOICE, user("u1"), user("u2"), user("u3")))
    for kind in run.databases():
        with run.engine(kind, process(CHOICE, 3)) as engine:
            ours = chunks(tasks(engine, cases), run.repeats)
            if kind == "SQLite":
                theirs = [partial(raw.complete, raw.start(), "u1", ANSWER) for _ in range(cases)]
                found = measured(run, engine, ours, chunks(theirs, run.repeats))
                yield found.line("W2", "complete a task, SQLite", "25 % of floor, 3 x raw", 0.25, 3)
            else:
                found = measured(run, engine, ours)
                yield found.line("W2", "complete a task, PostgreSQL, 1 client", "40 % of floor", 0.4)
    raw.close()


def w3(run: Run) -> Iterator[Line]:
    """A parallel split to five tasks and their join: one completion."""
    cases = run.size(60, 4) * run.repeats
    raw = Raw(run.folder, diagram(SPLIT, *(user(f"u{n}") for n in range(1, 6))))
    for kind in run.databases():
        with run.engine(kind, process(SPLIT, 5)) as engine:
            ours = chunks(tasks(engine, cases), run.repeats)
            if kind == "SQLite":
                theirs = [partial(raw.complete, case, f"u{n}", ANSWER) for case in raw_cases(raw, cases) for n in FIVE]
                found = measured(run, engine, ours, chunks(theirs, run.repeats))
                yield found.line("W3", "complete one of five, SQLite", "3 x raw", raw_times=3)
            else:
                yield measured(run, engine, ours).line("W3", "complete one of five, PostgreSQL")
    raw.close()


FIVE = range(1, 6)


def raw_cases(raw: Raw, count: int) -> list[int]:
    return [raw.start() for _ in range(count)]
