"""`/packs/<pack>/try/`: the working copy on the real engine, with a clock that the designer moves.

Owns these pages and their posts; every act is the trial's (`engine.trials`). Forms are the very forms that people get,
drawn and checked against the scratch engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin import i18n
from admin.studio import playing
from admin.studio.keys import proposed
from admin.widgets import current, steps
from admin.widgets.view import View
from engine import errors, scenarios
from engine.trials import Trial, Trials


def under_way(act: Callable[..., Any]) -> Callable[..., Any]:
    """An act of a trial; without one the page says how to begin."""

    @wraps(act)
    def tried(self: TrialView, pack: str, **more: Any) -> Any:
        if not trials().exists(pack, current.me().login):
            flash(_("没有正在进行的试运行，请先开始。"), "warning")
            return redirect(url_for("trial.index", pack=pack))
        return act(self, pack, **more)

    return tried


class TrialView(View):
    """Trying a working copy."""

    permission = "design"

    # ---- life

    @expose("/<pack>/try/")
    def index(self, pack: str) -> str:
        """The trial, or how to begin one. `?case=`, `?item=`, `?start=`, `?as=`: what is looked at."""
        if not trials().exists(pack, current.me().login):
            return self._beginning(pack)
        with _open(pack) as trial:
            return self._page(pack, trial, playing.asked(trial))

    def _beginning(self, pack: str, findings: Any = ()) -> str:
        today = current.now().replace(tzinfo=UTC).astimezone(current.zone()).replace(hour=9, minute=0)
        space = current.engine().workspace(pack)
        return self.render("studio/trial_begin.html", space=space, start=today, findings=findings)

    @expose("/<pack>/try/begin", methods=["POST"])
    def begin(self, pack: str) -> Any:
        """A fresh trial, from a moment on."""
        try:
            trials().begin(pack, current.me().login, _moment(request.form.get("start", "")))
        except errors.DeploymentRefused as refused:
            return self._beginning(pack, refused.findings), refused.status
        except errors.LinliError as refused:
            flash(refused.text(i18n.locale()), "danger")
        return _back(pack)

    @expose("/<pack>/try/end", methods=["POST"])
    def end(self, pack: str) -> Any:
        """Throw the trial away."""
        trials().end(pack, current.me().login)
        return redirect(url_for("packs.show", pack=pack))

    # ---- acts

    @expose("/<pack>/try/start/<process>", methods=["POST"])
    @under_way
    def start(self, pack: str, process: str) -> Any:
        """Start a case as a sample person."""
        who = request.args.get("as", "")
        with _open(pack) as trial:
            with current.instead(trial.engine):
                spec = trial.engine.start_form(process)
                posted = steps.posted(spec, who)
                try:
                    data = steps.checked(spec, posted, {})
                except errors.InvalidForm as wrong:
                    return self._page(
                        pack, trial, playing.Shown(start=process, who=who), posted.data, wrong.errors
                    ), 422
            if (case := _tried(lambda: trial.start(process, data, by=who))) is None:
                return self._page(pack, trial, playing.Shown(start=process, who=who), posted.data), 409
            return _back(pack, case=case.id)

    @expose("/<pack>/try/do/<int:item_id>", methods=["POST"])
    @under_way
    def do(self, pack: str, item_id: int) -> Any:
        """Complete a task as a sample person."""
        who = request.args.get("as", "")
        with _open(pack) as trial:
            item = trial.engine.work_item(item_id)
            shown = playing.Shown(item=item, who=who, case=item.instance_id)
            with current.instead(trial.engine):
                posted = steps.posted(trial.engine.form_of(item), who)
            try:
                posted.refuse()
                trial.complete(item, posted.data, by=who)
            except errors.InvalidForm as wrong:
                return self._page(pack, trial, shown, posted.data, wrong.errors), 422
            except errors.LinliError as refused:
                flash(refused.text(i18n.locale()), "danger")
                return self._page(pack, trial, shown, posted.data), refused.status
            return _back(pack, case=item.instance_id)

    @expose("/<pack>/try/refresh", methods=["POST"])
    @under_way
    def refresh(self, pack: str) -> Any:
        """A form as typed, brought up to date."""
        with _open(pack) as trial:
            shown = playing.asked(trial)
            with current.instead(trial.engine):
                spec = playing.spec_of(trial, shown)
                posted = steps.posted(spec, shown.who)
                if request.headers.get("HX-Request"):
                    form = playing.form_of(pack, trial, shown, posted.data, posted.problems)
                    return render_template("forms/fields.html", form=form)
            return self._page(pack, trial, shown, posted.data, posted.problems)

    @expose("/<pack>/try/time", methods=["POST"])
    @under_way
    def time(self, pack: str) -> Any:
        """Move time: an hour, to the next timer, to a moment."""
        move = request.form.get("move", "")
        with _open(pack) as trial:
            if move == "next" and trial.engine.next_due() is None:
                flash(_("没有等着到点的定时。"), "warning")
                return _back(pack)
            arrived = _tried(lambda: _go(trial, move))
            if arrived is False:
                flash(_("路上要发生的事太多，时间停在这里，可以接着走。"), "warning")
        return _back(pack)

    @expose("/<pack>/try/message", methods=["POST"])
    @under_way
    def message(self, pack: str) -> Any:
        """Publish a message, as the outside would."""
        name, key = request.form.get("name", "").strip(), request.form.get("key", "").strip()
        with _open(pack) as trial:
            _tried(lambda: trial.message(name, key, {}))
        return _back(pack)

    @expose("/<pack>/try/diagram")
    @under_way
    def diagram(self, pack: str) -> Response:
        """A process's diagram as it is tried."""
        with _open(pack) as trial:
            found = trial.engine.definitions(kind="process", key=request.args.get("process", ""))
            if not found:
                raise errors.NotFound(what="流程", id=request.args.get("process", ""))
            return _drawing(trial.engine.content(found[0].id))

    # ---- scenarios

    @expose("/<pack>/try/save", methods=["POST"])
    @under_way
    def save(self, pack: str) -> Any:
        """Keep the run as a scenario of the working copy."""
        title = request.form.get("title", "").strip()
        engine, by = current.engine(), current.me().login
        if not title:
            flash(_("请给场景起个名称。"), "danger")
            return _back(pack)
        with _open(pack) as trial:
            content = trial.scenario(title)
        taken = {one.path.removeprefix("scenarios/").removesuffix(".toml") for one in engine.pack_files(pack)}
        path = f"scenarios/{proposed(title, taken, 'scenario')}.toml"
        engine.save_pack_file(pack, path, content, revision=0, by=by)
        flash(_("已存为场景“%(title)s”。以后每次发布前都会自动跑一遍。", title=title), "success")
        return redirect(url_for("trial.played", pack=pack))

    @expose("/<pack>/scenarios/")
    def played(self, pack: str) -> str:
        """Every scenario of the working copy played now, and what of the diagrams none visits."""
        engine = current.engine()
        space, contents = engine.workspace(pack), engine.pack_contents(pack)
        try:
            rehearsal = scenarios.rehearse(engine, contents)
        except errors.DeploymentRefused as refused:
            rehearsal = scenarios.Rehearsal(refused=tuple(refused.findings))
        return self.render("studio/scenarios.html", space=space, rehearsal=rehearsal)

    # ---- the page

    def _page(self, pack: str, trial: Trial, shown: playing.Shown, data: Any = None, problems: Any = None) -> str:
        with current.instead(trial.engine):
            form = playing.drawn_form(pack, trial, shown, data, problems)
            seen = playing.seen(trial, shown)
        changed = seen.digest != playing.digest(current.engine().pack_contents(pack))
        space = current.engine().workspace(pack)
        return self.render(
            "studio/trial.html", space=space, seen=seen, shown=shown, form=form, changed=changed, key=steps.fresh_key()
        )


