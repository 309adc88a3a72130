"""A case's journal told in sentences: who, when, what; reminders and escalations included.

Owns the words of a timeline and which journal lines a person wants to read (tokens passing through gateways
they do not). Reads plain rows only; must not change anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from admin.widgets import dates, names, rulings
from engine.records import Entry

BY_HAND, BY_ITSELF = "startEvent", "autoStart"  # how a case began; a start event inside it is `innerStart`
HIDDEN_TYPES = ("Gateway", "innerStart", "SequenceFlow", "subProcess", "boundaryEvent")
TASKS = ("userTask", "manualTask")
MINOR = (
    *("serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask"),
    *("intermediateThrowEvent", "intermediateCatchEvent"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of the timeline."""

    at: datetime
    text: str
    icon: str
    colour: str = "secondary"  # a Tabler colour
    note: str = ""  # a comment, reason or failure, shown below as typed
    seq: int = 0
    where: str = ""  # name of the called process, '' for the case itself
    files: tuple[str, ...] = ()  # ids of uploads that came with a remark
    minor: bool = False  # of interest to operators only: what the machine did by itself


@dataclass(frozen=True, slots=True)
class Words:
    """What a sentence needs to know: names of people and steps, and the kind of each step."""

    person: Callable[[str], str]
    node: Callable[[str], str]
    kind: Callable[[str], str]
    moment: Callable[[Any], str]
    details: Mapping[str, str] = field(default_factory=dict)


def tell(entries: Iterable[Entry], words: Words, *, where: str = "") -> list[Line]:
    """The journal's readable lines, oldest first."""
    entries = list(entries)
    several = {entry.node_id for entry in entries if "child" in entry.data}
    lines = (_line(entry, words, where) for entry in entries if not _is_body(entry, several))
    return [line for line in lines if line is not None]


def _is_body(entry: Entry, several: set[str]) -> bool:
    """Whether it is about a multi-instance step as a whole: people know only the tasks that each of them got."""
    return entry.event in ("entered", "completed") and entry.node_id in several and "child" not in entry.data


def _line(entry: Entry, words: Words, where: str) -> Line | None:
    made = _SENTENCES.get(entry.event, _unknown)(entry, words)
    if made is None:
        return None
    text, icon, colour, note = made
    minor = entry.event == "decided" or (
        entry.event in ("completed", "note", "thrown") and words.kind(entry.node_id) in MINOR
    )
    files = tuple(str(one) for one in entry.data.get("files") or ())
    return Line(entry.at, text, icon, colour, note, entry.seq, where, files, minor)


Made = tuple[str, str, str, str] | None


def _who(entry: Entry, words: Words) -> str:
    return words.person(entry.actor) if entry.actor else _("系统")


def _others(entry: Entry, words: Words, *keys: str) -> str:
    """The people (or rule) a line is about: the first of these keys that the entry has."""
    for key in keys:
        value = entry.data.get(key)
        if value:
            return _("、").join(words.person(str(v)) for v in (value if isinstance(value, list | tuple) else [value]))
    return _("无人")


def _said(entry: Entry) -> str:
    return next((str(entry.data[k]) for k in ("text", "reason", "message", "note", "comment") if entry.data.get(k)), "")


def _entered(entry: Entry, words: Words) -> Made:
    kind = words.kind(entry.node_id)
    if kind in TASKS:
        return _("“%(step)s”开始，等待办理", step=words.node(entry.node_id)), "inbox", "secondary", ""
    return None


def _completed(entry: Entry, words: Words) -> Made:
    kind, step = words.kind(entry.node_id), words.node(entry.node_id)
    if kind == BY_HAND:
        return _("%(who)s发起了事项", who=words.person(entry.actor)), "player-play", "blue", ""
    if kind == BY_ITSELF:
        return _("“%(step)s”，事项开始", step=step), "player-play", "blue", ""
    if kind in TASKS:  # without an actor: a resident
        return _("%(who)s完成了“%(step)s”", who=words.person(entry.actor), step=step), "check", "green", _said(entry)
    if not entry.node_id or kind == "process":
        return _("事项办结"), "flag", "green", ""
    if kind == "endEvent":
        return _("走到“%(step)s”", step=step), "flag", "green", ""
    if any(part in kind for part in HIDDEN_TYPES) or not kind:
        return None
    return _("“%(step)s”已自动完成", step=step), "settings", "secondary", ""


