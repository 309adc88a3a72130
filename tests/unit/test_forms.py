"""Forms on the server: typing, rules, conditions, lists, read-only values, and data that cannot be trusted."""

from __future__ import annotations

import json
import pickle
import random
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from werkzeug.datastructures import MultiDict

from engine import forms
from engine.errors import ExpressionFailed, InvalidFile, InvalidForm
from engine.expressions import feel, values

NOW = datetime(2026, 11, 21, 22, 30)  # the 22nd in Shanghai
EAST = timezone(timedelta(hours=8))
TEN = datetime(2026, 11, 21, 10, tzinfo=EAST)


def evaluate(expression, variables):
    return feel.evaluate(expression, variables, now=NOW, zone=ZoneInfo("Asia/Shanghai"))


def form(*components):
    return forms.parse({"id": "f", "type": "default", "components": list(components)})


def check(spec, data, **context):
    return forms.check(spec, data, context=context, evaluate=evaluate)


def problems(spec, data, **context):
    with pytest.raises(InvalidForm) as raised:
        check(spec, data, **context)
    return {path: problem.code for path, problem in raised.value.errors.items()}


def text(key="x", **more):
    return {"type": "textfield", "key": key} | more


def one(component, value):
    """The checked value of a single field, or the code of its problem."""
    spec = form({"key": "x"} | component)
    try:
        return check(spec, {"x": value})["x"]
    except InvalidForm as wrong:
        return wrong.errors["x"]


def code(component, value):
    found = one(component, value)
    assert isinstance(found, forms.Problem), f"{value!r} passed as {found!r}"
    return found.code


TEXT, NUMBER, CHECKBOX = {"type": "textfield"}, {"type": "number"}, {"type": "checkbox"}
RADIO = {"type": "radio", "values": [{"label": "是", "value": "yes"}, {"label": "三", "value": 3}]}
TAGS = RADIO | {"type": "taglist"}


def widget(name, kind="textfield", **more):
    return {"type": kind, "properties": {"widget": name}} | more


@pytest.mark.parametrize(
    ("component", "posted", "expected"),
    [
        (TEXT, "  社区 ", "社区"),
        (TEXT, "", None),
        ({"type": "textarea"}, "a\r\nb", "a\nb"),
        (NUMBER, "3", 3),
        (NUMBER, " ３.５ ", 3.5),
        (NUMBER, "-0.10", -0.1),
        (NUMBER, 2.0, 2),
        (NUMBER, 1e-7, 1e-7),
        (NUMBER | {"serializeToString": True}, "3", "3"),
        (CHECKBOX, "on", True),
        (CHECKBOX, None, False),
        (CHECKBOX, "false", False),
        (RADIO, "yes", "yes"),
        (RADIO, "3", 3),
        (RADIO, "", None),
        (TAGS, ["3", "yes", "3"], [3, "yes"]),
        (TAGS, None, []),
        ({"type": "datetime", "subtype": "date"}, "2026-11-21", date(2026, 11, 21)),
        ({"type": "datetime", "subtype": "date"}, "2026/11/21", date(2026, 11, 21)),
        ({"type": "datetime", "subtype": "time"}, "09:30", time(9, 30)),
        ({"type": "datetime", "subtype": "datetime"}, "2026-11-21T10:00", TEN),
        ({"type": "datetime", "subtype": "datetime"}, "2026-11-21T02:00Z", TEN),
        ({"type": "datetime", "subtype": "datetime"}, TEN, TEN),
        ({"type": "filepicker"}, "123", "123"),
        ({"type": "filepicker", "multiple": True}, ["1", 2], ["1", "2"]),
        ({"type": "filepicker", "multiple": True}, "", []),
        (widget("mobile"), "+86 138-0013-8000", "13800138000"),
        (widget("idcard"), "11010519491231002x", "11010519491231002X"),
        (widget("rating", "number"), "5", 5),
        (widget("person"), "li", "li"),
        (widget("person", "taglist"), ["li", "wang"], ["li", "wang"]),
        (widget("unit", "select"), "440604010001", "440604010001"),
        (widget("place"), "同华东路 12 号", "同华东路 12 号"),
        (widget("signature"), "99", "99"),
    ],
)  # fmt: skip
def test_answers_are_typed(component, posted, expected):
    found = one(component, posted)
    assert found == expected
    assert type(found) is type(expected)
    values.check(found)


