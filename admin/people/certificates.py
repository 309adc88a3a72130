"""`/certificates/`: certificates that have ended or soon will, of the people one may read.

Owns this list; the reminders are the engine's, every night.
"""

from __future__ import annotations

from datetime import timedelta

from flask import request
from flask_admin import expose

from admin.widgets import current
from admin.widgets.view import View

SPANS = {"30": 30, "90": 90, "365": 365}
OLD = timedelta(days=365)


class CertificatesView(View):
    """Certificates."""

    duty = "system"
    icon = "certificate"
    order = 65
    permission = "people:read"

    @expose("/")
    def index(self) -> str:
        """?within=30|90|365 days; what ended within the last year is listed first."""
        within = request.args.get("within", "")
        within = within if within in SPANS else "90"
        people = current.engine().people
        found = people.expiring(SPANS[within], by=current.me().login, since=people.today() - OLD)
        known = people.records([login for login, _skill in found])
        return self.render(
            "people/certificates.html",
            rows=[(known[login], skill) for login, skill in found if login in known],
            within=within,
            spans=SPANS,
            today=people.today(),
        )
