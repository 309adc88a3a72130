"""Figures of the product itself: how much runs, waits and is late. A town's own figures are pages of its pack.

Owns `/insight/`.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from admin.insight.load import LoadView
from admin.widgets.view import View
from engine import Engine


def views(engine: Engine) -> list[View]:
    """The screens of this part."""
    return [LoadView(name=_l("运行概况"), endpoint="insight", url="/insight")]
