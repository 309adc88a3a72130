"""The little town that the permission matrix asks its questions in: the community pack, one person for each of its
roles and for each way of being nobody, and things to reach for at four places.

Owns the people, the places and what stands there. Whoever is asked about holds their one post at community `a`; a thing
stands at `a` (own), in the grid below it, in the neighbouring community, or at the street above.
"""

from __future__ import annotations

import io
import json
import tomllib
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

from admin.desk import paper
from engine import Engine
from engine.clock import ManualClock
from engine.records import Holiday
from engine.settings import Settings
from tests.conftest import MONDAY_0900_SHANGHAI
from tests.diagrams import ROUTE, boundary, diagram, element, user

COMMUNITY = Path(__file__).parents[2] / "workflows/community"
PLACES = {"own": "a", "below": "a1", "other": "b", "above": "s"}
LINES = {"a": ("a", "s"), "a1": ("a1", "a", "s"), "b": ("b", "s"), "s": ("s",)}  # a unit and those above it

# Who is asked about beside the pack's roles: by the permission of the product that their post at `a` names.
VISITOR, PENDING, NOBODY, ADMIN, DESIGNER, OPERATOR = "visitor", "pending", "nobody", "admin", "design", "operate"
WHO = {VISITOR: "", PENDING: "13900000000"}  # logins, of those whose login is another word
ROOT = "root"  # an administrator at the top of the tree; everybody else's post is at `a`
OTHERS = (VISITOR, PENDING, NOBODY, DESIGNER, OPERATOR, ADMIN, ROOT)

OPERATIONS = "transfer, delegate, return, copy, urge, withdraw, comment"
ERRAND = diagram(
    "s -> u1 -> u2 -> e; late -> e2",
    user("u1", groups="grid_worker", due="P3D", props={"operations": OPERATIONS}),
    user("u2", groups="grid_worker", props={"operations": OPERATIONS}),
    boundary("late", "u1", "duration", value="P1D"),
    key="errand",
    properties={"unit": "=unit", "starters": "grid_worker"},
)
BROKEN = diagram(
    "s -> t -> e",
    element("scriptTask", "t", "<script>x = 1 / 0</script>", scriptFormat="python"),
    key="broken",
    properties={"unit": "=unit", "starters": "grid_worker"},
)
PLEA = diagram(
    "s -> u1 -> e",
    element(
        "userTask",
        "u1",
        zeebe='<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="grid_worker"/>',
        props={"public": "reporter"},
    ),
    key="plea",
    properties={"unit": "=unit", "starters": "public", "public_key": "=code"},
)
EXTRA = """
name = "extra"
version = "1"
[title]
zh = "补充"
en = "Extra"
[roles.community_staff]
title = {zh = "社区工作者", en = "Community staff"}
permissions = ["page:probe", "register:homes:read", "register:homes:write"]
[roles.grid_worker]
title = {zh = "网格员", en = "Grid worker"}
permissions = ["register:homes:read", "register:homes:write"]
"""
HOMES = {  # what a household earns is for the community's staff alone
    "name": "homes",
    "title": {"zh": "住户", "en": "Homes"},
    "fields": [
        {"key": "door", "type": "text", "label": {"zh": "门牌", "en": "Door"}, "required": True},
        {"key": "unit", "type": "unit", "label": {"zh": "社区", "en": "Community"}, "required": True},
        {"key": "income", "type": "number", "label": {"zh": "收入", "en": "Income"}, "readers": ["community_staff"]},
        {"key": "grade", "type": "text", "label": {"zh": "等级", "en": "Grade"}, "writers": ["community_staff"]},
    ],
    "key": ["door"],
}
PROBE = {
    "name": "probe",
    "title": {"zh": "探针", "en": "Probe"},
    "sections": [
        {
            "key": "all",
            "source": {"register": "demands", "order": "code"},
            "columns": ["code", "phone"],
            "export": True,
            "actions": [
                {
                    "name": "close",
                    "label": {"zh": "改地点", "en": "Move"},
                    "kind": "update",
                    "with": {"place": "x"},
                }
            ],
        },
        {
            "key": "box",
            "layout": "paste",
            "paste": {"process": "errand", "register": "demands", "text": "content"},
        },
    ],
}


def held(*packs: str) -> dict[str, frozenset[str]]:
    """What each person asked about holds at `a`: read from the packs' files, not from the engine."""
    found: dict[str, set[str]] = {VISITOR: set(), PENDING: set(), NOBODY: set()}
    found |= {one: {one} for one in (DESIGNER, OPERATOR, ADMIN)} | {ROOT: {ADMIN}}
    for text in packs:
        for key, role in tomllib.loads(text)["roles"].items():
            found.setdefault(key, set()).update(role["permissions"])
    return {who: frozenset(permissions) for who, permissions in found.items()}


