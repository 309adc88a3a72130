"""Every address of the URL map, asked for by a visitor, a plain member and an administrator, with ids that exist and
ids that cannot: no page may break, and nobody may see a page that is not theirs.

The list of addresses is the application's own, so that a screen added later is asked for too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import Rule

from engine import Engine
from engine.clock import ManualClock
from engine.settings import Settings
from tests.admin import samples
from tests.admin.conftest import Visitor, populate, text
from tests.admin.test_pages import fill, ids
from tests.conftest import MONDAY_0900_SHANGHAI as MONDAY
from tests.diagrams import ROUTE

Visit = Callable[..., Visitor]
Arguments = dict[str, str]

OPEN_TO_ALL = ("static", "security.", "portal.", "public_pages.", "join.", "healthz", "admin.", "files.")
# Pages that open for every member but show only what is theirs: their rows of a register, pages marked public.
MEMBERS_TOO = (
    "desk.",
    "task.",
    "notices.",
    "account.",
    "factor.",
    "me.",
    "substitutes.",
    "lookup.",
    "waiting.",
    "registers.",
    "diagram.",
    "page.index",
    *OPEN_TO_ALL,
)
NO_NUMBERS = (str(2**63), "9" * 4400)
NO_NAMES = ("a\0b", "'\"<script>😀", "9" * 300)
ODD_QUERIES = (
    "page=-1&per=x&tab=%00&q=%00",
    "page=99999999999999999999&q=%27%22%25_%5C&sort=1;drop&order=x&lang=xx&year=99999&month=2026-13&kind=zz",
    "q=%ED%A0%80%FF&unit=%FF&status=x&role=x&f.all.kind=%F0%9F%98%80&f.day=%3C&year=-1&month=x&row=x&id=x&within=x",
)


@pytest.fixture
def engine(store_url: str, tmp_path: Path) -> Iterator[Engine]:
    """The sample process with a case, the sample register with its pages; on SQLite and on PostgreSQL."""
    settings = Settings(database=store_url, data=str(tmp_path), secret_key="test" * 12, demo=True)
    made = Engine(store_url, ManualClock(MONDAY), settings)
    made.migrate()
    populate(made)
    made.people.put("nobody", name="路人")
    made.people.put("wang", name="王师傅", posts=[("desk", "t1"), ("start", "t1"), ("worker", "t1")])
    made.deploy({**samples.FILES, "route.dmn": ROUTE}, by="boss")
    fill(made, tmp_path / "pack")
    made.start("repair", {"what": "灯坏了", "place": "1 栋", "unit": "t1"}, by="wang")
    yield made
    made.close()


@pytest.fixture
def known(engine: Engine) -> dict[str, list[str]]:
    """Values that exist, by the name of the argument."""
    case = engine.instances().rows[0]
    return {
        "instance_id": [str(case.id)],
        "item_id": [str(item.id) for item in engine.work_items()],
        "definition_id": [str(one.id) for one in engine.definitions("process")],
        "process": ["repair"],
        "table": ["needs"],
        "page": [page.name for page in engine.pages()],
        "name": ["open"],
        "login": ["li", "wang"],
        "code": ["t1", str(case.business_key)],
        "kind": ["csv", "xlsx", "process", "form"],
        "key": ["repair", "look", "route"],
        "section": ["all", "league"],
        "action": ["close", "mine"],
        "row_id": [str(ids(engine)["N1"])],
        "operation": ["claim"],
    }


def pages(app: Flask) -> list[Rule]:
    """Rules that a browser may get, files of the build aside."""
    rules = [
        rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and "filename" not in rule.arguments
    ]
    assert len(rules) > 40
    return rules


def addresses(rule: Rule, known: dict[str, list[str]], odd: bool = False) -> list[str]:
    """The rule with values that exist; then with each odd value in one argument's place, the others existing."""
    names = sorted(rule.arguments)
    good = {name: known.get(name, ["x"]) for name in names}
    widest = max((len(values) for values in good.values()), default=1)
    filled = [{name: values[turn % len(values)] for name, values in good.items()} for turn in range(widest)]
    for name in names if odd else ():
        strange = NO_NUMBERS if f"<int:{name}>" in rule.rule else NO_NAMES
        filled += [{**filled[0], name: value} for value in strange]
    return [_address(rule, one) for one in filled]


