"""What the code offers, the docs name: commands, options, types, services, layouts, actions, keys of every file format.

Each test asks the code for its list and the page for the words in backticks. Settings have their own test in
tests/unit/test_settings.py.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from dataclasses import fields

import pytest

from admin.desk import operations
from admin.system import incidents
from cli import parser
from engine import imports, seeds
from engine.bpmn import star
from engine.commands import services
from engine.commands.handlers import Handlers
from engine.forms import model as form_model
from engine.imports.mapping import Source
from engine.packs import contents
from engine.pages import model as page_model
from engine.pages.lint import _ACTION, _CARD, _COLUMN, _DETAILS, _MEASURE, _PAGE, _PASTE, _SOURCE, SECTION
from engine.people import rules
from engine.people.roles import BUILT_IN
from engine.registers import batch, filters, schema
from engine.scenarios import expecting, files
from engine.store import open_store
from tests.docs.blocks import DOCS, ROOT, words

DESIGNER, OPERATOR = DOCS / "designer", DOCS / "operator"


def undocumented(wanted: Iterable[str], *pages: str) -> list[str]:
    """Those of the names that no page has in backticks."""
    named = words(*(DOCS / page for page in pages))
    return sorted(name for name in wanted if name not in named)


def commands(made: argparse.ArgumentParser) -> Iterable[str]:
    """Every command and option below a parser."""
    for action in made._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield name
                yield from commands(inner)
        elif not isinstance(action, argparse._HelpAction):
            yield from action.option_strings


def test_every_command_and_option_is_told_to_operators() -> None:
    named = list(commands(parser()))
    assert {"serve", "--by"} <= set(named)
    assert not undocumented(named, "operator/README.md")


def test_every_form_field_type_widget_and_rule_is_told() -> None:
    rules_ = {*form_model._RULES, *form_model._SETTINGS}
    assert not undocumented(form_model.TYPES | form_model.WIDGETS | rules_, "designer/forms.md")


def test_every_inline_service_and_job_type_is_told(tmp_path, clock) -> None:
    jobs = Handlers(open_store(f"sqlite:///{tmp_path}/none.db"), clock)._own
    inline = {name for name in services.names() if not name.endswith("*")} | batch.SERVICES
    assert not undocumented(inline | set(jobs), "designer/services.md")


def test_everything_a_page_can_be_is_told() -> None:
    words_ = {*page_model.LAYOUTS, *page_model.KINDS, *page_model.MENUS, *page_model.FORMATS, *page_model.QUERIES}
    words_ |= {*page_model.SCOPES, *page_model.WHO, *page_model.PLACES}
    settings = _PAGE | SECTION | _ACTION | _DETAILS | _MEASURE | _PASTE | _COLUMN | _CARD | _SOURCE
    assert not undocumented(words_ | settings, "designer/pages.md")


def test_everything_a_register_can_be_is_told() -> None:
    keys = schema._KEYS | schema._FIELD_KEYS | set(schema.TYPES) | set(schema.ALWAYS) | filters._WORDS
    assert not undocumented(keys, "designer/registers.md")


def test_every_key_of_a_scenario_is_told() -> None:
    assert not undocumented(files.KEYS | files.HEAD | set(expecting.CHECKS), "designer/scenarios.md")


def test_every_key_of_seeds_is_told() -> None:
    assert not undocumented({*seeds.TABLES, *seeds.ACTS, *seeds.STEP}, "designer/seeds.md")


def test_every_key_of_a_map_is_told() -> None:
    """The keys of a mapping file stand in the page's example."""
    page = (OPERATOR / "import.md").read_text("utf-8")
    keys = {one.name for one in fields(imports.Mapping)} | {one.name for one in fields(Source)}
    assert not [key for key in keys if not re.search(rf"\b{key}\b", page)]


def test_everything_a_pack_can_say_is_told() -> None:
    assert not undocumented({*contents.SETTINGS, *BUILT_IN}, "designer/README.md")


def test_every_operation_on_a_task_is_told() -> None:
    assert not undocumented(operations.OFFERED, "designer/diagrams.md")


def test_every_assignment_rule_is_told() -> None:
    named = words(DESIGNER / "diagrams.md")
    assert {f"{kind}:" for kind in rules._KINDS} <= {f"{word.partition(':')[0]}:" for word in named if ":" in word}
    assert {"initiator", "clerk@up", "clerk@*"} <= named


READ = re.compile(r'properties\.get\(\s*"(\w+)"')


@pytest.mark.parametrize("place", ["engine/bpmn", "engine/commands", "admin/desk"])
def test_every_property_of_an_element_that_the_code_reads_is_told(place: str) -> None:
    """Settings are free text in the file, so only the code that reads them knows their names."""
    found = {name for path in (ROOT / place).rglob("*.py") for name in READ.findall(path.read_text("utf-8"))}
    assert found
    assert not undocumented(found, "designer/diagrams.md")


def test_every_property_in_the_panel_is_told() -> None:
    groups = (ROOT / "admin/frontend/src/groups.js").read_text("utf-8")
    shown = set(re.findall(r"\b(?:kept|feel|rules|choose)\('(\w+)'", groups))
    assert "remind" in shown
    assert not undocumented(shown, "designer/diagrams.md")


def test_every_kind_of_incident_is_told() -> None:
    kinds = {*star._KINDS.values(), "service", *incidents.KINDS} - {"register"}
    broken = re.compile(r'Break\([^,]+, "(\w+)"')
    sources = (ROOT / "engine/commands").rglob("*.py")
    kinds |= {kind for path in sources for kind in broken.findall(path.read_text("utf-8"))}
    assert {"call", "job"} <= kinds
    assert not undocumented(kinds, "operator/README.md")


def test_every_problem_the_doctor_names_is_told() -> None:
    source = (ROOT / "engine/doctor.py").read_text("utf-8")
    codes = set(re.findall(r'Problem\([^,]+(?: or 0)?, "(\w+)"', source))
    assert {"orphan", "journal"} <= codes
    assert not undocumented(codes, "operator/README.md")
