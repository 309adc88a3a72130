"""`/definitions/`: what is deployed, in which versions; upload files, see what the lint says, deploy.

Owns these lists and the upload. `/diagram/<id>` gives a diagram's XML to whoever works with it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

from admin.widgets import current, tables
from admin.widgets.view import View
from engine.errors import DeploymentRefused
from engine.records import Definition, Finding, Page

KINDS: dict[str, tuple[Any, str, str]] = {  # kind -> (title, icon, mime)
    "process": (_l("流程"), "sitemap", "application/xml"),
    "decision": (_l("决策"), "git-branch", "application/xml"),
    "form": (_l("表单"), "forms", "application/json"),
    "register": (_l("台账"), "table", "application/json"),
    "page": (_l("页面"), "layout-dashboard", "application/json"),
}
SUFFIXES = (".bpmn", ".dmn", ".form", ".json")
MOST_FILES = 200


class DefinitionsView(View):
    """The list, the versions of one, upload."""

    duty = "studio"
    icon = "versions"
    order = 10
    permission = "design"

    @expose("/")
    def index(self) -> str:
        return self._list()

    @expose("/versions/<kind>/<path:key>")
    def versions(self, kind: str, key: str) -> str:
        """Every version of one definition, newest first."""
        rows = current.engine().definitions(kind=kind, key=key, latest=False)
        if not rows:
            abort(404)
        rows = sorted(rows, key=lambda d: -d.version)
        return self.render("studio/versions.html", rows=rows, kind=kind, key=key, kinds=KINDS)

    @expose("/<int:definition_id>/file")
    def file(self, definition_id: int) -> Response:
        """The file as it was uploaded, byte for byte, to keep."""
        definition = found(definition_id)
        answer = Response(current.engine().content(definition_id), mimetype="application/octet-stream")
        answer.headers.set("Content-Disposition", "attachment", filename=definition.file.rpartition("/")[2])
        return answer

    @expose("/upload", methods=["POST"])
    def upload(self) -> Any:
        """Check the files; deploy them unless only a check was asked for or an error was found."""
        files = uploaded(request.files.getlist("files"))
        if not files:
            flash(_("请先选择文件（.bpmn .dmn .form .json）。"), "warning")
            return redirect(url_for("definitions.index"))
        if request.form.get("action") == "check":
            findings = current.engine().lint(files)
            return self._list(findings=findings, checked=sorted(files))
        try:
            deployed = current.engine().deploy(files, by=current.me().login)
        except DeploymentRefused as refused:
            return self._list(findings=refused.findings, refused=True, checked=sorted(files)), 422
        flash(told(deployed), "success")
        return redirect(url_for("definitions.index"))

    def _list(self, findings: list[Finding] | None = None, refused: bool = False, checked: Any = ()) -> str:
        kind, asked = request.args.get("kind", ""), tables.asked(50)
        every = current.engine().definitions()
        counts = Counter(d.kind for d in every)
        word = asked.text.lower()
        rows = [d for d in every if kind in ("", d.kind) and word in f"{d.key} {d.name} {d.file} {d.pack}".lower()]
        rows.sort(key=lambda d: (list(KINDS).index(d.kind) if d.kind in KINDS else len(KINDS), d.key))
        page = Page(tuple(rows[asked.offset : asked.offset + asked.size]), len(rows), asked.offset, asked.size)
        return self.render(
            "studio/definitions.html",
            page=page,
            kinds=KINDS,
            kind=kind,
            counts=counts,
            findings=findings,
            refused=refused,
            checked=checked,
        )


class DiagramView(View):
    """`/diagram/<id>`: a deployed diagram's XML, for the viewer on case pages."""

    @expose("/<int:definition_id>")
    def diagram(self, definition_id: int) -> Response:
        if found(definition_id).kind != "process":
            abort(404)
        answer = Response(current.engine().content(definition_id), mimetype="application/xml")
        answer.headers["Cache-Control"] = "private, max-age=3600"  # a version never changes
        answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"  # opened alone, it stays data
        return answer


def found(definition_id: int) -> Definition:
    """The definition; NotFound."""
    return current.engine().definition(definition_id)


def uploaded(files: list[FileStorage]) -> dict[str, bytes]:
    """Name -> bytes of the files that can be definitions; a name without a known ending is refused by the lint."""
    chosen = [f for f in files if f.filename][:MOST_FILES]
    return {str(f.filename).replace("\\", "/").rpartition("/")[2]: f.read() for f in chosen}


def told(deployed: list[Any]) -> str:
    """What a deployment did, in a sentence."""
    fresh = [d for d in deployed if d.fresh]
    names = "、".join(f"{d.key} v{d.version}" for d in fresh[:8])
    kept = len(deployed) - len(fresh)
    if not fresh:
        return _("文件与现有版本相同，没有产生新版本。")
    return _("已发布：%(names)s。", names=names) + (_("另有 %(n)d 个文件未变。", n=kept) if kept else "")
