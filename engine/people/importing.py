"""Units, people and posts from tables: first what would change, line by line, then all of it or nothing.

Owns the comparison with what is there. A column that is not in the table stays as it is, an empty cell empties the
field; who or what is not named stays. The same table twice changes nothing. Reading files is the web face's; rights are
asked of `People` line by line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from engine import records
from engine.errors import InvalidValue, LinliError, Said
from engine.people import changes
from engine.people.directory import mobile, rows_of
from engine.people.roles import BUILT_IN
from engine.store import models
from engine.store.database import Store

if TYPE_CHECKING:
    from engine.people import People

UNITS = ("code", "name", "name_en", "kind", "parent", "division", "calendar", "valid_from", "valid_to")
PEOPLE = ("login", "name", "mobile", "email", "status", "home_unit", "employer", "branch", "skills")
POSTS = ("login", "role", "unit", "since", "until")
COLUMNS: dict[str, tuple[str, ...]] = {"units": UNITS, "people": PEOPLE, "posts": POSTS}
NEEDED: dict[str, tuple[str, ...]] = {"units": ("code",), "people": ("login",), "posts": ("login", "role")}
NEW, CHANGED, ENDED, UNCHANGED, REFUSED = VERDICTS = ("new", "changed", "ended", "unchanged", "refused")
DEEPEST = 100  # levels: as far as a line upwards is followed (store.persons)

Table = Sequence[tuple[int, Mapping[str, str]]]
Fit = Callable[["Line"], LinliError | None]


@dataclass(slots=True)
class Line:
    """A line and what it would do. `key`: code, login, or (login, role, unit); `changes`: field -> (before, after)."""

    table: str
    number: int
    key: tuple[str, ...]
    values: dict[str, Any] = field(default_factory=dict)
    verdict: str = UNCHANGED
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    reason: LinliError | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """All lines, in the order of the tables."""

    lines: tuple[Line, ...]

    def of(self, verdict: str) -> list[Line]:
        """The lines with one verdict."""
        return [line for line in self.lines if line.verdict == verdict]

    @property
    def digest(self) -> str:
        """Changes when what would happen does: what is applied must be what was shown."""
        told = [(one.table, one.number, one.key, one.verdict, sorted(one.changes.items())) for one in self.lines]
        return sha256(repr(told).encode()).hexdigest()[:32]


def preview(people: People, store: Store, tables: Mapping[str, Table], by: str, fit: Fit | None = None) -> Preview:
    """What the tables would do if `by` applied them. `fit`: a further reason to refuse a line, or None."""
    reading = _Reading(people, store, by)
    steps = (("units", reading.unit), ("people", reading.person), ("posts", reading.post))
    lines: list[Line] = []
    for name, read in steps:
        table = list(tables.get(name, ()))
        reading.expect(name, table)
        lines += [_line(name, number, cells, read, reading.seen, fit) for number, cells in table]
    return Preview(tuple(lines))


def apply(people: People, store: Store, plan: Preview, by: str) -> int:
    """Write a preview in one transaction; how many lines changed something. InvalidValue when a line is refused."""
    if bad := plan.of(REFUSED):
        raise InvalidValue(reason=Said(f"有 {len(bad)} 行需要改正", f"{len(bad)} lines have to be put right"))
    wanted = [line for line in plan.lines if line.verdict != UNCHANGED]
    today = people.today()
    with store.transaction():
        for line in _parents_first([one for one in wanted if one.table == "units"]):
            given = {name: value for name, value in line.values.items() if name not in ("code", "parent")}
            people.units.put_inside(line.key[0], line.values.get("parent"), given, by=by)
        rows = [{**line.values, "login": line.key[0]} for line in wanted if line.table == "people"]
        changes.put_inside(store, list(map(changes.checked, rows)), people.now(), today)
        for line in (one for one in wanted if one.table == "posts"):
            post = records.Post(line.key[1], line.key[2], line.values.get("since"), line.values.get("until"))
            changes.appoint_inside(store, line.key[0], post, today)
    return len(wanted)


def _line(
    table: str,
    number: int,
    cells: Mapping[str, str],
    read: Callable[[Line], None],
    seen: set[tuple[str, tuple[str, ...]]],
    fit: Fit | None,
) -> Line:
    line = Line(table, number, (), {name: cells[name].strip() for name in COLUMNS[table] if name in cells})
    try:
        read(line)
        if (table, line.key) in seen:
            raise InvalidValue(reason=Said("与前面的一行重复", "the same as a line before"))
        seen.add((table, line.key))
        problem = fit(line) if fit is not None else None
        if problem is not None:
            raise problem
    except LinliError as refusal:
        line.verdict, line.reason = REFUSED, refusal
    return line


class _Reading:
    """One preview: what is there, looked up once, and what earlier lines will have made."""

    def __init__(self, people: People, store: Store, by: str) -> None:
        self.people, self.store, self.by = people, store, by
        self.today = people.today()
        self.units = {unit.code: unit for unit in people.units.tree()}
        self.called: dict[str, str] = {}
        for unit in self.units.values():
            self.called[unit.name] = "" if unit.name in self.called else unit.code  # a name that two have is none's
        self.parents = {code: unit.parent for code, unit in self.units.items()}
        self.persons: dict[str, records.Person] = {}
        self.coming: set[str] = set()  # logins that this file makes
        self.posts: dict[tuple[str, str, str], dict[str, Any]] = {}
        self.numbers: dict[str, str] = {}
        self.roles = {title: key for key, role in people.roles().items() for title in (role.title, role.title_en, key)}
        self.seen: set[tuple[str, tuple[str, ...]]] = set()

    def expect(self, table: str, rows: Table) -> None:
        """Look up in a few statements what the lines of a table are about."""
        if table == "units":
            for _number, cells in rows:
                if code := cells.get("code", "").strip():
                    self.parents[code] = cells.get("parent", self.parents.get(code, "")).strip()
            return
        logins = list(dict.fromkeys(cells.get("login", "").strip() for _number, cells in rows))
        self.persons |= self.people.records([login for login in logins if login not in self.persons])
        if table == "posts":
            unended = models.Post.until.is_null() | (models.Post.until >= self.today)
            for row in rows_of(self.store, models.Post, "person", logins, unended):
                self.posts.setdefault((row["person"], row["role"], row["unit"]), row)
            return
        wanted = {mobile(cells.get("mobile", "")) for _number, cells in rows} - {""}
        for row in rows_of(self.store, models.Person, "mobile", sorted(wanted), models.Person.status != "left"):
            self.numbers[row["mobile"]] = row["login"]

    # ---- a line of each table: sets key, values, verdict and changes, or raises why not

    def unit(self, line: Line) -> None:
        code = _needed(line, "code")
        line.key = (code,)
        if "/" in code or "@" in code or " " in code:
            raise InvalidValue(reason=Said(f"“{code}”不能作为单位编码", f"{code!r} is not a unit code"))
        known = self.units.get(code)
        parent = self._code(line.values.get("parent", known.parent if known else ""))
        self.parents[code] = parent
        self._must_be_tree(code)
        for name in ("valid_from", "valid_to"):
            if name in line.values:
                line.values[name] = _day(line.values[name])
        if "division" in line.values and not (line.values["division"] or "0" * 12).isdigit():
            raise InvalidValue(reason=Said("区划代码应为数字", "a division code is digits"))
        _in_order(line.values.get("valid_from"), line.values.get("valid_to"))
        line.values["parent"] = parent
        self._must_write(code if known else self._nearest(parent))
        if known and parent != known.parent:
            self._must_write(self._nearest(parent))
        if not known:
            line.verdict = NEW
            line.values["name"] = line.values.get("name") or code
            return
        if "name" in line.values and not line.values["name"]:
            del line.values["name"]
        self._compare(line, {name: getattr(known, name) for name in line.values if name != "code"}, "valid_to")

    def person(self, line: Line) -> None:
        login = _needed(line, "login")
        line.key = (login,)
        known = self.persons.get(login)
        self._read_person(line)
        checked = changes.checked({**line.values, "login": login})
        line.values = {name: checked[name] for name in line.values if name in checked}
        number = line.values.get("mobile", "")
        if number and self.numbers.setdefault(number, login) != login:
            raise InvalidValue(reason=Said(f"手机号 {number} 已属于他人", f"the number {number} is somebody else's"))
        if known is None:
            self._must_write(line.values.get("home_unit") or line.values.get("employer") or "")
            line.verdict = NEW
            self.coming.add(login)
            return
        self._must_write_person(known)
        place = [line.values.get(name) or "" for name in ("home_unit", "employer")]
        for unit in place:
            if unit and unit not in (known.home_unit, known.employer):
                self._must_write(unit)
        before = {name: getattr(known, name) for name in line.values}
        if "skills" in before:
            before["skills"] = sorted(before["skills"], key=_by_name)
        self._compare(line, before, "")
        if line.changes.get("status", ("", ""))[1] == "left":
            line.verdict = ENDED

    def _read_person(self, line: Line) -> None:
        """Cells to values, as `People.put` takes them; an empty name or state stays as it is."""
        given = {name: value for name, value in line.values.items() if value or name not in ("name", "status")}
        given.pop("login", None)
        if "status" in given:
            given["status"] = _STATUS.get(given["status"], given["status"])
        for name in ("home_unit", "employer"):
            if name in given:
                given[name] = self._code(given[name])
        if "skills" in given:
            given["skills"] = sorted(skills_of(given["skills"]), key=_by_name)
        line.values = given

    def post(self, line: Line) -> None:
        login, role = _needed(line, "login"), _needed(line, "role")
        unit = self._code(line.values.get("unit", ""))
        role = self.roles.get(role, role)
        line.key = (login, role, unit)
        if login not in self.persons and login not in self.coming:
            raise InvalidValue(reason=Said(f"没有人员 {login}", f"nobody is called {login}"))
        if role not in self.people.roles() and role not in BUILT_IN:
            raise InvalidValue(reason=Said(f"没有岗位“{role}”", f"there is no role {role!r}"))
        for name in ("since", "until"):
            if name in line.values:
                line.values[name] = _day(line.values[name])
        _in_order(line.values.get("since"), line.values.get("until"))
        self._must_write(unit)
        known = self.posts.get(line.key)
        if known is None:
            over = line.values.get("until")
            line.verdict = UNCHANGED if over and over < self.today else NEW
            return
        since = line.values.get("since") or known["since"]
        line.values |= {"since": since, "until": line.values.get("until", known["until"])}
        self._compare(line, {"since": known["since"], "until": known["until"]}, "until")

    # ---- checks

    @staticmethod
    def _compare(line: Line, before: Mapping[str, Any], end: str) -> None:
        after = line.values
        line.changes = {name: (old, after[name]) for name, old in before.items() if after.get(name) != old}
        line.verdict = CHANGED if line.changes else UNCHANGED
        if end in line.changes and line.changes[end][1] is not None:
            line.verdict = ENDED

    def _code(self, text: str) -> str:
        """A unit by its code, or by a name that only one has. InvalidValue."""
        code = text if text in self.parents or not text else self.called.get(text, "")
        if text and not code:
            raise InvalidValue(
                reason=Said(f"没有单位“{text}”，或有几个同名", f"no unit, or several, are called {text!r}")
            )
        return code

    def _nearest(self, code: str) -> str:
        """A unit that is there: itself, or the nearest of those above that this file puts it under."""
        steps = 0
        while code and code not in self.units and steps <= len(self.parents):
            code, steps = self.parents.get(code, ""), steps + 1
        return code

    def _must_be_tree(self, code: str) -> None:
        line = [code]
        while above := self.parents.get(line[-1], ""):
            if above in line:
                raise InvalidValue(reason=Said(f"{code} 不能在自己下面", f"{code} cannot be under itself"))
            line.append(above)
            if len(line) > DEEPEST:
                raise InvalidValue(reason=Said(f"层级超过 {DEEPEST} 级", f"more than {DEEPEST} levels"))

    def _must_write(self, unit: str) -> None:
        if self.by and not self.people.may(self.by, "people:write", self._nearest(unit)):
            raise InvalidValue(reason=Said("您不管理这个单位的人员", "you do not manage people there"))

    def _must_write_person(self, person: records.Person) -> None:
        here = [unit for unit in (person.home_unit, person.employer) if unit] or [""]
        if self.by and not any(self.people.may(self.by, "people:write", unit) for unit in here):
            raise InvalidValue(reason=Said("您不管理这个人", "you do not manage this person"))


_STATUS = {"在册": "active", "待审核": "pending", "已离开": "left"}


def _needed(line: Line, name: str) -> str:
    value = line.values.get(name, "")
    if not value:
        raise InvalidValue(reason=Said("缺少编码、登录名或岗位", "a code, sign-in name or role is missing"))
    return str(value)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-").split(" ")[0])
    except ValueError as problem:
        raise InvalidValue(reason=Said(f"“{text:.40}”不是日期", f"{text!r:.40} is not a date")) from problem


def _in_order(first: date | None, last: date | None) -> None:
    if first and last and last < first:
        raise InvalidValue(reason=Said("结束日期早于开始日期", "it ends before it begins"))


def _parents_first(lines: Sequence[Line]) -> list[Line]:
    """Units in an order in which each finds its parent."""
    waiting = {line.key[0]: line for line in lines}
    ordered: dict[str, Line] = {}

    def place(code: str) -> None:
        line = waiting.pop(code, None)
        if line is not None:
            place(line.values["parent"])
            ordered[code] = line

    for line in lines:
        place(line.key[0])
    return list(ordered.values())


# ---- skills in a cell: `name,certificate,last day; name; ...`


def _by_name(skill: records.Skill) -> tuple[str, str]:
    return skill.name, skill.certificate


def skills_of(text: str) -> list[records.Skill]:
    """The skills of a cell. InvalidValue."""
    found = []
    for part in text.replace("\uff1b", ";").replace("\n", ";").split(";"):
        if not part.strip():
            continue
        name, certificate, last, *more = [*map(str.strip, part.replace("\uff0c", ",").split(",")), "", ""]
        if not name or any(more):
            raise InvalidValue(reason=Said(f"看不懂特长“{part.strip():.60}”", f"cannot read the skill {part!r:.60}"))
        found.append(records.Skill(name, certificate, _day(last)))
    return found


def skills_text(skills: Sequence[records.Skill]) -> str:
    """The same the other way."""
    parts = [(s.name, s.certificate, s.expires.isoformat() if s.expires else "") for s in skills]
    return "; ".join(",".join(part).rstrip(",") for part in parts)
