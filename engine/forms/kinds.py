"""What one posted value means for one field: typed, or a Problem. Never trusts the shape of what it is given.

Owns types and formats (numbers, dates, mobile and identity numbers). Required, ranges and choices are `rules`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.expressions.values import LARGEST
from engine.forms.model import CHOICES, SEVERAL, TEXTS, Field
from engine.forms.options import Evaluate
from engine.forms.problems import Problem

LIST = 1_000  # entries of a list
FILES = 50
TEXT = 10_000  # characters, unless the form says otherwise
NAME = 200  # characters of a login, a unit code, an option
STARS = 5

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # but line feed and tab
_NUMBER = re.compile(r"[+-]?\d{1,16}(\.\d{1,12})?")
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
_PHONE = re.compile(r"\+?[\d()][\d() -]{2,18}\d")
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,4}")
_IDCARD = re.compile(r"\d{17}[\dX]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DIVISION = re.compile(r"[1-9]\d(?:\d{2}(?:\d{2}(?:\d{3}(?:\d{3})?)?)?)?")
_FILE = re.compile(r"[A-Za-z0-9_-]{1,64}")  # an attachment's id
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?")
_YEARS = range(1900, 2201)
_YES, _NO = ("on", "true", "1", "yes", "是"), ("", "off", "false", "0", "no", "否")


class Wrong(Exception):
    """A value that means nothing for its field."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.problem = Problem(code, params)


def cast(field: Field, value: Any, evaluate: Evaluate) -> Any:
    """The typed value; None (or []) when nothing was answered. Raises Wrong. `evaluate` knows the zone."""
    if field.files:
        return _files(field, value)
    kind = field.widget if field.widget in _WIDGETS else field.type
    if field.type in SEVERAL:
        return _list(field, value)
    if value is None or value == "":
        return False if field.type == "checkbox" else None
    if field.type in CHOICES and kind not in ("rating",):
        return _scalar(value)
    if kind == "datetime":
        return _MOMENTS.get(field.subtype, _date)(value, evaluate)
    return _CASTS[kind](field, value)


