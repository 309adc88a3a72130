"""The pages themselves: links lead somewhere, pictures are there and small, nothing is told of files that are gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import DOCS, ROOT, pages

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
LARGEST = 150_000  # bytes of a picture


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(page.read_text("utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def test_pictures_are_shown_and_small() -> None:
    shown = {
        (page.parent / link).resolve()
        for page in pages()
        for link in LINK.findall(page.read_text("utf-8"))
        if link.endswith(".png")
    }
    kept = {path.resolve() for path in (DOCS / "pictures").glob("*.*")}
    assert shown == kept
    for picture in kept:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < LARGEST, picture.name


def test_the_readme_has_pictures_of_the_desk_and_of_a_diagram() -> None:
    shown = LINK.findall((ROOT / "README.md").read_text("utf-8"))
    assert {"docs/pictures/desk.png", "docs/pictures/studio.png"} <= set(shown)


FILE = re.compile(r"`((?:engine|admin|cli|tests|docs|workflows|bench)/[\w./-]+\.(?:py|md|toml|html|js|json|bpmn))`")


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_names_are_there(page: Path) -> None:
    named = [name for name in FILE.findall(page.read_text("utf-8")) if not re.search(r"[A-Z]{3,}\.", name)]
    assert not [name for name in named if not (ROOT / name).exists()]
