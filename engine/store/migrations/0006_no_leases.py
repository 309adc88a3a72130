"""Locks of SQLite are bytes of a file now: they go with their process, whatever the clock says."""


def up(migrator, db):
    db.execute_sql("drop table lease")
