"""A PostgreSQL server of one's own: Debian's binaries, a temporary folder, a free port. For the tests and for bench/.

Owns starting and stopping it. Nothing of it outlives `stop`; the cluster that Debian's package may run is left alone.
"""

from __future__ import annotations

import getpass
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from engine.store.models import TABLES


class Server:
    """A PostgreSQL server of this test run."""

    def __init__(self, binaries: Path, folder: Path, safe: bool = False) -> None:
        self.binaries, self.folder, self.port, self.safe = binaries, folder, free_port(), safe
        self.user = "postgres"
        self._names = itertools.count()
        self._free: list[str] = []

    def url(self, database: str) -> str:
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        self._run("initdb", "-D", str(self.folder / "data"), "-U", self.user, "-A", "trust", "-E", "UTF8", "--no-sync")
        self.launch()

    def launch(self) -> None:
        """Start it on the files that are there."""
        fast = "" if self.safe else "-F -c synchronous_commit=off -c full_page_writes=off"
        settings = f"-p {self.port} -h 127.0.0.1 -k '' -c max_connections=200 {fast}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-o", settings, "-l", log, "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        if getpass.getuser() == "root":
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder)

    def command(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def database(self, template: str) -> str:
        """A fresh copy of a template database; its name."""
        name = f"t{os.getpid()}_{next(self._names)}"
        self.command(f"create database {name} template {template}")
        return name

    def lend(self, template: str) -> str:
        """An empty copy of a template: one given back, else a new one (making or dropping one costs a checkpoint)."""
        return self._free.pop() if self._free else self.database(template)

    def give_back(self, name: str) -> None:
        """Empty a lent database, whoever is still connected to it."""
        self.command(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
        tables = (model._meta.table_name for model in TABLES)
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute("; ".join(f'delete from "{table}"' for table in tables))  # type: ignore[arg-type]
        self._free.append(name)


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(safe: bool = False) -> Iterator[Server]:
    """A started server, with all of its files gone at the end. `safe`: with PostgreSQL's own settings, so that a
    commit waits for the disk; tests need not wait."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    assert versions, "the tests need Debian's postgresql package (make test installs it)"
    folder = Path(tempfile.mkdtemp(prefix="linli-pg-"))
    if getpass.getuser() == "root":
        shutil.chown(folder, "postgres", "postgres")
    server = Server(versions[-1], folder, safe)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
