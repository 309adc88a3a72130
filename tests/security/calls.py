"""One row for every name of the façade and of what hangs on it that takes `by`: who may, and how it is called.

Names that only record who did something, because whoever calls them has asked already, say so with their reason.
Reads answer whether the thing is among what they give.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from engine.errors import LinliError
from engine.records import Holiday
from engine.telling import Telling
from tests.security import rules
from tests.security.rules import Rule, both, either, has, here, never, role, top
from tests.security.world import ERRAND, WHO, Thing

Do = Callable[[Thing, str], Any]
REFUSALS = ("Forbidden", "NotFound", "UnknownPerson", "AlreadyClaimed")


@dataclass(frozen=True)
class Call:
    """Who may, and the call. `finds`: a read; refused means that it does not find the thing."""

    lets: Rule
    do: Do
    finds: bool = False
    places: bool = True


sees, handles, operates = rules.sees_case, rules.handles, here("operate")
versions = either(here("operate"), here("design"))
staff_here = both(role("community_staff"), here("register:homes:write"))  # whom the guarded columns of homes are for
reads, writes, private = (here(f"register:demands:{what}") for what in ("read", "write", "private"))


def _ids(rows: Any) -> list[Any]:
    return [getattr(row, "id", None) or row["id"] for row in rows]


def _new_row(thing: Thing, who: str) -> dict[str, Any]:
    return {
        "code": f"{who}-{thing.number}",
        "channel": "visit",
        "content": "灯",
        "unit": thing.unit,
        "status": "pooled",
    }


def _moved(thing: Thing, who: str) -> list[Any]:
    return [one for one in thing.engine.migrate_instances([thing.case.id], 1, by=who) if one.problem is None]


def _key(thing: Thing, who: str) -> str:
    """A key that a pack may have."""
    return f"p{thing.number}-{who.replace('_', '-').lower()}"


def _demands(thing: Thing) -> Any:
    return thing.engine.register("demands")


def _homes(thing: Thing) -> Any:
    return thing.engine.register("homes")


def _mine(thing: Thing) -> dict[str, Any]:
    return {"code": thing.row["code"]}


CALLS: dict[str, Call] = {
    # ---- tasks
    "Engine.claim": Call(handles, lambda t, by: t.engine.claim(t.item.id, by=by)),
    "Engine.complete": Call(handles, lambda t, by: t.engine.complete(t.item.id, {}, by=by)),
    "Engine.transfer": Call(handles, lambda t, by: t.engine.transfer(t.item.id, "boss", by=by)),
    "Engine.delegate": Call(handles, lambda t, by: t.engine.delegate(t.item.id, "boss", by=by)),
    "Engine.unclaim": Call(operates, lambda t, by: t.engine.unclaim(t.claimed.id, by=by)),
    "Engine.urge": Call(sees, lambda t, by: t.engine.urge(t.item.id, by=by)),
    "Engine.copy_to": Call(sees, lambda t, by: t.engine.copy_to(t.item.id, ["boss"], by=by)),
    "Engine.return_to": Call(handles, lambda t, by: t.engine.return_to(t.second.id, "u1", by=by)),
    "Engine.withdraw": Call(operates, lambda t, by: t.engine.withdraw(t.first.id, by=by)),
    "Engine.refuse": Call(handles, lambda t, by: t.engine.refuse(t.item.id, by=by)),
    "Engine.add_signer": Call(handles, lambda t, by: t.engine.add_signer(t.item.id, "boss", by=by)),
    "Engine.remove_signer": Call(operates, lambda t, by: t.engine.remove_signer(t.item.id, by=by)),
    "Engine.hand_over": Call(here("people:write"), lambda t, by: t.engine.hand_over(t.person, "boss", by=by)),
    "Engine.put_substitute": Call(here("people:write"), lambda t, by: t.engine.put_substitute(t.person, "boss", by=by)),
    "Engine.work_item": Call(sees, lambda t, by: t.engine.work_item(t.item.id, by=by)),
    "Engine.work_items": Call(
        sees, lambda t, by: t.item.id in _ids(t.engine.work_items(by=by, instance=t.case.id)), True
    ),
    "Engine.count_items": Call(sees, lambda t, by: t.engine.count_items(by=by, instance=t.case.id) > 0, True),
    "Engine.clocks_below": Call(
        either(here("operate"), here("oversee")),
        lambda t, by: t.item.id in [item.id for item, _ in t.engine.clocks_below(by, unit=t.unit)],
        True,
    ),
    # ---- cases
    "Engine.start": Call(
        role("grid_worker"), lambda t, by: t.engine.start("errand", {"unit": t.unit}, by=by), places=False
    ),
    "Engine.startable": Call(
        role("grid_worker"), lambda t, by: "errand" in [d.key for d in t.engine.startable(by)], True, places=False
    ),
    "Engine.instance": Call(sees, lambda t, by: t.engine.instance(t.case.id, by=by)),
    "Engine.instances": Call(
        sees, lambda t, by: t.case.id in _ids(t.engine.instances(by=by, process="errand", limit=5000).rows), True
    ),
    "Engine.comment": Call(sees, lambda t, by: t.engine.comment(t.case.id, "好", by=by)),
    "Engine.cancel": Call(operates, lambda t, by: t.engine.cancel(t.case.id, by=by)),
    "Engine.suspend": Call(operates, lambda t, by: t.engine.suspend(t.case.id, by=by)),
    "Engine.resume": Call(operates, lambda t, by: t.engine.resume(t.suspended.id, by=by)),
    "Engine.move": Call(operates, lambda t, by: t.engine.move(t.case.id, "u2", by=by)),
    "Engine.migrate_instance": Call(versions, lambda t, by: t.engine.migrate_instance(t.case.id, 1, by=by)),
    "Engine.migrate_instances": Call(versions, lambda t, by: _moved(t, by), finds=True),
    "Engine.undo_migration": Call(versions, lambda t, by: t.engine.undo_migration(t.case.id, by=by)),
    "Engine.set_variables": Call(operates, lambda t, by: t.engine.set_variables(t.case.id, {"x": 1}, by=by)),
    "Engine.retry": Call(operates, lambda t, by: t.engine.retry(t.incident.id, by=by)),
    "Engine.resolve": Call(operates, lambda t, by: t.engine.resolve(t.incident.id, by=by)),
    "Engine.move_timer": Call(operates, lambda t, by: t.engine.move_timer(t.timer.id, t.timer.due_at, by=by)),
    "Engine.timers": Call(operates, lambda t, by: t.timer.id in _ids(t.engine.timers(by=by, limit=5000)), True),
    "Engine.incidents": Call(operates, lambda t, by: t.incident.id in _ids(t.engine.incidents(by=by)), True),
    "Engine.sees": Call(sees, lambda t, by: t.engine.sees(t.case.id, by), True),
    "Engine.items_by_person": Call(
        sees,
        lambda t, by: (
            t.claimed.assignee in [one.login for one in t.engine.items_by_person(by, instance=t.claimed.instance_id)]
        ),
        True,
    ),
    "Engine.incident_page": Call(
        operates, lambda t, by: t.incident.id in _ids(t.engine.incident_page(by=by, limit=5000).rows), True
    ),
    "Engine.count_incidents": Call(
        has("operate"), lambda t, by: bool(t.incident) and t.engine.count_incidents(by, 5) > 0, True, places=False
    ),
    # ---- the whole installation
    "Engine.repair": Call(top("operate"), lambda t, by: t.engine.repair(["orphan"], by=by), places=False),
    "Engine.resend": Call(top("operate"), lambda t, by: t.engine.resend(t.failed, by=by), places=False),
    "Engine.deploy": Call(has("design"), lambda t, by: t.engine.deploy({"errand.bpmn": ERRAND}, by=by), places=False),
    "Engine.workspaces": Call(has("design"), lambda t, by: t.engine.workspaces(by), places=False),
    "Engine.new_pack": Call(has("design"), lambda t, by: t.engine.new_pack(_key(t, by), "新", by=by), places=False),
    "Engine.copy_pack": Call(
        has("design"), lambda t, by: t.engine.copy_pack("extra", _key(t, by) + "-c", "新", by=by), places=False
    ),
    "Engine.import_pack": Call(has("design"), lambda t, by: t.engine.import_pack(b"", by=by), places=False),
    "Engine.drop_pack": Call(has("design"), lambda t, by: t.engine.drop_pack("extra", by=by), places=False),
    "Engine.save_pack_file": Call(
        has("design"),
        lambda t, by: t.engine.save_pack_file("extra", "pack.toml", b"x", revision=0, by=by),
        places=False,
    ),
    "Engine.remove_pack_file": Call(
        has("design"),
        lambda t, by: t.engine.remove_pack_file("extra", "pages/probe.json", revision=0, by=by),
        places=False,
    ),
    "Engine.publish_pack": Call(has("design"), lambda t, by: t.engine.publish_pack("extra", "", by=by), places=False),
    "Engine.approve_pack": Call(has("design"), lambda t, by: t.engine.approve_pack("extra", 1, by=by), places=False),
    "Engine.refuse_pack": Call(has("design"), lambda t, by: t.engine.refuse_pack("extra", 1, by=by), places=False),
    "Engine.restore_pack": Call(has("design"), lambda t, by: t.engine.restore_pack("extra", 1, by=by), places=False),
    "Engine.deploy_pack": Call(has("design"), lambda t, by: t.engine.deploy_pack(t.town.extra, by=by), places=False),
    "Engine.put_holiday": Call(
        top("operate"), lambda t, by: t.engine.put_holiday(Holiday(date(2026, 12, 1), False), by=by), places=False
    ),
    "Engine.put_holidays": Call(
        top("operate"), lambda t, by: t.engine.put_holidays([Holiday(date(2026, 12, 2), False)], by=by), places=False
    ),
    "Engine.drop_holiday": Call(
        top("operate"), lambda t, by: t.engine.drop_holiday(date(2026, 12, 1), by=by), places=False
    ),
    "Engine.mark_year": Call(top("operate"), lambda t, by: t.engine.mark_year(2030, True, by=by), places=False),
    "Engine.mark_called": Call(top("operate"), lambda t, by: t.engine.mark_called(t.letter.id, by=by), places=False),
    "Engine.pages": Call(
        has("page:probe"), lambda t, by: "probe" in [p.name for p in t.engine.pages(by=by)], True, places=False
    ),
    "Engine.erase_person": Call(top("admin"), lambda t, by: t.engine.erase_person(t.person, by=by), places=False),
    # ---- people
    "Engine.erasure_preview": Call(top("admin"), lambda t, by: t.engine.erasure_preview(t.person, by=by), places=False),
    "Engine.personal_data": Call(here("people:write"), lambda t, by: t.engine.personal_data(t.person, by=by)),
    "People.rows": Call(
        here("people:read"), lambda t, by: _found(t.engine.people.rows(by=by, text=t.person), t.person), True
    ),
    "Engine.choose_telling": Call(never, lambda t, by: t.engine.choose_telling(t.person, Telling(), by=by)),
    "People.approve": Call(here("people:write"), lambda t, by: t.engine.people.approve(t.newcomer, by=by)),
    "People.reject": Call(here("people:write"), lambda t, by: t.engine.people.reject(t.newcomer, by=by)),
    "People.expiring": Call(
        here("people:read"),
        lambda t, by: t.skilled in [login for login, _skill in t.engine.people.expiring(30, by=by)],
        True,
    ),
    "People.preview": Call(
        here("people:write"),
        lambda t, by: t.engine.people.preview({"people": [(2, {"login": t.person, "name": "改"})]}, by).of("changed"),
        True,
    ),
    "Engine.whom": Call(
        either(here("people:read"), has("design")),
        lambda t, by: t.engine.whom(rules=("member",), unit=t.unit, by=by),
    ),
    # ---- registers
    "Register.rows": Call(reads, lambda t, by: t.row["id"] in _ids(_demands(t).rows(_mine(t), by=by)), True),
    "Register.page": Call(reads, lambda t, by: t.row["id"] in _ids(_demands(t).page(_mine(t), by=by).rows), True),
    "Register.each": Call(reads, lambda t, by: t.row["id"] in _ids(_demands(t).each(_mine(t), by=by)), True),
    "Register.count": Call(reads, lambda t, by: bool(t.row) and _demands(t).count(_mine(t), by=by) > 0, True),
    "Register.groups": Call(
        reads, lambda t, by: bool(t.row) and _demands(t).groups("unit", {"code": t.row["code"]}, by=by) != {}, True
    ),
    "Register.total": Call(
        here("register:projects:read"),
        lambda t, by: t.engine.register("projects").total("places", {"code": t.project["code"]}, by=by) > 0,
        True,
    ),
    "Register.get": Call(reads, lambda t, by: _demands(t).get(t.row["code"], by=by) is not None, True),
    "Register.must": Call(reads, lambda t, by: _demands(t).must(t.row["code"], by=by)),
    "Register.may_see_private": Call(private, lambda t, by: _demands(t).may_see_private(by, t.row), True),
    "Register.refuse_private": Call(
        has("register:demands:private"), lambda t, by: _demands(t).refuse_private(by, ["phone"]), places=False
    ),
    "Register.refuse_hidden": Call(
        role("community_staff"), lambda t, by: _homes(t).refuse_hidden(by, ["income"]), places=False
    ),
    "Register.sight": Call(staff_here, lambda t, by: _homes(t).sight(by)(t.home).get("income") == 5, True),
    "Register.permitted": Call(staff_here, lambda t, by: _homes(t).permitted(by, t.home, {**t.home, "grade": "A"})),
    "Register.insert": Call(writes, lambda t, by: _demands(t).insert(_new_row(t, by), by=by)),
    "Register.insert_many": Call(writes, lambda t, by: _demands(t).insert_many([_new_row(t, by + "m")], by=by)),
    "Register.update": Call(writes, lambda t, by: _demands(t).update(t.row["id"], {"place": by}, by=by)),
    "Register.upsert": Call(writes, lambda t, by: _demands(t).upsert({**_new_row(t, by), "place": "y"}, by=by)),
    "Register.delete": Call(writes, lambda t, by: _demands(t).delete(t.row["id"], by=by)),
    "Register.reserve": Call(
        here("register:projects:write"), lambda t, by: t.engine.register("projects").reserve(t.project["id"], by=by)
    ),
    "Register.release": Call(
        here("register:projects:write"), lambda t, by: t.engine.register("projects").release(t.taken["id"], by=by)
    ),
}

RECORDS: dict[str, str] = {
    "Engine.attach": "an upload is of whoever made it, and nobody else sees it before a case names it",
    "Engine.publish_message": "a pack's page says whose action sends it; the façade keeps the sender",
    "Engine.broadcast_signal": "as for a message",
    "Engine.migration_plan": "the studio asks `design`; of a case that one may not move it says only that",
    "Engine.mark_read": "one's own notices only: `by` is whose they are",
    "People.end_unit": "the unit's page asks `people:write` there",
    "People.apply": "what is applied is a preview, and that has asked line by line",
    "Engine.end_substitute": "the rule of put_substitute, asked of the person whose substitute it is",
    "Engine.looked": "the record that somebody looked: the screen has asked whether they may",
    "People.appoint": "as People.put",
    "People.dismiss": "as People.put",
    "People.put": "the record of who changed a person: the screen asks with `guard`, commands ask themselves",
    "Register.change": "a plan that the caller has checked; insert, update and the others check theirs",
}


def refused(call: Call, thing: Thing, who: str) -> bool:
    """Whether a call was refused for who asks."""
    try:
        answer = call.do(thing, WHO.get(who, who))
    except LinliError as problem:
        return problem.code in REFUSALS
    return call.finds and not answer


def ready(call: Call, thing: Thing) -> None:
    """Make what a call reaches for before it is called, so that only the call itself can change anything."""
    waiting, seen = [call.do], set()
    while waiting:
        code = waiting.pop().__code__
        for name in code.co_names:
            if isinstance(getattr(Thing, name, None), cached_property):
                getattr(thing, name)
            elif name.startswith("_") and name in globals() and name not in seen:
                seen.add(name)
                waiting.append(globals()[name])


def _found(page: Any, login: str) -> bool:
    return login in [person.login for person in page.rows]
