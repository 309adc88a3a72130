"""A notice knows its case, so that it goes with it; drafts are found by what they are of, for the same reason."""

from peewee import SQL, BigIntegerField, Model, SqliteDatabase, TextField


class Notice(Model):
    instance = BigIntegerField(null=True)

    class Meta:
        table_name = "notice"


class Draft(Model):
    subject = TextField()

    class Meta:
        table_name = "draft"


def up(migrator, db):
    migrator.migrate(migrator.add_column("notice", "instance", BigIntegerField(null=True)))
    fill(db)
    db.execute(Notice.index(Notice.instance, where=SQL("instance is not null")))
    db.execute(Draft.index(Draft.subject))


def fill(db):
    """A link is /case/NUMBER/ or /task/NUMBER/, with or without a place on the page."""
    number = "cast(substr(link, 7) as integer)"  # SQLite reads the digits at the beginning
    if not isinstance(db, SqliteDatabase):
        digits = "[0-8]?[0-9]{1,18}"  # what fits into 63 bits
        number = f"cast(substring(link from '^/(?:case|task)/({digits})(?![0-9])') as bigint)"
    task = f"(select w.instance from work_item w where w.id = {number})"
    db.execute_sql(f"update notice set instance = {number} where substr(link, 1, 6) = '/case/'")
    db.execute_sql(f"update notice set instance = {task} where substr(link, 1, 6) = '/task/'")
