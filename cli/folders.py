"""The packs' folders at the start: what changed in workflows/ is deployed, what designers published stays.

Owns that rule. Deploys in a process of its own: the one that serves forks, and must not have started V8.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cli.console import say
from cli.database import pack_folders
from engine import Engine
from engine.errors import InvalidFile
from engine.settings import Settings

ENTRY = Path(__file__).parents[1] / "run.py"


def bring_up_to_date(engine: Engine, settings: Settings) -> None:
    """Deploy folders of packs that are not installed or have changed, unless something was published in the browser
    since: then say what to do."""
    for folder in pack_folders():
        try:
            standing = engine.folder_standing(folder)
        except InvalidFile as broken:  # what is installed goes on being served
            say(broken.text("zh"), broken.text("en"))
            continue
        if standing in ("new", "changed"):
            _deploy(folder, settings)
        elif standing == "kept":
            _tell(folder)


def _deploy(folder: Path, settings: Settings) -> None:
    """A folder that is refused leaves what is installed; its findings are on the screen."""
    environment = {**os.environ, "LINLI_DATABASE": settings.database, "LINLI_DATA": str(settings.folder)}
    if subprocess.run([sys.executable, str(ENTRY), "deploy", str(folder)], env=environment).returncode:
        say(
            f"流程包 {folder.name} 的文件夹没有发布（原因见上），继续使用已发布的版本。",
            f"The folder of the pack {folder.name} was not deployed (see above); what is installed stays.",
        )


def _tell(folder: Path) -> None:
    say(
        f"workflows/{folder.name} 有改动，但之后在浏览器中发布过新版本，因此没有自动发布。"
        f"要用文件夹的内容，运行 python run.py deploy {folder.name}；"
        "要保留浏览器中的版本，在“流程包”页导出 zip，解压覆盖该文件夹。",
        f"workflows/{folder.name} has changed, but a version was published in the browser since: it was not deployed. "
        f"To use the folder: python run.py deploy {folder.name}. "
        "To keep what was published: export the pack and unzip it over the folder.",
    )
