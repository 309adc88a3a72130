"""The base of every screen: a Flask-Admin view with a duty in the side menu and a permission.

Owns who gets in (sign in first, then the permission) and the side menu. Must not know any particular screen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from flask import current_app, redirect, request, url_for
from flask_admin import Admin, BaseView
from flask_babel import lazy_gettext as _l

from admin import i18n
from admin.widgets import current
from engine.errors import Forbidden

# The side menu's groups in order: key -> (title, icon).
DUTIES: dict[str, tuple[Any, str]] = {
    "desk": (_l("工作台"), "inbox"),
    "start": (_l("发起"), "send"),
    "registers": (_l("台账"), "table"),
    "insight": (_l("统计"), "chart-bar"),
    "studio": (_l("设计"), "schema"),
    "system": (_l("系统"), "settings"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the side menu."""

    duty: str
    title: str
    url: str
    icon: str = "point"
    order: int = 50
    badge: str = ""  # address of an htmx fragment with a count, '' = none

    def is_here(self, path: str) -> bool:
        """Whether the page shown belongs to this line."""
        return path == self.url or (len(self.url) > 1 and self.url.endswith("/") and path.startswith(self.url))


class View(BaseView):
    """A screen. Subclasses set these; `View(name=_l("工作台"), endpoint="desk", url="/desk/")` gives the rest."""

    duty = ""  # a key of DUTIES; '' = not in the menu
    icon = "point"
    order = 50
    permission = ""  # '' = any signed-in, approved person
    open_to_pending = False  # True: also a member who still waits for approval
    public = False  # True: no sign-in at all
    badge_endpoint = ""  # endpoint of the menu badge's fragment
    _default_view: str | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if self._default_view is None:  # Flask-Admin demands a first page; `/task/` alone is simply not found
            self._default_view = ""
        self._menu_lines: dict[tuple[str, str], Entry] = {}  # by the place the program is mounted at and the language
        super().__init__(*args, **kwargs)

    def is_accessible(self) -> bool:
        if self.public:
            return True
        who = current.me()
        if self.permission:
            return current.may(self.permission)
        return who.approved or (self.open_to_pending and who.signed_in)

    def is_listed(self) -> bool:
        """Whether it may have lines in the menu at all."""
        return bool(self.duty) or type(self).entries is not View.entries

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        who = current.me()
        if not who.signed_in:
            return to_sign_in()
        if not who.approved:
            return redirect(url_for("waiting.index"))
        raise Forbidden(who=who.name, action=str(self.name))

    def entries(self) -> Iterable[Entry]:
        """This screen's lines in the menu; a view that stands for several pages overrides it."""
        if self.duty:
            asked = (request.script_root, i18n.locale())
            if asked not in self._menu_lines:
                badge = address(self.badge_endpoint) if self.badge_endpoint else ""
                url = address(f"{self.endpoint}.{self._default_view}")
                self._menu_lines[asked] = Entry(self.duty, str(self.name), url, self.icon, self.order, badge)
            yield self._menu_lines[asked]


def address(endpoint: str, **values: str) -> str:
    """`url_for` of the menu: it asks for the same two dozen addresses on every page."""
    return _address(request.script_root, endpoint, tuple(values.items()))


@lru_cache(maxsize=2048)  # by the place the program is mounted at; rules never change while it runs
def _address(root: str, endpoint: str, values: tuple[tuple[str, str], ...]) -> str:
    return url_for(endpoint, **dict(values))  # type: ignore[arg-type]


def to_sign_in() -> Any:
    """Send a visitor to the sign-in page and back here afterwards. An htmx request gets a full page load instead."""
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": url_for("security.login")}
    return redirect(url_for("security.login", next=request.full_path.rstrip("?") if request.method == "GET" else None))


class Group(NamedTuple):
    """A duty of the side menu with its lines."""

    key: str
    title: str
    icon: str
    entries: tuple[Entry, ...]


def menu() -> tuple[Group, ...]:
    """The side menu of the person asking: each duty that has any lines."""
    admin: Admin = current_app.extensions["linli-admin"]
    shown = [
        e for v in admin._views if isinstance(v, View) and v.is_listed() and v.is_accessible() for e in v.entries()
    ]
    groups = []
    for key, (_name, icon) in DUTIES.items():
        mine = sorted((e for e in shown if e.duty == key), key=lambda e: (e.order, e.title))
        if mine:
            groups.append(Group(key, _title(key, i18n.locale()), icon, tuple(mine)))
    return tuple(groups)


@lru_cache(maxsize=64)
def _title(duty: str, language: str) -> str:
    return str(DUTIES[duty][0])


def opened(groups: Iterable[Group]) -> frozenset[str]:
    """Addresses of the menu's lines that the page shown belongs to."""
    path = request.path
    return frozenset(entry.url for group in groups for entry in group.entries if entry.is_here(path))


def back(default: str) -> Any:
    """Redirect to ?next= or the form's `next` when it stays on this site, else to `default` (a path)."""
    target = request.values.get("next", "")
    return redirect(target if is_local(target) else default)


def is_local(target: str) -> bool:
    """Whether an address from the browser stays on this site: a plain path, nothing a browser reads as a host."""
    return target.startswith("/") and not target.startswith(("//", "/\\")) and not any(c in target for c in "\\\r\n\t")
