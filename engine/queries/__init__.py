"""Every read for screens and callers: plain rows, scoped to who asks.

Owns row scope in SQL (never in screens): what somebody handles, may take, was told of or started, and all of the units
where their posts let them `operate`. `items` are tasks, `cases` their cases and history, `definitions` what is
deployed, `letters` notices, outbox and drafts, `lists` what people keep, `workbench` what designers edit. No read costs
a query a row.
"""

from engine.queries.cases import Cases
from engine.queries.definitions import DefinitionList
from engine.queries.items import Items
from engine.queries.letters import Letters
from engine.queries.lists import Lists
from engine.queries.workbench import Workbench

__all__ = ["Cases", "DefinitionList", "Items", "Letters", "Lists", "Workbench"]
