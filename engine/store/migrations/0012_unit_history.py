"""What a unit was called and where it stood before it changed; certificates by their last day."""

from peewee import BigIntegerField, DateField, DateTimeField, Model, SchemaManager, TextField


class UnitPast(Model):
    id = BigIntegerField(primary_key=True)
    code = TextField(index=True)
    name = TextField()
    name_en = TextField(default="")
    kind = TextField(default="")
    parent = TextField(default="")
    division = TextField(default="")
    valid_from = DateField(null=True)
    valid_to = DateField(null=True)
    until = DateField()
    changed_by = TextField(default="")
    changed_at = DateTimeField()

    class Meta:
        table_name = "unit_past"


def up(migrator, db):
    SchemaManager(UnitPast, db).create_all()
    migrator.migrate(migrator.add_index("skill", ("expires",), False))
