"""A scenario's file: the TOML of scenarios/*.toml (docs/designer/scenarios.md), checked for words that nobody knows.

Owns its shape. Knows no process, role or register by name; plays nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import parsers
from engine.clock import as_utc
from engine.errors import InvalidFile, Said

ACTIONS = ("start", "complete", "claim", "message", "signal", "wait", "until", "insert", "find")
KEYS = frozenset(
    (*ACTIONS, "by", "with", "key", "case", "as", "where", "process", "times", "refused", "note", "expect")
)
HEAD = frozenset(("title", "start", "units", "people", "step"))
FOLDER = "scenarios/"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One file. `start`: naive UTC. `steps`: as written, checked for unknown keys."""

    file: str
    title: str
    start: datetime
    units: tuple[Mapping[str, Any], ...]
    people: tuple[Mapping[str, Any], ...]
    steps: tuple[Mapping[str, Any], ...]


def read(path: Path) -> Scenario:
    """A scenario file; see `parse`."""
    return parse(path.name, path.read_bytes())


def parse(name: str, content: bytes) -> Scenario:
    """A scenario. InvalidFile when it is no TOML, lacks a title or start, or has a key nobody knows."""
    try:
        raw = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InvalidFile(name=name, reason=parsers.said(problem)) from problem
    steps = raw.get("step", [])
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise InvalidFile(name=name, reason=Said("step 应写成 [[step]]", "step is written [[step]]"))
    unknown = (set(raw) - HEAD) | {key for step in steps for key in set(step) - KEYS}
    if unknown:
        zh, en = (mark.join(sorted(unknown)) for mark in ("、", ", "))
        raise InvalidFile(name=name, reason=Said(f"不认识的设置：{zh}", f"unknown: {en}"))
    for number, step in enumerate(steps, 1):
        if sum(action in step for action in ACTIONS) > 1:
            twice = Said(f"第 {number} 步做了不止一件事", f"step {number} does more than one thing")
            raise InvalidFile(name=name, reason=twice)
    groups = (tuple(raw.get("units", ())), tuple(raw.get("people", ())), tuple(steps))
    return Scenario(name, *_head(name, raw), *groups)


def _head(name: str, raw: Mapping[str, Any]) -> tuple[str, datetime]:
    start = raw.get("start")
    try:
        start = datetime.fromisoformat(start) if isinstance(start, str) else start
    except ValueError:
        start = None
    if not raw.get("title") or not isinstance(start, datetime) or start.tzinfo is None:
        needs = Said("需要 title，以及带时区的 start", "it needs a title and a start with an offset")
        raise InvalidFile(name=name, reason=needs)
    return str(raw["title"]), as_utc(start)


def of_pack(folder: Path) -> list[Scenario]:
    """The scenarios of a pack's folder, by file name."""
    return [read(path) for path in sorted((folder / "scenarios").glob("*.toml"))]
