"""Forms: form-js JSON to checked, typed data. No HTML, no request, no database: options, people and files are only ids
here.
"""

from engine.forms.answers import check, settled, visible
from engine.forms.lint import lint
from engine.forms.model import Field, Form, Option, parse
from engine.forms.options import options
from engine.forms.posted import decode
from engine.forms.problems import Problem

__all__ = ["Field", "Form", "Option", "Problem", "check", "decode", "lint", "options", "parse", "settled", "visible"]
