"""SpiffWorkflow and SpiffArena to the native dialect.

Owns the list of their settings: instructions, scripts before and after a task, forms by JSON schema, service operators,
decisions, Python conditions. Scripts stay Python. Evaluates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.bpmn.dialects import detour, from_python, in_feel, java
from engine.bpmn.dialects.draft import Draft, called
from engine.bpmn.dialects.family import text_of
from engine.bpmn.xml import Element, child, local, ref, tag, text

TOOLS = dict.fromkeys(
    ("http://spiffworkflow.org/bpmn/schema/1.0/core", "http://spiffworkflow.org/bpmn/schema/1.0"), "SpiffWorkflow"
)
_HOLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_QUOTED = re.compile(r"""(["'])(P[^"']*|R[^"']*|\d{4}-[^"']*)\1""")
_HTTP = {"http/GetRequest": "GET", "http/GetRequestV2": "GET", "http/PostRequest": "POST", "http/PostRequestV2": "POST"}
_IDLE = {
    **dict.fromkeys(("unitTests",), ("测试请写成 scenarios", "write tests as scenarios")),
    **dict.fromkeys(
        ("taskMetadataValues", "processVariableSpecification", "category", "isMarkdown", "typeaheads"),
        ("只供原工具使用", "only the other tool needs it"),
    ),
    **dict.fromkeys(
        ("signalButtonLabel", "guestConfirmation", "allowGuest"),
        ("公众办理请设置 public", "for residents set the property public"),
    ),
}
_INITIATOR = "Process Initiator"


def translate(draft: Draft) -> None:
    """Rewrite the draft's tree."""
    lanes = {text(one): one.getparent() for one in draft.root.iter(tag("flowNodeRef"))}
    for process in draft.processes:
        _idle(draft, process)
    for node in draft.nodes():
        _node(draft, node, lanes)
    for one in draft.root:
        if local(one) in ("message", "signal", "error", "escalation"):
            _idle(draft, one)
            _payload(draft, one)
    _expressions(draft)


def _node(draft: Draft, node: Element, lanes: dict[str, Element]) -> None:
    kind = local(node)
    _instructions(draft, node)
    if kind in ("userTask", "manualTask"):
        _form(draft, node)
        _lane(draft, node, lanes)
    elif kind == "serviceTask":
        _operator(draft, node)
    elif kind == "businessRuleTask":
        _decision(draft, node)
    elif kind == "callActivity":
        draft.zeebe(node, "calledElement", propagateAllChildVariables="true")
    _script_around(draft, node)
    _idle(draft, node)


def _idle(draft: Draft, node: Element) -> None:
    for name, (zh, en) in _IDLE.items():
        if draft.boxes(node, name):
            draft.info(
                node,
                "not-needed",
                f"“{called(node)}”的 {name} 不使用：{zh}。",
                f"{name} of “{called(node)}” is not used: {en}.",
            )


# ---- what a person sees


def _instructions(draft: Draft, node: Element) -> None:
    """Markdown with `{{ expressions }}`: the task's summary."""
    for one in draft.boxes(node, "instructionsForEndUser"):
        written = text_of(one)
        if not written:
            continue
        if "{%" in written:
            draft.warn(
                node,
                "not-translated",
                f"“{called(node)}”的说明含有模板语句（{{% %}}），按原文显示。",
                f"The instructions of “{called(node)}” have template statements ({{% %}}): they are shown as written.",
            )
        draft.property(node, "summary", _sentence(draft, node, written))
        draft.done(node, "instructionsForEndUser → summary")


def _sentence(draft: Draft, node: Element, written: str) -> str:
    parts, at = [], 0
    for hole in _HOLE.finditer(written):
        if hole.start() > at:
            parts.append(in_feel.literal(written[at : hole.start()]))
        value = draft.attempt(node, "instructionsForEndUser", hole[1].strip(), from_python.expression)
        parts.append(f"string({value[1:] or 'null'})")
        at = hole.end()
    if at < len(written):
        parts.append(in_feel.literal(written[at:]))
    return "=" + " + ".join(parts)


def _form(draft: Draft, node: Element) -> None:
    """A JSON schema by file name: the form made of that file has its name as id."""
    for box in draft.boxes(node, "properties"):
        given = {one.get("name") or "": one.get("value") or "" for one in box}
        schema = given.pop("formJsonSchemaFilename", "")
        given.pop("formUiSchemaFilename", "")
        if schema:
            draft.zeebe(node, "formDefinition", formId=form_id(schema))
            draft.done(node, f"formJsonSchemaFilename {schema} → {form_id(schema)}")
        for name, value in given.items():
            draft.warn(
                node,
                "not-used",
                f"“{called(node)}”的设置 {name}（{value[:60]}）不起作用。",
                f"The setting {name} ({value[:60]}) of “{called(node)}” has no effect.",
            )


def form_id(file: str) -> str:
    """The id of the form that a JSON schema file becomes."""
    return file.rpartition("/")[2].removesuffix(".json")


def _lane(draft: Draft, node: Element, lanes: dict[str, Element]) -> None:
    """Its lane says who does it, unless the task does."""
    lane = lanes.get(node.get("id") or "")
    box = child(node, "extensionElements")
    if lane is None or not lane.get("name") or (box is not None and box.find("{*}assignmentDefinition") is not None):
        return
    name = (lane.get("name") or "").strip()
    draft.zeebe(node, "assignmentDefinition", candidateGroups="initiator" if name == _INITIATOR else name)
    draft.done(node, f"lane {name} → candidateGroups")


# ---- services, decisions, scripts


def _operator(draft: Draft, node: Element) -> None:
    for one in draft.boxes(node, "serviceTaskOperator"):
        name, result = one.get("id") or "", one.get("resultVariable") or ""
        method = _HTTP.get(name)
        for box in draft.children(one, "parameters"):
            for line in draft.children(box, "parameter"):
                _parameter(draft, node, line)
        if method:
            draft.zeebe(node, "taskDefinition", type="http")
            draft.map(node, "input", f'="{method}"', "method")
        else:
            java.bound(draft, node, name.replace("/", "."), f"serviceTaskOperator {name}")
        if result:
            draft.map(node, "output", "=body" if method else "=result", result)
        draft.done(node, f"serviceTaskOperator {name}")


def _parameter(draft: Draft, node: Element, line: Element) -> None:
    name, written = line.get("id") or "", line.get("value") or ""
    if not written:
        return
    value = draft.attempt(node, f"parameter {name}", written, from_python.expression)
    draft.map(node, "input", value or "=null", {"data": "body"}.get(name, name))


def _decision(draft: Draft, node: Element) -> None:
    """Every output becomes a variable."""
    for one in draft.boxes(node, "calledDecisionId"):
        draft.zeebe(node, "calledDecision", decisionId=text_of(one))
        draft.property(node, "answer", "context")
        draft.done(node, f"calledDecisionId {text_of(one)}")


def _script_around(draft: Draft, node: Element) -> None:
    """preScript and postScript: script tasks before and behind."""
    for name, place in (("preScript", detour.before), ("postScript", detour.behind)):
        for one in draft.boxes(node, name):
            if not text_of(one):
                continue
            if detour.repeated(node) or local(node) == "boundaryEvent":
                draft.error(
                    node,
                    "not-translated",
                    f"“{called(node)}”重复执行，它的 {name} 无法翻译。请画成子流程里的脚本任务。",
                    f"“{called(node)}” is repeated: its {name} cannot be translated. Draw a script in a subprocess.",
                )
                continue
            _place_script(draft, node, name, place, (one.text or "").strip("\n").rstrip())


def _place_script(
    draft: Draft, node: Element, name: str, place: Callable[[Element, str, str], Element], code: str
) -> None:
    task = place(node, "scriptTask", name)
    body = task.makeelement(tag("script"))
    body.text = code
    task.append(body)
    draft.done(node, f"{name} → scriptTask")


def _payload(draft: Draft, node: Element) -> None:
    """What a message carries, and the variable that a receiver puts it into."""
    payload = [text_of(one) for one in draft.boxes(node, "messagePayload")]
    variable = [text_of(one) for one in draft.boxes(node, "messageVariable")]
    name = "messageRef" if local(node) == "message" else "signalRef"
    users = [one for one in draft.nodes() if node.get("id") in _refs(one, name)]
    for user in users:
        throws = local(user) in ("intermediateThrowEvent", "endEvent", "sendTask")
        if payload and payload[0] and throws:
            value = draft.attempt(user, "messagePayload", payload[0], from_python.expression)
            draft.property(user, "payload", value or "=null")
        if variable and variable[0] and not throws:
            draft.map(user, "output", "=payload", variable[0])
    if payload or variable:
        draft.done(node, "messagePayload", "messageVariable")


def _refs(node: Element, name: str) -> set[str]:
    return {ref(one.get(name)) for one in (node, *node) if one.get(name)}


# ---- expressions


def _expressions(draft: Draft) -> None:
    for node in list(draft.root.iter(tag("conditionExpression"), tag("condition"), tag("completionCondition"))):
        _python(draft, node, local(node))
    for node in list(draft.root.iter(tag("loopCondition"), tag("loopCardinality"))):
        _python(draft, node, local(node))
    for name in ("timeDate", "timeDuration", "timeCycle"):
        for node in list(draft.root.iter(tag(name))):
            quoted = _QUOTED.fullmatch(text(node))
            if quoted:
                node.text = quoted[2]
                draft.done(node, f"{name} {quoted[2]}")
            elif not re.match(r"[PR=]|\d{4}-", text(node)):
                _python(draft, node, name)


def _python(draft: Draft, node: Element, what: str) -> None:
    written = text(node)
    if written and not written.startswith("=") and not written.isdigit():
        node.text = draft.attempt(node.getparent(), what, written, from_python.expression) or "=null"
