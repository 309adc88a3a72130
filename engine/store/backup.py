"""A backup in one file while others work, and the way back.

Owns the archive: a gzipped tar with `linli.json` (what it is), `database` (a SQLite file, or what pg_dump made),
`secret.key` and the uploaded files. The database is copied first and the files after it: a file is there before the
row that names it. A restore lands in one transaction, so that whoever works meanwhile sees the old or the new.
Opens no engine and proves nothing: the caller runs the doctor.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from engine.errors import InvalidFile, ProgramFailed, Said, WouldOverwrite
from engine.settings import Settings, database_file
from engine.store.models import TABLES

FORMAT = 1
UNMODELLED = ("schema_migration", "case_grams")  # tables that migrations make and no model describes
BUSY_SECONDS = 60
DEBIAN = Path("/usr/lib/postgresql")

_NO_BACKUP = Said("这不是 run.py backup 生成的备份", "it is no backup made by run.py backup")
_DAMAGED = Said("备份中的数据库已损坏", "the database in it is damaged")


def backup(settings: Settings, target: Path, now: datetime, force: bool = False) -> int:
    """Write everything of an installation to a file, while it runs; the file's size in bytes. WouldOverwrite,
    ProgramFailed."""
    if target.exists() and not force:
        raise WouldOverwrite(what=str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(target.parent) as folder:
        draft = folder / "archive"
        about = {"format": FORMAT, "database": _kind(settings), "made_at": now.isoformat()}
        (folder / "linli.json").write_text(json.dumps(about))
        _copy_out(settings, folder / "database")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as archive:
                for name, path in _contents(settings, folder):
                    _add(archive, name, path)
            out.flush()
            os.fsync(out.fileno())
        os.replace(draft, target)
    return target.stat().st_size


def restore(settings: Settings, source: Path, force: bool = False) -> str:
    """Put a backup where the settings say; when it was made. What was there is gone then. InvalidFile, WouldOverwrite
    (a database with tables, unless `force`), ProgramFailed."""
    if not force and _has_tables(settings):
        raise WouldOverwrite(what=settings.database.rpartition("@")[2])
    settings.folder.mkdir(parents=True, exist_ok=True)
    with _scratch(settings.folder) as folder:
        about = _extract(source, folder)
        if about["database"] != _kind(settings):
            kinds = {"held": about["database"], "wanted": _kind(settings)}
            raise InvalidFile(
                name=str(source),
                reason=Said(
                    "它是 {held} 的备份，而这里的数据库是 {wanted}".format(**kinds),
                    "it is of {held}, and the database here is {wanted}".format(**kinds),
                ),
            )
        _copy_in(settings, folder / "database", str(source))
        _put_files(settings, folder)
    return str(about["made_at"])


def _kind(settings: Settings) -> str:
    return "sqlite" if database_file(settings.database) else "postgresql"


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """A folder on the same disk, so that a finished file moves in one step."""
    folder = Path(tempfile.mkdtemp(prefix=".linli-", dir=beside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ---- the archive ---------------------------------------------------------------------------------------------------


def _contents(settings: Settings, folder: Path) -> Iterator[tuple[str, Path]]:
    yield "linli.json", folder / "linli.json"
    yield "database", folder / "database"
    if (secret := settings.folder / "secret.key").is_file():
        yield "secret.key", secret
    if settings.files.is_dir():
        for path in sorted(settings.files.iterdir()):
            if not path.name.endswith(".part"):
                yield f"files/{path.name}", path


def _add(archive: tarfile.TarFile, name: str, path: Path) -> None:
    """Add a file, unless it was deleted meanwhile: the database copied before it may still name an upload whose trial
    ended just now."""
    try:
        with path.open("rb") as content:
            member = archive.gettarinfo(arcname=name, fileobj=content)
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            archive.addfile(member, content)
    except FileNotFoundError:
        return


def _extract(source: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(source, "r:*") as archive:
            archive.extractall(folder, filter="data")
        about = json.loads((folder / "linli.json").read_text())
        if about["format"] != FORMAT or not (folder / "database").is_file():
            raise InvalidFile(name=str(source), reason=_NO_BACKUP)
    except (OSError, tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as problem:
        raise InvalidFile(name=str(source), reason=_NO_BACKUP) from problem
    return dict(about)


def _put_files(settings: Settings, folder: Path) -> None:
    """Uploads and the key go to their places, each whole; files that are there already and in no backup stay."""
    if (folder / "files").is_dir():
        settings.files.mkdir(parents=True, exist_ok=True)
        for path in (folder / "files").iterdir():
            os.replace(path, settings.files / path.name)
    if (folder / "secret.key").is_file():
        os.chmod(folder / "secret.key", 0o600)
        os.replace(folder / "secret.key", settings.folder / "secret.key")


# ---- databases -----------------------------------------------------------------------------------------------------


def _has_tables(settings: Settings) -> bool:
    file = database_file(settings.database)
    if file is None:
        with psycopg.connect(_address(settings)) as connection:
            found = connection.execute("select to_regclass('instance')").fetchone()
            return found is not None and found[0] is not None
    if not file.exists():
        return False
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("select 1 from sqlite_master limit 1").fetchone() is not None


def _copy_out(settings: Settings, target: Path) -> None:
    file = database_file(settings.database)
    if file is None:
        _run("pg_dump", settings, "--format=custom", "--no-owner", "--no-acl", f"--file={target}")
        return
    if not file.is_file():
        raise InvalidFile(name=str(file), reason=Said("没有这个数据库", "there is no such database"))
    with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)  # in one step: one moment's state, and in WAL mode writers go on
        copy.execute("pragma journal_mode = delete")


def _copy_in(settings: Settings, copied: Path, name: str) -> None:
    file = database_file(settings.database)
    if file is None:
        _into_postgres(settings, copied)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(copied)) as copy:
        try:
            whole = copy.execute("pragma integrity_check").fetchone()[0] == "ok"
        except sqlite3.DatabaseError as problem:
            raise InvalidFile(name=name, reason=_DAMAGED) from problem
        if not whole:
            raise InvalidFile(name=name, reason=_DAMAGED)
        with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as live:
            live.execute("pragma journal_mode = wal")
            copy.backup(live)  # one transaction for everybody who has the file open


# Triggers go with their tables; their functions do not. An extension keeps its own.
_DROP_FUNCTIONS = """
do $$ declare one record; begin
  for one in select p.oid::regprocedure as name from pg_proc p where p.pronamespace = 'public'::regnamespace
    and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  loop execute 'drop function ' || one.name || ' cascade'; end loop;
