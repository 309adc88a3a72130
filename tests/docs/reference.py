"""The generated pages of docs/: which BPMN elements run, every error's sentence, who may do what.

Owns what these two pages say; it is asked of the lint and of the error classes, so it cannot drift from them.
`python -m tests.docs.reference` writes the pages, `test_reference.py` fails when they are not up to date.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path

import engine
from engine import bpmn
from engine.bpmn.dialects import zeebe
from engine.errors import LinliError
from tests.diagrams import (
    boundary,
    call,
    catch,
    diagram,
    element,
    end,
    event,
    event_sub,
    feel,
    loop,
    many,
    rule,
    script,
    service,
    start,
    sub,
    throw,
    undo,
    user,
)
from tests.docs import deadlines, notation, operations
from tests.security import table

DOCS = Path(__file__).parents[2] / "docs"
ELEMENTS, ERRORS = DOCS / "designer" / "elements.md", DOCS / "operator" / "errors.md"
NOTE = "<!-- Written by `python -m tests.docs.reference`; do not edit. -->\n"

MULTIPLE = """
可写多个定义的事件：任一发生即继续；并行多重等全部。
A multiple event goes on at the first, a parallel one at the last.
"""
OTHERS = """
其他工具的设置（`camunda:`、`flowable:` 等）一律拒绝。Settings of other tools (`camunda:`, `flowable:`) are refused.
"""
EVENTS = {  # what stands in the table -> (kind of tests.diagrams, its value)
    "无 none": ("", ""),
    "消息 message": ("message", ""),
    "信号 signal": ("signal", ""),
    "定时：时刻 `timeDate`": ("date", "2026-11-21T09:00:00+08:00"),
    "定时：时长 `timeDuration`": ("duration", "PT15M"),
    "定时：周期 `timeCycle`": ("cycle", "R3/PT1H"),
    "条件 conditional": ("condition", 'now() > date and time("2026-01-01T00:00:00Z")'),
    "错误 error": ("error", ""),
    "升级 escalation": ("escalation", ""),
    "补偿 compensation": ("compensate", ""),
    "取消 cancel": ("cancel", ""),
    "终止 terminate": ("terminate", ""),
    "链接 link": ("link", "there"),
    "多重 multiple": ("multiple", ""),
    "并行多重 parallel multiple": ("all", ""),
}
PLACES = {
    "开始 start": lambda k, v: _in_process(_event("startEvent", "s", k, v)),
    "事件子流程开始，中断 event subprocess": lambda k, v: _event_subprocess(k, v, True),
    "不中断 non-interrupting": lambda k, v: _event_subprocess(k, v, False),
    "中间捕获 catch": lambda k, v: _intermediate("intermediateCatchEvent", k, v),
    "中间抛出 throw": lambda k, v: _intermediate("intermediateThrowEvent", k, v),
    "边界，中断 boundary": lambda k, v: _boundary(k, v, True),
    "边界，不中断 non-interrupting": lambda k, v: _boundary(k, v, False),
    "结束 end": lambda k, v: _ending(k, v),
}
NODES = {  # heading -> what stands in the table -> the element with id n
    "任务 Tasks": {
        "人工任务 `userTask`": user("n"),
        "脚本任务 `scriptTask`, Python": script("n"),
        "脚本任务 `scriptTask`, FEEL": feel("n", "=1 + 1", "two"),
        "脚本任务 `scriptTask`, JavaScript": script("n", scriptFormat="javascript"),
        "服务任务 `serviceTask`": service("n", "notice"),
        "业务规则任务 `businessRuleTask`": rule("n", "d", "found"),
        "发送任务 `sendTask`": element("sendTask", "n", messageRef="msg"),
        "接收任务 `receiveTask`": element("receiveTask", "n", messageRef="msg"),
        "手工任务 `manualTask`（等人说办完了 waits for somebody）": element("manualTask", "n"),
        "任务 `task`（经过即完成 passes）": element("task", "n"),
        "调用活动 `callActivity`": call("n", "p"),
        "全局任务 `globalUserTask`": "<globalUserTask id='n'/>",
        "启动流程的接收任务 `receiveTask instantiate`": "",
    },
    "子流程 Subprocesses": {
        "子流程 `subProcess`": sub("n", "si -> ti -> ei", start("si"), end("ei")),
        "事务 `transaction`": sub("n", "si -> ti -> ei", start("si"), end("ei"), tag="transaction"),
        "自由子流程 `adHocSubProcess`": sub("n", "ti", tag="adHocSubProcess"),
        "事件子流程 `subProcess triggeredByEvent`": "",
    },
    "网关 Gateways": {
        f"{zh} `{tag}`": element(tag, "n")
        for zh, tag in (
            ("排他", "exclusiveGateway"),
            ("并行", "parallelGateway"),
            ("包容", "inclusiveGateway"),
            ("复杂", "complexGateway"),
        )
    }
    | {"事件 `eventBasedGateway`": "", "启动流程的事件网关 `eventBasedGateway instantiate`": ""},
    "重复 Repetition": {
        "多实例，集合 `multiInstanceLoopCharacteristics`": user("n", many("people", item="one")),
        "多实例，次数 `loopCardinality`": user("n", many(times="3")),
        "多实例，逐个 `isSequential`": user("n", many("people", sequential=True)),
        "多实例，提前结束 `completionCondition`": user("n", many("people", until="numberOfCompletedInstances > 1")),
        "多实例，逐个抛出事件 `behavior`": user(
            "n", many("people").replace(" isSequential", ' behavior="One" oneBehaviorEventRef="raised" isSequential')
        ),
        "标准循环 `standardLoopCharacteristics`": element("task", "n", loop("x < 3", 5)),
        "开始数量、完成数量 `startQuantity` `completionQuantity`": element(
            "task", "n", startQuantity="2", completionQuantity="2"
        ),
    },
    "数据 Data": {
        "数据对象 `dataObject`": (
            '<task id="n"/><dataObject id="dob"/><dataObjectReference id="dor" dataObjectRef="dob"/>'
        ),
        "数据存储（台账）`dataStoreReference`": '<task id="n"/><dataStoreReference id="dst" name="store"/>',
        "属性 `property`": '<task id="n"><property id="pr" name="note"/></task>',
        "输入、输出 `ioSpecification`": (
            '<task id="n"><ioSpecification><dataInput id="di" name="a"/></ioSpecification></task>'
        ),
    },
    "只画不执行 Drawn, not executed": {
        "注释 `textAnnotation`": '<task id="n"/><textAnnotation id="ta"><text>t</text></textAnnotation>',
        "组 `group`": '<task id="n"/><group id="gr"/>',
    },
}


def verdict(content: bytes) -> str:
    """'' when the engine takes a diagram, else why not (English)."""
    wrong = [one for one in bpmn.lint({"a.bpmn": content}) if one.severity == "error"]
    if not wrong:
        bpmn.compile(content, "p")
    return wrong[0].message_en if wrong else ""


def elements() -> str:
    """The page of BPMN elements."""
    lines = [NOTE, "# 能执行的图元 Which BPMN elements run\n"]
    lines.append(
        "✓ 能执行 runs · – 发布时被拒绝 refused at deployment。拒绝时说明文件、行、图元和改法。"
        "A refusal names file, line, element and what to do instead.\n"
    )
    lines += ["## 事件 Events\n", _row("", *PLACES), _row(*["---"] * (len(PLACES) + 1))]
    for name, (kind, value) in EVENTS.items():
        lines.append(_row(name, *(_mark(place, kind, value) for place in PLACES.values())))
    lines.append(MULTIPLE)
    for heading, nodes in NODES.items():
        lines += [f"## {heading}\n", _row("", ""), _row("---", "---")]
        lines += [_row(name, verdict(_around(name, node)) or "✓") for name, node in nodes.items()]
        lines.append("")
    return "\n".join([*lines, *_extensions()])


def _mark(place: Callable[[str, str], bytes], kind: str, value: str) -> str:
    """One cell; empty where BPMN has no such thing to draw."""
    if kind == "all" and place in (PLACES["结束 end"], PLACES["中间抛出 throw"]):
        return ""
    return "–" if verdict(place(kind, value)) else "✓"


def _extensions() -> Iterator[str]:
    yield "## 扩展 Extensions (`zeebe:`)\n"
    yield "能用 understood: " + ", ".join(f"`{name}`" for name in sorted(zeebe.KNOWN)) + ".\n"
    yield _row("拒绝 refused", "改法", "instead")
    yield _row("---", "---", "---")
    for name, (zh, en) in sorted(zeebe.REFUSED.items()):
        yield _row(f"`{name}`", zh, en)
    yield OTHERS


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


# ---- diagrams around one element


def _definitions(kind: str, value: str, throws: bool = False) -> str:
    if kind in ("multiple", "all"):
        return event("message") + (event("signal") if throws else event("duration", "PT1H"))
    return event(kind, value)


def _event(tag: str, id: str, kind: str, value: str, **attrs: str) -> str:
    more = {"parallelMultiple": "true"} if kind == "all" else {}
    throws = tag in ("intermediateThrowEvent", "endEvent")
    return element(tag, id, _definitions(kind, value, throws), **attrs, **more)


def _in_process(first: str) -> bytes:
    return diagram("s -> e", first)


def _event_subprocess(kind: str, value: str, cut: bool) -> bytes:
    attrs = {} if cut else {"isInterrupting": "false"}
    inner = sub("h", "sh -> eh", _event("startEvent", "sh", kind, value, **attrs), end("eh"), triggeredByEvent="true")
    if kind == "cancel":
        return diagram("s -> n -> e", sub("n", "si -> ti", start("si"), inner, tag="transaction"))
    return diagram("s -> u1 -> e", inner)


def _intermediate(tag: str, kind: str, value: str) -> bytes:
    if kind == "link":
        return diagram("s -> n; m -> e", throw("n", "link", value), catch("m", "link", value=value))
    return diagram("s -> n -> e", _event(tag, "n", kind, value))


def _boundary(kind: str, value: str, cut: bool) -> bytes:
    if kind == "compensate":
        on_it = undo("b", "n", "c") + element("task", "c", isForCompensation="true")
        return diagram(
            "s -> n -> e", element("task", "n"), on_it if cut else boundary("b", "n", "compensate", cut=False)
        )
    host = sub("n", "si -> ti -> ei", start("si"), end("ei"), tag="transaction" if kind == "cancel" else "subProcess")
    on_it = _event("boundaryEvent", "b", kind, value, attachedToRef="n", cancelActivity=str(cut).lower())
    return diagram("s -> n -> e; b -> e2", host, on_it)


def _ending(kind: str, value: str) -> bytes:
    if kind == "cancel":
        return diagram("s -> n -> e", sub("n", "si -> ei", start("si"), end("ei", "cancel"), tag="transaction"))
    return diagram("s -> n", _event("endEvent", "n", kind, value))


def _around(name: str, node: str) -> bytes:
    """A whole diagram with the element in it."""
    if "triggeredByEvent" in name:
        return diagram("s -> t -> e", event_sub("n", "message", "sn -> en", end("en")))
    if "eventBasedGateway" in name:
        return diagram(
            "s -> En -> m; En -> w; m -> e; w -> e", catch("m", "message"), catch("w", "duration", value="PT1H")
        )
    if "receiveTask instantiate" in name:
        return diagram("n -> e", element("receiveTask", "n", messageRef="msg", instantiate="true"))
    if "eventBasedGateway instantiate" in name:
        gateway = element("eventBasedGateway", "E", instantiate="true")
        return diagram("E -> m -> e; E -> g -> e", gateway, catch("m", "message"), catch("g", "signal"))
    if "globalUserTask" in name:
        return diagram("s -> e", top=node)
    top = '<signalEventDefinition id="raised" signalRef="sig"/>' if "behavior" in name else ""
    return diagram("s -> n -> e", node, top=top)


# ---- errors


def errors() -> str:
    """The page of errors."""
    lines = [NOTE, "# 错误 Errors\n"]
    lines.append(
        "一句话说明被拒绝的原因，不改动任何数据。`代码` 用于场景的 `refused` 和查找；括号里的词换成当时的内容。\n"
        "A refusal says why in one sentence and changes nothing. The code stands in a scenario's `refused`; words in\n"
        "braces are filled in. HTTP is what the web face answers.\n"
    )
    lines += [_row("代码 code", "HTTP", "中文", "English"), _row("---", "---", "---", "---")]
    for kind in sorted(kinds(), key=lambda one: one.__name__):
        english = " ".join((kind.__doc__ or "").split())
        lines.append(_row(f"`{kind.__name__}`", str(kind.status), kind.zh, english))
    return "\n".join(lines) + "\n"


def kinds() -> set[type[LinliError]]:
    """Every error class of the engine."""
    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        if "migrations" not in module.name:
            importlib.import_module(module.name)
    found, waiting = set(), [LinliError]
    while waiting:
        kind = waiting.pop()
        if kind.__module__.startswith("engine.") and kind is not LinliError:
            found.add(kind)
        waiting += kind.__subclasses__()
    return found


PAGES = {ELEMENTS: elements, ERRORS: errors, table.PAGE: table.page, operations.PAGE: operations.page}
PAGES[deadlines.PAGE] = deadlines.page
PAGES[notation.PAGE] = notation.page


def main() -> None:
    """Write the pages."""
    for path, page in PAGES.items():
        path.write_text(page(), "utf-8")
    pictures = notation.pictures()
    for old in set(notation.PICTURES.glob("*.svg")) - set(pictures):
        old.unlink()
    notation.PICTURES.mkdir(exist_ok=True)
    for path, picture in pictures.items():
        path.write_text(picture, "utf-8")


if __name__ == "__main__":
    main()
