"""Packs: a folder of diagrams, decisions, forms, registers and pages that belong together.

Owns reading and checking such files, alone or as a pack: `read` a folder, `examine` any set of files (what is in them,
and what is wrong with it), `services` of a pack. Deploys nothing: that is a command.
"""

from engine.packs.examine import Examination, Piece, examine, kind_of
from engine.packs.folder import PackFiles, read
from engine.packs.services import Service, services

__all__ = ["Examination", "PackFiles", "Piece", "Service", "examine", "kind_of", "read", "services"]
