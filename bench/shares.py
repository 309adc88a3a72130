"""Where the time of a workload goes: `python -m bench --profile W2`.

Owns the profile of what is ours (never of the floor or the peer) and its shares by part of the program. A built-in's
time counts for whoever called it; only what waits for the database is a part of its own. A profile slows Python down
and C not at all, so that shares tell where to look and are no figures.
"""

from __future__ import annotations

import cProfile
import pstats
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).parents[1])
DATABASE = ("sqlite3.Cursor", "sqlite3.Connection", "psycopg", "select.poll", "select.epoll", "wait_")
PARTS = ("engine/bpmn", "engine/commands", "engine/store", "engine/forms", "engine/expressions", "engine/people")
PARTS += ("engine/queries", "engine/registers", "engine", "admin", "bench")
LIBRARIES = {
    "SpiffWorkflow": ("SpiffWorkflow",),
    "peewee": ("peewee", "playhouse"),
    "templates": ("jinja2", "markupsafe", "wtforms", "admin/templates"),
    "web": ("flask", "werkzeug", "itsdangerous", "gunicorn", "babel", "blinker", "flask_"),
    "database": ("psycopg",),
}
SHOWN = 15

_profile: cProfile.Profile | None = None
_served: list[pstats.Stats] = []
Function = tuple[str, int, str]


@contextmanager
def ours() -> Iterator[None]:
    """What runs in here is profiled when a profile is wanted."""
    if _profile is None:
        yield
        return
    _profile.enable()
    try:
        yield
    finally:
        _profile.disable()


@contextmanager
def profiling() -> Iterator[cProfile.Profile]:
    """Want a profile, from here to the end."""
    global _profile
    _profile = cProfile.Profile()
    try:
        yield _profile
    finally:
        _profile = None


def add(profile: Path) -> None:
    """A served process's profile belongs to it too."""
    _served.append(pstats.Stats(str(profile)))


def collected(profile: cProfile.Profile) -> pstats.Stats:
    """All of it together."""
    profile.create_stats()
    own = [pstats.Stats(profile)] if profile.stats else []  # type: ignore[attr-defined]
    first, *others = [*own, *_served]
    for other in others:
        first.add(other)
    return first


def wanted() -> bool:
    """Whether somebody profiles: then what is served is served by a process that does."""
    return _profile is not None


def report(stats: pstats.Stats) -> Iterator[str]:
    """Shares by part, then the functions that take most by themselves."""
    times: dict[Function, Any] = stats.stats  # type: ignore[attr-defined]
    parts: Counter[str] = Counter()
    for function, (_calls, _primitive, own, _whole, callers) in times.items():
        for part, seconds in _owners(function, own, callers):
            parts[part] += seconds  # type: ignore[assignment]
    whole = sum(parts.values()) or 1
    for part, seconds in parts.most_common():
        if seconds / whole >= 0.005:
            yield f"{100 * seconds / whole:5.1f} %  {part}"
    yield f"\nown time of {len(times):,} functions, the first {SHOWN}:"
    for function, (_primitive, calls, own, _whole, _callers) in sorted(times.items(), key=lambda one: -one[1][2])[
        :SHOWN
    ]:
        yield f"{100 * own / whole:5.1f} %  {calls:>9,} x  {_named(function)}"


def _owners(function: Function, own: float, callers: dict[Function, Any]) -> Iterator[tuple[str, float]]:
    """(part, seconds): a built-in's time goes to its callers."""
    if function[0] != "~":
        yield part_of(function[0]), own
    elif any(word in function[2] for word in DATABASE) or not callers:
        yield "database", own
    else:
        for caller, (_calls, _primitive, seconds, _whole) in callers.items():
            yield part_of(caller[0]), seconds


def part_of(file: str) -> str:
    """The part of the program, or the library, that a file belongs to."""
    inside = file.removeprefix(f"{ROOT}/")
    if inside == file or inside.startswith("admin/templates"):
        name = file.rpartition("site-packages/")[2]
        for part, prefixes in LIBRARIES.items():
            if inside.startswith(prefixes) or name.startswith(prefixes):
                return part
        return "Python and other libraries"
    return next((part for part in PARTS if inside.startswith(f"{part}/")), "bench")


def _named(function: Function) -> str:
    file, line, name = function
    return name if file == "~" else f"{file.removeprefix(f'{ROOT}/').rpartition('site-packages/')[2]}:{line} {name}"
