"""`deploy`: a pack or single files checked and published; with `--dry-run` only told what would become of them.

Owns the report: for each file what would run, what of another tool's settings was translated, and what was not. Exit
code 0 when it can be (or was) published, 1 when it is refused.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from cli.console import locale, say
from engine import Engine
from engine.errors import Forbidden, InvalidFile, Said
from engine.packs import Examination, Piece
from engine.records import Deployed, Finding
from engine.settings import Settings

PACKS = Path(__file__).parents[1] / "workflows"
INSTALLER = "installer"  # who the first packs are deployed by; nobody is registered yet
_FOLDERS = ("registers", "pages")  # a .json says by its folder what it is
_KINDS = {
    "process": ("流程", "process"),
    "form": ("表单", "form"),
    "decision": ("决策", "decision"),
    "register": ("台账", "register"),
    "page": ("页面", "page"),
}
_SEVERITIES = {"error": ("错误", "error"), "warning": ("警告", "warning"), "info": ("说明", "note")}
_NO_FILE = Said("没有这个文件", "there is no such file")
_TWICE = Said("有两个同名文件", "two files have this name")


def add(commands: Any) -> None:
    """Put the command on the command line."""
    deploy = commands.add_parser("deploy", help="check and publish a pack, or single files (发布流程包或文件)")
    deploy.add_argument(
        "paths", nargs="+", metavar="PATH", help="folder of a pack, its name in workflows/, or files to deploy together"
    )
    deploy.add_argument("--by", default="", metavar="LOGIN", help="who publishes: somebody with the permission design")
    deploy.add_argument(
        "--dry-run", action="store_true", help="change nothing; tell what would run, what was translated, what was not"
    )
    deploy.set_defaults(run=run_deploy)


def run_deploy(options: argparse.Namespace) -> int:
    """Publish, or tell what publishing would do."""
    pack, files = _asked(options.paths)
    settings = Settings.from_environment()
    if options.dry_run:
        return _try(settings, pack, files)
    engine = Engine(settings.database, settings=settings)
    engine.migrate()
    by = options.by or (INSTALLER if engine.people.empty() else "")
    if options.by and not engine.may(by, "design"):
        raise Forbidden(who=by, action="design")
    if pack is None:
        _report(files, _to_see_to(engine.examine(files)))
    _published(engine.deploy_pack(pack, by=by) if pack is not None else engine.deploy(files, by=by))
    engine.close()
    return 0


def _asked(paths: list[str]) -> tuple[Path | None, dict[str, bytes]]:
    """A pack's folder, or files by the names they are deployed under."""
    first = Path(paths[0])
    if len(paths) == 1 and not first.is_file():
        return (first if first.is_dir() else PACKS / paths[0]), {}
    files: dict[str, bytes] = {}
    for path in map(Path, paths):
        name = f"{path.parent.name}/{path.name}" if path.parent.name in _FOLDERS else path.name
        if not path.is_file():
            raise InvalidFile(name=str(path), reason=_NO_FILE)
        if name in files:
            raise InvalidFile(name=name, reason=_TWICE)
        files[name] = path.read_bytes()
    return None, files


def _try(settings: Settings, pack: Path | None, files: dict[str, bytes]) -> int:
    """Examine, seen together with what is deployed; without a database there is nothing deployed."""
    with tempfile.TemporaryDirectory(prefix="linli-dry-run-") as scratch:
        missing = settings.database.startswith("sqlite:///") and not Path(settings.database[10:]).is_file()
        url = f"sqlite:///{scratch}/linli.db" if missing else settings.database
        engine = Engine(url, settings=settings)
        if missing:
            engine.migrate()
        examined = engine.examine_pack(pack) if pack is not None else engine.examine(files)
        engine.close()
    _report(files or {finding.file: b"" for finding in examined.findings}, examined)
    errors = sum(finding.severity == "error" for finding in examined.findings)
    if errors:
        say(f"不能发布：{errors} 个错误。", f"It cannot be published: {errors} error(s).")
        return 1
    say("可以发布。没有改变任何东西。", "It can be published. Nothing was changed.")
    return 0


def _to_see_to(examined: Examination) -> Examination:
    """What is left to somebody after publishing: no notes."""
    return Examination([], [finding for finding in examined.findings if finding.severity == "warning"])


# ---- what is printed


def _report(files: Iterable[str], examined: Examination) -> None:
    names = dict.fromkeys([*files, *(_file_of(piece, files) for piece in examined.pieces)])
    for name in names:
        pieces = [piece for piece in examined.pieces if _file_of(piece, files) == name]
        _file(name, pieces, [finding for finding in examined.findings if finding.file == name])


def _file_of(piece: Piece, files: Iterable[str]) -> str:
    """The file a definition is told under: a form made of a diagram's fields under the diagram."""
    if piece.file in files or piece.kind != "form":
        return piece.file
    return next((name for name in files if piece.file.startswith(name.removesuffix(".bpmn") + ".")), piece.file)


def _file(name: str, pieces: list[Piece], findings: list[Finding]) -> None:
    if not pieces and not findings:
        return
    print(name)
    broken = any(finding.severity == "error" for finding in findings)
    if pieces and not broken:
        runs = _listed(pieces, name)
        say(f"  将发布：{runs[0]}", f"  would publish: {runs[1]}")
    for heading, chosen in _sections(findings).items():
        if chosen:
            print(f"  {heading}")
            for finding in chosen:
                _line(finding)


def _listed(pieces: list[Piece], file: str) -> tuple[str, str]:
    zh, en = [], []
    for piece in pieces:
        kind, made = _KINDS[piece.kind], PurePosixPath(piece.file).name != PurePosixPath(file).name
        zh.append(f"{kind[0]} {piece.key}{'（由字段生成）' if made else ''}")
        en.append(f"{kind[1]} {piece.key}{' (made of its fields)' if made else ''}")
    return "、".join(zh), ", ".join(en)


def _sections(findings: list[Finding]) -> Mapping[str, list[Finding]]:
    here = locale() == "zh"
    done = [finding for finding in findings if finding.code == "translated"]
    rest = [finding for finding in findings if finding.code != "translated"]
    left = [finding for finding in rest if finding.severity != "info"]
    notes = [finding for finding in rest if finding.severity == "info"]
    return {
        "已翻译：" if here else "translated:": done,
        "没有翻译或需要处理：" if here else "not translated, or to be seen to:": left,
        "不需要或不起作用：" if here else "not needed, or without effect:": notes,
    }


def _line(finding: Finding) -> None:
    severity = _SEVERITIES[finding.severity]
    where = f" {finding.element}" if finding.element else ""
    say(
        f"    第 {finding.line} 行{where} [{severity[0]}] {finding.text('zh')}",
        f"    line {finding.line}{where} [{severity[1]}] {finding.text('en')}",
    )


def _published(deployed: list[Deployed]) -> None:
    for one in deployed:
        mark = ("新版本", "new version") if one.fresh else ("未变", "unchanged")
        say(f"{one.kind} {one.key} v{one.version} {mark[0]}", f"{one.kind} {one.key} v{one.version} {mark[1]}")
