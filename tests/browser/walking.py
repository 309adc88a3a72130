"""Somebody at a screen: finds things by what they are called, never by an address.

A `Walker` is one person's browser. It presses, fills in and chooses by visible labels in its language (tests/browser/
words.py) and looks at what it sees. With LINLI_PICTURES set to a folder it keeps a picture of each step there.
"""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Locator, Page, Request, expect

from tests.browser.conftest import fits
from tests.browser.words import Words

Text = str | re.Pattern[str]
PICTURES = os.environ.get("LINLI_PICTURES", "")


def _handed_in(request: Request) -> bool:
    """A form's own post. What htmx posts meanwhile (the draft, the fields that an answer opens) hands in nothing:
    taken for it, the next person looked before the form had arrived."""
    return request.method == "POST" and "hx-request" not in request.headers


class Walker:
    """One person and one browser."""

    taken = 0  # pictures, over all walkers: their order is the order of the steps

    def __init__(self, page: Page, words: Words, home: str) -> None:
        self.page, self.words, self.home = page, words, home
        self.on_phone = (page.viewport_size or {"width": 1440})["width"] < 600

    def open(self) -> None:
        """The one address that is typed."""
        self.page.goto(self.home)

    def sign_in(self, name: str, password: str) -> None:
        """By work name or mobile number, with the form."""
        self.open()
        self.press("登录")
        self.fill("手机号或工作名", name)
        self.fill("密码", password)
        self.press("登录")
        self.sees_title("我的任务")

    def menu(self, entry: str) -> None:
        """Go to a page of the side menu; on a phone behind the bottom bar's last button."""
        if self.on_phone:
            self.page.get_by_role("button", name=self.words("更多")).click()
        menu = self.page.get_by_role("complementary")
        menu.get_by_role("link", name=self.words(entry)).click()
        self.sees_title(entry)

    def task(self, step: str, tab: str = "可认领") -> None:
        """Open the task of that step from the desk."""
        self.menu("我的任务")
        self.page.get_by_role("link", name=self.words(tab)).click()
        row = self.page.locator("tr").filter(has_text=self.words.within(step)).first
        row.get_by_role("link").first.click()
        self.sees_title(step)

    def sees_title(self, text: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.words(text))

    def sees(self, text: str, where: Locator | None = None) -> None:
        """A text of the product is somewhere on the screen."""
        expect((where or self.page.locator("body")).get_by_text(self.words.within(text)).first).to_be_visible()

    def reads(self, text: str, where: Locator | None = None) -> None:
        """A text that somebody typed is on the screen."""
        expect((where or self.page.get_by_role("main")).get_by_text(text).first).to_be_visible()

    def does_not_read(self, text: str) -> None:
        expect(self.page.get_by_role("main").get_by_text(text)).to_have_count(0)

    def press(self, label: str, where: Locator | None = None) -> None:
        """A button, or a link that looks like one."""
        scope = where or self.page
        name = self.words(label)
        scope.get_by_role("button", name=name).or_(scope.get_by_role("link", name=name)).first.click()

    def send(self, label: str) -> None:
        """Press the button that hands a form in, and wait for the server's answer: whoever leaves at once, or cuts
        the server's power, may have handed in nothing."""
        self.page.evaluate("window.linliBefore = true")
        with self.page.expect_response(lambda answer: _handed_in(answer.request)) as answered:
            self.press(label)
        if "x-linli-location" in answered.value.headers:  # the page goes there by itself: not over what is pressed next
            self.page.wait_for_function("!window.linliBefore")

    def confirm(self) -> None:
        """Yes to the question that has come up."""
        self.page.get_by_role("dialog").get_by_role("button", name=self.words("确定")).click()

    def fill(self, label: str, value: str) -> None:
        self.control(label).fill(value)

    def at(self, label: str, moment: datetime) -> None:
        """A date and a time of day."""
        self.control(label).fill(moment.strftime("%Y-%m-%dT%H:%M"))

    def pick(self, label: str, option: str, typed: bool = False) -> None:
        """An option of a list; `typed`: the option's text is data (a community's name), not a text of the product."""
        self.pick_in(self.control(label), option, typed)

    def pick_in(self, control: Locator, option: str, typed: bool = False) -> None:
        text = re.compile(re.escape(option)) if typed else self.words(option)
        control.select_option(label=control.locator("option").filter(has_text=text).first.text_content())

    def choose(self, question: str, answer: str) -> None:
        """One of the answers beneath a question."""
        group = self.page.get_by_role("group", name=self.words(question))
        group.get_by_label(self.words(answer)).check()

    def person(self, label: str, name: str) -> None:
        """Somebody found by name, who becomes one of those chosen."""
        self.control(label).fill(name)
        self.control(label).press("Tab")
        expect(self.page.get_by_text(re.compile(rf"^{name} ×$"))).to_be_visible()

    def tick(self, label: str) -> None:
        self.page.get_by_label(self.words(label)).check()

    def pill(self, question: str, answer: str) -> None:
        """One of several answers beneath a question, drawn as a pill."""
        group = self.page.get_by_role("group", name=self.words(question))
        group.get_by_text(self.words(answer)).click()
        expect(group.get_by_label(self.words(answer))).to_be_checked()

    def photo(self, label: str, file: Path) -> None:
        """Take a photo: wait until the form has stored and shows it."""
        group = self.page.get_by_role("group", name=self.words(label))
        with self.page.expect_file_chooser() as chooser:
            group.get_by_text(self.words("拍照或选照片")).click()
        chooser.value.set_files(file)
        expect(self.page.get_by_role("img", name=file.name)).to_be_visible()

    def control(self, label: str) -> Locator:
        return self.page.get_by_label(self.words(label)).first

    def numbered(self, label: str, number: int) -> Locator:
        """The control of a line: `社区 2`."""
        return self.page.get_by_label(re.compile(rf"^(?:{self.words.any(label)}) {number}$"))

    def figure(self, label: str) -> Locator:
        """The tile that shows a figure under a label."""
        return self.page.locator(".card").filter(has=self.page.get_by_text(self.words(label))).last

    def row(self, text: str) -> Locator:
        """The line of a table that shows a text."""
        return self.page.locator("tr").filter(has_text=text)

    def card(self, text: str) -> Locator:
        """The smallest card or row that shows a text."""
        return self.page.locator("tr, .card").filter(has_text=text).last

    def bell(self, text: str) -> None:
        """A notice that holds a text is under the bell."""
        self.notices()
        self.reads(text)

    def no_bell(self, text: str) -> None:
        self.notices()
        self.does_not_read(text)

    def notices(self) -> None:
        self.page.get_by_role("link", name=self.words("通知")).filter(visible=True).click()
        self.sees_title("消息")

    def follow(self, text: str) -> None:
        """The link that shows a text."""
        self.page.get_by_role("main").get_by_role("link").filter(has_text=text).first.click()

    def shot(self, name: str) -> None:
        """The screen must fit a phone; a picture when pictures are wanted."""
        if self.on_phone:
            fits(self.page)
        if PICTURES:
            Walker.taken += 1
            width = "390" if self.on_phone else "1440"
            path = Path(PICTURES) / self.words.language / f"{Walker.taken:02d}-{name}-{width}.png"
            self.page.screenshot(path=path, full_page=True)
