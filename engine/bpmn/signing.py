"""Counting signatures: when a countersign, a vote or an any-sign is decided, and how.

Owns the property `signing` of a repeated task: `all` (everybody agrees, one refusal ends it), `first` (the first answer
decides, a refusal too), `any` (one agreement is enough, it fails when all refuse), a share (`60%`, `2/3`; `>50%` more
than that). Weights are numbers, 1 unless the diagram says. Knows no token: pure arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

_SHARE = re.compile(r"(>?)\s*(?:(\d+(?:\.\d+)?)\s*%|(\d+)\s*/\s*(\d+))\Z")
WORDS = ("all", "first", "any")
AGREE, VERDICT = "agreed", "passed"  # variables of an answer and of the result, unless the diagram names others


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to count. `share`: of all weights, for a vote."""

    kind: str  # all | first | any | share
    share: Fraction = Fraction(0)
    more: bool = False  # more than the share, not just as much


@dataclass(frozen=True, slots=True)
class Tally:
    """Weights so far. `open`: of those who have not answered."""

    agreed: Fraction
    refused: Fraction
    open: Fraction


def rule(text: str) -> Rule:
    """The rule that a property says. ValueError."""
    text = text.strip()
    if text in WORDS:
        return Rule(text)
    found = _SHARE.match(text)
    if found is None or found[4] == "0":
        raise ValueError(text)
    share = Fraction(found[2]) / 100 if found[2] else Fraction(int(found[3]), int(found[4]))
    if share > 1 or (not share and not found[1]):
        raise ValueError(text)
    return Rule("share", share, bool(found[1]))


def answer_name(properties: Mapping[str, str]) -> str:
    """The variable in which a task's answer says yes or no: property `refuse`, else what `agree` names where signatures
    are counted; '' when there is none."""
    name = properties.get("refuse", "")
    if not name and properties.get("signing"):
        name = (properties.get("agree") or AGREE).lstrip("= ")
    return name if name.isidentifier() else ""


def weight(value: Any) -> Fraction:
    """A weight; what is no positive number counts one."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or value < 0:
        return Fraction(1)
    return Fraction(str(value))


def verdict(rule: Rule, tally: Tally, patient: bool = False) -> bool | None:
    """True: passed, False: failed, None: not decided yet. `patient`: everybody is heard first."""
    if tally.open and patient:
        return None
    return _COUNTS[rule.kind](rule, tally)


def _all(rule: Rule, tally: Tally) -> bool | None:
    if tally.refused:
        return False
    return None if tally.open else True


def _first(rule: Rule, tally: Tally) -> bool | None:
    if tally.agreed or tally.refused or not tally.open:
        return bool(tally.agreed) and not tally.refused
    return None


def _any(rule: Rule, tally: Tally) -> bool | None:
    if tally.agreed:
        return True
    return None if tally.open else False


def _share(rule: Rule, tally: Tally) -> bool | None:
    whole = tally.agreed + tally.refused + tally.open
    needed = rule.share * whole

    def reaches(weights: Fraction) -> bool:
        return bool(weights) and (weights > needed if rule.more else weights >= needed)

    if reaches(tally.agreed):
        return True
    return None if tally.open and reaches(tally.agreed + tally.open) else False


_COUNTS = {"all": _all, "first": _first, "any": _any, "share": _share}
