"""One row for every address and method of the application: what it is called in the documentation, who is let in, and
what is sent.

A route without a row fails the suite, and so does a row without a route: whoever adds a screen says here who it is for.
Rows with the same words are one line of docs/operator/permissions.md.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.security import rules
from tests.security.rules import Rule, both, either, everybody, has, here, member, never, role, signed_in, top
from tests.security.world import LINES, Thing

Sent = dict[str, Any]


@dataclass(frozen=True)
class Route:
    """Who is let in at one address by one method. `says`: the line of the table. `places`: whether it matters where the
    thing stands. `sends`: the form. `writes`: being let in changes something. `drafts`: what somebody typed is kept as
    their own draft even when they are refused."""

    says: str
    lets: Rule
    places: bool = False
    sends: Callable[[Thing, str], Sent] = lambda thing, who: {}
    writes: bool = False
    drafts: bool = False
    with_: dict[str, Callable[[Thing, str], str]] = field(default_factory=dict)  # values of the address
    json: bool = False
    leads: str = ""  # where being let in leads, when that is the sign-in page itself


def form(**given: Any) -> Callable[[Thing, str], Sent]:
    """The same form whoever sends it."""
    return lambda thing, who: given


def at(**given: Callable[[Thing], Any] | str) -> dict[str, Callable[[Thing, str], str]]:
    """Values of the address, by name."""
    return {
        key: (lambda thing, who, make=make: str(make(thing) if callable(make) else make)) for key, make in given.items()
    }


def _upload(name: str, content: bytes) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def _stored(thing: Thing, who: str) -> str:
    """A file that this person has uploaded to be imported."""
    return thing.engine.attach("p.csv", "text/csv", io.BytesIO("编号\nX".encode()), by=who, field="import")


def _stored_people(thing: Thing, who: str) -> str:
    """A workbook that this person has uploaded to be imported."""
    return thing.engine.attach("p.xlsx", "", io.BytesIO(b"PK"), by=who, field="people")


sees, handles = rules.sees_case, rules.handles
reads_rows, writes_rows = here("register:demands:read"), here("register:demands:write")
on_probe = both(has("page:probe"), here("page:probe"))

PACK, PACK_FILE, VERSION = at(pack="extra"), at(pack="extra", path="pack.toml"), at(pack="extra", number="1")
PACK_ROLE = at(pack="extra", key="community_staff")

OPEN, SIGNED, MEMBER = (
    "公开页面 Public pages",
    "自己的账户、消息 One's own account, messages",
    "工作台、查找 The desk, looking people up",
)
TASK_SEE, TASK_DO = "看任务 See a task", "办理任务 Do a task"
CASE_SEE, CASE_ACT = "看事项 See a case", "更正、撤销事项 Correct or cancel a case"
ROWS_SEE, ROWS_DO = "看诉求台账 Read the register of demands", "改诉求台账 Change the register of demands"
PEOPLE_SEE, PEOPLE_DO = "看人员与单位 See people and units", "改人员与单位 Change people and units"
CLOSURES = "单位休息日 A unit's own closures"
DESIGN, WATCH, TOP = (
    "设计与发布 Design and deploy",
    "异常与定时器 Incidents and timers",
    "全局运行 The whole installation",
)
PAGE, START = "业务页面（例） A pack's page (an example)", "发起 Start a case"
ADMINISTER = "岗位权限、登录记录、删除个人信息 Roles, sign-ins, erasing personal data"

ROUTES: dict[tuple[str, str], Route] = {
    # ---- everybody
    ("admin.index", "GET"): Route("首页 The address without a path", lambda asked: asked.who != rules.PENDING),
    ("healthz", "GET"): Route(OPEN, everybody),
    ("security.login", "GET"): Route(OPEN, everybody),
    ("security.login", "POST"): Route(OPEN, everybody, sends=form(identity="x", password="y")),
    ("security.logout", "POST"): Route(OPEN, everybody, leads="/sign-in"),
    ("security.verify", "GET"): Route(SIGNED, signed_in),
    ("security.verify", "POST"): Route(SIGNED, signed_in),
    ("join.index", "GET"): Route(OPEN, everybody),
    ("join.register", "GET"): Route(OPEN, everybody, with_=at(code="a")),
    ("join.register", "POST"): Route(OPEN, everybody, with_=at(code="a")),
    ("join.code", "GET"): Route(PEOPLE_SEE, here("people:read"), True, with_=at(code=lambda t: t.unit)),
    ("portal.index", "GET"): Route(OPEN, everybody),
    ("portal.submit", "GET"): Route(OPEN, everybody),
    ("portal.submit", "POST"): Route(OPEN, everybody),
    ("portal.submit_to", "GET"): Route(OPEN, everybody, with_=at(process="plea")),
    ("portal.submit_to", "POST"): Route(OPEN, everybody, with_=at(process="demand")),
    ("portal.refresh", "POST"): Route(OPEN, everybody, with_=at(process="demand")),
    ("portal.find", "GET"): Route(OPEN, everybody),
    ("portal.find", "POST"): Route(OPEN, everybody),
    ("portal.track", "GET"): Route(OPEN, everybody, True, with_=at(code=lambda t: t.plea.business_key)),
    ("portal.track", "POST"): Route(
        OPEN,
        everybody,
        True,
        sends=lambda thing, who: {"item": thing.engine.public_items(thing.plea.business_key)[0].id},
        writes=True,
        with_=at(code=lambda t: t.plea.business_key),
    ),
    ("portal.refresh_answer", "POST"): Route(
        "没有表单的评价 An answer without a form",
        never,
        with_=at(
            code=lambda t: t.plea.business_key, item_id=lambda t: t.engine.public_items(t.plea.business_key)[0].id
        ),
    ),
    ("public_pages.index", "GET"): Route(OPEN, everybody, with_=at(name="projects")),
    ("public_pages.do", "GET"): Route(
        OPEN,
        everybody,
        with_=at(name="projects", section="s1", action="share"),
        sends=lambda t, w: {"row": t.project["id"]},
    ),
    ("oidc.index", "GET"): Route(OPEN, everybody, leads="/sign-in"),
    ("oidc.back", "GET"): Route(OPEN, everybody, leads="/sign-in"),
    ("demo.index", "GET"): Route(OPEN, everybody, leads="/sign-in"),
    ("demo.enter", "POST"): Route("扮演真人 Enter as a real person", never, sends=form(login="boss")),
    ("demo.advance", "POST"): Route("拨演示时钟 Move the demo's clock", everybody, sends=form(by="1h")),
    # ---- signed in
    ("account.index", "GET"): Route(SIGNED, signed_in),
    ("account.language", "POST"): Route(SIGNED, signed_in, sends=form(locale="zh")),
    ("account.telling", "POST"): Route(SIGNED, signed_in),
    ("account.password", "POST"): Route(SIGNED, signed_in),
    ("account.browsers", "POST"): Route(SIGNED, signed_in),
    ("account.data", "GET"): Route(SIGNED, signed_in),
    ("second.index", "GET"): Route(OPEN, everybody, leads="/sign-in"),
    ("second.index", "POST"): Route(OPEN, everybody, leads="/sign-in"),
    ("factor.index", "GET"): Route(MEMBER, member),
    ("factor.index", "POST"): Route(MEMBER, member),
    ("factor.off", "POST"): Route(MEMBER, member),
    ("waiting.index", "GET"): Route(SIGNED, signed_in),
    ("notices.index", "GET"): Route(SIGNED, signed_in),
    ("notices.badge", "GET"): Route(SIGNED, signed_in),
    ("notices.open", "GET"): Route(SIGNED, signed_in, with_=at(notice_id="1")),
    ("notices.read", "POST"): Route(SIGNED, signed_in),
    ("substitutes.index", "GET"): Route(MEMBER, member),
    ("substitutes.put", "POST"): Route(
        MEMBER, member, sends=lambda t, who: {"to": "boss", "until": "2030-01-01", "since": "2029-12-31"}
    ),
    ("substitutes.end", "POST"): Route("别人的代理 Somebody else's substitute", never, with_=at(row="1")),
    ("lookup.index", "GET"): Route(MEMBER, member),
    ("lookup.people", "GET"): Route(MEMBER, member),
    ("diagram.diagram", "GET"): Route(MEMBER, member, with_=at(definition_id=lambda t: t.case.definition_id)),
    # ---- desk
    ("desk.index", "GET"): Route(MEMBER, member),
    ("desk.tabs", "GET"): Route(MEMBER, member),
    ("desk.count", "GET"): Route(MEMBER, member),
    ("desk.bulk", "POST"): Route(MEMBER, member, sends=form(act="claim")),
    ("desk.keep", "POST"): Route(MEMBER, member, sends=form(name="我的", query="tab=mine"), writes=True),
    ("desk.drop", "POST"): Route(MEMBER, member, with_=at(key="1")),
    ("start.index", "GET"): Route(START, has("start")),
    ("start.form", "GET"): Route(
        "发起指定岗位的流程 Start what is for one role", both(has("start"), role("grid_worker"))
    ),
    ("start.form", "POST"): Route(
        "发起指定岗位的流程 Start what is for one role", both(has("start"), role("grid_worker")), writes=True
    ),
    ("start.refresh", "POST"): Route(
        "发起指定岗位的流程 Start what is for one role", both(has("start"), role("grid_worker"))
    ),
    ("start.draft", "POST"): Route(
        "发起指定岗位的流程 Start what is for one role", both(has("start"), role("grid_worker"))
    ),
    ("task.index", "GET"): Route(TASK_SEE, both(has("desk"), sees), True),
    ("task.index", "POST"): Route(TASK_DO, both(has("desk"), handles), True, writes=True, drafts=True),
    ("task.refresh", "POST"): Route(TASK_SEE, both(has("desk"), sees), True, drafts=True),
    ("task.draft", "POST"): Route("存任务草稿 Keep a draft of a task", here("desk"), True),
    ("task.do", "POST"): Route(TASK_DO, both(has("desk"), handles), True, writes=True, with_=at(operation="claim")),
    ("case.index", "GET"): Route(CASE_SEE, sees, True),
    ("case.diagram", "GET"): Route(CASE_SEE, sees, True),
    ("case.comment", "POST"): Route(CASE_SEE, sees, True, sends=form(text="好"), writes=True),
    ("case.people", "GET"): Route(CASE_SEE, sees, True),
    ("case.pdf", "GET"): Route(CASE_SEE, sees, True),
    ("case.urge", "POST"): Route(CASE_SEE, sees, True, writes=True),
    ("case.variables", "POST"): Route(CASE_ACT, here("operate"), True, sends=form(name="x", value="1"), writes=True),
    ("case.cancel", "POST"): Route(CASE_ACT, here("operate"), True, sends=form(reason="重复"), writes=True),
    ("case.suspend", "POST"): Route(CASE_ACT, here("operate"), True, sends=form(reason="等待"), writes=True),
    ("case.resume", "POST"): Route(
        CASE_ACT, here("operate"), True, writes=True, with_=at(instance_id=lambda t: t.suspended.id)
    ),
    ("clocks.index", "GET"): Route("时限一览 Deadlines of one's units", either(has("oversee"), has("operate"))),
    ("files.index", "GET"): Route("看事项的附件 Open a case's file", sees, True),
    # ---- registers and pages
    ("registers.index", "GET"): Route(MEMBER, member),
    ("registers.listed", "GET"): Route("打开诉求台账 Open the register of demands", has("register:demands:read")),
    ("registers.export", "GET"): Route("打开诉求台账 Open the register of demands", has("register:demands:read")),
    ("registers.row", "GET"): Route(ROWS_SEE, reads_rows, True),
    ("registers.new", "GET"): Route("新增诉求 Add a demand", has("register:demands:write")),
    ("registers.new", "POST"): Route(
        ROWS_DO,
        writes_rows,
        True,
        sends=lambda t, who: {
            "code": f"{who}{t.number}",
            "channel": "visit",
            "content": "灯",
            "unit": t.unit,
            "status": "pooled",
        },
        writes=True,
    ),
    ("registers.edit", "GET"): Route(ROWS_DO, writes_rows, True),
    ("registers.edit", "POST"): Route(
        ROWS_DO,
        writes_rows,
        True,
        sends=lambda t, who: {
            "code": t.row["code"],
            "channel": "visit",
            "content": "灯",
            "unit": t.unit,
            "status": "pooled",
            "revision": t.row["revision"],
        },
        writes=True,
    ),
    ("registers.refresh", "POST"): Route("新增诉求 Add a demand", has("register:demands:write")),
    ("registers.delete", "POST"): Route(ROWS_DO, writes_rows, True, writes=True),
    ("registers.template", "GET"): Route("新增诉求 Add a demand", has("register:demands:write")),
    ("registers.import_", "GET"): Route("新增诉求 Add a demand", has("register:demands:write")),
    ("registers.import_", "POST"): Route(
        "新增诉求 Add a demand",
        has("register:demands:write"),
        sends=lambda t, who: {"file": _upload("p.csv", "编号\nX".encode())},
    ),
    ("registers.import_now", "POST"): Route(
        "新增诉求 Add a demand", has("register:demands:write"), with_={"stored": _stored}
    ),
    ("page.index", "GET"): Route("打开业务页面 Open a pack's page", has("page:probe")),
    ("page.row", "GET"): Route(PAGE, on_probe, True),
    ("page.export", "GET"): Route("打开业务页面 Open a pack's page", has("page:probe")),
    ("page.do", "GET"): Route(PAGE, on_probe, True, sends=lambda t, who: {"row": t.row["id"]}),
    ("page.do", "POST"): Route(
        "业务页面上修改（例） Change on a pack's page (an example)",
        both(on_probe, writes_rows),
        True,
        sends=lambda t, who: {"row": t.row["id"]},
        writes=True,
    ),
    ("page.paste", "POST"): Route(
        "打开业务页面 Open a pack's page", has("page:probe"), sends=form(text="灯坏了"), with_=at(section="box")
    ),
    # ---- people
    ("people.index", "GET"): Route("人员列表 The list of people", has("people:read")),
    ("people.person", "GET"): Route(PEOPLE_SEE, here("people:read"), True),
    ("people.new", "GET"): Route("添加人员 Add people", has("people:write")),
    ("people.new", "POST"): Route(
        PEOPLE_DO,
        here("people:write"),
        True,
        sends=lambda t, who: {
            "login": f"n{t.number}{t.unit}",
            "name": "新",
            "home_unit": t.unit,
            "status": "active",
            "locale": "",
        },
        writes=True,
    ),
    ("people.edit", "GET"): Route(PEOPLE_DO, here("people:write"), True),
    ("people.edit", "POST"): Route(
        PEOPLE_DO,
        here("people:write"),
        True,
        sends=lambda t, who: {"name": "改名", "home_unit": t.unit, "status": "active", "locale": ""},
        writes=True,
    ),
    ("people.post", "POST"): Route(
        PEOPLE_DO, here("people:write"), True, sends=lambda t, who: {"role": "organiser", "unit": t.unit}, writes=True
    ),
    ("people.end", "POST"): Route(
        PEOPLE_DO, here("people:write"), True, sends=lambda t, who: {"role": "member", "unit": t.unit}, writes=True
    ),
    ("people.password", "POST"): Route(PEOPLE_DO, here("people:write"), True, writes=True),
    ("units.index", "GET"): Route("人员列表 The list of people", has("people:read")),
    ("units.unit", "GET"): Route(PEOPLE_SEE, here("people:read"), True, with_=at(code=lambda t: t.unit)),
    ("units.new", "GET"): Route("添加人员 Add people", has("people:write")),
    ("units.new", "POST"): Route(
        PEOPLE_DO,
        here("people:write"),
        True,
        sends=lambda t, who: {"code": f"u{t.number}{t.unit}{who}", "name": "新", "parent": t.unit},
        writes=True,
    ),
    ("units.edit", "GET"): Route(PEOPLE_DO, here("people:write"), True, with_=at(code=lambda t: t.unit)),
    ("units.edit", "POST"): Route(
        PEOPLE_DO,
        here("people:write"),
        True,
        sends=lambda t, who: {"name": "改", "parent": "".join(LINES[t.unit][1:2])},
        writes=True,
        with_=at(code=lambda t: t.unit),
    ),
    ("units.move", "POST"): Route(
        PEOPLE_DO,
        here("people:write"),
        True,
        sends=lambda t, who: {"parent": "".join(LINES[t.unit][1:2])},
        with_=at(code=lambda t: t.unit),
    ),
    ("units.end", "POST"): Route(
        PEOPLE_DO,
        here("people:write"),
        True,
        sends=form(last="2099-12-31", below="y"),
        with_=at(code=lambda t: t.unit),
    ),
    ("units.appoint", "POST"): Route(
        PEOPLE_DO,
        here("people:write"),
        True,
        sends=lambda t, who: {"who": t.person, "role": "organiser"},
        writes=True,
        with_=at(code=lambda t: t.unit),
    ),
    ("people.add", "POST"): Route(
        PEOPLE_DO, here("people:write"), True, sends=form(name="急救"), writes=True, with_=at(what="skill")
    ),
    ("people.remove", "POST"): Route(
        PEOPLE_DO, here("people:write"), True, writes=True, with_=at(what="free", place="0")
    ),
    ("hand_over.index", "GET"): Route(PEOPLE_DO, here("people:write"), True, with_=at(login=lambda t: t.person)),
    ("hand_over.index", "POST"): Route(
        PEOPLE_DO,
        here("people:write"),
        True,
        sends=form(to="boss", reason="调走"),
        writes=True,
        with_=at(login=lambda t: t.person),
    ),
    ("people_tables.index", "GET"): Route("添加人员 Add people", has("people:write")),
    ("people_tables.export", "GET"): Route("添加人员 Add people", has("people:write")),
    ("people_tables.template", "GET"): Route("添加人员 Add people", has("people:write")),
    ("people_tables.preview", "POST"): Route(
        "添加人员 Add people", has("people:write"), sends=lambda t, who: {"file": _upload("p.xlsx", b"PK")}
    ),
    ("people_tables.apply", "POST"): Route(
        "添加人员 Add people", has("people:write"), with_={"stored": _stored_people}
    ),
    ("certificates.index", "GET"): Route("人员列表 The list of people", has("people:read")),
    ("whom.index", "GET"): Route("谁来办 Who gets it?", either(has("people:read"), has("design"))),
    ("me.index", "GET"): Route(MEMBER, member),
    ("me.save", "POST"): Route(MEMBER, member, sends=form(email="", employer="")),
    ("me.add", "POST"): Route(MEMBER, member, sends=form(name="急救"), with_=at(what="skill")),
    ("me.remove", "POST"): Route(MEMBER, member, with_=at(what="free", place="0")),
    ("people.full", "POST"): Route(
        "看完整号码 See numbers in full", either(here("people:private"), here("people:write")), True
    ),
    ("people.unlock", "POST"): Route(PEOPLE_DO, here("people:write"), True, writes=True),
    ("people.sign_out", "POST"): Route(PEOPLE_DO, here("people:write"), True),
    ("people.factor_off", "POST"): Route(PEOPLE_DO, here("people:write"), True),
    ("people.data", "POST"): Route(PEOPLE_DO, here("people:write"), True),
    ("people.erase", "GET"): Route(ADMINISTER, top("admin"), True),
    ("people.erase", "POST"): Route(
        ADMINISTER, top("admin"), True, sends=form(name="某人", reason="本人要求"), writes=True
    ),
    ("roles.index", "GET"): Route(ADMINISTER, top("admin")),
    ("roles.new", "GET"): Route(ADMINISTER, top("admin")),
    ("roles.new", "POST"): Route(
        ADMINISTER, top("admin"), sends=form(key="helper", title="帮手", permission="desk"), writes=True
    ),
    ("roles.edit", "GET"): Route(ADMINISTER, top("admin"), with_=at(key="helper")),
    ("roles.edit", "POST"): Route(
        ADMINISTER, top("admin"), sends=form(title="帮手", permission="start"), writes=True, with_=at(key="helper")
    ),
    ("roles.reset", "POST"): Route(ADMINISTER, top("admin"), writes=True, with_=at(key="helper")),
    ("sign_ins.index", "GET"): Route(ADMINISTER, top("admin")),
    ("sign_ins.export", "GET"): Route(ADMINISTER, top("admin")),
    ("sign_ins.unlock", "POST"): Route(ADMINISTER, top("admin"), sends=form(login="grid-b"), writes=True),
    ("join_requests.index", "GET"): Route("添加人员 Add people", has("people:write")),
    ("join_requests.decide", "POST"): Route(
        PEOPLE_DO,
        here("people:write"),
        True,
        sends=form(answer="accept", role=""),
        writes=True,
        with_=at(login=lambda t: t.newcomer),
    ),
    # ---- design
    ("packs.index", "GET"): Route(DESIGN, has("design")),
    ("packs.new", "POST"): Route(DESIGN, has("design"), sends=form(title="新流程包"), writes=True),
    ("packs.bring", "POST"): Route(DESIGN, has("design")),
    ("packs.show", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("packs.export", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("packs.drop", "POST"): Route(DESIGN, has("design"), with_=PACK),
    ("packs.add", "POST"): Route(DESIGN, has("design"), with_=PACK, sends=form(kind="forms", title="表"), writes=True),
    ("packs.remove", "POST"): Route(DESIGN, has("design"), with_=PACK, sends=form(path="pack.toml")),
    ("workspace.edit", "GET"): Route(DESIGN, has("design"), with_=PACK_FILE),
    ("workspace.file", "GET"): Route(DESIGN, has("design"), with_=PACK_FILE),
    ("workspace.save", "POST"): Route(
        DESIGN, has("design"), with_=PACK_FILE, sends=form(content="x", revision=0), json=True
    ),
    ("workspace.findings", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("workspace.lint", "POST"): Route(
        DESIGN, has("design"), with_=PACK, sends=form(path="pack.toml", content="x"), json=True
    ),
    ("workspace.names", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("packsettings.index", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("packsettings.entitle", "POST"): Route(DESIGN, has("design"), with_=PACK, sends=form(title="x", revision=0)),
    ("packsettings.new_role", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("packsettings.new_role", "POST"): Route(DESIGN, has("design"), with_=PACK),
    ("packsettings.role", "GET"): Route(DESIGN, has("design"), with_=PACK_ROLE),
    ("packsettings.role", "POST"): Route(DESIGN, has("design"), with_=PACK_ROLE),
    ("packsettings.new_calendar", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("packsettings.new_calendar", "POST"): Route(DESIGN, has("design"), with_=PACK),
    ("packsettings.calendar", "GET"): Route(DESIGN, has("design"), with_=at(pack="community", key="working")),
    ("packsettings.calendar", "POST"): Route(DESIGN, has("design"), with_=at(pack="community", key="working")),
    ("packsettings.remove", "POST"): Route(
        DESIGN, has("design"), with_=at(pack="extra", table="roles", key="community_staff"), sends=form(revision=0)
    ),
    ("design.draw", "POST"): Route(
        DESIGN, has("design"), with_=at(pack="extra", path="registers/x.json"), sends=form(content="{}"), json=True
    ),
    ("design.rights", "POST"): Route(
        DESIGN, has("design"), with_=PACK, sends=form(role="x", permission="page:x", on=True), json=True
    ),
    ("design.rows", "POST"): Route(
        DESIGN, has("design"), with_=at(pack="extra", path="registers/x.json"), sends=form(content="{}"), json=True
    ),
    ("preview.draw", "POST"): Route(DESIGN, has("design"), with_=PACK_FILE, sends=form(content="{}")),
    ("packstarts.index", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("packstarts.keep", "POST"): Route(
        DESIGN, has("design"), with_=PACK, sends=form(path="pack.toml", node="t", line="x")
    ),
    ("starts.index", "GET"): Route(DESIGN, has("design")),
    ("starts.helper", "GET"): Route(DESIGN, has("design")),
    ("versions.index", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("versions.restore", "POST"): Route(DESIGN, has("design"), with_=VERSION),
    ("versions.approve", "POST"): Route(DESIGN, has("design"), with_=VERSION),
    ("versions.refuse", "POST"): Route(DESIGN, has("design"), with_=VERSION),
    ("versions.content", "GET"): Route(DESIGN, has("design"), with_=PACK_FILE),
    ("versions.differences", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("trial.index", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("trial.begin", "POST"): Route(DESIGN, has("design"), with_=PACK, sends=form(start="2026-11-23T09:00")),
    ("trial.end", "POST"): Route(DESIGN, has("design"), with_=PACK),
    ("trial.start", "POST"): Route(DESIGN, has("design"), with_=at(pack="extra", process="p")),
    ("trial.do", "POST"): Route(DESIGN, has("design"), with_=at(pack="extra", item_id="1")),
    ("trial.refresh", "POST"): Route(DESIGN, has("design"), with_=PACK),
    ("trial.time", "POST"): Route(DESIGN, has("design"), with_=PACK, sends=form(move="hour")),
    ("trial.message", "POST"): Route(DESIGN, has("design"), with_=PACK, sends=form(name="m")),
    ("trial.diagram", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("trial.save", "POST"): Route(DESIGN, has("design"), with_=PACK),
    ("trial.played", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("publish.index", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("publish.act", "POST"): Route(DESIGN, has("design"), with_=PACK),
    ("publish.rehearsed", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("moving.index", "GET"): Route(DESIGN, has("design"), with_=PACK),
    ("moving.move", "POST"): Route(DESIGN, has("design"), with_=at(pack="extra", process="p")),
    ("moving.undo", "POST"): Route(DESIGN, has("design"), with_=at(pack="extra", process="p")),
    ("definitions.index", "GET"): Route(DESIGN, has("design")),
    ("definitions.versions", "GET"): Route(DESIGN, has("design"), with_=at(kind="process", key="errand")),
    ("definitions.file", "GET"): Route(DESIGN, has("design")),
    ("definitions.upload", "POST"): Route(DESIGN, has("design")),
    ("decisions.index", "GET"): Route(DESIGN, has("design")),
    ("decisions.decision", "GET"): Route(DESIGN, has("design"), with_=at(key="route")),
    ("decisions.run", "POST"): Route(
        DESIGN, has("design"), with_=at(key="route"), sends=form(**{"input:kind": "urgent"})
    ),
    ("studio.index", "GET"): Route(DESIGN, has("design")),
    ("studio.new", "GET"): Route(DESIGN, has("design")),
    ("studio.edit", "GET"): Route(DESIGN, has("design")),
    ("studio.names", "GET"): Route(DESIGN, has("design")),
    ("studio.lint", "POST"): Route(DESIGN, has("design"), sends=form(file="x.bpmn", content="<"), json=True),
    ("studio.deploy", "POST"): Route(DESIGN, has("design"), sends=form(file="x.bpmn", content="<"), json=True),
    ("studio.draft", "POST"): Route(DESIGN, has("design"), sends=form(subject="studio:x"), json=True),
    ("formtools.phone", "GET"): Route(DESIGN, has("design")),
    ("formtools.fill", "POST"): Route(DESIGN, has("design"), sends=form(_schema='{"components": []}')),
    ("formtools.redraw", "POST"): Route(DESIGN, has("design"), sends=form(_schema='{"components": []}')),
    ("formtools.from_register", "POST"): Route(DESIGN, has("design"), sends=form(register="demands"), json=True),
    ("formtools.to_register", "POST"): Route(DESIGN, has("design"), sends=form(name="kept", content="{}"), json=True),
    ("decisiontools.inputs", "POST"): Route(DESIGN, has("design"), sends=form(content="<", decision="x"), json=True),
    ("decisiontools.decide", "POST"): Route(DESIGN, has("design"), sends=form(content="<", decision="x"), json=True),
    ("decisiontools.from_sheet", "POST"): Route(DESIGN, has("design"), sends=form(content="<", decision="x")),
    ("decisiontools.to_sheet", "POST"): Route(DESIGN, has("design"), sends=form(content="<", decision="x")),
    # ---- operating
    ("insight.index", "GET"): Route(WATCH, has("operate")),
    ("incidents.index", "GET"): Route(WATCH, has("operate")),
    ("incidents.count", "GET"): Route(WATCH, has("operate")),
    ("incidents.retry", "POST"): Route("处置异常与定时器 Deal with incidents and timers", here("operate"), True),
    ("incidents.resolve", "POST"): Route("处置异常与定时器 Deal with incidents and timers", here("operate"), True),
    ("incidents.retry_all", "POST"): Route(WATCH, has("operate")),
    ("timers.index", "GET"): Route(WATCH, has("operate")),
    ("timers.now", "POST"): Route(
        "处置异常与定时器 Deal with incidents and timers", here("operate"), True, writes=True
    ),
    ("outbox.index", "GET"): Route(TOP, top("operate")),
    ("outbox.count", "GET"): Route(TOP, top("operate")),
    ("outbox.called", "POST"): Route(TOP, top("operate"), with_=at(letter_id=lambda t: t.letter.id)),
    ("closures.index", "GET"): Route(WATCH, has("operate")),
    ("closures.day", "POST"): Route(
        CLOSURES, here("operate"), True, sends=lambda t, who: {"unit": t.unit, "first": "2026-11-26"}, writes=True
    ),
    ("closures.drop", "POST"): Route(
        CLOSURES, here("operate"), True, sends=lambda t, who: {"unit": t.unit, "day": str(t.closure)}, writes=True
    ),
    ("calendar.index", "GET"): Route(TOP, top("operate")),
    ("calendar.day", "POST"): Route(TOP, top("operate"), sends=form(first="2026-11-25")),
    ("calendar.notice", "POST"): Route(TOP, top("operate"), sends=form(year="2027", text="2027-01-01 休")),
    ("calendar.drop", "POST"): Route(TOP, top("operate"), sends=form(day="2026-11-25")),
    ("calendar.year", "POST"): Route(TOP, top("operate"), sends=form(year="2027")),
    ("audit.index", "GET"): Route(TOP, top("operate")),
    ("outbox.again", "POST"): Route(TOP, top("operate"), with_=at(letter_id=lambda t: t.failed), writes=True),
    ("outbox.all_again", "POST"): Route(TOP, top("operate")),
    ("audit.prove", "POST"): Route(TOP, top("operate")),
    ("audit.export", "GET"): Route(TOP, top("operate")),
    ("audit.run", "POST"): Route(TOP, top("operate")),
}