@pytest.mark.parametrize(
    ("component", "posted", "problem"),
    [
        (TEXT, 3, "text"),
        (TEXT, ["a"], "text"),
        (TEXT, {"a": 1}, "text"),
        (TEXT, "a\x00b", "characters"),
        (TEXT, "\ud800", "characters"),
        (TEXT, "a" * 10_001, "max_length"),
        (TEXT | {"validate": {"required": True}}, "   ", "required"),
        (TEXT | {"validate": {"minLength": 3}}, "ab", "min_length"),
        (TEXT | {"validate": {"maxLength": 3}}, "abcd", "max_length"),
        (TEXT | {"validate": {"pattern": "^[0-9]{6}$"}}, "12345", "pattern"),
        (TEXT | {"validate": {"validationType": "email"}}, "a@b", "email"),
        (TEXT | {"validate": {"validationType": "phone"}}, "12-ab", "phone"),
        (NUMBER, "三", "number"),
        (NUMBER, "1e999", "number"),
        (NUMBER, float("nan"), "number"),
        (NUMBER, True, "number"),
        (NUMBER, "9" * 16, "number"),
        (NUMBER, "1" * 100_000, "number"),
        (NUMBER | {"decimalDigits": 1}, "1.25", "digits"),
        (NUMBER | {"validate": {"min": 1}}, 0, "min"),
        (NUMBER | {"validate": {"max": 1}}, "1.5", "max"),
        (CHECKBOX, "maybe", "boolean"),
        (CHECKBOX, [], "boolean"),
        (CHECKBOX | {"validate": {"required": True}}, None, "unchecked"),
        (RADIO, "no", "option"),
        (RADIO, True, "option"),
        (RADIO, {"value": "yes"}, "option"),
        (TAGS, ["yes", "no"], "option"),
        (TAGS, [["yes"]], "option"),
        (TAGS, ["yes"] * 1_001, "too_many"),
        (TAGS | {"validate": {"required": True}}, [], "required"),
        ({"type": "datetime", "subtype": "date"}, "2026-02-30", "date"),
        ({"type": "datetime", "subtype": "date"}, "0001-01-01", "date"),
        ({"type": "datetime", "subtype": "date"}, 20261121, "date"),
        ({"type": "datetime", "subtype": "date", "disallowPassedDates": True}, "2026-11-21", "past"),
        ({"type": "datetime", "subtype": "time"}, "24:00", "time"),
        ({"type": "datetime", "subtype": "datetime"}, "2026-11-21", "datetime"),
        ({"type": "datetime", "subtype": "datetime"}, "2026-11-21T25:00", "datetime"),
        ({"type": "filepicker"}, "../etc/passwd", "file"),
        ({"type": "filepicker"}, ["1", "2"], "too_many"),
        ({"type": "filepicker", "multiple": True}, [{}], "file"),
        (widget("mobile"), "12345678901", "mobile"),
        (widget("idcard"), "110105194912310021", "idcard"),
        (widget("idcard"), "11010519491331002X", "idcard"),
        (widget("rating", "number"), "6", "rating"),
        (widget("rating", "number"), True, "rating"),
        (widget("person"), "a" * 300, "max_length"),
    ],
)  # fmt: skip
def test_wrong_answers_are_named(component, posted, problem):
    assert code(component, posted) == problem


def test_every_problem_speaks_both_languages_and_survives_pickling():
    spec = form(text(validate={"required": True}), {"type": "number", "key": "n", "validate": {"max": 2}})
    with pytest.raises(InvalidForm) as raised:
        check(spec, {"n": 3})
    again = pickle.loads(pickle.dumps(raised.value))
    assert again.errors["x"].text("zh") == "请填写此项"
    assert again.errors["n"].text("zh-CN") == "不能大于 2"
    assert again.errors["n"].text("en") == "Must be 2 or less"
    assert "请填写此项" not in again.text("en")


def test_a_designers_own_words_for_a_pattern_come_first():
    properties = {"pattern_message": "应为六位邮编", "pattern_message_en": "Six digits"}
    found = one(TEXT | {"validate": {"pattern": "^\\d{6}$"}, "properties": properties}, "1")
    assert (found.text("zh"), found.text("en")) == ("应为六位邮编", "Six digits")


