"""How the databases in this folder were made: by the program of their time, never by today's.

    git worktree add --detach /tmp/then COMMIT      # the commit that a file is named after
    cd /tmp/then && python /work/main/tests/data/old/make.py OUT.db.gz

Everything that can wait waits in it: tasks with reminders, timers, messages, signals, a job, an incident, called cases,
several signers, compensation, a suspended case; and cases that have ended. The state is that of Monday 2026-11-23 09:00
in Shanghai. Not run by the tests.
"""

import gzip
import re
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from engine import Engine
from engine.clock import ManualClock
from engine.settings import Settings
from tests.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    event_sub,
    many,
    script,
    service,
    start,
    sub,
    undo,
    user,
)

REMIND = {"remind": "-PT1H, PT0S, R/PT4H", "escalate": "PT0S boss, PT2H boss@up"}


def drawn(flows: str, *elements: str, key: str, **properties: str) -> bytes:
    """A process that anybody may start; its tasks are the clerks'."""
    declared = "".join(elements)
    plain = {node for node in re.findall(r"\bu\d?\b", flows) if f' id="{node}"' not in declared}
    elements += tuple(user(node, groups="clerk") for node in sorted(plain))
    return diagram(flows, *elements, key=key, properties={"starters": "*", **properties})


FILES = {
    "review": drawn(
        "s -> u1 -> X; X -> u2 if ok; X -> u1 default; u2 -> e",
        user("u1", due="PT8H", props=REMIND, form="f", groups="clerk"),
        user("u2", groups="clerk"),
        key="review",
        title='="查 " + string(n)',
        public_key='="C" + string(n)',
    ),
    "split": drawn("s -> A1; A1 -> u1 -> A2; A1 -> u2 -> A2; A2 -> u3 -> e", key="split"),
    "signers": drawn(
        "s -> u -> v -> e",
        user("u", many("people", into="out"), assignee="=it"),
        user("v", groups="clerk"),
        key="signers",
    ),
    "timed": drawn(
        "s -> S -> e; b -> late -> e2; c -> told -> e3",
        sub("S", "ss -> inner -> se", start("ss"), user("inner", groups="clerk"), '<endEvent id="se"/>'),
        user("late", groups="clerk"),
        user("told", groups="clerk"),
        boundary("b", "S", "duration", "P2D"),
        boundary("c", "S", "cycle", "R/PT6H", cut=False),
        key="timed",
    ),
    "calling": drawn("s -> c -> u -> e", call("c", "review"), key="calling"),
    "waits": drawn("s -> m -> u -> e", catch("m", "keyed"), key="waits"),
    "storm": drawn(
        "s -> u -> e; b -> w -> e2", user("w", groups="clerk"), boundary("b", "u", "signal", cut=False), key="storm"
    ),
    "working": drawn("s -> j -> u -> e", service("j", "mark", retries="3", outputs={"marked": "=done"}), key="working"),
    "failing": drawn("s -> t -> u -> e", script("t", "n = 1 // zero"), key="failing"),
    "scripted": drawn("s -> t -> u -> e", script("t", "total = 2 * 21"), key="scripted"),
    "undone": drawn(
        "s -> a -> w -> X; X -> e if fine; X -> back default; back -> e2",
        user("a", groups="clerk"),
        user("w", groups="clerk"),
        user("h", groups="clerk", isForCompensation="true"),
        undo("ab", "a", "h"),
        '<intermediateThrowEvent id="back"><compensateEventDefinition/></intermediateThrowEvent>',
        key="undone",
    ),
    "listening": drawn(
        "s -> u -> e",
        event_sub("L", "message", "sL -> heard -> e9", user("heard", groups="clerk"), value="msg", cut=False),
        key="listening",
    ),
    "weekly": drawn("s -> u -> e", start("s", "cycle", "R/2026-11-28T09:00:00+08:00/P7D"), key="weekly"),
}
FORM = (
    b'{"type": "default", "id": "f", "components": [{"type": "checkbox", "key": "ok", "label": "ok"}, '
    b'{"type": "textfield", "key": "note", "label": "note"}]}'
)


def tell(engine: Engine, clock: ManualClock) -> None:
    """What happened until Monday morning."""
    engine._context.handlers.put("mark", lambda inputs, headers, key: 1 / 0)
    engine.deploy({**{f"{name}.bpmn": content for name, content in FILES.items()}, "f.form": FORM}, by="admin")
    engine.people.put_unit("town", name="街道")
    engine.people.put_unit("grid", name="网格", parent="town")
    posts = {"li": ("clerk", "grid"), "wang": ("clerk", "grid"), "head": ("boss", "grid"), "chief": ("boss", "town")}
    for number, (login, post) in enumerate(posts.items()):
        engine.people.put(login, name=login, mobile=f"1380000000{number}", posts=[post])
    engine.people.put("chief", posts=[("boss", "town"), ("operate", "town")])
    case = lambda process, **variables: engine.start(process, {"unit": "grid", **variables}, by="li").id
    items = lambda one: engine.work_items(instance=one)
    done = [case("review", n=1), case("review", n=2)]
    engine.complete(items(done[0])[0].id, {"ok": True, "note": "好"}, by="li")
    engine.complete(items(done[0])[0].id, {}, by="wang")
    engine.cancel(done[1], by="chief", reason="重复")
    waits = case("review", n=3)
    engine.claim(items(waits)[0].id, by="wang")
    round_two = case("review", n=4)
    for _ in range(3):
        engine.complete(items(round_two)[0].id, {"ok": False, "note": "再看"}, by="li")
    asleep = case("review", n=5)
    engine.suspend(asleep, by="chief")
    split = case("split")
    engine.complete(items(split)[0].id, {"a": 1}, by="li")
    signers = case("signers", people=["li", "wang", "head"])
    engine.complete(items(signers)[0].id, {"out": "yes"}, by=items(signers)[0].assignee)
    clock.advance(hours=-20)
    case("timed")
    clock.advance(hours=20)
    engine.run_due()
    case("calling", n=6)
    case("waits", key="a")
    case("storm")
    case("working")
    engine.run_due()
    case("failing", zero=0)
    case("scripted")
    undone = case("undone")
    engine.complete(items(undone)[0].id, {}, by="li")
    case("listening")
    engine.publish_message("keyed", {"from": "then"}, key="later", ttl=timedelta(days=900))
    engine.comment(waits, "备注", by="li")
    engine.urge(items(waits)[0].id, by="li", text="请快些")
    engine.save_draft(f"item:{items(waits)[0].id}", "wang", {"note": "写了一半"})


def main(out: str) -> None:
    """Make a database and pack it."""
    folder = Path(tempfile.mkdtemp())
    clock = ManualClock(datetime(2026, 11, 23, 1, 0))
    engine = Engine(f"sqlite:///{folder}/old.db", clock, Settings(data=str(folder / "var")))
    engine.migrate()
    tell(engine, clock)
    assert engine.doctor() == [], engine.doctor()
    with engine.store.connected():
        engine.store.db.execute_sql("pragma wal_checkpoint(truncate)")
        engine.store.db.execute_sql("vacuum")
        engine.store.db.execute_sql("pragma journal_mode = delete")
    engine.close()
    with gzip.GzipFile(out, "wb", compresslevel=9, mtime=0) as packed:
        packed.write((folder / "old.db").read_bytes())


if __name__ == "__main__":
    main(sys.argv[1])
