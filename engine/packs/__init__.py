"""Packs: a folder of diagrams, decisions, forms, registers and pages that belong together.

Owns reading and checking such files, alone or as a pack: `read` a folder, `assemble` a pack of its files, `examine` any
set of files (what is in them, and what is wrong with it), `services` of a pack. Deploys nothing: that is a command.
"""

from engine.packs.archive import MOST_FILES, pack_zip, unpack_zip
from engine.packs.contents import (
    PackFiles,
    assemble,
    check_name,
    check_path,
    check_size,
    is_deployed,
    place,
    settings_of,
)
from engine.packs.differences import Change, FileDifference, compare
from engine.packs.examine import Examination, Piece, examine, kind_of, pieces
from engine.packs.folder import folder_of, read
from engine.packs.rekeying import new_keys, rekeyed
from engine.packs.services import Service, services
from engine.packs.settings_text import with_setting, with_table
from engine.packs.starters import inline, new_settings, renamed, written

__all__ = [
    "MOST_FILES",
    "Change",
    "Examination",
    "FileDifference",
    "PackFiles",
    "Piece",
    "Service",
    "assemble",
    "check_name",
    "check_path",
    "check_size",
    "compare",
    "examine",
    "folder_of",
    "inline",
    "is_deployed",
    "kind_of",
    "new_keys",
    "new_settings",
    "pack_zip",
    "pieces",
    "place",
    "read",
    "rekeyed",
    "renamed",
    "services",
    "settings_of",
    "unpack_zip",
    "with_setting",
    "with_table",
    "written",
]
