"""Dotted names in nested data: `rows.0.name`, `address.street`. Never fails on data of another shape."""

from __future__ import annotations

from typing import Any


def get(data: Any, path: str, default: Any = None) -> Any:
    """The value at a path, else the default."""
    if "." not in path and isinstance(data, dict):
        return data.get(path, default)
    for part in path.split("."):
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif isinstance(data, list) and (number := row_number(part, data)) is not None:
            data = data[number]
        else:
            return default
    return data


def row_number(part: str, rows: list[Any]) -> int | None:
    """The index that a part of a path means in a list; None for what is none (letters, ², too many digits)."""
    number = int(part) if part.isascii() and part.isdigit() and len(part) <= 6 else len(rows)
    return number if number < len(rows) else None


def put(data: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a path of keys, making dicts on the way and in the place of anything else."""
    if "." not in path:
        data[path] = value
        return
    *way, last = path.split(".")
    for part in way:
        inner = data.get(part)
        data[part] = inner = inner if isinstance(inner, dict) else {}
        data = inner
    data[last] = value


def drop(data: dict[str, Any], path: str) -> None:
    """Remove the value at a path of keys, if it is there."""
    way, _, last = path.rpartition(".")
    holder = get(data, way) if way else data
    if isinstance(holder, dict):
        holder.pop(last, None)
