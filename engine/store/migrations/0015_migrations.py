"""The way back from a case's last migration."""

from peewee import BigIntegerField, DateTimeField, Model, SchemaManager, TextField


class Migration(Model):
    instance = BigIntegerField(primary_key=True)
    saved = TextField()
    made_by = TextField(default="")
    made_at = DateTimeField()

    class Meta:
        table_name = "migration"


def up(migrator, db):
    SchemaManager(Migration, db).create_all()
