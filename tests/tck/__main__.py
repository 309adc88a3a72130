"""`python -m tests.tck [--failures]`: passed and failed by group of the kit, and in all.

Ends with 1 when the failures are not exactly those of known.toml: one that is new, or one that is mended and still
listed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from tests.tck import kit


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.tck", description=__doc__)
    asked.add_argument("--failures", action="store_true", help="each failure with what was found and expected")
    options = asked.parse_args()
    if not kit.KIT.is_dir():
        print(f"The kit is not here ({kit.KIT}); nothing was asked.")
        return 0
    found = list(kit.outcomes())
    for level in kit.LEVELS:
        _told(level, [one for one in found if one.level == level])
    if options.failures:
        for one in found:
            if not one.right:
                print(f"{one.key}: {one.found!r}, expected {one.expected!r}")
    return _compared({one.key for one in found if not one.right}, kit.known())


def _told(level: str, found: list[kit.Outcome]) -> None:
    every = Counter(one.folder for one in found)
    right = Counter(one.folder for one in found if one.right)
    for folder, count in every.items():
        print(f"{folder:44} {right[folder]:5} passed {count - right[folder]:4} failed")
    passed = sum(right.values())
    print(f"{level:44} {passed:5} passed {len(found) - passed:4} failed  {passed / len(found):.1%}\n")


def _compared(failed: set[str], known: dict[str, str]) -> int:
    for title, keys in (("new failures", failed - set(known)), ("mended, still listed", set(known) - failed)):
        for key in sorted(keys):
            print(f"{title}: {key}")
    return int(failed != set(known))


if __name__ == "__main__":
    sys.exit(main())
