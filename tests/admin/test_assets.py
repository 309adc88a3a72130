"""The built browser files are what the sources say, carry their licences, and hold every icon that is asked for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from admin.widgets import assets
from tests.admin.conftest import Visitor

ADMIN = Path(assets.__file__).parents[1]
FRONTEND = ADMIN / "frontend"
NAMED = re.compile(
    r"""\bicon\(\s*["']([a-z0-9-]+)["']|\bicon\s*=\s*["']([a-z0-9-]+)["']|image\s*=\s*["']([a-z0-9-]+)["']"""
)
VIEW_ICONS = re.compile(r"""^\s+icon = "([a-z0-9-]+)"$""", re.M)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_built_files_come_from_the_present_sources() -> None:
    """Stale builds: somebody edits src/ and forgets `npm run build`. The build writes down what it read."""
    present = {"build.mjs", "package.json", "package-lock.json"} | {
        f"src/{p.name}" for p in (FRONTEND / "src").iterdir()
    }
    assert assets.manifest()["sources"] == {name: digest(FRONTEND / name) for name in present}


def test_the_built_files_are_as_they_were_built() -> None:
    built = {p.name: digest(p) for p in assets.DIST.iterdir() if p.name != "manifest.json"}
    assert assets.manifest()["files"] == built


def test_the_licences_of_what_is_bundled_are_beside_it() -> None:
    licences = (assets.DIST / "licences.txt").read_text("utf-8")
    for name in (
        "@tabler/core",
        "@tabler/icons",
        "htmx.org",
        "bpmn-js",
        "diagram-js",
        "bpmn-js-properties-panel",
        "preact",
    ):
        assert re.search(rf"^{re.escape(name)} \d", licences, re.M), name
    assert "watermark" in licences or "bpmn.io" in licences


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    known, missing = set(assets.manifest()["icons"]), set()
    for path in (ADMIN / "templates").rglob("*.html"):
        for groups in NAMED.findall(path.read_text("utf-8")):
            missing |= {(path.name, name) for name in groups if name and name not in known}
    for path in ADMIN.rglob("*.py"):
        missing |= {(path.name, name) for name in VIEW_ICONS.findall(path.read_text("utf-8")) if name not in known}
    assert not missing


def test_built_files_are_kept_by_browsers_and_change_their_address_when_they_change(
    visit: Callable[..., Visitor],
) -> None:
    page = visit().get("/sign-in").get_data(as_text=True)
    address = re.search(r'href="(/static/dist/shell\.css\?v=[0-9a-f]{12})"', page)
    assert address
    with visit().get(address[1]) as answer:
        assert answer.status_code == 200 and "max-age=31536000" in answer.headers["Cache-Control"]


def test_the_editor_is_loaded_on_studio_pages_only(visit: Callable[..., Visitor]) -> None:
    visitor = visit("boss")
    assert "studio.js" not in visitor.get("/definitions/").get_data(as_text=True)
    assert "studio.js" in visitor.get("/studio/new").get_data(as_text=True)
