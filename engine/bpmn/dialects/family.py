"""What Camunda 7, Operaton, Flowable and Activiti say alike: one ancestor, four namespaces.

Owns the translation of expressions, people, repetitions, called processes, listeners and the settings of an executor.
What only one of them says is in `camunda` and `flowable`; services and scripts are in `java`.
"""

from __future__ import annotations

import re

from engine.bpmn.dialects.draft import Draft, called
from engine.bpmn.dialects.in_feel import code, condition, juel
from engine.bpmn.dialects.speech import Untranslatable
from engine.bpmn.xml import Element, child, definitions, local, tag, text

_CODE = ("groovy", "javascript", "js", "ecmascript", "graal.js")
_LOCAL_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?")
_AHEAD = {  # settings of a job executor and of a task list: the engine needs none of them
    **dict.fromkeys(
        ("asyncBefore", "asyncAfter", "async", "exclusive", "asyncLeave", "asyncLeaveExclusive"),
        ("每次提交本来就是一个完整事务", "every step is saved as one transaction anyway"),
    ),
    **dict.fromkeys(
        ("jobPriority", "taskPriority"), ("作业按到期先后运行", "jobs run in the order in which they are due")
    ),
    **dict.fromkeys(
        ("historyTimeToLive", "isStartableInTasklist"), ("由本系统的设置决定", "this installation's settings say it")
    ),
    **dict.fromkeys(
        (
            *("diagramRelationId", "modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "category"),
            *("isEagerExecutionFetching", "sameDeployment", "tenantId", "noneBehavior"),
        ),
        ("只供原工具使用", "only the other tool needs it"),
    ),
}


def expressions(draft: Draft) -> None:
    """Conditions of flows and events, and times."""
    for node in list(draft.root.iter(tag("conditionExpression"), tag("condition"))):
        _condition(draft, node)
    for name in ("timeDate", "timeDuration", "timeCycle"):
        for node in list(draft.root.iter(tag(name))):
            _time(draft, node, name)


def _condition(draft: Draft, node: Element) -> None:
    written = (node.text or "").strip()
    resource = draft.attr(node, "resource")
    if resource:
        draft.error(
            node,
            "not-translated",
            f"条件写在另一个脚本文件 {resource} 里。请在这里写成 FEEL。",
            f"The condition is in another script file, {resource}. Write it here in FEEL.",
        )
    language = node.attrib.pop("language", "").lower()
    if not written or written.startswith("="):
        return
    read = code if language in _CODE and "${" not in written else condition
    node.text = draft.attempt(_flow_of(node), local(node), written, read) or "=false"


def _flow_of(node: Element) -> Element:
    owner = node.getparent()
    return node if owner is None else owner


def _time(draft: Draft, node: Element, name: str) -> None:
    written = (node.text or "").strip()
    draft.attr(node, "endDate")
    node.text = moment(draft, _flow_of(node), name, written)


def moment(draft: Draft, node: Element, what: str, written: str) -> str:
    """A time: an expression, or a moment without its zone (it is the unit's)."""
    if _LOCAL_MOMENT.fullmatch(written):
        full = written if "T" in written else f"{written}T00:00:00"
        full += ":00" if full.count(":") == 1 else ""
        return f'=date and time("{full}")'
    return draft.attempt(node, what, written, juel) if "{" in written else written


# ---- people


def people(draft: Draft, node: Element) -> None:
    """Who has a user task, by when and how urgently."""
    roles = _owners(node)
    for setting, names in (("assignee", ["assignee"]), ("candidateUsers", []), ("candidateGroups", [])):
        written = draft.attr(node, setting)
        listed = ",".join(one for one in (written, *roles.pop(setting, [])) if one)
        if listed:
            value = draft.attempt(node, setting, listed, juel if names else _names)
            draft.zeebe(node, "assignmentDefinition", **{setting: value})
            if value == listed:
                draft.done(node, setting)
    due = draft.attr(node, "dueDate")
    if due:
        draft.zeebe(node, "taskSchedule", dueDate=moment(draft, node, "dueDate", due))
        draft.property(node, "calendar", "natural")
    priority = draft.attr(node, "priority")
    if priority:
        value = draft.attempt(node, "priority", priority, juel)
        draft.zeebe(node, "priorityDefinition", priority=value)
        draft.done(node, f"priority {value}")
    _unused(draft, node, "followUpDate", "跟进日期", "a follow-up date")
    _unused(draft, node, "businessCalendarName", "原工具的日历", "a calendar of the other tool")


def _names(written: str) -> str:
    """A comma list of logins or groups, expressions among them."""
    parts = [part.strip() for part in re.split(r",(?![^{]*\})", written) if part.strip()]
    if not any("{" in part for part in parts):
        return ", ".join(parts)
    values = [value[1:] if (value := juel(part)).startswith("=") else f'"{value}"' for part in parts]
    return "=" + values[0] if len(values) == 1 else f"=flatten([{', '.join(values)}])"


def _owners(node: Element) -> dict[str, list[str]]:
    """BPMN's own humanPerformer and potentialOwner: `user(li), group(clerks), clerks`."""
    found: dict[str, list[str]] = {}
    for one in [n for n in node if local(n) in ("humanPerformer", "potentialOwner", "performer")]:
        written = next((text(n) for n in one.iter(tag("formalExpression"))), "")
        for part in (part.strip() for part in written.split(",")):
            if local(one) == "humanPerformer":
                found.setdefault("assignee", []).append(part)
            elif part.startswith("user("):
                found.setdefault("candidateUsers", []).append(part[5:].rstrip(")"))
            elif part:
                group = part[6:].rstrip(")") if part.startswith("group(") else part
                found.setdefault("candidateGroups", []).append(group)
        node.remove(one)
    return found


def _unused(draft: Draft, node: Element, name: str, zh: str, en: str) -> None:
    written = draft.attr(node, name)
    if written:
        draft.warn(
            node,
            "not-used",
            f"“{called(node)}”的 {name}（{zh}，{written[:60]}）没有对应功能，不起作用。需要提醒请用 remind。",
            f"{name} of “{called(node)}” ({en}, {written[:60]}) has no effect here. Use remind for reminders.",
        )


def initiator(draft: Draft, node: Element) -> None:
    """A start event names the variable that holds who started the case."""
    name = draft.attr(node, "initiator")
    if name:
        draft.map(node, "output", "=case.started_by", name)
        draft.done(node, f"initiator {name}")


# ---- repetitions


def repetition(draft: Draft, node: Element) -> None:
    """A multi-instance over a variable or expression, its element and its conditions."""
    many = child(node, "multiInstanceLoopCharacteristics")
    if many is None:
        return
    over, each = draft.attr(many, "collection"), draft.attr(many, "elementVariable")
    if over:
        collection = draft.attempt(node, "collection", over, juel)
        collection = collection if collection.startswith("=") else f"={collection}"
        draft.zeebe(many, "loopCharacteristics", inputCollection=collection, inputElement=each)
        draft.done(node, "collection", "elementVariable")
    place = draft.attr(many, "elementIndexVariable")
    if place:
        draft.map(node, "input", "=loopCounter - 1", place)
        draft.done(node, "elementIndexVariable")
    for name in ("loopCardinality", "completionCondition", "loopDataInputRef"):
        inner = child(many, name)
        if inner is not None and "{" in (inner.text or ""):
            inner.text = draft.attempt(node, name, text(inner), juel)
    executor(draft, many, node)


# ---- called processes


def call(draft: Draft, node: Element) -> None:
    """Which process, which variables go in and come back."""
    target = (node.get("calledElement") or "").strip()
    if "{" in target:
        draft.zeebe(node, "calledElement", processId=draft.attempt(node, "calledElement", target, juel))
    _binding(draft, node, "calledElement")
    went = [one for name in ("in", "in_") for one in draft.boxes(node, name)]
    came = draft.boxes(node, "out")
    everything = draft.attr(node, "inheritVariables") == "true" or any(one.get("variables") == "all" for one in went)
    all_back = any(one.get("variables") == "all" for one in came)
    if everything:
        _mixed(draft, node, "in", [one for one in went if one.get("source") or one.get("sourceExpression")])
    else:
        _lines(draft, node, "input", went)
        if not any(one.get("target") for one in went):
            draft.info(
                node,
                "all-variables",
                f"“{called(node)}”没有输入变量：被调用的流程会得到全部变量。只要一部分请加输入映射。",
                f"“{called(node)}” passes no variables: here the called process gets all. Map inputs to give fewer.",
            )
    if all_back:
        _mixed(draft, node, "out", [one for one in came if one.get("source") or one.get("sourceExpression")])
    else:
        _lines(draft, node, "output", came)
    back = "true" if all_back else "false"
    draft.zeebe(node, "calledElement", propagateAllChildVariables=back)
    _keys(draft, node, went)


def _binding(draft: Draft, node: Element, prefix: str) -> None:
    binding = draft.attr(node, f"{prefix}Binding")
    version = draft.attr(node, f"{prefix}Version", f"{prefix}VersionTag")
    if binding == "latest":
        draft.zeebe(node, "calledElement", bindingType="latest")
    if binding in ("version", "versionTag"):
        draft.warn(
            node,
            "version-not-kept",
            f"“{called(node)}”要求固定版本 {version}：这里用随本流程一起发布的版本。",
            f"“{called(node)}” asks for version {version}: the one deployed with this process is used.",
        )
    for name in ("caseRef", "caseBinding", "calledElementType", "tenantId"):
        written = draft.attr(node, name)
        if written not in ("", "key"):
            draft.error(
                node,
                "not-translated",
                f"“{called(node)}”的 {name}“{written}”在这里没有对应。请改为调用流程。",
                f"{name} “{written}” of “{called(node)}” has no equal here. Call a process.",
            )


def _lines(draft: Draft, node: Element, way: str, boxes: list[Element]) -> None:
    for one in boxes:
        target = one.get("target") or ""
        expression = one.get("sourceExpression") or ""
        if not target:
            continue
        written = expression or f"${{{one.get('source') or ''}}}"
        source = draft.attempt(node, f"{way} {target}", written, juel)
        draft.map(node, way, source if source.startswith("=") else f'="{source}"', target)
    if boxes:
        draft.done(node, "in → ioMapping" if way == "input" else "out → ioMapping")


def _mixed(draft: Draft, node: Element, way: str, boxes: list[Element]) -> None:
    renamed = [one for one in boxes if (one.get("source") or "") != (one.get("target") or "")]
    for one in renamed:
        draft.warn(
            node,
            "not-translated",
            f"“{called(node)}”同时传递全部变量和“{one.get('target')}”：后者没有翻译。请写成完整的映射。",
            f"“{called(node)}” passes all variables and “{one.get('target')}”: the latter is left out. List them all.",
        )


def _keys(draft: Draft, node: Element, boxes: list[Element]) -> None:
    if any(one.get("businessKey") for one in boxes) or draft.attr(node, "businessKey", "inheritBusinessKey"):
        draft.info(
            node,
            "no-business-key",
            f"“{called(node)}”把业务键传给被调用的流程：这里由流程的 public_key 属性给出。",
            f"“{called(node)}” hands its business key on: here a process says its own by property public_key.",
        )


# ---- what a Java engine does beside


def listeners(draft: Draft, node: Element) -> None:
    """Code that runs when an element is entered, left, assigned ...: named, not run."""
    for kind in ("executionListener", "taskListener", "eventListener"):
        for one in draft.boxes(node, kind):
            what = next(
                (v for name in ("class", "expression", "delegateExpression", "type") if (v := one.get(name))), ""
            )
            if not what:
                what = next((text_of(part) for part in one if draft.own(part) == "script"), "script")
            event = one.get("event") or one.get("events") or "*"
            draft.warn(
                node,
                "listener",
                f"“{called(node)}”的监听器（{event}：{what[:80]}）不会运行。需要时请在前后画一个任务。",
                f"The listener of “{called(node)}” ({event}: {what[:80]}) does not run: draw a task if it is needed.",
            )


def text_of(node: Element) -> str:
    """Stripped text of any element."""
    return (node.text or "").strip()


def executor(draft: Draft, node: Element, owner: Element | None = None) -> None:
    """Settings that steer a job executor or a task list: told, without effect."""
    owner = node if owner is None else owner
    reasons: dict[tuple[str, str], list[str]] = {}
    for name, why in _AHEAD.items():
        if draft.attr(node, name):
            reasons.setdefault(why, []).append(name)
    for (zh, en), names in reasons.items():
        listed = ", ".join(names)
        draft.info(
            owner,
            "not-needed",
            f"“{called(owner)}”的 {'、'.join(names)} 不需要：{zh}。",
            f"{listed} of “{called(owner)}” is not needed: {en}.",
        )
    if attempts(draft, node):
        draft.info(
            owner,
            "not-needed",
            f"“{called(owner)}”的 failedJobRetryTimeCycle 不需要：失败的步骤会成为异常，可以重试。",
            f"failedJobRetryTimeCycle of “{called(owner)}” is not needed: what fails can be retried.",
        )


def attempts(draft: Draft, node: Element) -> str:
    """`R5/PT10M`: how often a job is tried, '' when it is not said; the pauses are the engine's own."""
    found = [re.match(r"R(\d+)", text_of(one)) for one in draft.boxes(node, "failedJobRetryTimeCycle")]
    return next((match[1] for match in found if match), "")


def starters(draft: Draft, process: Element) -> None:
    """Who may start a process, and its version tag."""
    groups, users = draft.attr(process, "candidateStarterGroups"), draft.attr(process, "candidateStarterUsers")
    rules = [part.strip() for part in groups.split(",") if part.strip()]
    if rules:
        draft.property(process, "starters", ", ".join(rules))
        draft.done(process, "candidateStarterGroups")
    if users:
        draft.warn(
            process,
            "not-translated",
            f"流程“{called(process)}”限定由 {users} 发起：这里只能限定岗位，请设置 starters。",
            f"“{called(process)}” may be started by {users}: only roles can be named here, set starters.",
        )
    version = draft.attr(process, "versionTag")
    if version:
        draft.zeebe(process, "versionTag", value=version)
        draft.done(process, "versionTag")


def free_properties(draft: Draft, node: Element) -> None:
    """Key and value pairs for programs: kept in the upload, read by nobody here."""
    names = [one.get("name") or "" for box in draft.boxes(node, "properties") for one in box]
    if names:
        listed = ", ".join(names)
        draft.info(
            node,
            "not-used",
            f"“{called(node)}”的扩展属性 {'、'.join(names)} 在这里没有含义。",
            f"The extension properties {listed} of “{called(node)}” mean nothing here.",
        )


def errors(draft: Draft, node: Element) -> None:
    """Variables that a catching event fills with the error's code and message."""
    for definition in definitions(node):
        if local(definition) == "errorEventDefinition":
            for name, source in (("errorCodeVariable", "errorCode"), ("errorMessageVariable", "errorMessage")):
                target = draft.attr(definition, name)
                if target:
                    draft.map(node, "output", f"={source}", target)
                    draft.done(node, name)
        target = draft.attr(definition, "escalationCodeVariable", "variableName", "variableEvents", "async")
        if target:
            draft.info(
                node,
                "not-used",
                f"“{called(node)}”的事件设置“{target}”不起作用。",
                f"The setting “{target}” of the event “{called(node)}” has no effect.",
            )


def translated(text_: str) -> str | None:
    """FEEL of an expression, None when it has none."""
    try:
        return juel(text_)
    except Untranslatable:
        return None
