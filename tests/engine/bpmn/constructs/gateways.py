"""Gateways: splits, joins, both at once, in loops and in graphs without structure."""

from __future__ import annotations

from tests.diagrams import catch, diagram, element, event
from tests.engine.bpmn.constructs.construct import construct as c


def _complex(id: str, condition: str) -> str:
    return element("complexGateway", id, f"<activationCondition>={condition}</activationCondition>")


_THREE = "s -> A; A -> u1 -> C; A -> u2 -> C; A -> u3 -> C; C -> u4 -> e"

ALL = [
    c(
        "gateway-exclusive",
        "排他：按文件顺序第一条成立的",
        "exclusive: the first condition that holds, in the order of the file",
        diagram("s -> X; X -> t1 if x > 5; X -> t2 if x > 1; X -> t3 default; t1 -> Xj; t2 -> Xj; t3 -> Xj; Xj -> e"),
        "",
        variables={"x": 9},
    ),
    c(
        "gateway-exclusive-default",
        "排他：都不成立走默认流",
        "exclusive: the default flow when none holds",
        diagram("s -> X; X -> t1 if x > 5; X -> t2 default; t1 -> e; t2 -> e"),
        "",
        variables={"x": 1},
    ),
    c(
        "gateway-parallel",
        "并行：全部分出，全部到齐",
        "parallel: all flows out, all flows in",
        diagram("s -> A; A -> u1 -> A2; A -> u2 -> A2; A2 -> e"),
        "do u2; do u1",
    ),
    c(
        "gateway-parallel-mixed",
        "并行网关既汇合又分叉",
        "a parallel gateway that joins and forks",
        diagram("s -> A; A -> u1 -> A2; A -> u2 -> A2; A2 -> u3 -> e; A2 -> u4 -> e4"),
        "do u1; do u2; do u4; do u3",
    ),
    c(
        "gateway-inclusive",
        "包容：成立的都走，只等还会来的",
        "inclusive: every flow that holds, and the join awaits what can still come",
        diagram("s -> O; O -> u1 if a; O -> u2 if b; O -> u3 if c; u1 -> O2; u2 -> O2; u3 -> O2; O2 -> u4 -> e"),
        "do u3; do u1; do u4",
        variables={"a": True, "b": False, "c": True},
    ),
    c(
        "gateway-inclusive-default",
        "包容：都不成立走默认流",
        "inclusive: the default flow when none holds",
        diagram("s -> O; O -> t1 if a; O -> t2 default; t1 -> O2; t2 -> O2; O2 -> e"),
        "",
        variables={"a": False},
    ),
    c(
        "gateway-inclusive-unstructured",
        "包容汇合不成对：一支中途离开",
        "an unstructured inclusive join: a branch may leave before it",
        diagram("s -> A; A -> u1 -> X; X -> e1 if out; X -> O2 default; A -> u2 -> O2; O2 -> u3 -> e"),
        "do u2; do u1 out=true; do u3",
    ),
    c(
        "gateway-inclusive-loop",
        "包容汇合在回路里：每轮各自等齐",
        "an inclusive join in a loop: each round is awaited by itself",
        diagram(
            "s -> Xm -> O; O -> u1 if true; O -> u2 if n > 0; u1 -> O2; u2 -> O2"
            "; O2 -> X; X -> Xm if n < 1; X -> e default"
        ),
        "do u1 n=0; do u1 n=1",
        variables={"n": 0},
    ),
    c(
        "gateway-mixed",
        "混合：排他网关既汇合又分支",
        "mixed: an exclusive gateway that merges and splits",
        diagram("s -> X; u1 -> X; X -> u1 if n < 2; X -> e default"),
        "do u1 n=1; do u1 n=2",
        variables={"n": 0},
    ),
    c(
        "gateway-complex-discriminator",
        "复杂：第一个到达即通过，其余吞掉（鉴别器）",
        "complex as a discriminator: the first passes, the others are swallowed",
        diagram(_THREE, _complex("C", "activationCount >= 1")),
        "do u2; do u1; do u3; do u4",
    ),
    c(
        "gateway-complex-n-of-m",
        "复杂：n 取 m（三个中的两个）",
        "complex: n of m (two of three)",
        diagram(_THREE, _complex("C", "activationCount >= 2")),
        "do u3; do u1; do u4; do u2",
    ),
    c(
        "gateway-complex-flows",
        "复杂：条件看哪条流到达，可引用变量",
        "complex: the condition sees which flow has arrived, and variables",
        diagram(
            "s -> A; A -> u1 -> C; A -> u2 -> C; C -> u3 -> e",
            _complex("C", 'get value(tokens, "u1-C") &gt; 0 and (urgent or activationCount &gt;= 2)'),
        ),
        "do u2; do u1; do u3",
        variables={"urgent": True},
    ),
    c(
        "gateway-complex-reset",
        "复杂：全部到齐后另走一条（waitingForStart）",
        "complex: another flow once all have arrived (waitingForStart)",
        diagram(
            "s -> A; A -> u1 -> C; A -> u2 -> C; C -> u3 if waitingForStart; C -> u4 if not(waitingForStart)"
            "; u3 -> e; u4 -> e",
            _complex("C", "activationCount >= 1"),
        ),
        "do u1; do u2; do u3; do u4",
    ),
    c(
        "gateway-event",
        "事件网关：先发生的留下，其余取消",
        "event-based: what happens first stays, the others are cancelled",
        diagram(
            "s -> E; E -> m -> e; E -> g -> e; E -> w -> e; E -> k -> e; E -> r -> e",
            catch("m", "message"),
            catch("g", "signal"),
            catch("w", "duration", value="PT1H"),
            catch("k", "condition", value="x > 1"),
            element("receiveTask", "r", messageRef="keyed"),
        ),
        "set x=2",
        variables={"key": "K", "x": 0},
    ),
    c(
        "gateway-event-timer",
        "事件网关：定时先到",
        "event-based: the timer comes first",
        diagram("s -> E; E -> m -> e; E -> w -> u1 -> e", catch("m", "message"), catch("w", "duration", value="PT1H")),
        "hours 2; do u1",
    ),
    c(
        "gateway-event-starts",
        "事件网关启动流程（instantiate）：任一事件开始一个流程",
        "an instantiating event-based gateway: any of its events begins a case",
        diagram(
            "E -> m -> u1 -> e; E -> g -> u2 -> e",
            element("eventBasedGateway", "E", instantiate="true"),
            catch("m", "message"),
            catch("g", "signal"),
        ),
        "do u2",
        begin=("g", 0),
    ),
    c(
        "gateway-event-starts-parallel",
        "并行事件网关启动流程：先到的开始，其余继续等",
        "a parallel instantiating gateway: the first begins the case, the others are awaited",
        diagram(
            "E -> m -> A; E -> n -> A; A -> e",
            element("eventBasedGateway", "E", instantiate="true", eventGatewayType="Parallel"),
            catch("m", "message"),
            element("intermediateCatchEvent", "n", event("message", "msg2")),
            top='<message id="msg2" name="msg2"/>',
        ),
        "message msg2",
        begin=("m", 0),
    ),
]
