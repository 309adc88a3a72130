"""`/packs/<pack>/edit/...`: the editor that fits a file, and the JSON that all editors talk to.

Owns which editor opens which kind (`EDITORS`: folder -> template and, optionally, what else its page is given), reading
and saving with revisions, findings and pick-lists. The browser's side is frontend/src/workbench.js.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, jsonify, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin import i18n
from admin.studio import decision_tools, designers, form_tools
from admin.studio.findings import told
from admin.studio.kinds import kind_of
from admin.studio.names import names
from admin.studio.text import text_of
from admin.widgets import current, dates
from admin.widgets.view import View
from engine.errors import ChangedMeanwhile, InvalidFile

MOST_TEXT = 5_000_000

Given = Callable[[str, str, str], dict[str, Any]]
"""(pack, path, content) -> more for an editor's template."""


@dataclass(frozen=True, slots=True)
class Editor:
    """How a kind of file is edited. `template` extends studio/frame.html."""

    template: str
    given: Given = lambda pack, path, content: {}


TEXT = Editor("studio/source.html")
EDITORS: dict[str, Editor] = {
    "processes": Editor("studio/editor.html"),
    "forms": Editor("studio/form_editor.html", lambda pack, path, content: {"more": form_tools.more(pack)}),
    "decisions": Editor("studio/decision_editor.html", lambda pack, path, content: {"more": decision_tools.more()}),
    "registers": Editor(
        "studio/register_editor.html", lambda pack, path, content: {"more": designers.more(pack, path)}
    ),
    "pages": Editor("studio/page_editor.html", lambda pack, path, content: {"more": designers.more(pack, path)}),
}


class WorkspaceView(View):
    """Editing one file of a pack."""

    permission = "design"

    @expose("/<pack>/edit/<path:path>")
    def edit(self, pack: str, path: str) -> str:
        """The editor; `?as=text`: the file's text."""
        content, revision = current.engine().pack_file(pack, path)
        kind, text = kind_of(path), text_of(content, path)
        drawn = EDITORS.get(kind.folder, TEXT) if request.args.get("as") != "text" else TEXT
        return self.render(
            drawn.template,
            pack=pack,
            space=current.engine().workspace(pack),
            path=path,
            file=path.rpartition("/")[2],
            kind=kind.piece,
            title_of_kind=kind.title,
            content=text,
            revision=revision,
            subject=f"pack:{pack}:{path}",
            addresses=_addresses(pack, path, drawn is not TEXT),
            links=_links(pack, path, drawn is TEXT and kind.folder in EDITORS),
            **drawn.given(pack, path, text),
        )

    @expose("/<pack>/file/<path:path>", methods=["GET"])
    def file(self, pack: str, path: str) -> Response:
        """{content, revision} as it stands now."""
        content, revision = current.engine().pack_file(pack, path)
        return jsonify(content=text_of(content, path), revision=revision)

    @expose("/<pack>/file/<path:path>", methods=["POST"])
    def save(self, pack: str, path: str) -> Any:
        """Keep {content, revision} -> {revision}; 409 {who, when} when somebody else was faster."""
        body = request.get_json()
        content, revision = _content(body, path), body.get("revision")
        if not isinstance(revision, int) or isinstance(revision, bool):
            abort(400)
        try:
            kept = current.engine().save_pack_file(pack, path, content, revision=revision, by=current.me().login)
        except ChangedMeanwhile as faster:
            who, when = str(faster.details["who"]), dates.exact(faster.when)
            return jsonify(error=faster.code, message=faster.text(i18n.locale()), who=who, when=when), faster.status
        return jsonify(revision=kept)

    @expose("/<pack>/lint", methods=["GET"])
    def findings(self, pack: str) -> Response:
        """Findings of the whole working copy."""
        return jsonify(findings=told(current.engine().lint_pack(pack)))

    @expose("/<pack>/lint", methods=["POST"])
    def lint(self, pack: str) -> Response:
        """Findings of the whole working copy with {path, content} in place of what is kept."""
        body = request.get_json()
        path = str(body.get("path", "")) if isinstance(body, dict) else ""
        return jsonify(findings=told(current.engine().lint_pack(pack, {path: _content(body, path)})))

    @expose("/<pack>/names")
    def names(self, pack: str) -> Response:
        """Pick-lists: what is deployed, and over it the files of this working copy."""
        engine = current.engine()
        try:
            contents = engine.pack_contents(pack)
            files, settings = contents.files, contents.settings
        except InvalidFile:  # pack.toml is half written; the lint says so
            files = {one.path: engine.pack_file(pack, one.path)[0] for one in engine.pack_files(pack)}
            settings = engine.packs().get(pack, {})
        return jsonify(names(engine, files, settings))


def _addresses(pack: str, path: str, drawn: bool) -> dict[str, str]:
    """What the browser's shell asks (frontend/src/workbench.js)."""
    found = {name: url_for(f"workspace.{name}", pack=pack, path=path) for name in ("file", "edit")}
    found |= {name: url_for(f"workspace.{name}", pack=pack) for name in ("lint", "names")}
    return found | ({"text": f"{request.path}?as=text"} if drawn else {})


def _links(pack: str, path: str, drawable: bool) -> list[tuple[str, str, str]]:
    """Ways out of an editor: (label, icon, address); from a text that an editor draws, to that editor."""
    out = [(_("返回流程包"), "arrow-left", url_for("packs.show", pack=pack))]
    drawn = [(_("回到设计器"), "edit", url_for("workspace.edit", pack=pack, path=path))] if drawable else []
    return out + drawn


def _content(body: Any, path: str) -> bytes:
    """The bytes of a JSON body's `content`; InvalidFile when it is none."""
    content = body.get("content") if isinstance(body, dict) else None
    if not isinstance(content, str) or not path or len(content) > MOST_TEXT:
        raise InvalidFile(name=path or "?", reason="{content, revision}")
    try:
        return content.encode()
    except UnicodeEncodeError as problem:
        raise InvalidFile(name=path, reason=str(problem)) from problem
