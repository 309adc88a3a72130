"""Indexes for lists of screens: people at home somewhere or waiting, a register's newest rows, letters of a state,
tasks that somebody delegated."""

from peewee import SQL, DateTimeField, Model, TextField


class WorkItem(Model):
    unit = TextField(default="")
    owner = TextField(default="")
    due_at = DateTimeField(null=True)

    class Meta:
        table_name = "work_item"


def up(migrator, db):
    migrator.migrate(
        migrator.add_index("person", ("home_unit",), False),
        migrator.add_index("person", ("status", "login"), False),
        migrator.add_index("register_row", ("register", "id"), False),
        migrator.add_index("outbox", ("status", "id"), False),
    )
    db.execute(WorkItem.index(WorkItem.unit, WorkItem.due_at, where=SQL("status = 'open'")))
    db.execute(WorkItem.index(WorkItem.owner, where=SQL("owner <> ''")))
