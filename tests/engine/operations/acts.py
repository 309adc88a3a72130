"""What each operation does, written once for all shapes: the act, then what has to be true.

The test settles the case afterwards (`Play.settle`): sound, played to its end, sound again.
"""

from __future__ import annotations

from datetime import timedelta

from engine.errors import AlreadyClaimed, AlreadySigning, CannotMove, Forbidden, NotOpen, TooLate, TooSoon
from tests.engine.operations.play import REASON, Play

OTHERS = ["sun", "wang"]


# ---- hand on -------------------------------------------------------------------------------------------------------


def claim(p: Play) -> None:
    task = p.at("u")[0]
    p.engine.claim(task.id, by="li")
    p.said("claimed", "li", item=str(task.id))
    p.refused(AlreadyClaimed, lambda: p.engine.claim(task.id, by="wang"))
    p.engine.unclaim(task.id, by="li")
    assert p.engine.work_item(task.id).assignee == ""
    p.said("unclaimed", "li", item=str(task.id))


def transfer(p: Play) -> None:
    task = p.of("li")
    p.engine.transfer(task.id, "qian", by="li", reason=REASON)
    assert "qian" in p.who() and "li" not in p.who()
    p.said("transferred", "li", item=str(task.id), to="qian", was="li", reason=REASON)
    p.told("qian", "转交")
    p.refused(AlreadyClaimed, lambda: p.engine.complete(task.id, {}, by="li"))


def delegate(p: Play) -> None:
    task = p.of("li")
    p.engine.delegate(task.id, "qian", by="li", reason=REASON)
    p.said("delegated", "li", to="qian", reason=REASON)
    p.engine.complete(task.id, {"agreed": True}, by="qian")
    assert p.engine.work_item(task.id).assignee == "li", "it came back to be confirmed"
    assert p.engine.draft(f"item:{task.id}", "li") == {"agreed": True}
    p.said("delegate-done", "qian", to="li")
    p.told("li", "委托已办")
    p.sound()
    p.engine.complete(task.id, {"agreed": True}, by="li")
    assert p.engine.work_item(task.id).status == "completed"


def delegate_completes(p: Play) -> None:
    task = p.of("li")
    p.engine.delegate(task.id, "qian", by="li")
    p.engine.complete(task.id, {"agreed": True}, by="qian")
    done = p.engine.work_item(task.id)
    assert (done.status, done.ended_by) == ("completed", "qian")


def substitute(p: Play) -> None:
    task, today = p.of("li"), p.engine.people.today()
    p.refused(AlreadyClaimed, lambda: p.engine.complete(task.id, {}, by="qian"))
    stands = p.engine.put_substitute("li", "qian", by="li", since=today, until=today + timedelta(days=3), process="")
    try:
        assert task.id in [item.id for item in p.engine.work_items(standing_in="qian")]
        assert p.engine.work_item(task.id, by="qian").assignee == "li"
        assert p.engine.instance(task.instance_id, by="qian").id == task.instance_id
        p.engine.complete(task.id, {"agreed": True}, by="qian")
        p.said("substituted", "qian", item=str(task.id), **{"for": "li"})
        p.refused(NotOpen, lambda: p.engine.complete(task.id, {}, by="li"))
    finally:
        p.engine.end_substitute(stands.id, by="li")


def leaver(p: Play) -> None:
    p.refused(Forbidden, lambda: p.engine.hand_over("li", "qian", by="wang"))
    try:
        assert p.engine.hand_over("li", "qian", by="chief", reason="离职") == 1
        assert "qian" in p.who() and "li" not in p.who()
        p.said("handed-over", "chief", was="li", to="qian", reason="离职")
        p.engine.people.put("li", status="left")
        p.engine.return_to(p.of("qian").id, "u2", by="qian")
        p.do("zhao", "u2")
        assert "qian" in p.who() and "li" not in p.who(), "what still comes for the leaver is the successor's"
    finally:
        p.engine.people.put("li", status="active")
        for row in p.engine.people.substitutes.rows("li"):
            p.engine.end_substitute(row.id, by="chief")


