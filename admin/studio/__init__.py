"""The designer's screens: packs and their working copies, what is deployed, upload and deploy, the editors.

Owns `/packs/`, `/definitions/`, `/decisions/` and `/studio/`. Every check and every deployment is the engine's.
"""

from __future__ import annotations

from flask_admin import BaseView
from flask_babel import lazy_gettext as _l

from admin.studio.decision_tools import DecisionToolsView
from admin.studio.decisions import DecisionsView
from admin.studio.definitions import DefinitionsView, DiagramView
from admin.studio.designers import DesignView
from admin.studio.editor import StudioView
from admin.studio.form_tools import FormToolsView
from admin.studio.moving import MovingView
from admin.studio.pack_settings import SettingsView
from admin.studio.packs import PacksView
from admin.studio.publish import PublishView
from admin.studio.starts import PackStartsView, StartsView
from admin.studio.trial import TrialView
from admin.studio.versions import VersionsView
from admin.studio.workspace import WorkspaceView
from engine import Engine


def views(engine: Engine) -> list[BaseView]:
    """The screens of this part."""
    return [
        PacksView(name=_l("流程包"), endpoint="packs", url="/packs"),
        WorkspaceView(name="workspace", endpoint="workspace", url="/packs"),
        SettingsView(name="packsettings", endpoint="packsettings", url="/packs"),
        VersionsView(name="versions", endpoint="versions", url="/packs"),
        DesignView(name="design", endpoint="design", url="/packs"),
        TrialView(name="trial", endpoint="trial", url="/packs"),
        PublishView(name="publish", endpoint="publish", url="/packs"),
        MovingView(name="moving", endpoint="moving", url="/packs"),
        PackStartsView(name="packstarts", endpoint="packstarts", url="/packs"),
        StartsView(name=_l("发起方式"), endpoint="starts", url="/starts"),
        DefinitionsView(name=_l("流程与定义"), endpoint="definitions", url="/definitions"),
        StudioView(name=_l("流程设计器"), endpoint="studio", url="/studio"),
        DecisionsView(name=_l("决策试算"), endpoint="decisions", url="/decisions"),
        DiagramView(name="diagram", endpoint="diagram", url="/diagram"),
        FormToolsView(name="form-tools", endpoint="formtools", url="/form-tools"),
        DecisionToolsView(name="decision-tools", endpoint="decisiontools", url="/decision-tools"),
    ]
