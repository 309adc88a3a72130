"""What a decision said and which rules fired for it, in a few words: for timelines and the page that tries decisions.

Owns those words. Evaluates nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson
from flask_babel import gettext as _

from engine.expressions import values

LONGEST = 400  # characters of a value in a sentence


def told(data: Mapping[str, Any]) -> str:
    """A journal line's rules and value: `route: rule 2 → "gold"`."""
    said = [_fired(name, [rule[2] for rule in rules]) for name, rules in groupby(data.get("rules") or (), _decision)]
    if data.get("more"):
        said.append(_("另有 %(n)s 条", n=data["more"]))
    rules = _("；").join(said) or _("没有规则命中")
    return f"{rules} → {text(data['value'])}" if "value" in data else rules


def _decision(rule: Sequence[Any]) -> str:
    return str(rule[0])


def _fired(decision: str, numbers: list[int]) -> str:
    listed = _("、").join(str(number) for number in numbers)
    return _("%(decision)s：规则 %(numbers)s", decision=decision, numbers=listed)


def text(value: Any) -> str:
    """A value as JSON, shortened."""
    written = orjson.dumps(values.plain(value)).decode()
    return written if len(written) <= LONGEST else written[: LONGEST - 1] + "…"
