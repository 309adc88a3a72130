"""The search of cases: any two characters of what they say, Chinese too, on both databases, by an index."""

from __future__ import annotations

import pytest

from engine import Engine
from engine.errors import InvalidValue, NotFound
from engine.store import search
from tests.diagrams import diagram, user
from tests.engine.helpers import deploy, item

REPAIR = diagram("s -> u1 -> e", user("u1"), properties={"title": '="报修：" + place', "starters": "*"})


@pytest.fixture
def lamp(engine: Engine) -> int:
    """A case about a lamp."""
    deploy(engine, REPAIR)
    return engine.start("p", {"place": "1 栋", "what": "三楼楼道里的灯坏了，Lamp NO.7"}, by="li").id


def found(engine: Engine, text: str) -> int:
    return engine.instances(text=text).total


def test_a_case_is_found_by_any_part_of_what_was_written(engine: Engine, lamp: int) -> None:
    engine.read_cases()
    for text in ("楼道", "灯坏了", "lamp no.7", "LAMP", "报修", "楼道 坏了", "1 栋"):
        assert found(engine, text) == 1, text
        assert len(engine.work_items(text=text)) == 1, text


def test_neighbours_only_count_as_they_stand(engine: Engine, lamp: int) -> None:
    """Pairs narrow the search; the text decides: 楼里 has its pairs nowhere, 道楼 is the wrong way round."""
    engine.read_cases()
    assert [found(engine, text) for text in ("楼里", "道楼", "三楼道", "楼道 水管")] == [0, 0, 0, 0]


def test_a_case_that_waits_to_be_read_is_found_by_its_title(engine: Engine, lamp: int) -> None:
    assert (found(engine, "报修"), found(engine, "楼道")) == (1, 0)
    assert engine.read_cases() == 1
    assert (found(engine, "报修"), found(engine, "楼道")) == (1, 1)
    assert engine.read_cases() == 0


def test_remarks_and_the_end_are_read_again(engine: Engine, lamp: int) -> None:
    engine.read_cases()
    engine.comment(lamp, "物业说明天来", by="li")
    engine.complete(item(engine, lamp).id, {"result": "换了灯泡"}, by="li")
    assert engine.read_cases() == 1
    assert (found(engine, "物业"), found(engine, "灯泡")) == (1, 1)


def test_odd_searches_are_only_text(engine: Engine, lamp: int) -> None:
    engine.read_cases()
    for text in ('"', "' or 1=1 --", "%%", "灯%", 'x" OR "灯坏', "a" * 5000, "\U00020000\U00020001", "灯"):
        assert found(engine, text) in (0, 1)
    assert found(engine, "%楼道_") == 1  # what is no letter separates words


def test_a_case_that_is_gone_leaves_no_text(engine: Engine, lamp: int) -> None:
    engine.read_cases()
    with engine.store.transaction():
        engine.store.sql("delete from instance where id = ?", [lamp])
    for table in ("case_text", "case_grams", "search_due"):
        assert engine.store.sql(f"select count(*) from {table}").fetchone()[0] == 0


def test_the_search_finds_its_index(engine: Engine, lamp: int) -> None:
    engine.read_cases()
    query = engine.store
    matching = search.matching(query, "楼道")
    assert matching is not None
    explain = "explain query plan " if not query.postgres else "explain "
    values = list(matching.params)
    with query.connected():
        if query.postgres:
            query.db.execute_sql("set enable_seqscan = off")
        lines = query.db.execute_sql(explain + matching.sql[1:-1], values).fetchall()
    plan = "\n".join(str(line) for line in lines)
    assert ("case_grams_grams" if query.postgres else "SCAN g VIRTUAL TABLE INDEX") in plan


def test_a_remark_tells_whom_it_names_and_nobody_who_may_not_see_the_case(engine: Engine) -> None:
    deploy(engine, REPAIR)
    engine.people.put_unit("a", name="甲")
    engine.people.put_unit("b", name="乙")
    engine.people.put("li", name="李", posts=[("oversee", "a")])
    engine.people.put("wu", name="吴", posts=[("oversee", "a")])
    engine.people.put("zhou", name="周", posts=[("oversee", "b")])
    case = engine.start("p", {"place": "1 栋", "unit": "a"}, by="li").id
    engine.comment(case, "@吴 请看", by="li", to=["wu", "li"])
    assert ["提到了您" in notice.subject for notice in engine.notices("wu")] == [True]
    assert engine.notices("li") == []
    with pytest.raises(NotFound):
        engine.comment(case, "@周 请看", by="li", to=["zhou"])
    assert engine.notices("zhou") == []


