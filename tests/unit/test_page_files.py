"""The lint of page files: what a designer misspells is named with its line; the pack's own pages are clean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine import pages, registers
from engine.errors import DeploymentRefused

PACK = Path(__file__).parents[2] / "workflows" / "community"
SCHEMAS = {p.stem: registers.parse(p.read_bytes(), p.name) for p in (PACK / "registers").glob("*.json")}
PAGE: dict[str, Any] = {
    "name": "list",
    "title": {"zh": "列表", "en": "List"},
    "source": {"register": "demands", "where": {"status": "new"}, "order": "-created_at"},
    "columns": ["code", "content"],
    "actions": [
        {"name": "go", "label": {"zh": "办", "en": "Go"}, "kind": "start", "process": "p", "with": {"x": "=row.code"}}
    ],
}


def found(change: dict[str, Any]) -> set[str]:
    content = json.dumps(PAGE | change, ensure_ascii=False, indent=1).encode()
    findings = pages.lint(content, "list.json", SCHEMAS)
    assert all(one.message and one.message_en and one.line > 0 for one in findings)
    return {one.code for one in findings}


def test_a_sound_page_has_no_findings() -> None:
    assert found({}) == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "Bad Name"}, "bad-name"),
        ({"colour": "red"}, "unknown-key"),
        ({"title": {"zh": "只有中文"}}, "one-language"),
        ({"menu": "kitchen"}, "bad-value"),
        ({"layout": "carousel"}, "bad-value"),
        ({"layout": "board"}, "no-setting"),
        ({"source": None}, "no-source"),
        ({"source": {"register": "nothing"}}, "unknown-register"),
        ({"source": {"register": "demands", "where": {"phone": "1"}}}, "not-indexed"),
        ({"source": {"register": "demands", "where": {"unit": "=me.("}}}, "bad-expression"),
        ({"source": {"query": "everything"}}, "bad-value"),
        ({"columns": ["nothing"]}, "unknown-field"),
        ({"filters": ["content2"]}, "unknown-field"),
        ({"mine": {"field": "unit", "is": "moon"}}, "bad-value"),
        ({"actions": [{"name": "a", "label": {"zh": "甲", "en": "A"}, "kind": "fly"}]}, "bad-value"),
        ({"actions": [{"name": "a", "label": {"zh": "甲", "en": "A"}, "kind": "start"}]}, "no-setting"),
        (
            {"actions": [{"name": "a", "label": {"zh": "甲", "en": "A"}, "kind": "urge", "when": "row."}]},
            "bad-expression",
        ),
        ({"actions": "none"}, "bad-list"),
    ],
)
def test_the_lint_names_what_is_wrong(change: dict[str, Any], code: str) -> None:
    assert code in found(change)


def test_a_refused_page_says_why() -> None:
    with pytest.raises(DeploymentRefused):
        pages.parse(b'{"name": "x", "layout": "carousel"}')


@pytest.mark.parametrize("path", sorted((PACK / "pages").glob("*.json")), ids=lambda path: path.stem)
def test_the_packs_pages_are_clean_and_in_both_languages(path: Path) -> None:
    assert pages.lint(path.read_bytes(), path.name, SCHEMAS) == []
    assert pages.parse(path.read_bytes()).name == path.stem
