"""`/start/`: what this person may start, and the start form of one process.

Owns these two pages. Who may start what is the engine's answer (`startable`), asked again by the command itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin import i18n
from admin.widgets import current, forms, steps
from admin.widgets.view import View
from engine import errors
from engine.records import Definition, Instance


class StartView(View):
    """Starting a case by hand."""

    duty = "start"
    icon = "send"
    order = 0
    permission = "start"

    @expose("/")
    def index(self) -> str:
        """Cards of what I may start."""
        engine = current.engine()
        found = [(d, engine.process_info(d.id)) for d in engine.startable(current.me().login)]
        return self.render("desk/start.html", found=found)

    @expose("/<process>/", methods=("GET", "POST"))
    def form(self, process: str) -> Any:
        """The start form; a post starts the case."""
        definition = _definition(process)
        return self._start(definition) if request.method == "POST" else self._page(definition)

    @expose("/<process>/refresh", methods=("POST",))
    def refresh(self, process: str) -> Any:
        """The form as typed, brought up to date."""
        definition = _definition(process)
        posted = _posted(process)
        if not request.headers.get("HX-Request"):
            return self._page(definition, posted.data, posted.problems)
        form = forms.build(
            steps.known(current.engine().start_form(process)), posted.data, _around(process), posted.problems
        )
        return render_template("forms/fields.html", form=form)

    @expose("/<process>/draft", methods=("POST",))
    def draft(self, process: str) -> str:
        """Save what is typed so far."""
        _definition(process)
        _posted(process, files=False)
        return render_template("forms/saved.html", at=current.now())

    def _start(self, definition: Definition) -> Any:
        engine, login, process = current.engine(), current.me().login, definition.key
        posted = _posted(process)
        try:
            data = steps.checked(engine.start_form(process), posted, {})
            case = engine.start(process, data, by=login, key=steps.key())
        except errors.InvalidForm as error:
            return self._page(definition, posted.data, error.errors), error.status
        except errors.LinliError as error:
            flash(error.text(i18n.locale()), "danger")
            return self._page(definition, posted.data), error.status
        engine.drop_draft(f"start:{process}", login)
        return redirect(_next(case))

    def _page(
        self, definition: Definition, data: Mapping[str, Any] | None = None, problems: Mapping[str, Any] | None = None
    ) -> str:
        engine, login, process = current.engine(), current.me().login, definition.key
        kept = engine.draft(f"start:{process}", login) if data is None else None
        spec, form = engine.start_form(process), None
        if spec is not None:
            form = forms.build(spec, data if data is not None else kept or {}, _around(process), problems)
        return self.render(
            "desk/start_form.html",
            definition=definition,
            info=engine.process_info(definition.id),
            form=form,
            restored=bool(kept),
            key=request.form.get("_key") or steps.fresh_key(),
        )


def _definition(process: str) -> Definition:
    """The process, when this person may start it; NotFound else, so that nothing is given away."""
    for found in current.engine().startable(current.me().login):
        if found.key == process:
            return found
    raise errors.NotFound(what=_("可发起的事项"), id=process)


def _posted(process: str, *, files: bool = True) -> steps.Posted:
    engine, login = current.engine(), current.me().login
    posted = steps.posted(engine.start_form(process), login, files=files)
    engine.save_draft(f"start:{process}", login, posted.data)
    return posted


def _around(process: str) -> forms.Surroundings:
    return forms.Surroundings({}, refresh=url_for("start.refresh", process=process))


def _next(case: Instance) -> str:
    """The first step when it is mine, else the case."""
    login = current.me().login
    waiting = current.engine().work_items(instance=case.id, assignee=login, status="open")
    flash(_("“%(title)s”已发起。", title=case.title or case.process_key), "success")
    return url_for("task.index", item_id=waiting[0].id) if waiting else url_for("case.index", instance_id=case.id)
