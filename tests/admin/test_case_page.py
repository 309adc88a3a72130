"""A case's page: at a glance, on paper, and what people say about it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from admin.app import create_app
from engine import Engine
from engine.errors import InvalidFile
from tests.admin import samples
from tests.admin.conftest import Visitor, build, populate, text

Visit = Callable[..., Visitor]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Two workers of one community, one of the other."""
    made = build(tmp_path)
    populate(made)
    for login, name, unit in (("wang", "王师傅", "t1"), ("zhao", "赵师傅", "t1"), ("he", "何师傅", "t2")):
        made.people.put(login, name=name, posts=[("desk", unit), ("worker", unit)])
    made.deploy(samples.FILES, by="boss")
    yield made
    made.close()


@pytest.fixture
def app(engine: Engine) -> Flask:
    return create_app(engine)


@pytest.fixture
def case(engine: Engine) -> int:
    """A repair that waits for somebody to have a look."""
    return engine.start("repair", {"what": "灯坏了", "place": "1 栋", "unit": "t1"}, by="wang").id


def photo(size: tuple[int, int] = (1600, 1200)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#a04020").save(out, "JPEG")
    return out.getvalue()


def fetched(visitor: Visitor, path: str) -> bytes:
    with visitor.get(path) as answer:
        return answer.data


def test_a_leader_sees_who_has_it_what_is_late_and_what_may_follow(engine: Engine, visit: Visit, case: int) -> None:
    engine.claim(engine.work_items(instance=case)[0].id, by="zhao")
    page = text(visit("wang").get(f"/case/{case}/"))
    glance = page[page.index("ld-glance") : page.index("ld-case")]
    assert "现场查看" in glance and "赵师傅" in glance and "动手修" in glance and "请您评价" not in glance
    assert "正在超期" not in glance
    engine.clock.advance(timedelta(days=7))  # type: ignore[attr-defined]
    assert "1 步正在超期" in text(visit("wang").get(f"/case/{case}/"))
    engine.complete(engine.work_items(instance=case)[0].id, {"state": "small"}, by="zhao")
    assert "1 步曾超期办结" in text(visit("wang").get(f"/case/{case}/"))


def test_a_remark_tells_whom_it_names_and_only_those_who_may_see(engine: Engine, visit: Visit, case: int) -> None:
    wang = visit("wang")
    wang.get(f"/case/{case}/")
    wang.post(f"/case/{case}/comment", {"text": "@赵师傅 请带梯子,@何师傅 不用来", "to": ["zhao", "he"]})
    assert [n.link for n in engine.notices("zhao")] == [f"/case/{case}/#remarks"]
    assert engine.notices("he") == []
    assert "王师傅留言，提到 赵师傅" in text(wang.get(f"/case/{case}/"))


def test_a_name_taken_out_of_the_text_is_not_told(engine: Engine, visit: Visit, case: int) -> None:
    wang = visit("wang")
    wang.get(f"/case/{case}/")
    wang.post(f"/case/{case}/comment", {"text": "算了", "to": ["zhao"]})
    assert engine.notices("zhao") == []


def test_the_list_of_names_holds_who_may_see_the_case(visit: Visit, case: int) -> None:
    offered = text(visit("wang").get(f"/case/{case}/people?q="))
    assert "赵师傅" in offered and "何师傅" not in offered and "王师傅" not in offered


def test_a_photo_of_a_remark_is_shown_small_to_whom_the_case_is_shown(engine: Engine, visit: Visit, case: int) -> None:
    wang = visit("wang")
    wang.get(f"/case/{case}/")
    sent = {"text": "", "file": (io.BytesIO(photo()), "灯.jpg")}
    wang.post(f"/case/{case}/comment", sent, content_type="multipart/form-data")
    key = engine.journal(case)[-1].data["files"][0]
    assert engine.attachment(key)[0].instance_id == case
    assert f"/files/{key}" in text(visit("zhao").get(f"/case/{case}/"))
    small, whole = fetched(visit("zhao"), f"/files/{key}?size=small"), fetched(visit("zhao"), f"/files/{key}")
    assert len(small) * 3 < len(whole) and max(Image.open(io.BytesIO(small)).size) <= 360
    assert visit("he").get(f"/files/{key}?size=small").status_code == 404


def test_what_claims_to_be_a_photo_and_is_none_is_served_whole(engine: Engine, visit: Visit, case: int) -> None:
    key = engine.attach("x.jpg", "image/jpeg", io.BytesIO(b"\xff\xd8\xff not a photo"), by="wang")
    assert fetched(visit("wang"), f"/files/{key}?size=small") == b"\xff\xd8\xff not a photo"


@pytest.mark.parametrize(
    ("code", "words"), [(1, "病毒检查没有通过"), (2, "病毒检查暂时不能用"), (0, "")], ids=["found", "broken", "clean"]
)
def test_an_upload_is_scanned_before_it_is_kept(tmp_path: Path, code: int, words: str) -> None:
    with build(tmp_path, scan=f"{sys.executable} -c 'import sys; sys.exit({code})'") as engine:
        populate(engine)
        engine.deploy(samples.FILES, by="boss")
        case = engine.start("repair", {"what": "灯坏了", "place": "1 栋", "unit": "t1"}, by="boss").id
        visitor = Visitor(create_app(engine)).enter("boss")
        visitor.get(f"/case/{case}/")
        sent = {"text": "看", "file": (io.BytesIO(photo((8, 8))), "灯.jpg")}
        visitor.post(f"/case/{case}/comment", sent, content_type="multipart/form-data")
        assert words in text(visitor.get(f"/case/{case}/"))
        assert len(list(engine.settings.files.glob("*"))) == (0 if words else 1)


def test_a_scanner_of_ones_own_may_say_why(engine: Engine) -> None:
    from engine.errors import Said

    engine.files.scan = lambda path: Said("含宏", "it holds macros") if b"macro" in path.read_bytes() else None
    assert engine.attach("a.txt", "text/plain", io.BytesIO(b"plain"), by="wang")
    with pytest.raises(InvalidFile, match="it holds macros"):
        engine.attach("b.txt", "text/plain", io.BytesIO(b"macro"), by="wang")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_pdf_of_a_case_is_one_and_is_named_after_it(visit: Visit, case: int, language: str) -> None:
    answer = visit("wang", language).get(f"/case/{case}/pdf")
    assert answer.data.startswith(b"%PDF-") and b"/FontFile" in answer.data
    assert "%E6%8A%A5%E4%BF%AE" in answer.headers["Content-Disposition"]


def test_without_a_font_the_page_says_what_to_do(engine: Engine, visit: Visit, case: int, monkeypatch) -> None:
    from admin.desk import paper

    monkeypatch.setattr(paper, "FONTS", ())
    answer = visit("wang").get(f"/case/{case}/pdf")
    assert answer.status_code == 503 and "没有找到中文字体" in text(answer)
