"""The plain rows that the façade hands out: read-only, no web, no database handle.

Owns their shapes. All instants are naive UTC; ids are integers; `variables` hold Python values (expressions/values.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
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
    severity: str  # error | warning | info
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
    name_en: str = ""


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
    message_en: str = ""
    title: str = ""  # the case's title

    def text(self, locale: str = "zh") -> str:
        """The message in the reader's language."""
        return self.message if locale.startswith("zh") or not self.message_en else self.message_en


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
    name_en: str = ""
    process_name_en: str = ""
    owner: str = ""  # who delegated it
    stopped_at: datetime | None = None  # since when its clock stands still
    held: bool = False  # others have to be done before: signers, or an earlier step done again
    asked_by: str = ""  # who added this signer
    properties: dict[str, str] = field(
        default_factory=dict
    )  # the task's zeebe:properties (operations, summary, public ...)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a deadline's clock shows. Times are those that count on its calendar: working time, or with `natural` all
    the time there is. `used` + `left` = `budget`; `left` is negative once it is late."""

    calendar: str  # as the diagram names it; '' = the unit's own
    natural: bool
    budget: timedelta
    used: timedelta
    stopped: timedelta  # how long it stood still
    left: timedelta
    due_at: datetime
    since: datetime | None  # since when it stands still; None: it runs
    flag: str  # '' or why the deadline cannot be trusted ('no-calendar:2027')

    @property
    def late(self) -> bool:
        """Whether the time is used up."""
        return self.left < timedelta()


@dataclass(frozen=True, slots=True)
class Load:
    """What waits at a unit."""

    unit: str
    open: int
    overdue: int
    oldest: datetime | None  # due time of the task that is late longest


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's journal."""

    seq: int
    at: datetime
    actor: str
    node_id: str
    event: (
        str  # entered completed cancelled caught thrown incident claimed unclaimed reminded escalated urged comment ...
    )
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Timer:
    """A due time that waits."""

    id: int
    instance_id: int | None
    definition_id: int | None
    work_item_id: int | None
    node_id: str
    kind: str  # event | reminder | escalation | timeout | start
    rule: str
    occurrence: int
    due_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day that an administrator entered: closed, or open in spite of the weekend. `calendar` '' is every calendar."""

    day: date
    open: bool
    note: str = ""
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Almanac:
    """A year of the working calendar. `known`: its holidays come with the product; `entered`: its notice is whole."""

    year: int
    known: bool
    entered: bool
    days: tuple[Holiday, ...] = ()


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
class Share:
    """What of the open tasks somebody has; `login` '' = nobody yet."""

    login: str
    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class SavedList:
    """A list of the desk kept under a name; `query` is the address's question."""

    id: int
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of the outbox: one message on its way to one address."""

    id: int
    person: str
    channel: str  # email | apprise | phone
    address: str
    subject: str
    body: str
    link: str
    status: str  # waiting | sent | failed | to-call | called
    attempts: int
    created_at: datetime
    due_at: datetime
    done_at: datetime | None
    error: str
    instance_id: int | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """An uploaded file; its bytes are in the files folder under `id`."""

    id: str
    name: str
    mime: str
    size: int
    digest: str
    instance_id: int | None
    field: str
    uploaded_by: str
    uploaded_at: datetime
    held: bool = True  # a case or a register row names it


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A slice of a long list. `more`: it has further rows than `total`, where the counting stopped."""

    rows: tuple[T, ...]
    total: int
    offset: int
    limit: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A node of the organisation tree."""

    code: str
    name: str
    name_en: str = ""
    kind: str = ""  # 街道 社区 网格 楼栋 单位 ...: data, not code
    parent: str = ""  # code, '' at the top
    path: str = ""  # '/top/.../code/'
    division: str = ""
    zone: str = "Asia/Shanghai"
    calendar: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    fields: dict[str, Any] = field(default_factory=dict)

    def text(self, locale: str = "zh") -> str:
        """The name in the reader's language."""
        return self.name if locale.startswith("zh") or not self.name_en else self.name_en


