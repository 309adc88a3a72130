"""`init`, `doctor`: a database made ready, everything proved.

Owns the first steps of an installation: tables, packs, and either the demo or a first administrator. `prepare` is what
`serve` runs, in a process of its own, on a database that is new.
"""

from __future__ import annotations

import argparse
import secrets
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from flask_security import hash_password

from admin.app import create_app
from cli.console import say
from cli.deploying import INSTALLER, PACKS
from engine import Engine, seeds
from engine.clock import ManualClock, SystemClock
from engine.doctor import REPAIRS
from engine.errors import DatabaseInUse
from engine.settings import Settings, variable

DEMO_PASSWORD = "linli-demo"
MADE = {"units": "个单位", "people": "名样例人员", "rows": "条台账记录", "cases": "个办理中的事项"}


def add(commands: Any) -> None:
    """Put the commands on the command line."""
    init = commands.add_parser("init", help="make the database: tables, packs and the demo (建库)")
    init.add_argument("--empty", action="store_true", help="no demo: packs, and one administrator")
    init.add_argument("--admin", default="admin", metavar="LOGIN", help="sign-in name of the administrator (--empty)")
    init.set_defaults(run=run_init)
    doctor = commands.add_parser("doctor", help="prove the database whole; print the settings in force (体检)")
    checks = ", ".join(REPAIRS)
    doctor.add_argument("--repair", nargs="+", default=[], choices=REPAIRS, metavar="CHECK", help=f"repair: {checks}")
    doctor.set_defaults(run=run_doctor)


def run_init(options: argparse.Namespace) -> int:
    """Make the database ready. Refuses one that has people already."""
    settings = Settings.from_environment()
    engine = Engine(settings.database, settings=settings)
    engine.migrate()
    fresh = engine.people.empty()
    engine.close()
    if not fresh:
        raise DatabaseInUse(database=settings.database)
    if options.empty or not settings.demo:
        make_empty(settings, options.admin)
    else:
        make_demo(settings)
    return 0


def make_empty(settings: Settings, login: str) -> None:
    """Packs, and an administrator with a new password, printed once."""
    password = secrets.token_urlsafe(12)
    engine = Engine(settings.database, settings=replace(settings, demo=False))
    deploy_all(engine)
    engine.people.put(login, name="管理员", posts=[("admin", "")], password=hashed(engine, password))
    engine.close()
    say(
        f"已建库。管理员登录名 {login}，密码 {password}（仅显示这一次，请登录后修改）。",
        f"The database is ready. Sign in as {login} with the password {password} (shown only once; change it).",
    )
    say(
        "启动：python run.py serve。打开 /sign-in 登录，先在“组织架构”添加街道和社区，再添加人员。",
        "Next: python run.py serve. Open /sign-in, add the units under Organisation, then the people.",
    )


def make_demo(settings: Settings) -> None:
    """Packs and their seeds, told on a clock that ends at the present."""
    say("正在准备演示数据 ...", "Preparing the demo ...")
    clock = ManualClock(SystemClock().now().replace(microsecond=0))
    engine = Engine(settings.database, clock=clock, settings=settings)
    deploy_all(engine)
    password = hashed(engine, DEMO_PASSWORD)
    for folder in pack_folders():
        made = seeds.seed(engine, clock, seeds.read(folder), password=password)
        zh = "、".join(f"{number} {MADE[what]}" for what, number in made.items())
        en = ", ".join(f"{number} {what}" for what, number in made.items())
        say(f"演示数据（{folder.name}）：{zh}", f"Demo of {folder.name}: {en}")
    engine.close()


def deploy_all(engine: Engine) -> None:
    """Publish every pack that comes with the program."""
    for folder in pack_folders():
        engine.deploy_pack(folder, by=INSTALLER)


def pack_folders() -> list[Path]:
    """Folders of the packs that come with the program."""
    return sorted(path.parent for path in PACKS.glob("*/pack.toml"))


def hashed(engine: Engine, password: str) -> str:
    """The hash of a password, as signing in expects it."""
    with create_app(engine).app_context():
        return str(hash_password(password))


def run_doctor(options: argparse.Namespace) -> int:
    """Print settings and what is wrong, repair what is asked for; 1 when something is wrong (still)."""
    settings = Settings.from_environment()
    for one in fields(Settings):
        secret = not one.repr and getattr(settings, one.name)
        print(f"{variable(one.name)}={'***' if secret else getattr(settings, one.name)}")
    engine = Engine(settings.database, settings=settings)
    for done in engine.repair(options.repair) if options.repair else ():
        print(done)
    findings = engine.doctor()
    for finding in findings:
        print(finding)
    engine.close()
    if not findings:
        say("数据库完好。", "The database is whole.")
    return 1 if findings else 0
