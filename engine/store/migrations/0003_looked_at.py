"""Messages and those who wait for them say when they are to be looked at; expired messages are found among the others.

What waits now is looked at once.
"""

from peewee import DateTimeField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("message", "look_at", DateTimeField(null=True)),
        migrator.add_index("message", ("look_at",), False),
        migrator.add_column("subscription", "look_at", DateTimeField(null=True)),
        migrator.add_index("subscription", ("look_at",), False),
        migrator.drop_index("message", "message_expires_at"),
        migrator.add_index("message", ("done", "expires_at"), False),
    )
    db.execute_sql("update message set look_at = published_at where not done")
