"""A pack's services.py: plain functions a service task may call as a job.

Owns loading that one file by path, under a name nobody can import. The file is trusted and reviewed like engine code;
it holds functions `name(inputs) -> dict`, documented by their docstrings. Loads nothing else of a pack as Python.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engine.errors import InvalidFile

Service = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def services(folder: Path, pack: str) -> dict[str, Service]:
    """Public functions of the pack's services.py as `PACK.function`; {} when there is none. InvalidFile."""
    path = folder / "services.py"
    if not path.is_file():
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
    return {
        f"{pack}.{name}": one for name, one in own if not name.startswith("_") and one.__module__ == module.__name__
    }
