"""Operations on tasks: what a completion led to, whether others are asked first, and who stands in for whom."""

from peewee import BigIntegerField, BooleanField, DateField, DateTimeField, Model, SchemaManager, TextField


class Substitute(Model):
    id = BigIntegerField(primary_key=True)
    person = TextField(index=True)
    substitute = TextField(index=True)
    process = TextField(default="")
    since = DateField(null=True)
    until = DateField(null=True)
    reason = TextField(default="")
    created_by = TextField(default="")
    created_at = DateTimeField()
    ended_by = TextField(default="")
    ended_at = DateTimeField(null=True)

    class Meta:
        table_name = "substitute"


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("work_item", "held", BooleanField(default=False)),
        migrator.add_column("work_item", "trail", TextField(default="")),
    )
    SchemaManager(Substitute, db).create_all()
