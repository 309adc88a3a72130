"""Moving tokens into and out of everything, then random histories against two small simulators that know no graph."""

from __future__ import annotations

import random
from typing import Any

import pytest

from engine.bpmn.model import Move
from engine.errors import CannotMove, NotFound
from tests.diagrams import boundary, diagram, event_sub, many, script, sub, throw, undo, user
from tests.engine.bpmn.cases import Case

SP = (
    sub("SP", "s1 -> u2 -> u3 -> e1", event_sub("ES", "message", "sES -> u4 -> u5 -> e4")),
    boundary("b", "SP", "duration", "PT1H"),
)
BASE = diagram("s -> u1 -> SP -> u9 -> e; b -> u8 -> e", *SP)


def test_into_the_middle_of_a_subprocess_and_out_of_it() -> None:
    case = Case(BASE)
    case.move("u1", "u3")
    assert case.live == "ES SP b u3"
    case.do("u3")
    assert case.live == "u9"
    case = Case(BASE)
    case.move("u1", "u3")
    case.hours(2)
    assert case.live == "u8", "the timer of the subprocess was armed"
    case = Case(BASE)
    case.do("u1")
    case.hours(0.5)
    case.move("u2", "u1")
    assert case.live == "u1", "scope, timer and listeners are gone"
    case.hours(9)
    assert case.open == "u1"
    case.do("u1")
    case.hours(0.9)
    assert case.open == "u2", "and the timer begins anew"
    case.hours(0.2)
    assert case.open == "u8"


def test_inside_a_subprocess_keeps_the_scope_and_its_timer() -> None:
    case = Case(BASE)
    case.do("u1")
    case.do("u2")
    case.hours(0.9)
    case.move("u3", "u2")
    assert case.live == "ES SP b u2"
    case.hours(0.2)
    assert case.live == "u8"


def test_a_whole_subprocess_is_restarted_or_left() -> None:
    case = Case(BASE)
    case.do("u1")
    case.move("u2", "SP")
    assert case.live == "ES SP b u2"
    case.move("SP", "u9")
    assert case.live == "u9"


def test_out_of_an_interrupting_event_subprocess_its_listener_is_back() -> None:
    case = Case(BASE)
    case.do("u1")
    case.message()
    assert case.live == "ES SP b u4"
    case.move("u4", "u3")
    assert case.live == "ES SP b u3"
    case.message()
    assert case.open == "u4"
    case = Case(BASE)
    case.do("u1")
    case.message()
    case.move("u4", "u1")
    assert case.live == "u1"


def test_into_an_event_subprocess_cuts_the_main_flow() -> None:
    case = Case(BASE)
    case.do("u1")
    case.move("u2", "u5")
    assert case.live == "ES SP b u5"
    case.do("u5")
    assert case.open == "u9"
    case = Case(BASE)
    case.move("u1", "u5")
    assert case.live == "ES SP b u5"
    case.hours(2)
    assert case.open == "u8"


def test_beside_a_non_interrupting_event_subprocess() -> None:
    content = diagram("s -> u1 -> u2 -> e", event_sub("ES", "message", "sES -> u4 -> e4", cut=False))
    case = Case(content)
    case.message()
    assert case.live == "ES ES u1 u4"
    case.move("u1", "u4")
    assert case.open == "u4 u4", "joins the open one"
    case.move("u4", "u2")
    assert case.open == "u2 u4"
    case.do("u4")
    case.do("u2")
    assert case.done


def test_multi_instance_whole_and_by_the_child() -> None:
    content = diagram(
        "s -> u1 -> u2 -> u9 -> e; b -> u8 -> e",
        user("u2", many("who", into="v")),
        boundary("b", "u2", "duration", "PT1H"),
    )
    who = {"who": [1, 2, 3]}
    case = Case(content, who)
    case.move("u1", "u2")
    assert (case.open, len(case.views)) == ("u2 u2 u2", 5)
    case.move("u2", "u1")
    assert case.live == "u1"
    case.do("u1")
    case.move("u2", "u9", child=0)
    assert case.open == "u2 u2 u9", "one child out, the others stay"
    case.do("u2", out=1)
    case.do("u2", out=1)
    assert case.open == "u9 u9" and case.vars["v"] == [1, 1]
    case = Case(content, {"who": [1]})
    case.do("u1")
    case.move("u2", "u1", child=0)
    assert case.live == "u1", "the last child out cancels the body"