@dataclass(frozen=True, slots=True)
class UnitChange:
    """What a unit was up to and including the day `until`, when somebody changed it."""

    code: str
    name: str
    name_en: str
    kind: str
    parent: str
    division: str
    valid_from: date | None
    valid_to: date | None
    until: date
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Post:
    """A role at a unit (code; '' = everywhere) from one day to another, both included; None = open."""

    role: str
    unit: str
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Skill:
    """What a person can do; `expires` is the certificate's last day."""

    name: str
    certificate: str = ""
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Substitution:
    """Who acts for a person, from one day to another, both included (None = open); `process` '' = all."""

    id: int
    person: str
    substitute: str
    process: str
    since: date | None
    until: date | None
    reason: str
    created_by: str
    created_at: datetime
    ended_by: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Free:
    """When a person is free to serve: weekday 1 (Monday) to 7, minutes of the day."""

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works or serves here. `posts` are today's; `password` is a hash, '' when none was set."""

    login: str
    name: str
    mobile: str = ""
    email: str = ""
    status: str = "active"  # pending | active | left
    home_unit: str = ""
    employer: str = ""
    branch: str = ""
    channels: tuple[str, ...] = ()  # Apprise or mailto: addresses, in order
    locale: str = ""
    sample: bool = False
    telling: str = ""  # how and when to be told, as the person chose (engine.telling)
    fields: dict[str, Any] = field(default_factory=dict)
    posts: tuple[Post, ...] = ()
    skills: tuple[Skill, ...] = ()
    free: tuple[Free, ...] = ()
    password: str = field(default="", repr=False)
    fs_uniquifier: str = field(default="", repr=False)
    active: bool = True
    id: int = 0


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person as every request asks for whoever is signed in: less than a Person, in one look. `posts` are today's."""

    login: str
    name: str
    mobile: str
    email: str
    status: str
    home_unit: str
    employer: str
    locale: str
    password: str = field(repr=False)
    fs_uniquifier: str = field(repr=False)
    active: bool
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of who did what. `instance`: the case, 0 when it is of none; `subject`: the person, role or definition
    it is about, or the case's element."""

    at: datetime
    actor: str
    event: str
    subject: str
    instance: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Try:
    """A try to sign in. `outcome`: in | wrong | code (the second factor was wrong) | locked | closed | unlocked."""

    id: int
    at: datetime
    login: str
    outcome: str
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser that is signed in."""

    id: str
    begun_at: datetime
    seen_at: datetime
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Role:
    """A role that an installed pack defines, and what it permits."""

    key: str
    title: str
    title_en: str = ""
    permissions: tuple[str, ...] = ()
    pack: str = ""
    edited: bool = False  # an administrator changed it; `delivered` is what the pack says
    delivered: tuple[str, ...] = ()

    def text(self, locale: str = "zh") -> str:
        """The title in the reader's language."""
        return self.title if locale.startswith("zh") or not self.title_en else self.title_en


@dataclass(frozen=True, slots=True)
class Workspace:
    """A pack as designers see it. `version`: the number last published, 0 = never; `changed`: how many files of the
    working copy differ from it, removed ones too; `changed_by`/`changed_at`: the last of those changes; `proposed`: the
    version that waits for a second person, 0 = none."""

    pack: str
    title: str
    title_en: str = ""
    version: int = 0
    changed: int = 0
    changed_by: str = ""
    changed_at: datetime | None = None
    proposed: int = 0
    published_by: str = ""
    published_at: datetime | None = None

    def text(self, locale: str = "zh") -> str:
        """The title in the reader's language."""
        return self.title if locale.startswith("zh") or not self.title_en else self.title_en


@dataclass(frozen=True, slots=True)
class PackFile:
    """A file of a working copy or a version. `path`: inside the pack (processes/a.bpmn); `revision`: to be given back
    when saving, 0 in a version; `size`: bytes; `state`, against the newest version: same | changed | new."""

    path: str
    revision: int
    size: int
    changed_by: str
    changed_at: datetime
    state: str = "same"


@dataclass(frozen=True, slots=True)
class PackVersion:
    """A version of a pack: who made it, when and why. `approved_by`: who approved or refused it, in the two-person
    option; `answer`: their words."""

    pack: str
    number: int
    status: str  # published | proposed | refused
    source: str  # folder | studio
    by: str
    at: datetime
    note: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What an erasure leaves on purpose: how many (0: nobody can count them), and why, in both languages."""

    code: str
    count: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did, or would do. `alias`: what stands for the person from now on; `erased`: how many by place
    (cases, lines, rows, files, ...)."""

    alias: str
    erased: dict[str, int]
    kept: tuple[Kept, ...] = ()
