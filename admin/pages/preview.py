"""`/packs/<pack>/preview/pages/NAME.json`: a page as it is being designed, drawn by the very view that will draw it.

Owns the frame's page in the pages designer: the JSON on the screen over the rows that are published, as far as its
designer may read them. Nothing of it can be done: buttons are shown and lead nowhere.
"""

from __future__ import annotations

from typing import Any

from flask import Response, g, make_response, render_template, request
from flask_admin import expose

from admin import guard
from admin.pages import blocks
from admin.widgets import current
from admin.widgets.view import View
from engine import pages, registers
from engine.errors import DeploymentRefused, LinliError, NotFound
from engine.registers import RegisterSchema

FRAMED = guard.POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")  # shown inside the designer's page


class PreviewView(View):
    """A page that is not published."""

    permission = "design"

    @expose("/<pack>/preview/<path:path>", methods=["POST"])
    def draw(self, pack: str, path: str) -> Response:
        """The page of the posted `content`; what keeps it from being drawn, instead."""
        g.draft_registers = _drafts(pack)
        try:
            page = pages.parse(request.form.get("content", "").encode(), path)
            shown: dict[str, Any] = {"page": page, "blocks": _blocks(page), "findings": ()}
        except DeploymentRefused as refused:
            shown = {"page": None, "blocks": (), "findings": [f.text(current.me().locale) for f in refused.findings]}
        except LinliError as problem:
            shown = {"page": None, "blocks": (), "findings": [problem.text(current.me().locale)]}
        answer = make_response(render_template("pages/preview.html", **shown))
        answer.headers["Content-Security-Policy"] = FRAMED.format(nonce=guard.nonce())
        return answer


def _blocks(page: pages.Page) -> list[blocks.Block]:
    builder = blocks.Builder(page, "#")
    return [builder.block(section) for section in page.sections]


def _drafts(pack: str) -> dict[str, RegisterSchema]:
    """The registers of the working copy that can be read."""
    engine, found = current.engine(), {}
    for one in engine.pack_files(pack):
        if one.path.startswith("registers/"):
            try:
                schema = registers.parse(engine.pack_file(pack, one.path)[0], one.path)
            except LinliError:  # half-written: its own editor says what is wrong
                continue
            if _fits(schema):
                found[schema.name] = schema
    return found


def _fits(schema: RegisterSchema) -> bool:
    """Whether rows there are can be shown through a draft: of another type they will be only once it is published."""
    try:
        live = current.engine().register(schema.name).schema
    except NotFound:
        return True
    return all(f.type == live.by_key[f.key].type for f in schema.fields if f.key in live.by_key)
