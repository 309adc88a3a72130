"""`/files/<id>`: an attachment, for whoever uploaded it, whoever may see its case, and whoever was shown it by a page.

Owns that question and nothing else; how a file is served is `widgets.uploads`'. A visitor may see what this browser
uploaded on the public page.
"""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask_admin import expose

from admin.widgets import current, uploads
from admin.widgets.view import View
from engine import errors


class FilesView(View):
    """Downloads and pictures."""

    public = True  # each file asks for itself

    @expose("/<attachment_id>")
    def index(self, attachment_id: str) -> Any:
        """The file, or 404 both when there is none and when it is not for this reader."""
        try:
            record, path = current.engine().attachment(attachment_id)
        except errors.NotFound:
            abort(404)
        if not may_see(record):
            abort(404)
        small = current.engine().files.small(record.id) if request.args.get("size") == "small" else None
        return uploads.send(record, small or path, small=small is not None)


def may_see(record: Any) -> bool:
    """Whether a page gave it to the reader, or they uploaded it, or may see the case it belongs to."""
    who = current.me()
    if uploads.sealed(record.id, request.args.get("seal", "")) or record.id in uploads.mine():
        return True
    if not who.approved:
        return False
    if record.uploaded_by == who.login:
        return True
    return record.instance_id is not None and _may_see_case(record.instance_id, who.login)


def _may_see_case(instance_id: int, login: str) -> bool:
    try:
        current.engine().instance(instance_id, by=login)
    except (errors.Forbidden, errors.NotFound):
        return False
    return True
