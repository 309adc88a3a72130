"""`/portal/p/<page>`: a page that its pack marks public, without signing in.

Owns that only public pages answer here, and that they can only show, open and copy: nothing can be changed.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from admin.pages import asking, blocks, deeds
from admin.pages.lists import Rows
from engine.errors import NotFound
from engine.pages import Page

blueprint = Blueprint("public_pages", __name__, url_prefix="/portal/p")


@blueprint.get("/<name>")
def index(name: str) -> str:
    """The page."""
    found = _public(name)
    builder = blocks.Builder(found, url_for("public_pages.index", name=name) + "/")
    made = [builder.block(section) for section in found.sections]
    return render_template("pages/public.html", page=found, blocks=made, title=asking.said(found.title))


@blueprint.get("/<name>/do/<section>/<action>")
def do(name: str, section: str, action: str) -> Any:
    """The text, link and code of a row, to hand on."""
    found = _public(name)
    part = found.section(section)
    chosen = part.action(action) if part else None
    if part is None or chosen is None or chosen.kind not in deeds.SHOWN:
        raise NotFound(what=_("操作"), id=action)
    rows = Rows(found, part)
    row = rows.one(request.args.get("row", ""))
    passage = deeds.passage(deeds.Deed(chosen, [row], rows.register))
    back = url_for("public_pages.index", name=name)
    return render_template("pages/public_passage.html", page=found, action=chosen, passage=passage, back=back)


def _public(name: str) -> Page:
    from_pack = asking.page(name)
    if not from_pack.public:
        raise NotFound(what=_("页面"), id=name)
    return from_pack
