"""Times as people say them: `3 小时后到期`, with the exact time on hover.

Owns the words for instants; takes naive UTC from the engine and shows the unit's zone. Must not fetch anything.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup

from admin.widgets import current
from engine.clock import in_zone

MINUTE, HOUR, DAY = 60, 3600, 86400
SOON = timedelta(hours=24)  # a due date turns orange a day ahead
PERIOD = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def exact(moment: datetime | None) -> str:
    """`2026-11-21 09:00` in the zone of screens; '' of None. An aware instant (of a variable) is taken as it is."""
    if moment is None:
        return ""
    local = moment.astimezone(current.zone()) if moment.tzinfo else in_zone(moment, current.zone())
    return local.strftime("%Y-%m-%d %H:%M")


def span(seconds: float) -> str:
    """A length of time in one unit, rounded down: `3 小时`."""
    seconds = abs(seconds)
    if seconds < MINUTE:
        return _("不到 1 分钟")
    if seconds < HOUR:
        return _("%(n)d 分钟", n=seconds // MINUTE)
    if seconds < 2 * DAY:
        return _("%(n)d 小时", n=seconds // HOUR)
    return _("%(n)d 天", n=seconds // DAY)


def period(iso: str) -> str:
    """An ISO duration of a setting in words: `PT1H` = `1 小时`; '' of none at all; one with months as written."""
    found = PERIOD.fullmatch(iso)
    if found is None:
        return iso
    counts = [int(part or 0) for part in found.groups()]
    weeks, days, hours, minutes, seconds = counts
    said = [
        *([_("%(n)d 天", n=weeks * 7 + days)] if weeks or days else []),
        *([_("%(n)d 小时", n=hours)] if hours else []),
        *([_("%(n)d 分钟", n=minutes)] if minutes else []),
        *([_("%(n)d 秒", n=seconds)] if seconds else []),
    ]
    return " ".join(said)


def length_of_time(length: timedelta) -> str:
    """How much time, to the minute, without a sign: `7 小时 30 分钟`. Hours are not put into days: a working day is no
    24 of them."""
    hours, minutes = divmod(int(abs(length).total_seconds()) // MINUTE, 60)
    said = [_("%(n)d 小时", n=hours)] if hours else []
    said += [_("%(n)d 分钟", n=minutes)] if minutes or not hours else []
    return " ".join(said)


def relative(moment: datetime) -> str:
    """`3 小时前` or `3 小时后`, from the engine's now."""
    left = (_naive(moment) - current.now()).total_seconds()
    if abs(left) < MINUTE:
        return _("刚刚")
    return _("%(span)s后", span=span(left)) if left >= 0 else _("%(span)s前", span=span(left))


def due_text(moment: datetime) -> str:
    """`3 小时后到期` or `已超期 2 天`."""
    left = (_naive(moment) - current.now()).total_seconds()
    return _("%(span)s后到期", span=span(left)) if left >= 0 else _("已超期 %(span)s", span=span(left))


def due_colour(moment: datetime | None) -> str:
    """red when late, orange within a day, green else; '' without a deadline (Tabler's colour names)."""
    if moment is None:
        return ""
    left = _naive(moment) - current.now()
    return "red" if left < timedelta() else "orange" if left < SOON else "green"


def ago(moment: datetime | None) -> Markup:
    """A <time> that says how long ago, with the exact instant on hover; a dash when there is none."""
    if moment is None:
        return Markup('<span class="text-secondary">—</span>')
    iso = _naive(moment).replace(tzinfo=UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, exact(moment), relative(moment))


def start_of(local: date) -> datetime:
    """The first moment of a day in the zone of screens, as naive UTC."""
    return datetime(local.year, local.month, local.day, tzinfo=current.zone()).astimezone(UTC).replace(tzinfo=None)


def day(value: date | datetime | None) -> str:
    """`2026-11-21`, of an instant in the zone of screens."""
    if value is None:
        return ""
    return exact(value)[:10] if isinstance(value, datetime) else value.isoformat()


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def init(app: Flask) -> None:
    """Install the Jinja filters."""
    filters: dict[str, Any] = {
        "exact": exact,
        "relative": relative,
        "ago": ago,
        "day": day,
        "due_text": due_text,
        "length_of_time": length_of_time,
        "due_colour": due_colour,
    }
    app.jinja_env.filters.update(filters)
