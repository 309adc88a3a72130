"""Java behind tasks, and what can stand for it here: FEEL, a Python script, or a job type that somebody provides.

Owns service tasks bound to classes, beans and expressions, field injection, scripts, and input and output parameters of
the engines that run on Java. No Java is run: what cannot be translated deploys as a job type, with a warning.
"""

from __future__ import annotations

import json
import re

from engine.bpmn.dialects import family, in_feel, in_python
from engine.bpmn.dialects.draft import Draft, called
from engine.bpmn.dialects.speech import Call, Member, Name, Node, Untranslatable
from engine.bpmn.dialects.speech_reader import expression
from engine.bpmn.xml import Element, child, local, tag, text

_GROOVY = ("groovy", "javascript", "js", "ecmascript", "graal.js", "nashorn")
_FEEL = ("feel", "juel")
_VARIABLE = re.compile(r"[^\W\d]\w*")
_TYPE = re.compile(r"[^\w.\-]+")


def service(draft: Draft, node: Element) -> None:
    """A task that calls Java: one of class, delegateExpression, expression, or an external worker's topic."""
    tries = family.attempts(draft, node)
    result = draft.attr(node, "resultVariable", "resultVariableName")
    topic = draft.attr(node, "topic")
    kind = draft.attr(node, "type")
    written = draft.attr(node, "class"), draft.attr(node, "delegateExpression"), draft.attr(node, "expression")
    fields(draft, node)
    if topic:
        job(draft, node, topic, tries)
        draft.done(node, f"topic {topic}")
    elif written[2]:
        _expression(draft, node, written[2], result, tries)
        return
    elif any(written):
        bean = written[0] or written[1].strip("${}# ")
        bound(draft, node, bean, written[0] or written[1], tries)
    elif kind:
        job(draft, node, kind, tries)
        draft.done(node, f"type {kind}")
    if result:
        draft.map(node, "output", "=result", result)


def job(draft: Draft, node: Element, kind: str, tries: str = "") -> None:
    """Make it a job of this type with all variables it sees; nobody need provide the type before it is deployed."""
    name = _TYPE.sub("-", kind.strip()).strip("-") or (node.get("id") or "job")
    draft.zeebe(node, "taskDefinition", type=name, retries=tries)
    draft.jobs.add(node.get("id") or "")
    draft.property(node, "inputs", "all")


def bound(draft: Draft, node: Element, kind: str, written: str, tries: str = "") -> None:
    """A job type in place of Java code, with the warning that says so."""
    job(draft, node, kind, tries)
    name = draft.zeebe(node, "taskDefinition").get("type")
    draft.warn(
        node,
        "foreign-code",
        f"“{called(node)}”绑定了外部代码（Java 等：{written[:80]}），这里不会运行它：已成为作业类型“{name}”，"
        "请在流程包的 services.py（SERVICES）里提供，或改成别的任务。",
        f"“{called(node)}” is bound to code of its own tool (Java or the like: {written[:80]}), which does not run: "
        f"it is the job type “{name}” now. Provide it in a pack's services.py (SERVICES), or make it another task.",
    )


def _expression(draft: Draft, node: Element, written: str, result: str, tries: str) -> None:
    """FEEL when it only reckons, Python when it sets variables, else a job named after its bean and method."""
    inner = written.strip()[2:-1] if written.strip()[:2] in ("${", "#{") else written
    found = family.translated(written)
    if found is not None:
        draft.turn(node, "scriptTask")
        draft.zeebe(node, "script", expression=found if found.startswith("=") else f'="{found}"')
        draft.zeebe(node, "script", resultVariable=result or f"_{node.get('id')}".replace("-", "_"))
        draft.done(node, f"expression → {found[:60]}")
        return
    try:
        as_python(draft, node, inner, result)
    except Untranslatable:
        _bean(draft, node, written, inner, result, tries)


