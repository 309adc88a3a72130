"""Events: every definition in every position where BPMN allows it (2.0.2, table 10.93), made by rule.

Owns what makes each event happen (`_BY`), what each position does with it, and what no rule makes.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.diagrams import (
    boundary,
    catch,
    diagram,
    element,
    end,
    event,
    event_sub,
    process,
    start,
    sub,
    throw,
    undo,
    user,
)
from tests.engine.bpmn.constructs.construct import Construct
from tests.engine.bpmn.constructs.construct import construct as c

# kind -> (zh, en, value, line of the script that makes it happen)
_BY = {
    "message": ("消息", "message", "", "message msg"),
    "signal": ("信号", "signal", "", "signal sig"),
    "date": ("定时（时刻）", "timer (date)", "2026-11-23T10:00:00+08:00", "hours 2"),
    "duration": ("定时（时长）", "timer (duration)", "PT1H", "hours 2"),
    "cycle": ("定时（周期）", "timer (cycle)", "R2/PT1H", "hours 1"),
    "condition": ("条件", "conditional", "x > 1", "set x=2"),
}
_VARIABLES = {"x": 0}


def _starts() -> Iterator[Construct]:
    for kind, (zh, en, value, _) in _BY.items():
        value = 'now() > date and time("2026-01-01T00:00:00Z")' if kind == "condition" else value
        content = diagram("s -> u1 -> e", start("s", kind, value))
        yield c(f"start-{kind}", f"开始：{zh}", f"start: {en}", content, "do u1", begin=("s", 0))
    several = element("startEvent", "s", event("message") + event("signal"))
    yield c(
        "start-multiple", "开始：多重", "start: multiple", diagram("s -> u1 -> e", several), "do u1", begin=("s", 1)
    )
    both = element("startEvent", "s", event("message") + event("signal"), parallelMultiple="true")
    yield c(
        "start-parallel-multiple",
        "开始：并行多重（到齐才走）",
        "start: parallel multiple (goes on once all have come)",
        diagram("s -> u1 -> e", both),
        "message msg; do u1",
        begin=("s", 1),
    )


def _catches() -> Iterator[Construct]:
    for kind, (zh, en, value, line) in _BY.items():
        content = diagram("s -> c1 -> u1 -> e", catch("c1", kind, value=value))
        script = f"{line}; do u1" + ("; hours 1; do u1" if kind == "cycle" else "")
        yield c(f"catch-{kind}", f"中间捕获：{zh}", f"catch: {en}", content, script, variables=_VARIABLES)
    several = element("intermediateCatchEvent", "c1", event("message") + event("duration", "PT1H"))
    yield c(
        "catch-multiple", "中间捕获：多重", "catch: multiple", diagram("s -> c1 -> u1 -> e", several), "hours 2; do u1"
    )
    both = element(
        "intermediateCatchEvent", "c1", event("message") + event("duration", "PT1H"), parallelMultiple="true"
    )
    content = diagram("s -> c1 -> u1 -> e", both)
    yield c(
        "catch-parallel-multiple",
        "中间捕获：并行多重",
        "catch: parallel multiple",
        content,
        "hours 2; message msg; do u1",
    )
    conditions = element("intermediateCatchEvent", "c1", event("condition", "x = 1") + event("condition", "x = 2"))
    content = diagram("s -> c1 -> u1 -> e", conditions)
    yield c(
        "catch-conditions",
        "中间捕获：多个条件",
        "catch: several conditions",
        content,
        "set x=2; do u1",
        variables=_VARIABLES,
    )
    named = element("intermediateCatchEvent", "c1", "<eventDefinitionRef>shared</eventDefinitionRef>")
    content = diagram("s -> c1 -> u1 -> e", named, top='<signalEventDefinition id="shared" signalRef="sig"/>')
    yield c(
        "catch-reference",
        "共用的事件定义（eventDefinitionRef）",
        "a shared definition (eventDefinitionRef)",
        content,
        "signal sig; do u1",
    )
    content = diagram(
        "s -> u1 -> l1; u1 -> l3; l2 -> u2 -> e",
        throw("l1", "link", "L"),
        throw("l3", "link", "L"),
        catch("l2", "link", value="L"),
    )
    yield c(
        "link",
        "链接：几处抛出，一处捕获",
        "link: thrown at several places, caught at one",
        content,
        "do u1; do u2; do u2",
    )


def _boundaries() -> Iterator[Construct]:
    for kind, (zh, en, value, line) in _BY.items():
        for cut in (True, False):
            how, word = ("中断", "interrupting") if cut else ("不中断", "non-interrupting")
            content = diagram("s -> u1 -> e; b -> u2 -> e2", boundary("b", "u1", kind, value, cut))
            script = f"{line}; do u2" + ("" if cut else "; do u1")
            name = f"boundary-{kind}" + ("" if cut else "-beside")
            yield c(name, f"边界，{how}：{zh}", f"boundary, {word}: {en}", content, script, variables=_VARIABLES)
    for kind in ("error", "escalation"):
        zh, en = _RAISED[kind]
        inner = sub("B", "s1 -> u1 -> e1", end("e1", kind))
        content = diagram("s -> B -> e; b -> u2 -> e2", inner, boundary("b", "B", kind))
        yield c(f"boundary-{kind}", f"边界，中断：{zh}", f"boundary, interrupting: {en}", content, "do u1; do u2")
    inner = sub("B", "s1 -> h1 -> u1 -> e1", throw("h1", "escalation"))
    content = diagram("s -> B -> e; b -> u2 -> e2", inner, boundary("b", "B", "escalation", cut=False))
    yield c(
        "boundary-escalation-beside",
        "边界，不中断：升级",
        "boundary, non-interrupting: escalation",
        content,
        "do u2; do u1",
    )
    content = diagram("s -> j1 -> e; b -> u2 -> e2", _JOB, boundary("b", "j1", "anyerror"))
    yield c(
        "boundary-any-error",
        "边界：任何错误（作业抛出）",
        "boundary: any error (thrown by a job)",
        content,
        "fail j1 E9; do u2",
    )
    for cut in (True, False):
        on = {"attachedToRef": "u1", "cancelActivity": str(cut).lower()}
        how, word = ("中断", "interrupting") if cut else ("不中断", "non-interrupting")
        content = diagram(
            "s -> u1 -> e; b -> u2 -> e2", element("boundaryEvent", "b", event("message") + event("signal"), **on)
        )
        script = "signal sig; do u2" + ("" if cut else "; message msg; do u2; do u1")
        name = "boundary-multiple" + ("" if cut else "-beside")
        yield c(name, f"边界，{how}：多重", f"boundary, {word}: multiple", content, script)
        both = element("boundaryEvent", "b", event("message") + event("signal"), parallelMultiple="true", **on)
        content = diagram("s -> u1 -> e; b -> u2 -> e2", both)
        again = "; signal sig; message msg; do u2; do u1"
        script = "signal sig; message msg; do u2" + ("" if cut else again)
        name = "boundary-parallel-multiple" + ("" if cut else "-beside")
        yield c(name, f"边界，{how}：并行多重", f"boundary, {word}: parallel multiple", content, script)


_JOB = '<serviceTask id="j1"><extensionElements><zeebe:taskDefinition type="http"/></extensionElements></serviceTask>'
_RAISED = {"error": ("错误", "error"), "escalation": ("升级", "escalation")}


def _event_subprocesses() -> Iterator[Construct]:
    for kind, (zh, en, value, line) in _BY.items():
        for cut in (True, False):
            how, word = ("中断", "interrupting") if cut else ("不中断", "non-interrupting")
            content = diagram("s -> u1 -> e", event_sub("V", kind, "sV -> u2 -> eV", value=value, cut=cut))
            script = f"{line}; do u2" + ("" if cut else "; do u1")
            name = f"event-subprocess-{kind}" + ("" if cut else "-beside")
            yield c(
                name,
                f"事件子流程，{how}：{zh}",
                f"event subprocess, {word}: {en}",
                content,
                script,
                variables=_VARIABLES,
            )
    content = diagram("s -> u1 -> e", end("e", "error"), event_sub("V", "error", "sV -> u2 -> eV"))
    yield c(
        "event-subprocess-error",
        "事件子流程，中断：错误",
        "event subprocess, interrupting: error",
        content,
        "do u1; do u2",
    )
    for cut in (True, False):
        how, word = ("中断", "interrupting") if cut else ("不中断", "non-interrupting")
        content = diagram(
            "s -> h1 -> u1 -> e", throw("h1", "escalation"), event_sub("V", "escalation", "sV -> u2 -> eV", cut=cut)
        )
        script = "do u2" + ("" if cut else "; do u1")
        name = "event-subprocess-escalation" + ("" if cut else "-beside")
        yield c(name, f"事件子流程，{how}：升级", f"event subprocess, {word}: escalation", content, script)
        flag = {} if cut else {"isInterrupting": "false"}
        for all_, code in ((False, "multiple"), (True, "parallel-multiple")):
            begin = element(
                "startEvent", "sV", event("message") + event("signal"), parallelMultiple=str(all_).lower(), **flag
            )
            inner = sub("V", "sV -> u2 -> eV", begin, triggeredByEvent="true")
            words = ("并行多重", "parallel multiple") if all_ else ("多重", "multiple")
            script = ("message msg; " if all_ else "") + "signal sig; do u2" + ("" if cut else "; do u1")
            name = f"event-subprocess-{code}" + ("" if cut else "-beside")
            yield c(
                name,
                f"事件子流程，{how}：{words[0]}",
                f"event subprocess, {word}: {words[1]}",
                diagram("s -> u1 -> e", inner),
                script,
            )


def _throws() -> Iterator[Construct]:
    yield c(
        "throw-none", "中间抛出：无", "throw: none", diagram("s -> h -> e", element("intermediateThrowEvent", "h")), ""
    )
    yield c("end-none", "结束：无", "end: none", diagram("s -> e"), "")
    heard = catch("g", "signal")
    content = diagram("s -> A; A -> g -> u1 -> e1; A -> t1 -> h -> e", heard, throw("h", "signal"))
    yield c(
        "throw-signal", "中间抛出：信号（自己的流程也收到）", "throw: signal (its own case hears it)", content, "do u1"
    )
    content = diagram("s -> A; A -> g -> u1 -> e1; A -> t1 -> e", heard, end("e", "signal"))
    yield c("end-signal", "结束：信号", "end: signal", content, "do u1")
    for kind, word in (("message", "消息"), ("escalation", "升级")):
        yield c(f"throw-{kind}", f"中间抛出：{word}", f"throw: {kind}", diagram("s -> h -> e", throw("h", kind)), "")
        yield c(f"end-{kind}", f"结束：{word}", f"end: {kind}", diagram("s -> e", end("e", kind)), "")
    inner = sub("B", "s1 -> u1 -> e1", end("e1", "error"))
    content = diagram(
        "s -> B -> e; b -> e2; b2 -> e3", inner, boundary("b", "B", "error2"), boundary("b2", "B", "error")
    )
    yield c("end-error", "结束：错误（按代码找捕获者）", "end: error (caught by its code)", content, "do u1")
    content = diagram("s -> u1 -> e", end("e", "error"))
    yield c(
        "end-error-uncaught",
        "结束：错误，无人捕获：成为异常",
        "end: an error that nobody catches is an incident",
        content,
        "do u1",
        ends=False,
    )
    content = diagram("s -> A; A -> u1 -> e1; A -> u2 -> e", end("e", "terminate"))
    yield c("end-terminate", "结束：终止", "end: terminate", content, "do u2")
    undone = undo("k", "u1", "H") + '<task id="H" isForCompensation="true"/>'
    yield c(
        "throw-compensation",
        "中间抛出：补偿",
        "throw: compensation",
        diagram("s -> u1 -> h -> e", undone, throw("h", "compensate")),
        "do u1",
    )
    yield c(
        "end-compensation",
        "结束：补偿",
        "end: compensation",
        diagram("s -> u1 -> e", undone, end("e", "compensate")),
        "do u1",
    )
    inner = sub("B", "s1 -> u1 -> e1", undone, end("e1", "cancel"), tag="transaction")
    content = diagram("s -> B -> e; b -> u2 -> e2", inner, boundary("b", "B", "cancel"))
    yield c("end-cancel", "结束与边界：取消", "end and boundary: cancel", content, "do u1; do u2")
    several = event("message") + event("signal")
    listens = "s -> A; A -> g -> u1 -> e1; A -> t1 -> h -> e"
    content = diagram(listens, heard, element("intermediateThrowEvent", "h", several))
    yield c("throw-multiple", "中间抛出：多重", "throw: multiple", content, "do u1")
    content = diagram("s -> A; A -> g -> u1 -> e1; A -> t1 -> e", heard, element("endEvent", "e", several))
    yield c("end-multiple", "结束：多重", "end: multiple", content, "do u1")
    content = diagram(
        "s -> u1 -> e; b -> e2",
        user("u1"),
        boundary("b", "u1", "message"),
        more=process("s2 -> e2x", end("e2x", "message"), key="q"),
    )
    yield c("message-other-process", "消息从另一个流程来", "a message from another process", content, "message msg")


ALL = [*_starts(), *_catches(), *_throws(), *_boundaries(), *_event_subprocesses()]
