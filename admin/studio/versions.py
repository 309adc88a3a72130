"""`/packs/<pack>/versions/`: who published what, when and why; approve or refuse, go back, see what differs.

Owns these pages; what differs is told by the engine, drawn for diagrams by frontend/src/differences.js.
"""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin.studio.kinds import kind_of
from admin.widgets import current
from admin.widgets.view import View
from engine.packs import FileDifference

STATES = {
    "published": (_l("已发布"), "green"),
    "proposed": (_l("待审批"), "orange"),
    "refused": (_l("已退回"), ""),
}


class VersionsView(View):
    """The versions of a pack and what differs between them."""

    permission = "design"

    @expose("/<pack>/versions/")
    def index(self, pack: str) -> str:
        """Every version, the newest first."""
        engine = current.engine()
        space, versions = engine.workspace(pack), engine.pack_versions(pack)
        return self.render("studio/pack_versions.html", space=space, versions=versions, states=STATES)

    @expose("/<pack>/versions/<int:number>/restore", methods=["POST"])
    def restore(self, pack: str, number: int) -> Any:
        """Put a version's files into the working copy: published, that rolls back."""
        current.engine().restore_pack(pack, number, by=current.me().login)
        flash(_("工作稿已恢复为第 %(n)d 版的内容，发布后生效。", n=number), "success")
        return redirect(url_for("packs.show", pack=pack))

    @expose("/<pack>/versions/<int:number>/approve", methods=["POST"])
    def approve(self, pack: str, number: int) -> Any:
        """Publish what another designer proposed."""
        current.engine().approve_pack(pack, number, by=current.me().login, answer=request.form.get("answer", ""))
        flash(_("第 %(n)d 版已发布。", n=number), "success")
        return redirect(url_for("versions.index", pack=pack))

    @expose("/<pack>/versions/<int:number>/refuse", methods=["POST"])
    def refuse(self, pack: str, number: int) -> Any:
        """Say no to a proposal, or take one's own back."""
        current.engine().refuse_pack(pack, number, by=current.me().login, answer=request.form.get("answer", ""))
        flash(_("第 %(n)d 版已退回，工作稿保持不变。", n=number), "success")
        return redirect(url_for("versions.index", pack=pack))

    @expose("/<pack>/content/<path:path>")
    def content(self, pack: str, path: str) -> Response:
        """A file's bytes, of the working copy or `?version=`: for viewers, and to keep."""
        version = request.args.get("version", type=int)
        found, _revision = current.engine().pack_file(pack, path, version)
        xml = kind_of(path).suffix in (".bpmn", ".dmn")
        answer = Response(found, mimetype="application/xml" if xml else "application/octet-stream")
        answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"  # opened alone, it stays data
        if request.args.get("keep"):
            answer.headers.set("Content-Disposition", "attachment", filename=path.rpartition("/")[2])
        return answer

    @expose("/<pack>/differences")
    def differences(self, pack: str) -> str:
        """What differs `?from=` a version `&to=` another ('' = the working copy): in words, and diagrams in colours."""
        engine = current.engine()
        since, until = request.args.get("from", type=int), request.args.get("to", type=int)
        found = engine.pack_differences(pack, since, until)
        return self.render(
            "studio/differences.html",
            space=engine.workspace(pack),
            versions=engine.pack_versions(pack),
            since=since,
            until=until,
            files=[(one, kind_of(one.path), _drawing(pack, one, since, until)) for one in found],
            titles=_titles(pack, since) | _titles(pack, until),
        )


def _titles(pack: str, version: int | None) -> dict[str, tuple[str, str]]:
    """Path -> the name of what is in it, in both languages."""
    return {one.file: (one.name, one.name_en) for one in reversed(current.engine().pack_pieces(pack, version))}


def _drawing(pack: str, file: FileDifference, since: int | None, until: int | None) -> dict[str, str]:
    """The addresses of a diagram's two sides; {} for what is no diagram, '' for a side where it is not."""
    if not file.path.endswith(".bpmn"):
        return {}
    missing = {"added": "before", "removed": "after"}.get(file.state)
    sides = {"before": since, "after": until}
    return {
        side: "" if side == missing else url_for("versions.content", pack=pack, path=file.path, version=version)
        for side, version in sides.items()
    }
