"""The community pack's files: clean for the lint, readable by people, complete in both languages."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine import packs
from engine.bpmn.model import Catalogue

PACK = Path(__file__).parents[2] / "workflows" / "community"
DIAGRAMS = sorted(PACK.glob("processes/*.bpmn"))
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
HAN = re.compile(r"[\u4e00-\u9fff]")
HAN_OR_TERM = re.compile(r"[\u4e00-\u9fff]|^Open311$")


def elements(path: Path) -> Iterator[etree._Element]:
    """Everything drawn that can carry a name: flow nodes, lanes, pools, the process; flows only when named."""
    for element in etree.parse(path).iter():
        if not isinstance(element.tag, str) or not element.tag.startswith(BPMN) or not element.get("id"):
            continue
        tag = element.tag.removeprefix(BPMN)
        if tag in ("process", "participant", "lane", "subProcess", "callActivity") or (
            (tag.endswith(("Task", "Event", "Gateway")) and tag != "task")
            or (tag == "sequenceFlow" and element.get("name"))
        ):
            yield element


def properties(element: etree._Element) -> dict[str, str]:
    found = element.findall(f"{BPMN}extensionElements/{ZEEBE}properties/{ZEEBE}property")
    return {one.get("name"): one.get("value") for one in found}


def test_the_pack_deploys_without_an_error_or_a_warning() -> None:
    pack = packs.read(PACK)
    known = Catalogue(frozenset(), frozenset(), frozenset(), pack.roles, None, frozenset())
    found = [*pack.findings, *packs.examine(pack.files, known).findings]
    assert [f"{f.severity} {f.file}:{f.line} {f.element} {f.message_en}" for f in found] == []


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.stem)
class TestDiagrams:
    def test_everything_drawn_is_named_in_chinese_and_in_english(self, path: Path) -> None:
        for element in elements(path):
            assert HAN.search(element.get("name") or ""), f"{element.get('id')} has no Chinese name"
            english = properties(element).get("name_en", "")
            assert english and not HAN.search(english), f"{element.get('id')} has no English name"

    def test_every_element_has_its_place_in_the_picture(self, path: Path) -> None:
        root = etree.parse(path).getroot()
        drawn = {one.get("bpmnElement") for one in root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")}
        flows = {one.get("id") for one in root.iter(f"{BPMN}sequenceFlow")}
        shown = {element.get("id") for element in elements(path)} - {
            one.get("id") for one in root.iter(f"{BPMN}process")
        }
        assert (shown | flows) - drawn == set()

    def test_every_choice_says_what_it_is(self, path: Path) -> None:
        """A reader follows a diagram by the words on the ways out of its gateways."""
        root = etree.parse(path).getroot()
        for gateway in root.iter(f"{BPMN}exclusiveGateway"):
            out = [one for one in root.iter(f"{BPMN}sequenceFlow") if one.get("sourceRef") == gateway.get("id")]
            assert len(out) < 2 or all(one.get("name") for one in out), gateway.get("id")

    def test_no_two_shapes_lie_on_each_other(self, path: Path) -> None:
        boxes = list(shapes(path))
        for at, (one, left) in enumerate(boxes):
            for other, right in boxes[at + 1 :]:
                assert not overlap(left, right), f"{one} lies on {other}"

    def test_a_task_for_people_has_a_deadline_reminders_and_somebody_above(self, path: Path) -> None:
        """Every deadline of the templates reminds and escalates; a member's own choice to serve escalates to nobody."""
        for task in etree.parse(path).getroot().iter(f"{BPMN}userTask"):
            schedule = task.find(f"{BPMN}extensionElements/{ZEEBE}taskSchedule")
            assert schedule is not None, f"{task.get('id')} has no deadline"
            found = properties(task)
            assert found.get("remind") or task.get("id") == "handle-imported", f"{task.get('id')} reminds nobody"


def shapes(path: Path) -> Iterator[tuple[str, tuple[float, ...]]]:
    root = etree.parse(path).getroot()
    container = {one.get("id") for one in root.iter(f"{BPMN}participant", f"{BPMN}lane", f"{BPMN}subProcess")}
    hosted = {one.get("id") for one in root.iter(f"{BPMN}boundaryEvent")}
    for shape in root.iter(f"{DI}BPMNShape"):
        if shape.get("bpmnElement") not in container | hosted:
            bounds = shape.find(f"{DC}Bounds")
            x, y, w, h = (float(bounds.get(key)) for key in ("x", "y", "width", "height"))
            yield shape.get("bpmnElement"), (x, y, x + w, y + h)


def overlap(left: tuple[float, ...], right: tuple[float, ...]) -> bool:
    return left[0] < right[2] and right[0] < left[2] and left[1] < right[3] and right[1] < left[3]


@pytest.mark.parametrize("path", sorted(PACK.glob("forms/*.form")), ids=lambda path: path.stem)
def test_a_form_speaks_both_languages(path: Path) -> None:
    form = json.loads(path.read_text("utf-8"))
    assert HAN.search(form["properties"]["title"]) and form["properties"]["title_en"]
    for field in fields(form["components"]):
        label = field.get("label") or field.get("text") or ""
        assert HAN.search(label) and field["properties"].get("label_en", field["properties"].get("text_en")), field
        for option in field.get("values", []):
            assert HAN_OR_TERM.search(option["label"]) and option["label_en"], option


def fields(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for component in components:
        yield component
        yield from fields(component.get("components", []))


def test_every_form_is_used_by_a_diagram_or_a_page() -> None:
    used = "".join(path.read_text("utf-8") for kind in ("processes/*.bpmn", "pages/*.json") for path in PACK.glob(kind))
    forms = {path.stem for path in PACK.glob("forms/*.form")}
    assert {form for form in forms if f'"{form}"' not in used} == set()


def test_roles_named_in_diagrams_are_roles_of_the_pack() -> None:
    roles = set(tomllib.loads((PACK / "pack.toml").read_text("utf-8"))["roles"]) | {"public", "*"}
    for path in DIAGRAMS:
        for element in etree.parse(path).getroot().iter(f"{BPMN}userTask"):
            assigned = element.find(f"{BPMN}extensionElements/{ZEEBE}assignmentDefinition")
            groups = (assigned.get("candidateGroups") or "") if assigned is not None else ""
            listed = re.findall(r'"([a-z_]+)@?"', groups) if groups.startswith("=") else groups.split(",")
            escalated = re.findall(r"(?:^|,)\s*\S+\s+([a-z_]+)", properties(element).get("escalate", ""))
            assert {role for role in (*listed, *escalated) if role} <= roles, element.get("id")
