"""The tables. Owns columns, keys and indexes and nothing else; never imported by screens.

Models are never bound to a database (one process may hold several engines): every query is `.bind(store.db)` or
executed with it. JSON is text written by `expressions.values.dumps`; instants are naive UTC.
"""

from __future__ import annotations

from peewee import (
    SQL,
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    DateField,
    DateTimeField,
    IntegerField,
    Model,
    TextField,
)


class Deployment(Model):
    """One act of publishing."""

    id = BigIntegerField(primary_key=True)
    pack = TextField(default="")
    note = TextField(default="")
    deployed_by = TextField()
    deployed_at = DateTimeField()

    class Meta:
        table_name = "deployment"


class Definition(Model):
    """A version of a process, decision, form, register or page, with the bytes as uploaded."""

    id = BigIntegerField(primary_key=True)
    deployment = BigIntegerField(index=True)
    kind = TextField()
    key = TextField()
    version = IntegerField()
    name = TextField(default="")
    name_en = TextField(default="")
    file = TextField()
    pack = TextField(default="")
    digest = TextField()
    content = BlobField()
    latest = BooleanField(default=True)
    deployed_by = TextField()
    deployed_at = DateTimeField()

    class Meta:
        table_name = "definition"
        indexes = ((("kind", "key", "version"), True),)


class Instance(Model):
    """A case: its state is one blob, guarded by a random number drawn at each commit."""

    id = BigIntegerField(primary_key=True)
    definition = BigIntegerField(index=True)
    process_key = TextField()
    version = IntegerField()
    status = TextField()  # running | completed | cancelled
    suspended = BooleanField(default=False)
    business_key = TextField(null=True)
    title = TextField(default="")
    unit = TextField(default="")
    started_by = TextField()
    started_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    parent = BigIntegerField(null=True)
    parent_token = TextField(null=True)
    root = BigIntegerField(index=True)
    guard = BigIntegerField()
    state = BlobField()

    class Meta:
        table_name = "instance"
        indexes = (
            (("process_key", "status"), False),
            (("started_by", "started_at"), False),
            (("unit", "status"), False),
        )


# A row without the value is not in the index, so that most rows need not write it (a search for a value, a parameter
# too, uses it all the same: what equals something is not null).
Instance.add_index(Instance.business_key, where=SQL("business_key is not null"))
Instance.add_index(Instance.parent, where=SQL("parent is not null"))


class WorkItem(Model):
    """A task for a person: the projection of a waiting user-task token."""

    id = BigIntegerField(primary_key=True)
    instance = BigIntegerField()
    token = TextField()
    node_id = TextField()
    name = TextField(default="")
    name_en = TextField(default="")
    process_key = TextField()
    title = TextField(default="")
    unit = TextField(default="")
    form = TextField(default="")
    form_definition = BigIntegerField(null=True)
    settings = TextField(default="{}")  # the task's zeebe:properties and assignment as evaluated
    public_code = TextField(null=True)  # residents with this code may complete it
    status = TextField()  # open | completed | cancelled
    assignee = TextField(default="")
    owner = TextField(default="")  # who delegated, or the claimant a task goes back to
    groups = TextField(default="[]")
    due_at = DateTimeField(null=True)
    due_flag = TextField(default="")
    priority = IntegerField(default=50)
    created_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    ended_by = TextField(default="")
    held = BooleanField(default=False)  # somebody has to be done before: a signer, or an earlier step done again
    trail = TextField(default="")  # of a completed one: what it led to, for a withdrawal
    clock = TextField(default="")  # of one with a deadline: what it was given, when it stood still (commands.clocks)
    stopped_at = DateTimeField(null=True)  # since when its clock stands still

    class Meta:
        table_name = "work_item"
        indexes = (
            (("instance", "status"), False),
            (("assignee", "status", "due_at"), False),
            (("status", "due_at"), False),
            (("ended_by", "ended_at"), False),
        )


