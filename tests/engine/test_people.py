"""People: what is put is found, posts hold on their days, nobody is found who should not be."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from engine import errors
from engine.clock import ManualClock
from engine.expressions import values
from engine.people import People
from engine.store import Store, models

TOWN, EAST, WEST, GRID = "440604010", "440604010001", "440604010003", "440604010001-01"


@pytest.fixture
def people(store: Store, clock: ManualClock) -> People:
    """A town with two communities, one grid, and the roles of an installed pack."""
    found = People(store, clock)
    found.units.put_many(
        [
            {"code": TOWN, "name": "石湾镇街道", "name_en": "Shiwan Town"},
            {"code": EAST, "parent": TOWN, "name": "澜石社区"},
            {"code": WEST, "parent": TOWN, "name": "惠景社区"},
            {"code": GRID, "parent": EAST, "name": "第一网格"},
        ]
    )
    roles = {
        "walker": {"title": {"zh": "网格员", "en": "Grid worker"}, "permissions": ["desk", "register:demands:read"]},
        "head": {"title": {"zh": "书记"}, "permissions": ["desk", "operate", "people:write", "register:*:read"]},
    }
    row = {
        "name": "sample",
        "version": "1",
        "deployed_at": clock.now(),
        "settings": values.dumps({"roles": roles}).decode(),
    }
    store.run(models.Pack.insert(row))
    return found


def logins(page: object) -> list[str]:
    return [person.login for person in page.rows]  # type: ignore[attr-defined]


class TestPutting:
    def test_what_is_not_given_stays(self, people: People) -> None:
        people.put(
            "li", name="李梅", mobile="138 0013-8000", skills=["电工"], channels=["json://x/y"], fields={"班": 1}
        )
        person = people.put("li", email="li@example.cn")
        assert (person.name, person.mobile, person.email) == ("李梅", "13800138000", "li@example.cn")
        assert ([s.name for s in person.skills], person.channels, person.fields) == (
            ["电工"],
            ("json://x/y",),
            {"班": 1},
        )

    def test_a_post_no_longer_named_ends_and_stays_on_record(self, people: People, clock: ManualClock) -> None:
        people.put("li", posts=[("walker", GRID), ("head", EAST)])
        clock.advance(days=10)
        assert [p.role for p in people.put("li", posts=[("head", EAST)]).posts] == ["head"]
        ended = next(p for p in people.posts("li", history=True) if p.role == "walker")
        assert ended.until == people.today() - timedelta(days=1)
        people.put("li", posts=[("head", EAST), ("walker", GRID)])
        assert [(p.role, p.until is None) for p in people.posts("li", history=True)] == [
            ("walker", False),
            ("head", True),
            ("walker", True),
        ]

    def test_putting_the_same_twice_changes_nothing(self, people: People) -> None:
        given = {
            "name": "李",
            "posts": [("walker", GRID, date(2026, 1, 1), None)],
            "skills": ["电工"],
            "free": [(6, 540, 720)],
        }
        first = people.put("li", **given)
        assert people.put("li", **given) == first
        assert len(people.posts("li", history=True)) == 1

    def test_many_are_put_together_or_not_at_all(self, people: People) -> None:
        assert people.put_many({"login": f"p{n}", "posts": [("walker", EAST)]} for n in range(1000)) == 1000
        with pytest.raises(errors.InvalidValue):
            people.put_many([{"login": "good"}, {"login": "bad one"}])
        assert people.rows().total == 1000

    @pytest.mark.parametrize(
        "given",
        [
            {"status": "asleep"},
            {"mobile": "call me"},
            {"shoe_size": 44},
            {"posts": [("walker", EAST, None, None, "extra")]},
            {"posts": [{"role": "walker", "place": EAST}]},
        ],
    )
    def test_bad_data_is_refused(self, people: People, given: dict[str, object]) -> None:
        with pytest.raises(errors.InvalidValue):
            people.put("li", **given)
        assert people.empty()

    def test_one_mobile_number_is_one_person(self, people: People) -> None:
        people.put("li", mobile="13800138000")
        with pytest.raises(errors.AlreadyRegistered):
            people.put("wang", mobile="+86 138 0013 8000")
        with pytest.raises(errors.AlreadyRegistered):
            people.put_many([{"login": "a", "mobile": "13900139000"}, {"login": "b", "mobile": "13900139000"}])
        people.put("li", status="left")
        assert people.put("wang", mobile="13800138000").mobile == "13800138000"

    def test_found_by_name_or_mobile(self, people: People) -> None:
        people.put("li", mobile="13800138000")
        assert [p.login for p in map(people.find, ("li", " 138 0013 8000", "+8613800138000")) if p] == ["li"] * 3
        assert people.find("13800138001") is None

    def test_the_password_hash_is_not_printed(self, people: People) -> None:
        person = people.put("li", password="$argon2id$secret")
        assert person.password == "$argon2id$secret"
        assert "secret" not in repr(person)

    def test_sign_in_token_finds_its_person(self, people: People) -> None:
        person = people.put("li")
        assert people.by_uniquifier(person.fs_uniquifier) == person
        assert people.by_uniquifier("") is None


class TestLists:
    def test_filters(self, people: People) -> None:
        people.put("li", name="李梅", home_unit=GRID, posts=[("walker", GRID)], skills=["电工"], employer="u-1")
        people.put("wang", name="王强", home_unit=WEST, posts=[("head", WEST)], status="pending")
        assert logins(people.rows(unit=EAST)) == ["li"]
        assert logins(people.rows(role="head")) == ["wang"]
        assert logins(people.rows(status="pending")) == ["wang"]
        assert logins(people.rows(skill="电工")) == ["li"]
        assert logins(people.rows(employer="u-1")) == ["li"]
        assert logins(people.rows(text="王")) == ["wang"]
        page = people.rows(limit=1, offset=1)
        assert (logins(page), page.total) == (["wang"], 2)

    def test_somebody_sees_those_at_home_or_employed_in_their_units_and_themselves(self, people: People) -> None:
        people.put_unit("u-1", name="供电所", parent="")
        people.put("east", home_unit=GRID)
        people.put("west", home_unit=WEST, employer="u-1")
        people.put("both", home_unit=EAST, employer="u-1")
        people.put("reader", home_unit=WEST, posts=[("people:read", EAST)])
        people.put("liaison", home_unit=WEST, posts=[("people:read", "u-1")])
        assert logins(people.rows("reader")) == ["both", "east", "reader"]
        assert logins(people.rows("liaison")) == ["both", "liaison", "west"]
        assert logins(people.rows("west")) == ["west"]


class TestUnits:
    def test_the_line_leads_upwards(self, people: People) -> None:
        assert people.line(GRID) == [GRID, EAST, TOWN]
        assert people.line("unheard-of") == ["unheard-of"]

    def test_a_moved_unit_takes_its_subtree_along(self, people: People) -> None:
        people.put_unit(f"{GRID}-b2", parent=GRID, name="二号楼")
        people.put_unit(GRID, parent=WEST)
        assert people.line(f"{GRID}-b2") == [f"{GRID}-b2", GRID, WEST, TOWN]
        assert [u.code for u in people.tree(EAST)] == [EAST]
        assert people.unit(GRID).name == "第一网格"

    def test_the_tree_is_read_again_when_anybody_changes_it(
        self, people: People, store: Store, clock: ManualClock
    ) -> None:
        """A page offers all units; to read a thousand rows for each view was most of its time. Another process's change
        is seen by the next question, one that is taken back by none."""
        other = People(store, clock)
        assert [u.code for u in people.tree()] == [TOWN, EAST, GRID, WEST] == [u.code for u in other.tree()]
        people.tree().clear()
        other.put_unit(f"{GRID}-b2", parent=GRID, name="二号楼")
        assert [u.code for u in people.tree()] == [TOWN, EAST, GRID, f"{GRID}-b2", WEST]
        with pytest.raises(ZeroDivisionError), store.transaction():
            people.units.put_inside(f"{GRID}-b3", GRID, {"name": "三号楼"})
            assert len(people.tree()) == 6
            raise ZeroDivisionError
        assert len(people.tree()) == 5
        people.end_unit(f"{GRID}-b2", clock.now().date())
        clock.advance(timedelta(days=2))
        assert len(people.tree()) == 4

    def test_a_unit_is_never_under_itself(self, people: People) -> None:
        with pytest.raises(errors.InvalidValue):
            people.put_unit(TOWN, parent=GRID)
        with pytest.raises(errors.InvalidValue):
            people.put_unit(TOWN, parent=TOWN)
        assert people.unit(TOWN).path == f"/{TOWN}/"

    def test_units_are_valid_on_their_days(self, people: People, clock: ManualClock) -> None:
        people.put_unit(EAST, valid_to=people.today())
        assert people.line(GRID) == [GRID, EAST, TOWN]
        clock.advance(days=1)
        assert people.line(GRID) == [GRID, TOWN]
        assert EAST not in [u.code for u in people.tree()]

    @pytest.mark.parametrize("code", ["", "a/b", "a@b", " a"])
    def test_bad_codes_are_refused(self, people: People, code: str) -> None:
        with pytest.raises(errors.InvalidValue):
            people.put_unit(code)

    def test_a_prefix_of_a_code_is_not_above_it(self, people: People) -> None:
        """'/44/' and '/440604010/' share letters but not a tree; and case counts, which LIKE on SQLite would forget."""
        people.put_unit("44", name="x")
        people.put_unit("aB", name="x")
        people.put_unit("Ab", name="y")
        assert [u.code for u in people.tree("44")] == ["44"]
        assert [u.code for u in people.tree("aB")] == ["aB"]

    def test_an_unknown_parent_is_refused(self, people: People) -> None:
        with pytest.raises(errors.NotFound):
            people.put_unit("new", parent="nowhere")
        assert people.units.find("new") is None


class TestPermissions:
    def test_everything_is_open_until_somebody_is_registered(self, people: People) -> None:
        assert people.may("anyone", "design")
        people.require("anyone")
        people.put("li")
        assert not people.may("anyone", "design")
        with pytest.raises(errors.UnknownPerson):
            people.require("anyone")

    def test_permissions_hold_at_the_post_and_below(self, people: People) -> None:
        people.put("head", posts=[("head", EAST)])
        assert people.may("head", "operate")
        assert people.may("head", "operate", GRID)
        assert not people.may("head", "operate", TOWN)
        assert not people.may("head", "operate", WEST)
        assert not people.may("head", "design")

    def test_wildcards_and_admin(self, people: People) -> None:
        people.put("head", posts=[("head", EAST)])
        people.put("root", posts=[("admin", "")])
        assert people.may("head", "register:anything:read", EAST)
        assert not people.may("head", "register:anything:write", EAST)
        assert people.may("root", "register:anything:write", "anywhere")

    def test_a_role_no_pack_defines_permits_nothing(self, people: People) -> None:
        people.put("x", posts=[("unheard-of", EAST)])
        assert not people.may("x", "desk")

    def test_posts_outside_their_days_permit_nothing(self, people: People, clock: ManualClock) -> None:
        today = people.today()
        people.put("x", posts=[("head", EAST, today + timedelta(days=1), today + timedelta(days=2))])
        allowed = []
        for _ in range(4):
            allowed.append(people.may("x", "operate"))
            clock.advance(days=1)
        assert allowed == [False, True, True, False]

    def test_days_change_at_local_midnight(self, people: People, clock: ManualClock) -> None:
        """The clock fixture stands at 09:00 in Shanghai; in UTC the day changes eight hours after it does there."""
        people.put("x", posts=[("head", EAST, people.today() + timedelta(days=1), None)])
        clock.advance(hours=14, minutes=59)
        assert not people.may("x", "operate")
        clock.advance(minutes=1)
        assert people.may("x", "operate")

    def test_pending_and_departed_people_may_nothing(self, people: People) -> None:
        for status in ("pending", "left"):
            people.put("x", posts=[("head", EAST)], status=status)
            assert not people.may("x", "desk")
            with pytest.raises(errors.UnknownPerson):
                people.require("x")

    def test_scope_as_sql_equals_may_unit_by_unit(self, people: People, store: Store) -> None:
        people.put("a", posts=[("head", EAST)])
        people.put("b", posts=[("head", "")])
        people.put("c", posts=[("head", "unheard-of"), ("walker", WEST)])
        for login in "abc":
            scope = people.visible_units(login, "operate")
            test = scope.where(models.Unit.code)
            query = models.Unit.select(models.Unit.code)
            seen = {row["code"] for row in store.rows(query if test is None else query.where(test))}
            assert seen == {code for code in (TOWN, EAST, WEST, GRID) if people.may(login, "operate", code)}
            assert bool(scope) == people.may(login, "operate")

    def test_no_permission_no_rows(self, people: People, store: Store) -> None:
        people.put("c", posts=[("walker", WEST)])
        scope = people.visible_units("c", "operate")
        assert not scope
        assert store.rows(models.Unit.select().where(scope.where(models.Unit.code))) == []

    def test_roles_are_those_of_the_packs(self, people: People) -> None:
        walker = people.roles()["walker"]
        assert (walker.text("zh"), walker.text("en"), walker.pack) == ("网格员", "Grid worker", "sample")
        assert people.roles()["head"].text("en") == "书记"


class TestRegistration:
    def test_acts_only_after_approval(self, people: People) -> None:
        people.put("head", posts=[("head", EAST)])
        people.put("other", posts=[("head", WEST)])
        person = people.register("138 0013 8000", name="陈静", home_unit=EAST)
        assert (person.login, person.status) == ("13800138000", "pending")
        with pytest.raises(errors.Forbidden):
            people.approve(person.login, by="other")
        approved = people.approve(person.login, by="head", posts=[("walker", EAST)])
        assert approved.status == "active"
        assert people.may(approved.login, "desk", GRID)
        with pytest.raises(errors.NotFound):
            people.approve(person.login, by="head")

    def test_nobody_registers_twice(self, people: People) -> None:
        people.register("13800138000", name="陈静", home_unit=EAST)
        with pytest.raises(errors.AlreadyRegistered):
            people.register("+86 13800138000", name="别人", home_unit=WEST)

    def test_a_refused_person_may_register_again(self, people: People) -> None:
        people.put("head", posts=[("head", EAST)])
        people.register("13800138000", name="陈静", home_unit=EAST)
        people.reject("13800138000", by="head")
        assert people.register("13800138000", name="陈静", home_unit=EAST).status == "pending"


def test_every_look_up_uses_an_index(people: People, store: Store) -> None:
    """74,000 members: a look-up that scans people or posts would cost milliseconds on every request."""
    people.put_many({"login": f"m{n}", "mobile": f"139{n:08d}", "posts": [("walker", EAST)]} for n in range(2000))
    plan_of = "explain " if store.postgres else "explain query plan "
    if store.postgres:
        store.db.execute_sql("set enable_seqscan = off")
    mark = "%s" if store.postgres else "?"
    for statement in (
        f"select * from person where mobile = {mark}",
        f"select * from person where login = {mark}",
        f"select * from post where role = {mark} and unit = '{EAST}'",
        f"select * from post where person = {mark}",
        f"select * from skill where name = {mark}",
    ):
        plan = " ".join(str(row) for row in store.db.execute_sql(plan_of + statement, ("x",)).fetchall())
        assert "Seq Scan" not in plan and "SCAN" not in plan, plan


ODD = {
    "a number for a name": {"login": 5},
    "nul": {"login": "a\0"},
    "a number for a mobile": {"mobile": 13800000001},
    "text for posts": {"posts": "abc"},
    "a post of nothing": {"posts": [(None, None)]},
    "a day that is none": {"posts": [("r", "u", "never")]},
    "a skill that expires on no day": {"skills": [("电工", "x", "2026-13-45")]},
    "an eighth weekday": {"free": [(8, 0, 60)]},
    "minutes beyond the day": {"free": [(1, 0, 99_999)]},
    "a unit that is a number": {"home_unit": 5},
}


@pytest.mark.parametrize("odd", ODD)
def test_odd_data_of_a_person_is_refused_in_words(people: People, odd: str) -> None:
    """A number for a name ended in a TypeError, a post of nothing in the database's own; a day "never" was kept."""
    with pytest.raises(errors.InvalidValue) as refused:
        people.put(**{"login": "li", **ODD[odd]})
    assert re.search("[一-鿿]", refused.value.text("zh").removeprefix("该值无法保存"))
    assert people.empty()