# ---- signers -------------------------------------------------------------------------------------------------------


def add_before(p: Play) -> None:
    task = p.of("li")
    p.engine.add_signer(task.id, "qian", by="li", when="before", reason=REASON)
    p.said("adding-signer", "li", to=["qian"], when="before", reason=REASON)
    p.told("qian", "加签")
    assert p.engine.work_item(task.id).held
    p.refused(NotOpen, lambda: p.engine.complete(task.id, {}, by="li"))
    p.refused(AlreadySigning, lambda: p.engine.add_signer(task.id, "qian", by="li"))
    p.sound()
    p.do("qian", agreed=True)
    after = p.engine.work_item(task.id)
    assert (after.status, after.held, after.assignee) == ("open", False, "li")
    _opinion(p, "qian")
    p.do("li", agreed=True)


def add_beside(p: Play) -> None:
    p.engine.add_signer(p.of("li").id, "qian", by="li", when="beside")
    if not p.shape.sequential:
        assert {"li", "qian"} <= set(p.who())
    p.do("li", agreed=True)
    p.sound()
    assert "u9" not in p.nodes(), "the case waits for everybody"
    for login in OTHERS[::-1] if p.several else ():
        p.do(login, agreed=True)
    p.do("qian", agreed=True)
    _opinion(p, "qian")
    assert p.at("u") == []


def add_after(p: Play) -> None:
    p.engine.add_signer(p.of("li").id, "qian", by="li", when="after")
    assert "qian" not in p.who()
    p.do("li", agreed=True)
    p.sound()
    assert "qian" in p.who() and (not p.shape.sequential or p.who() == ["qian"])
    p.do("qian", agreed=True)
    _opinion(p, "qian")


def _opinion(p: Play, who: str) -> None:
    """What a signer of a single task said is for the diagram to read; in a countersign it is a vote."""
    if not p.several:
        assert p.value("opinions") == [{"agreed": True, "by": who}]


def remove(p: Play) -> None:
    p.engine.add_signer(p.of("li").id, "qian", by="li", when="before" if p.shape.sequential else "beside")
    theirs = p.of("qian")
    p.refused(AlreadyClaimed, lambda: p.engine.remove_signer(theirs.id, by="wang"))
    p.engine.remove_signer(theirs.id, by="li", reason=REASON)
    assert "qian" not in p.who() and not p.of("li").held
    p.said("signer-removed", "li", to="qian", reason=REASON)
    p.told("qian", "减签")


def remove_oneself(p: Play) -> None:
    p.engine.remove_signer(p.of("li").id, by="li", reason=REASON)
    assert "li" not in p.who() and p.who()
    p.said("signer-removed", "li", to="li", reason=REASON)


# ---- back ----------------------------------------------------------------------------------------------------------


def return_to_start(p: Play) -> None:
    p.engine.return_to(p.of("li").id, "start", by="li", reason=REASON)
    _returned(p, "u1")


def return_to_previous(p: Play) -> None:
    assert [place.node for place in p.engine.earlier_steps(p.of("li").id)] == ["u2", "u1"]
    p.engine.return_to(p.of("li").id, "previous", by="li", reason=REASON)
    _returned(p, "u2")


def return_to_step(p: Play) -> None:
    p.refused(CannotMove, lambda: p.engine.return_to(p.of("li").id, "u" if p.shape.key == "called" else "u9", by="li"))
    p.engine.return_to(p.of("li").id, "u1", by="li", reason=REASON)
    _returned(p, "u1")


def _returned(p: Play, node: str) -> None:
    assert p.nodes() == [node] and p.who(node) == ["zhao"], p.nodes()
    p.said("returned", "li", to=node, reason=REASON, then="rerun")
    p.told("zhao", "退回")
    assert all(p.engine.instance(child).status == "cancelled" for child in p.family[1:])
    p.sound()
    for step in ("u1", "u2"):
        if p.at(step):
            p.do("zhao", step)
    assert "li" in p.who(), "the path was run again"


