"""What a task does by itself when it is late: complete, agree, refuse, return, transfer.

Owns the property `timeout` (`PT0S agree`, `P1D transfer secretary@up`, `P2D return previous`): how long after the
deadline, on the task's calendar, then what. Each is a timer row with one effect; the journal says what was done and by
which rule. Reminding and escalating are `reminders`'.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from engine import bpmn
from engine.bpmn.signing import answer_name
from engine.commands import returns, tasks
from engine.commands.handling import Item, running
from engine.commands.work import Work
from engine.errors import InvalidValue
from engine.expressions import values
from engine.store import loads
from engine.store.models import Timer

ASK_AGAIN = timedelta(hours=1)  # a task that is held cannot be ended: it is looked at again
NAMES = ("complete", "agree", "refuse", "return", "transfer")


def fire(work: Work, row: dict[str, Any]) -> bool:
    """Do what the rule says to the item of a timer row. Errors of the act are the timer's failure."""
    item = loads.item(work.context.store, row["work_item"])
    if item is None or item["status"] != "open":
        work.writes.delete_one(Timer, {"id": row["id"], "due_at": row["due_at"]})
        return item is not None
    if item["held"]:
        work.writes.update(
            Timer, {"due_at": work.now + ASK_AGAIN}, {"id": row["id"], "due_at": row["due_at"]}, must=True
        )
        return True
    item["settings"] = values.loads(item["settings"])
    running(work, item["instance"])
    do = values.loads(row["settings"])["do"]
    name, _, rest = do.partition(" ")
    about = {"item": str(item["id"]), "rule": row["rule"], "do": do}
    work.note(item["instance"], "timed-out", item["node_id"], about)
    work.writes.delete_one(Timer, {"id": row["id"], "due_at": row["due_at"]})
    _ACTS[name](work, item, rest.strip())
    return True


def _complete(work: Work, item: Item, rest: str) -> None:
    """With the data that the property `timeout_data` (FEEL) gives; the form is not asked."""
    written = item["settings"]["properties"].get("timeout_data", "")
    case = work.case(item["instance"])
    seen = bpmn.variables(case.row.state, item["token"])
    data = work.world(case).evaluate(written.removeprefix("="), seen) if written else {}
    if not isinstance(data, dict):
        raise InvalidValue(reason=f"timeout_data: {type(data).__name__}")
    tasks.end(work, item, data, "")


def _agree(work: Work, item: Item, rest: str) -> None:
    name = answer_name(item["settings"]["properties"])
    tasks.end(work, item, {name: True} if name else {}, "")


def _refuse(work: Work, item: Item, rest: str) -> None:
    tasks.decline(work, item, "", "")


def _return(work: Work, item: Item, rest: str) -> None:
    returns.send_back(work, item, rest or returns.PREVIOUS, "")


def _transfer(work: Work, item: Item, rest: str) -> None:
    """To whom the rule means: one person has it, of several the first who claims."""
    case = work.case(item["instance"])
    seen = bpmn.variables(case.row.state, item["token"])
    people = work.context.people
    found = [rest] if people.empty() else people.resolve([rest], item["unit"], case.row.started_by, seen)
    found = [login for login in found if login != item["assignee"]]
    if not found:  # nobody is there: the timer fails, is tried again and becomes an incident
        raise InvalidValue(reason=f"timeout: {rest}: nobody")
    tasks.hand_over(work, item, found, "")


_ACTS: dict[str, Callable[[Work, Item, str], None]] = {
    "complete": _complete,
    "agree": _agree,
    "refuse": _refuse,
    "return": _return,
    "transfer": _transfer,
}
