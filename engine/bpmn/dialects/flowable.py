"""Flowable and Activiti to the native dialect.

Owns the list of their settings: form properties, task types (mail, http, dmn), skip expressions. What is shared with
Camunda 7 is in `family` and `java`. Evaluates nothing.
"""

from __future__ import annotations

from engine.bpmn.dialects import camunda, detour, family, fields, java
from engine.bpmn.dialects.draft import Draft, called
from engine.bpmn.xml import Element, local

TOOLS = {
    "http://flowable.org/bpmn": "Flowable",
    "http://activiti.org/bpmn": "Activiti",
    "http://activiti.org/bpmn2": "Activiti",
}
_DESIGN = ("http://flowable.org/design", "http://flowable.org/modeler", "http://activiti.com/modeler")
_RENAMED = {
    "http": {"requestUrl": "url", "requestMethod": "method", "requestBody": "body"},
    "mail": {"text": "body", "html": "body"},
}
_TASK = ("taskIdVariableName", "taskCompleterVariableName", "formFieldValidation", "validateFormFields")
_SERVICE = ("useLocalScopeForResultVariable", "storeResultVariableAsTransient", "triggerable")


def translate(draft: Draft) -> None:
    """Rewrite the draft's tree."""
    for process in draft.processes:
        family.starters(draft, process)
        _common(draft, process)
        family.executor(draft, process)
    for node in draft.nodes():
        _common(draft, node)
        _node(draft, node)
        family.executor(draft, node)
    family.expressions(draft)
    for node in draft.nodes():
        _skip(draft, node)
    _without_design(draft)


def _without_design(draft: Draft) -> None:
    """What only the drawing tool keeps beside an element."""
    names = {f"{{{space}}}" for space in _DESIGN}
    for process in draft.processes:
        found = [n for n in process.iter() if isinstance(n.tag, str) and n.tag.partition("}")[0] + "}" in names]
        for one in found:
            one.getparent().remove(one)
        if found:
            draft.info(
                process,
                "not-needed",
                f"{len(found)} 项只供绘图工具使用的设置没有用到。",
                f"{len(found)} settings that only the drawing tool needs are not used.",
            )


def _common(draft: Draft, node: Element) -> None:
    family.repetition(draft, node)
    family.listeners(draft, node)
    family.errors(draft, node)
    java.parameters(draft, node)
    _without_effect(draft, node)


def _without_effect(draft: Draft, node: Element) -> None:
    names = [name for name in (*_TASK, *_SERVICE) if draft.attr(node, name)]
    if names:
        listed = ", ".join(names)
        draft.info(
            node,
            "not-used",
            f"“{called(node)}”的 {'、'.join(names)} 在这里没有作用。",
            f"{listed} of “{called(node)}” has no effect here.",
        )


def _node(draft: Draft, node: Element) -> None:
    kind = local(node)
    if kind in ("userTask", "startEvent"):
        _form(draft, node)
    if kind == "userTask":
        family.people(draft, node)
    elif kind == "startEvent":
        family.initiator(draft, node)
    elif kind == "scriptTask":
        java.script(draft, node)
    elif kind == "callActivity":
        family.call(draft, node)
    elif kind == "businessRuleTask":
        _rules(draft, node)
    elif kind.endswith("Event"):
        java.sends(draft, node)
    elif kind in ("serviceTask", "sendTask"):
        _service(draft, node)


# ---- forms


def _form(draft: Draft, node: Element) -> None:
    items = [_field(draft, node, one) for one in draft.boxes(node, "formProperty")]
    key = draft.attr(node, "formKey")
    if items:
        camunda.generated(draft, node, items)
    elif key:
        camunda.form_key(draft, node, key)


def _field(draft: Draft, node: Element, one: Element) -> fields.Item:
    key = one.get("variable") or one.get("id") or ""
    item = fields.Item(key, one.get("name") or one.get("id") or "", one.get("type") or "string")
    item.default = one.get("default") or one.get("expression") or ""
    item.options = [(v.get("id") or "", v.get("name") or "") for v in draft.children(one, "value")]
    if one.get("required") == "true":
        item.rules["required"] = "true"
    if one.get("writable", "true") == "false":
        item.rules["readonly"] = "true"
    pattern = one.get("datePattern") or ""
    if pattern and any(sign in pattern for sign in "Hhm"):
        draft.info(
            node,
            "field-type",
            f"“{called(node)}”的字段“{item.key}”的日期格式“{pattern}”不采用，按日期填写。",
            f"The date pattern “{pattern}” of field “{item.key}” of “{called(node)}” is not used: it is a date.",
        )
    return item


# ---- services


def _service(draft: Draft, node: Element) -> None:
    """mail, http and dmn have services here; everything else is Java's."""
    kind = draft.peek(node, "type")
    if kind == "dmn":
        _dmn(draft, node)
    elif kind in ("http", "mail"):
        draft.attr(node, "type")
        _built_in(draft, node, kind)
    else:
        java.service(draft, node)


def _built_in(draft: Draft, node: Element, kind: str) -> None:
    names = _RENAMED[kind]
    result = "responseVariableName"
    for one in draft.boxes(node, "field"):
        name, written = one.get("name") or "", _said(draft, one)
        if name == result:
            draft.map(node, "output", "=body", written)
        elif name in names or name in ("to", "subject", "url", "method", "body"):
            java.value(draft, node, "input", names.get(name, name), written)
        else:
            draft.warn(
                node,
                "not-translated",
                f"“{called(node)}”的 {kind} 设置 {name}（{written[:60]}）没有翻译。",
                f"The {kind} setting {name} ({written[:60]}) of “{called(node)}” is left out.",
            )
    draft.attr(node, "resultVariable", "resultVariableName")
    service = "email" if kind == "mail" else "http"
    draft.zeebe(node, "taskDefinition", type=service, retries=family.attempts(draft, node))
    draft.done(node, f"type {kind} → {service}")


def _said(draft: Draft, one: Element) -> str:
    inner = next((family.text_of(part) for part in one if draft.own(part) in ("string", "expression")), "")
    return one.get("stringValue") or one.get("expression") or inner


def _dmn(draft: Draft, node: Element) -> None:
    """A decision task: each output becomes a variable."""
    draft.attr(node, "type")
    settings = {one.get("name") or "": _said(draft, one) for one in draft.boxes(node, "field")}
    draft.turn(node, "businessRuleTask")
    draft.zeebe(node, "calledDecision", decisionId=settings.get("decisionTableReferenceKey", ""))
    draft.property(node, "answer", "context")
    draft.done(node, f"decisionTableReferenceKey {settings.get('decisionTableReferenceKey', '')}")


def _rules(draft: Draft, node: Element) -> None:
    """Drools rules: a job type; `decisionRef` as in Camunda."""
    rules = draft.attr(node, "rules")
    names = [value for name in ("ruleVariablesInput", "inputVariables", "exclude") if (value := draft.attr(node, name))]
    result = draft.attr(node, "resultVariable", "resultVariableName", "resultVariables")
    java.bound(draft, node, rules or node.get("id") or "", f"rules {rules} {' '.join(names)}".strip())
    if result:
        draft.map(node, "output", "=result", result)


def _skip(draft: Draft, node: Element) -> None:
    """A task that is passed by when an expression holds: a gateway before it says so."""
    written = draft.attr(node, "skipExpression")
    if not written:
        return
    condition = draft.attempt(node, "skipExpression", written, family.juel)
    if condition:
        detour.around(node, condition)
