"""Camunda 7 and Operaton to the native dialect.

Owns the list of their settings: forms, people, services, decisions, connectors, mappings. What is shared with Flowable
is in `family` and `java`. Evaluates nothing.
"""

from __future__ import annotations

import re

from engine.bpmn.dialects import family, fields, java
from engine.bpmn.dialects.draft import Draft, called
from engine.bpmn.xml import Element, child, is_event_subprocess, local

TOOLS = {"http://camunda.org/schema/1.0/bpmn": "Camunda 7", "http://operaton.org/schema/1.0/bpmn": "Operaton"}
_ANSWERS = {"singleEntry": "entry", "singleResult": "context", "collectEntries": "entries", "resultList": "list"}
_FILE = re.compile(r"(?:camunda-forms|operaton-forms):(?:deployment|app|/)*:?/*(?P<path>.+?)(?:\.form)?")
_OUTSIDE = re.compile(r"embedded:|\.html?$|\.jsp$|\.xhtml$|^https?:|^app:")


def translate(draft: Draft) -> None:
    """Rewrite the draft's tree."""
    for process in draft.processes:
        family.starters(draft, process)
        family.executor(draft, process)
        _common(draft, process)
    for node in draft.nodes():
        _common(draft, node)
        _node(draft, node)
    for one in draft.root:
        if local(one) == "error" and draft.attr(one, "errorMessage"):
            draft.done(one, "errorMessage")
        if local(one) == "message":
            family.executor(draft, one)
    family.expressions(draft)


def _common(draft: Draft, node: Element) -> None:
    family.repetition(draft, node)
    family.listeners(draft, node)
    family.free_properties(draft, node)
    family.errors(draft, node)
    java.parameters(draft, node)


def _node(draft: Draft, node: Element) -> None:
    kind = local(node)
    if kind in ("userTask", "startEvent"):
        _form(draft, node)
    if kind == "userTask":
        family.people(draft, node)
    elif kind == "startEvent":
        family.initiator(draft, node)
    elif kind == "businessRuleTask":
        _decision(draft, node)
    elif kind == "scriptTask":
        java.script(draft, node)
    elif kind == "callActivity":
        family.call(draft, node)
    elif kind.endswith("Event"):
        java.sends(draft, node)
        _signal(draft, node)
    if kind in ("serviceTask", "sendTask") and not _connector(draft, node):
        java.service(draft, node)
    if kind in ("subProcess", "transaction") and is_event_subprocess(node):
        draft.attr(node, "async")
    family.executor(draft, node)


# ---- forms


def _form(draft: Draft, node: Element) -> None:
    boxes = draft.boxes(node, "formData")
    key, ref = draft.attr(node, "formKey"), draft.attr(node, "formRef")
    binding, version = draft.attr(node, "formRefBinding"), draft.attr(node, "formRefVersion")
    draft.attr(node, "formHandlerClass")
    if boxes:
        _form_data(draft, node, boxes[0])
        return
    if ref:
        formula = draft.attempt(node, "formRef", ref, family.juel) if "{" in ref else ref
        draft.zeebe(node, "formDefinition", formId=formula, bindingType="latest" if binding == "latest" else "")
        draft.done(node, f"formRef {ref}")
    elif key:
        form_key(draft, node, key)
    if version:
        draft.warn(
            node,
            "version-not-kept",
            f"“{called(node)}”要求表单的固定版本 {version}：这里用随流程一起发布的版本。",
            f"“{called(node)}” asks for version {version} of its form: the one deployed with the process is used.",
        )


def form_key(draft: Draft, node: Element, key: str) -> None:
    """A form key: a form file by its id, or a page of another application, which cannot be shown here."""
    file = _FILE.fullmatch(key)
    if file is not None:
        key = file["path"].rpartition("/")[2]
    elif _OUTSIDE.search(key):
        draft.warn(
            node,
            "form-elsewhere",
            f"“{called(node)}”的表单是另一个程序的页面（{key[:80]}），这里没有它：任务将没有表单，请另做一个 .form。",
            f"The form of “{called(node)}” is a page of another program ({key[:80]}): the task has no form here; "
            "make a .form for it.",
        )
        return
    value = draft.attempt(node, "formKey", key, family.juel) if "{" in key else key
    draft.zeebe(node, "formDefinition", formId=value)
    draft.done(node, f"formKey {key}")


def _form_data(draft: Draft, node: Element, box: Element) -> None:
    if box.get("businessKey"):
        draft.info(
            node,
            "no-business-key",
            f"“{called(node)}”把字段“{box.get('businessKey')}”作为业务键：请在流程上设置 public_key。",
            f"“{called(node)}” makes the field “{box.get('businessKey')}” the business key: set public_key instead.",
        )
    generated(draft, node, [_field(draft, node, one) for one in draft.children(box, "formField")])


def generated(draft: Draft, node: Element, items: list[fields.Item]) -> None:
    """Make a form of these fields and name it; with an output mapping its answers have to be carried out too."""
    process = next((up.get("id") for up in node.iterancestors() if local(up) == "process"), "")
    name = f"{process}.{node.get('id')}"
    usable = [item for item in items if _usable(draft, node, item)]
    draft.forms[name] = fields.form(name, node.get("name") or "", usable)
    draft.zeebe(node, "formDefinition", formId=name)
    box = child(node, "extensionElements")
    lines = [] if box is None else list(box.iter("{*}output"))
    if box is not None and lines:
        inside = {line.get("target") for line in box.iter("{*}input")} | {line.get("target") for line in lines}
        for item in usable:
            if item.key not in inside:
                draft.map(node, "output", f"={item.key}", item.key)
    draft.done(node, f"{len(items)} × formField → {name}")