def test_a_pattern_that_never_ends_is_stopped():
    with pytest.raises(ExpressionFailed, match="longer than"):
        one(TEXT | {"validate": {"pattern": "^(a+)+$"}}, "a" * 40 + "!")


def test_undeclared_keys_are_dropped():
    assert check(form(text()), {"x": "a", "admin": True, "__class__": 1}) == {"x": "a"}


def test_read_only_values_are_the_cases_own_whatever_is_posted():
    spec = form(text("who", readonly=True), text("note", disabled=True), text("free"))
    assert check(spec, {"who": "mallory", "note": "x", "free": "a"}, who="li") == {
        "who": "li",
        "note": None,
        "free": "a",
    }


def test_a_field_that_is_read_only_by_condition_is_restored_and_seen_restored():
    spec = form(
        {"type": "checkbox", "key": "fixed"},
        text("who", readonly="=fixed"),
        text("secret", conditional={"hide": '=who != "boss"'}),
    )
    assert check(spec, {"fixed": True, "who": "boss", "secret": "s"}, who="li") == {"fixed": True, "who": "li"}
    assert check(spec, {"fixed": False, "who": "boss", "secret": "s"}, who="li")["secret"] == "s"


def test_what_is_not_posted_keeps_the_cases_value_or_takes_the_default():
    spec = form(text("kept"), text("new", defaultValue="d"), text("none"))
    assert check(spec, {}, kept="k") == {"kept": "k", "new": "d", "none": None}
    assert check(spec, {"kept": "", "new": None}, kept="k") == {"kept": None, "new": None, "none": None}


def test_what_is_hidden_is_neither_required_nor_kept():
    spec = form(
        {"type": "radio", "key": "solved", "values": [{"value": "yes", "label": "是"}, {"value": "no", "label": "否"}]},
        text("why", validate={"required": True}, conditional={"hide": '=solved != "no"'}),
    )
    assert check(spec, {"solved": "yes", "why": "x"}) == {"solved": "yes"}
    assert problems(spec, {"solved": "no"}) == {"why": "required"}
    assert forms.visible(spec, {"solved": "yes"}, {}, evaluate) == {"solved"}
    assert forms.visible(spec, {"solved": "no"}, {}, evaluate) == {"solved", "why"}


def test_a_hidden_field_cannot_be_used_to_show_another():
    spec = form(
        {"type": "checkbox", "key": "a"},
        {"type": "checkbox", "key": "b", "conditional": {"hide": "=a != true"}},
        text("c", conditional={"hide": "=b != true"}),
    )
    assert check(spec, {"a": False, "b": True, "c": "x"}) == {"a": False}


def test_a_hidden_group_hides_what_is_in_it():
    spec = form(
        {
            "type": "group",
            "path": "",
            "conditional": {"hide": "=true"},
            "components": [text(validate={"required": True})],
        }
    )
    assert check(spec, {"x": "a"}) == {}


def test_computed_fields_are_computed_here():
    spec = form(
        {"type": "number", "key": "n"},
        {"type": "expression", "key": "double", "expression": "=n * 2"},
        {"type": "expression", "key": "more", "expression": "=double + base"},
    )
    assert check(spec, {"n": 4, "double": 1_000}, base=1) == {"n": 4, "double": 8, "more": 9}


def test_groups_nest_their_values_and_keep_the_rest_of_the_cases():
    spec = form({"type": "group", "path": "demand", "components": [text("title"), {"type": "number", "key": "n"}]})
    assert check(spec, {"demand": {"title": "t", "evil": 1}}, demand={"id": 7, "title": "old"}) == {
        "demand": {"id": 7, "title": "t", "n": None}
    }
    assert problems(spec, {"demand": "text"}) == {"demand": "group"}
    assert problems(spec, {"demand": {"n": "x"}}) == {"demand.n": "number"}


def rows(*components, **more):
    return {"type": "dynamiclist", "path": "rows", "components": list(components)} | more


def test_rows_of_a_list_are_checked_one_by_one_with_their_own_conditions():
    spec = form(
        rows(
            {"type": "number", "key": "n", "validate": {"required": True}},
            text("why", validate={"required": True}, conditional={"hide": "=this.n < limit"}),
            {"type": "expression", "key": "place", "expression": "=i"},
        )
    )
    data = {"rows": [{"n": 1, "why": "x"}, {"n": 5, "why": "y"}]}
    assert check(spec, data, limit=3) == {"rows": [{"n": 1, "place": 1}, {"n": 5, "why": "y", "place": 2}]}
    assert problems(spec, {"rows": [{}, {"n": 9}]}, limit=3) == {
        "rows.0.n": "required",
        "rows.0.why": "required",
        "rows.1.why": "required",
    }
    assert "rows.1.why" in forms.visible(spec, data, {"limit": 3}, evaluate)
    assert "rows.0.why" not in forms.visible(spec, data, {"limit": 3}, evaluate)


