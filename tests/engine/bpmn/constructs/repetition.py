"""Loops and multi-instance, and what each instance may throw."""

from __future__ import annotations

from tests.diagrams import boundary, call, diagram, element, loop, many, process, script, sub, user
from tests.engine.bpmn.constructs.construct import construct as c


def _throws(behavior: str, **refs: str) -> str:
    attrs = f' behavior="{behavior}"' + "".join(f' {name}BehaviorEventRef="{ref}"' for name, ref in refs.items())
    return many("xs", item="it").replace(" isSequential", f"{attrs} isSequential")


_RAISED = '<escalationEventDefinition id="raised" escalationRef="esc"/>'
_RULE = (
    '<complexBehaviorDefinition id="cb"><condition>=numberOfCompletedInstances = 2</condition><event id="ce">'
    '<escalationEventDefinition escalationRef="esc"/></event></complexBehaviorDefinition>'
)
_HEARD = ("s -> u1 -> e; b -> t1 -> e1", boundary("b", "u1", "escalation", cut=False))

ALL = [
    c(
        "loop-before",
        "标准循环，先判断（testBefore）",
        "standard loop, tested before",
        diagram("s -> p1 -> e", script("p1", "n = n + 1", loop("n < 3", before=True))),
        "",
        variables={"n": 1},
        still={"n": 3},
    ),
    c(
        "loop-before-none",
        "标准循环，先判断：一次也不做",
        "standard loop, tested before: not even once",
        diagram("s -> p1 -> e", script("p1", "n = n + 1", loop("n < 3", before=True))),
        "",
        variables={"n": 9},
        still={"n": 9},
    ),
    c(
        "loop-after",
        "标准循环，后判断：至少一次",
        "standard loop, tested after: at least once",
        diagram("s -> u1 -> e", user("u1", loop("again"))),
        "do u1 again=true; do u1 again=false",
    ),
    c(
        "loop-maximum",
        "标准循环，最多几次（loopMaximum）",
        "standard loop with a maximum",
        diagram("s -> p1 -> e", script("p1", "n = n + 1", loop("true", 2))),
        "",
        variables={"n": 0},
        still={"n": 2},
    ),
    c(
        "loop-subprocess",
        "标准循环的子流程",
        "a looping subprocess",
        diagram("s -> B -> e", sub("B", "s1 -> u1 -> e1", inside=loop("again"))),
        "do u1 again=true; do u1 again=false",
    ),
    c(
        "many-parallel",
        "多实例，并行，按集合；结果按输入顺序",
        "multi-instance in parallel over a collection; results in the order of the input",
        diagram("s -> u1 -> e", user("u1", many("xs", into="ys"))),
        "do u1 out=10; do u1 out=20",
        variables={"xs": [1, 2]},
        still={"ys": [10, 20]},
    ),
    c(
        "many-sequential",
        "多实例，逐个",
        "multi-instance, one after the other",
        diagram("s -> u1 -> e", user("u1", many("xs", into="ys", sequential=True))),
        "do u1 out=10; do u1 out=20",
        variables={"xs": [1, 2]},
        still={"ys": [10, 20]},
    ),
    c(
        "many-cardinality",
        "多实例，给次数",
        "multi-instance a number of times",
        diagram("s -> p1 -> e", script("p1", "n = n + loopCounter", many(times="3", sequential=True))),
        "",
        variables={"n": 0},
        still={"n": 6},
    ),
    c(
        "many-none",
        "多实例，空集合：直接通过",
        "multi-instance over nothing passes",
        diagram("s -> u1 -> e", user("u1", many("xs"))),
        "",
        variables={"xs": []},
    ),
    c(
        "many-condition",
        "多实例，完成条件：其余取消",
        "multi-instance with a completion condition: the rest is cancelled",
        diagram("s -> u1 -> e", user("u1", many("xs", until="numberOfCompletedInstances >= 2"))),
        "do u1; do u1",
        variables={"xs": [1, 2, 3]},
    ),
    c(
        "many-subprocess",
        "多实例子流程",
        "a multi-instance subprocess",
        diagram("s -> B -> e", sub("B", "s1 -> u1 -> e1", inside=many("xs"))),
        "do u1; do u1",
        variables={"xs": [1, 2]},
    ),
    c(
        "many-call",
        "多实例调用活动",
        "a multi-instance call activity",
        diagram("s -> c1 -> e", call("c1", "called", many("xs")), more=process("s2 -> u2 -> e2", key="called")),
        "do u2; do u2",
        variables={"xs": [1, 2]},
    ),
    c(
        "many-behaviour-all",
        "多实例 behavior=All：不抛出事件",
        "behaviour All: nothing is thrown",
        diagram(_HEARD[0], user("u1", _throws("All")), _HEARD[1]),
        "do u1; do u1",
        variables={"xs": [1, 2]},
    ),
    c(
        "many-behaviour-none",
        "多实例 behavior=None：每完成一个抛一次",
        "behaviour None: an event for each instance",
        diagram(_HEARD[0], user("u1", _throws("None", none="raised")), _HEARD[1], top=_RAISED),
        "do u1; do u1",
        variables={"xs": [1, 2]},
    ),
    c(
        "many-behaviour-one",
        "多实例 behavior=One：第一个完成时抛",
        "behaviour One: an event for the first instance",
        diagram(_HEARD[0], user("u1", _throws("One", one="raised")), _HEARD[1], top=_RAISED),
        "do u1; do u1",
        variables={"xs": [1, 2]},
    ),
    c(
        "many-behaviour-complex",
        "多实例 behavior=Complex：条件成立时抛，中断型边界结束其余",
        "behaviour Complex: an event on a condition; here it interrupts the rest",
        diagram(
            "s -> u1 -> e; b -> t1 -> e1",
            user("u1", _throws("Complex").replace("</multi", f"{_RULE}</multi")),
            boundary("b", "u1", "escalation"),
        ),
        "do u1; do u1",
        variables={"xs": [1, 2, 3]},
    ),
    c(
        "many-data",
        "多实例用 BPMN 自己的数据：loopDataInputRef、inputDataItem、loopDataOutputRef",
        "multi-instance by BPMN's own data: loopDataInputRef, inputDataItem, loopDataOutputRef",
        diagram(
            "s -> u1 -> e",
            element(
                "userTask",
                "u1",
                '<ioSpecification id="io"><dataInput id="di" name="all"/><dataOutput id="do" name="results"/>'
                "</ioSpecification>"
                '<dataInputAssociation id="a1"><sourceRef>rx</sourceRef><targetRef>di</targetRef>'
                "</dataInputAssociation>"
                '<dataOutputAssociation id="a2"><sourceRef>do</sourceRef><targetRef>ry</targetRef>'
                "</dataOutputAssociation>"
                "<multiInstanceLoopCharacteristics><loopDataInputRef>di</loopDataInputRef>"
                '<loopDataOutputRef>do</loopDataOutputRef><inputDataItem id="one" name="it"/>'
                '<outputDataItem id="got" name="out"/></multiInstanceLoopCharacteristics>',
            ),
            '<dataObject id="ox"/><dataObjectReference id="rx" name="xs" dataObjectRef="ox"/>'
            '<dataObject id="oy"/><dataObjectReference id="ry" name="ys" dataObjectRef="oy"/>',
        ),
        "do u1 out=10; do u1 out=20",
        variables={"xs": [1, 2]},
        still={"ys": [10, 20]},
    ),
]
