"""Activities: each says what it needs to be done, and its numbers make sense.

Owns tasks, repetitions, quantities, deadlines and reminders. Expressions are checked by `expressions`.
"""

from __future__ import annotations

import re

from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.model import TAGGED
from engine.bpmn.settings import Settings
from engine.bpmn.xml import Element, child, definitions, local, ref, tag, text
from engine.calendars import iso
from engine.dmn.shapes import SHAPES

_VARIABLE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_LIKE = "dueDate: P2D; remind: -P1D, PT0S, R/PT4H; escalate: P1D role@up"
_BINDINGS = ("deployment", "latest")


def check(document: Document) -> None:
    """Everything of this module."""
    for node in document.nodes:
        settings = document.settings(node)
        _NEEDS.get(local(node), _nothing)(document, node, settings)
        _quantities(document, node)
        _repetition(document, node, settings)
        _mappings(document, node, settings)
        if local(node) == "userTask":
            _deadlines(document, node, settings)


def _nothing(document: Document, node: Element, settings: Settings) -> None:
    pass


def _lacks(document: Document, node: Element, code: str, zh: str, en: str) -> None:
    document.error(node, code, f"“{name_of(node)}”{zh}", f"“{name_of(node)}” {en}")


def _script(document: Document, node: Element, settings: Settings) -> None:
    if not (settings.script or settings.python or settings.service):
        _lacks(
            document,
            node,
            "no-script",
            "没有脚本。请填写 FEEL 表达式或 Python 脚本。",
            "has no script. Write FEEL or Python.",
        )
    if settings.script and not settings.result:
        _lacks(
            document, node, "no-result", "的 FEEL 脚本缺少结果变量。", "lacks the result variable of its FEEL script."
        )
    language = (node.get("scriptFormat") or "python").lower()
    if settings.python and language not in ("python", "text/python", "application/python", "text/x-python"):
        _lacks(
            document,
            node,
            "script-language",
            f"的脚本语言“{language}”不受支持，请改用 Python 或 FEEL。",
            f"has a script in “{language}”; only Python and FEEL run here.",
        )


def _service(document: Document, node: Element, settings: Settings) -> None:
    if not settings.service:
        _lacks(
            document,
            node,
            "no-service",
            "没有服务类型。请在“任务定义”中填写。",
            "has no service type; set its task definition.",
        )


def _decision(document: Document, node: Element, settings: Settings) -> None:
    if settings.service:
        return
    if not settings.decision:
        _lacks(document, node, "no-decision", "没有指定决策（calledDecision）。", "names no decision (calledDecision).")
    shape = settings.properties.get("answer", "")
    if shape and shape not in SHAPES:
        words = " / ".join(SHAPES)
        _lacks(document, node, "choice", f"的 answer 应为 {words}，而不是“{shape}”。", f"needs answer to be {words}.")
    if settings.decision and not (settings.result or settings.outputs or shape == "context"):
        _lacks(document, node, "no-result", "缺少决策的结果变量。", "lacks the result variable of its decision.")


def _call(document: Document, node: Element, settings: Settings) -> None:
    if not settings.called:
        _lacks(document, node, "no-process", "没有指定被调用的流程。", "names no process to call.")


def _ad_hoc(document: Document, node: Element, settings: Settings) -> None:
    for inner in node:
        if local(inner) in ("startEvent", "endEvent"):
            _lacks(document, inner, "ad-hoc", "不能放在自由子流程里。", "cannot stand in an ad-hoc subprocess.")


_NEEDS = {
    "scriptTask": _script,
    "serviceTask": _service,
    "businessRuleTask": _decision,
    "callActivity": _call,
    "adHocSubProcess": _ad_hoc,
}


def _quantities(document: Document, node: Element) -> None:
    for name in ("startQuantity", "completionQuantity"):
        written = node.get(name, "1")
        if not written.isdigit() or not 1 <= int(written) <= 1000:
            _lacks(
                document,
                node,
                "quantity",
                f"的 {name} 应是 1 到 1000 的整数。",
                f"needs a whole {name} from 1 to 1000.",
            )


