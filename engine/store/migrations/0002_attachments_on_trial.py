"""An upload that nothing names is forgotten after a while; what is there already stays."""

from peewee import DateTimeField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("attachment", "expires_at", DateTimeField(null=True)),
        migrator.add_index("attachment", ("expires_at",), False),
    )
