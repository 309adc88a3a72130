"""Every marked example in docs/ does what the page says: diagrams deploy, FEEL gives its value, scenarios pass.

The blocks of one page are deployed together with docs/examples, so an example may name the form or register that
stands beside it. `tests/docs/blocks.py` tells the marks.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from cli import parser
from engine import Engine, forms, imports, scenarios, seeds
from engine.clock import ManualClock
from engine.expressions import feel, scripts
from engine.packs import read
from engine.settings import Settings
from tests.conftest import MONDAY_0900_SHANGHAI
from tests.diagrams import HEAD, diagram, service
from tests.docs.blocks import DOCS, ROOT, Block, blocks, marked, pages

NOW, ZONE = MONDAY_0900_SHANGHAI, ZoneInfo("Asia/Shanghai")
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DMN_SPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DMN = f'<definitions xmlns="{DMN_SPACE}" id="d" name="d" namespace="urn:d">%s</definitions>'
KINDS = ("xml element", "xml process", "xml decision", "json form", "json register", "json page")
DEPLOYED = sorted({block.page for kind in KINDS for block in marked(kind)})
KNOWN = (*KINDS, "json answers", "feel", "python script", "python services", "toml", "sh", "python")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A migrated engine on SQLite; the examples are about meanings, not about databases."""
    made = Engine(f"sqlite:///{tmp_path}/linli.db", ManualClock(NOW), Settings(data=str(tmp_path / "var")))
    made.migrate()
    yield made
    made.close()


def deployable(page: Path) -> dict[str, bytes]:
    """The files that a page's blocks make, with the diagrams of docs/examples."""
    files = {path.name: path.read_bytes() for path in (DOCS / "examples").glob("*.bpmn")}
    for block in blocks(page):
        kind, _, what = block.mark.partition(" ")
        if block.mark in ("xml element", "xml process"):
            inside = in_a_process(block.text, f"at-{block.line}") if what == "element" else block.text
            files[f"{block.line}.bpmn"] = f"{HEAD}{inside}</definitions>".encode()
        elif block.mark == "xml decision":
            files[f"{block.line}.dmn"] = (DMN % block.text).encode()
        elif block.mark == "json form":
            files[f"{block.line}.form"] = block.text.encode()
        elif kind == "json" and what in ("register", "page"):
            files[f"{what}s/{block.line}.json"] = block.text.encode()
    return files