def return_and_come_back(p: Play) -> None:
    task, others = p.of("li"), p.who()
    p.engine.return_to(task.id, "u1", by="li", reason=REASON)
    p.said("returned", "li", to="u1", reason=REASON, then="back")
    assert p.who("u1") == ["zhao"] and p.who() == others, "nobody else is disturbed"
    assert p.engine.work_item(task.id).held
    p.refused(NotOpen, lambda: p.engine.complete(task.id, {}, by="li"))
    p.sound()
    p.do("zhao", "u1")
    assert not p.engine.work_item(task.id).held and p.at("u2") == [], "straight back, not through u2"
    p.do("li", agreed=True)


def refuse(p: Play) -> None:
    p.engine.refuse(p.of("li").id, by="li", reason=REASON)
    p.said("refused", "li", reason=REASON)
    assert p.value("passed" if p.several else "agreed") is False
    assert p.at("u") == []


def withdraw(p: Play) -> None:
    task = p.of("li")
    p.do("li", agreed=True)
    p.clock.advance(minutes=1)
    p.refused(Forbidden, lambda: p.engine.withdraw(task.id, by="deng"))
    p.engine.withdraw(task.id, by="li", reason=REASON)
    p.said("withdrawn", "li", item=str(task.id), reason=REASON)
    assert "li" in p.who() and p.at("u9") == []
    if p.several:
        assert p.who() == (["li"] if p.shape.sequential else ["li", *OTHERS])


def withdraw_last(p: Play) -> None:
    p.all_sign()
    last = max(
        (one for c in p.family for one in p.engine.work_items(instance=c, status="completed") if one.node_id == "u"),
        key=lambda one: (one.ended_at, one.id),
    )
    p.engine.withdraw(last.id, by=last.ended_by, reason=REASON)
    assert p.who() == [last.ended_by], "the others' votes still count"
    p.sound()
    p.all_sign()
    assert p.value("passed") is (True if p.several else None)


def withdraw_too_late(p: Play) -> None:
    task = p.of("li")
    p.all_sign()
    for item in p.at("v"):
        p.engine.complete(item.id, {}, by="ma")
    p.engine.claim(p.at("u9")[0].id, by="deng")
    p.refused(TooLate, lambda: p.engine.withdraw(task.id, by="li"))


# ---- the case ------------------------------------------------------------------------------------------------------


def cancel(p: Play) -> None:
    p.refused(Forbidden, lambda: p.engine.cancel(p.case, by="li", reason=REASON))
    p.engine.cancel(p.case, by="zhao", reason=REASON)
    assert p.open() == [] and p.engine.timers(instance=p.case) == []
    assert {p.engine.instance(case).status for case in p.family} == {"cancelled"}
    p.said("cancelling", "zhao", reason=REASON)
    assert p.engine.doctor(p.case) == []


def urge(p: Play) -> None:
    task = p.of("li")
    assert p.engine.urge(task.id, by="zhao" if p.shape.key != "called" else "chief", text="请尽快") == 1
    p.said("urged", "zhao" if p.shape.key != "called" else "chief", to=["li"], text="请尽快")
    p.told("li", "催办")
    p.refused(TooSoon, lambda: p.engine.urge(task.id, by="zhao" if p.shape.key != "called" else "chief"))
    p.clock.advance(minutes=11)
    assert p.engine.urge(task.id, by="zhao" if p.shape.key != "called" else "chief") == 1


def copy(p: Play) -> None:
    task = p.of("li")
    assert p.engine.copy_to(task.id, ["qian", "qian"], by="li", text="请知悉") == 1
    assert p.engine.copy_to(task.id, ["qian"], by="li") == 0, "nobody is told twice"
    assert p.engine.work_item(task.id, by="qian").id == task.id
    p.said("copied", "li", to=["qian"], text="请知悉")
    p.refused(AlreadyClaimed, lambda: p.engine.complete(task.id, {}, by="qian"))


# ---- late ----------------------------------------------------------------------------------------------------------


def _late(p: Play) -> None:
    p.sound()
    p.clock.advance(hours=5)
    p.engine.run_due()