def test_who_left_no_longer_counts_for_the_completion_condition() -> None:
    task = user("u1", many(times="3", until="numberOfCompletedInstances * 2 >= numberOfInstances"))
    case = Case(diagram("s -> u1 -> u9 -> e", task))
    case.move("u1", "u9", child=0)
    case.do("u1")
    assert case.open == "u9 u9"


def test_inside_one_child_subprocess_and_which_one_must_be_said() -> None:
    body = sub("SP", "s1 -> u2 -> u3 -> e1", inside=many("who"))
    content = diagram("s -> u1 -> SP -> u9 -> e", body)
    case = Case(content, {"who": [1, 2]})
    case.do("u1")
    case.do("u2")
    case.move("u3", "u2")
    assert case.open == "u2 u2"
    for node in ("u2", "u2", "u3", "u3"):
        case.do(node)
    assert case.open == "u9"
    case = Case(content, {"who": [1, 2]})
    case.do("u1")
    case.move("u2", "u1", region=("SP",))
    assert case.live == "u1", "the region takes the whole of it"
    before = case.bytes
    with pytest.raises(CannotMove):
        case.move("u1", "u3")
    assert case.bytes == before


def test_what_cannot_be_moved_is_refused() -> None:
    nodes = (user("x", isForCompensation="true"), undo("c", "t1", "x"), script("t1"), throw("th", "compensate"))
    case = Case(diagram("s -> t1 -> th -> u1 -> e; b -> u2 -> e", *nodes, boundary("b", "u1", "message")))
    with pytest.raises(CannotMove):
        case.move("x", "u1")
    with pytest.raises(NotFound):
        case.send(Move(["999"], "u1"))
    with pytest.raises(NotFound):
        case.move("th", "nowhere")
    with pytest.raises(CannotMove):
        case.move("th", "b")


def test_leaving_a_parallel_region_takes_its_tokens_and_arrivals() -> None:
    content = diagram("s -> u1 -> A; A -> u2 -> A2; A -> u3 -> A2; A2 -> u4 -> e")
    case = Case(content)
    case.do("u1")
    case.do("u2")
    case.move("u3", "u1", region=None)
    assert case.live == "u1"
    case.do("u1")
    case.do("u3")
    assert case.open == "u2", "an arrival of the round before does not count"
    case.do("u2")
    assert case.open == "u4"


def test_going_back_inside_a_branch_leaves_the_other_branches_and_their_arrivals_alone() -> None:
    """Everything that can be reached from an earlier task of a branch includes the join, and in a loop the siblings."""
    flows = (
        "s -> X -> A; A -> uA1 -> uA2 -> A9; A -> uB1 -> uB2 -> A9; A9 -> u4 -> XG; XG -> X if true; XG -> e default"
    )
    case = Case(diagram(flows))
    case.do("uB1")
    case.do("uA1")
    case.move("uA2", "uA1", region=None)
    assert case.open == "uA1 uB2", "a sibling stays"
    case.do("uB2")
    case.do("uA1")
    case.move("uA2", "uA1", region=None)
    case.do("uA1")
    case.do("uA2")
    assert case.open == "u4", "and so does what has arrived from it"
    case.move("u4", "uA1", region=None)
    assert case.open == "uA1"


def test_an_inclusive_join_fires_when_the_token_it_waits_for_is_moved_away() -> None:
    case = Case(diagram("s -> A; A -> u1 -> O; A -> u2 -> O; O -> u3 -> e; A -> u4 -> e"))
    case.do("u1")
    case.move("u2", "u4")
    assert case.open == "u3 u4 u4"


# ---- random histories ----------------------------------------------------------------------------------------------

JOINS = diagram(
    "s -> X -> u0 -> A; A -> uA1 -> uA2 -> A9; A -> uB1 -> uB2 -> A9; A9 -> uZ -> XG; XG -> X if r; XG -> e default"
)
NEXT = {"uA1": "uA2", "uB1": "uB2", "uA2": "-A", "uB2": "-B"}


