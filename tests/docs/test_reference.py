"""The generated pages are those that the engine gives today, and they name everything that can be drawn or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bpmn.dialects import zeebe
from engine.bpmn.xml import ACTIVITIES, GATEWAYS
from tests.docs import notation, reference
from tests.docs.blocks import words


@pytest.mark.parametrize("page", reference.PAGES, ids=lambda path: path.name)
def test_generated_pages_are_up_to_date(page: Path) -> None:
    """After a change of elements or errors: python -m tests.docs.reference."""
    assert page.read_text("utf-8") == reference.PAGES[page]()


def test_every_construct_has_its_picture() -> None:
    """After a change of constructs: python -m tests.docs.reference."""
    drawn = notation.pictures()
    assert set(notation.PICTURES.iterdir()) == set(drawn)
    assert [path.name for path, picture in drawn.items() if path.read_text("utf-8") != picture] == []


def test_every_element_is_in_the_table() -> None:
    named = words(reference.ELEMENTS)
    assert named >= ACTIVITIES | GATEWAYS
    assert named >= zeebe.KNOWN | set(zeebe.REFUSED)


def test_every_error_is_in_the_table() -> None:
    assert words(reference.ERRORS) >= {kind.__name__ for kind in reference.kinds()}


def test_a_refused_element_is_told_from_one_that_runs() -> None:
    """The table's marks come from the lint: one that is refused must not show as running."""
    assert reference.verdict(reference._around("", '<magicTask id="n"/>'))
    assert not reference.verdict(reference._around("", '<task id="n"/>'))