def _usable(draft: Draft, node: Element, item: fields.Item) -> bool:
    if not fields.KEY.fullmatch(item.key):
        draft.error(
            node,
            "not-translated",
            f"“{called(node)}”的表单字段“{item.key}”不能用作变量名。",
            f"The form field “{item.key}” of “{called(node)}” is no variable name.",
        )
        return False
    if not fields.known(item.kind):
        draft.warn(
            node,
            "field-type",
            f"“{called(node)}”的字段“{item.key}”类型“{item.kind}”没有对应控件，改为文本。",
            f"The field “{item.key}” of “{called(node)}” has the type “{item.kind}”: it is a text field.",
        )
        item.kind = "string"
    if "{" in item.default:
        draft.warn(
            node,
            "field-default",
            f"“{called(node)}”的字段“{item.key}”默认值是表达式（{item.default[:60]}），没有翻译。",
            f"The default of field “{item.key}” of “{called(node)}” is an expression ({item.default[:60]}): left out.",
        )
        item.default = ""
    return True


def _field(draft: Draft, node: Element, one: Element) -> fields.Item:
    item = fields.Item(one.get("id") or "", one.get("label") or "", one.get("type") or "string")
    item.default = one.get("defaultValue") or ""
    item.options = [(v.get("id") or "", v.get("name") or "") for v in draft.children(one, "value")]
    for box in draft.children(one, "validation"):
        for rule in draft.children(box, "constraint"):
            name, config = rule.get("name") or "", rule.get("config") or "true"
            if name in ("required", "readonly", "min", "max", "minlength", "maxlength"):
                item.rules[name] = config
            else:
                draft.warn(
                    node,
                    "field-rule",
                    f"“{called(node)}”的字段“{item.key}”的校验“{name}：{config[:60]}”没有翻译。",
                    f"The rule “{name}: {config[:60]}” of field “{item.key}” of “{called(node)}” is left out.",
                )
    return item


# ---- decisions, connectors, signals


def _decision(draft: Draft, node: Element) -> None:
    key, result = draft.attr(node, "decisionRef"), draft.attr(node, "resultVariable")
    binding, shape = draft.attr(node, "decisionRefBinding"), draft.attr(node, "mapDecisionResult")
    version = draft.attr(node, "decisionRefVersion", "decisionRefVersionTag")
    draft.attr(node, "decisionRefTenantId")
    if not key:
        draft_result(node, draft, result)
        java.service(draft, node)
        return
    value = draft.attempt(node, "decisionRef", key, family.juel)
    draft.zeebe(node, "calledDecision", decisionId=value, resultVariable=result or "decisionResult")
    draft.zeebe(node, "calledDecision", bindingType="latest" if binding == "latest" else "")
    draft.property(node, "answer", _ANSWERS.get(shape, "list"))
    draft.done(node, f"decisionRef {key} → {result or 'decisionResult'}")
    if version:
        draft.warn(
            node,
            "version-not-kept",
            f"“{called(node)}”要求决策的固定版本 {version}：这里用随流程一起发布的版本。",
            f"“{called(node)}” asks for version {version} of its decision: the one deployed with it is used.",
        )


def draft_result(node: Element, draft: Draft, result: str) -> None:
    """A rule task that is a service after all: its result variable is the service's."""
    if result:
        node.set(f"{{{draft.spaces[0]}}}resultVariable", result)


def _connector(draft: Draft, node: Element) -> bool:
    """http-connector and mail-send have services here; any other connector is a job type."""
    for box in draft.boxes(node, "connector"):
        name = next((family.text_of(one) for one in draft.children(box, "connectorId")), "")
        http = name == "http-connector"
        for part in draft.children(box, "inputOutput"):
            for one in draft.children(part, "inputParameter"):
                if http and one.get("name") == "payload":
                    one.set("name", "body")
                java.parameter(draft, node, "input", one)
            for one in draft.children(part, "outputParameter"):
                _answered(one)
                java.parameter(draft, node, "output", one)
        if http:
            draft.zeebe(node, "taskDefinition", type="http", retries=family.attempts(draft, node))
        elif name == "mail-send":
            draft.zeebe(node, "taskDefinition", type="email", retries=family.attempts(draft, node))
        else:
            java.bound(draft, node, name, f"connector {name}", family.attempts(draft, node))
        draft.done(node, f"connector {name}")
        return True
    return False


def _answered(one: Element) -> None:
    """An http-connector's answer is called `response` and `statusCode`; ours `body` and `status`."""
    for part in one.iter():
        if part.text:
            part.text = re.sub(r"\bstatusCode\b", "status", re.sub(r"\bresponse\b", "body", part.text))


def _signal(draft: Draft, node: Element) -> None:
    """Variables that a thrown signal carries."""
    for definition in node:
        if local(definition) != "signalEventDefinition":
            continue
        pairs = []
        for one in draft.boxes(definition, "in"):
            source = one.get("sourceExpression") or f"${{{one.get('source') or ''}}}"
            if one.get("target"):
                written = draft.attempt(node, "in", source, family.juel).removeprefix("=") or "null"
                pairs.append(f"{one.get('target')}: {written}")
            elif one.get("variables") == "all":
                draft.warn(
                    node,
                    "not-translated",
                    f"“{called(node)}”随信号发送全部变量：请用属性 payload 写出要发送的变量。",
                    f"“{called(node)}” sends all variables with its signal: name them in the property payload.",
                )
        if pairs:
            draft.property(node, "payload", "={" + ", ".join(pairs) + "}")
            draft.done(node, "in → payload")