def played(state: list[str], node: str, again: bool) -> list[str]:
    """The multiset of open tasks and arrivals after completing a task."""
    state = list(state)
    state.remove(node)
    state += ["uA1", "uB1"] if node == "u0" else ["u0"] * again if node == "uZ" else [NEXT[node]]
    if {"-A", "-B"} <= set(state):
        state.remove("-A")
        state.remove("-B")
        state.append("uZ")
    return state


@pytest.mark.parametrize("seed", range(40))
def test_a_join_in_a_loop_with_moves_and_jumps(seed: int) -> None:
    r, case, state, sizes = random.Random(seed), Case(JOINS, {"r": False}, twice=False), ["u0"], set()
    for _ in range(60):
        tasks = sorted(x for x in state if x[0] == "u")
        branch = [x for x in tasks if x[1] in "AB"]
        if not tasks:
            assert case.done
            return
        luck = r.random()
        if luck < 0.15 and branch:
            node = r.choice(branch)
            to = node[:2] + r.choice("12")
            case.move(node, to)
            state.remove(node)
            state.append(to)
        elif luck < 0.25:
            case.move(tasks[0], "u0", region=None)
            state = ["u0"]
        else:
            node, again = r.choice(tasks), r.random() < 0.7
            case.do(node, **({"r": again} if node == "uZ" else {}))
            state = played(state, node, again)
        assert case.open.split() == sorted(x for x in state if x[0] == "u"), state
        sizes.add(len(case.bytes))
    assert max(sizes) < 300


REGION = ("SP", "u1", "u2", "uX", "Xm", "uU", "AJ")
WHOLE = diagram(
    "s -> X1 -> uA -> A -> SP -> Xm -> AJ -> uQ -> XG; XG -> X1 if again; XG -> e default; A -> uU -> AJ; "
    "b -> uX -> Xm; bn -> uN -> eN",
    sub("SP", "s1 -> u1 -> u2 -> e1", event_sub("ES", "message", "sES -> uE -> e9", cut=False)),
    boundary("b", "SP", "duration", "PT1H"),
    user("uU", many("who", into="votes")),
    boundary("bn", "uU", "duration", "PT2H", cut=False),
)


class Sim:
    """What should happen, told by counters and a clock in minutes."""

    def __init__(self) -> None:
        self.a, self.x, self.q, self.n, self.left, self.right, self.now = 1, 0, 0, 0, 0, 0, 0
        self.sp: dict[str, Any] | None = None
        self.u: dict[str, Any] | None = None
        self.votes: list[Any] | None = None

    def split(self) -> None:
        self.a, self.sp = 0, {"at": "u1", "E": 0, "due": self.now + 60}
        self.open_u()

    def open_u(self) -> None:
        self.u = {"open": {0, 1, 2}, "n": 3, "res": {}, "due": self.now + 120}

    def join(self) -> None:
        if self.left and self.right:
            self.left = self.right = 0
            self.q = 1

    def sp_end(self) -> None:
        if self.sp and self.sp["at"] is None and not self.sp["E"]:
            self.sp, self.left = None, 1
            self.join()

    def u_end(self) -> None:
        if self.u and not self.u["open"]:
            self.votes = [self.u["res"][k] for k in sorted(self.u["res"])]
            self.u, self.right = None, 1
            self.join()

    def wait(self, minutes: int) -> None:
        self.now += minutes
        if self.sp and self.sp["due"] <= self.now:
            self.sp, self.x = None, 1
        if self.u and self.u["due"] is not None and self.u["due"] <= self.now:
            self.u["due"] = None
            self.n += 1

    @property
    def open(self) -> list[str]:
        found = ["uA"] * self.a + ["uX"] * self.x + ["uQ"] * self.q + ["uN"] * self.n
        if self.sp:
            found += ([self.sp["at"]] if self.sp["at"] else []) + ["uE"] * self.sp["E"]
        return sorted(found + (["uU"] * len(self.u["open"]) if self.u else []))