def _bean(draft: Draft, node: Element, written: str, inner: str, result: str, tries: str) -> None:
    try:
        tree = expression(inner, words=True)
    except Untranslatable:
        tree = Name("")
    if isinstance(tree, Call) and tree.of is not None:
        for place, argument in enumerate(tree.arguments, 1):
            _argument(draft, node, argument, place)
        kind = f"{_path(tree.of)}.{tree.name}"
    else:
        kind = _path(tree) or node.get("id") or ""
    bound(draft, node, kind, written, tries)
    if result:
        draft.map(node, "output", "=result", result)


def _argument(draft: Draft, node: Element, argument: Node, place: int) -> None:
    name = argument.id if isinstance(argument, Name) and argument.id != "execution" else f"argument{place}"
    try:
        draft.map(node, "input", "=" + in_feel.Writer().write(argument), name)
    except Untranslatable:
        draft.done(node, f"argument {place} → *")


def _path(node: Node) -> str:
    match node:
        case Name(id):
            return id
        case Member(of, name):
            return f"{_path(of)}.{name}"
        case _:
            return ""


def fields(draft: Draft, node: Element) -> dict[str, str]:
    """Field injection becomes inputs; what each field says, as written."""
    found: dict[str, str] = {}
    for one in draft.boxes(node, "field"):
        inner = next((family.text_of(part) for part in one if draft.own(part) in ("string", "expression")), "")
        name = one.get("name") or ""
        found[name] = one.get("stringValue") or one.get("expression") or inner
        if _VARIABLE.fullmatch(name):
            value(draft, node, "input", name, found[name])
        draft.done(node, f"field {name}")
    return found


def value(draft: Draft, node: Element, way: str, name: str, written: str) -> None:
    """One line of a mapping of a written value: text with expressions in it."""
    if _VARIABLE.fullmatch(name) is None:
        draft.error(
            node,
            "not-translated",
            f"“{called(node)}”的参数“{name}”不是变量名。",
            f"The parameter “{name}” of “{called(node)}” is no variable name.",
        )
        return
    source = draft.attempt(node, f"{way} {name}", written, in_feel.juel)
    draft.map(node, way, source if source.startswith("=") else "=" + in_feel.literal(source), name)


# ---- scripts


def as_python(draft: Draft, node: Element, written: str, result: str) -> None:
    """Make it a script task in Python. Raises Untranslatable."""
    python = in_python.script(written, result)
    draft.turn(node, "scriptTask")
    node.set("scriptFormat", "python")
    body = child(node, "script")
    if body is None:
        body = node.makeelement(tag("script"))
        node.append(body)
    body.text = python
    draft.done(node, f"script → {python[:60]}")


def script(draft: Draft, node: Element) -> None:
    """A script task: Groovy and JavaScript to Python where they are simple, FEEL and JUEL to FEEL, else a job type."""
    language = (node.get("scriptFormat") or "").lower()
    result = draft.attr(node, "resultVariable", "resultVariableName")
    resource = draft.attr(node, "resource")
    draft.attr(node, "autoStoreVariables")
    body = child(node, "script")
    written = text(body) if body is not None else ""
    if language in ("", "python", "text/python", "jython") and "execution." not in written and not resource:
        return
    try:
        if resource or not written:
            raise Untranslatable("脚本在另一个文件里", "the script is in another file")
        if language in _FEEL:
            _as_feel(draft, node, written, result)
        elif language in (*_GROOVY, "python", "jython"):
            as_python(draft, node, written, result)
        else:
            raise Untranslatable(f"不支持脚本语言“{language}”", f"the language “{language}” does not run here")
    except Untranslatable as problem:
        _as_job(draft, node, problem, resource or written, result)


def _as_feel(draft: Draft, node: Element, written: str, result: str) -> None:
    found = written if written.startswith("=") else in_feel.condition(written)
    draft.zeebe(node, "script", expression=found, resultVariable=result or "result")
    draft.done(node, f"script → {found[:60]}")


