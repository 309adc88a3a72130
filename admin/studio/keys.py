"""Keys for things that have a Chinese name: the initials of its pinyin, so that nobody has to think one up.

Owns that proposal. GB 2312 puts its 3,755 common characters in the order of their pinyin, so the ranges of their codes
give the initials without a dictionary; rarer characters are left out.
"""

from __future__ import annotations

import re
import secrets
from bisect import bisect_right
from collections.abc import Collection

# The first code of each letter in the first level of GB 2312-1980 (rows 16 to 55); no syllable begins with i, u or v.
_FIRST = (
    0xB0A1, 0xB0C5, 0xB2C1, 0xB4EE, 0xB6EA, 0xB7A2, 0xB8C1, 0xB9FE, 0xBBF7, 0xBFA6, 0xC0AC, 0xC2E8, 0xC4C3, 0xC5B6,
    0xC5BE, 0xC6DA, 0xC8BB, 0xC8F6, 0xCBFA, 0xCDDA, 0xCEF4, 0xD1B9, 0xD4D1,
)  # fmt: skip
_LETTERS = "abcdefghjklmnopqrstwxyz"
_LAST = 0xD7F9
MOST = 40


def proposed(title: str, taken: Collection[str], fallback: str, mark: str = "-") -> str:
    """A key that nobody has: small letters, digits and `mark`; `fallback` where a title gives no letter."""
    parts = re.findall(r"[a-z0-9]+|[^\x00-\x7f]", title.lower())
    words = [part if part.isascii() else initial(part) for part in parts]
    key = re.sub(r"(?<=[a-z0-9])\s+(?=[a-z0-9]{2})", mark, " ".join(words)).replace(" ", "")[:MOST].strip(mark)
    key = key if key[:1].isalpha() else f"{fallback}{mark}{key}".rstrip(mark)
    if key not in taken:
        return key
    free = (f"{key}{mark}{number}" for number in range(2, 100))
    return next((one for one in free if one not in taken), f"{key}{mark}{secrets.token_hex(3)}")


def initial(character: str) -> str:
    """The first letter of a character's pinyin, '' when GB 2312 does not say."""
    code = int.from_bytes(character.encode("gb2312", "ignore")[:2])
    return _LETTERS[bisect_right(_FIRST, code) - 1] if _FIRST[0] <= code <= _LAST else ""
