"""Decisions: DMN 1.1 to 1.5 files with FEEL, evaluated whole inside V8. Knows no case and no database."""

from engine.dmn.deciding import Fired, Result, evaluate
from engine.dmn.lint import lint
from engine.dmn.reading import Decision, Model, parse

__all__ = ["Decision", "Fired", "Model", "Result", "evaluate", "lint", "parse"]
