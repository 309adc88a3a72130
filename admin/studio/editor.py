"""`/studio/`: open a deployed definition or a new one, edit, lint, deploy; unfinished work is kept as a draft.

Owns the pages and the JSON the browser's editor talks to. Diagrams open in bpmn-js, everything else as source text.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, abort, jsonify, render_template, request
from flask_admin import expose

from admin import i18n
from admin.studio.definitions import KINDS, found, told
from admin.studio.text import text_of
from admin.widgets import current
from admin.widgets.view import View
from engine.errors import DeploymentRefused, InvalidFile
from engine.records import Finding

MOST_TEXT = 5_000_000


class StudioView(View):
    """The editor."""

    duty = "studio"
    icon = "schema"
    order = 20
    permission = "design"

    @expose("/")
    def index(self) -> str:
        """A fresh diagram: the menu's line."""
        return self.new()

    @expose("/new")
    def new(self) -> str:
        """A fresh diagram with a start event."""
        key = f"process-{secrets.token_hex(3)}"
        content = render_template("studio/new.bpmn", key=key)
        return self._editor("process", f"{key}.bpmn", content, subject="studio:new", version=0)

    @expose("/<int:definition_id>")
    def edit(self, definition_id: int) -> str:
        """A deployed version; deploying makes the next one."""
        definition = found(definition_id)
        content = text_of(current.engine().content(definition_id), definition.file)
        subject = f"studio:{definition.kind}:{definition.key}"
        return self._editor(definition.kind, definition.file, content, subject, definition.version)

    @expose("/lint", methods=["POST"])
    def lint(self) -> Response:
        """Findings for {file, content}."""
        return jsonify(findings=_told(current.engine().lint(_posted())))

    @expose("/deploy", methods=["POST"])
    def deploy(self) -> Any:
        """Deploy {file, content}: what it became, or 422 with findings."""
        try:
            deployed = current.engine().deploy(_posted(), by=current.me().login)
        except DeploymentRefused as refused:
            return jsonify(findings=_told(refused.findings), message=refused.text(i18n.locale())), 422
        if request.get_json().get("subject"):
            current.engine().drop_draft(str(request.get_json()["subject"]), current.me().login)
        rows = [
            {"id": str(d.id), "key": d.key, "version": d.version, "kind": d.kind, "fresh": d.fresh} for d in deployed
        ]
        return jsonify(deployed=rows, message=told(deployed), findings=_told(current.engine().lint(_posted())))

    @expose("/draft", methods=["POST"])
    def draft(self) -> Response:
        """Keep {subject, file, content} for next time; empty content forgets it."""
        body, login = request.get_json(), current.me().login
        subject = str(body.get("subject", "")) if isinstance(body, dict) else ""
        if not subject.startswith("studio:") or len(subject) > 200:
            abort(400)
        if body.get("content"):
            ((file, content),) = _posted().items()
            current.engine().save_draft(subject, login, {"file": file, "content": content.decode()})
        else:
            current.engine().drop_draft(subject, login)
        return jsonify(saved=True)

    def _editor(self, kind: str, file: str, content: str, subject: str, version: int) -> str:
        draft = current.engine().draft(subject, current.me().login)
        return self.render(
            "studio/editor.html" if kind == "process" else "studio/source.html",
            kind=kind,
            title_of_kind=KINDS[kind][0] if kind in KINDS else kind,
            file=file.rpartition("/")[2],
            content=content,
            subject=subject,
            version=version,
            draft=draft if isinstance(draft, dict) and draft.get("content") != content else None,
        )


def _posted() -> dict[str, bytes]:
    """The file of a JSON body; InvalidFile when it is not one."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise InvalidFile(name="?", reason="{file, content}")
    file, content = str(body.get("file", "")), body.get("content")
    if not file or "/" in file or not isinstance(content, str) or len(content) > MOST_TEXT:
        raise InvalidFile(name=file or "?", reason="{file, content}")
    return {file: content.encode()}


def _told(findings: list[Finding]) -> list[dict[str, Any]]:
    """Findings as the editor shows them, errors first."""
    rows = sorted(findings, key=lambda f: (f.severity != "error", f.file, f.line))
    return [
        {
            "file": f.file,
            "line": f.line,
            "element": f.element,
            "severity": f.severity,
            "code": f.code,
            "text": f.text(i18n.locale()),
        }
        for f in rows
    ]
