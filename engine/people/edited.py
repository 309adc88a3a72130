"""Roles and permissions as an administrator changes them in the browser, over what packs say.

Owns the table `role` and its rules: only an administrator of the whole installation changes a role, every change is a
line of the house's journal, and nobody changes away the last administrator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from engine import records
from engine.errors import Forbidden, InvalidValue, NotFound, Said
from engine.expressions import values
from engine.people.roles import ADMIN, BUILT_IN
from engine.store import house, models, persons
from engine.store.database import Store

_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}\Z")
_PERMISSION = re.compile(r"(register:(\*|[\w-]+):(\*|read|write|private)|page:(\*|[\w-]+))\Z")


class Asked(Protocol):
    """What editing roles asks of people."""

    def may_everywhere(self, login: str, permission: str) -> bool:
        """Whether somebody may do something at the top of the tree."""
        ...

    def roles(self) -> dict[str, records.Role]:
        """The roles there are."""
        ...

    def permitted(self, permission: str, unit: str = "") -> list[str]:
        """Who may do something anywhere."""
        ...


class EditedRoles:
    """Changes of roles."""

    def __init__(self, store: Store, people: Asked, now: Callable[[], datetime]) -> None:
        self._store, self._people, self._now = store, people, now

    def put(self, key: str, title: str, title_en: str, permissions: Sequence[str], *, by: str) -> records.Role:
        """Make or change a role. Forbidden unless `by` is an administrator everywhere, InvalidValue."""
        self._must(by)
        wanted = tuple(dict.fromkeys(one.strip() for one in permissions if one.strip()))
        _check(key, title, wanted)
        before = self._people.roles().get(key)
        settings = {"title": {"zh": title, "en": title_en}, "permissions": list(wanted)}
        row = {"key": key, "settings": values.dumps(settings).decode(), "changed_by": by, "changed_at": self._now()}
        data = {"permissions": list(wanted), "before": list(before.permissions) if before else None, "title": title}
        with self._store.transaction():
            self._store.run(models.EditedRole.delete().where(models.EditedRole.key == key))
            self._store.run(models.EditedRole.insert(row))
            self._changed("role-changed", key, by, data)
        return self._people.roles()[key]

    def reset(self, key: str, *, by: str) -> None:
        """Take a role back to what packs say (one of the installation's own goes). NotFound, Forbidden,
        InvalidValue."""
        self._must(by)
        before = self._people.roles().get(key)
        if before is None or not before.edited:
            raise NotFound(what=Said("改过的岗位", "changed role"), id=key)
        with self._store.transaction():
            self._store.run(models.EditedRole.delete().where(models.EditedRole.key == key))
            self._changed("role-reset", key, by, {"before": list(before.permissions)})

    def _changed(self, event: str, key: str, by: str, data: Mapping[str, Any]) -> None:
        """Inside the transaction: who holds what is different now, and somebody still holds everything."""
        persons.changed(self._store)
        if not self._people.permitted(ADMIN):
            raise InvalidValue(reason=Said("这样就没有管理员了", "nobody would be an administrator any more"))
        house.note(self._store, event, key, by, self._now(), dict(data))

    def _must(self, by: str) -> None:
        if by and not self._people.may_everywhere(by, ADMIN):
            raise Forbidden(who=by, action="admin")


def _check(key: str, title: str, permissions: Sequence[str]) -> None:
    if not _KEY.match(key):
        raise InvalidValue(
            reason=Said(f"岗位代号“{key[:40]}”应为小写字母、数字和下划线", f"{key[:40]!r} is no role key")
        )
    if not title.strip():
        raise InvalidValue(reason=Said("请填写岗位名称", "the role needs a title"))
    wrong = [one for one in permissions if one not in BUILT_IN and not _PERMISSION.match(one)]
    if wrong:
        raise InvalidValue(reason=Said(f"没有权限“{wrong[0][:60]}”", f"there is no permission {wrong[0][:60]!r}"))
