"""Linli's engine: the workflow engine alone, without web, packs or screens. One needs `from engine import Engine`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.facade import Engine

__all__ = ["Engine"]


def __getattr__(name: str) -> Any:
    """`Engine`, loaded when it is asked for: who needs only `engine.errors` does not wait for V8 and the rest."""
    if name != "Engine":
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    from engine.facade import Engine
    from engine.scenarios import check

    if check not in Engine.rehearsals:  # a floor above the façade: wired here, where the whole is put together
        Engine.rehearsals.append(check)
    return Engine
