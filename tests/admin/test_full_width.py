"""What people type and paste in Chinese has full-width marks.

Every reader of such text knew the half-width ones only (twice over): a notice of the State Council, a chat copied from
a phone and skills listed with a Chinese comma were not understood. The marks stand here as escapes so that no editor
can turn them into the others again.
"""

from __future__ import annotations

from datetime import date

import pytest

from admin.desk.remarks import _NAMED
from admin.pages import importing, paste
from admin.people.forms import skills_of
from admin.signin.join import WORDS
from admin.system import notice_text
from engine.dmn import sheet

COMMA, COLON, SEMICOLON, LEFT, RIGHT = "\uff0c", "\uff1a", "\uff1b", "\uff08", "\uff09"


@pytest.mark.parametrize(("comma", "colon", "left", "right"), [(",", ":", "(", ")"), (COMMA, COLON, LEFT, RIGHT)])
def test_a_notice_reads_as_it_is_printed(comma: str, colon: str, left: str, right: str) -> None:
    text = (
        f"一、元旦{colon}1月1日{left}周五{right}至3日{left}周日{right}放假{comma}共3天。1月4日{left}周一{right}上班。\n"
        f"2027-05-01{comma}休{comma}劳动节"
    )
    found = notice_text.read(text, 2027)
    assert [(one.day.isoformat(), one.open, one.note) for one in found.days] == [
        ("2027-01-01", False, "元旦"),
        ("2027-01-02", False, "元旦"),
        ("2027-01-03", False, "元旦"),
        ("2027-01-04", True, "元旦"),
        ("2027-05-01", False, "劳动节"),
    ]
    assert found.strange == ()


def test_a_chat_tells_who_said_what() -> None:
    lines = paste.split(f"张三{COLON}路灯坏了\n[09:12] 李四{COLON} 井盖松动\n王五 09:13{COLON}\n楼道有垃圾")
    assert [(line.name, line.text) for line in lines] == [
        ("张三", "路灯坏了"),
        ("李四", "井盖松动"),
        ("王五", "楼道有垃圾"),
    ]


def test_lists_of_words_are_split_at_either_mark() -> None:
    assert WORDS.split(f"电工{COMMA}急救{SEMICOLON}驾驶") == ["电工", "急救", "驾驶"]
    assert importing._SPLIT.split(f"电工{COMMA}急救{SEMICOLON}驾驶") == ["电工", "急救", "驾驶"]
    [skill] = skills_of(f"急救{COMMA}红十字证{COMMA}2027-01-01")
    assert (skill.name, skill.certificate, skill.expires) == ("急救", "红十字证", date(2027, 1, 1))
    assert _NAMED.findall(f"请@李四{COMMA}@王五{LEFT}网格员{RIGHT}看看") == ["李四", "王五"]


def test_a_cell_of_a_decision_table_lists_its_values() -> None:
    column = sheet.Column("input", "kind", type="string")
    assert sheet._feel(f"电梯{COMMA}水电", column) == '"电梯", "水电"'