WorkItem.add_index(WorkItem.public_code, where=SQL("public_code is not null"))
WorkItem.add_index(WorkItem.owner, where=SQL("owner <> ''"))  # hardly any has one
WorkItem.add_index(WorkItem.unit, WorkItem.due_at, where=SQL("status = 'open'"))


class Candidate(Model):
    """Who may claim an open work item."""

    work_item = BigIntegerField()
    login = TextField()

    class Meta:
        table_name = "candidate"
        primary_key = CompositeKey("work_item", "login")  # migration 0017 makes it the table's own tree on SQLite
        indexes = ((("login", "work_item"), True),)


class Watcher(Model):
    """Who sees and may urge a work item without handling it: told by an escalation, or copied in."""

    id = AutoField()
    work_item = BigIntegerField()
    login = TextField()
    reason = TextField(default="copy")  # copy | escalation

    class Meta:
        table_name = "watcher"
        indexes = ((("work_item", "login"), True), (("login",), False))


class Timer(Model):
    """A due time: of a waiting token, of a work item's reminder or escalation, or of a timer start event."""

    id = BigIntegerField(primary_key=True)
    instance = BigIntegerField(null=True, index=True)
    definition = BigIntegerField(null=True)
    work_item = BigIntegerField(null=True)
    token = TextField(default="")
    node_id = TextField(default="")
    kind = TextField()  # event | reminder | escalation | timeout | start
    rule = TextField(default="")
    occurrence = IntegerField(default=0)
    due_at = DateTimeField(index=True)
    attempts = IntegerField(default=0)
    settings = TextField(default="{}")

    class Meta:
        table_name = "timer"


Timer.add_index(Timer.definition, where=SQL("definition is not null"))
Timer.add_index(Timer.work_item, Timer.rule, Timer.occurrence, unique=True, where=SQL("work_item is not null"))


class Subscription(Model):
    """A token (or a start event) that waits for a message or signal."""

    id = BigIntegerField(primary_key=True)
    instance = BigIntegerField(null=True, index=True)
    definition = BigIntegerField(null=True)
    token = TextField(default="")
    node_id = TextField()
    kind = TextField()  # message | signal
    name = TextField()
    correlation = TextField(null=True)
    part = IntegerField(default=0)  # which of an event's several definitions
    look_at = DateTimeField(null=True, index=True)  # when the tick looks for messages that wait; NULL: it has

    class Meta:
        table_name = "subscription"
        indexes = ((("kind", "name", "correlation"), False),)


Subscription.add_index(Subscription.definition, where=SQL("definition is not null"))


class Message(Model):
    """A published message or signal, kept until its time to live ends."""

    id = BigIntegerField(primary_key=True)
    kind = TextField()
    name = TextField()
    correlation = TextField(null=True)
    payload = TextField(default="{}")
    dedupe = TextField(null=True, unique=True)
    source = BigIntegerField(null=True)  # the case that threw it; its own signal has reached it already
    published_by = TextField(default="")
    published_at = DateTimeField()
    expires_at = DateTimeField()
    done = BooleanField(default=False)
    look_at = DateTimeField(null=True, index=True)  # when the tick looks for who waits; NULL: it has, a new one looks

    class Meta:
        table_name = "message"
        indexes = ((("kind", "name", "correlation"), False), (("done", "expires_at"), False))


class Delivery(Model):
    """A message that reached a subscription: once each."""

    id = AutoField()
    message = BigIntegerField()
    subscription = BigIntegerField(index=True)
    instance = BigIntegerField(null=True)
    process_key = TextField(default="")  # a message reaches each process once
    at = DateTimeField()

    class Meta:
        table_name = "delivery"
        indexes = ((("message", "subscription"), True),)


