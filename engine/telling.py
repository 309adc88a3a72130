"""How and when somebody is told: quiet hours, channels by kind of notice, the daily digest, and a pack's own wording.

Owns the kinds of notices, what a person may choose for each, the hours in which nothing leaves the house, and the
checks of both. Pure: no database, no sending. The notice in the app is always made at once; what is decided here is
the letter that goes outside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import InvalidValue, Said

KINDS = ("task", "reminder", "escalation", "urge", "copy", "comment", "notice")
AT_ONCE, IN_APP, DIGEST = "", "app", "digest"
WORDS = ("step", "title", "process", "unit", "due", "late", "by", "text")  # what a template may speak of
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)\Z")
_HOUR = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")


@dataclass(frozen=True, slots=True)
class Telling:
    """What a person chose. `quiet`: `22:00-07:00`, '' = the installation's hours, `none` = none at all; `digest`: when
    the day's digest leaves, `HH:MM`, '' = the installation's time; `kinds`: kind -> AT_ONCE (left out), IN_APP, DIGEST,
    or one of the person's own channels."""

    quiet: str = ""
    digest: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)

    def way(self, kind: str) -> str:
        """How a kind of notice reaches the person."""
        return self.kinds.get(kind, AT_ONCE)


def of(text: str) -> Telling:
    """What a row keeps."""
    return Telling(**json.loads(text)) if text else Telling()


def saved(chosen: Telling) -> str:
    """What a row keeps of it; '' when nothing was chosen."""
    kept = {"quiet": chosen.quiet, "digest": chosen.digest, "kinds": {k: v for k, v in chosen.kinds.items() if v}}
    return (
        json.dumps({name: value for name, value in kept.items() if value}, sort_keys=True) if any(kept.values()) else ""
    )


def checked(chosen: Telling, channels: tuple[str, ...]) -> Telling:
    """The same, if it can be. InvalidValue."""
    if chosen.quiet not in ("", "none") and not _HOURS.match(chosen.quiet):
        raise InvalidValue(reason=Said("免打扰时段应写成 22:00-07:00", "quiet hours are written as 22:00-07:00"))
    if chosen.digest and not _HOUR.match(chosen.digest):
        raise InvalidValue(reason=Said("每日摘要的时间应写成 08:00", "the time of the digest is written as 08:00"))
    for kind, way in chosen.kinds.items():
        if kind not in KINDS or way not in (AT_ONCE, IN_APP, DIGEST, *channels):
            raise InvalidValue(reason=Said(f"没有这种通知方式：{kind} {way}", f"no such way to be told: {kind} {way}"))
    return chosen


def quiet_until(hours: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When a letter may leave: `now` (naive UTC), or the end of the quiet hours (local, across midnight too) that it
    lies in."""
    match = _HOURS.match(hours)
    if match is None:
        return now
    start, end = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    local = now.replace(tzinfo=UTC).astimezone(zone)
    at = local.time().replace(tzinfo=None)
    inside = start <= at < end if start < end else at >= start or at < end
    if start == end or not inside:
        return now
    day = local.date() + timedelta(days=1 if start > end and at >= start else 0)
    return datetime.combine(day, end, zone).astimezone(UTC).replace(tzinfo=None)


def next_digest(hour: str, now: datetime, zone: ZoneInfo) -> datetime:
    """When the next digest leaves (naive UTC): today at `HH:MM` local, or tomorrow."""
    match = _HOUR.match(hour)
    at = time(int(match[1]), int(match[2])) if match else time(8, 0)
    local = now.replace(tzinfo=UTC).astimezone(zone)
    today = datetime.combine(local.date(), at, zone)
    due = today if today > local else datetime.combine(local.date() + timedelta(days=1), at, zone)
    return due.astimezone(UTC).replace(tzinfo=None)


# ---- a pack's own wording: [notices.reminder] subject = { zh = "...", en = "..." } ---------------------------------


@dataclass(frozen=True, slots=True)
class Template:
    """How a notice is worded, in both languages; a part that is '' stays as the product words it."""

    subject: str = ""
    subject_en: str = ""
    body: str = ""
    body_en: str = ""


def template(written: Mapping[str, Any]) -> Template:
    """One entry of `[notices]` in pack.toml."""
    subject, body = written.get("subject", {}), written.get("body", {})
    return Template(subject.get("zh", ""), subject.get("en", ""), body.get("zh", ""), body.get("en", ""))


def filled(text: str, words: Mapping[str, str]) -> str:
    """A template with its words put in; a word that is not known here is left out."""
    return Formatter().vformat(text, (), {name: words.get(name, "") for name in WORDS})


def faults(kind: str, written: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with an entry of `[notices]`, in both languages."""
    if kind not in KINDS:
        listed = "、".join(KINDS), ", ".join(KINDS)
        yield f"没有“{kind}”这类通知。可用：{listed[0]}。", f"There is no notice “{kind}”. Known: {listed[1]}."
        return
    if not isinstance(written, dict) or not set(written) <= {"subject", "body"}:
        yield f"通知“{kind}”只能有 subject 和 body。", f"Notice “{kind}” takes subject and body only."
        return
    for part, texts in written.items():
        if not isinstance(texts, dict) or set(texts) != {"zh", "en"}:
            yield f"通知“{kind}”的 {part} 要有 zh 和 en。", f"Notice “{kind}”: {part} needs zh and en."
            continue
        for text in texts.values():
            if wrong := _unknown_words(text):
                said = "、".join(f"{{{word}}}" for word in WORDS)
                yield (
                    f"通知“{kind}”里的 {wrong} 不认识。可用：{said}。",
                    f"Notice “{kind}”: {wrong} is unknown; use {said}.",
                )


def _unknown_words(text: Any) -> str:
    """The first placeholder that is none; '' when all are."""
    try:
        parts = [(name, spec, how) for _, name, spec, how in Formatter().parse(text) if name is not None]
    except (ValueError, TypeError) as problem:
        return str(problem)
    return next((f"{{{name}}}" for name, spec, how in parts if name not in WORDS or spec or how), "")
