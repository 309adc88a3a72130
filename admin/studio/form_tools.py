"""`/form-tools/`: what the form editor asks beside saving: the form as people will meet it, and forms and registers
out of each other.

Owns the phone's page, which draws the JSON on the designer's screen with the very controls and checks of a task.
Nothing that is typed there reaches a case; files uploaded to try it go as unused uploads do.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Response, jsonify, make_response, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin import guard, i18n
from admin.studio.text import bytes_of
from admin.widgets import answers, current, forms, steps
from admin.widgets.view import View
from engine import forms as engine_forms
from engine import registers
from engine.errors import InvalidFile, InvalidForm, LinliError, NotFound

EMPTY = '{"components": []}'
FRAMED = guard.POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")  # shown inside the editor's page


class FormToolsView(View):
    """Beside the form editor."""

    permission = "design"

    @expose("/phone", methods=["GET"])
    def phone(self) -> Response:
        """The page in the editor's frame: an empty form, filled by `redraw`."""
        return self._phone(_posted_form() or engine_forms.parse(EMPTY))

    @expose("/phone", methods=["POST"])
    def fill(self) -> Response:
        """What the case would get, or what is wrong: as when a step is completed, but nothing is."""
        spec = _form()
        posted = steps.posted(spec, current.me().login)
        try:
            data = steps.checked(spec, posted, {})
        except InvalidForm as wrong:
            return self._phone(spec, posted.data, wrong.errors)
        return self._phone(spec, posted.data, done=_kept(spec, data))

    @expose("/redraw", methods=["POST"])
    def redraw(self) -> str:
        """The fields of the posted form with what was typed so far; a form that cannot be drawn says why."""
        try:
            spec = _form()
            posted = steps.posted(spec, current.me().login)
            drawn = forms.build(spec, posted.data, _around(), posted.problems)
        except LinliError as problem:
            return _undrawn(problem)
        return render_template("forms/fields.html", form=drawn)

    @expose("/from-register", methods=["POST"])
    def from_register(self) -> Response:
        """{form} for {register, pack}: of the pack's working copy, else of what is deployed."""
        body = _body()
        schema = _register(str(body.get("register", "")), str(body.get("pack", "")))
        return jsonify(form=registers.form_of(schema))

    @expose("/to-register", methods=["POST"])
    def to_register(self) -> Response:
        """{href, path} of a new register in {pack} that keeps {content}, a form; without a pack {file, content}."""
        body = _body()
        name, pack = str(body.get("name", "")), str(body.get("pack", ""))
        made = registers.register_of(engine_forms.parse(bytes_of(str(body.get("content", "")), "form")), name)
        content = json.dumps(made, ensure_ascii=False, indent=2) + "\n"
        registers.parse(content.encode(), f"{name}.json")  # a name that no register may have is refused here
        if not pack:
            return jsonify(file=f"{name}.json", content=content)
        path = f"registers/{name}.json"
        current.engine().save_pack_file(pack, path, content.encode(), revision=0, by=current.me().login)
        href = url_for("workspace.edit", pack=pack, path=path)
        return jsonify(path=path, href=href, message=_("已新建台账 %(path)s。", path=path))

    def _phone(self, spec: engine_forms.Form, data: Any = None, problems: Any = None, done: Any = None) -> Response:
        try:
            drawn = forms.build(spec, data or {}, _around(), problems)
        except LinliError as problem:
            return _framed(_undrawn(problem))
        kept = {name: request.form.get(name, "") for name in ("_schema", "_language")}
        return _framed(self.render("studio/phone.html", form=drawn, done=done, also=kept))


def more(pack: str = "") -> dict[str, str]:
    """The addresses that the form editor asks (frontend/src/formedit.js)."""
    found = {"preview": url_for("formtools.phone"), "redraw": url_for("formtools.redraw"), "pack": pack}
    return found | {"fromregister": url_for("formtools.from_register"), "toregister": url_for("formtools.to_register")}


def _framed(page: str) -> Response:
    answer = make_response(page)
    answer.headers["Content-Security-Policy"] = FRAMED.format(nonce=guard.nonce())
    return answer


def _undrawn(problem: LinliError) -> str:
    """Why a half-finished form cannot be drawn: what its lint says, else the refusal itself."""
    findings = engine_forms.lint(request.form.get("_schema", "").encode(), "")
    errors = [found.text(i18n.locale()) for found in findings if found.severity == "error"]
    return render_template("studio/phone_problem.html", texts=errors or [problem.text(i18n.locale())])


def _around() -> forms.Surroundings:
    return forms.Surroundings({}, refresh=url_for("formtools.redraw"))


def _posted_form() -> engine_forms.Form | None:
    """The form that travels with the request; what follows is in the language chosen for trying it."""
    if request.form.get("_language") in ("zh", "en"):
        current.speak(request.form["_language"])
    text = request.form.get("_schema", "")
    return engine_forms.parse(text) if text else None


def _form() -> engine_forms.Form:
    found = _posted_form()
    if found is None:
        raise InvalidFile(name="form", reason="_schema")
    return found


def _kept(spec: engine_forms.Form, data: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """(variable, label, value in words) of what a case would get."""
    labels = {one.key: one for one in spec.walk() if one.key}
    return [
        (name, answers.label(labels[name]) if name in labels else name, _words(labels.get(name), value))
        for name, value in data.items()
    ]


def _words(one: engine_forms.Field | None, value: Any) -> Any:
    if one is None or one.type == "group" or value in (None, "", []):
        return answers.words(value if value not in ("", []) else None)
    return answers.said(one, value)


def _register(name: str, pack: str) -> registers.RegisterSchema:
    engine = current.engine()
    for one in engine.pack_files(pack) if pack else ():
        if one.path.startswith("registers/") and one.path.endswith(".json"):
            content, _revision = engine.pack_file(pack, one.path)
            if _name(content) == name:
                return registers.parse(content, one.path)
    found = next((schema for schema in engine.registers() if schema.name == name), None)
    if found is None:
        raise NotFound(what="台账", id=name)
    return found


def _name(content: bytes) -> str:
    """The name a register's file gives itself; '' of one that is half written."""
    try:
        raw = json.loads(content)
    except ValueError:
        return ""
    return str(raw.get("name", "")) if isinstance(raw, dict) else ""


def _body() -> dict[str, Any]:
    body = request.get_json()
    if not isinstance(body, dict):
        raise InvalidFile(name="?", reason="{...}")
    return body
