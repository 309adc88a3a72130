"""`/portal/`: the residents' home, submitting, following by code, answering what a case asks its reporter.

Owns the pages and their posts. What a code stands for is `tracking`'s; which process is public is the engine's answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin import i18n
from admin.portal import tracking
from admin.widgets import current, forms, limits, steps
from admin.widgets.view import View
from engine import errors
from engine.records import Definition, WorkItem

SUBMITS = "20/hour"
DRAWS = "600/hour"  # a form redrawn while typing; each may carry a photo
LOOKS = "120/hour"  # codes tried from one address: a code cannot be guessed at that rate
CHANNEL = "portal"
VISITOR = ""  # who does it, for the engine: nobody who could sign in


class PortalView(View):
    """What residents see."""

    public = True

    @expose("/")
    def index(self) -> str:
        """The home: what one may submit, a box for the code, public pages."""
        engine = current.engine()
        found = [(d, tracking.title(d), engine.process_info(d.id)) for d in tracking.startable()]
        return self.render("portal/home.html", found=found, pages=tracking.pages())

    @expose("/submit", methods=("GET", "POST"))
    def submit(self) -> Any:
        """The form of the process that a pack names for this entrance, or the choice when several are public."""
        found = tracking.startable()
        if not found:
            raise errors.NotFound(what=_("可提交的事项"), id="")
        wanted = tracking.entrance("submit")
        chosen = next((d for d in found if d.key == wanted), found[0] if len(found) == 1 else None)
        return redirect(url_for("portal.index")) if chosen is None else self._serve(chosen)

    @expose("/submit/<process>", methods=("GET", "POST"))
    def submit_to(self, process: str) -> Any:
        """The form of one public process."""
        return self._serve(_public(process))

    @expose("/submit/<process>/refresh", methods=("POST",))
    def refresh(self, process: str) -> Any:
        """The form as typed, brought up to date; stores its photos."""
        limits.spend("portal-draw", DRAWS)
        definition = _public(process)
        spec = steps.known(current.engine().start_form(process))
        posted = steps.posted(spec, VISITOR)
        if not request.headers.get("HX-Request"):
            return self._form(definition, posted.data, posted.problems)
        return render_template(
            "forms/fields.html", form=forms.build(spec, posted.data, _around(process), posted.problems)
        )

    @expose("/track/", methods=("GET", "POST"))
    def find(self) -> Any:
        """The box where a code is typed."""
        code = request.values.get("code", "").strip()
        return redirect(url_for("portal.track", code=code) if code else url_for("portal.index"))

    @expose("/track/<code>", methods=("GET", "POST"))
    def track(self, code: str) -> Any:
        """Where it stands, in plain words; a post answers what the case asks its reporter."""
        limits.spend("portal-look", LOOKS)
        found = tracking.find(code)
        if request.method == "POST":
            return self._answer(found)
        return self._status(found)

    @expose("/track/<code>/<int:item_id>/refresh", methods=("POST",))
    def refresh_answer(self, code: str, item_id: int) -> Any:
        """The evaluation form as typed, brought up to date."""
        limits.spend("portal-draw", DRAWS)
        found = tracking.find(code)
        item = tracking.asked(found, item_id)
        spec = steps.known(current.engine().form_of(item))
        posted = steps.posted(spec, VISITOR)
        if not request.headers.get("HX-Request"):
            return self._status(found, item_id, posted.data, posted.problems)
        form = forms.build(spec, posted.data, _around_answer(found.code, item), posted.problems)
        return render_template("forms/fields.html", form=form)

    def _serve(self, definition: Definition) -> Any:
        return self._submit(definition) if request.method == "POST" else self._form(definition)

    def _submit(self, definition: Definition) -> Any:
        limits.spend("portal-submit", SUBMITS)
        engine, process = current.engine(), definition.key
        posted = steps.posted(engine.start_form(process), VISITOR)
        try:
            data = steps.checked(engine.start_form(process), posted, {})
            case = engine.start(process, {**data, "channel": CHANNEL}, by=VISITOR, key=steps.key())
        except errors.InvalidForm as error:
            return self._form(definition, posted.data, error.errors), error.status
        except errors.LinliError as error:
            flash(error.text(i18n.locale()), "danger")
            return self._form(definition, posted.data), error.status
        code = tracking.code_of(case.id)
        session["submitted"] = [*session.get("submitted", []), code][-10:]
        return redirect(url_for("portal.track", code=code, fresh=1))

    def _form(
        self, definition: Definition, data: Mapping[str, Any] | None = None, problems: Mapping[str, Any] | None = None
    ) -> str:
        engine = current.engine()
        spec, form = engine.start_form(definition.key), None
        if spec is not None:
            typed = data if data is not None else {k: v for k, v in request.args.items() if k == "unit"}
            form = forms.build(spec, typed, _around(definition.key), problems)
        return self.render(
            "portal/submit.html",
            definition=definition,
            heading=tracking.title(definition),
            info=engine.process_info(definition.id),
            form=form,
            key=request.form.get("_key") or steps.fresh_key(),
        )

    def _answer(self, found: tracking.Tracked) -> Any:
        limits.spend("portal-submit", SUBMITS)
        engine = current.engine()
        item = tracking.asked(found, _number(request.form.get("item", "")))
        posted = steps.posted(engine.form_of(item), VISITOR)
        try:
            posted.refuse()
            engine.complete(item.id, posted.data, by=VISITOR, key=steps.key())
        except errors.InvalidForm as error:
            return self._status(found, item.id, posted.data, error.errors), error.status
        except errors.LinliError as error:
            flash(error.text(i18n.locale()), "danger")
            return self._status(found, item.id, posted.data), error.status
        flash(_("谢谢，已收到您的评价。"), "success")
        return redirect(url_for("portal.track", code=found.code))

    def _status(
        self,
        found: tracking.Tracked,
        item_id: int = 0,
        data: Mapping[str, Any] | None = None,
        problems: Mapping[str, Any] | None = None,
    ) -> str:
        engine = current.engine()
        questions = []
        for item in found.items:
            spec, typed = engine.form_of(item), data if item.id == item_id else None
            form = None
            if spec is not None:
                wrong = problems if item.id == item_id else None
                form = forms.build(spec, typed or {}, _around_answer(found.code, item), wrong)
            questions.append((item, form))
        return self.render(
            "portal/track.html",
            found=found,
            questions=questions,
            fresh="fresh" in request.args and found.code in session.get("submitted", []),
            address=url_for("portal.track", code=found.code, _external=True),
            key=request.form.get("_key") or steps.fresh_key(),
        )


def _public(process: str) -> Definition:
    for found in tracking.startable():
        if found.key == process:
            return found
    raise errors.NotFound(what=_("可提交的事项"), id=process)


def _around(process: str) -> forms.Surroundings:
    return forms.Surroundings({}, refresh=url_for("portal.refresh", process=process))


def _around_answer(code: str, item: WorkItem) -> forms.Surroundings:
    """An evaluation form sees only what its own fields already hold, nothing else of the case."""
    return forms.Surroundings({}, refresh=url_for("portal.refresh_answer", code=code, item_id=item.id))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
