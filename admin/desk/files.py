"""`/files/<id>`: an attachment, for those who may see its case, and for whoever uploaded it.

Owns that question and nothing else; how a file is served is `widgets.uploads`'. A visitor may see what this browser
uploaded on the public page.
"""

from __future__ import annotations

from typing import Any

from flask import abort
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
        return uploads.send(record, path)


def may_see(record: Any) -> bool:
    """Whether the reader uploaded it or may see the case it belongs to."""
    who = current.me()
    if record.id in uploads.mine():
        return True
    if not who.approved:
        return False
    if record.uploaded_by == who.login:
        return True
    return record.instance is not None and _may_see_case(record.instance, who.login)


def _may_see_case(instance_id: int, login: str) -> bool:
    try:
        current.engine().instance(instance_id, by=login)
    except (errors.Forbidden, errors.NotFound):
        return False
    return True
