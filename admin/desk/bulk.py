"""Several tasks of a list at once: claim, give back, transfer, complete.

Owns the acts and the words about what was done and what was not. Each task is a command of its own: one that is refused
does not stop the others and is named with its reason. A form that asks for something cannot be completed unseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin import i18n
from admin.widgets import current, lookups, steps
from engine import errors

MOST = 100
SHOWN = 5  # refusals that are named one by one
Told = tuple[str, str]  # words, colour


def _claim(item: int, by: str, form: Mapping[str, str]) -> None:
    current.engine().claim(item, by=by)


def _transfer(item: int, by: str, form: Mapping[str, str]) -> None:
    typed = form.get("to", "").strip()
    current.engine().transfer(item, lookups.called(typed) or typed, by=by, reason=form.get("text", "").strip())


def _complete(item: int, by: str, form: Mapping[str, str]) -> None:
    """With what is there already; whatever was typed and not handed in keeps it from being completed unseen."""
    engine = current.engine()
    if engine.draft(f"item:{item}", by) is not None:
        raise errors.InvalidForm({}, summary=_("有没提交的草稿，请打开办理"))
    engine.complete(item, {}, by=by, key=f"{steps.key()}-{item}")


ACTS: dict[str, tuple[Any, Callable[[int, str, Mapping[str, str]], None]]] = {
    "claim": (_l("认领"), _claim),
    "transfer": (_l("转交"), _transfer),
    "complete": (_l("办结"), _complete),
}


def run(act: str, ids: list[str], form: Mapping[str, str]) -> list[Told]:
    """Do it with each; what to say afterwards. NotFound for an act that is none of ours."""
    if act not in ACTS:
        raise errors.NotFound(what=_("操作"), id=act)
    chosen = list(dict.fromkeys(int(one) for one in ids if one.isascii() and one.isdigit() and len(one) < 20))[:MOST]
    if not chosen:
        return [(_("请先勾选任务。"), "warning")]
    if act == "transfer" and not form.get("to", "").strip():
        return [(_("请先选人。"), "warning")]
    title, call = ACTS[act]
    refused = [words for item in chosen if (words := _refused(call, item, form))]
    return _told(str(title), len(chosen) - len(refused), refused)


def _refused(call: Callable[[int, str, Mapping[str, str]], None], item: int, form: Mapping[str, str]) -> str:
    """'' when it was done, else why not."""
    try:
        call(item, current.me().login, form)
    except errors.InvalidForm as error:
        return _("需要打开填写后提交") if error.errors else str(error.details["summary"])
    except errors.LinliError as error:
        return error.text(i18n.locale())
    return ""


def _told(title: str, done: int, refused: list[str]) -> list[Told]:
    said: list[Told] = []
    if done:
        said.append((_("已%(act)s %(num)d 项。", num=done, act=title), "success"))
    if refused:
        reasons = Counter(refused).most_common(SHOWN)
        told = _("；").join(f"{why} ×{times}" if times > 1 else why for why, times in reasons)
        said.append((_("%(num)d 项没有%(act)s：%(why)s", num=len(refused), act=title, why=told), "danger"))
    return said
