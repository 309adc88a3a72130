"""`/lookup/people`: names for an input's list while somebody types.

Owns the fragment only; who may be found is the engine's answer.
"""

from __future__ import annotations

from flask import render_template, request
from flask_admin import expose

from admin.widgets import lookups
from admin.widgets.view import View


class LookupView(View):
    """Options of a datalist."""

    @expose("/people")
    def people(self) -> str:
        """People that match what was typed in the input that asks (its own name is the parameter's)."""
        typed = next((value for value in request.args.values() if value), "")
        return render_template("forms/found.html", found=lookups.people(typed[:40]))

    @expose("/")
    def index(self) -> str:
        """Flask-Admin wants a first page of every view."""
        return self.people()
