"""Long lists: which slice the address asks for, and the links to the others.

Owns ?page= and the search word ?q=. What a list shows is the screen's own business.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, request
from flask_babel import gettext as _

from engine.records import Page

SIZE = 25


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a list that the address asks for."""

    number: int  # from 1
    size: int
    text: str

    @property
    def offset(self) -> int:
        """Rows before it."""
        return (self.number - 1) * self.size


def asked(size: int = SIZE) -> Slice:
    """?page= and ?q= of this request; nonsense is page 1."""
    number = request.args.get("page", "")
    return Slice(
        max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 7 else 1,
        size,
        request.args.get("q", "").strip()[:100],
    )


def link(**changes: str | int | None) -> str:
    """This page's address with some arguments changed (None takes one out)."""
    args = request.args.to_dict(flat=False)
    for key, value in changes.items():
        if value is None:
            args.pop(key, None)
        else:
            args[key] = [str(value)]
    pairs = [(k, v) for k, values in args.items() for v in values]
    return request.path + ("?" + urlencode(pairs) if pairs else "")


def asked_for() -> str:
    """The filters of this address as the tail of another one (`?q=lamp`), the page number aside."""
    pairs = [(key, value) for key, value in request.args.items(multi=True) if key not in ("page", "lang")]
    return "?" + urlencode(pairs) if pairs else ""


def pages(page: Page) -> list[int | None]:
    """Page numbers to offer around the present one; None stands for a gap."""
    last = max(1, -(-page.total // max(1, page.limit)))
    here = page.offset // max(1, page.limit) + 1
    ends = {1} if page.more else {1, last}  # nobody has counted to the last one
    near = sorted({*ends, *(n for n in range(here - 2, here + 3) if 1 <= n <= last)})
    out: list[int | None] = []
    for n in near:
        if out and out[-1] is not None and n > out[-1] + 1:
            out.append(None)
        out.append(n)
    return [*out, None] if page.more else out


def range_text(page: Page) -> str:
    """`第 26–50 条，共 312 条`."""
    first = page.offset + 1 if page.rows else 0
    if page.more:
        last = page.offset + len(page.rows)
        return _("第 %(first)d–%(last)d 条，共 %(total)d 条以上", first=first, last=last, total=page.total)
    return _(
        "第 %(first)d–%(last)d 条，共 %(total)d 条", first=first, last=page.offset + len(page.rows), total=page.total
    )


def init(app: Flask) -> None:
    """Make the helpers known to templates."""
    app.jinja_env.globals.update(link=link, asked_for=asked_for, page_numbers=pages, range_text=range_text)
