"""`/packs/<pack>/cases/`: the cases that still run on older versions of a pack's processes: what moving them would do,
move all or some, take it back.

Owns the page and its posts, and the pieces of it that the publish page shows beforehand. What may move, and what
becomes of it, is the engine's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin import i18n
from admin.widgets import current, names
from admin.widgets.view import View
from engine.errors import LinliError

SHOWN = 50  # cases told one by one
BATCH = 500  # cases of one post
FATES: dict[str, tuple[Any, str]] = {
    "moved": (_l("照旧移过去"), "green"),
    "restarted": (_l("重新计时"), "yellow"),
    "added": (_l("新增"), "blue"),
    "removed": (_l("取消"), "secondary"),
    "impossible": (_l("不能移动"), "red"),
}
WHAT: dict[str, Any] = {"token": _l("位置"), "task": _l("任务"), "timer": _l("定时")}


@dataclass(frozen=True, slots=True)
class Outlook:
    """One process and its older cases. `to`: the version they would go to, 0 = the working copy, not published yet."""

    process: str
    title: str
    plan: Any
    back: list[int] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[int, str] = field(default_factory=dict)

    @property
    def possible(self) -> int:
        """How many of those shown can move."""
        return sum(1 for report in self.plan.reports if report.possible)


class MovingView(View):
    """Running cases of older versions."""

    permission = "design"

    @expose("/<pack>/cases/")
    def index(self, pack: str) -> str:
        """For each process of the pack the cases that run on older versions."""
        space = current.engine().workspace(pack)
        found = [look(one.key, one.version, mapping(one.key)) for one in _processes(pack)]
        shown = [one for one in found if one.plan.reports or one.back]
        return self.render("studio/moving.html", space=space, shown=shown, fates=FATES, what=WHAT)

    @expose("/<pack>/cases/<process>/move", methods=["POST"])
    def move(self, pack: str, process: str) -> Any:
        """Move all, or those chosen; each case is a commit of its own."""
        engine, by = current.engine(), current.me().login
        version = next((one.version for one in _processes(pack) if one.key == process), 0)
        if not version:
            flash(_("这个流程还没有发布。"), "warning")
            return redirect(url_for("moving.index", pack=pack))
        chosen = mapping(process, request.form)
        plan = engine.migration_plan(process, version, chosen, by=by, limit=200)
        ids = (
            request.form.getlist("case", type=int) if request.form.get("which") == "chosen" else _all(process, version)
        )
        if not ids:
            flash(_("请先勾选要移动的事项。"), "warning")
            return redirect(url_for("moving.index", pack=pack, **_kept(process, chosen)))
        outcomes = engine.migrate_instances(ids[:BATCH], version, plan.mapping, by=by)
        moved = sum(1 for one in outcomes if one.problem is None)
        flash(_("已把 %(n)d 个事项移到第 %(v)d 版。", n=moved, v=version), "success" if moved else "warning")
        for problem in [one.problem for one in outcomes if one.problem is not None][:5]:
            flash(_("一个事项没有移动：%(why)s", why=problem.text(i18n.locale())), "warning")
        return redirect(url_for("moving.index", pack=pack, **_kept(process, chosen)))

    @expose("/<pack>/cases/<process>/undo", methods=["POST"])
    def undo(self, pack: str, process: str) -> Any:
        """Take migrations back, of the cases in which nothing has happened since."""
        engine, by = current.engine(), current.me().login
        asked = request.form.getlist("case", type=int)
        done = 0
        for instance in engine.returnable(process):
            if not asked or instance in asked:
                try:
                    engine.undo_migration(instance, by=by)
                    done += 1
                except LinliError as refused:
                    flash(refused.text(i18n.locale()), "warning")
        flash(_("已撤回 %(n)d 个事项的移动，它们又按原来的版本办理。", n=done), "success" if done else "warning")
        return redirect(url_for("moving.index", pack=pack))


def look(process: str, to: int | bytes, chosen: Mapping[str, str]) -> Outlook:
    """What moving a process's older cases to a version, or to a draft, would do."""
    engine, by = current.engine(), current.me().login
    plan = engine.migration_plan(process, to, chosen, by=by, limit=SHOWN)
    back = engine.returnable(process) if isinstance(to, int) else []
    return Outlook(process, plan.name, plan, back, _nodes(process, plan.to), _titles(plan.reports))


def _nodes(process: str, to: int) -> dict[str, str]:
    """Names of elements as the older versions have them."""
    engine = current.engine()
    found: dict[str, str] = {}
    versions = engine.definitions(kind="process", key=process, latest=False)
    for one in sorted((d for d in versions if d.version != to), key=lambda d: d.version):
        info = engine.process_info(one.id)
        found |= {key: names.pick(node.name, node.name_en) or key for key, node in info.nodes.items()}
    return found


def _titles(reports: Iterable[Any]) -> dict[int, str]:
    """Titles of the cases that this person may see; a designer as such sees none."""
    engine, by = current.engine(), current.me().login
    return {one.instance: one.title for one in reports if one.title and engine.sees(one.instance, by)}


def mapping(process: str, given: Any = None) -> dict[str, str]:
    """What the page's pick-lists say: `map.PROCESS.OLD=NEW`."""
    prefix = f"map.{process}."
    values = request.values if given is None else given
    return {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix) and value}


def _kept(process: str, chosen: Mapping[str, str]) -> dict[str, Any]:
    return {f"map.{process}.{old}": new for old, new in chosen.items()}


def _processes(pack: str) -> list[Any]:
    return [one for one in current.engine().definitions(kind="process") if one.pack == pack]


def _all(process: str, version: int) -> list[int]:
    """Every older case, as many as one post moves."""
    engine, found, after = current.engine(), list[int](), 0
    while len(found) < BATCH:
        plan = engine.migration_plan(process, version, limit=200, after=after)
        found += [report.instance for report in plan.reports]
        if not plan.more:
            break
        after = found[-1]
    return found
