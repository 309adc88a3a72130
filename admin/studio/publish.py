"""`/packs/<pack>/publish`: the report before a pack is published: findings, scenarios, what differs, what it means for
the cases that run; then the act.

Owns the page. Nothing is published here that the engine refuses; running cases are moved afterwards, on `moving`.
"""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin import i18n
from admin.studio import moving
from admin.studio.kinds import kind_of
from admin.widgets import current
from admin.widgets.view import View
from engine import scenarios
from engine.errors import DeploymentRefused, LinliError
from engine.registers import RowReport


class PublishView(View):
    """Publishing a working copy."""

    permission = "design"

    @expose("/<pack>/publish", methods=["GET"])
    def index(self, pack: str) -> str:
        """The report."""
        return self._report(pack)

    @expose("/<pack>/publish", methods=["POST"])
    def act(self, pack: str) -> Any:
        """Publish, or propose where a second designer has to agree."""
        engine, note = current.engine(), request.form.get("note", "")
        try:
            version = engine.publish_pack(pack, note, by=current.me().login)
        except DeploymentRefused as refused:
            return self._report(pack, refused.findings, note), refused.status
        except LinliError as refused:
            flash(refused.text(i18n.locale()), "danger")
            return redirect(url_for("publish.index", pack=pack))
        if version.status == "proposed":
            flash(_("第 %(n)d 版已提交，等另一位设计员审批后发布。", n=version.number), "success")
            return redirect(url_for("versions.index", pack=pack))
        flash(_("第 %(n)d 版已发布。新发起的事项按新版办理。", n=version.number), "success")
        if any(look.plan.reports for look in _outlooks(pack)):
            chosen: dict[str, Any] = {
                name: value for name, value in request.form.items() if name.startswith("map.") and value
            }
            return redirect(url_for("moving.index", pack=pack, **chosen))
        return redirect(url_for("packs.show", pack=pack))

    @expose("/<pack>/publish/scenarios")
    def rehearsed(self, pack: str) -> str:
        """The scenarios' part of the report: it takes as long as they take to play."""
        engine = current.engine()
        try:
            rehearsal = scenarios.rehearse(engine, engine.pack_contents(pack))
        except DeploymentRefused as refused:
            rehearsal = scenarios.Rehearsal(refused=tuple(refused.findings))
        space = engine.workspace(pack)
        return render_template("studio/rehearsed.html", space=space, rehearsal=rehearsal)

    def _report(self, pack: str, refused: Any = (), note: str = "") -> str:
        engine = current.engine()
        space = engine.workspace(pack)
        findings = list(refused) or engine.lint_pack(pack)
        wrong = any(one.severity == "error" for one in findings)
        titles = {one.file: (one.name, one.name_en) for one in reversed(engine.pack_pieces(pack))}
        changed = engine.pack_differences(pack, space.version) if space.version else []
        return self.render(
            "studio/publish.html",
            space=space,
            findings=findings,
            refused=bool(refused),
            wrong=wrong,
            titles=titles,
            changed=[(one, kind_of(one.path)) for one in changed],
            rows=_rows(pack),
            shown=[] if wrong and not refused else _outlooks(pack),
            note=note,
            fates=moving.FATES,
            what=moving.WHAT,
        )


def _rows(pack: str) -> list[RowReport]:
    """What the registers that changed mean for the rows there are; a broken schema is among the findings."""
    engine = current.engine()
    changed = [one.path for one in engine.pack_files(pack) if one.path.startswith("registers/") and one.state != "same"]
    try:
        found = engine.row_changes({path: engine.pack_file(pack, path)[0] for path in changed})
    except DeploymentRefused:
        return []
    return [report for report in found if report.effects]


def _outlooks(pack: str) -> list[moving.Outlook]:
    """What the working copy means for the running cases of each process that it changes."""
    engine, found = current.engine(), []
    deployed = {one.key: one for one in engine.definitions(kind="process") if one.pack == pack}
    for piece in engine.pack_pieces(pack):
        if piece.kind == "process" and piece.key in deployed:
            one = deployed[piece.key]
            same = engine.content(one.id) == piece.content
            found.append(moving.look(piece.key, one.version if same else piece.content, moving.mapping(piece.key)))
    return [look for look in found if look.plan.reports]
