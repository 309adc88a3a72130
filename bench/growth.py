"""W5, W6, W10, W11: what must not grow: with the rounds of a loop, the size of a diagram, the cases, a large value."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from typing import Any

from bench.flows import ANSWER, ANYBODY, begin, process
from bench.kit import PERSON, ROLE, UNIT, Line, Run, bytes_of, timed, timed_apart
from bench.raw import Raw
from engine import Engine
from tests.diagrams import diagram, user

LOOP = "s -> X1 -> u1 -> X2; X2 -> e if not(ok); X2 -> X1 default"
ROUNDS = (10, 100, 400, 2000)
NODES = (10, 50, 200, 1000)
WINDOW = 10  # completions whose median stands for a place
KB = 1024


def w5(run: Run) -> Iterator[Line]:
    """One case round a loop: its last rounds against its first, and its state."""
    rounds = ROUNDS[: run.size(4, 2)]
    raw = Raw(run.folder, diagram(LOOP.replace("not(ok)", "not ok"), user("u1")))
    for kind in run.databases():
        with run.engine(kind, process(LOOP, 1)) as engine:
            lap(engine, begin(engine))  # parses the diagram and the expressions
            case = begin(engine)
            took = [lap(engine, case) for _ in range(rounds[-1])]
            size = state_bytes(engine, case)
        first = statistics.median(took[:WINDOW])
        at = {count: statistics.median(took[count - WINDOW : count]) for count in rounds}
        more: dict[str, Any] = {"state_bytes": size, "ms_at_round": {count: 1000 * at[count] for count in rounds}}
        if kind == "SQLite":
            more |= raw_loop(raw, min(rounds[-1], 100))
        reached = at[rounds[-1]] <= 1.3 * first and size <= 2 * KB
        what = f"cpu of round {rounds[-1]} against the first, {kind}"
        yield Line("W5", what, "x", at[rounds[-1]] / first, None, None, "1.3 x, state 2 KB", reached, more)
    raw.close()


def lap(engine: Engine, case: int) -> float:
    """Complete the case's one task; seconds of processor."""
    [item] = engine.work_items(instance=case)
    return timed([lambda: engine.complete(item.id, ANSWER, by=PERSON)]).cpu


def raw_loop(raw: Raw, rounds: int) -> dict[str, Any]:
    """The same for the peer, whose tree grows."""
    case = raw.start()
    took = [timed_apart([lambda: raw.complete(case, "u1", ANSWER)]).cpu for _ in range(rounds)]
    first, last = statistics.median(took[:WINDOW]), statistics.median(took[-WINDOW:])
    return {"raw_rounds": rounds, "raw_ratio": last / first, "raw_state_bytes": raw.size(case)}


def state_bytes(engine: Engine, case: int) -> int:
    """Bytes of a case's state."""
    with engine.store.connected():
        return int(engine.store.sql("select length(state) from instance where id = ?", (case,)).fetchone()[0])


def w6(run: Run) -> Iterator[Line]:
    """Processes of more and more nodes: a completion, and the state."""
    each, nodes = run.size(60, 6), NODES[: run.size(4, 2)]
    for kind in run.databases():
        costs: dict[int, float] = {}
        sizes: dict[int, int] = {}
        for count in nodes:
            names = [f"u{n}" for n in range(1, count - 1)]
            with run.engine(kind, process(" -> ".join(["s", *names, "e"]), len(names))) as engine:
                lap(engine, begin(engine))
                cases = [begin(engine) for _ in range(each)]
                costs[count] = statistics.median(lap(engine, case) for case in cases)
                sizes[count] = state_bytes(engine, cases[0])
        ratio = costs[nodes[-1]] / costs[nodes[0]]
        more = {"cpu_ms": {count: 1000 * cost for count, cost in costs.items()}, "state_bytes": sizes}
        what = f"cpu of a completion, {nodes[-1]} nodes against {nodes[0]}, {kind}"
        yield Line("W6", what, "x", ratio, None, None, "1.5 x, no spec in the state", _flat(ratio, sizes), more)


def _flat(ratio: float, sizes: dict[int, int]) -> bool:
    return ratio <= 1.5 and max(sizes.values()) <= min(sizes.values()) + 16


def w10(run: Run) -> Iterator[Line]:
    """Bytes in the database for a finished case of two tasks, history and indexes included."""
    cases = run.size(400, 60)
    for kind in run.databases():
        with run.engine(kind, process("s -> u1 -> u2 -> e", 2)) as engine:
            before = bytes_of(engine)
            for _ in range(cases):
                case = begin(engine)
                lap(engine, case)
                lap(engine, case)
            each = (bytes_of(engine) - before) / cases
            more = {"bytes_by_table": by_table(engine, cases)}
        yield Line(
            "W10", f"a finished case of two tasks, {kind}", "bytes", each, None, None, "4 KB", each <= 4 * KB, more
        )


def by_table(engine: Engine, cases: int) -> dict[str, float]:
    """Bytes a case in each table and index that the cases filled (SQLite builds without dbstat give none)."""
    with engine.store.connected():
        if engine.store.postgres:
            sizes = (
                "select relname, pg_total_relation_size(oid) from pg_class where relkind = 'r' and relnamespace = 2200"
            )
        elif engine.store.sql("select 1 from pragma_module_list where name = 'dbstat'").fetchone():
            sizes = "select name, sum(pgsize) from dbstat group by name"
        else:
            return {}
        rows = engine.store.sql(sizes).fetchall()
    return {name: size / cases for name, size in rows if size >= cases * 20}


def w11(run: Run) -> Iterator[Line]:
    """A form value of 100 KB carried through ten steps: how often it is stored."""
    cases, text = run.size(10, 2), "邻里" * (100 * KB // 6)
    value = [{"type": "textarea", "key": "note", "label": "note", "validate": {"maxLength": 100_000}}]
    form = json.dumps({"type": "default", "id": "f", "components": value}).encode()
    flows = " -> ".join(["s", *(f"u{n}" for n in range(1, 11)), "e"])
    elements = [user("u1", form="f", groups=ROLE), *(user(f"u{n}", groups=ROLE) for n in range(2, 11))]
    for kind in run.databases():
        with run.engine(kind, {"p.bpmn": diagram(flows, *elements, properties=ANYBODY), "f.form": form}) as engine:
            before = bytes_of(engine)
            for _ in range(cases):
                case = engine.start("p", {"unit": UNIT}, by=PERSON).id
                for number in range(10):
                    [item] = engine.work_items(instance=case)
                    engine.complete(item.id, {"note": text} if number == 0 else {}, by=PERSON)
            times = (bytes_of(engine) - before) / cases / len(text.encode())
        yield Line("W11", f"100 KB through ten steps, {kind}", "x", times, None, None, "about once", times <= 1.5)
