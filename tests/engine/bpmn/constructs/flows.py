"""Sequence flows: how tokens go from node to node without a gateway."""

from __future__ import annotations

from tests.diagrams import diagram, element
from tests.engine.bpmn.constructs.construct import construct as c

ALL = [
    c("flow-plain", "顺序流", "sequence flow", diagram("s -> u1 -> u2 -> e"), "do u1; do u2"),
    c(
        "flow-conditional",
        "任务的条件流和默认流：条件都不成立时走默认",
        "conditional and default flow out of a task: the default when no condition holds",
        diagram("s -> u1; u1 -> t1 if x > 5; u1 -> t2 default; t1 -> e; t2 -> e"),
        "do u1 x=3",
    ),
    c(
        "flow-conditional-several",
        "条件流可同时成立：每条成立的都走",
        "conditional flows: every one that holds is taken",
        diagram("s -> u1; u1 -> t1 if x > 5; u1 -> t2 if x > 1; u1 -> t3 default; t1 -> e; t2 -> e; t3 -> e"),
        "do u1 x=9",
    ),
    c(
        "flow-fork",
        "隐式分叉：多条流出即并行",
        "implicit fork: several flows out of a task run at once",
        diagram("s -> u1; u1 -> u2 -> e; u1 -> u3 -> e3"),
        "do u1; do u3; do u2",
    ),
    c(
        "flow-merge",
        "隐式汇合：每个令牌各自通过",
        "implicit merge: each token passes by itself",
        diagram("s -> A; A -> t1 -> u1; A -> t2 -> u1; u1 -> e"),
        "do u1; do u1",
    ),
    c(
        "flow-implicit-start",
        "没有开始事件：没有入口的节点同时开始",
        "no start event: whatever nothing leads to begins at once",
        diagram("u1 -> e; u2 -> e"),
        "do u2; do u1",
    ),
    c(
        "flow-implicit-end",
        "没有结束事件：走到头即结束",
        "no end event: a path that stops ends",
        diagram("s -> u1"),
        "do u1",
    ),
    c(
        "flow-self",
        "任务指向自己",
        "a task that loops to itself",
        diagram("s -> u1; u1 -> u1 if n < 2; u1 -> e default"),
        "do u1 n=1; do u1 n=2",
    ),
    c(
        "flow-cycle",
        "任意回路，穿过并行分支",
        "an arbitrary cycle through parallel branches",
        diagram("s -> Xm -> A; A -> u1 -> A2; A -> u2 -> A2; A2 -> X; X -> Xm if again; X -> e default"),
        "do u1; do u2 again=true; do u2; do u1 again=false",
    ),
    c(
        "flow-two-starts-one-end",
        "多个结束事件：都到达才结束",
        "several end events: the case ends when nothing is left",
        diagram("s -> A; A -> u1 -> e1; A -> u2 -> e2"),
        "do u1; do u2",
    ),
    c(
        "start-quantity",
        "开始数量：到齐几个令牌才开始一次",
        "start quantity: begins once that many tokens are there",
        diagram("s -> A; A -> t1 -> u1; A -> t2 -> u1; u1 -> e", element("userTask", "u1", startQuantity="2")),
        "do u1",
    ),
    c(
        "completion-quantity",
        "完成数量：完成一次放出几个令牌",
        "completion quantity: lets out that many tokens",
        diagram("s -> t1 -> u1 -> e", element("task", "t1", completionQuantity="2")),
        "do u1; do u1",
    ),
]
