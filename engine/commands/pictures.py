"""Small pictures of uploaded photos, for lists and timelines.

Owns making one: bounded in pixels before anything is decoded, turned as the camera was held, without what the camera
wrote beside it (place, serial number). What is no picture that can be read has none.
"""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

EDGE = 360  # pixels
LARGEST = 60_000_000  # pixels of a photo that is opened at all


def shrink(source: Path, target: Path) -> bool:
    """Write a small JPEG of a picture; False when it is none, or too large to be opened."""
    try:
        with Image.open(source) as picture:
            if picture.width * picture.height > LARGEST:
                return False
            picture.draft("RGB", (EDGE * 2, EDGE * 2))
            turned = ImageOps.exif_transpose(picture)
            turned.thumbnail((EDGE, EDGE))
            draft = target.with_name(f"{target.name}.part")
            turned.convert("RGB").save(draft, "JPEG", quality=80)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    os.replace(draft, target)
    return True