class TestTheTreeThen:
    """Units change with the days, and what they were stays known."""

    def codes(self, people: People, day: date) -> dict[str, str]:
        return {unit.code: unit.path for unit in people.units.on(day)}

    def test_a_unit_that_moved_stands_where_it_stood_on_an_earlier_day(
        self, people: People, clock: ManualClock
    ) -> None:
        before = people.today()
        clock.advance(days=10)
        people.put_unit(GRID, parent=WEST, name="第九网格", by="li")
        assert self.codes(people, people.today())[GRID] == f"/{TOWN}/{WEST}/{GRID}/"
        assert self.codes(people, people.today() - timedelta(days=1))[GRID] == f"/{TOWN}/{EAST}/{GRID}/"
        then = {unit.code: unit.name for unit in people.units.on(before)}
        assert (then[GRID], people.unit(GRID).name) == ("第一网格", "第九网格")
        was = people.units.changes(GRID)[0]
        assert (was.parent, was.until, was.changed_by) == (EAST, people.today() - timedelta(days=1), "li")

    def test_the_last_of_several_changes_of_a_day_counts_afterwards_and_the_first_before(
        self, people: People, clock: ManualClock
    ) -> None:
        clock.advance(days=3)
        people.put_unit(EAST, name="甲")
        people.put_unit(EAST, name="乙")
        yesterday = people.today() - timedelta(days=1)
        assert {u.code: u.name for u in people.units.on(yesterday)}[EAST] == "澜石社区"
        assert {u.code: u.name for u in people.units.on(people.today())}[EAST] == "乙"
        assert [was.name for was in people.units.changes(EAST)] == ["甲", "澜石社区"]

    def test_a_correction_was_always_so_and_a_change_may_have_begun_earlier(
        self, people: People, clock: ManualClock
    ) -> None:
        clock.advance(days=30)
        people.put_unit(EAST, name="兰石社区", correction=True)
        people.put_unit(WEST, name="惠景新社区", since=people.today() - timedelta(days=10))
        earlier = {u.code: u.name for u in people.units.on(people.today() - timedelta(days=11))}
        assert (earlier[EAST], earlier[WEST]) == ("兰石社区", "惠景社区")
        assert {u.code: u.name for u in people.units.on(people.today() - timedelta(days=10))}[WEST] == "惠景新社区"
        with pytest.raises(errors.InvalidValue):
            people.put_unit(WEST, name="明天", since=people.today() + timedelta(days=1))

    def test_saving_without_a_change_leaves_no_trace(self, people: People) -> None:
        people.put_unit(EAST, name="澜石社区", parent=TOWN)
        assert people.units.changes(EAST) == []

    def test_an_ended_unit_is_gone_from_tomorrow_with_its_posts(self, people: People, clock: ManualClock) -> None:
        people.put("li", posts=[("walker", GRID), ("head", EAST)])
        people.put("boss", posts=[("head", TOWN)])
        with pytest.raises(errors.InvalidValue):
            people.end_unit(EAST, people.today(), by="boss")
        assert people.end_unit(EAST, people.today(), by="boss", below=True) == [EAST, GRID]
        assert GRID in self.codes(people, people.today())
        assert people.resolve(["head"], EAST) == ["li"]
        clock.advance(days=1)
        assert set(self.codes(people, people.today())) == {TOWN, WEST}
        assert set(self.codes(people, people.today() - timedelta(days=1))) == {TOWN, EAST, WEST, GRID}
        assert people.posts("li") == []
        assert people.resolve(["head"], EAST) == ["boss"]