def _repetition(document: Document, node: Element, settings: Settings) -> None:
    loop = child(node, "standardLoopCharacteristics")
    if loop is not None and settings.loop is not None:
        most = loop.get("loopMaximum")
        if most is not None and (not most.isdigit() or int(most) < 1):
            _lacks(document, node, "loop-maximum", "的循环次数上限应是正整数。", "needs a positive loop maximum.")
        if most is None and not settings.loop.condition:
            _lacks(
                document,
                node,
                "loop-endless",
                "的循环没有条件也没有次数上限。",
                "loops without a condition or a maximum.",
            )
    many = child(node, "multiInstanceLoopCharacteristics")
    rule = settings.repetition
    if many is None or rule is None:
        return
    signers = bool(settings.properties.get("signers"))
    if [bool(rule.collection), bool(rule.cardinality), signers].count(True) != 1:
        _lacks(
            document,
            node,
            "repetition",
            "的多实例要么给出集合，要么给出次数（二选一），要么给出签署人（signers）。",
            "needs either a collection or a number of instances, or signers: one of them.",
        )
    if rule.cardinality.lstrip("=").strip().lstrip("-").isdigit() and int(rule.cardinality.lstrip("= ")) < 1:
        _lacks(document, node, "repetition", "的实例数应至少为 1。", "needs at least one instance.")
    if bool(rule.output_collection) != bool(rule.output_element):
        _lacks(
            document,
            node,
            "repetition",
            "的输出集合和输出元素要一起填写。",
            "needs output collection and output element together.",
        )
    _behavior(document, node, many, rule.behavior)


_THROWN = ("messageEventDefinition", "signalEventDefinition", "escalationEventDefinition")


def _behavior(document: Document, node: Element, many: Element, behavior: str) -> None:
    """Which event each instance throws: said for the behaviour that there is, and one that can be thrown here."""
    if behavior not in ("All", "None", "One", "Complex"):
        _lacks(
            document,
            node,
            "repetition-events",
            f"的多实例 behavior“{behavior}”不认识，可用 All、None、One、Complex。",
            f"has an unknown behavior “{behavior}”: All, None, One or Complex.",
        )
    thrown: list[Element | None] = []
    if behavior in ("None", "One"):
        thrown = [document.by_id.get(ref(many.get(f"{behavior.lower()}BehaviorEventRef")))]
    elif behavior == "Complex":
        rules = many.findall(tag("complexBehaviorDefinition"))
        inside = [definitions(box) if (box := child(rule, "event")) is not None else [] for rule in rules]
        thrown = [found for one in inside for found in one or [None]] or [None]
        if not all(text(rule, "condition") for rule in rules):
            thrown.append(None)
    if any(one is None or local(one) not in _THROWN for one in thrown):
        _lacks(
            document,
            node,
            "repetition-events",
            f"的多实例（behavior={behavior}）要指定抛出的消息、信号或升级事件；Complex 的每一条还要有条件。",
            f"repeats with behavior {behavior}: name the message, signal or escalation to throw, for Complex each with "
            "its condition.",
        )


def _mappings(document: Document, node: Element, settings: Settings) -> None:
    for line in (*settings.inputs, *settings.outputs):
        if not _VARIABLE.fullmatch(line.target):
            _lacks(
                document,
                node,
                "mapping-target",
                f"的映射目标“{line.target}”不是变量名。",
                f"has a mapping target “{line.target}” that is no variable name.",
            )
    for name in (settings.result,):
        if name and not _VARIABLE.fullmatch(name):
            _lacks(
                document,
                node,
                "mapping-target",
                f"的结果变量“{name}”不是变量名。",
                f"has a result variable “{name}” that is none.",
            )
    for binding in (settings.form_binding, settings.decision_binding, settings.called_binding):
        if binding == TAGGED:
            _lacks(
                document, node, "binding", "绑定版本标签，但没有写标签。", "is bound to a version tag and names none."
            )
        elif binding not in _BINDINGS and not binding.startswith(TAGGED):
            _lacks(
                document, node, "binding", f"的绑定方式“{binding}”不认识。", f"has an unknown binding type “{binding}”."
            )


def _deadlines(document: Document, node: Element, settings: Settings) -> None:
    if child(node, "extensionElements") is not None and text(node, "rendering"):
        return
    if settings.due_date and not settings.due_date.startswith("=") and not _readable(settings.due_date):
        _bad_time(document, node, "dueDate", settings.due_date)
    for name in ("remind", "escalate"):
        for step in (part.strip() for part in settings.properties.get(name, "").split(",")):
            when, _, rule = step.partition(" ")
            if step and (not _period(when.removeprefix("R/")) or (name == "escalate") != bool(rule.strip())):
                _bad_time(document, node, name, step)
        if settings.properties.get(name) and not settings.due_date:
            document.warn(
                node,
                "no-due-date",
                f"“{name_of(node)}”设置了 {name}，但没有到期时间，不会起作用。",
                f"“{name_of(node)}” sets {name} but has no due date, so it has no effect.",
            )


def _bad_time(document: Document, node: Element, what: str, written: str) -> None:
    _lacks(
        document,
        node,
        "bad-timer",
        f"的 {what}“{written[:60]}”无法识别。{_LIKE}",
        f"has a {what} “{written[:60]}” that cannot be read. {_LIKE}",
    )


def _readable(written: str) -> bool:
    if _period(written):
        return True
    try:
        iso.instant(written)
    except ValueError:
        return False
    return True


def _period(written: str) -> bool:
    try:
        iso.period(written)
    except ValueError:
        return False
    return True
