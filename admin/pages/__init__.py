"""The pack's own screens (`/p/<page>/`, `/portal/p/<page>`) and its registers (`/registers/<name>/`), drawn
generically.

Owns no rule of any town: a page says what it lists, who sees it and what may be done. Pieces: `asking` (who asks,
FEEL), `lists` (rows of a section), `show` (values as words), `deeds` (actions), `paste`, `figures`, `sheets` (xlsx and
csv), `screen` and `public` (the page views), `tables` and `row_forms` (registers).
"""

from __future__ import annotations

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from admin.pages import public
from admin.pages.preview import PreviewView
from admin.pages.screen import PageView
from admin.pages.tables import RegistersView
from admin.widgets.view import View
from engine import Engine


def views(engine: Engine) -> list[View]:
    """The screens of this part."""
    return [
        PageView(name=_l("业务页面"), endpoint="page", url="/p"),
        RegistersView(name=_l("台账"), endpoint="registers", url="/registers"),
        PreviewView(name="preview", endpoint="preview", url="/packs"),
    ]


def blueprints(engine: Engine) -> list[Blueprint]:
    """The public pages: outside Flask-Admin's views because nobody signs in for them."""
    return [public.blueprint]
