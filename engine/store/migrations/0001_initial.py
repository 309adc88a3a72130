"""All tables of the first version: a frozen copy, independent of the models of today."""

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    DateField,
    DateTimeField,
    IntegerField,
    Model,
    SchemaManager,
    TextField,
)


class Deployment(Model):
    id = BigIntegerField(primary_key=True)
    pack = TextField(default="")
    note = TextField(default="")
    deployed_by = TextField()
    deployed_at = DateTimeField()

    class Meta:
        table_name = "deployment"


class Definition(Model):
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
    id = BigIntegerField(primary_key=True)
    definition = BigIntegerField(index=True)
    process_key = TextField()
    version = IntegerField()
    status = TextField()
    suspended = BooleanField(default=False)
    business_key = TextField(null=True)
    title = TextField(default="")
    unit = TextField(default="")
    started_by = TextField()
    started_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    parent = BigIntegerField(index=True, null=True)
    parent_token = TextField(null=True)
    root = BigIntegerField(index=True)
    guard = BigIntegerField()
    state = BlobField()

    class Meta:
        table_name = "instance"
        indexes = (
            (("process_key", "status"), False),
            (("business_key",), False),
            (("started_by", "started_at"), False),
            (("unit", "status"), False),
        )


class WorkItem(Model):
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
    settings = TextField(default="{}")
    public_code = TextField(index=True, null=True)
    status = TextField()
    assignee = TextField(default="")
    owner = TextField(default="")
    groups = TextField(default="[]")
    due_at = DateTimeField(null=True)
    due_flag = TextField(default="")
    priority = IntegerField(default=50)
    created_at = DateTimeField()
    ended_at = DateTimeField(null=True)
    ended_by = TextField(default="")

    class Meta:
        table_name = "work_item"
        indexes = (
            (("instance", "status"), False),
            (("assignee", "status", "due_at"), False),
            (("status", "due_at"), False),
            (("ended_by", "ended_at"), False),
        )


class Candidate(Model):
    work_item = BigIntegerField(index=True)
    login = TextField()

    class Meta:
        table_name = "candidate"
        indexes = ((("login", "work_item"), True),)


class Watcher(Model):
    work_item = BigIntegerField()
    login = TextField()
    reason = TextField(default="copy")

    class Meta:
        table_name = "watcher"
        indexes = ((("work_item", "login"), True), (("login",), False))


class Timer(Model):
    id = BigIntegerField(primary_key=True)
    instance = BigIntegerField(index=True, null=True)
    definition = BigIntegerField(index=True, null=True)
    work_item = BigIntegerField(index=True, null=True)
    token = TextField(default="")
    node_id = TextField(default="")
    kind = TextField()
    rule = TextField(default="")
    occurrence = IntegerField(default=0)
    due_at = DateTimeField(index=True)
    attempts = IntegerField(default=0)
    settings = TextField(default="{}")

    class Meta:
        table_name = "timer"
        indexes = ((("work_item", "rule", "occurrence"), True),)


class Subscription(Model):
    id = BigIntegerField(primary_key=True)
    instance = BigIntegerField(index=True, null=True)
    definition = BigIntegerField(index=True, null=True)
    token = TextField(default="")
    node_id = TextField()
    kind = TextField()
    name = TextField()
    correlation = TextField(null=True)
    part = IntegerField(default=0)

    class Meta:
        table_name = "subscription"
        indexes = ((("kind", "name", "correlation"), False),)


class Message(Model):
    id = BigIntegerField(primary_key=True)
    kind = TextField()
    name = TextField()
    correlation = TextField(null=True)
    payload = TextField(default="{}")
    dedupe = TextField(unique=True, null=True)
    source = BigIntegerField(null=True)
    published_by = TextField(default="")
    published_at = DateTimeField()
    expires_at = DateTimeField(index=True)
    done = BooleanField(default=False)

    class Meta:
        table_name = "message"
        indexes = ((("kind", "name", "correlation"), False),)


class Delivery(Model):
    message = BigIntegerField()
    subscription = BigIntegerField(index=True)
    instance = BigIntegerField(null=True)
    process_key = TextField(default="")
    at = DateTimeField()

    class Meta:
        table_name = "delivery"
        indexes = ((("message", "subscription"), True),)


class Job(Model):
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
    status = TextField(default="waiting")
    error = TextField(default="")

    class Meta:
        table_name = "job"


class Incident(Model):
    id = BigIntegerField(primary_key=True)
    instance = BigIntegerField(index=True)
    token = TextField(default="")
    node_id = TextField(default="")
    kind = TextField()
    message = TextField()
    message_en = TextField(default="")
    created_at = DateTimeField()
    resolved_at = DateTimeField(index=True, null=True)
    resolved_by = TextField(default="")

    class Meta:
        table_name = "incident"


class Journal(Model):
    instance = BigIntegerField()
    seq = IntegerField()
    at = DateTimeField()
    actor = TextField(default="")
    node_id = TextField(default="")
    event = TextField()
    data = TextField(null=True)
    salt = TextField()
    digest = TextField()
    link = TextField()

    class Meta:
        table_name = "journal"
        indexes = ((("instance", "seq"), True),)


class Chain(Model):
    instance = BigIntegerField(primary_key=True)
    seq = IntegerField(default=0)
    head = TextField(default="")

    class Meta:
        table_name = "chain"


class Applied(Model):
    key = TextField(primary_key=True)
    command = TextField()
    result = TextField(default="null")
    at = DateTimeField(index=True)

    class Meta:
        table_name = "applied"