end $$;
"""


def _into_postgres(settings: Settings, copied: Path) -> None:
    """What is there goes and what the dump holds comes, in one transaction."""
    script, drops = copied.with_name("restore.sql"), copied.with_name("drop.sql")
    _run("pg_restore", settings, "--no-owner", "--no-acl", f"--file={script}", str(copied))
    made = re.findall(r"^CREATE TABLE (?:public\.)?\"?(\w+)", script.read_text("utf-8"), re.MULTILINE)
    names = sorted({*made, *UNMODELLED, *(model._meta.table_name for model in TABLES)})
    drops.write_text("".join(f'drop table if exists "{name}" cascade;\n' for name in names) + _DROP_FUNCTIONS)
    _run(
        "psql", settings, "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1",
        "--single-transaction", f"--file={drops}", f"--file={script}",
    )  # fmt: skip


def _run(program: str, settings: Settings, *arguments: str) -> None:
    """Run one of PostgreSQL's programs. The password goes by the environment: a command line is read by everybody."""
    try:
        done = subprocess.run(
            [_program(program), *arguments], env={**os.environ, **_environment(settings)}, capture_output=True
        )
    except FileNotFoundError as problem:
        reason = Said("没有安装（Debian: postgresql-client）", "it is not installed (Debian: postgresql-client)")
        raise ProgramFailed(program=program, reason=reason) from problem
    if done.returncode:
        raise ProgramFailed(program=program, reason=done.stderr.decode(errors="replace").strip()[-1000:])


def _program(name: str) -> str:
    """The newest one that Debian installed (it must not be older than the server), else the one on the path."""
    newest = max(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parents[1].name), default=None)
    return str(newest or name)


def _address(settings: Settings) -> str:
    return re.sub(r"^postgres(ql)?(\+pool)?:", "postgresql:", settings.database)


def _environment(settings: Settings) -> Mapping[str, str]:
    known = conninfo_to_dict(_address(settings))
    named = {"dbname": "PGDATABASE"}
    return {named.get(name, f"PG{name.upper()}"): str(value) for name, value in known.items()}
