"""Pick-lists of the editors: every kind of name, what a working copy brings before what is deployed, every service."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from admin.app import create_app
from admin.studio.jobs import JOBS
from admin.studio.names import names
from engine import Engine
from engine.commands import services
from engine.registers import batch
from tests.admin.conftest import Visitor
from tests.diagrams import diagram

FORM = b"""{"type": "default", "id": "ask", "properties": {"title": "Frage"}, "components": [
  {"type": "group", "path": "who", "components": [{"type": "textfield", "key": "name", "label": "Name"}]},
  {"type": "number", "key": "amount", "label": "Amount"}, {"type": "html", "content": ""},
  {"type": "select", "key": "kind", "label": "Kind", "values": [{"value": "a", "label": "A"}]}]}"""
REGISTER = b"""{"name": "lamps", "title": {"zh": "L", "en": "Lamps"}, "fields": [
  {"key": "code", "type": "text", "label": {"zh": "C"}}]}"""


def given(app: Flask, engine: Engine, **files: bytes) -> dict[str, Any]:
    """The lists as a page in Chinese gets them; keyword `ask_form` is the file ask.form."""
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        settings = {
            "name": "p",
            "roles": {"clerk": {"title": {"zh": "窗口"}}},
            "calendars": {"service": {"title": {"zh": "服务"}}},
        }
        return names(engine, {name.replace("_", "."): content for name, content in files.items()}, settings)


def test_a_working_copy_gives_its_names_before_what_is_deployed(engine: Engine) -> None:
    engine.deploy({"a.bpmn": diagram("s -> e", key="old")}, by="")
    lists = given(create_app(engine), engine, ask_form=FORM, lamps_json=REGISTER, a_bpmn=diagram("s -> e", key="fresh"))
    assert {row["id"] for row in lists["processes"]} == {"old", "fresh"}
    assert [(f["id"], f["type"]) for f in lists["forms"][0]["fields"]] == [
        ("who.name", "text"),
        ("amount", "number"),
        ("kind", "text"),
    ]
    assert lists["registers"][0]["title"] == "L" and lists["registers"][0]["fields"] == [{"id": "code", "title": "C"}]
    assert {"id": "clerk", "title": "窗口"} in lists["roles"] and {"id": "service", "title": "服务"} in lists[
        "calendars"
    ]


def test_a_file_that_is_half_written_gives_no_names_and_breaks_nothing(engine: Engine) -> None:
    for broken in (b"", b"{", b"[]", b"<a", b'{"name": 1, "fields": [1]}', b"\xff"):
        lists = given(create_app(engine), engine, a_form=broken, a_dmn=broken, a_bpmn=broken, a_json=broken)
        assert not lists["forms"] and not lists["decisions"]


def test_every_service_of_the_engine_is_described_with_its_words(engine: Engine) -> None:
    """The panel offered what somebody remembered: a service that is added must be described, one that goes, go."""
    own = {name for name in engine.job_types() if not name.endswith("*")} | set(batch.SERVICES)
    assert {job.type for job in JOBS} == own
    assert all(services.is_inline(job.type) or job.type in ("http", "email", "notify") for job in JOBS)


def test_the_services_are_those_of_the_manual() -> None:
    manual = (Path(__file__).parents[2] / "docs/designer/services.md").read_text("utf-8")
    for job in JOBS:
        (line,) = [row for row in manual.splitlines() if row.startswith(f"| `{job.type}` |")]
        for asked in job.inputs:
            assert f"`{asked.name}`" in line, (job.type, asked.name)


def test_who_designs_gets_the_lists(visit: Callable[..., Visitor]) -> None:
    answer = visit("drawer").get("/studio/names").get_json()
    assert {"forms", "decisions", "processes", "registers", "roles", "units", "calendars", "jobs", "messages"} == set(
        answer
    )
    assert visit("li").get("/studio/names").status_code == 403
