"""docs/developer/contracts.md names what is there: calls of the façade, services, addresses of screens."""

from __future__ import annotations

import re
from pathlib import Path

from admin.app import create_app
from engine import Engine
from engine.commands import services
from engine.registers import Register, batch
from engine.settings import Settings
from tests.docs.blocks import DOCS

TEXT = (DOCS / "developer" / "contracts.md").read_text("utf-8")


def test_calls_of_the_facade_are_there() -> None:
    named = set(re.findall(r"\bengine\.([a-z_]+)\(", TEXT))
    assert len(named) > 30
    assert not [name for name in sorted(named) if not hasattr(Engine, name)]


def test_calls_of_a_register_are_there() -> None:
    (line,) = re.findall(r"^    \.get\(key_or_id\).*$", TEXT, re.M)
    named = re.findall(r"\.([a-z_]+)\(", line)
    assert len(named) > 5
    assert not [name for name in named if not hasattr(Register, name)]


def test_services_are_there() -> None:
    (family,) = re.findall(r"`register\.([a-z]+(?:\|[a-z]+)+)`", TEXT)[:1]
    assert {f"register.{name}" for name in family.split("|")} == batch.SERVICES
    named = {name for name in services.names() if not name.endswith("*")}
    assert named <= set(re.findall(r"`([a-z]+\.[a-z]+|notice)`", TEXT)) | {"people.find", "people.put", "people.match"}


def test_addresses_are_there(tmp_path: Path) -> None:
    """The list in the section on admin/: every address begins one that the application answers."""
    engine = Engine(f"sqlite:///{tmp_path}/a.db", settings=Settings(data=str(tmp_path)))
    engine.migrate()
    rules = [re.sub(r"<[^>]+>", "<>", rule.rule) for rule in create_app(engine).url_map.iter_rules()]
    engine.close()
    section = TEXT[TEXT.index("- URLs:") :]
    named = re.findall(r"`(/[\w/<> -]*)`", section[: section.index("\n- ")])
    assert len(named) > 20
    plain = [re.sub(r"<[^>]+>", "<>", name) for name in named]
    assert not [name for name in plain if not any(rule == name or rule.startswith(f"{name}/") for rule in rules)]