class Outbox(Model):
    id = BigIntegerField(primary_key=True)
    key = TextField(unique=True)
    instance = BigIntegerField(index=True, null=True)
    person = TextField(default="")
    channel = TextField()
    address = TextField(default="")
    subject = TextField(default="")
    body = TextField(default="")
    link = TextField(default="")
    status = TextField(default="waiting")
    attempts = IntegerField(default=0)
    due_at = DateTimeField()
    created_at = DateTimeField()
    done_at = DateTimeField(null=True)
    error = TextField(default="")

    class Meta:
        table_name = "outbox"
        indexes = ((("status", "due_at"), False),)


class Notice(Model):
    id = BigIntegerField(primary_key=True)
    key = TextField(unique=True)
    person = TextField()
    subject = TextField()
    body = TextField(default="")
    link = TextField(default="")
    created_at = DateTimeField()
    read_at = DateTimeField(null=True)

    class Meta:
        table_name = "notice"
        indexes = ((("person", "read_at"), False),)


class Draft(Model):
    login = TextField()
    subject = TextField()
    data = TextField()
    saved_at = DateTimeField()

    class Meta:
        table_name = "draft"
        indexes = ((("login", "subject"), True),)


class Attachment(Model):
    id = TextField(primary_key=True)
    name = TextField()
    mime = TextField()
    size = IntegerField()
    digest = TextField()
    instance = BigIntegerField(index=True, null=True)
    field = TextField(default="")
    uploaded_by = TextField(default="")
    uploaded_at = DateTimeField()

    class Meta:
        table_name = "attachment"


class RegisterRow(Model):
    id = BigIntegerField(primary_key=True)
    register = TextField()
    key = TextField(null=True)
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
        indexes = ((("register", "key"), True), (("register", "unit"), False), (("register", "created_at"), False))


class RegisterValue(Model):
    row = BigIntegerField()
    register = TextField()
    field = TextField()
    text = TextField(null=True)
    number = BigIntegerField(null=True)

    class Meta:
        table_name = "register_value"
        indexes = (
            (("row", "field"), False),
            (("register", "field", "text"), False),
            (("register", "field", "number"), False),
        )


class RegisterPartition(Model):
    register = TextField()
    part = TextField(default="")
    version = BigIntegerField(default=0)

    class Meta:
        table_name = "register_partition"
        indexes = ((("register", "part"), True),)


class Unit(Model):
    id = BigIntegerField(primary_key=True)
    code = TextField(unique=True)
    name = TextField()
    name_en = TextField(default="")
    kind = TextField(default="")
    parent = TextField(default="")
    path = TextField(index=True)
    division = TextField(default="")
    zone = TextField(default="Asia/Shanghai")
    calendar = TextField(default="")
    valid_from = DateField(null=True)
    valid_to = DateField(null=True)
    fields = TextField(default="{}")

    class Meta:
        table_name = "unit"


class Person(Model):
    id = BigIntegerField(primary_key=True)
    login = TextField(unique=True)
    name = TextField()
    mobile = TextField(index=True, default="")
    email = TextField(default="")
    status = TextField(default="active")
    home_unit = TextField(default="")
    employer = TextField(index=True, default="")
    branch = TextField(default="")
    channels = TextField(default="[]")
    locale = TextField(default="")
    sample = BooleanField(default=False)
    fields = TextField(default="{}")
    created_at = DateTimeField()
    password = TextField(default="")
    fs_uniquifier = TextField(unique=True)
    active = BooleanField(default=True)

    class Meta:
        table_name = "person"


class Post(Model):
    person = TextField(index=True)
    role = TextField()
    unit = TextField(default="")
    since = DateField(null=True)
    until = DateField(null=True)

    class Meta:
        table_name = "post"
        indexes = ((("role", "unit"), False),)


class Skill(Model):
    person = TextField(index=True)
    name = TextField(index=True)
    certificate = TextField(default="")
    expires = DateField(null=True)

    class Meta:
        table_name = "skill"


class FreeTime(Model):
    person = TextField(index=True)
    weekday = IntegerField()
    start = IntegerField()
    end = IntegerField()

    class Meta:
        table_name = "free_time"


class CalendarDay(Model):
    calendar = TextField(default="")
    day = DateField()
    open = BooleanField()
    note = TextField(default="")

    class Meta:
        table_name = "calendar_day"
        indexes = ((("calendar", "day"), True),)


class CalendarYear(Model):
    year = IntegerField(primary_key=True)
    note = TextField(default="")

    class Meta:
        table_name = "calendar_year"


class Pack(Model):
    name = TextField(primary_key=True)
    version = TextField()
    settings = TextField(default="{}")
    deployed_at = DateTimeField()

    class Meta:
        table_name = "pack"


class Lease(Model):
    name = TextField(primary_key=True)
    holder = TextField()
    until = DateTimeField()

    class Meta:
        table_name = "lease"


TABLES = (
    Deployment,
    Definition,
    Instance,
    WorkItem,
    Candidate,
    Watcher,
    Timer,
    Subscription,
    Message,
    Delivery,
    Job,
    Incident,
    Journal,
    Chain,
    Applied,
    Outbox,
    Notice,
    Draft,
    Attachment,
    RegisterRow,
    RegisterValue,
    RegisterPartition,
    Unit,
    Person,
    Post,
    Skill,
    FreeTime,
    CalendarDay,
    CalendarYear,
    Pack,
    Lease,
)


def up(migrator, db):
    for model in TABLES:
        SchemaManager(model, db).create_all()
