"""Decisions: DMN 1.1 to 1.5 files with FEEL, evaluated whole inside V8. Knows no case and no database."""

from engine.dmn import sheet, trial
from engine.dmn.asking import Asked, asked
from engine.dmn.deciding import Fired, Result, evaluate
from engine.dmn.lint import lint
from engine.dmn.reading import Decision, Model, parse
from engine.dmn.shapes import SHAPES, shaped
from engine.dmn.tables import Table, tables

__all__ = [
    "SHAPES",
    "Asked",
    "Decision",
    "Fired",
    "Model",
    "Result",
    "Table",
    "asked",
    "evaluate",
    "lint",
    "parse",
    "shaped",
    "sheet",
    "tables",
    "trial",
]