def test_lists_are_kept_by_name_and_person(engine: Engine) -> None:
    engine.save_list("li", "超期的", "tab=mine&late=1")
    engine.save_list("li", "超期的", "tab=team&late=1")
    engine.save_list("wu", "超期的", "tab=done")
    (mine,) = engine.saved_lists("li")
    assert mine.query == "tab=team&late=1"
    engine.drop_list("wu", mine.id)
    assert engine.saved_lists("li") == [mine]
    engine.drop_list("li", mine.id)
    assert engine.saved_lists("li") == []
    for number in range(30):
        engine.save_list("li", str(number), "tab=mine")
    with pytest.raises(InvalidValue):
        engine.save_list("li", "one more", "tab=mine")


def test_ones_own_tasks_are_searched_row_by_row(engine: Engine, lamp: int) -> None:
    """The desk of somebody with 400 tasks looked through the titles of half a million cases that waited to be read, for
    every search: 1.2 seconds. What is one's own to do is looked at itself, whatever else there is in the town."""
    engine.claim(item(engine, lamp).id, by="li")
    asked: list[str] = []
    engine.store.db.query_hooks.append(lambda event: asked.append(event.sql))
    for text, unread, read in (("报修", 1, 1), ("1 栋", 1, 1), ("灯坏", 0, 1), ("楼里", 0, 0), ("u1", 0, 0)):
        assert len(engine.work_items(assignee="li", text=text)) == unread, text
        assert engine.count_items(assignee="li", text=text) == unread, text
        engine.read_cases()
        assert len(engine.work_items(assignee="li", text=text)) == read, text
        search.read_again(engine.store, lamp)
        engine.store.sql("delete from case_text")
    looked = [sql for sql in asked if "case_text t" in sql]
    assert looked and not any("search_due" in sql or "case_grams" in sql for sql in looked)


def test_of_those_that_wait_to_be_read_the_newest_are_looked_at(
    engine: Engine, lamp: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a restore every case waits: a search looks at the titles of the newest of them, and of all once read."""
    monkeypatch.setattr(search, "WAITING", 1)
    engine.start("p", {"place": "2 栋"}, by="li")
    assert found(engine, "报修") == 1
    engine.read_cases()
    assert found(engine, "报修") == 2


def test_the_next_task_of_a_case_is_looked_for_in_the_case(engine: Engine) -> None:
    """Whoever finished a step was asked for the next one by reading all that is free in the town, in the order of due
    dates: SQLite without statistics prefers it. The plan begins at the case."""
    deploy(engine, diagram("s -> A1; A1 -> u1 -> A2; A1 -> u2 -> A2; A2 -> e", user("u1"), user("u2")))
    first, second = (engine.start("p", by="").id for _ in range(2))
    engine.people.put("li")
    engine.people.put("wang")
    mine, theirs = engine.work_items(instance=first)
    with engine.store.transaction():
        for task, login in ((mine, "li"), (theirs, "wang")):
            engine.store.sql("insert into candidate (work_item, login) values (?, ?)", [task.id, login])
    heard: list[tuple[str, list[object]]] = []
    engine.store.db.query_hooks.append(lambda event: heard.append((event.sql, event.params)))
    assert [task.id for task in engine.work_items(instance=first, candidate="li")] == [mine.id]
    assert engine.work_items(instance=second, candidate="li") == engine.work_items(instance=first, assignee="li") == []
    engine.store.db.query_hooks.clear()
    if not engine.store.postgres:  # PostgreSQL keeps statistics and needs no telling
        for sql, values in heard:
            plan = str(engine.store.sql(f"explain query plan {sql}", values).fetchall())
            assert "workitem_assignee" not in plan and "candidate_login_work_item (login=?)" not in plan, plan


def test_that_a_task_is_free_is_written_into_the_query(engine: Engine) -> None:
    """From its sixth run on PostgreSQL plans a query once for all values: of any assignee it expects one task, so with
    '' as a value it went through a person's 400 offers for each of 10,000 free tasks, 750 ms for the desk's count."""
    engine.people.put("li")
    heard: list[tuple[str, list[object]]] = []
    engine.store.db.query_hooks.append(lambda event: heard.append((event.sql, list(event.params or ()))))
    assert engine.count_items(candidate="li", most=9) == len(engine.work_items(candidate="li")) == 0
    engine.store.db.query_hooks.clear()
    asked = [values for sql, values in heard if "candidate" in sql]
    assert len(asked) == 2 and all("" not in values for values in asked)