def timeout_agrees(p: Play) -> None:
    task = p.of("li")
    _late(p)
    done = p.engine.work_item(task.id)
    assert (done.status, done.ended_by) == ("completed", "")
    p.said("timed-out", "", do="agree")
    if not p.shape.sequential:
        assert p.at("u") == []


def timeout_refuses(p: Play) -> None:
    _late(p)
    p.said("refused", "")
    assert p.value("passed" if p.several else "agreed") is False and p.at("u") == []


def timeout_transfers(p: Play) -> None:
    task = p.of("li")
    _late(p)
    assert p.engine.work_item(task.id).assignee == "qian"
    p.said("timed-out", "", do="transfer login:qian")
    p.told("qian", "转交")


def timeout_returns(p: Play) -> None:
    _late(p)
    assert p.nodes() == ["u2"]
    p.said("returned", "", to="u2")


# ---- signatures ----------------------------------------------------------------------------------------------------


def everybody(p: Play) -> None:
    for login in ("li", "wang"):
        p.do(login, agreed=True)
        assert p.at("u") and p.value("passed") is None
    p.do("sun", agreed=True)
    assert p.at("u") == [] and p.value("passed") is True
    p.said("counted", "sun", passed=True, agreed=3, refused=0, signers=3)


def one_refusal(p: Play) -> None:
    p.do("li", agreed=True)
    p.do("wang", agreed=False)
    assert p.at("u") == [] and p.value("passed") is False
    p.said("counted", "wang", passed=False, agreed=1, refused=1, signers=3)


def all_are_heard(p: Play) -> None:
    p.do("li", agreed=False)
    p.do("wang", agreed=True)
    assert p.at("u") and p.value("passed") is None
    p.do("sun", agreed=True)
    assert p.value("passed") is False


def ratio(p: Play) -> None:
    p.do("li", agreed=False)
    p.do("wang", agreed=True)
    assert p.value("passed") is None
    p.do("sun", agreed=True)
    assert p.value("passed") is True and p.at("u") == []


def weighted(p: Play) -> None:
    """li weighs 5 of 7."""
    p.do("li", agreed=True)
    assert p.value("passed") is True and p.at("u") == []


def first_answer(p: Play) -> None:
    p.do("li", agreed=False)
    assert p.value("passed") is False and p.at("u") == []


def any_agrees(p: Play) -> None:
    p.do("li", agreed=False)
    assert p.at("u") and p.value("passed") is None
    p.do("wang", agreed=True)
    assert p.value("passed") is True and p.at("u") == []


def one_after_the_other(p: Play) -> None:
    assert p.who() == (["li"] if p.shape.sequential else ["li", *OTHERS])
    p.do("li", agreed=True)
    assert p.who() == (["wang"] if p.shape.sequential else OTHERS)


# ---- policies ------------------------------------------------------------------------------------------------------


def nobody_falls_back(p: Play) -> None:
    assert {tuple(item.candidates) for item in p.at("u")} == {("qian",)}
    assert p.lines("nobody")


def nobody_operators(p: Play) -> None:
    assert {tuple(item.candidates) for item in p.at("u")} == {("chief",)}


def nobody_skips(p: Play) -> None:
    assert p.at("u") == [] and p.lines("passed")[-1].data["why"] == "nobody"


def initiator_skips(p: Play) -> None:
    assert "zhao" not in p.who() and p.lines("passed")[-1].data["why"] == "initiator"


def initiator_superior(p: Play) -> None:
    assert "zhao" not in p.who() and "chief" in p.who()
    assert p.lines("not-oneself")[-1].data == {"was": "zhao", "to": ["chief"]}


def initiator_decides(p: Play) -> None:
    assert "zhao" in p.who()


def chained_leaders(p: Play) -> None:
    assert p.who() == (["xu"] if p.shape.sequential else ["chief", "xu"])
    p.do("xu", agreed=True)
    p.do("chief", agreed=True)
    assert p.value("passed") is True


def chosen_at_submit(p: Play) -> None:
    assert {tuple(item.candidates) or (item.assignee,) for item in p.at("u")} <= {("qian",), ("deng",)}
