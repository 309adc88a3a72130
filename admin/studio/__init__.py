"""The designer's screens: what is deployed, upload and deploy, the diagram editor.

Owns `/definitions/` and `/studio/`. Every check and every deployment is the engine's.
"""

from __future__ import annotations

from flask_admin import BaseView
from flask_babel import lazy_gettext as _l

from admin.studio.definitions import DefinitionsView, DiagramView
from admin.studio.editor import StudioView
from engine import Engine


def views(engine: Engine) -> list[BaseView]:
    """The screens of this part."""
    return [
        DefinitionsView(name=_l("流程与定义"), endpoint="definitions", url="/definitions"),
        StudioView(name=_l("流程设计器"), endpoint="studio", url="/studio"),
        DiagramView(name="diagram", endpoint="diagram", url="/diagram"),
    ]
