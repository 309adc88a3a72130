"""One person's data are found, told and taken away everywhere, and what is left still proves itself.

Erasing used to stop at the person's record, register rows and whole journal payloads: variables of cases, titles, the
search, uploads, letters to others and archives kept the number, and a sign-in name that was a number stayed.
"""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest

from engine import Engine
from engine.clock import ManualClock
from engine.commands.redaction import GONE, Redaction, Subject
from engine.errors import Forbidden, NotFound
from engine.store import models
from tests.diagrams import diagram, user

MOBILE, MAIL, CARD, NAME = "13812340000", "ming@example.cn", "310101199001011234", "王小明"
OTHER = "13912349999"
FORM = {
    "type": "default",
    "id": "ask",
    "components": [
        {"type": "textfield", "key": "phone", "label": "电话", "properties": {"widget": "mobile", "label_en": "Phone"}},
        {"type": "textfield", "key": "home", "label": "住址", "properties": {"personal": "about", "label_en": "Home"}},
        {"type": "textfield", "key": "wish", "label": "愿望", "properties": {"label_en": "Wish"}},
        {"type": "textfield", "key": "bank", "label": "账户", "properties": {"personal": "own", "label_en": "Account"}},
    ],
}
ASK = diagram(
    "s -> u1 -> e",
    user("u1", users="staff", form="ask"),
    key="ask",
    properties={"title": '="找" + contact', "starters": "*"},
)
NEEDS = {
    "name": "needs",
    "title": {"zh": "需求", "en": "Needs"},
    "key": ["number"],
    "scope": "all",
    "fields": [
        {"key": "number", "type": "text", "label": {"zh": "编号", "en": "Number"}, "required": True},
        {"key": "phone", "type": "text", "label": {"zh": "电话", "en": "Phone"}, "private": True},
        {"key": "home", "type": "text", "label": {"zh": "住址", "en": "Home"}, "private": True},
    ],
}


@pytest.fixture
def town(engine: Engine) -> Engine:
    """A member whose sign-in name is their number, what they left behind, and what looks like it and is others'."""
    engine.people.put("boss", name="管理员", posts=[("admin", "")])
    engine.people.put("staff", name="社工", posts=[("desk", "")])
    given = {"email": MAIL, "fields": {"card": CARD}}
    engine.people.put(MOBILE, mobile=MOBILE, name=NAME, posts=[("desk", "")], **given)
    engine.deploy(
        {"ask.bpmn": ASK, "ask.form": json.dumps(FORM).encode(), "registers/needs.json": json.dumps(NEEDS).encode()},
        by="boss",
    )
    return engine


def ask(town: Engine, by: str, **said: object) -> int:
    return town.start("ask", {"contact": "某人", "wish": "修灯", **said}, by=by).id


def everything(town: Engine) -> str:
    """Every text and byte of the database."""
    found = []
    for model in models.TABLES:
        for row in town.store.rows(model.select()):
            found += [
                bytes(one).decode(errors="replace") if isinstance(one, memoryview | bytes) else str(one)
                for one in row.values()
            ]
    return "\n".join(found)