class Job(Model):
    """A service task with an effect outside; run out of any transaction, with a key."""

    id = BigIntegerField(primary_key=True)
    instance = BigIntegerField(index=True)
    token = TextField()
    node_id = TextField()
    type = TextField()
    inputs = TextField(default="{}")
    headers = TextField(default="{}")
    key = TextField(unique=True)
    attempts = IntegerField(default=0)
    retries = IntegerField(default=3)
    due_at = DateTimeField(index=True)
    status = TextField(default="waiting")  # waiting | done | failed
    error = TextField(default="")

    class Meta:
        table_name = "job"


class Incident(Model):
    """What cannot go on."""

    id = BigIntegerField(primary_key=True)
    instance = BigIntegerField(index=True)
    token = TextField(default="")
    node_id = TextField(default="")
    kind = TextField()
    message = TextField()
    message_en = TextField(default="")
    created_at = DateTimeField()
    resolved_at = DateTimeField(null=True, index=True)
    resolved_by = TextField(default="")

    class Meta:
        table_name = "incident"


class Journal(Model):
    """Append-only history, hash-chained per case."""

    instance = BigIntegerField()
    seq = IntegerField()
    at = DateTimeField()
    actor = TextField(default="")
    node_id = TextField(default="")
    event = TextField()
    data = TextField(null=True)  # NULL once erased; the digest stays
    salt = TextField()
    digest = TextField()
    link = TextField()

    class Meta:
        table_name = "journal"
        primary_key = CompositeKey("instance", "seq")  # migration 0008 makes it the table's own tree on SQLite


class Chain(Model):
    """Head of a case's journal chain."""

    instance = BigIntegerField(primary_key=True)
    seq = IntegerField(default=0)
    head = TextField(default="")

    class Meta:
        table_name = "chain"


class Applied(Model):
    """An idempotency key that has had its effect, and the answer it got."""

    key = TextField(primary_key=True)
    command = TextField()
    result = TextField(default="null")
    at = DateTimeField(index=True)

    class Meta:
        table_name = "applied"


class Outbox(Model):
    """A message on its way out: mail, chat, SMS hook, phone list. Sent at least once, marked once."""

    id = BigIntegerField(primary_key=True)
    key = TextField(unique=True)
    instance = BigIntegerField(null=True, index=True)
    person = TextField(default="")
    channel = TextField()  # email | apprise | phone
    address = TextField(default="")
    subject = TextField(default="")
    body = TextField(default="")
    link = TextField(default="")
    status = TextField(default="waiting")  # waiting | sent | failed | to-call | called
    attempts = IntegerField(default=0)
    due_at = DateTimeField()
    created_at = DateTimeField()
    done_at = DateTimeField(null=True)
    error = TextField(default="")

    class Meta:
        table_name = "outbox"
        indexes = ((("status", "due_at"), False), (("status", "id"), False))


class Notice(Model):
    """A message shown in the app."""

    id = BigIntegerField(primary_key=True)
    key = TextField(unique=True)
    person = TextField()
    subject = TextField()
    body = TextField(default="")
    link = TextField(default="")
    created_at = DateTimeField()
    read_at = DateTimeField(null=True)
    instance = BigIntegerField(null=True)  # the case it is about: it goes with it

    class Meta:
        table_name = "notice"
        indexes = ((("person", "read_at"), False),)


Notice.add_index(Notice.instance, where=SQL("instance is not null"))


class Draft(Model):
    """A form half filled in: of a work item or of a start form."""

    id = AutoField()
    login = TextField()
    subject = TextField(index=True)  # 'item:<id>' | 'start:<process>'
    data = TextField()
    saved_at = DateTimeField()

    class Meta:
        table_name = "draft"
        indexes = ((("login", "subject"), True),)


