"""A small process and its forms for the tests of the desk, the forms and the public page: a repair, asked for by a
member of staff or a resident, looked at by somebody with a role, judged by whoever reported it."""

from __future__ import annotations

import json
from typing import Any

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="d" targetNamespace="https://linli.example/test">"""

BOXES = {
    "asked": (100, 100, 36, 36),
    "coded": (180, 78, 100, 80),
    "look": (320, 78, 100, 80),
    "mend": (460, 78, 100, 80),
    "judge": (600, 78, 100, 80),
    "over": (740, 100, 36, 36),
}
FLOWS = ("asked", "coded", "look", "mend", "judge", "over")


def _flow(number: int) -> str:
    return f'<bpmn:sequenceFlow id="f{number}" sourceRef="{FLOWS[number]}" targetRef="{FLOWS[number + 1]}"/>'


def _shape(node: str) -> str:
    x, y, width, height = BOXES[node]
    return (
        f'<bpmndi:BPMNShape id="s-{node}" bpmnElement="{node}"><dc:Bounds x="{x}" y="{y}" width="{width}" '
        f'height="{height}"/></bpmndi:BPMNShape>'
    )


def _edge(number: int) -> str:
    (x1, _, w1, _), (x2, _, _, _) = BOXES[FLOWS[number]], BOXES[FLOWS[number + 1]]
    return (
        f'<bpmndi:BPMNEdge id="e{number}" bpmnElement="f{number}"><di:waypoint x="{x1 + w1}" y="118"/>'
        f'<di:waypoint x="{x2}" y="118"/></bpmndi:BPMNEdge>'
    )


def _properties(**given: str) -> str:
    rows = "".join(f'<zeebe:property name="{name}" value="{value}"/>' for name, value in given.items())
    return f"<zeebe:properties>{rows}</zeebe:properties>"


REPAIR = f"""{HEAD}
<bpmn:process id="repair" name="报修" isExecutable="true">
<bpmn:documentation>楼道灯坏了、水管漏了，在这里报。</bpmn:documentation>
<bpmn:extensionElements>{
    _properties(
        name_en="Repair",
        description_en="A broken lamp, a leaking pipe: report it here.",
        title="=&quot;报修：&quot; + place",
        unit="=unit",
        starters="public, worker",
        public_key="=code",
    )
}</bpmn:extensionElements>
<bpmn:startEvent id="asked" name="有人报修"><bpmn:extensionElements><zeebe:formDefinition formId="repair"/>{
    _properties(public="yes", name_en="Reported")
}</bpmn:extensionElements></bpmn:startEvent>
<bpmn:serviceTask id="coded" name="给查询码"><bpmn:extensionElements><zeebe:taskDefinition type="code.new"/>
<zeebe:ioMapping><zeebe:input source="R" target="prefix"/></zeebe:ioMapping>
<zeebe:taskHeaders><zeebe:header key="resultVariable" value="code"/></zeebe:taskHeaders>
</bpmn:extensionElements></bpmn:serviceTask>
<bpmn:userTask id="look" name="现场查看"><bpmn:extensionElements><zeebe:userTask/><zeebe:formDefinition formId="look"/>
<zeebe:assignmentDefinition candidateGroups="worker"/><zeebe:taskSchedule dueDate="P1D"/>{
    _properties(
        public="yes",
        name_en="Have a look",
        remind="PT0S",
        escalate="PT1H boss",
        operations="transfer, urge, return, copy, delegate, withdraw",
    )
}</bpmn:extensionElements></bpmn:userTask>
<bpmn:userTask id="mend" name="动手修"><bpmn:extensionElements><zeebe:userTask/>
<zeebe:assignmentDefinition candidateGroups="worker"/>{
    _properties(name_en="Mend it", summary="=what", show="state, nothing")
}</bpmn:extensionElements></bpmn:userTask>
<bpmn:userTask id="judge" name="请您评价">
<bpmn:extensionElements><zeebe:userTask/><zeebe:formDefinition formId="judge"/>{
    _properties(public="reporter", public_key="=code", name_en="Was it solved?")
}</bpmn:extensionElements></bpmn:userTask>
<bpmn:endEvent id="over" name="办结"><bpmn:extensionElements>{
    _properties(name_en="Closed")
}</bpmn:extensionElements></bpmn:endEvent>
{"".join(_flow(n) for n in range(5))}
</bpmn:process>
<bpmndi:BPMNDiagram id="g"><bpmndi:BPMNPlane id="p" bpmnElement="repair">
{"".join(_shape(n) for n in BOXES)}{"".join(_edge(n) for n in range(5))}
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>""".encode()


def form(key: str, components: list[dict[str, Any]], title_en: str = "") -> bytes:
    """A form-js file; `row` and `columns` of a component become its layout."""
    for number, part in enumerate(components):
        part.setdefault("id", f"{key}_{number}")
        if "row" in part:
            part["layout"] = {"row": part.pop("row"), "columns": part.pop("columns", None)}
    whole = {
        "type": "default",
        "id": key,
        "schemaVersion": 18,
        "components": components,
        "properties": {"title_en": title_en},
    }
    return json.dumps(whole, ensure_ascii=False).encode()


def field(kind: str, key: str, label: str, label_en: str, **more: Any) -> dict[str, Any]:
    """One component; `widget` and other settings of ours go into its properties."""
    properties = {"label_en": label_en, **more.pop("properties", {})}
    return {"type": kind, "key": key, "label": label, "properties": properties, **more}


def choice(value: str, label: str, label_en: str) -> dict[str, Any]:
    """An option with both languages."""
    return {"value": value, "label": label, "label_en": label_en}


REPAIR_FORM = form(
    "repair",
    [
        field("textarea", "what", "坏了什么", "What is broken", validate={"required": True, "maxLength": 200}),
        field("textfield", "place", "地点", "Where", validate={"required": True}, properties={"widget": "place"}),
        field("select", "unit", "社区", "Community", properties={"widget": "unit"}),
        field("textfield", "phone", "联系电话", "Phone", properties={"widget": "mobile"}),
        field("filepicker", "photo", "照片", "Photo", multiple=True, properties={"widget": "photo"}),
    ],
)

LOOK_FORM = form(
    "look",
    [
        {"type": "text", "text": "请当面看**{{place}}**。", "id": "intro"},
        field(
            "radio",
            "state",
            "情况",
            "State",
            values=[choice("small", "小修", "Small"), choice("big", "大修", "Big")],
            validate={"required": True},
        ),
        field(
            "number",
            "cost",
            "费用（元）",
            "Cost (yuan)",
            conditional={"hide": '=state != "big"'},
            validate={"required": True, "min": 1},
            row="a",
            columns=8,
        ),
        field("datetime", "day", "哪天修", "Which day", subtype="date", dateLabel="哪天修", row="a", columns=8),
        field("checkbox", "keys", "已拿到钥匙", "Keys received"),
        field(
            "taglist",
            "needs",
            "需要",
            "Needs",
            values=[choice("ladder", "梯子", "Ladder"), choice("lamp", "灯泡", "Lamp")],
        ),
        {
            "type": "dynamiclist",
            "id": "list",
            "path": "parts",
            "label": "材料",
            "properties": {"label_en": "Parts"},
            "allowAddRemove": True,
            "components": [
                {**field("textfield", "name", "名称", "Name", validate={"required": True}), "id": "part_name"},
                {**field("number", "count", "数量", "Count"), "id": "part_count"},
            ],
        },
        {
            "type": "expression",
            "id": "sum",
            "key": "total",
            "label": "材料件数",
            "properties": {"label_en": "Pieces"},
            "expression": "=if parts = null then 0 else count(parts)",
            "computeOn": "change",
        },
        field("textfield", "sign", "签名", "Signature", properties={"widget": "signature"}),
    ],
)

JUDGE_FORM = form(
    "judge",
    [
        field(
            "radio",
            "solved",
            "解决了吗",
            "Is it solved",
            values=[choice("yes", "已解决", "Solved"), choice("no", "未解决", "Not solved")],
            validate={"required": True},
        ),
        field("number", "stars", "满意度", "Satisfaction", properties={"widget": "rating"}),
        field("textarea", "remark", "意见", "Remark"),
    ],
)

FILES = {"repair.bpmn": REPAIR, "repair.form": REPAIR_FORM, "look.form": LOOK_FORM, "judge.form": JUDGE_FORM}
