"""A pack's services.py: plain functions a service task may call as a job.

Owns loading that one file by path, under a name nobody can import. The file is trusted and reviewed like engine code;
it holds functions `name(inputs) -> dict`, documented by their docstrings, each the job type `PACK.name`. A dict
SERVICES gives functions job types of their own: those that diagrams of other tools name. Nothing else is loaded.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.errors import InvalidFile, Said

_NOT_NAMED = Said("SERVICES 应是从作业类型到函数的字典", "SERVICES must be a dict of job types and functions")
Service = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def services(folder: Path | None, pack: str) -> dict[str, Service]:
    """Public functions of the pack's services.py as `PACK.function`, and those in its SERVICES; {} when there is none,
    or no folder (a pack made in the browser). InvalidFile."""
    path = folder / "services.py" if folder is not None else None
    if path is None or not path.is_file():
        return {}
    spec = importlib.util.spec_from_file_location(f"pack {pack}", path)
    if spec is None or spec.loader is None:
        raise InvalidFile(name=str(path), reason="it is not a Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as problem:  # whatever a pack's author wrote: the deployment is refused with its reason
        raise InvalidFile(name=str(path), reason=f"{type(problem).__name__}: {problem}") from problem
    own = inspect.getmembers(module, inspect.isfunction)
    named = getattr(module, "SERVICES", {})
    if not isinstance(named, dict) or not all(isinstance(kind, str) and callable(one) for kind, one in named.items()):
        raise InvalidFile(name=str(path), reason=_NOT_NAMED)
    return named | {
        f"{pack}.{name}": one for name, one in own if not name.startswith("_") and one.__module__ == module.__name__
    }
