"""Codes to scan: an address or a short code as an inline SVG, drawn here, no request to anybody.

Owns QR codes only.
"""

from __future__ import annotations

import io

import segno
from flask import Flask
from markupsafe import Markup


def qr(text: str, scale: int = 5) -> Markup:
    """An inline <svg> of the text, dark on white whatever the theme (a scanner needs the contrast)."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out,
        kind="svg",
        scale=scale,
        border=2,
        xmldecl=False,
        svgns=True,
        light="#fff",
        dark="#111",
        svgclass="linli-qr",
        omitsize=True,
    )
    return Markup(out.getvalue().decode())


def init(app: Flask) -> None:
    """Make `qr()` known to templates."""
    app.jinja_env.globals["qr"] = qr
