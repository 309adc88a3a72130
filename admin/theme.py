"""Linli's own Flask-Admin theme: Tabler, our base template, our list and form templates.

Owns where Flask-Admin finds its templates and what every template may call. Must not know any screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, url_for
from flask_admin.theme import Theme

from admin.widgets import assets, codes, current, dates, names, pieces, privacy, tables, view

TEMPLATES = Path(__file__).parent / "templates"


@dataclass
class LinliTheme(Theme):
    """`folder` is our own, so Flask-Admin's Bootstrap 4 templates are never found by accident."""

    folder: str = str(TEMPLATES)
    base_template: str = "linli/base.html"


class Macros:
    """`ui` of templates: the macros of linli/macros.html, looked up once. Importing them costs a page more than most of
    them do, since Jinja compares all of the names that both know."""

    def __init__(self, app: Flask) -> None:
        self._environment = app.jinja_env

    def __getattr__(self, name: str) -> Any:
        macro = getattr(self._environment.get_template("linli/macros.html").module, name)
        setattr(self, name, macro)
        return macro


def _address(endpoint: str, **values: Any) -> str:
    """`url_for` of templates; what depends on nothing is made once."""
    return url_for(endpoint, **values) if values or endpoint.startswith(".") else view.address(endpoint)


def init(app: Flask) -> None:
    """Install what templates use."""
    for part in (assets, codes, dates, names, pieces, privacy, tables):
        part.init(app)
    app.jinja_env.globals.update(has_endpoint=lambda name: name in app.view_functions, clock_now=current.now)
    app.jinja_env.globals.update(
        me=current.me,
        may=current.may,
        menu=view.menu,
        opened=view.opened,
        settings=lambda: current.engine().settings,
        ui=Macros(app),
        url_for=_address,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
