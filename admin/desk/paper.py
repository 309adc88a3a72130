"""A case on paper: one PDF with its state, its steps, what was filled in and its story, Chinese letters embedded.

Owns the layout and finding a font. Text only; photos are named, not printed. The page in the browser has a print view
of its own (print styles), with the diagram.
"""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from admin.desk import glance, story
from admin.widgets import current, dates, names
from engine.errors import LinliError
from engine.records import Instance

# (file, number within a collection) of Debian, Red Hat, macOS and Windows; the small one first, it loads quickest.
FONTS = (
    ("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/System/Library/Fonts/STHeiti Light.ttc", 1),
    ("C:/Windows/Fonts/msyh.ttc", 0),
)
SIZE, SMALL, LARGE = 10, 8, 16
GREY, BLACK, RED = (110, 110, 110), (20, 20, 20), (180, 40, 40)


class NoFont(LinliError):
    """No font with Chinese letters was found for the PDF; print the page from the browser, or set LINLI_PDF_FONT."""

    zh = "没有找到中文字体，不能生成 PDF。可以用浏览器打印本页，或请管理员设置 LINLI_PDF_FONT。"
    status = 503


def font() -> tuple[str, int]:
    """The font's file and its number there. NoFont."""
    chosen = current.engine().settings.pdf_font
    known = dict(FONTS)
    for path in [chosen] if chosen else known:
        if Path(path).is_file():
            return path, known.get(path, 0)
    raise NoFont()


class Paper(FPDF):
    """A4 with the case's title and number at the foot of each page."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.named = title
        path, number = font()
        self.add_font("linli", fname=path, collection_font_number=number)
        self.set_margins(18, 16)
        self.set_auto_page_break(True, 18)
        self.set_title(title)
        self.set_creator("Linli 邻里")
        self.add_page()

    def footer(self) -> None:
        """The page's number, and when it was printed."""
        self.set_y(-14)
        self._ink(SMALL, GREY)
        printed = _("%(at)s 打印", at=dates.exact(current.now()))
        self.cell(0, 5, f"{self.named[:40]}  ·  {printed}  ·  {self.page_no()}", align="C")

    def _ink(self, size: int, colour: tuple[int, int, int] = BLACK) -> None:
        self.set_font("linli", size=size)
        self.set_text_color(*colour)

    def line_of(self, text: str, size: int = SIZE, colour: tuple[int, int, int] = BLACK, left: float = 0) -> None:
        """A paragraph."""
        self._ink(size, colour)
        self.set_x(self.l_margin + left)
        self.multi_cell(0, size * 0.6, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def part(self, title: str) -> None:
        """A heading."""
        self.ln(4)
        self.line_of(title, 12)
        self.set_draw_color(*GREY)
        self.line(self.l_margin, self.get_y() + 0.5, self.w - self.r_margin, self.get_y() + 0.5)
        self.ln(2)

    def pair(self, label: str, value: str) -> None:
        """What was asked, small, and what was said."""
        self.line_of(label, SMALL, GREY)
        self.line_of(value or "—", left=4)

    def rows(self, head: list[str], rows: list[list[str]], widths: tuple[int, ...]) -> None:
        """A table."""
        self._ink(SMALL)
        with self.table(col_widths=widths, text_align="LEFT", line_height=5.5, first_row_as_headings=False) as made:
            for row in (head, *rows):
                made.row(row)


def print_case(case: Instance) -> bytes:
    """The PDF. NoFont."""
    info = current.engine().process_info(case.definition_id)
    title = case.title or names.pick(info.name, info.name_en)
    paper = Paper(title)
    paper.line_of(title, LARGE)
    paper.line_of(
        "  ·  ".join(part for part in (names.pick(info.name, info.name_en), case.business_key) if part), 9, GREY
    )
    _state(paper, case)
    _said(paper, case)
    _story(paper, case)
    return bytes(paper.output())


def _state(paper: Paper, case: Instance) -> None:
    seen = glance.glance(case)
    paper.part(_("情况"))
    facts = [
        (_("发起人"), story.starter(case)),
        (_("发起时间"), dates.exact(case.started_at)),
        (_("单位"), names.unit(case.unit)),
        (_("状态"), state(case)),
        (_("历时"), seen.took),
    ]
    for label, value in facts:
        if value:
            paper.line_of(_("%(what)s：%(said)s", what=label, said=value))
    if seen.late:
        paper.line_of(_("有 %(n)s 步已超期", n=seen.late), colour=RED)
    if seen.steps:
        paper.part(_("各步骤"))
        head = [_("步骤"), _("承办人"), _("开始"), _("结束"), _("期限")]
        rows = [
            [s.name, s.who or _("待认领"), dates.exact(s.begun), dates.exact(s.ended) or _("办理中"), _deadline(s)]
            for s in seen.steps
        ]
        paper.rows(head, rows, (46, 32, 34, 34, 34))


def _deadline(step: glance.Step) -> str:
    return _("超期 %(span)s", span=step.late) if step.late else dates.exact(step.due)


def state(case: Instance) -> str:
    """The case's state in a word."""
    if case.status == "running":
        return _("已暂停") if case.suspended else _("办理中")
    return _("已办结") if case.status == "completed" else _("已撤销")


def _said(paper: Paper, case: Instance) -> None:
    for one in story.said(case, story.done(case.id)):
        paper.part(_("%(title)s（%(who)s，%(at)s）", title=one.title, who=one.who, at=dates.exact(one.at)))
        for answer in one.answers:
            paper.pair(answer.label, plain(answer.value))


def _story(paper: Paper, case: Instance) -> None:
    paper.part(_("经过"))
    for line in reversed(story.lines(case)):
        paper.line_of(f"{dates.exact(line.at)}  {line.text}")
        if line.note:
            paper.line_of(line.note, SMALL, GREY, left=6)


def plain(value: Any) -> str:
    """An answer's HTML as text: rows as lines, a picture by its name."""
    text = re.sub(r'<img[^>]*alt="([^"]*)"[^>]*>', r"\1", str(value))
    text = re.sub(r"</t[hd]>\s*<t[hd][^>]*>", " | ", text)
    text = re.sub(r"<br>|</tr>", "\n", text)
    return html.unescape(re.sub(r"<[^>]+>", "", text)).strip()
