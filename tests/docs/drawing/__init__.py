"""Drawing small diagrams as SVG: `svg(content)` lays a BPMN file out and draws it.

Owns the pictures of docs/designer/notation.md. `layout` decides where things stand, `shapes` how they look. For the
docs only: what the engine shows in a browser is drawn by bpmn-js from the file's own coordinates.
"""

from tests.docs.drawing.picture import svg

__all__ = ["svg"]
