"""Full text of cases, filled in by the tick, and lists that people keep under a name.

The database itself notes which cases are to be read again (`search_due`): a command pays one small row for it. What is
searched stands apart: pairs of characters, since Chinese has no spaces between words; FTS5 on SQLite, a GIN index of an
array on PostgreSQL. Neither needs an extension (docs/decisions/0011-search.md).
"""

from peewee import AutoField, BigIntegerField, DateTimeField, Model, SchemaManager, SqliteDatabase, TextField


class SearchDue(Model):
    instance = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "search_due"


class CaseText(Model):
    instance = BigIntegerField(primary_key=True)
    body = TextField()

    class Meta:
        table_name = "case_text"


class SavedFilter(Model):
    id = AutoField()
    login = TextField()
    name = TextField()
    query = TextField()
    created_at = DateTimeField()

    class Meta:
        table_name = "saved_filter"
        indexes = ((("login", "name"), True),)


ON_SQLITE = (
    "create virtual table case_grams using fts5(grams, detail=none, columnsize=0, tokenize='ascii')",
    "create trigger search_begun after insert on instance begin"
    " insert or ignore into search_due(instance) values (new.id); end",
    "create trigger search_changed after update of title, status on instance begin"
    " insert or ignore into search_due(instance) values (new.id); end",
    "create trigger search_gone after delete on instance begin"
    " delete from search_due where instance = old.id; delete from case_text where instance = old.id;"
    " delete from case_grams where rowid = old.id; end",
)
ON_POSTGRES = (
    "create table case_grams (instance bigint primary key, grams text[] not null)",
    "create index case_grams_grams on case_grams using gin (grams)",
    "create function search_note() returns trigger language plpgsql as $$ begin"
    " insert into search_due(instance) values (new.id) on conflict do nothing; return null; end $$",
    "create function search_forget() returns trigger language plpgsql as $$ begin"
    " delete from search_due where instance = old.id; delete from case_text where instance = old.id;"
    " delete from case_grams where instance = old.id; return null; end $$",
    "create trigger search_begun after insert on instance for each row execute function search_note()",
    "create trigger search_changed after update of title, status on instance"
    " for each row execute function search_note()",
    "create trigger search_gone after delete on instance for each row execute function search_forget()",
)


def up(migrator, db):
    SchemaManager(SearchDue, db).create_all()
    SchemaManager(CaseText, db).create_all()
    SchemaManager(SavedFilter, db).create_all()
    for statement in ON_SQLITE if isinstance(db, SqliteDatabase) else ON_POSTGRES:
        db.execute_sql(statement)
    db.execute_sql("insert into search_due(instance) select id from instance")