class Play:
    """One random history: the case and the simulator side by side."""

    def __init__(self, seed: int) -> None:
        self.r, self.sim = random.Random(seed), Sim()
        self.case = Case(WHOLE, {"who": ["a", "b", "c"], "again": False}, twice=seed % 4 == 0)

    def step(self, k: int) -> None:
        """Something that can happen now; each tells both sides."""
        s = self.sim
        moves = [self.region] * bool(s.u or s.x or (s.sp and s.sp["at"])) + [self.back] * bool(s.q)
        if s.sp:
            moves += [self.message] + [self.inside, self.out] * bool(s.sp["at"])
        if s.u:
            moves += [self.add, self.drop, self.again]
        moves += [self.into] * bool(s.x)
        if self.r.random() < 0.15:
            self.wait()
        elif moves and self.r.random() < 0.4:
            self.r.choice(moves)()
        else:
            self.complete(k)

    def wait(self) -> None:
        minutes = self.r.choice((18, 42, 90))
        self.sim.wait(minutes)
        self.case.hours(minutes / 60)

    def message(self) -> None:
        self.case.message()
        self.sim.sp["E"] += 1  # type: ignore[index]

    def add(self) -> None:
        self.case.add("uU", "d")
        self.sim.u["open"].add(self.sim.u["n"])  # type: ignore[index]
        self.sim.u["n"] += 1  # type: ignore[index]

    def drop(self) -> None:
        child = self.r.choice(sorted(self.sim.u["open"]))  # type: ignore[index]
        self.case.drop("uU", child)
        self.sim.u["open"].discard(child)  # type: ignore[index]
        self.sim.u_end()

    def inside(self) -> None:
        to = self.r.choice(("u1", "u2"))
        self.case.move(self.sim.sp["at"], to)  # type: ignore[index]
        self.sim.sp["at"] = to  # type: ignore[index]

    def out(self) -> None:
        self.case.move(self.sim.sp["at"], "uX", region=("SP",))  # type: ignore[index]
        self.sim.sp, self.sim.x = None, 1

    def into(self) -> None:
        self.case.move("uX", "u2")
        self.sim.x, self.sim.sp = 0, {"at": "u2", "E": 0, "due": self.sim.now + 60}

    def again(self) -> None:
        self.case.move("uU", "uU")
        self.sim.open_u()

    def back(self) -> None:
        self.case.move("uQ", "uA")
        self.sim.q, self.sim.a = 0, 1

    def region(self) -> None:
        s = self.sim
        node = "uU" if s.u else "uX" if s.x else s.sp["at"]  # type: ignore[index]
        self.case.move(node, "uA", region=REGION)
        s.sp = s.u = None
        s.x = s.left = s.right = 0
        s.a = 1

    def complete(self, k: int) -> None:
        s, node = self.sim, self.r.choice(self.sim.open)
        if node == "uU":
            child = self.r.choice(sorted(s.u["open"]))  # type: ignore[index]
            s.u["open"].discard(child)  # type: ignore[index]
            s.u["res"][child] = [k, child]  # type: ignore[index]
            self.case.do("uU", child, out=[k, child])
            s.u_end()
            return
        again = self.r.random() < 0.7
        self.case.do(node, **({"again": again} if node == "uQ" else {}))
        self._completed(node, again)

    def _completed(self, node: str, again: bool) -> None:
        s = self.sim
        if node == "uA":
            s.split()
        elif node == "uX":
            s.x, s.left = 0, 1
            s.join()
        elif node == "uN":
            s.n -= 1
        elif node == "uQ":
            s.q, s.a = 0, int(again)
        elif s.sp:
            s.sp["E"] -= node == "uE"
            s.sp["at"] = {"u1": "u2", "u2": None}.get(node, s.sp["at"])
            s.sp_end()

    def compare(self) -> None:
        s, case = self.sim, self.case
        assert case.open.split() == s.open
        assert s.votes is None or case.vars["votes"] == s.votes
        assert case.done == (not s.open) and not case.troubles
        listeners = [view.node for view in case.views if view.listener]
        want = ["b", "ES"] * bool(s.sp) + ["bn"] * bool(s.u and s.u["due"] is not None)
        assert sorted(listeners) == sorted(want)


@pytest.mark.parametrize("seed", range(60))
def test_random_histories_with_moves_into_and_out_of_scopes(seed: int) -> None:
    play = Play(seed)
    for k in range(60):
        if not play.sim.open:
            break
        play.step(k)
        play.compare()