class Attachment(Model):
    """An uploaded file. Bytes live in the files folder under a random name; `name` is what the person called it."""

    id = TextField(primary_key=True)  # random, unguessable
    name = TextField()
    mime = TextField()
    size = IntegerField()
    digest = TextField()
    instance = BigIntegerField(null=True, index=True)
    field = TextField(default="")
    uploaded_by = TextField(default="")
    uploaded_at = DateTimeField()
    expires_at = DateTimeField(null=True, index=True)  # NULL: a case or a register row holds it

    class Meta:
        table_name = "attachment"


class RegisterRow(Model):
    """A row of a low-code table."""

    id = BigIntegerField(primary_key=True)
    register = TextField()
    key = TextField(null=True)  # the declared key's values, NULL when the register declares none
    unit = TextField(default="")
    data = TextField()
    revision = IntegerField(default=1)
    created_at = DateTimeField()
    created_by = TextField(default="")
    updated_at = DateTimeField()
    updated_by = TextField(default="")
    instance = BigIntegerField(null=True)

    class Meta:
        table_name = "register_row"
        indexes = (
            (("register", "key"), True),
            (("register", "unit"), False),
            (("register", "created_at"), False),
            (("register", "id"), False),
        )


class RegisterValue(Model):
    """An indexed field of a row, so that filters and quotas run as plain SQL on both databases."""

    id = AutoField()
    row = BigIntegerField()
    register = TextField()
    field = TextField()
    text = TextField(null=True)
    number = BigIntegerField(null=True)  # thousandths of a number; a quota's count

    class Meta:
        table_name = "register_value"
        indexes = (
            (("row", "field"), False),
            (("register", "field", "text"), False),
            (("register", "field", "number"), False),
        )


class RegisterPartition(Model):
    """Version of a register's part, moved by every write; what a command read must still hold when it commits."""

    id = AutoField()
    register = TextField()
    part = TextField(default="")
    version = BigIntegerField(default=0)

    class Meta:
        table_name = "register_partition"
        indexes = ((("register", "part"), True),)


class Unit(Model):
    """A node of the organisation tree; effective-dated."""

    id = BigIntegerField(primary_key=True)
    code = TextField(unique=True)
    name = TextField()
    name_en = TextField(default="")
    kind = TextField(default="")  # 街道 社区 网格 楼栋 单位 ...: data, not code
    parent = TextField(default="")  # code of the parent
    path = TextField(index=True)  # '/root/.../code/': a subtree is a prefix
    division = TextField(default="")  # 12-digit division code
    zone = TextField(default="Asia/Shanghai")
    calendar = TextField(default="")  # '' = the default calendar
    valid_from = DateField(null=True)
    valid_to = DateField(null=True)
    fields = TextField(default="{}")

    class Meta:
        table_name = "unit"


class UnitPast(Model):
    """What a unit was until a day: written when it is renamed, moved, ended or otherwise changed."""

    id = BigIntegerField(primary_key=True)
    code = TextField(index=True)
    name = TextField()
    name_en = TextField(default="")
    kind = TextField(default="")
    parent = TextField(default="")
    division = TextField(default="")
    valid_from = DateField(null=True)
    valid_to = DateField(null=True)
    until = DateField()  # the last day it was so
    changed_by = TextField(default="")
    changed_at = DateTimeField()

    class Meta:
        table_name = "unit_past"


class Person(Model):
    """Somebody who works or serves here. Key: mobile number or work name."""

    id = BigIntegerField(primary_key=True)
    login = TextField(unique=True)
    name = TextField()
    mobile = TextField(default="", index=True)
    email = TextField(default="")
    status = TextField(default="active")  # pending | active | left
    home_unit = TextField(default="")  # code of the one home community
    employer = TextField(default="", index=True)  # code of the employing unit
    branch = TextField(default="")
    channels = TextField(default="[]")  # Apprise URLs, in order
    locale = TextField(default="")
    sample = BooleanField(default=False)
    fields = TextField(default="{}")
    created_at = DateTimeField()
    # sign-in (Flask-Security-Too)
    password = TextField(default="")
    fs_uniquifier = TextField(unique=True)
    active = BooleanField(default=True)
    telling = TextField(default="")  # quiet hours, digest and channels by kind of notice, as the person chose them

    class Meta:
        table_name = "person"
        indexes = ((("home_unit",), False), (("status", "login"), False))


