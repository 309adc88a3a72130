"""Data: associations join what can be joined, and what they name can be a variable or a register.

Owns data objects, properties, inputs, outputs, data stores and their associations. Whether a register exists is
`names`'s matter, whether a formula can be read that of `expressions`.
"""

from __future__ import annotations

from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.rewriting import data
from engine.bpmn.xml import Element, local, tag

_HOLDS = frozenset(("dataObjectReference", "dataStoreReference", "property", "dataInput", "dataOutput", "dataObject"))
_BOTH = ("dataInputAssociation", "dataOutputAssociation")


def check(document: Document) -> None:
    """Everything of this module."""
    for process in document.processes:
        for line in process.iter(*map(tag, _BOTH)):
            _association(document, line)
        for node in process.iter(tag("property"), tag("dataInput"), tag("dataOutput")):
            if not data.placeholder(node):
                _variable(document, node)
        for node in process.iter(tag("ioSpecification")):
            _sets(document, node)
        for node in process.iter(tag("dataObjectReference"), tag("dataStoreReference")):
            _held(document, node)


def _association(document: Document, line: Element) -> None:
    for end in ("sourceRef", "targetRef"):
        for node in line.findall(tag(end)):
            found = document.by_id.get((node.text or "").strip().rpartition(":")[2])
            if found is None or local(found) not in _HOLDS:
                document.error(
                    line,
                    "dangling",
                    f"数据关联的 {end} 指向“{(node.text or '').strip()}”，它不是数据。请重新连接。",
                    f"{end} of a data association points to “{(node.text or '').strip()}”, which is no data.",
                )
            elif local(found) == "dataObjectReference":
                _variable(document, found)
    if local(line) == "dataOutputAssociation" and line.find(tag("targetRef")) is None:
        document.error(
            line,
            "dangling",
            "数据输出关联没有指明写到哪里（targetRef）。请重新连接。",
            "A data output association does not say where it writes (targetRef). Connect it again.",
        )
    if len(line.findall(tag("sourceRef"))) > 1 and not data.formulas(line):
        document.error(
            line,
            "data-sources",
            "数据关联有多个来源（sourceRef），却没有说明怎样合成一个值。请写转换（transformation），或每个来源各连一条。",
            "A data association has several sources and does not say how they make one value. Give it a "
            "transformation, or draw one association for each.",
        )
    _store(document, line)
    _drawn(document, line)


def _held(document: Document, node: Element) -> None:
    """What a reference refers to is there; a data store says which register it is."""
    kind = local(node).removesuffix("Reference")
    name = (node.get(f"{kind}Ref") or "").rpartition(":")[2]
    found = document.by_id.get(name)
    if name and (found is None or local(found) != kind):
        document.error(
            node,
            "dangling",
            f"{kind}Ref 指向不存在的“{name}”。请重新连接或删除。",
            f"{kind}Ref points to “{name}”, which is not there. Connect it again or remove it.",
        )
    elif kind == "dataStore" and not data.register(node, document.by_id):
        document.error(
            node,
            "no-register",
            "数据存储没有名称。请填写它所指台账的名称。",
            "The data store has no name. Give it the name of the register that it is.",
        )


def _store(document: Document, line: Element) -> None:
    """A line to a register that says neither what is read nor what is written is only drawn: the designer is told."""
    ends = data.ends(line, document.by_id)
    stores = [end for end in ends if end is not None and local(end) == "dataStoreReference"]
    other = next((end for end in ends if end is not None and local(end) != "dataStoreReference"), None)
    said = data.formulas(line) or (other is not None and not data.placeholder(other))
    if stores and not said:
        name = name_of(stores[0])
        document.warn(
            line.getparent(),
            "drawn-only",
            f"与台账“{name}”的连线只作说明：要读写记录，请给关联写转换（transformation），或用 register 服务任务。",
            f"The line to the register “{name}” only explains. To read or write rows give the association a "
            "transformation, or use a register service task.",
        )
    if len(stores) > 1:
        document.error(
            line,
            "dangling",
            "数据关联不能从台账连到台账。请经过一个任务。",
            "A data association cannot lead from a register to a register. Put a task between them.",
        )


def _drawn(document: Document, line: Element) -> None:
    """A line to a data object that moves nothing: the object is a variable that the element sees by its name."""
    source, target = data.ends(line, document.by_id)
    inward = local(line) == "dataInputAssociation"
    held, other = (source, target) if inward else (target, source)
    if held is None or local(held) != "dataObjectReference" or data.formulas(line):
        return
    if other is None or data.placeholder(other):
        name = data.name(held)
        document.note(
            line.getparent(),
            "drawn-only",
            f"与数据对象“{name}”的连线只作说明：它就是变量“{name}”，任务按名称读写。要换名或换算，请给关联写赋值或转换。",
            f"The line to the data object “{name}” only explains: it is the variable “{name}”, read and written by its "
            "name. For another name or value give the association an assignment or a transformation.",
        )


def _variable(document: Document, node: Element) -> None:
    name = data.name(node)
    if not name.isidentifier():
        document.error(
            node,
            "data-name",
            f"“{name}”要用作变量，只能用字母、汉字、数字和下划线命名。请改名。",
            f"“{name}” is used as a variable: its name must be letters, digits and underscores. Rename it.",
        )


def _sets(document: Document, node: Element) -> None:
    for kind in ("inputSet", "outputSet"):
        if len(node.findall(tag(kind))) > 1:
            document.error(
                node,
                "data-sets",
                f"“{name_of(node.getparent())}”有多个 {kind}；引擎不等待某一组数据齐备。请只留一个，用条件分支代替。",
                f"“{name_of(node.getparent())}” has several sets ({kind}), which nothing here waits for. Keep one.",
            )
