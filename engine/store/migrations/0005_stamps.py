"""A number that grows with each change of people and units: what is known of them elsewhere is good until it does."""

from peewee import BigIntegerField, Model, SchemaManager, TextField


class Stamp(Model):
    name = TextField(primary_key=True)
    value = BigIntegerField(default=0)

    class Meta:
        table_name = "stamp"


def up(migrator, db):
    SchemaManager(Stamp, db).create_all()