def in_a_process(elements: str, key: str) -> str:
    """A process around elements: a start before those that nothing leads to, an end behind those that lead nowhere."""
    nodes = etree.fromstring(f"{HEAD}{elements}</definitions>".encode())
    flows = nodes.findall(f"{BPMN}sequenceFlow")
    steps = [n for n in nodes if n.tag != f"{BPMN}sequenceFlow" and n.get("id")]
    targets, sources = {f.get("targetRef") for f in flows}, {f.get("sourceRef") for f in flows}
    first = [n.get("id") for n in steps if n.get("id") not in targets and not n.get("attachedToRef")]
    last = [n.get("id") for n in steps if n.get("id") not in sources]
    arrows = [(f"{key}-s", one) for one in first] + [(one, f"{key}-e") for one in last]
    lines = "".join(f'<sequenceFlow id="{a}--{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in arrows)
    return (
        f'<process id="{key}" isExecutable="true"><startEvent id="{key}-s"/><endEvent id="{key}-e"/>'
        f"{elements}{lines}</process>"
    )


def value(expression: str, variables: dict[str, object]) -> object:
    """What FEEL gives."""
    return feel.evaluate(expression, variables, now=NOW, zone=ZONE)


def lines(block: Block) -> Iterator[tuple[str, str]]:
    """`what  // what comes out`, line by line."""
    for line in block.text.splitlines():
        what, mark, comes = line.partition(" // ")
        if mark and what.strip():
            yield what.strip(), comes.strip()


def test_marks_are_known() -> None:
    """A misspelt mark would leave an example unread."""
    strange = [
        str(block)
        for page in pages()
        for block in blocks(page)
        if not any(block.mark == kind or block.mark.startswith(f"{kind} ") for kind in KNOWN)
    ]
    assert not strange


@pytest.mark.parametrize("page", DEPLOYED)
def test_what_a_page_shows_can_be_deployed(engine: Engine, page: str) -> None:
    files = deployable(ROOT / page)
    engine.deploy(files, by="docs")
    wrong = [finding for finding in engine.lint(files) if finding.severity == "error" or finding.code == "no-english"]
    assert not wrong


VARIABLES = {
    "name": "邻里",
    "place": "三号楼",
    "unit": "1",
    "amount": 120,
    "category": "policy",
    "urgent": False,
    "rows": [{"hours": 2}, {"hours": 3}],
    "signers": ["zhang", "li"],
}


@pytest.mark.parametrize("page", DEPLOYED)
def test_what_a_page_shows_can_be_started(engine: Engine, page: str) -> None:
    """Each diagram that can be started by hand gets as far as its first wait, without an incident."""
    engine.deploy(deployable(ROOT / page), by="docs")
    for process in engine.startable(by="docs"):
        case = engine.start(process.key, VARIABLES, by="docs")
        assert not engine.instance(case.id).incidents, process.key


def test_the_service_example_writes_its_row(engine: Engine) -> None:
    page = DOCS / "designer" / "services.md"
    engine.deploy(deployable(page), by="docs")
    (block,) = [one for one in blocks(page) if 'type="register.insert"' in one.text]
    case = engine.start(f"at-{block.line}", VARIABLES, by="docs")
    (row,) = engine.register("lamps").rows()
    assert row["place"] == "三号楼"
    assert engine.instance(case.id).variables["code"] == row["code"] == str(case.id)


@pytest.mark.parametrize("block", [b for b in marked("feel") if b.mark == "feel"], ids=str)
def test_feel_gives_what_the_page_says(block: Block) -> None:
    first = block.text.splitlines()[0]
    assert first.startswith("// "), "the first line gives the variables"
    variables = value(first.removeprefix("// "), {})
    assert isinstance(variables, dict)
    told = list(lines(block))
    assert told
    for expression, comes in told:
        assert value(expression, variables) == value(comes, {}), expression


@pytest.mark.parametrize("block", [b for b in marked("feel") if b.mark != "feel"], ids=str)
def test_a_decision_gives_what_the_page_says(engine: Engine, block: Block) -> None:
    engine.deploy(deployable(ROOT / block.page), by="docs")
    decision = block.mark.removeprefix("feel ")
    told = list(lines(block))
    assert told
    for variables, comes in told:
        given = value(variables, {})
        assert isinstance(given, dict)
        assert engine.decide(decision, given) == value(comes, {}), variables


@pytest.mark.parametrize("block", marked("json answers"), ids=str)
def test_a_form_takes_answers_as_the_page_says(block: Block) -> None:
    wanted = block.mark.removeprefix("json answers ")
    found = [forms.parse(b.text) for b in blocks(ROOT / block.page) if b.mark == "json form"]
    form = next(form for form in found if form.id == wanted)
    given, comes = map(json.loads, block.text.strip().splitlines())
    assert forms.check(form, given, context={}, evaluate=value) == comes


@pytest.mark.parametrize("block", marked("python script"), ids=str)
def test_a_script_gives_what_the_page_says(block: Block) -> None:
    first, _, script = block.text.partition("\n")
    given, comes = (json.loads(part) for part in first.removeprefix("# ").split(" -> "))
    assert scripts.run(script, given, now=NOW, seed=1, zone=ZONE) == comes


@pytest.mark.parametrize("block", marked("toml pack"), ids=str)
def test_a_pack_can_be_deployed_with_its_services(engine: Engine, tmp_path: Path, block: Block) -> None:
    """Its roles, calendars and services.py are read, and nothing in it is unknown."""
    folder = tmp_path / "example"
    folder.mkdir()
    (folder / "pack.toml").write_text(block.text, "utf-8")
    services = "\n".join(one.text for one in marked("python services"))
    (folder / "services.py").write_text(services, "utf-8")
    assert not read(folder).findings
    engine.deploy_pack(folder, by="docs")
    assert set(tomllib.loads(block.text)["roles"]) <= set(engine.people.roles())
    asked = service("measure", "example.area", inputs={"width": "=width", "length": "=length"})
    engine.deploy({"uses.bpmn": diagram("s -> measure -> e", asked)}, by="docs")
    case = engine.start("p", {"width": 2, "length": 3}, by="docs")
    engine.run_due()
    assert engine.instance(case.id).variables["area"] == 6


@pytest.mark.parametrize("block", marked("toml scenario"), ids=str)
def test_a_scenario_passes(engine: Engine, tmp_path: Path, block: Block) -> None:
    engine.deploy(deployable(ROOT / block.page), by="docs")
    (tmp_path / "shown.toml").write_text(block.text, "utf-8")
    assert scenarios.run(engine, scenarios.read(tmp_path / "shown.toml")).problems == ()


@pytest.mark.parametrize("block", marked("toml seeds"), ids=str)
def test_seeds_can_be_told(engine: Engine, tmp_path: Path, block: Block) -> None:
    engine.deploy(deployable(ROOT / block.page), by="docs")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "1.toml").write_text(block.text, "utf-8")
    clock = engine.clock
    assert isinstance(clock, ManualClock)
    made = seeds.seed(engine, clock, seeds.read(tmp_path))
    assert made["people"]
    assert made["cases"]
    assert clock.now() == NOW


@pytest.mark.parametrize("block", marked("toml map"), ids=str)
def test_a_map_can_be_read(tmp_path: Path, block: Block) -> None:
    (tmp_path / "map.toml").write_text(block.text, "utf-8")
    assert imports.read_mapping(tmp_path / "map.toml").variables


@pytest.mark.parametrize("block", marked("sh"), ids=str)
def test_commands_that_a_page_shows_exist(block: Block) -> None:
    """Each `run.py` line is one that the command line takes; each `make` target is there."""
    makefile = (ROOT / "Makefile").read_text()
    for line in block.text.splitlines():
        asked = shlex.split(line, comments=True)
        if "run.py" in asked:
            parser().parse_args(asked[asked.index("run.py") + 1 :] or ["serve"])
        if asked[:1] == ["make"]:
            targets = [word for word in asked[1:] if "=" not in word]
            assert all(re.search(rf"^{target}:", makefile, re.M) for target in targets), line


def test_the_readmes_program_runs(tmp_path: Path) -> None:
    """As printed, in a folder where docs/ stands: it deploys, starts, completes and prints the trace."""
    (program,) = [one for one in blocks(ROOT / "README.md") if one.mark == "python"]
    (tmp_path / "docs").symlink_to(DOCS)
    where = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", program.text], cwd=tmp_path, env=where, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("completed [('said', 'entered')")
    assert "('friends', 'completed')" in ran.stdout


def test_an_instant_in_the_docs_is_the_fixtures_monday() -> None:
    """The pages' dates are read against this clock."""
    assert datetime(2026, 11, 23, 9, tzinfo=ZONE).astimezone(ZoneInfo("UTC")).replace(tzinfo=None) == NOW