def _text(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        raise Wrong("text")
    limit = _limit(field)
    if len(value) > max(TEXT, limit) * 2:  # before any work on it
        raise Wrong("max_length", limit=limit)
    text = value.replace("\r\n", "\n").strip()
    if _CONTROLS.search(text):
        raise Wrong("characters")
    if len(text) > limit:
        raise Wrong("max_length", limit=limit)
    return text or None


def _limit(field: Field) -> int:
    limit = field.rules.get("max_length")
    return limit if type(limit) is int and limit > 0 else TEXT


def _mobile(field: Field, value: Any) -> str | None:
    text = _text(field, value)
    if text is None:
        return None
    match = _MOBILE.fullmatch(_narrow(text).replace(" ", "").replace("-", ""))
    if not match:
        raise Wrong("mobile")
    return match[1]


def _idcard(field: Field, value: Any) -> str | None:
    """GB 11643: 17 digits with a birth date, and a check sign by ISO 7064 MOD 11-2. It stays text."""
    text = _text(field, value)
    if text is None:
        return None
    number = _narrow(text).upper().replace(" ", "")
    if not _IDCARD.fullmatch(number) or _IDCARD_SIGNS[sum(map(_weighed, number, _WEIGHTS)) % 11] != number[17]:
        raise Wrong("idcard")
    _calendar_day(number[6:10], number[10:12], number[12:14], "idcard")
    return number


_IDCARD_SIGNS = "10X98765432"


def _weighed(sign: str, weight: int) -> int:
    return int(sign) * weight


def _name(field: Field, value: Any) -> str | None:
    """A person's login or a unit's code; whether there is one is asked by whoever uses it."""
    text = _text(field, value)
    if text is not None and (len(text) > NAME or "\n" in text):
        raise Wrong("max_length", limit=NAME)
    return text


def _division(field: Field, value: Any) -> str | None:
    """A division code as the statistics bureau writes it: province 2, city 4, county 6 (GB/T 2260), town 9, community
    12 digits; a shorter one is filled up with noughts."""
    text = _text(field, value)
    if text is None:
        return None
    code = _narrow(text).replace(" ", "")
    if not _DIVISION.fullmatch(code):
        raise Wrong("division")
    return code.ljust(12, "0")


def _number(field: Field, value: Any) -> int | float | str:
    if type(value) is int and abs(value) <= LARGEST and field.rules.get("as_text") is not True:
        return value
    number = _decimal(value)
    digits = field.rules.get("decimal_digits")
    if type(digits) is int and -int(number.normalize().as_tuple().exponent) > digits:
        raise Wrong("digits", limit=digits)
    if abs(number) > LARGEST:
        raise Wrong("number")
    plain: int | float = int(number) if number == number.to_integral_value() else float(number)
    return str(plain) if field.rules.get("as_text") is True else plain


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise Wrong("number")
    text = _narrow(value).strip() if isinstance(value, str) else str(value)
    if isinstance(value, float) and value == value and abs(value) <= LARGEST:
        text = format(Decimal(text), "f")
    if len(text) > 40 or not _NUMBER.fullmatch(text):
        raise Wrong("number")
    return Decimal(text)


def _rating(field: Field, value: Any) -> int:
    most = field.rules.get("max")
    limit = most if isinstance(most, int) else STARS
    text = _narrow(value).strip() if isinstance(value, str) else str(value) if type(value) is int else ""
    if not (text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= limit):
        raise Wrong("rating", limit=limit)
    return int(text)


def _boolean(field: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = value.strip().lower() if isinstance(value, str) else None
    if text not in _YES + _NO:
        raise Wrong("boolean")
    return text in _YES


def _scalar(value: Any) -> Any:
    """A choice, not yet looked up."""
    if isinstance(value, bool) or (isinstance(value, (str, int, float)) and len(str(value)) <= 1_000):
        return value
    raise Wrong("option")


def _list(field: Field, value: Any) -> list[Any]:
    values = [] if value is None or value == "" else value
    if not isinstance(values, (list, tuple)):
        values = [values]
    if len(values) > LIST:
        raise Wrong("too_many", limit=LIST)
    found: list[Any] = []
    for each in values:
        if (one := _scalar(each)) not in found and one != "":
            found.append(one)
    return found


def _files(field: Field, value: Any) -> Any:
    several = field.rules.get("multiple") is True and field.widget != "signature"
    values = [] if value is None or value == "" else list(value) if isinstance(value, (list, tuple)) else [value]
    if len(values) > (FILES if several else 1):
        raise Wrong("too_many", limit=FILES if several else 1)
    found = [str(each) if type(each) is int else each for each in values if each != ""]
    if not all(isinstance(each, str) and _FILE.fullmatch(each) for each in found):
        raise Wrong("file")
    return found if several else found[0] if found else None


def _date(value: Any, evaluate: Evaluate) -> date:
    if type(value) is date:
        return value
    match = _DATE.fullmatch(_narrow(value).strip().replace("/", "-")) if isinstance(value, str) else None
    if not match:
        raise Wrong("date")
    return _calendar_day(match[1], match[2], match[3], "date")


def _calendar_day(year: str, month: str, day: str, code: str) -> date:
    if int(year) not in _YEARS:
        raise Wrong(code)
    try:
        return date(int(year), int(month), int(day))
    except ValueError as problem:
        raise Wrong(code) from problem


def _time(value: Any, evaluate: Evaluate) -> time:
    if type(value) is time:
        return value.replace(tzinfo=None)
    match = _TIME.fullmatch(_narrow(value).strip()) if isinstance(value, str) else None
    if not match:
        raise Wrong("time")
    return time(int(match[1]), int(match[2]), int(match[3] or 0))


def _datetime(value: Any, evaluate: Evaluate) -> datetime:
    """An aware date and time; one without an offset is in the zone of `evaluate`."""
    if type(value) is str:
        value = _moment(_narrow(value).strip().replace(" ", "T"))
    if type(value) is not datetime or value.year not in _YEARS:
        raise Wrong("datetime")
    if value.tzinfo is None:
        value = evaluate("date and time(moment)", {"moment": value.isoformat(timespec="seconds")})
    if type(value) is not datetime:
        raise Wrong("datetime")
    return value


def _moment(text: str) -> datetime:
    if len(text) > 40 or not _MOMENT.match(text):
        raise Wrong("datetime")
    try:
        return datetime.fromisoformat(text)
    except ValueError as problem:
        raise Wrong("datetime") from problem


def _narrow(text: str) -> str:
    """Full-width digits and signs, as Chinese keyboards type them, to plain ones."""
    return unicodedata.normalize("NFKC", text[:1_000])


def phone(text: str) -> bool:
    """A telephone number of any kind: mobile, landline with area code, hotline, international."""
    return bool(_PHONE.fullmatch(text)) and sum(sign.isdigit() for sign in text) >= 5


def email(text: str) -> bool:
    """Something that can be an e-mail address."""
    return bool(_EMAIL.fullmatch(text)) and len(text) <= 254


_MOMENTS: dict[str, Callable[[Any, Evaluate], Any]] = {"date": _date, "time": _time, "datetime": _datetime}
_WIDGETS = {"mobile", "idcard", "person", "unit", "division", "rating", "place"}
_CASTS: dict[str, Callable[[Field, Any], Any]] = {
    **dict.fromkeys(TEXTS, _text),
    "place": _text,
    "mobile": _mobile,
    "idcard": _idcard,
    "person": _name,
    "unit": _name,
    "division": _division,
    "number": _number,
    "rating": _rating,
    "checkbox": _boolean,
}