def _address(rule: Rule, filled: Arguments) -> str:
    path = rule.rule
    for name, value in filled.items():
        for kind in ("", "int:", "path:"):
            path = path.replace(f"<{kind}{name}>", quote(value, safe=""))
    assert "<" not in path, path
    return path


def test_no_address_breaks_whatever_is_written_in_it(app: Flask, visit: Visit, known: dict[str, list[str]]) -> None:
    """An id beyond 63 bits broke every page on SQLite (OverflowError), a NUL in a name broke the public pages on
    PostgreSQL (DataError)."""
    broken = [
        (who, address)
        for who in ("", "boss")
        for visitor in [visit(who)]
        for rule in pages(app)
        if who or rule.endpoint.startswith(OPEN_TO_ALL)
        for address in addresses(rule, known, odd=True)
        if visitor.client.get(address, headers=visitor.headers).status_code >= 500
    ]
    assert broken == []


def test_no_query_breaks_a_page(app: Flask, visit: Visit, known: dict[str, list[str]]) -> None:
    broken = [
        (who, address)
        for who in ("", "boss")
        for visitor in [visit(who)]
        for rule in pages(app)
        for query in ODD_QUERIES
        for address in [f"{addresses(rule, known)[0]}?{query}"]
        if visitor.client.get(address, headers=visitor.headers).status_code >= 500
    ]
    assert broken == []


def test_a_page_is_shown_only_to_those_it_is_for(app: Flask, visit: Visit, known: dict[str, list[str]]) -> None:
    """A visitor is asked to sign in; a member without the permission is refused; neither sees a word of the page."""
    shown = [
        (who or "a visitor", address)
        for who, open_to in (("", OPEN_TO_ALL), ("nobody", MEMBERS_TOO))
        for visitor in [visit(who)]
        for rule in pages(app)
        if not rule.endpoint.startswith(open_to)
        for address in addresses(rule, known)
        if visitor.client.get(address, headers=visitor.headers).status_code not in (302, 401, 403, 404)
    ]
    assert shown == [], "\n".join(map(str, shown))


def test_a_member_without_posts_finds_nobodys_rows_and_may_write_none(engine: Engine, visit: Visit) -> None:
    """A page's nonce and token are random, and now and then they held the very letters of the row's code."""
    nobody, row = visit("nobody"), ids(engine)["N1"]
    for address in ("/registers/needs/", "/registers/needs/export.csv", "/p/open/", "/p/pool/export/all.csv"):
        page = re.sub(r"[\w.-]{16,}", "", text(nobody.get(address)))
        assert "13812345678" not in page and "N1" not in page
    for address in ("row", "edit", "delete"):
        ask = nobody.post if address == "delete" else nobody.get
        assert ask(f"/registers/needs/{address}/{row}").status_code in (403, 404)
    assert nobody.get("/registers/needs/new").status_code == 403
    assert "N1" in ids(engine)


@pytest.mark.parametrize(
    "path", ["/case/{}/", "/task/{}/", "/diagram/{}", "/studio/{}", "/registers/needs/row/{}", "/p/pool/row/all/{}"]
)
def test_an_id_that_cannot_be_is_not_found_in_the_readers_language(path: str, visit: Visit) -> None:
    for number in (str(2**63), "9" * 30, "0"):
        answer = visit("boss").get(path.format(number))
        assert answer.status_code == 404 and "找不到" in text(answer)


def test_a_nul_in_a_form_is_explained_and_changes_nothing(engine: Engine, visit: Visit) -> None:
    """PostgreSQL refuses the character; the remark of a case ended in a page without a word."""
    case = engine.instances().rows[0]
    answer = visit("boss").post(f"/case/{case.id}/comment", {"text": "a\0b"})
    assert answer.status_code in (302, 400)
    assert engine.doctor() == []
