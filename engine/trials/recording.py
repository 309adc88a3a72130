"""A trial as a scenario: what was done becomes steps, what was seen becomes what they expect.

Owns the text of the file. A value that TOML cannot hold is written as FEEL, as scenarios read it; what is null is left
out, and so are uploads, which another database does not have.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.calendars import iso
from engine.clock import in_zone
from engine.packs import inline


def scenario(
    title: str, begun: datetime, zone: ZoneInfo, cast: tuple[list[dict[str, Any]], list[dict[str, Any]]], steps: Any
) -> bytes:
    """The file. `begun`: naive UTC."""
    units, people = cast
    start = in_zone(begun, zone).replace(microsecond=0)
    lines = [f"title = {inline(title)}", f"start = {inline(start)}"]
    lines += ["units = [", *(f"  {inline(unit)}," for unit in units), "]"]
    lines += ["people = [", *(f"  {inline(person)}," for person in people), "]"]
    for step in steps:
        lines += ["", "[[step]]"]
        lines += [f"{key} = {inline(plain(value))}" for key, value in step.items() if value is not None]
    return ("\n".join(lines) + "\n").encode()


def plain(value: Any) -> Any:
    """A value that TOML can hold."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value if one is not None]
    if isinstance(value, timedelta):
        return f'=duration("{iso.text_of(value)}")'
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, str) and value.startswith("="):
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'="{quoted}"'
    return value
