"""The built files of the browser side: their addresses (with the content's digest, so a browser may keep them for ever)
and the icons.

Owns reading admin/static/dist/manifest.json, which admin/frontend/build.mjs writes. Must not build anything.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, request, url_for
from markupsafe import Markup

DIST = Path(__file__).parents[1] / "static" / "dist"
FALLBACK = "point"  # shown for an icon that the sprite lacks: a pack may name any


@cache
def manifest() -> dict[str, Any]:
    """`files`: built name -> digest, `sources`: source path -> digest, `icons`: names in the sprite."""
    return json.loads((DIST / "manifest.json").read_text("utf-8"))


def asset(name: str) -> str:
    """Address of a built file; KeyError for one that was never built."""
    return _address(request.script_root, name)


@lru_cache(maxsize=1024)  # a built file's address changes with the program only, and with the place it is mounted at
def _address(root: str, name: str) -> str:
    return url_for("static", filename=f"dist/{name}", v=manifest()["files"][name][:12])


@cache
def _icons() -> frozenset[str]:
    return frozenset(manifest()["icons"])


def icon(name: str, classes: str = "") -> Markup:
    """An <svg> of a Tabler icon, decorative (hidden from screen readers): the text beside it says what it means."""
    return _icon(request.script_root, name if name in _icons() else FALLBACK, classes)


@lru_cache(maxsize=4096)
def _icon(root: str, name: str, classes: str) -> Markup:
    return Markup('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
        classes, _address(root, "icons.svg"), name
    )


def init(app: Flask) -> None:
    """Make `asset()` and `icon()` known to templates."""
    app.jinja_env.globals.update(asset=asset, icon=icon)
