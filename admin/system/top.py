"""Screens that concern every unit at once: for those who may operate at the top of the tree.

Owns that one rule.
"""

from __future__ import annotations

from admin.widgets import current
from admin.widgets.view import View


class TopView(View):
    """A screen without a unit of its own."""

    permission = "operate"

    def is_accessible(self) -> bool:
        who = current.me()
        return who.approved and current.engine().people.may_everywhere(who.login, self.permission)