@pytest.mark.parametrize(
    ("posted", "problem"),
    [("a", "rows"), ([1], "rows"), ({"0": {}}, "rows"), ([{}] * 1_001, "too_many"), ([[{}]], "rows")],
)
def test_a_list_of_the_wrong_shape_is_refused(posted, problem):
    assert problems(form(rows(text())), {"rows": posted}) == {"rows": problem}


def test_read_only_columns_follow_their_row_when_rows_before_it_are_removed():
    spec = form(rows(text("name", readonly=True), text("note")))
    held = [{"name": "a", "note": ""}, {"name": "b", "note": ""}]
    assert check(spec, {"rows": [{"name": "b", "note": "n"}]}, rows=held) == {"rows": [{"name": "b", "note": "n"}]}
    assert check(spec, {"rows": [{"name": "forged", "note": "n"}]}, rows=held) == {
        "rows": [{"name": None, "note": "n"}]
    }
    fixed = form(rows(text("name", readonly=True), text("note"), allowAddRemove=False))
    assert check(fixed, {"rows": [{"name": "forged"}]}, rows=held) == {"rows": [{"name": "a", "note": None}]}


def test_options_come_from_the_form_a_variable_or_an_expression():
    key = {"type": "select", "key": "x", "valuesKey": "case.choices"}
    computed = {
        "type": "select",
        "key": "x",
        "valuesExpression": '=for u in units return {value: u, label: "单元 " + u}',
    }
    assert check(form(key), {"x": "b"}, case={"choices": [{"value": "a", "label": "A"}, "b"]}) == {"x": "b"}
    assert problems(form(key), {"x": "c"}, case={"choices": ["a"]}) == {"x": "option"}
    assert problems(form(key), {"x": "c"}) == {"x": "option"}
    assert check(form(computed), {"x": "2"}, units=["1", "2"]) == {"x": "2"}
    (found,) = form(computed).fields
    assert forms.options(found, {"units": ["1"]}, evaluate) == (("1", "单元 1", ""),)


def test_limits_may_be_expressions():
    spec = form({"type": "number", "key": "n", "validate": {"max": "=places - 1"}})
    assert check(spec, {"n": 4}, places=5) == {"n": 4}
    assert problems(spec, {"n": 5}, places=5) == {"n": "max"}


def test_dotted_names_are_nested():
    assert check(form(text("a.b"), text("a.c")), {"a": {"b": "1", "c": "2"}}) == {"a": {"b": "1", "c": "2"}}


def test_posted_strings_become_nested_data():
    spec = form(
        text(),
        {"type": "checkbox", "key": "yes"},
        {"type": "checkbox", "key": "no"},
        {"type": "taglist", "key": "tags", "values": [{"value": "a", "label": "A"}]},
        {"type": "group", "path": "g", "components": [text("y")]},
        rows(text("name"), {"type": "checkbox", "key": "done"}),
    )
    names = "x=1 yes=on tags=a tags=b g.y=2 rows.0.name=p rows.10.name=r rows.2.name=q rows.2.done=on"
    odd = "evil=1 rows.x.name=1 rows.99999999.name=1"
    posted = MultiDict(item.split("=") for item in f"{names} {odd}".split())
    assert forms.decode(spec, posted) == {
        "x": "1",
        "yes": "on",
        "no": False,
        "tags": ["a", "b"],
        "g": {"y": "2"},
        "rows": [{"name": "p", "done": False}, {"name": "q", "done": "on"}, {"name": "r", "done": False}],
    }


GARBAGE = [
    None,
    True,
    0,
    -1,
    2**70,
    1e308,
    float("inf"),
    "",
    "x",
    "\x00",
    "😀" * 50,
    [],
    [[]],
    {},
    {"x": {}},
    [None, {}],
    object(),
]


