"""Cases from outside: a hotline's CSV or xlsx export becomes cases, once, or is played back on its own times.

Owns `table` (files to rows), `mapping` (rows to cases), `load` (cases into the engine), `replay` (the clock follows the
file). Uses the façade only, like any other caller.
"""

from engine.imports.load import Rejects, Report, load, measure, records
from engine.imports.mapping import Mapping, Record, Rejected, read_mapping
from engine.imports.replay import Outcome, outcomes, replay
from engine.imports.table import Line, Table, open_table

__all__ = [
    "Line",
    "Mapping",
    "Outcome",
    "Record",
    "Rejected",
    "Rejects",
    "Report",
    "Table",
    "load",
    "measure",
    "open_table",
    "outcomes",
    "read_mapping",
    "records",
    "replay",
]
