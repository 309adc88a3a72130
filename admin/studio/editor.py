"""`/studio/`: open a deployed definition or a new one, edit, lint, deploy; unfinished work is kept as a draft.

Owns the pages and the JSON the browser's editor talks to. Registers and pages of no pack open as source text.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import Response, abort, jsonify, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _

from admin import i18n
from admin.studio import decision_tools, findings, form_tools
from admin.studio.definitions import KINDS, found, told
from admin.studio.names import names
from admin.studio.text import text_of
from admin.widgets import current, dates
from admin.widgets.view import View
from engine.errors import DeploymentRefused, InvalidFile
from engine.records import Definition

MOST_TEXT = 5_000_000
TEXT: tuple[str, Callable[[], dict[str, Any]]] = ("studio/source.html", dict)
EDITORS: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {  # kind -> template, what else it is given
    "process": ("studio/editor.html", dict),
    "form": ("studio/form_editor.html", lambda: {"more": form_tools.more()}),
    "decision": ("studio/decision_editor.html", lambda: {"more": decision_tools.more()}),
}


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
    def edit(self, definition_id: int) -> Any:
        """A deployed version; deploying makes the next one. One of a pack leads to the pack's working copy."""
        definition = found(definition_id)
        if definition.pack:
            return redirect(_in_pack(definition))
        content = text_of(current.engine().content(definition_id), definition.file)
        subject = f"studio:{definition.kind}:{definition.key}"
        return self._editor(definition.kind, definition.file, content, subject, definition.version)

    @expose("/names")
    def names(self) -> Response:
        """Pick-lists of what is deployed."""
        return jsonify(names(current.engine()))

    @expose("/lint", methods=["POST"])
    def lint(self) -> Response:
        """Findings for {file, content}."""
        return jsonify(findings=findings.told(current.engine().lint(_posted())))

    @expose("/deploy", methods=["POST"])
    def deploy(self) -> Any:
        """Deploy {file, content}: what it became, or 422 with findings. {subject, version}: 409 after a newer one."""
        faster = _newer(request.get_json())
        if faster is not None:
            return faster
        try:
            deployed = current.engine().deploy(_posted(), by=current.me().login)
        except DeploymentRefused as refused:
            return jsonify(findings=findings.told(refused.findings), message=refused.text(i18n.locale())), 422
        if request.get_json().get("subject"):
            current.engine().drop_draft(str(request.get_json()["subject"]), current.me().login)
        rows = [
            {"id": str(d.id), "key": d.key, "version": d.version, "kind": d.kind, "fresh": d.fresh} for d in deployed
        ]
        return jsonify(deployed=rows, message=told(deployed), findings=findings.told(current.engine().lint(_posted())))

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
        template, given = EDITORS.get(kind, TEXT) if request.args.get("as") != "text" else TEXT
        return self.render(
            template,
            addresses=_addresses(template != TEXT[0]),
            kind=kind,
            title_of_kind=KINDS[kind][0] if kind in KINDS else kind,
            file=file.rpartition("/")[2],
            content=content,
            subject=subject,
            version=version,
            draft=draft if isinstance(draft, dict) and draft.get("content") != content else None,
            **given(),
        )


def _in_pack(definition: Definition) -> str:
    """Where a pack's definition is edited; the pack's page when its working copy has no such file any more."""
    held = {one.path for one in current.engine().pack_files(definition.pack)}
    if definition.file not in held:
        return url_for("packs.show", pack=definition.pack)
    return url_for("workspace.edit", pack=definition.pack, path=definition.file)


def _addresses(drawn: bool) -> dict[str, str]:
    """What the browser's shell asks for a definition of its own (frontend/src/workbench.js)."""
    names = {name: url_for(f"studio.{name}") for name in ("lint", "deploy", "draft", "names")}
    return names | ({"text": f"{request.path}?as=text"} if drawn else {})


def _newer(body: Any) -> Any:
    """The refusal of a deployment that would follow a version its author has not seen; None when there is none."""
    subject, known = (str(body.get("subject", "")), body.get("version")) if isinstance(body, dict) else ("", None)
    _studio, kind, key = [*subject.split(":", 2), "", ""][:3]
    if not key or not isinstance(known, int):
        return None
    latest = current.engine().definitions(kind=kind, key=key)
    if not latest or latest[0].version <= known:
        return None
    last = latest[0]
    who, when = last.deployed_by, dates.exact(last.deployed_at)
    message = _("%(who)s 已在 %(when)s 发布了第 %(n)d 版。您的修改没有发布。", who=who, when=when, n=last.version)
    return jsonify(message=message, href=url_for("studio.edit", definition_id=last.id)), 409


def _posted() -> dict[str, bytes]:
    """The file of a JSON body; InvalidFile when it is not one."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise InvalidFile(name="?", reason="{file, content}")
    file, content = str(body.get("file", "")), body.get("content")
    if not file or "/" in file or not isinstance(content, str) or len(content) > MOST_TEXT:
        raise InvalidFile(name=file or "?", reason="{file, content}")
    return {file: content.encode()}
