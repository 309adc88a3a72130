"""Subprocesses: embedded, of events, transactions with compensation, ad-hoc; and interruption from outside."""

from __future__ import annotations

from tests.diagrams import boundary, diagram, element, end, event_sub, io, script, sub, throw, undo, user
from tests.engine.bpmn.constructs.construct import construct as c

_UNDO = undo("k1", "u1", "H1") + script("H1", isForCompensation="true")


def _ad_hoc(flows: str, *elements: str, until: str = "", **attrs: str) -> str:
    inside = f"<completionCondition>={until}</completionCondition>" if until else ""
    return sub("B", flows, *elements, inside=inside, tag="adHocSubProcess", **attrs)


ALL = [
    c("sub-embedded", "子流程", "embedded subprocess", diagram("s -> B -> e", sub("B", "s1 -> u1 -> e1")), "do u1"),
    c(
        "sub-nested",
        "嵌套子流程",
        "nested subprocesses",
        diagram("s -> B -> e", sub("B", "s1 -> B2 -> e1", sub("B2", "s2 -> u1 -> e2"))),
        "do u1",
    ),
    c(
        "sub-implicit",
        "子流程没有开始和结束事件",
        "a subprocess without start and end events",
        diagram("s -> B -> e", sub("B", "u1 -> u2")),
        "do u1; do u2",
    ),
    c(
        "sub-variables",
        "子流程的变量只在里面",
        "a subprocess's variables stay inside",
        diagram(
            "s -> B -> e",
            sub(
                "B",
                "s1 -> p1 -> e1",
                script("p1", "x = 2\ny = x"),
                zeebe=io({"x": "=1"}, {"z": "=y"}),
            ),
        ),
        "",
        still={"z": 2},
    ),
    c(
        "sub-interrupted",
        "子流程上的中断事件先于里面的下一步",
        "an interrupting event on a subprocess takes effect before the next step inside it",
        diagram(
            "s -> B -> e; b -> u2 -> e2",
            sub("B", "s1 -> h1 -> t1 -> u1 -> e1", throw("h1", "signal")),
            boundary("b", "B", "signal"),
        ),
        "do u2",
    ),
    c(
        "sub-interrupted-condition",
        "条件边界事件：里面的脚本使条件成立，下一步不再执行",
        "a conditional boundary event: a script inside makes it true, the next step is not taken",
        diagram(
            "s -> B -> e; b -> u2 -> e2",
            sub("B", "s1 -> p1 -> t1 -> u1 -> e1", script("p1", "x = 5")),
            boundary("b", "B", "condition", "x > 1"),
        ),
        "do u2",
        variables={"x": 0},
    ),
    c(
        "sub-terminate",
        "子流程里的终止事件只结束子流程",
        "a terminate event ends only its subprocess",
        diagram("s -> B -> u3 -> e", sub("B", "s1 -> A; A -> u1 -> e1; A -> u2 -> e2", end("e1", "terminate"))),
        "do u1; do u3",
    ),
    c(
        "sub-event-after",
        "中断型事件子流程取代主流",
        "an interrupting event subprocess takes over",
        diagram("s -> u1 -> e", event_sub("V", "message", "sV -> u2 -> eV")),
        "message msg; do u2",
    ),
    c(
        "sub-event-beside",
        "非中断型事件子流程可多次",
        "a non-interrupting event subprocess, several times",
        diagram("s -> u1 -> e", event_sub("V", "message", "sV -> u2 -> eV", cut=False)),
        "message msg; message msg; do u1; do u2; do u2",
    ),
    c(
        "transaction",
        "事务：成功",
        "a transaction that succeeds",
        diagram(
            "s -> B -> e; b -> e2", sub("B", "s1 -> u1 -> e1", _UNDO, tag="transaction"), boundary("b", "B", "cancel")
        ),
        "do u1",
    ),
    c(
        "transaction-cancel",
        "事务：取消，补偿后走取消边界",
        "a transaction that is cancelled: undone, then the cancel boundary event",
        diagram(
            "s -> B -> e; b -> u3 -> e3",
            sub(
                "B",
                "s1 -> u1 -> u2 -> X; X -> e1 if ok; X -> e2 default",
                _UNDO,
                end("e2", "cancel"),
                tag="transaction",
            ),
            boundary("b", "B", "cancel"),
        ),
        "do u1; do u2 ok=false; do u3",
    ),
    c(
        "transaction-hazard",
        "事务：错误离开，不补偿",
        "a transaction left by an error: nothing is undone",
        diagram(
            "s -> B -> e; b -> u3 -> e3",
            sub("B", "s1 -> u1 -> e1", _UNDO, end("e1", "error"), tag="transaction"),
            boundary("b", "B", "error"),
        ),
        "do u1; do u3",
    ),
    c(
        "compensation-all",
        "补偿抛出：逆序撤销已完成的",
        "compensation thrown: what completed is undone, last first",
        diagram(
            "s -> u1 -> u2 -> h -> e",
            _UNDO,
            undo("k2", "u2", "H2"),
            script("H2", isForCompensation="true"),
            throw("h", "compensate"),
        ),
        "do u1; do u2",
    ),
    c(
        "compensation-one",
        "补偿指定的活动（activityRef）",
        "compensation of one activity (activityRef)",
        diagram(
            "s -> u1 -> u2 -> h -> e",
            _UNDO,
            undo("k2", "u2", "H2"),
            script("H2", isForCompensation="true"),
            throw("h", "compensate", "u1"),
        ),
        "do u1; do u2",
    ),
    c(
        "compensation-not-awaited",
        "补偿不等待（waitForCompletion=false）",
        "compensation that is not awaited (waitForCompletion=false)",
        diagram(
            "s -> u1 -> h -> u2 -> e",
            undo("k1", "u1", "H1") + user("H1", isForCompensation="true"),
            element("intermediateThrowEvent", "h", '<compensateEventDefinition waitForCompletion="false"/>'),
        ),
        "do u1; do u2; do H1",
    ),
    c(
        "compensation-subprocess",
        "补偿已完成的子流程：里面的逐个撤销",
        "compensation of a finished subprocess: what it did is undone",
        diagram("s -> B -> h -> e", sub("B", "s1 -> u1 -> e1", _UNDO), throw("h", "compensate")),
        "do u1",
    ),
    c(
        "compensation-event-subprocess",
        "补偿事件子流程",
        "a compensation event subprocess",
        diagram(
            "s -> B -> h -> e",
            sub("B", "s1 -> u1 -> e1", event_sub("V", "compensate", "sV -> u2 -> eV")),
            throw("h", "compensate", "B"),
        ),
        "do u1; do u2",
    ),
    c(
        "compensation-many",
        "补偿多实例：每个实例各撤销一次",
        "compensation of a multi-instance: once for each instance",
        diagram(
            "s -> u1 -> h -> e",
            user(
                "u1",
                "<multiInstanceLoopCharacteristics><loopCardinality>=2</loopCardinality></multiInstanceLoopCharacteristics>",
            ),
            _UNDO,
            throw("h", "compensate"),
        ),
        "do u1; do u1",
    ),
    c(
        "adhoc-parallel",
        "自由子流程，并行：都做完才结束",
        "an ad-hoc subprocess in parallel: over when all is done",
        diagram("s -> B -> e", _ad_hoc("u1; u2 -> u3")),
        "do u2; do u1; do u3",
    ),
    c(
        "adhoc-parallel-until",
        "自由子流程，并行，完成条件：其余取消",
        "an ad-hoc subprocess in parallel with a completion condition: the rest is cancelled",
        diagram("s -> B -> e", _ad_hoc("u1; u2; u3", until="enough")),
        "do u2 enough=false; do u1 enough=true",
    ),
    c(
        "adhoc-parallel-keeps",
        "自由子流程，完成条件成立后等其余做完（cancelRemainingInstances=false）",
        "an ad-hoc subprocess whose rest is awaited (cancelRemainingInstances=false)",
        diagram("s -> B -> e", _ad_hoc("u1; u2", until="enough", cancelRemainingInstances="false")),
        "do u1 enough=true; do u2",
    ),
    c(
        "adhoc-sequential",
        "自由子流程，逐个",
        "an ad-hoc subprocess, one after the other",
        diagram("s -> B -> e", _ad_hoc("u1; u2 -> u3; u4", ordering="Sequential")),
        "do u1; do u2; do u3; do u4",
    ),
    c(
        "adhoc-sequential-until",
        "自由子流程，逐个，完成条件",
        "an ad-hoc subprocess, one after the other, with a completion condition",
        diagram("s -> B -> e", _ad_hoc("u1; u2; u3", until="enough", ordering="Sequential")),
        "do u1 enough=false; do u2 enough=true",
    ),
]
