"""Linli's own Flask-Admin theme: Tabler, our base template, our list and form templates.

Owns where Flask-Admin finds its templates and what every template may call. Must not know any screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask_admin.theme import Theme

from admin.widgets import assets, codes, current, dates, names, privacy, tables, view

TEMPLATES = Path(__file__).parent / "templates"


@dataclass
class LinliTheme(Theme):
    """`folder` is our own, so Flask-Admin's Bootstrap 4 templates are never found by accident."""

    folder: str = str(TEMPLATES)
    base_template: str = "linli/base.html"


def init(app: Flask) -> None:
    """Install what templates use."""
    for part in (assets, codes, dates, names, privacy, tables):
        part.init(app)
    app.jinja_env.globals.update(has_endpoint=lambda name: name in app.view_functions, clock_now=current.now)
    app.jinja_env.globals.update(
        me=current.me, may=current.may, menu=view.menu, settings=lambda: current.engine().settings
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
