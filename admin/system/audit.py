"""`/audit/`: proofs over the whole database, asked for by an operator: hash chains of journals, tables that agree.

Owns the page; the proofs are `engine.doctor`'s. Reads only.
"""

from __future__ import annotations

from flask_admin import expose

from admin.system.top import TopView
from admin.widgets import current

MOST = 200


class AuditView(TopView):
    """Runs the doctor when asked (it may take a while on a large database)."""

    duty = "system"
    icon = "shield-check"
    order = 50

    @expose("/")
    def index(self) -> str:
        """What is going to be checked, and the button."""
        return self.render("system/audit.html", problems=None, most=MOST)

    @expose("/run", methods=("POST",))
    def run(self) -> str:
        """Check everything."""
        found = current.engine().doctor()
        return self.render("system/audit.html", problems=found[:MOST], total=len(found), most=MOST)