class Post(Model):
    """A role at a unit for a time."""

    id = AutoField()
    person = TextField(index=True)  # login
    role = TextField()
    unit = TextField(default="")  # code; '' = everywhere
    since = DateField(null=True)
    until = DateField(null=True)

    class Meta:
        table_name = "post"
        indexes = ((("role", "unit"), False),)


class Skill(Model):
    """What a person can do, and the certificate behind it."""

    id = AutoField()
    person = TextField(index=True)
    name = TextField(index=True)
    certificate = TextField(default="")
    expires = DateField(null=True, index=True)

    class Meta:
        table_name = "skill"


class Substitute(Model):
    """Somebody who acts for a person, for a time; no end: a successor. Both see the tasks, the first who acts has."""

    id = BigIntegerField(primary_key=True)
    person = TextField(index=True)
    substitute = TextField(index=True)
    process = TextField(default="")  # key; '' = all
    since = DateField(null=True)
    until = DateField(null=True)
    reason = TextField(default="")
    created_by = TextField(default="")
    created_at = DateTimeField()
    ended_by = TextField(default="")
    ended_at = DateTimeField(null=True)

    class Meta:
        table_name = "substitute"


class FreeTime(Model):
    """When a person is free to serve: weekday 1-7, minutes of the day."""

    id = AutoField()
    person = TextField(index=True)
    weekday = IntegerField()
    start = IntegerField()
    end = IntegerField()

    class Meta:
        table_name = "free_time"


class CalendarDay(Model):
    """A day that an administrator entered: closed, or open in spite of the weekend. `calendar` '' is every calendar."""

    id = AutoField()
    calendar = TextField(default="")
    day = DateField()
    open = BooleanField()
    note = TextField(default="")

    class Meta:
        table_name = "calendar_day"
        indexes = ((("calendar", "day"), True),)


class CalendarYear(Model):
    """A year whose notice has been entered completely; a year neither here nor in chinesecalendar is flagged."""

    year = IntegerField(primary_key=True)
    note = TextField(default="")

    class Meta:
        table_name = "calendar_year"


class SearchDue(Model):
    """A case whose text the tick reads again. Noted by the database itself (triggers of migration 0011)."""

    instance = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "search_due"


class CaseText(Model):
    """What a case says, in small letters; beside it the index `case_grams`, of another kind on each database."""

    instance = BigIntegerField(primary_key=True)
    body = TextField()

    class Meta:
        table_name = "case_text"


class SavedFilter(Model):
    """A list of the desk that somebody keeps under a name: `query` is the address's question."""

    id = AutoField()
    login = TextField()
    name = TextField()
    query = TextField()
    created_at = DateTimeField()

    class Meta:
        table_name = "saved_filter"
        indexes = ((("login", "name"), True),)


class Pack(Model):
    """An installed pack: its pack.toml as deployed."""

    name = TextField(primary_key=True)
    version = TextField()
    settings = TextField(default="{}")
    deployed_at = DateTimeField()

    class Meta:
        table_name = "pack"


class Workspace(Model):
    """A pack's working copy, shared by its designers. `revision`: of the last change to any of its files."""

    pack = TextField(primary_key=True)
    revision = BigIntegerField(default=0)
    made_by = TextField(default="")
    made_at = DateTimeField()

    class Meta:
        table_name = "workspace"


class PackFile(Model):
    """A file of a working copy. `digest` '': it was removed, and by whom; `revision`: the working copy's at its last
    change, so that it only grows."""

    pack = TextField()
    path = TextField()
    revision = BigIntegerField()
    digest = TextField(index=True)
    changed_by = TextField(default="")
    changed_at = DateTimeField()

    class Meta:
        table_name = "pack_file"
        primary_key = CompositeKey("pack", "path")


