"""Working copies of packs, their versions, and the bytes of both."""

from peewee import (
    BigIntegerField,
    BlobField,
    CompositeKey,
    DateTimeField,
    IntegerField,
    Model,
    SchemaManager,
    TextField,
)


class Workspace(Model):
    pack = TextField(primary_key=True)
    revision = BigIntegerField(default=0)
    made_by = TextField(default="")
    made_at = DateTimeField()

    class Meta:
        table_name = "workspace"


class PackFile(Model):
    pack = TextField()
    path = TextField()
    revision = BigIntegerField()
    digest = TextField(index=True)
    changed_by = TextField(default="")
    changed_at = DateTimeField()

    class Meta:
        table_name = "pack_file"
        primary_key = CompositeKey("pack", "path")


class PackVersion(Model):
    pack = TextField()
    number = IntegerField()
    status = TextField()
    source = TextField()
    note = TextField(default="")
    made_by = TextField(default="")
    made_at = DateTimeField()
    approved_by = TextField(default="")
    approved_at = DateTimeField(null=True)
    answer = TextField(default="")

    class Meta:
        table_name = "pack_version"
        primary_key = CompositeKey("pack", "number")


class PackVersionFile(Model):
    pack = TextField()
    number = IntegerField()
    path = TextField()
    digest = TextField(index=True)

    class Meta:
        table_name = "pack_version_file"
        primary_key = CompositeKey("pack", "number", "path")


class PackBlob(Model):
    digest = TextField(primary_key=True)
    content = BlobField()

    class Meta:
        table_name = "pack_blob"


def up(migrator, db):
    for model in (Workspace, PackFile, PackVersion, PackVersionFile, PackBlob):
        SchemaManager(model, db).create_all()
