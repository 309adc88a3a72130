"""`/packs/<pack>/design/...`: registers and pages as forms, drawn by the server from the JSON on the designer's screen.

Owns the way between the browser's document and the form (frontend/src/designer.js), the roles that may use what is
being designed, and the dry run of a register's rows. The form keeps nothing: saving is the workbench's, as for every
editor.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, jsonify, render_template, request, url_for
from flask_admin import expose

from admin import i18n
from admin.studio import names, page_design, register_design, rights, trees
from admin.studio.trees import Document
from admin.widgets import current
from admin.widgets.view import View
from engine import parsers, registers
from engine.errors import ChangedMeanwhile, DeploymentRefused, InvalidFile, LinliError, NotFound
from engine.registers import RegisterSchema

MOST_TEXT = 600_000
TRIES = 5  # of a small change of pack.toml that others change too


@dataclass(frozen=True, slots=True)
class Designer:
    """How the files of a folder are drawn. `acts(pack)`, `shown(pack, document)`: see register_design, page_design."""

    template: str
    check: Callable[[Any], Document]
    acts: Callable[[str], dict[str, trees.Act]]
    shown: Callable[[str, Document], dict[str, Any]]


class DesignView(View):
    """What the registers' and pages' designers ask beside saving."""

    permission = "design"

    @expose("/<pack>/design/<path:path>", methods=["POST"])
    def draw(self, pack: str, path: str) -> Response:
        """{content, act, args} -> {content, html}: the document after the act, and its form."""
        designer, body = _designer(path), _body()
        document = copy.deepcopy(designer.check(_json(body.get("content"))))
        args = body.get("args")
        trees.apply(document, designer.acts(pack), str(body.get("act") or ""), args if isinstance(args, list) else [])
        return jsonify(content=_written(document), html=_drawn(designer, pack, document))

    @expose("/<pack>/rights", methods=["POST"])
    def rights(self, pack: str) -> Response:
        """{role, permission, on}: in pack.toml of the working copy."""
        body = _body()
        role, permission = str(body.get("role", "")), str(body.get("permission", ""))
        if not permission.startswith(("register:", "page:")):
            abort(400)
        _granted(pack, role, permission, bool(body.get("on")))
        return jsonify(on=bool(body.get("on")))

    @expose("/<pack>/rows/<path:path>", methods=["POST"])
    def rows(self, pack: str, path: str) -> str:
        """What the schema on the screen would do to the rows there are."""
        content = _written(_json(_body().get("content"))).encode()
        try:
            found = current.engine().row_changes({path: content})
        except DeploymentRefused as refused:
            return render_template("studio/row_changes.html", findings=refused.findings, report=None)
        return render_template("studio/row_changes.html", findings=(), report=found[0] if found else None)


def more(pack: str, path: str) -> dict[str, str]:
    """Addresses for an editor's page: data-... of #studio-more."""
    found = {"design": url_for("design.draw", pack=pack, path=path), "rights": url_for("design.rights", pack=pack)}
    if path.startswith("registers/"):
        return found | {"rows": url_for("design.rows", pack=pack, path=path)}
    return found | {"preview": url_for("preview.draw", pack=pack, path=path)}


def schemas(pack: str) -> dict[str, RegisterSchema]:
    """The registers that a page may list: those deployed, and over them the working copy's that can be read."""
    engine = current.engine()
    found = {schema.name: schema for schema in engine.registers()}
    for one in engine.pack_files(pack):
        if one.path.startswith("registers/"):
            try:
                schema = registers.parse(engine.pack_file(pack, one.path)[0], one.path)
            except LinliError:  # half-written: its own editor says what is wrong
                continue
            found[schema.name] = schema
    return found


# ---- the two designers


def _register_acts(pack: str) -> dict[str, trees.Act]:
    return register_design.ACTS | {"name_field": _name_field}


def _name_field(raw: Document, index: int, key: str) -> None:
    """A column that has rows keeps its old key as `was`."""
    live = _live(raw)
    register_design.name_field(raw, index, key, bool(live and raw["fields"][index]["key"] in live.by_key))


def _live(raw: Document) -> RegisterSchema | None:
    try:
        return current.engine().register(str(raw.get("name"))).schema
    except NotFound:
        return None


def _register_shown(pack: str, raw: Document) -> dict[str, Any]:
    name = raw.get("name", "")
    kinds = ("read", "write", "private")
    return register_design.shown(raw, _live(raw), i18n.locale()) | {
        "roles": _roles(pack, [f"register:{name}:{kind}" for kind in kinds]),
        "has_rows": bool(_live(raw)) and current.engine().register(name).count(most=1) > 0,
    }


def _page_shown(pack: str, raw: Document) -> dict[str, Any]:
    known = schemas(pack)
    picks = names.names(current.engine(), *_contents(pack))
    return page_design.shown(raw, known) | {
        "roles": _roles(pack, [f"page:{raw.get('name', '')}"]),
        **{kind: [(row["id"], row["title"]) for row in picks[kind]] for kind in ("processes", "messages", "forms")},
    }


def _contents(pack: str) -> tuple[dict[str, bytes], dict[str, Any]]:
    try:
        contents = current.engine().pack_contents(pack)
    except InvalidFile:  # pack.toml is half written; the lint says so
        return {}, {}
    return dict(contents.files), dict(contents.settings)


_DESIGNERS = {
    "registers": Designer("studio/register_form.html", register_design.check, _register_acts, _register_shown),
    "pages": Designer(
        "studio/page_form.html", page_design.check, lambda pack: page_design.acts(schemas(pack)), _page_shown
    ),
}


def _designer(path: str) -> Designer:
    found = _DESIGNERS.get(path.partition("/")[0])
    if found is None:
        raise NotFound(what="设计器", id=path)
    return found


def _drawn(designer: Designer, pack: str, document: Document) -> str:
    return render_template(designer.template, pack=pack, **designer.shown(pack, document))


def _body() -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        abort(400)
    return body


def _json(content: Any) -> Any:
    if not isinstance(content, str) or len(content) > MOST_TEXT:
        raise InvalidFile(name="?", reason="{content}")
    try:
        return json.loads(content or "{}")
    except ValueError as problem:
        raise InvalidFile(name="?", reason=parsers.said(problem)) from problem


def _written(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


# ---- roles


def _roles(pack: str, permissions: list[str]) -> list[tuple[str, str, list[tuple[str, bool, bool]]]]:
    """(role, title, [(permission, held, by a wider one)]) for each role of the pack."""
    settings = _contents(pack)[1]
    columns = [rights.granted(settings, permission) for permission in permissions]
    found = []
    for line in zip(*columns, strict=True):
        title = line[0][1] if i18n.locale() == "zh" else line[0][2] or line[0][1]
        found.append((line[0][0], title, [(p, one[3], one[4]) for p, one in zip(permissions, line, strict=True)]))
    return found


def _granted(pack: str, role: str, permission: str, on: bool) -> None:
    """Change pack.toml as it is now; somebody else's edit in between is read again, never written over."""
    engine, login = current.engine(), current.me().login
    for attempt in range(TRIES):
        content, revision = engine.pack_file(pack, "pack.toml")
        text = rights.grant(content.decode(), role, permission, on)
        try:
            engine.save_pack_file(pack, "pack.toml", text.encode(), revision=revision, by=login)
            return
        except ChangedMeanwhile:
            if attempt == TRIES - 1:
                raise
