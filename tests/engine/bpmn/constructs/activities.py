"""Activities that do one thing."""

from __future__ import annotations

from tests.diagrams import boundary, call, diagram, element, end, feel, process, rule, script, service, throw, user
from tests.engine.bpmn.constructs.construct import construct as c

_CALLED = process("s2 -> u2 -> e2", key="called")
_GLOBAL = diagram("s -> c1 -> e", call("c1", "g"), top='<globalUserTask id="g" name="g"/>')

ALL = [
    c("task", "任务：经过即完成", "task: it passes", diagram("s -> t1 -> e"), ""),
    c("task-user", "人工任务", "user task", diagram("s -> u1 -> e", user("u1", groups="clerk")), "do u1 ok=true"),
    c("task-manual", "手工任务", "manual task", diagram("s -> m1 -> e", element("manualTask", "m1")), "do m1"),
    c(
        "task-script-python",
        "脚本任务，Python",
        "script task in Python",
        diagram("s -> p1 -> e", script("p1", "y = x + 1")),
        "",
        variables={"x": 1},
        still={"y": 2},
    ),
    c(
        "task-script-feel",
        "脚本任务，FEEL",
        "script task in FEEL",
        diagram("s -> f1 -> e", feel("f1", "=x + 1", "y")),
        "",
        variables={"x": 1},
        still={"y": 2},
    ),
    c("task-service", "服务任务：作业", "service task: a job", diagram("s -> j1 -> e", service("j1", "http")), "do j1"),
    c(
        "task-service-inline",
        "服务任务：当场完成",
        "service task within the command",
        diagram("s -> j1 -> e", service("j1", "notice")),
        "",
    ),
    c(
        "task-rule",
        "业务规则任务",
        "business rule task",
        diagram("s -> r1 -> e", rule("r1", "d", "found")),
        "",
        still={"found": 7},
    ),
    c("task-send", "发送任务", "send task", diagram("s -> n1 -> e", element("sendTask", "n1", messageRef="msg")), ""),
    c(
        "task-receive",
        "接收任务",
        "receive task",
        diagram("s -> v1 -> e", element("receiveTask", "v1", messageRef="msg")),
        "message msg x=1",
        still={"x": 1},
    ),
    c(
        "task-receive-starts",
        "接收任务启动流程（instantiate）",
        "a receive task that begins the case (instantiate)",
        diagram("v1 -> u1 -> e", element("receiveTask", "v1", messageRef="msg", instantiate="true")),
        "do u1",
        begin=("v1", 0),
    ),
    c(
        "task-receive-boundary",
        "接收任务带边界事件",
        "a receive task with a boundary event",
        diagram(
            "s -> v1 -> e; b -> u1 -> e",
            element("receiveTask", "v1", messageRef="msg"),
            boundary("b", "v1", "duration", "PT1H"),
        ),
        "hours 1; do u1",
    ),
    c(
        "call-process",
        "调用活动：调用流程",
        "call activity: a process",
        diagram("s -> c1 -> e", call("c1", "called"), more=_CALLED),
        "do u2 y=1",
        still={"y": 1},
    ),
    c(
        "call-element",
        "调用活动：用 calledElement 属性（可带前缀）",
        "call activity by the attribute calledElement, with a prefix",
        diagram("s -> c1 -> e", element("callActivity", "c1", calledElement="d:called"), more=_CALLED),
        "do u2",
    ),
    c(
        "call-global-user",
        "调用活动：全局人工任务",
        "call activity: a global user task",
        _GLOBAL,
        "do g.task ok=true",
        still={"ok": True},
    ),
    c(
        "call-global-tasks",
        "全局任务、全局脚本、全局决策、全局手工任务",
        "global task, script, business rule and manual task",
        diagram(
            "s -> c1 -> c2 -> c3 -> c4 -> e",
            call("c1", "g1"),
            call("c2", "g2"),
            call("c3", "g3"),
            call("c4", "g4"),
            top='<globalTask id="g1"/><globalScriptTask id="g2" scriptLanguage="python"><script>y = 2</script>'
            '</globalScriptTask><globalBusinessRuleTask id="g3"><extensionElements><zeebe:calledDecision '
            'decisionId="d" resultVariable="z"/></extensionElements></globalBusinessRuleTask>'
            '<globalManualTask id="g4"/>',
        ),
        "do g4.task",
        still={"y": 2, "z": 7},
    ),
    c(
        "call-error",
        "错误穿过调用活动",
        "an error goes up through the call activity",
        diagram(
            "s -> c1 -> e; b -> u1 -> e",
            call("c1", "called"),
            boundary("b", "c1", "error"),
            more=process("s2 -> u2 -> e2", end("e2", "error"), key="called"),
        ),
        "do u2; do u1",
    ),
    c(
        "call-escalation",
        "升级穿过调用活动，不中断",
        "an escalation goes up through the call activity, which goes on",
        diagram(
            "s -> c1 -> e; b -> u1 -> e1",
            call("c1", "called"),
            boundary("b", "c1", "escalation", cut=False),
            more=process("s2 -> h2 -> u2 -> e2", throw("h2", "escalation"), key="called"),
        ),
        "do u1; do u2",
    ),
    c(
        "call-escalation-interrupts",
        "升级穿过调用活动，中断它",
        "an escalation goes up and interrupts the call activity",
        diagram(
            "s -> c1 -> e; b -> u1 -> e1",
            call("c1", "called"),
            boundary("b", "c1", "escalation"),
            more=process("s2 -> h2 -> u2 -> e2", throw("h2", "escalation"), key="called"),
        ),
        "do u1",
    ),
    c(
        "call-two-levels",
        "升级穿过两层调用",
        "an escalation goes up through two calls",
        diagram(
            "s -> c1 -> e; b -> u1 -> e1",
            call("c1", "middle"),
            boundary("b", "c1", "escalation", cut=False),
            more=process("s3 -> c3 -> e3", call("c3", "called"), key="middle")
            + process("s2 -> e2", end("e2", "escalation"), key="called"),
        ),
        "do u1",
    ),
]
