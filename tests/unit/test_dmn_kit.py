"""The DMN Technology Compatibility Kit, read from ../shared: how much of the standard the decisions honour.

`make tck` prints it by group. What fails is listed with its reason in tests/tck/known.toml and docs/designer/feel.md.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.tck import kit

FEEL = Path(__file__).parents[2] / "docs/designer/feel.md"


@pytest.fixture(scope="module")
def outcomes():
    return list(kit.outcomes())


@pytest.mark.shared
def test_only_what_is_known_fails_and_all_of_it(outcomes):
    """In both directions: a failure that is mended leaves the list, or the list says nothing."""
    assert len(outcomes) > 1600, "the kit was not read"
    assert {one.key for one in outcomes if not one.right} == set(kit.known())


@pytest.mark.shared
def test_the_figures_of_the_documentation_are_these(outcomes):
    text = FEEL.read_text(encoding="utf-8")
    for level in kit.LEVELS:
        right = [one.right for one in outcomes if one.level == level]
        assert f"| {sum(right)} / {len(right)} |" in text


@pytest.mark.shared
def test_level_two_is_whole_and_level_three_nearly(outcomes):
    share = {}
    for level in kit.LEVELS:
        of_level = [one.right for one in outcomes if one.level == level]
        share[level] = sum(of_level) / len(of_level)
    assert share["compliance-level-2"] == 1
    assert share["compliance-level-3"] > 0.98


def test_the_known_failures_are_documented_with_their_reason():
    groups = tomllib.loads(kit.KNOWN.read_text(encoding="utf-8"))["known"]
    text = FEEL.read_text(encoding="utf-8")
    assert [group["anchor"] for group in groups if group["anchor"] not in text or not group["reason"]] == []


def test_a_wrong_answer_is_not_taken_for_a_right_one():
    """What the yardstick itself must not let pass."""
    assert not kit.same(None, False)
    assert not kit.same(1, True)
    assert not kit.same("1", 1.0)
    assert not kit.same([1.0], [1.0, None])
    assert not kit.same({"a": None}, {})
    assert kit.same(0.1 + 0.2, 0.3)