def test_nothing_of_them_is_left_anywhere_and_all_of_it_still_proves_itself(
    town: Engine, clock: ManualClock, tmp_path: Path
) -> None:
    photo = town.attach(f"{NAME}.txt", "text/plain", io.BytesIO(b"me"), by=MOBILE)
    old = ask(town, MOBILE, contact=NAME, phone=MOBILE, home="九号楼", photo=photo)
    town.complete(town.work_items(instance=old)[0].id, {}, by="staff")
    clock.advance(timedelta(days=40))
    kept = town.retain(30, 0)
    assert kept is not None and kept.archive is not None and kept.cases == 1
    proof = town.attach("proof.txt", "text/plain", io.BytesIO(b"house"), by=MOBILE)
    case = ask(
        town,
        MOBILE,
        contact=NAME,
        phone=MOBILE,
        home="九号楼",
        bank="工行一号",
        files=[proof],
        helpers=[{"who": MOBILE}],
    )
    other = ask(town, "staff", contact="老李", phone=OTHER, home="一号楼", note=f"{MOBILE} 来问过")
    town.comment(case, f"请打 {MOBILE} 或写 {MAIL}", by="staff", to=["boss", MOBILE])
    town.comment(case, "我在", by=MOBILE, to=["staff"])
    needs = town.register("needs")
    needs.insert({"number": f"N-{MOBILE}", "phone": MOBILE, "home": "九号楼"})
    needs.insert({"number": "N-2", "phone": OTHER, "home": "一号楼"})
    town.people.put(MOBILE, branch="一支部", by="boss")
    town.read_cases()
    assert town.instances(text="九号楼").total == 1

    told = town.personal_data(MOBILE, by=MOBILE)
    assert {key for one in told["in_cases"] for key, _ in one["values"]} >= {"phone", "home", "bank"}
    assert [one["name"] for one in told["files"]] == ["proof.txt"] and len(told["archived"]) == 1
    before = town.erasure_preview(MOBILE, by="boss")
    assert MOBILE in everything(town) and before.erased["archived"] == 1

    done = town.erase_person(MOBILE, by="boss", reason="本人要求")

    left = everything(town)
    for text in (MOBILE, MAIL, CARD, NAME, "九号楼", "工行一号", proof):
        assert text not in left, text
    assert {"cases", "lines", "rows", "files", "notices"} <= done.erased.keys()
    assert done.erased.keys() >= before.erased.keys() - {"mail"}
    assert {one.code for one in done.kept} == {"acts", "others", "posts", "backups"}
    assert town.people.get(done.alias).status == "left" and town.people.find(MOBILE) is None
    assert [entry.actor for entry in town.journal(case) if entry.event == "comment"] == ["staff", done.alias]
    variables = town.instance(case).variables
    assert (variables["wish"], variables["home"], variables["files"]) == ("修灯", GONE, [])
    assert variables["helpers"] == [{"who": done.alias}]
    assert (town.instance(other).variables["home"], town.instance(other).variables["note"]) == ("一号楼", GONE)
    assert needs.get(f"N-{done.alias}")["phone"] is None and needs.must("N-2")["phone"] == OTHER
    town.read_cases()
    assert town.instances(text="九号楼").total == 0 and town.instances(text="修灯").total == 2
    assert not [path for path in (tmp_path / "var" / "files").iterdir() if path.read_bytes() == b"house"]
    assert town.prove_archive(kept.archive) == (1, []) and not list((kept.archive.parent / "files").iterdir())
    assert town.doctor() == [] and town.house_sound() == []
    town.complete(town.work_items(instance=case)[0].id, {}, by="staff")
    assert town.instance(case).status == "completed" and town.doctor() == []


def test_a_resident_without_a_record_is_forgotten_by_their_number(town: Engine) -> None:
    case = ask(town, "", contact="陈阿姨", phone=OTHER, home="一号楼")
    with pytest.raises(Forbidden):
        town.erase_person(OTHER, by="staff")
    with pytest.raises(NotFound):
        town.erase_person("nobody", by="boss")
    done = town.erase_person(OTHER, by="boss")
    assert OTHER not in everything(town) and done.alias.startswith("gone-")
    assert town.instance(case).variables["home"] == GONE and town.doctor() == []


def test_a_sign_in_name_that_says_nothing_stays_as_the_alias(town: Engine) -> None:
    town.people.put("ming", name="李明", mobile=OTHER, posts=[("desk", "")])
    case = ask(town, "ming", phone=OTHER)
    assert town.erase_person("ming", by="boss").alias == "ming"
    assert town.instance(case).started_by == "ming" and OTHER not in everything(town)


# ---- the rule, by value


def taken(value: object, personal: str = "", own: str = "", mine: bool = False) -> object:
    subject = Subject(MOBILE, "gone-1", NAME, (MAIL,))
    return Redaction(subject, frozenset(personal.split()), frozenset(own.split())).value(value, mine=mine)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": f"打 {MOBILE}", "b": 1}, {"a": GONE, "b": 1}),
        ({"a": MOBILE, "home": "一号", "n": None}, {"a": "gone-1", "home": GONE, "n": None}),
        ({"phone": MOBILE, "home": "一号"}, {"phone": None, "home": GONE}),
        ({"a": MAIL, "phone": OTHER, "home": "二号"}, {"a": GONE, "phone": OTHER, "home": "二号"}),
        ({"a": MAIL, "title": f"{NAME}的事"}, {"a": GONE, "title": f"{GONE}的事"}),
        ({"title": f"{NAME}的事"}, {"title": f"{NAME}的事"}),
        ([{"phone": MOBILE}, {"phone": OTHER, "home": "二号"}], [{"phone": None}, {"phone": OTHER, "home": "二号"}]),
        ({MOBILE: "yes", "in": {"home": "一号"}}, {"gone-1": "yes", "in": {"home": "一号"}}),
        ({"a": MAIL, "in": {"home": "一号"}}, {"a": GONE, "in": {"home": GONE}}),
        ({"a": MAIL, "home": 7}, {"a": GONE, "home": None}),
    ],
)
def test_what_is_theirs_goes_and_what_is_others_stays(before: object, after: object) -> None:
    assert taken(before, "phone home") == after


def test_fields_about_who_fills_them_in_go_only_when_they_did() -> None:
    assert taken({"bank": "1"}, own="bank", mine=True) == {"bank": GONE}
    assert taken({"bank": "1"}, own="bank") == {"bank": "1"}
