"""`/packs/`: the packs that designers edit, and what is in each.

Owns the list, making, copying, importing and exporting a pack, and making and removing its files. Files are edited in
`workspace`, versions are shown by `versions`; every rule is the engine's.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin import i18n
from admin.studio.keys import proposed
from admin.studio.kinds import BY_FOLDER, KINDS, Kind
from admin.widgets import current
from admin.widgets.view import View
from engine.errors import LinliError, PackExists

MOST_ZIP = 64 * 1024 * 1024  # bytes


class PacksView(View):
    """The list of packs and the page of one."""

    duty = "studio"
    icon = "box"
    order = 5
    permission = "design"

    @expose("/")
    def index(self) -> str:
        """Every pack; how to get another one."""
        return self._list({})

    @expose("/new", methods=["POST"])
    def new(self) -> Any:
        """A pack of its own, or a copy of one (`source`); the key is proposed when none is given."""
        asked = {name: request.form.get(name, "").strip() for name in ("title", "title_en", "key", "source")}
        engine, by = current.engine(), current.me().login
        name = asked["key"] or proposed(asked["title"], {one.pack for one in engine.workspaces(by)}, "pack")
        try:
            if asked["source"]:
                made = engine.copy_pack(asked["source"], name, asked["title"], by=by)
            else:
                made = engine.new_pack(name, asked["title"], title_en=asked["title_en"], by=by)
        except LinliError as refused:
            return self._list(asked, refused.text(i18n.locale())), refused.status
        flash(_("流程包“%(title)s”已建好。", title=made.title), "success")
        return redirect(url_for("packs.show", pack=made.pack))

    @expose("/import", methods=["POST"])
    def bring(self) -> Any:
        """A pack from a zip; one that is there is replaced only when that was ticked."""
        uploaded = request.files.get("file")
        content = uploaded.read(MOST_ZIP + 1) if uploaded is not None else b""
        if not content:
            return self._list({}, _("请先选择 zip 文件。"), importing=True), 400
        try:
            if len(content) > MOST_ZIP:
                abort(413)
            replace = request.form.get("replace") == "yes"
            made = current.engine().import_pack(content, by=current.me().login, replace=replace)
        except PackExists as refused:
            hint = _("要用 zip 替换它的工作稿，请勾选“替换同名流程包的工作稿”再导入。")
            return self._list({}, f"{refused.text(i18n.locale())} {hint}", importing=True), refused.status
        except LinliError as refused:
            return self._list({}, refused.text(i18n.locale()), importing=True), refused.status
        flash(_("流程包“%(title)s”已导入为工作稿，检查后再发布。", title=made.title), "success")
        return redirect(url_for("packs.show", pack=made.pack))

    def _list(self, asked: dict[str, str], refused: str = "", importing: bool = False) -> str:
        packs = current.engine().workspaces(current.me().login)
        return self.render("studio/packs.html", packs=packs, asked=asked, refused=refused, importing=importing)

    # ---- one pack

    @expose("/<pack>/")
    def show(self, pack: str) -> str:
        """Its files by kind, what is wrong with them, its newest versions."""
        return self._show(pack)

    def _show(self, pack: str, refused: str = "", asked: dict[str, str] | None = None) -> str:
        engine = current.engine()
        space, files = engine.workspace(pack), engine.pack_files(pack)
        titles = {one.file: (one.name, one.name_en) for one in reversed(engine.pack_pieces(pack))}
        titles |= {one.path: (title, title) for one in files if (title := _heading(pack, one.path))}
        findings = engine.lint_pack(pack)
        return self.render(
            "studio/pack.html",
            space=space,
            groups=[(kind, [one for one in files if one.path.partition("/")[0] == kind.folder]) for kind in KINDS],
            titles=titles,
            findings=findings,
            wrong=Counter(one.file for one in findings if one.severity == "error"),
            versions=engine.pack_versions(pack)[:5],
            registers=[one for one in engine.pack_pieces(pack) if one.kind == "register"],
            refused=refused,
            asked=asked or {},
        )

    @expose("/<pack>/zip")
    def export(self, pack: str) -> Response:
        """The working copy, or `?version=`, as a zip."""
        version = request.args.get("version", type=int)
        content = current.engine().export_pack(pack, version)
        answer = Response(content, mimetype="application/zip")
        name = f"{pack}-v{version}.zip" if version else f"{pack}.zip"
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        return answer

    @expose("/<pack>/drop", methods=["POST"])
    def drop(self, pack: str) -> Any:
        """Take away a pack that was never published."""
        current.engine().drop_pack(pack, by=current.me().login)
        flash(_("已删除流程包 %(pack)s。", pack=pack), "success")
        return redirect(url_for("packs.index"))

    # ---- its files

    @expose("/<pack>/add", methods=["POST"])
    def add(self, pack: str) -> Any:
        """A new file of a kind, with a sensible beginning; then its editor."""
        asked = {name: request.form.get(name, "").strip() for name in ("kind", "title", "key", "register")}
        kind = BY_FOLDER.get(asked["kind"])
        if kind is None or kind.begin is None:
            abort(404)
        if not asked["title"]:
            return self._show(pack, _("请填写名称。"), asked), 400
        if kind.folder == "pages" and not asked["register"]:
            return self._show(pack, _("页面要列出一本台账的记录：请先新建台账。"), asked), 400
        key = asked["key"] or proposed(asked["title"], _taken(pack, kind), kind.suffix.strip("."), kind.mark)
        path = f"{kind.folder}/{key}{kind.suffix}"
        content = kind.begin(key, asked["title"], asked["register"]).encode()
        try:
            current.engine().save_pack_file(pack, path, content, revision=0, by=current.me().login)
        except LinliError as refused:
            return self._show(pack, refused.text(i18n.locale()), asked), refused.status
        return redirect(url_for("workspace.edit", pack=pack, path=path))

    @expose("/<pack>/remove", methods=["POST"])
    def remove(self, pack: str) -> Any:
        """Take a file out of the working copy."""
        path, revision = request.form.get("path", ""), request.form.get("revision", 0, type=int)
        current.engine().remove_pack_file(pack, path, revision=revision, by=current.me().login)
        flash(_("已从工作稿中删除 %(path)s。", path=path), "success")
        return redirect(url_for("packs.show", pack=pack))


def _heading(pack: str, path: str) -> str:
    """What a scenario is called, '' while nobody can read it, and of other files."""
    if not path.startswith("scenarios/"):
        return ""
    content, _revision = current.engine().pack_file(pack, path)
    try:
        return str(tomllib.loads(content.decode()).get("title", ""))
    except ValueError:  # half written; playing it says what is wrong
        return ""


def _taken(pack: str, kind: Kind) -> Collection[str]:
    """Keys that a new file of a kind cannot have: those of its kind anywhere, and of files that are there."""
    engine = current.engine()
    stems = {one.path.rpartition("/")[2].removesuffix(kind.suffix) for one in engine.pack_files(pack)}
    pieces = {one.key for one in engine.pack_pieces(pack) if one.kind == kind.piece}
    return stems | pieces | {one.key for one in engine.definitions(kind=kind.piece)}
