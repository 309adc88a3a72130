"""How each element looks (BPMN 2.0.2, chapters 7 and 10): SVG fragments around a centre or in a box.

Owns lines and marks. Knows no layout: sizes and places are given.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from engine.bpmn.xml import Element, child, local

EVENT, GATEWAY, TASK = 36, 42, (92, 56)  # diameter, diagonal, (width, height)
INK, SOFT = "#1f2937", "#6b7280"


def text(x: float, y: float, words: str, size: float = 11, anchor: str = "middle", ink: str = INK) -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="{anchor}" fill="{ink}">{escape(words)}</text>'


def path(d: str, fill: str = "none", width: float = 1.4, more: str = "") -> str:
    return f'<path d="{d}" fill="{fill}" stroke="{INK}" stroke-width="{width:g}"{more}/>'


def circle(x: float, y: float, r: float, fill: str = "#fff", width: float = 1.4, more: str = "") -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{fill}" stroke="{INK}" stroke-width="{width:g}"{more}/>'


def box(x: float, y: float, w: float, h: float, radius: float = 8, width: float = 1.4, more: str = "") -> str:
    size = f'x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{radius:g}"'
    return f'<rect {size} fill="#fff" stroke="{INK}" stroke-width="{width:g}"{more}/>'


# ---- events --------------------------------------------------------------------------------------------------------

_MARKS = {
    "message": "M{a} {c} H{b} V{d} H{a} Z M{a} {c} L{x} {y} L{b} {c}",
    "timer": "M{x} {t} A{r} {r} 0 1 1 {x} {u} A{r} {r} 0 1 1 {x} {t} M{x} {c} V{y} H{b}",
    "signal": "M{x} {t} L{b} {d} H{a} Z",
    "error": "M{a} {u} L{e} {c} L{f} {d} L{b} {t}",
    "escalation": "M{x} {t} L{b} {u} L{x} {d} L{a} {u} Z",
    "conditional": "M{a} {t} H{b} V{u} H{a} Z M{e} {c} H{f} M{e} {y} H{f} M{e} {d} H{f}",
    "compensate": "M{x} {c} L{a} {y} L{x} {d} Z M{b} {c} L{x} {y} L{b} {d} Z",
    "cancel": "M{a} {t} L{b} {u} M{b} {t} L{a} {u}",
    "link": "M{a} {c} H{x} V{t} L{b} {y} L{x} {u} V{d} H{a} Z",
    "multiple": "M{x} {t} L{b} {y} L{f} {u} H{e} L{a} {y} Z",
    "parallel": "M{x} {t} V{u} M{a} {y} H{b}",
}


def event(node: Element, x: float, y: float, definitions: list[Element]) -> str:
    """An event around its centre: thin, double or thick; dashed when it does not interrupt; filled when it throws."""
    kind, r = local(node), EVENT / 2
    beside = "false" in (node.get("cancelActivity"), node.get("isInterrupting"))
    dash = ' stroke-dasharray="3 2"' if beside else ""
    drawn = [circle(x, y, r, width=3 if kind == "endEvent" else 1.4, more=dash)]
    if kind.startswith("intermediate") or kind == "boundaryEvent":
        drawn.append(circle(x, y, r - 3.5, "none", 1.2, dash))
    throws = kind in ("endEvent", "intermediateThrowEvent")
    return "".join([*drawn, _inside(x, y, definitions, node.get("parallelMultiple") == "true", throws)])


def _inside(x: float, y: float, definitions: list[Element], together: bool, throws: bool) -> str:
    if not definitions:
        return ""
    kinds = [local(one).removesuffix("EventDefinition") for one in definitions]
    kind = kinds[0] if len(kinds) == 1 else "parallel" if together else "multiple"
    if kind == "terminate":
        return circle(x, y, 10, INK)
    return mark(kind, x, y, 8, INK if throws and kind not in ("parallel", "timer") else "none")


def mark(kind: str, x: float, y: float, r: float, fill: str = "none") -> str:
    places = {"x": x, "y": y, "a": x - r, "b": x + r, "c": y - r * 0.6, "d": y + r * 0.6, "t": y - r, "u": y + r}
    places |= {"e": x - r * 0.5, "f": x + r * 0.5, "r": r}
    words = _MARKS.get(kind, "").format(**{name: f"{value:g}" for name, value in places.items()})
    width = 2.4 if kind in ("cancel", "parallel") else 1.2
    return path(words, fill, width, ' stroke-linejoin="round"') if words else ""


# ---- gateways ------------------------------------------------------------------------------------------------------


def gateway(node: Element, x: float, y: float) -> str:
    r = GATEWAY / 2
    drawn = path(f"M{x} {y - r} L{x + r} {y} L{x} {y + r} L{x - r} {y} Z", "#fff")
    kind = local(node)
    if kind == "exclusiveGateway":
        return drawn + path(f"M{x - 6} {y - 7} L{x + 6} {y + 7} M{x + 6} {y - 7} L{x - 6} {y + 7}", width=2.6)
    if kind == "parallelGateway":
        return drawn + path(f"M{x} {y - 10} V{y + 10} M{x - 10} {y} H{x + 10}", width=2.6)
    if kind == "inclusiveGateway":
        return drawn + circle(x, y, 9, "none", 2.4)
    if kind == "complexGateway":
        cross = f"M{x} {y - 10} V{y + 10} M{x - 10} {y} H{x + 10}"
        return drawn + path(f"{cross} M{x - 7} {y - 7} l14 14 M{x + 7} {y - 7} l-14 14", width=2)
    ring = circle(x, y, 11, "none", 1.2) + ("" if node.get("instantiate") == "true" else circle(x, y, 9, "none", 1.2))
    return drawn + ring + mark("parallel" if node.get("eventGatewayType") == "Parallel" else "multiple", x, y, 5.5)


# ---- activities ----------------------------------------------------------------------------------------------------

_ICONS = {
    "userTask": "M{x} {y} a3.5 3.5 0 1 1 0.1 0 M{l} {b} v-3 q0 -4 6 -4 q6 0 6 4 v3 Z",
    "manualTask": "M{l} {y} h9 a1.5 1.5 0 0 1 0 3 h-3 h4 a1.5 1.5 0 0 1 0 3 h-10 Z",
    "scriptTask": "M{l} {t} h9 q-4 4 0 8 q2 3 0 4 h-9 q2 -2 0 -4 q-4 -4 0 -8 M{l} {y} h6 M{l} {m} h6",
    "serviceTask": "M{x} {t} a6 6 0 1 1 -0.1 0 M{x} {y} a2.5 2.5 0 1 1 -0.1 0",
    "businessRuleTask": "M{l} {t} h13 v11 h-13 Z M{l} {y} h13 M{x} {t} v11",
    "sendTask": "M{l} {t} h13 v9 h-13 Z l6.5 5 l6.5 -5",
    "receiveTask": "M{l} {t} h13 v9 h-13 Z l6.5 5 l6.5 -5",
}


def activity(node: Element, x: float, y: float, w: float, h: float) -> str:
    """A task or the frame of a subprocess, its corner at x, y."""
    kind = local(node)
    dash = ' stroke-dasharray="2 3"' if node.get("triggeredByEvent") == "true" else ""
    drawn = box(x, y, w, h, width=3 if kind == "callActivity" else 1.4, more=dash)
    if kind == "transaction":
        drawn += box(x + 3, y + 3, w - 6, h - 6, 6, 1.1)
    icon = _ICONS.get(kind, "")
    if icon:
        at = {"x": x + 13, "y": y + 11, "l": x + 7, "t": y + 6, "b": y + 18, "m": y + 14}
        fill = "#9ca3af" if kind == "sendTask" else "none"
        drawn += path(icon.format(**{name: f"{value:g}" for name, value in at.items()}), fill, 1)
    if node.get("instantiate") == "true":
        drawn += circle(x + 13.5, y + 10.5, 10, "none", 1)
    return drawn + _markers(node, x + w / 2, y + h - 9)


def _markers(node: Element, x: float, y: float) -> str:
    marks = list(_which(node))
    step = 16
    left = x - step * (len(marks) - 1) / 2
    return "".join(_marker(kind, left + step * i, y) for i, kind in enumerate(marks))


def _which(node: Element) -> Iterable[str]:
    many = child(node, "multiInstanceLoopCharacteristics")
    if child(node, "standardLoopCharacteristics") is not None:
        yield "loop"
    if many is not None:
        yield "sequential" if many.get("isSequential") == "true" else "many"
    if node.get("isForCompensation") == "true":
        yield "undo"
    if local(node) == "adHocSubProcess":
        yield "adhoc"


def _marker(kind: str, x: float, y: float) -> str:
    drawn = {
        "loop": f"M{x - 1} {y + 5} A5 5 0 1 1 {x + 3} {y + 4} M{x - 4} {y + 6} h4 v-4",
        "many": f"M{x - 4} {y - 5} v10 M{x} {y - 5} v10 M{x + 4} {y - 5} v10",
        "sequential": f"M{x - 5} {y - 4} h10 M{x - 5} {y} h10 M{x - 5} {y + 4} h10",
        "undo": f"M{x} {y - 5} L{x - 6} {y} L{x} {y + 5} Z M{x + 6} {y - 5} L{x} {y} L{x + 6} {y + 5} Z",
        "adhoc": f"M{x - 7} {y + 2} q3.5 -7 7 -1 q3.5 5 7 -1",
    }
    return path(drawn[kind], width=1.8)


# ---- data ----------------------------------------------------------------------------------------------------------


def data(node: Element, x: float, y: float) -> str:
    """A data object or data store around its centre, 30 wide and 36 high."""
    if local(node) == "dataStoreReference":
        ring = f"M{x - 18} {y - 10} a18 6 0 1 1 36 0 a18 6 0 1 1 -36 0"
        return path(f"{ring} v22 a18 6 0 0 0 36 0 v-22", "#fff")
    corner = f"M{x - 13} {y - 17} h17 l9 9 v25 h-26 Z M{x + 4} {y - 17} v9 h9"
    return path(corner, "#fff")
