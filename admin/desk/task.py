"""`/task/<id>/`: one step, its form, what was said before it, and what else may be done with it.

Owns the page and its posts. Whatever the engine refuses (wrong person, finished, wrong fields, twice) is saved as a
draft, and the page comes back with everything typed and a sentence that says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin import i18n
from admin.desk import operations, story
from admin.widgets import answers, current, forms, steps
from admin.widgets.view import View, back
from engine import errors
from engine.records import WorkItem


class TaskView(View):
    """A person's step."""

    permission = "desk"

    @expose("/<int:item_id>/", methods=("GET", "POST"))
    def index(self, item_id: int) -> Any:
        """The form; a post completes the step."""
        return self._complete(item_id) if request.method == "POST" else self._page(item_id)

    @expose("/<int:item_id>/refresh", methods=("POST",))
    def refresh(self, item_id: int) -> Any:
        """The form as typed, with conditions, sums and rows brought up to date. A whole page without htmx."""
        _item, posted = self._saved(item_id)
        if not request.headers.get("HX-Request"):
            return self._page(item_id, posted.data, posted.problems)
        item, spec = story.step(item_id, current.me().login)
        form = forms.build(steps.known(spec), posted.data, _around(item), posted.problems)
        return render_template("forms/fields.html", form=form)

    @expose("/<int:item_id>/draft", methods=("POST",))
    def draft(self, item_id: int) -> str:
        """Save what is typed so far."""
        self._saved(item_id, files=False)
        return render_template("forms/saved.html", at=current.now())

    @expose("/<int:item_id>/do/<operation>", methods=("POST",))
    def do(self, item_id: int, operation: str) -> Any:
        """Claim, put back, transfer, urge ... one of `operations.OFFERED`."""
        done = operations.run(operation, item_id, request.form)
        if request.headers.get("HX-Target", "").startswith("item-"):
            item = current.engine().work_item(item_id, by=current.me().login)
            return render_template("desk/item.html", item=item, tab=request.form.get("tab", "mine")), {
                "HX-Trigger": "linli:changed"
            }
        flash(done, "success")
        return back(url_for("task.index", item_id=item_id))

    def _posted(self, item_id: int, *, files: bool = True) -> tuple[WorkItem, steps.Posted]:
        """Read the post, of those who work at the task's unit or may see it: the wrong person's is kept too."""
        login, engine = current.me().login, current.engine()
        item = engine.work_item(item_id)
        if login not in (item.assignee, *item.candidates) and not current.may("desk", item.unit or None):
            item = engine.work_item(item_id, by=login)
        return item, steps.posted(engine.form_of(item), login, files=files)

    def _saved(self, item_id: int, *, files: bool = True) -> tuple[WorkItem, steps.Posted]:
        """The same, kept as this person's draft."""
        item, posted = self._posted(item_id, files=files)
        current.engine().save_draft(_subject(item_id), current.me().login, posted.data)
        return item, posted

    def _complete(self, item_id: int) -> Any:
        engine, login = current.engine(), current.me().login
        item, posted = self._posted(item_id)
        try:
            posted.refuse()
            engine.complete(item_id, posted.data, by=login, key=steps.key())  # takes the draft with it
        except Exception as error:
            engine.save_draft(_subject(item_id), login, posted.data)  # before anything else: nothing typed is lost
            if isinstance(error, errors.InvalidForm):
                return self._page(item_id, posted.data, error.errors), error.status
            if not isinstance(error, errors.LinliError):
                raise
            flash(error.text(i18n.locale()), "danger")
            return self._page(item_id, posted.data), error.status
        return redirect(_next(item))

    def _page(
        self, item_id: int, data: Mapping[str, Any] | None = None, problems: Mapping[str, Any] | None = None
    ) -> str:
        login, engine = current.me().login, current.engine()
        item, spec = story.step(item_id, login)
        mine = operations.may_fill(item, login)
        typed = data if data is not None else engine.draft(_subject(item_id), login)
        form = None
        if spec is not None and item.status == "open":  # what a finished step said is told with the others
            shown = typed if mine and typed is not None else {}
            form = forms.build(spec, shown, _around(item, read_only=not mine), problems)
        case, finished = engine.instance(item.instance_id), story.done(item.instance_id)
        offered = operations.offered(item, login)
        asked = {ask for one in offered for ask in one.asks}
        unsent = answers.answers(spec, typed) if spec is not None and typed and not mine else []
        return self.render(
            "desk/task.html",
            item=item,
            form=form,
            mine=mine,
            unsent=unsent,
            restored=mine and data is None and typed is not None,
            key=request.form.get("_key") or steps.fresh_key(),
            operations=offered,
            summary=story.summary(item),
            shown=story.shown(item),
            said=story.said(case, finished),
            earlier=operations.earlier(item) if "node" in asked else [],
            signers=operations.signers(item, login) if "signer" in asked else [],
            stood=operations.stands_in(item, login),
            lines=story.lines(case),
            clock=engine.clocks([item]).get(item.id),
        )


def _subject(item_id: int) -> str:
    """What a draft of a step is kept under; the command that completes it takes it away."""
    return f"item:{item_id}"


def _around(item: WorkItem, *, read_only: bool = False) -> forms.Surroundings:
    return forms.Surroundings(
        dict(item.variables), refresh=url_for("task.refresh", item_id=item.id), read_only=read_only
    )


def _next(item: WorkItem) -> str:
    """Where to go after a step: the same case's next one for me, else the desk."""
    engine, login = current.engine(), current.me().login
    here: dict[str, Any] = {"instance": item.instance_id, "status": "open", "limit": 1}
    waiting = engine.work_items(assignee=login, **here) or engine.work_items(candidate=login, **here)
    if waiting:
        flash(_("“%(done)s”已提交。接下来请办理“%(next)s”。", done=item.name, next=waiting[0].name), "success")
        return url_for("task.index", item_id=waiting[0].id)
    flash(_("“%(done)s”已提交。", done=item.name), "success")
    return url_for("desk.index")
