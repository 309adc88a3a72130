"""Fewer pages for each commit to write: rows without a value leave the indexes of it, a candidate is known by task and
login, and a timer's task is found by the index that keeps its reminders apart."""

from peewee import SQL, BigIntegerField, IntegerField, Model, SqliteDatabase, TextField


class Instance(Model):
    business_key = TextField(null=True)
    parent = BigIntegerField(null=True)

    class Meta:
        table_name = "instance"


class WorkItem(Model):
    public_code = TextField(null=True)

    class Meta:
        table_name = "work_item"


class Timer(Model):
    definition = BigIntegerField(null=True)
    work_item = BigIntegerField(null=True)
    rule = TextField(default="")
    occurrence = IntegerField(default=0)

    class Meta:
        table_name = "timer"


class Subscription(Model):
    definition = BigIntegerField(null=True)

    class Meta:
        table_name = "subscription"


SELDOM = (
    Instance.business_key,
    Instance.parent,
    WorkItem.public_code,
    Timer.definition,
    Subscription.definition,
)
KEYED = (
    'create table candidate_keyed ("work_item" INTEGER NOT NULL, "login" TEXT NOT NULL, '
    'PRIMARY KEY ("work_item", "login")) WITHOUT ROWID',
    "insert into candidate_keyed (work_item, login) select work_item, login from candidate",
    "drop table candidate",
    "alter table candidate_keyed rename to candidate",
    'create unique index "candidate_login_work_item" on candidate ("login", "work_item")',
)
KEYED_ON_POSTGRES = (
    "alter table candidate drop constraint candidate_pkey",
    "alter table candidate drop column id",
    "drop index candidate_work_item",
    "alter table candidate add primary key (work_item, login)",
)


def up(migrator, db):
    for field in SELDOM:
        table, name = field.model._meta.table_name, field.column_name
        _drop_index(db, table, name)
        db.execute(field.model.index(field, where=SQL(f"{name} is not null")))
    reminders = (Timer.work_item, Timer.rule, Timer.occurrence)
    _drop_index(db, "timer", "work_item")
    _drop_index(db, "timer", *(field.column_name for field in reminders))
    db.execute(Timer.index(*reminders, unique=True, where=SQL("work_item is not null")))
    for statement in KEYED if isinstance(db, SqliteDatabase) else KEYED_ON_POSTGRES:
        db.execute_sql(statement)


def _drop_index(db, table, *columns):
    """The index of just these columns, whatever peewee has called it."""
    for index in db.get_indexes(table):
        if tuple(index.columns) == columns:
            db.execute_sql(f'drop index "{index.name}"')
