"""Roles as an administrator changed them, tries to sign in, browsers signed in, second factors."""

from peewee import AutoField, BigIntegerField, DateTimeField, Model, SchemaManager, TextField


class EditedRole(Model):
    key = TextField(primary_key=True)
    settings = TextField(default="{}")
    changed_by = TextField(default="")
    changed_at = DateTimeField()

    class Meta:
        table_name = "role"


class Attempt(Model):
    id = AutoField()
    at = DateTimeField(index=True)
    login = TextField()
    outcome = TextField()
    address = TextField(default="")
    agent = TextField(default="")

    class Meta:
        table_name = "sign_in"
        indexes = ((("login", "at"), False), (("address", "at"), False))


class Browser(Model):
    id = TextField(primary_key=True)
    login = TextField(index=True)
    begun_at = DateTimeField()
    seen_at = DateTimeField()
    address = TextField(default="")
    agent = TextField(default="")
    ended_at = DateTimeField(null=True)

    class Meta:
        table_name = "browser"


class Factor(Model):
    login = TextField(primary_key=True)
    secret = TextField()
    counter = BigIntegerField(default=0)
    codes = TextField(default="[]")
    since = DateTimeField()

    class Meta:
        table_name = "factor"


def up(migrator, db):
    for table in (EditedRole, Attempt, Browser, Factor):
        SchemaManager(table, db).create_all()
