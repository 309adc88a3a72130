"""`/decision-tools/`: what the decision editor asks beside saving: trying the file on the screen, and spreadsheets.

Owns the answers typed in the row that tries a decision, and the two ways between a decision table and a workbook.
Decides with the bytes that are posted, never with what is deployed, and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, jsonify, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin import i18n
from admin.studio.text import bytes_of
from admin.widgets import answers, current, sheets
from admin.widgets.view import View
from engine import dmn
from engine.errors import DecisionFailed, InvalidFile

MOST_TEXT = 5_000_000


class DecisionToolsView(View):
    """Beside the decision editor."""

    permission = "design"

    @expose("/inputs", methods=["POST"])
    def inputs(self) -> Response:
        """What the decision of {content, decision} wants to know: [{name, label, type, choices}]."""
        content, decision, _body = _posted()
        asked = dmn.asked(dmn.parse(content), content, decision)
        rows = [{"name": a.name, "label": a.label, "type": a.type, "choices": list(a.choices)} for a in asked]
        return jsonify(inputs=rows)

    @expose("/decide", methods=["POST"])
    def decide(self) -> Response:
        """{words, fired: [{decision, name, rule, number}], table} for {content, decision, inputs: {name: text}};
        {problem, wrong: {name: text}} when it cannot be decided."""
        content, decision, body = _posted()
        broken = next((f for f in dmn.lint(content, "") if f.severity == "error"), None)
        if broken is not None:
            return jsonify(problem=f"{broken.element} {broken.text(i18n.locale())}".strip())
        model = dmn.parse(content)
        given, wrong = _typed(dmn.asked(model, content, decision), body.get("inputs"))
        if wrong:
            return jsonify(problem=_("请先改正填写的内容。"), wrong=wrong)
        try:
            found = dmn.evaluate(model, decision, given, now=current.now(), zone=current.zone())
        except DecisionFailed as failed:
            return jsonify(problem=failed.text(i18n.locale()))
        rows = [_rule(model, fired) for fired in found.fired]
        return jsonify(
            words=answers.words(found.value).striptags(), fired=rows, table=bool(dmn.tables(model, decision))
        )

    @expose("/from-sheet", methods=["POST"])
    def from_sheet(self) -> Response:
        """What the uploaded workbook's first sheet holds, its troubles by cell, and the file with that table."""
        content, decision, _body = _posted()
        upload = request.files.get("sheet")
        if upload is None or not upload.filename:
            abort(400)
        book = sheets.read_book(upload.filename, upload.read())
        table = dmn.sheet.read(next(iter(book.values()), []))
        made = {} if table.troubles else {"content": dmn.sheet.put(content, decision, table).decode()}
        return jsonify(
            hit=f"{dmn.sheet.HITS[table.hit][0]} {table.hit}",
            columns=[{"kind": c.kind, "label": c.label, "name": c.name} for c in table.columns],
            rules=table.rules,
            troubles=[{"cell": t.cell, "text": t.text.text(i18n.locale())} for t in table.troubles],
            **made,
        )

    @expose("/to-sheet", methods=["POST"])
    def to_sheet(self) -> Response:
        """The decision's table as a workbook."""
        content, decision, _body = _posted()
        first, *rest = dmn.sheet.lines(dmn.sheet.table_of(content, decision))
        return sheets.saved(sheets.xlsx_bytes(decision, first, rest), decision)


def more() -> dict[str, str]:
    """The addresses that the decision editor asks (frontend/src/decisionedit.js)."""
    names = {"inputs": "inputs", "decide": "decide", "fromsheet": "from_sheet", "tosheet": "to_sheet"}
    return {ours: url_for(f"decisiontools.{theirs}") for ours, theirs in names.items()}


def _posted() -> tuple[bytes, str, Mapping[str, Any]]:
    """(content, decision, all of it) of a JSON body or a form; InvalidFile."""
    body = request.get_json() if request.is_json else request.form
    content = body.get("content") if isinstance(body, Mapping) else None
    if not isinstance(content, str) or len(content) > MOST_TEXT:
        raise InvalidFile(name="dmn", reason="{content, decision}")
    return bytes_of(content, "dmn"), str(body.get("decision", "")), body


def _typed(asked: list[dmn.Asked], inputs: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The variables that {name: text} makes, and what is wrong by name."""
    texts = {str(name): str(text) for name, text in inputs.items()} if isinstance(inputs, Mapping) else {}
    given, problems = dmn.trial.given(asked, texts, now=current.now(), zone=current.zone())
    return given, {name: problem.text(i18n.locale()) for name, problem in problems.items()}


def _rule(model: dmn.Model, fired: dmn.Fired) -> dict[str, Any]:
    owner = model.decisions.get(fired.decision)
    name = owner.name if owner is not None and owner.name else fired.decision
    return {"decision": fired.decision, "name": name, "rule": fired.rule, "number": fired.number}
