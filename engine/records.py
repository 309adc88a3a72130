"""The plain rows that the façade hands out: read-only, no web, no database handle.

Owns their shapes. All instants are naive UTC; ids are integers; `variables` hold Python values (see expressions/values.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Deployed:
    """One definition that a deployment made (or found unchanged: then `fresh` is False and the old version is kept)."""

    key: str
    version: int
    kind: str  # process | decision | form | register | page
    id: int = 0
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """What the lint says of one place in a file."""

    file: str
    line: int
    element: str
    severity: str  # error | warning
    code: str
    message: str  # Chinese, with what to do instead
    message_en: str = ""

    def text(self, locale: str = "zh") -> str:
        """The message in the reader's language."""
        return self.message if locale.startswith("zh") or not self.message_en else self.message_en


@dataclass(frozen=True, slots=True)
class Definition:
    """A deployed version, without its bytes (`queries.content(id)` has those)."""

    id: int
    key: str
    kind: str
    version: int
    name: str
    file: str
    pack: str
    deployed_at: datetime
    deployed_by: str


@dataclass(frozen=True, slots=True)
class Incident:
    """A token (or job) that cannot go on until somebody acts."""

    id: int
    instance_id: int
    token: str
    node_id: str
    kind: str  # expression | script | decision | job | error | join | assignment | ...
    message: str
    created_at: datetime
    resolved_at: datetime | None = None
    process_key: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Instance:
    """A case."""

    id: int
    process_key: str
    version: int
    status: str  # running | suspended | completed | cancelled (façade maps suspended to running + .suspended)
    business_key: str | None
    title: str
    unit: str  # unit code, '' when none
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    parent_id: int | None
    root_id: int
    definition_id: int
    variables: dict[str, Any] = field(default_factory=dict)
    incidents: tuple[Incident, ...] = ()
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A task for a person."""

    id: int
    instance_id: int
    token: str
    node_id: str
    name: str
    process_key: str
    process_name: str
    title: str  # the case's title
    unit: str
    form: str  # form key, '' when none
    form_id: int | None  # the bound form definition
    status: str  # open | completed | cancelled
    assignee: str
    candidates: tuple[str, ...]  # logins resolved when the task opened
    groups: tuple[str, ...]  # the rule as written: role, role@unit
    due_at: datetime | None
    due_flag: str  # '' or why the deadline cannot be trusted ('no-calendar:2027')
    priority: int
    created_at: datetime
    ended_at: datetime | None
    ended_by: str
    variables: dict[str, Any] = field(default_factory=dict)  # what the task sees; only from Engine.work_item()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's journal."""

    seq: int
    at: datetime
    actor: str
    node_id: str
    event: str  # entered completed cancelled caught thrown incident claimed unclaimed reminded escalated urged comment ...
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Timer:
    """A due time that waits."""

    id: int
    instance_id: int | None
    definition_id: int | None
    work_item_id: int | None
    node_id: str
    kind: str  # event | reminder | escalation | start
    rule: str
    occurrence: int
    due_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person, in the app."""

    id: int
    person: str
    subject: str
    body: str
    link: str
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A slice of a long list."""

    rows: tuple[T, ...]
    total: int
    offset: int
    limit: int
