"""The residents' pages, without signing in: submit a demand, follow it by its code, say whether it was solved.

Owns these screens. They show nothing but what a diagram or a pack marks as public, never a name, a number or a
comment of somebody who works on a case; every act is rate-limited and carries a CSRF token.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from admin.portal.home import PortalView
from admin.widgets.view import View
from engine import Engine


def views(engine: Engine) -> list[View]:
    """The screens of this part."""
    return [PortalView(name=_l("居民服务"), endpoint="portal", url="/portal")]
