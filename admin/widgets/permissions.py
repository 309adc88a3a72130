"""What permissions are called, wherever somebody gives them: the product's own, and what one may do with a register.

Owns these words; what a permission allows is the engine's.
"""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

PRODUCT: tuple[tuple[str, Any, Any], ...] = (
    ("desk", _l("办理任务"), _l("打开派给自己、可以认领的任务")),
    ("start", _l("发起事项"), _l("打开发起页；流程可以再限定岗位")),
    ("oversee", _l("督办全部"), _l("看本单位及下级的全部事项和任务，可以催办")),
    ("operate", _l("运行管理"), _l("处理异常、定时器、别人的任务，更正和撤销事项")),
    ("people:read", _l("看人员与单位"), _l("手机号等只显示头尾")),
    ("people:private", _l("看完整号码"), _l("手机号、邮箱等，每次查看都记入审计")),
    ("people:write", _l("管理人员与单位"), _l("添加、修改、任免、审核报到")),
    ("design", _l("设计与发布"), _l("流程、表单、决策、台账、页面")),
    ("admin", _l("系统管理"), _l("包括以上全部")),
)
ACTIONS: tuple[tuple[str, Any], ...] = (("read", _l("看")), ("write", _l("改")), ("private", _l("看隐私栏")))
