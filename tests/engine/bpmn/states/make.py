"""Writes states of constructs in the middle of their scripts, as the program that it runs with saves them:

    git archive COMMIT | tar -x -C FOLDER
    cd FOLDER; python PROJECT/tests/engine/bpmn/states/make.py OUT/constructs-vN-COMMIT.json.gz

Run it with the tree of the commit whose states are to be kept. What is written holds its own diagrams and scripts, so
it stays readable when the constructs change; test_old_states.py plays every state on to its end. Never rewrite one.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

KINDS = ("adhoc", "transaction", "gateway-complex", "event-subprocess", "compensation", "many", "loop")


def kept(construct: Any, play: Any) -> dict[str, Any]:
    """Every state in which something of the script is still to come, with its rows and the trace from there."""
    points = []
    for at, line in enumerate(construct.script):
        rows = [[*key, due(wait.due)] for key, wait in sorted(play.main.rows.items())]
        state = {"at": at, "now": str(play.world.now), "said": len(play.trace)}
        points.append(state | {"rows": rows, "state": play.main.bytes.decode()})
        play.line(line)
    return {
        "diagram": construct.content.decode(),
        "script": construct.script,
        "points": points,
        "trace": play.trace,
        "status": play.main.last.status,
    }


def due(one: Any) -> list[Any] | None:
    """When a timer's row falls: [at, left, every, anchor]."""
    return None if one is None else [str(one.at), one.left, one.every, str(one.anchor) if one.anchor else None]


def main(target: str) -> None:
    """All constructs of KINDS that are one case and begin by hand."""
    sys.path.insert(0, str(Path.cwd()))
    from tests.engine.bpmn.constructs import ALL  # of the tree that one stands in
    from tests.engine.bpmn.constructs.play import Play

    found = {}
    for one in ALL:
        if one.id.startswith(KINDS) and one.script and not one.rows and one.begin is None and one.key == "p":
            play = Play(one)
            states = kept(one, play)
            if len(play.cases) == 1:
                found[one.id] = states
    text = json.dumps(found, ensure_ascii=False, sort_keys=True, indent=0)
    Path(target).write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(found)} constructs, {sum(len(one['points']) for one in found.values())} states")


if __name__ == "__main__":
    main(sys.argv[1])
