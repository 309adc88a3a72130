"""All tables of the first version."""

from peewee import SchemaManager

from engine.store.models import TABLES


def up(migrator, db):
    for model in TABLES:
        SchemaManager(model, db).create_all()
