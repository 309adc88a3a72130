"""Deadlines' clocks: what a deadline was given and when it stood still; how and when a person wants to be told."""

from peewee import DateTimeField, TextField


def up(migrator, db):
    migrator.migrate(
        migrator.add_column("work_item", "clock", TextField(default="")),
        migrator.add_column("work_item", "stopped_at", DateTimeField(null=True)),
        migrator.add_column("person", "telling", TextField(default="")),
    )