def _cancelled(entry: Entry, words: Words) -> Made:
    if not entry.node_id:
        return _("%(who)s撤销了事项", who=_who(entry, words)), "ban", "red", _said(entry)
    if words.kind(entry.node_id) in TASKS:
        return _("“%(step)s”不再需要办理", step=words.node(entry.node_id)), "x", "secondary", _said(entry)
    return None


def _caught(entry: Entry, words: Words) -> Made:
    return _("“%(step)s”已发生", step=words.node(entry.node_id)), "bolt", "blue", ""


def _thrown(entry: Entry, words: Words) -> Made:
    return _("已发出“%(step)s”", step=words.node(entry.node_id)), "send", "blue", ""


def _incident(entry: Entry, words: Words) -> Made:
    return _("“%(step)s”出现异常，等待运维处理", step=words.node(entry.node_id)), "alert-triangle", "red", _said(entry)


def _resolved(entry: Entry, words: Words) -> Made:
    return _("“%(step)s”的异常已排除", step=words.node(entry.node_id)), "check", "green", ""


def _reminded(entry: Entry, words: Words) -> Made:
    to = _others(entry, words, "to", "people", "logins")
    return _("已提醒 %(to)s 办理“%(step)s”", to=to, step=words.node(entry.node_id)), "bell", "orange", _said(entry)


def _escalated(entry: Entry, words: Words) -> Made:
    """An escalation's rule is `PT1H role@up`: how long after the due time, and whom it tells by their office."""
    after, _space, office = str(entry.data.get("rule") or "").partition(" ")
    late = "" if after.startswith("+") else dates.period(after)  # `+`: after the step before, which the reader sees
    step, to = words.node(entry.node_id), _others(entry, words, "to", "people", "logins")
    role = names.above(office) or (words.person(office) if office else "")
    told = _("%(role)s（%(to)s）", role=role, to=to) if role and role != to else to
    text = _("“%(step)s”超期 %(late)s，已上报 %(to)s", step=step, late=late, to=told)
    return text if late else _("“%(step)s”超期，已上报 %(to)s", step=step, to=told), "stairs-up", "red", _said(entry)


def _deadline_moved(entry: Entry, words: Words) -> Made:
    """Counted again: the case had stood still, or a calendar changed."""
    step, to = words.node(entry.node_id), words.moment(datetime.fromisoformat(str(entry.data["to"])))
    if entry.data.get("why") == "resumed":
        return _("“%(step)s”停表后顺延，新的期限是 %(to)s", step=step, to=to), "clock", "blue", ""
    return _("日历有变，“%(step)s”的期限改为 %(to)s", step=step, to=to), "calendar-event", "orange", ""


def _by_person(text: Callable[[str, str, str], str], icon: str, colour: str = "blue") -> Callable[[Entry, Words], Made]:
    """A line of the form `who did something with step (to somebody)`."""

    def made(entry: Entry, words: Words) -> Made:
        other = _others(entry, words, "to", "signer", "login", "owner", "people")
        return text(_who(entry, words), words.node(entry.node_id), other), icon, colour, _said(entry)

    return made


def _returned(entry: Entry, words: Words) -> Made:
    step, to = words.node(entry.node_id), words.node(str(entry.data.get("to", "")))
    return (
        _("%(who)s从“%(step)s”退回到“%(to)s”", who=_who(entry, words), step=step, to=to),
        "arrow-back-up",
        "orange",
        _said(entry),
    )


def _notified(entry: Entry, words: Words) -> Made:
    to, subject = _others(entry, words, "to"), str(entry.data.get("subject", ""))
    return _("已通知 %(to)s", to=to), "bell", "blue", names.pick(subject, str(entry.data.get("subject_en") or ""))


