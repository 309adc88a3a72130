"""Decisions: DMN files to models, checked at deployment, evaluated with FEEL. Pure; knows no case and no database."""

from engine.dmn.evaluation import evaluate
from engine.dmn.lint import lint
from engine.dmn.model import Fired, Model, Result
from engine.dmn.parsing import parse

__all__ = ["Fired", "Model", "Result", "evaluate", "lint", "parse"]