def _as_job(draft: Draft, node: Element, problem: Untranslatable, written: str, result: str) -> None:
    body = child(node, "script")
    if body is not None:
        node.remove(body)
    language = node.attrib.pop("scriptFormat", "")
    draft.turn(node, "serviceTask")
    job(draft, node, f"script.{node.get('id')}")
    draft.header(node, "script", written)
    if result:
        draft.map(node, "output", "=result", result)
    said = problem.said
    draft.warn(
        node,
        "script-as-job",
        f"“{called(node)}”的 {language} 脚本无法翻译（{said.zh}）：已成为作业类型“script.{node.get('id')}”，"
        "请提供它，或改写成 Python 或 FEEL。",
        f"The {language} script of “{called(node)}” cannot be translated ({said.en}): it is the job type "
        f"“script.{node.get('id')}” now. Provide it, or write the script in Python or FEEL.",
    )


# ---- input and output parameters


def parameters(draft: Draft, node: Element) -> None:
    """`inputOutput`: text, lists, maps and scripts to mappings."""
    for box in draft.boxes(node, "inputOutput"):
        for way in ("input", "output"):
            for one in draft.children(box, f"{way}Parameter"):
                parameter(draft, node, way, one)
        draft.done(node, "inputOutput")


def parameter(draft: Draft, node: Element, way: str, one: Element) -> None:
    """One input or output parameter of a task or connector."""
    name = one.get("name") or ""
    inner = [part for part in one if isinstance(part.tag, str)]
    if not inner:
        value(draft, node, way, name, family.text_of(one))
        return
    try:
        source = "=" + _structure(draft, inner[0])
    except Untranslatable as problem:
        draft.error(
            node,
            "not-translated",
            f"“{called(node)}”的参数“{name}”无法翻译：{problem.said.zh}。请改写为 FEEL。",
            f"The parameter “{name}” of “{called(node)}” cannot be translated: {problem.said.en}. Write it in FEEL.",
        )
        return
    draft.map(node, way, source, name)


def _structure(draft: Draft, part: Element) -> str:
    """FEEL of a list, map, script or text inside a parameter. Raises Untranslatable."""
    kind = draft.own(part)
    if kind == "list":
        return f"[{', '.join(_structure(draft, one) for one in part)}]"
    if kind == "map":
        pairs = (f"{json.dumps(one.get('key') or '', ensure_ascii=False)}: {_entry(draft, one)}" for one in part)
        return "{" + ", ".join(pairs) + "}"
    if kind == "script":
        if part.get("resource"):
            raise Untranslatable("脚本在另一个文件里", "the script is in another file")
        language = (part.get("scriptFormat") or "").lower()
        written = family.text_of(part)
        return (in_feel.code(written) if language in _GROOVY else in_feel.condition(written)).removeprefix("=")
    return _plain(family.text_of(part))


def _entry(draft: Draft, one: Element) -> str:
    inner = [part for part in one if isinstance(part.tag, str)]
    return _structure(draft, inner[0]) if inner else _plain(family.text_of(one))


def _plain(written: str) -> str:
    found = in_feel.juel(written)
    return found[1:] if found.startswith("=") else in_feel.literal(found)


def sends(draft: Draft, node: Element) -> None:
    """A message event bound to code: the engine itself sends the message."""
    for definition in node:
        if local(definition) != "messageEventDefinition":
            continue
        names = ("class", "delegateExpression", "expression", "topic", "type", "resultVariable", "taskPriority")
        written = [value for name in names if (value := draft.attr(definition, name))]
        if written:
            draft.warn(
                node,
                "event-code",
                f"消息事件“{called(node)}”绑定的代码（{written[0][:60]}）不会运行：消息由引擎自己发送。需要作业请改用发送任务。",
                f"The code bound to the message event “{called(node)}” ({written[0][:60]}) does not run: the engine "
                "sends the message. Use a send task for a job.",
            )