def _commented(entry: Entry, words: Words) -> Made:
    who = _who(entry, words)
    if entry.data.get("to"):
        return _("%(who)s留言，提到 %(to)s", who=who, to=_others(entry, words, "to")), "message", "blue", _said(entry)
    return _("%(who)s留言", who=who), "message", "blue", _said(entry)


def _set(entry: Entry, words: Words) -> Made:
    return _("%(who)s更正了数据", who=_who(entry, words)), "edit", "orange", _said(entry)


def _nobody(entry: Entry, words: Words) -> Made:
    return (
        _("“%(step)s”没有找到承办人，已转交管理人员", step=words.node(entry.node_id)),
        "user-question",
        "orange",
        _said(entry),
    )


def _adding(entry: Entry, words: Words) -> Made:
    who, step, to = _who(entry, words), words.node(entry.node_id), _others(entry, words, "to")
    told = {
        "before": _("%(who)s为“%(step)s”前加签 %(to)s", who=who, step=step, to=to),
        "after": _("%(who)s为“%(step)s”后加签 %(to)s", who=who, step=step, to=to),
    }
    plain = _("%(who)s为“%(step)s”加签 %(to)s", who=who, step=step, to=to)
    return told.get(str(entry.data.get("when")), plain), "user-plus", "blue", _said(entry)


def _counted(entry: Entry, words: Words) -> Made:
    step, counts = words.node(entry.node_id), entry.data
    numbers = {"yes": counts.get("agreed", 0), "no": counts.get("refused", 0), "all": counts.get("signers", 0)}
    if counts.get("passed"):
        return _("“%(step)s”通过：%(all)s 人中 %(yes)s 同意、%(no)s 不同意", step=step, **numbers), "check", "green", ""
    return _("“%(step)s”未通过：%(all)s 人中 %(yes)s 同意、%(no)s 不同意", step=step, **numbers), "x", "red", ""


def _passed(entry: Entry, words: Words) -> Made:
    step = words.node(entry.node_id)
    if entry.data.get("why") == "initiator":
        return _("“%(step)s”的办理人就是发起人，按规定跳过", step=step), "player-skip-forward", "secondary", ""
    return _("“%(step)s”没有找到办理人，按规定跳过", step=step), "player-skip-forward", "secondary", ""


def _timed_out(entry: Entry, words: Words) -> Made:
    step, act = words.node(entry.node_id), str(entry.data.get("do", "")).partition(" ")[0]
    told = {
        "complete": _("“%(step)s”超时，自动办结", step=step),
        "agree": _("“%(step)s”超时，自动同意", step=step),
        "refuse": _("“%(step)s”超时，自动驳回", step=step),
        "return": _("“%(step)s”超时，自动退回", step=step),
        "transfer": _("“%(step)s”超时，自动转交", step=step),
    }
    return told.get(act, step), "alarm", "red", ""


def _decided(entry: Entry, words: Words) -> Made:
    decision, version = str(entry.data.get("decision", "")), entry.data.get("version")
    text = _("“%(step)s”按决策“%(decision)s”（第 %(version)s 版）作出判断",
             step=words.node(entry.node_id), decision=decision, version=version)  # fmt: skip
    return text, "git-branch", "secondary", rulings.told(entry.data)


def _redacted(entry: Entry, words: Words) -> Made:
    lines = len(entry.data.get("seals", {}))
    return _("抹去了 %(n)d 条记录里的个人信息", n=lines), "eraser", "secondary", ""


def _unknown(entry: Entry, words: Words) -> Made:
    """A kind of line this page has no sentence for is shown by its name rather than hidden."""
    step = f" “{words.node(entry.node_id)}”" if entry.node_id else ""
    return f"{entry.event}{step}", "point", "secondary", _said(entry)