def everybody(permissions: Iterable[str]) -> list[str]:
    """Everybody asked about: the visitor first, the pack's roles as it lists them, the product's own last."""
    packs = [one for one in permissions if one not in OTHERS]
    return [VISITOR, PENDING, NOBODY, *packs, DESIGNER, OPERATOR, ADMIN, ROOT]


def small_font(folder: Path) -> str:
    """A font with Latin letters only, cut from one that is installed: reading a whole Chinese one for each PDF took a
    tenth of the matrix's time, and who may have the file is not in its letters."""
    file, number = next(one for one in paper.FONTS if Path(one[0]).is_file())
    letters = subset.Options(notdef_outline=True, layout_features=[])
    with TTFont(file, fontNumber=number) as font:
        cut = subset.Subsetter(letters)
        cut.populate(unicodes=range(32, 127))
        cut.subset(font)
        font.save(folder / "small.ttf")
    return str(folder / "small.ttf")


class Town:
    """One engine with everything in it. `thing(place)` is what stands there; used ones are made anew."""

    def __init__(self, url: str, folder: Path) -> None:
        away = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client": "linli"}  # a provider that does not answer
        more = {"secret_key": "test" * 12, "demo": True, "pdf_font": small_font(folder)}
        settings = Settings(database=url, data=str(folder / "var"), **more, **away)
        self.engine = Engine(url, ManualClock(MONDAY_0900_SHANGHAI), settings)
        self.engine.migrate()
        self.extra = folder / "extra"
        self._number = 0
        self._things: dict[str, Thing] = {}
        self._fill()

    @cached_property
    def permissions(self) -> dict[str, frozenset[str]]:
        """See `held`."""
        return held((COMMUNITY / "pack.toml").read_text("utf-8"), EXTRA)

    @cached_property
    def people(self) -> list[str]:
        """See `everybody`."""
        return everybody(self.permissions)

    def thing(self, place: str) -> Thing:
        """What stands at a place; the same until somebody was let in to change it."""
        if place not in self._things:
            self._number += 1
            self._things[place] = Thing(self, PLACES[place], self._number)
        return self._things[place]

    def used(self, place: str) -> None:
        """Somebody was let in: what they reached for is not what it was."""
        self._things.pop(place, None)

    def _fill(self) -> None:
        put = self.engine.people.put
        for code, parent in (("s", ""), ("a", "s"), ("b", "s"), ("a1", "a")):
            self.engine.people.put_unit(code, parent=parent, name=f"单位{code}", division=f"00000000000{len(code)}")
        put("boss", name="总管", posts=[("admin", "")])
        self.engine.deploy_pack(COMMUNITY, by="boss")
        pack = self.extra
        for folder in ("pages", "registers"):
            (pack / folder).mkdir(parents=True)
        (pack / "pack.toml").write_text(EXTRA, "utf-8")
        (pack / "pages/probe.json").write_text(json.dumps(PROBE, ensure_ascii=False), "utf-8")
        (pack / "registers/homes.json").write_text(json.dumps(HOMES, ensure_ascii=False), "utf-8")
        self.engine.deploy(
            {"errand.bpmn": ERRAND, "broken.bpmn": BROKEN, "plea.bpmn": PLEA, "route.dmn": ROUTE}, by="boss"
        )
        self.engine.deploy_pack(pack, by="boss")
        for who in self.people:
            if who in (VISITOR, PENDING, NOBODY):
                continue
            put(who, name=who, home_unit="a", posts=[(ADMIN, "") if who == ROOT else (who, "a")])
        put(NOBODY, name="路人", home_unit="a")
        self.engine.people.register("13900000000", name="等待的人", home_unit="a")
        for unit in ("b", "s"):
            put(f"grid-{unit}", name=f"网格员{unit}", home_unit=unit, posts=[("grid_worker", unit)])


