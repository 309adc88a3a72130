"""A journal line is known by its case and number: no number of its own, and one index fewer to write and keep."""

from peewee import SqliteDatabase

COLUMNS = "instance, seq, at, actor, node_id, event, data, salt, digest, link"


def up(migrator, db):
    if not isinstance(db, SqliteDatabase):
        db.execute_sql("alter table journal drop constraint journal_pkey")
        db.execute_sql("alter table journal drop column id")
        db.execute_sql("alter table journal add constraint journal_pkey primary key using index journal_instance_seq")
        return
    db.execute_sql(
        'create table "journal_keyed" ("instance" INTEGER NOT NULL, "seq" INTEGER NOT NULL, "at" DATETIME NOT NULL, '
        '"actor" TEXT NOT NULL, "node_id" TEXT NOT NULL, "event" TEXT NOT NULL, "data" TEXT, "salt" TEXT NOT NULL, '
        '"digest" TEXT NOT NULL, "link" TEXT NOT NULL, PRIMARY KEY ("instance", "seq")) WITHOUT ROWID'
    )
    db.execute_sql(f"insert into journal_keyed ({COLUMNS}) select {COLUMNS} from journal order by instance, seq")
    db.execute_sql("drop table journal")
    db.execute_sql("alter table journal_keyed rename to journal")
