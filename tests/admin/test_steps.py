"""Paths of posted fields: rows are added and taken out, nothing else is touched, a made-up path does nothing."""

from __future__ import annotations

from typing import Any

import pytest

from admin.widgets import steps


def test_a_value_is_found_and_set_at_a_dotted_path() -> None:
    data: dict[str, Any] = {"rows": [{"name": "a"}, {"name": "b"}]}
    steps.put(data, "rows.1.photo", ["p1"])
    assert steps.get(data, "rows.1") == {"name": "b", "photo": ["p1"]}
    assert steps.get(data, "rows.7.name") is None


def test_removing_a_row_keeps_the_others_in_order() -> None:
    data: dict[str, Any] = {"rows": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}
    steps.remove(data, "rows.1")
    assert data == {"rows": [{"name": "a"}, {"name": "c"}]}


def test_removing_the_only_file_of_a_single_field_empties_it() -> None:
    data: dict[str, Any] = {"photo": "id1", "photos": ["x", "y"]}
    steps.remove(data, "photo.0")
    steps.remove(data, "photos.0")
    assert data == {"photo": None, "photos": ["y"]}


@pytest.mark.parametrize("path", ["", "a", "rows.9", "rows.x", "rows.0.name.deep.er", "9.9.9"])
def test_a_path_that_somebody_made_up_changes_nothing_else(path: str) -> None:
    data: dict[str, Any] = {"rows": [{"name": "a"}], "b": 1}
    steps.remove(data, path)
    assert data == {"rows": [{"name": "a"}], "b": 1}


def test_an_index_is_a_star_in_a_pattern() -> None:
    assert steps.pattern("rows.12.photo") == "rows.*.photo"
