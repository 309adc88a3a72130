"""`/case/<id>/`: one case: where it stands in its diagram, its story in words, who is next, what is late.

Owns the page and its posts (comment, urge; for operators variables and cancelling). Who may see a case is the
engine's answer.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin.desk import glance, remarks, story
from admin.widgets import current, limits, steps
from admin.widgets.view import View
from engine import errors
from engine.expressions import values
from engine.records import Instance


class CaseView(View):
    """A case."""

    @expose("/<int:instance_id>/")
    def index(self, instance_id: int) -> str:
        """The whole story."""
        engine, case = current.engine(), _case(instance_id)
        waiting = engine.work_items(instance=instance_id, status="open")
        operate = current.may("operate", case.unit or None)
        return self.render(
            "desk/case.html",
            case=case,
            info=engine.process_info(case.definition_id),
            waiting=waiting,
            clocks=engine.clocks(waiting),
            said=story.said(case, story.done(instance_id)),
            starter=story.starter(case),
            lines=story.lines(case, minor=operate),
            seen=glance.glance(case),
            key=steps.fresh_key(),
            children=engine.children(instance_id),
            parent=engine.instance(case.parent_id) if case.parent_id else None,
            marks=_marks(case),
            operate=operate,
            may_cancel=operate or case.started_by == current.me().login,
            variables=_variables(case) if operate else [],
            timers=engine.timers(instance=instance_id) if operate else [],
        )

    @expose("/<int:instance_id>/diagram")
    def diagram(self, instance_id: int) -> Response:
        """The diagram's XML as it was deployed, for the viewer."""
        case = _case(instance_id)
        answer = Response(current.engine().content(case.definition_id), mimetype="application/xml")
        answer.headers["Content-Disposition"] = "attachment; filename=diagram.bpmn"
        return answer

    @expose("/<int:instance_id>/comment", methods=("POST",))
    def comment(self, instance_id: int) -> Any:
        """Say something on the timeline."""
        case = _case(instance_id)
        try:
            flash(remarks.take(case), "success")
        except errors.InvalidForm as error:
            flash(str(error.details["summary"]), "danger")
        return _back(instance_id)

    @expose("/<int:instance_id>/people")
    def people(self, instance_id: int) -> str:
        """Whom a remark may name, while somebody types after an @."""
        case = _case(instance_id)
        found = remarks.people(case, request.args.get("q", "").strip()[:40])
        return render_template("desk/mentions.html", found=found)

    @expose("/<int:instance_id>/pdf")
    def pdf(self, instance_id: int) -> Response:
        """The case on paper."""
        case = _case(instance_id)
        limits.spend("pdf", "30/minute")
        from admin.desk import paper  # a library that few requests need

        answer = Response(paper.print_case(case), mimetype="application/pdf")
        name = quote(f"{case.title or case.process_key}.pdf".replace("/", " "), safe="")
        answer.headers["Content-Disposition"] = f"attachment; filename=case.pdf; filename*=UTF-8''{name}"
        return answer

    @expose("/<int:instance_id>/urge/<int:item_id>", methods=("POST",))
    def urge(self, instance_id: int, item_id: int) -> Any:
        """Remind whoever has the task."""
        _case(instance_id)
        current.engine().urge(item_id, by=current.me().login)
        flash(_("已催办，承办人会收到消息。"), "success")
        return _back(instance_id)

    @expose("/<int:instance_id>/variables", methods=("POST",))
    def variables(self, instance_id: int) -> Any:
        """An operator corrects one variable; the value is JSON."""
        _operated(instance_id)
        name = request.form.get("name", "").strip()
        try:
            value = values.typed(request.form.get("value", ""))
        except (ValueError, errors.InvalidValue):
            flash(_("“%(name)s”的值不是合法的 JSON，未作更改。", name=name), "danger")
            return _back(instance_id)
        if name:
            current.engine().set_variables(instance_id, {name: value}, by=current.me().login)
            flash(_("“%(name)s”已更正，并记入时间线。", name=name), "success")
        return _back(instance_id)

    @expose("/<int:instance_id>/suspend", methods=("POST",))
    def suspend(self, instance_id: int) -> Any:
        """An operator stops the case, and its clocks with it; a reason is needed."""
        _operated(instance_id)
        reason = request.form.get("reason", "").strip()
        if not reason:
            flash(_("请写明暂停的原因，未作更改。"), "danger")
            return _back(instance_id)
        current.engine().suspend(instance_id, by=current.me().login, reason=reason)
        flash(_("事项已暂停，期限停表。"), "success")
        return _back(instance_id)

    @expose("/<int:instance_id>/resume", methods=("POST",))
    def resume(self, instance_id: int) -> Any:
        """Let it go on; deadlines fall later by the time it stood still."""
        _operated(instance_id)
        current.engine().resume(instance_id, by=current.me().login)
        flash(_("事项已恢复，期限按停表的时间顺延。"), "success")
        return _back(instance_id)

    @expose("/<int:instance_id>/cancel", methods=("POST",))
    def cancel(self, instance_id: int) -> Any:
        """Whoever started the case, or an operator, ends it; a reason is needed."""
        case = _case(instance_id)
        if case.started_by != current.me().login:
            current.demand("operate", case.unit or None)
        reason = request.form.get("reason", "").strip()
        if not reason:
            flash(_("请写明撤销的原因，未作更改。"), "danger")
            return _back(instance_id)
        current.engine().cancel(instance_id, by=current.me().login, reason=reason)
        flash(_("事项已撤销。"), "success")
        return _back(instance_id)


def _case(instance_id: int) -> Instance:
    """The case, if this person may see it. NotFound or Forbidden."""
    return current.engine().instance(instance_id, by=current.me().login)


def _operated(instance_id: int) -> Instance:
    case = _case(instance_id)
    current.demand("operate", case.unit or None)
    return case


def _back(instance_id: int) -> Any:
    return redirect(url_for("case.index", instance_id=instance_id))


def _marks(case: Instance) -> dict[str, list[str]]:
    """Node ids for the viewer: where tokens stand, what is done, what failed."""
    engine = current.engine()
    tokens = engine.tokens(case.id) if case.status == "running" else []
    trace = engine.trace(case.id)
    return {
        "active": sorted({t.node for t in tokens if not t.listener}),
        "done": sorted({node for node, event in trace if event == "completed" and node}),
        "failed": sorted({i.node_id for i in case.incidents if i.resolved_at is None}),
    }


def _variables(case: Instance) -> list[tuple[str, str]]:
    """(name, JSON as an operator may edit it), sorted."""
    return [(name, values.dumps(value).decode()) for name, value in sorted(case.variables.items())]