class Thing:
    """All there is at one unit, each made when it is first asked for."""

    def __init__(self, town: Town, unit: str, number: int) -> None:
        self.town, self.engine, self.unit, self.number = town, town.engine, unit, number

    @cached_property
    def case(self) -> Any:
        """A running case with a photo, started by somebody who is not asked about."""
        photo = self.engine.attach("p.png", "image/png", io.BytesIO(b"\x89PNG\r\n\x1a\n"), by="boss")
        return self.engine.start("errand", {"unit": self.unit, "photo": photo}, by="boss")

    @cached_property
    def item(self) -> Any:
        """Its open task."""
        return self.engine.work_items(instance=self.case.id)[0]

    @cached_property
    def closure(self) -> date:
        """A day on which the unit does not work."""
        day = date(2026, 12, 3) + timedelta(days=self.number)
        self.engine.put_holidays([Holiday(day, False, "", f"unit:{self.unit}")], by="")
        return day

    @cached_property
    def claimed(self) -> Any:
        """A task that somebody who is not asked about has taken."""
        case = self.engine.start("errand", {"unit": self.unit}, by="boss")
        item = self.engine.work_items(instance=case.id)[0]
        return self.engine.claim(item.id, by="boss")

    @cached_property
    def first(self) -> Any:
        """A task that somebody who is not asked about has completed; nobody has acted on what followed."""
        case = self.engine.start("errand", {"unit": self.unit}, by="boss")
        item = self.engine.work_items(instance=case.id)[0]
        self.engine.complete(item.id, {}, by="boss")
        return item

    @cached_property
    def second(self) -> Any:
        """What followed."""
        return self.engine.work_items(instance=self.first.instance_id)[0]

    @cached_property
    def suspended(self) -> Any:
        """A case that was stopped."""
        case = self.engine.start("errand", {"unit": self.unit}, by="boss")
        self.engine.suspend(case.id, by="boss")
        return case

    @cached_property
    def project(self) -> dict[str, Any]:
        """A published project with places."""
        code = f"J{self.number}{self.unit}"
        row = {"code": code, "title": "清洁日", "kind": "shift", "unit": self.unit, "status": "published"}
        return self.engine.register("projects").insert({**row, "places": 90, "taken": 0})

    @cached_property
    def taken(self) -> dict[str, Any]:
        """The same, some of whose places are taken."""
        return self.engine.register("projects").reserve(self.project["id"], count=40)

    @cached_property
    def photo(self) -> str:
        """The file of the case."""
        return str(self.engine.instance(self.case.id).variables["photo"])

    @cached_property
    def timer(self) -> Any:
        """The timer of the case."""
        return self.engine.timers(instance=self.case.id)[0]

    @cached_property
    def incident(self) -> Any:
        """An incident of a case that cannot go on."""
        case = self.engine.start("broken", {"unit": self.unit}, by="boss")
        return self.engine.incidents(instance=case.id)[0]

    @cached_property
    def plea(self) -> Any:
        """A case that a resident follows by its code."""
        return self.engine.start("plea", {"unit": self.unit, "code": f"P{self.number}{self.unit}"}, by="")

    @cached_property
    def row(self) -> dict[str, Any]:
        """A row of a register."""
        return self.engine.register("demands").insert(
            {"code": f"D{self.number}{self.unit}", "channel": "visit", "content": "灯", "unit": self.unit,
             "status": "pooled", "phone": "13812345678"}
        )  # fmt: skip

    @cached_property
    def home(self) -> dict[str, Any]:
        """A row with columns that only some roles see or change."""
        row = {"door": f"H{self.number}{self.unit}", "unit": self.unit, "income": 5, "grade": "B"}
        return self.engine.register("homes").insert(row)

    @cached_property
    def person(self) -> str:
        """Somebody at home here."""
        login = f"x{self.number}{self.unit}"
        self.engine.people.put(
            login,
            name="某人",
            mobile=f"137{self.number:04d}{ord(self.unit[-1]):04d}",
            home_unit=self.unit,
            posts=[("member", self.unit)],
        )
        return login

    @cached_property
    def skilled(self) -> str:
        """Somebody at home here whose certificate soon ends."""
        login = f"k{self.number}{self.unit}"
        self.engine.people.put(login, home_unit=self.unit, skills=[("急救", "证", self.engine.people.today())])
        return login

    @cached_property
    def newcomer(self) -> str:
        """Somebody who asks to be let in here."""
        number = f"136{self.number:04d}{ord(self.unit[-1]):04d}"
        return self.engine.people.register(number, name="新人", home_unit=self.unit).login

    @cached_property
    def letter(self) -> Any:
        """A letter that waits for a call."""
        self.engine.people.put(f"phone{self.number}{self.unit}", name="无渠道", home_unit=self.unit)
        self.engine.copy_to(self.item.id, [f"phone{self.number}{self.unit}"], by="boss")
        return self.engine.outbox("to-call")[0]

    @cached_property
    def failed(self) -> int:
        """A letter that could not be sent."""
        letter = self.letter.id
        with self.engine.store.transaction():
            self.engine.store.sql("update outbox set status = 'failed', channel = 'email' where id = ?", (letter,))
        return int(letter)


Maker = Callable[[Thing], Any]