def trials() -> Trials:
    """The trials of this installation; one keeper a process."""
    known = current_app.extensions.get("linli-trials")
    if known is None:
        known = current_app.extensions["linli-trials"] = Trials(current.engine())
    return known  # type: ignore[no-any-return]


@contextmanager
def _open(pack: str) -> Iterator[Trial]:
    with trials().open(pack, current.me().login) as trial:
        yield trial


def _tried(act: Any) -> Any:
    """What an act gives; None when it was refused, which is told."""
    try:
        return act()
    except errors.LinliError as refused:
        flash(refused.text(i18n.locale()), "danger")
        return None


def _go(trial: Trial, move: str) -> bool:
    if move == "next":
        return trial.next()
    if move == "until":
        return trial.until(_moment(request.form.get("moment", "")))
    return trial.wait(timedelta(days=1) if move == "day" else timedelta(hours=1))


def _moment(typed: str) -> datetime:
    """A local date and time as naive UTC. InvalidValue."""
    try:
        local = datetime.fromisoformat(typed)
    except ValueError as problem:
        reason = errors.Said("请填写日期和时间", "give a date and a time")
        raise errors.InvalidValue(reason=reason) from problem
    return local.replace(tzinfo=current.zone()).astimezone(UTC).replace(tzinfo=None)


def _back(pack: str, **more: Any) -> Any:
    case = request.args.get("case", type=int)
    return redirect(url_for("trial.index", pack=pack, **({"case": case} if case else {}) | more))


def _drawing(content: bytes) -> Response:
    answer = Response(content, mimetype="application/xml")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