class PackVersion(Model):
    """A version of a pack: published, waiting for a second person, or refused."""

    pack = TextField()
    number = IntegerField()
    status = TextField()  # published | proposed | refused
    source = TextField()  # folder | studio
    note = TextField(default="")
    made_by = TextField(default="")
    made_at = DateTimeField()
    approved_by = TextField(default="")  # who approved or refused it
    approved_at = DateTimeField(null=True)
    answer = TextField(default="")

    class Meta:
        table_name = "pack_version"
        primary_key = CompositeKey("pack", "number")


class PackVersionFile(Model):
    """A file of a version."""

    pack = TextField()
    number = IntegerField()
    path = TextField()
    digest = TextField(index=True)

    class Meta:
        table_name = "pack_version_file"
        primary_key = CompositeKey("pack", "number", "path")


class PackBlob(Model):
    """The bytes of files of working copies and versions, once each."""

    digest = TextField(primary_key=True)
    content = BlobField()

    class Meta:
        table_name = "pack_blob"


class Stamp(Model):
    """How often something has changed that is remembered outside the database."""

    name = TextField(primary_key=True)
    value = BigIntegerField(default=0)

    class Meta:
        table_name = "stamp"


class EditedRole(Model):
    """A role as an administrator changed it, over what packs say, or one of the installation's own."""

    key = TextField(primary_key=True)
    settings = TextField(default="{}")  # as in pack.toml: title, permissions
    changed_by = TextField(default="")
    changed_at = DateTimeField()

    class Meta:
        table_name = "role"


class Migration(Model):
    """What a case was before its last migration, for the way back while nothing has happened since."""

    instance = BigIntegerField(primary_key=True)
    saved = TextField()  # definition, state, and the rows of tasks, candidates, timers, subscriptions, jobs
    made_by = TextField(default="")
    made_at = DateTimeField()

    class Meta:
        table_name = "migration"


class Attempt(Model):
    """A try to sign in, or what ended it: append-only."""

    id = AutoField()
    at = DateTimeField(index=True)
    login = TextField()  # whose; as typed when it is nobody's
    outcome = TextField()  # in | oidc | wrong | code | stranger | locked | closed | unlocked
    address = TextField(default="")
    agent = TextField(default="")

    class Meta:
        table_name = "sign_in"
        indexes = ((("login", "at"), False), (("address", "at"), False))


class Browser(Model):
    """A browser that is signed in, by the digest of a random number that its session holds."""

    id = TextField(primary_key=True)
    login = TextField(index=True)
    begun_at = DateTimeField()
    seen_at = DateTimeField()
    address = TextField(default="")
    agent = TextField(default="")
    ended_at = DateTimeField(null=True)

    class Meta:
        table_name = "browser"


class Factor(Model):
    """A person's second factor: the secret of their authenticator app (encrypted), and codes for a lost phone."""

    login = TextField(primary_key=True)
    secret = TextField()
    counter = BigIntegerField(default=0)  # the last code that was taken: none is taken twice
    codes = TextField(default="[]")  # digests of those not used yet
    since = DateTimeField()

    class Meta:
        table_name = "factor"


TABLES = (
    Deployment, Definition, Instance, WorkItem, Candidate, Watcher, Timer, Subscription, Message, Delivery, Job,
    Incident, Journal, Chain, Applied, Outbox, Notice, Draft, Attachment, RegisterRow, RegisterValue, RegisterPartition,
    UnitPast,
    Unit, Person, Post, Skill, Substitute, FreeTime, CalendarDay, CalendarYear, Pack, Stamp,
    SearchDue, CaseText, SavedFilter,
    EditedRole, Attempt, Browser, Factor, Migration,
    Workspace, PackFile, PackVersion, PackVersionFile, PackBlob,
)  # fmt: skip
