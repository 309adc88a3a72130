"""What a service task can call, with its inputs, as the diagram's panel offers it: a form instead of bare mappings.

Owns the words for docs/designer/services.md; a test compares it with what the engine knows. Calls nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l


class Input(NamedTuple):
    """One input: `pick` names a pick-list ('registers'), '' for a value or FEEL."""

    name: str
    label: Any
    pick: str = ""


class Job(NamedTuple):
    """One service type. `answers`: whether its answer is worth a variable."""

    type: str
    title: Any
    inputs: tuple[Input, ...]
    answers: bool = True


_REGISTER = Input("register", _l("台账"), "registers")
_KEY = Input("key", _l("记录的键"))
_ROW = Input("row", _l("记录内容（FEEL）"))
_COUNT = Input("count", _l("数量"))
_TO = Input("to", _l("通知谁"), "people")
_TEXTS = (Input("subject", _l("标题")), Input("body", _l("正文")), Input("link", _l("链接")))

JOBS = (
    Job("register.insert", _l("台账：新增记录"), (_REGISTER, _ROW)),
    Job("register.update", _l("台账：修改记录"), (_REGISTER, _KEY, Input("values", _l("要改的字段（FEEL）")))),
    Job("register.upsert", _l("台账：新增或修改"), (_REGISTER, _ROW)),
    Job("register.put", _l("台账：写入记录"), (_REGISTER, _ROW)),
    Job("register.delete", _l("台账：删除记录"), (_REGISTER, _KEY), answers=False),
    Job("register.get", _l("台账：读一条"), (_REGISTER, _KEY)),
    Job(
        "register.find",
        _l("台账：查找"),
        (_REGISTER, Input("where", _l("条件（FEEL）")), Input("order", _l("排序")), Input("limit", _l("最多几条"))),
    ),
    Job("register.count", _l("台账：计数"), (_REGISTER, Input("where", _l("条件（FEEL）")))),
    Job("register.reserve", _l("台账：占用名额"), (_REGISTER, _KEY, _COUNT)),
    Job("register.release", _l("台账：释放名额"), (_REGISTER, _KEY, _COUNT)),
    Job(
        "notice",
        _l("发通知"),
        (_TO, *_TEXTS, Input("about", _l("关于谁（账号）")), Input("urgent", _l("紧急（true）"))),
    ),
    Job("code.new", _l("生成查询码"), (Input("prefix", _l("前缀")), Input("digits", _l("位数")))),
    Job(
        "people.find",
        _l("找人"),
        (
            Input("mobile", _l("手机号")),
            Input("login", _l("账号")),
            Input("name", _l("姓名")),
            Input("employer", _l("单位名称")),
        ),
    ),
    Job("people.put", _l("登记人员"), (Input("person", _l("人员（FEEL）")),)),
    Job(
        "people.match",
        _l("匹配人员"),
        (
            Input("skills", _l("技能")),
            Input("unit", _l("所属单位"), "units"),
            Input("limit", _l("最多几人")),
            Input("at", _l("时间")),
        ),
    ),
    Job("people.signers", _l("列出签署人"), (Input("rules", _l("分派规则"), "people"),)),
    Job(
        "calendar.add",
        _l("算期限"),
        (
            Input("start", _l("从何时起")),
            Input("duration", _l("时长")),
            Input("calendar", _l("工作日历"), "calendars"),
        ),
    ),
    Job(
        "http",
        _l("调用网址"),
        (
            Input("url", _l("网址")),
            Input("method", _l("方法")),
            Input("headers", _l("请求头（FEEL）")),
            Input("body", _l("内容（FEEL）")),
        ),
    ),
    Job("email", _l("发邮件"), (Input("to", _l("邮箱地址")), *_TEXTS), answers=False),
    Job("notify", _l("发到外部渠道"), (Input("to", _l("Apprise 地址")), *_TEXTS), answers=False),
)


def described(types: list[str]) -> list[dict[str, Any]]:
    """Every type the engine runs: those above with their inputs, functions of packs by name alone."""
    known = {job.type for job in JOBS}
    rows = [
        {
            "type": job.type,
            "title": str(job.title),
            "inputs": [{"name": i.name, "label": str(i.label), "pick": i.pick} for i in job.inputs],
            "answers": job.answers,
        }
        for job in JOBS
    ]
    return rows + [
        {"type": name, "title": name, "inputs": [], "answers": True}
        for name in sorted(types)
        if name not in known and not name.endswith("*")
    ]
