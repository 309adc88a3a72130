"""Definitions: who may design, upload with findings, versions, the editor's lint, deploy and drafts."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from lxml import etree
from werkzeug.test import TestResponse

from admin.studio.text import text_of
from engine import Engine
from engine.errors import InvalidFile
from tests.admin.conftest import Visitor, text
from tests.diagrams import diagram, element

Visit = Callable[..., Visitor]
GOOD = diagram("s -> u1 -> e", key="small", name="小流程")
CHANGED = diagram("s -> u1 -> u2 -> e", key="small", name="小流程")
BROKEN = diagram("s -> c1 -> e", element("transaction", "c1"), key="broken")  # empty: refused, with its place
FORM = b'{"type": "default", "id": "ask", "components": [{"type": "textfield", "key": "a", "label": "A"}]}'


def upload(visitor: Visitor, action: str = "deploy", **files: bytes) -> TestResponse:
    """Post files as the upload form does; keyword `small_bpmn` is the file small.bpmn."""
    chosen = [(io.BytesIO(content), name.replace("_", ".")) for name, content in files.items()]
    visitor.get("/definitions/")
    return visitor.post("/definitions/upload", {"action": action, "files": chosen}, content_type="multipart/form-data")


@pytest.mark.parametrize("path", ["/definitions/", "/studio/new", "/studio/", "/definitions/versions/process/x"])
def test_only_designers_open_the_studio(path: str, visit: Visit) -> None:
    assert visit().get(path).status_code == 302
    assert visit("li").get(path).status_code == 403
    assert visit("drawer").get(path).status_code in (200, 404)


def test_nobody_else_deploys_by_posting(visit: Visit, engine: Engine) -> None:
    visitor = visit("li")
    visitor.get("/account/")
    assert visitor.send("/studio/deploy", {"file": "a.bpmn", "content": GOOD.decode()}).status_code == 403
    assert visitor.post("/definitions/upload", {"files": [(io.BytesIO(GOOD), "a.bpmn")]}).status_code == 403
    assert not engine.definitions()


def test_an_upload_becomes_a_version_and_the_same_file_no_second_one(visit: Visit, engine: Engine) -> None:
    visitor = visit("drawer")
    assert upload(visitor, small_bpmn=GOOD).status_code == 302
    assert "已发布：small v1" in text(visitor.get("/definitions/"))
    upload(visitor, small_bpmn=GOOD)
    assert "没有产生新版本" in text(visitor.get("/definitions/"))
    upload(visitor, small_bpmn=CHANGED)
    versions = [d.version for d in engine.definitions(kind="process", key="small", latest=False)]
    assert sorted(versions) == [1, 2]
    page = text(visitor.get("/definitions/versions/process/small"))
    assert "v2" in page and "v1" in page and page.count("当前") == 1


def test_checking_deploys_nothing(visit: Visit, engine: Engine) -> None:
    answer = upload(visit("drawer"), action="check", small_bpmn=GOOD)
    assert answer.status_code == 200 and "检查" in text(answer)
    assert not engine.definitions()


def test_a_refused_upload_names_file_place_and_advice_and_keeps_nothing(visit: Visit, engine: Engine) -> None:
    answer = upload(visit("drawer"), small_bpmn=GOOD, broken_bpmn=BROKEN)
    page = text(answer)
    assert answer.status_code == 422 and "没有发布" in page
    assert "broken.bpmn" in page and "c1" in page and "第" in page
    assert not engine.definitions()


def test_a_refusal_is_in_english_for_who_reads_english(visit: Visit) -> None:
    page = text(upload(visit("drawer", "en-GB"), broken_bpmn=BROKEN))
    assert "Not deployed" in page and "line" in page


@pytest.mark.parametrize("content", [b"", b"not xml", b"<a>", b"\xff\xfe\x00", b'{"half": '])
def test_rubbish_is_refused_with_a_sentence(content: bytes, visit: Visit, engine: Engine) -> None:
    for name in ("x_bpmn", "x_dmn", "x_form", "x_json"):
        answer = upload(visit("drawer"), **{name: content})
        assert answer.status_code in (302, 400, 422), name
    assert not engine.definitions()


def test_an_upload_without_a_file_says_so(visit: Visit) -> None:
    visitor = visit("drawer")
    visitor.get("/definitions/")
    visitor.post("/definitions/upload", {"action": "deploy"}, content_type="multipart/form-data")
    assert "请先选择文件" in text(visitor.get("/definitions/"))


def test_the_file_comes_back_byte_for_byte_and_never_inline(visit: Visit, engine: Engine) -> None:
    (deployed,) = engine.deploy({"small.bpmn": GOOD}, by="drawer")
    answer = visit("drawer").get(f"/definitions/{deployed.id}/file")
    assert answer.data == GOOD
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == "application/octet-stream"


def test_a_diagram_is_shown_to_who_works_with_it_and_cannot_run_scripts(visit: Visit, engine: Engine) -> None:
    """A diagram is XML from somebody: opened alone in a tab it must not become a page of this site."""
    (diagram_row,) = engine.deploy({"small.bpmn": GOOD}, by="drawer")
    (form_row,) = engine.deploy({"ask.form": FORM}, by="drawer")
    answer = visit("li").get(f"/diagram/{diagram_row.id}")
    assert answer.data == GOOD and "sandbox" in answer.headers["Content-Security-Policy"]
    assert visit().get(f"/diagram/{diagram_row.id}").status_code == 302
    assert visit("li").get(f"/diagram/{form_row.id}").status_code == 404
    assert visit("li").get("/diagram/1").status_code == 404


def test_the_editor_lints_and_deploys(visit: Visit, engine: Engine) -> None:
    visitor = visit("drawer")
    visitor.get("/studio/new")
    bad = visitor.send("/studio/lint", {"file": "b.bpmn", "content": BROKEN.decode()}).get_json()["findings"]
    assert any(f["severity"] == "error" and f["element"] == "c1" and f["line"] > 0 and f["text"] for f in bad)
    refused = visitor.send("/studio/deploy", {"file": "b.bpmn", "content": BROKEN.decode()})
    assert refused.status_code == 422 and refused.get_json()["findings"] and not engine.definitions()
    done = visitor.send("/studio/deploy", {"file": "a.bpmn", "content": GOOD.decode()}).get_json()
    assert done["deployed"][0]["key"] == "small" and engine.definitions()[0].deployed_by == "drawer"


def test_a_new_diagram_from_the_template_passes_the_lint(visit: Visit, engine: Engine) -> None:
    visitor = visit("drawer")
    page = text(visitor.get("/studio/new"))
    assert 'id="studio-content"' in page
    with visitor.app.test_request_context():
        content = visitor.app.jinja_env.get_template("studio/new.bpmn").render(key="fresh")
    assert not [f for f in engine.lint({"fresh.bpmn": content.encode()}) if f.severity == "error"]


def test_a_draft_is_kept_for_its_author_until_it_is_deployed(visit: Visit, engine: Engine) -> None:
    (deployed,) = engine.deploy({"small.bpmn": GOOD}, by="drawer")
    body = {"subject": "studio:process:small", "file": "small.bpmn", "content": CHANGED.decode()}
    visitor = visit("drawer")
    visitor.send("/studio/draft", body)
    assert "没有发布的草稿" in text(visitor.get(f"/studio/{deployed.id}"))
    assert "没有发布的草稿" not in text(visit("boss").get(f"/studio/{deployed.id}"))
    visitor.send("/studio/deploy", body)
    assert "没有发布的草稿" not in text(visitor.get(f"/studio/{deployed.id}"))


@pytest.mark.parametrize("subject", ["item:1", "start:x", "", "studio:" + "x" * 300])
def test_a_draft_cannot_overwrite_another_kind_of_draft(subject: str, visit: Visit) -> None:
    visitor = visit("drawer")
    answer = visitor.send("/studio/draft", {"subject": subject, "file": "a.bpmn", "content": "x"})
    assert answer.status_code == 400


@pytest.mark.parametrize("body", [{}, {"file": "../a.bpmn", "content": ""}, {"file": "a.bpmn", "content": 5}, []])
def test_a_malformed_body_is_refused_not_a_crash(body: object, visit: Visit) -> None:
    visitor = visit("drawer")
    assert visitor.send("/studio/lint", body).status_code == 400  # type: ignore[arg-type]


def test_any_definition_opens_as_text_when_asked_for(visit: Visit, engine: Engine) -> None:
    (deployed,) = engine.deploy({"ask.form": FORM}, by="drawer")
    page = text(visit("drawer").get(f"/studio/{deployed.id}?as=text"))
    assert "<textarea" in page and 'id="studio-content"' in page
    assert visit("drawer").get("/studio/1").status_code == 404


def test_a_definition_cannot_break_out_of_the_page_that_edits_it(visit: Visit, engine: Engine) -> None:
    evil = FORM.replace(b'"A"', b'"</script><script>alert(1)</script>"')
    (deployed,) = engine.deploy({"ask.form": evil}, by="drawer")
    assert "<script>alert" not in text(visit("drawer").get(f"/studio/{deployed.id}"))


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8", "utf-8"])
def test_a_file_in_another_encoding_opens_readable_and_goes_back_as_utf8(encoding: str) -> None:
    source = f'<?xml version="1.0" encoding="{encoding}"?><a name="居民"/>'
    edited = text_of(source.encode(encoding), "a.bpmn")
    assert "居民" in edited
    assert etree.fromstring(edited.encode()).get("name") == "居民", "what is sent back says the encoding it has"


def test_a_file_that_is_no_text_is_refused_by_name() -> None:
    with pytest.raises(InvalidFile) as refused:
        text_of(b"\xff\xfe\x00\xd8", "odd.bpmn")
    assert "odd.bpmn" in refused.value.text("zh")