def test_no_garbage_breaks_the_check_or_gets_through_it():
    """Whatever is posted, the answer is checked data that a case can hold, or problems: never a crash."""
    rng = random.Random(5)
    components = [
        text("t"), {"type": "number", "key": "n"}, CHECKBOX | {"key": "c"}, RADIO | {"key": "r"}, TAGS | {"key": "g"},
        {"type": "datetime", "key": "d", "subtype": "date"}, {"type": "datetime", "key": "dt", "subtype": "datetime"},
        {"type": "datetime", "key": "ti", "subtype": "time"}, {"type": "filepicker", "key": "f", "multiple": True},
        widget("mobile") | {"key": "m"}, widget("idcard") | {"key": "i"}, widget("rating", "number") | {"key": "s"},
        widget("person", "taglist") | {"key": "p"},
    ]  # fmt: skip
    spec = form(*components, {"type": "group", "path": "grp", "components": components}, rows(*components))

    def garbage(depth=0):
        if depth < 3 and rng.random() < 0.5:
            keys = rng.sample(
                ["t", "n", "c", "r", "g", "d", "dt", "ti", "f", "m", "i", "s", "p", "grp", "rows", "zz"], 5
            )
            inner = {key: garbage(depth + 1) for key in keys}
            return inner if rng.random() < 0.7 else [inner, garbage(depth + 1)]
        return rng.choice(GARBAGE)

    passed = 0
    for _ in range(400):
        data = garbage()
        try:
            found = check(spec, data if isinstance(data, dict) else {"t": data})
        except InvalidForm as wrong:
            assert all(problem.text("zh") and problem.text("en") for problem in wrong.errors.values())
        else:
            values.check(found)
            passed += 1
    assert passed


# files


def lint(raw, name="f.form"):
    content = raw if isinstance(raw, bytes) else json.dumps(raw, ensure_ascii=False, indent=1).encode()
    return [(finding.code, finding.severity, finding.line) for finding in forms.lint(content, name)]


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        ({"type": "iframe", "id": "F1"}, "unknown-type"),
        ({"type": "textfield", "id": "F1", "key": "1a"}, "bad-key"),
        ({"type": "textfield", "id": "F1", "key": ""}, "bad-key"),
        ({"type": "textfield", "id": "F1", "key": "x", "properties": {"widget": "map"}}, "unknown-widget"),
        ({"type": "textfield", "id": "F1", "key": "x", "conditional": {"hide": "=a >"}}, "bad-expression"),
        ({"type": "textfield", "id": "F1", "key": "x", "validate": {"pattern": "("}}, "bad-pattern"),
        ({"type": "expression", "id": "F1", "key": "x"}, "no-expression"),
        ({"type": "select", "id": "F1", "key": "x"}, "no-options"),
        ({"type": "radio", "id": "F1", "key": "x", "values": [{"value": "a"}, {"value": "a"}]}, "doubled-option"),
    ],
)
def test_a_file_that_cannot_be_honoured_is_refused(component, expected):
    assert [found[:2] for found in lint({"id": "f", "components": [component]})] == [(expected, "error")]


def test_the_line_of_a_finding_is_where_the_component_stands():
    raw = {"id": "f", "components": [{"type": "textfield", "id": "F1", "key": "x"}, {"type": "iframe", "id": "F2"}]}
    assert lint(raw) == [("unknown-type", "error", 11)]


def test_a_key_used_twice_is_refused_but_not_in_another_group():
    twice = [text(), text()]
    apart = [text(), {"type": "group", "path": "g", "components": [text()]}]
    assert [found[0] for found in lint({"id": "f", "components": twice})] == ["doubled-key"]
    assert lint({"id": "f", "components": apart}) == []


def test_a_chinese_label_without_english_is_a_warning():
    assert lint({"id": "f", "components": [text(label="姓名")]})[0][:2] == ("no-english", "warning")
    assert lint({"id": "f", "components": [text(label="姓名", properties={"label_en": "Name"})]}) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"components": 3}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_form_is_refused(content):
    with pytest.raises(InvalidFile):
        forms.parse(content)
    assert lint(content) == [("not-a-form", "error", 1)]


def test_a_form_without_bounds_is_refused():
    deep = text()
    for _ in range(30):
        deep = {"type": "group", "components": [deep]}
    for components in ([text(f"k{n}") for n in range(3_000)], [deep]):
        with pytest.raises(InvalidFile):
            forms.parse({"components": components})