_SENTENCES: dict[str, Callable[[Entry, Words], Made]] = {
    "entered": _entered,
    "completed": _completed,
    "cancelled": _cancelled,
    "caught": _caught,
    "thrown": _thrown,
    "incident": _incident,
    "resolved": _resolved,
    "reminded": _reminded,
    "escalated": _escalated,
    "notified": _notified,
    "decided": _decided,
    "deadline-moved": _deadline_moved,
    "comment": _commented,
    "commented": _commented,
    "set": _set,
    "nobody": _nobody,
    "redacted": _redacted,
    "claimed": _by_person(lambda who, step, to: _("%(who)s认领了“%(step)s”", who=who, step=step), "hand-click"),
    "unclaimed": _by_person(
        lambda who, step, to: _("%(who)s退回了“%(step)s”的认领", who=who, step=step), "arrow-back-up"
    ),
    "transferred": _by_person(
        lambda who, step, to: _("%(who)s把“%(step)s”转交给 %(to)s", who=who, step=step, to=to), "switch-horizontal"
    ),
    "delegated": _by_person(
        lambda who, step, to: _("%(who)s委托 %(to)s 办理“%(step)s”", who=who, step=step, to=to), "users"
    ),
    "returned": _returned,
    "withdrawn": _by_person(
        lambda who, step, to: _("%(who)s撤回到“%(step)s”", who=who, step=step), "arrow-back-up", "orange"
    ),
    "urged": _by_person(
        lambda who, step, to: _("%(who)s催办了“%(step)s”", who=who, step=step), "bell-ringing", "orange"
    ),
    "copied": _by_person(
        lambda who, step, to: _("%(who)s把“%(step)s”抄送给 %(to)s", who=who, step=step, to=to), "copy"
    ),
    "signer-added": lambda e, w: None,  # `adding-signer` tells it, with the reason
    "signer-removed": _by_person(
        lambda who, step, to: _("%(who)s为“%(step)s”减签 %(to)s", who=who, step=step, to=to), "user-minus"
    ),
    "delegate-done": _by_person(
        lambda who, step, to: _("%(who)s办完了“%(step)s”，交还 %(to)s 确认", who=who, step=step, to=to), "arrow-back-up"
    ),
    "substituted": lambda e, w: (
        _("%(who)s代 %(to)s 办理“%(step)s”", who=_who(e, w), step=w.node(e.node_id), to=_others(e, w, "for")),
        "users",
        "blue",
        "",
    ),
    "handed-over": _by_person(
        lambda who, step, to: _("%(who)s把“%(step)s”交接给 %(to)s", who=who, step=step, to=to), "switch-horizontal"
    ),
    "successor": lambda e, w: (
        _("“%(step)s”由继任的 %(to)s 办理", step=w.node(e.node_id), to=_others(e, w, "to")),
        "users",
        "blue",
        "",
    ),
    "not-oneself": lambda e, w: (
        _("“%(step)s”的办理人就是发起人，改由 %(to)s 办理", step=w.node(e.node_id), to=_others(e, w, "to")),
        "users",
        "blue",
        "",
    ),
    "passed": _passed,
    "refused": lambda e, w: (
        _("%(who)s驳回了“%(step)s”", who=_who(e, w), step=w.node(e.node_id)),
        "x",
        "red",
        _said(e),
    ),
    "counted": _counted,
    "timed-out": _timed_out,
    "held": lambda e, w: None,
    "adding-signer": _adding,
    "cancelling": lambda e, w: (_("%(who)s撤销了事项", who=_who(e, w)), "ban", "red", _said(e)),
    "suspended": lambda e, w: (_("%(who)s暂停了事项", who=_who(e, w)), "player-pause", "orange", _said(e)),
    "resumed": lambda e, w: (_("%(who)s恢复了事项", who=_who(e, w)), "player-play", "green", _said(e)),
    "migrated": lambda e, w: (_("%(who)s把事项移到新版流程", who=_who(e, w)), "versions", "blue", ""),
    "migration-undone": lambda e, w: (_("%(who)s把事项移回旧版流程", who=_who(e, w)), "versions", "orange", ""),
    "moved": lambda e, w: (
        _("%(who)s把事项移到“%(step)s”", who=_who(e, w), step=w.node(e.node_id)),
        "arrows-exchange",
        "orange",
        _said(e),
    ),
}
