"""A whole file as one SVG: processes below each other, pools around them, flows and message flows between.

Owns the drawing of a plan and the order of its layers.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.xml import EVENTS, GATEWAYS, SCOPES, Element, definitions, ids, local, parse, ref, tag, text
from tests.docs.drawing import shapes
from tests.docs.drawing.layout import LANE, Place, Plan, plan

BAND, GAP = 26, 22
Spot = tuple[float, float, float, float]  # x, y, width, height
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w:g} {h:g}" width="{w:g}" height="{h:g}" '
    'font-family="sans-serif"><defs><marker id="to" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
    'markerHeight="7" orient="auto"><path d="M0 0 L10 5 L0 10 Z" fill="#1f2937"/></marker></defs>'
    '<rect width="{w:g}" height="{h:g}" fill="#fff"/>'
)


def svg(content: bytes) -> str:
    """The picture of a file."""
    root = parse(content)
    return Picture(root).draw()


class Picture:
    """One file being drawn."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.known = ids(root)
        self.lines = list(_associations(root))
        self.spots: dict[str, Spot] = {}

    def draw(self) -> str:
        pools = {ref(p.get("processRef")): p for p in self.root.iter(tag("participant")) if p.get("processRef")}
        empty = [p for p in self.root.iter(tag("participant")) if not p.get("processRef")]
        processes = self.root.findall(tag("process"))
        drawn, y, width = [], 0.0, 0.0
        for process in processes:
            made = plan(process, self.lines)
            left = BAND if process.get("id") in pools else 0
            drawn.append((made, left, y, pools.get(process.get("id"))))
            named = 16 if len(processes) > 1 and not left else 0
            y += made.h + named + (GAP if left else 0)
            width = max(width, made.w + left + 2)
        parts = [self._process(*one, width, len(processes) > 1) for one in drawn]
        for pool in empty:
            self.spots[pool.get("id") or ""] = (1, y, width - 2, 34)
            parts.append(shapes.box(1, y, width - 2, 34, 0) + shapes.text(width / 2, y + 21, pool.get("name") or ""))
            y += 34 + GAP
        extra, y = self._globals(y)
        messages = [self._message(flow) for flow in self.root.iter(tag("messageFlow"))]
        return HEAD.format(w=width + 2, h=y + 4) + "".join([*parts, *extra, *messages]) + "</svg>\n"

    def _process(self, made: Plan, left: float, y: float, pool: Element | None, width: float, several: bool) -> str:
        around = ""
        if pool is not None:
            self.spots[pool.get("id") or ""] = (1, y + 1, width - 2, made.h)
            around = shapes.box(1, y + 1, width - 2, made.h, 0) + shapes.box(1, y + 1, BAND - 2, made.h, 0)
            turn = f'transform="rotate(-90 {BAND / 2 + 4} {y + made.h / 2})"'
            around += f"<g {turn}>{shapes.text(BAND / 2 + 4, y + made.h / 2, pool.get('name') or '')}</g>"
        elif several:
            process = next(iter(made.places.values())).node.getparent()
            around = shapes.text(8, y + 14, process.get("id") or "", 10, "start", shapes.SOFT)
        return around + self._scope(made, left, y)

    def _globals(self, y: float) -> tuple[list[str], float]:
        drawn = []
        for node in self.root:
            if local(node).startswith("global"):
                w, h = shapes.TASK
                drawn.append(shapes.box(26, y, w + 40, h - 16, width=1.4))
                drawn.append(shapes.text(26 + (w + 40) / 2, y + 24, f"{local(node)} {node.get('id')}", 9.5))
                y += h - 6
        return drawn, y

    # ---- one scope

    def _scope(self, made: Plan, x: float, y: float) -> str:
        for name, place in [*made.places.items(), *made.borders.items(), *made.data.items()]:
            self.spots[name] = (x + place.x, y + place.y, place.w, place.h)
        nodes = [self._node(place, x + place.x, y + place.y) for place in made.places.values()]
        borders = [self._node(place, x + place.x, y + place.y) for place in made.borders.values()]
        kept = [self._data(place, x + place.x, y + place.y) for place in made.data.values()]
        flows = [self._flow(flow, y + made.low) for flow in made.flows]
        lines = [self._line(*ends) for ends in made.lines if {*ends} & {*made.places, *made.borders, *made.data}]
        lanes = [self._lane(lane, y + i * LANE, x + made.w) for i, lane in enumerate(made.lanes)]
        return "".join([*lanes, *nodes, *flows, *lines, *borders, *kept])

    def _lane(self, lane: Element, y: float, right: float) -> str:
        name = shapes.text(6, y + 14, lane.get("name") or "", 10, "start", shapes.SOFT)
        return shapes.box(1, y + 1, right - 2, LANE, 0, 1) + name

    def _node(self, place: Place, x: float, y: float) -> str:
        node, kind = place.node, local(place.node)
        name = node.get("name") or node.get("id") or ""
        if kind in EVENTS:
            middle = (x + place.w / 2, y + place.h / 2)
            label = shapes.text(middle[0], y + place.h + 11, name, 9.5, ink=shapes.SOFT)
            return shapes.event(node, *middle, self._definitions(node)) + label
        if kind in GATEWAYS:
            label = shapes.text(x + place.w / 2, y - 3, name, 9.5, ink=shapes.SOFT)
            return shapes.gateway(node, x + place.w / 2, y + place.h / 2) + label
        frame = shapes.activity(node, x, y, place.w, place.h)
        if kind in SCOPES and place.inside is not None:
            return frame + shapes.text(x + 10, y + 14, name, 10, "start") + self._scope(place.inside, x, y + 4)
        return frame + shapes.text(x + place.w / 2, y + place.h / 2 + 4, name)

    def _definitions(self, node: Element) -> list[Element]:
        named = [self.known.get(ref(text(one))) for one in node.findall(tag("eventDefinitionRef"))]
        return definitions(node) + [one for one in named if one is not None]

    def _data(self, place: Place, x: float, y: float) -> str:
        middle = (x + place.w / 2, y + place.h / 2)
        return shapes.data(place.node, *middle) + shapes.text(
            middle[0] + 24, middle[1] + 4, place.node.get("name") or "", 10, "start"
        )

    # ---- lines

    def _flow(self, flow: Element, low: float) -> str:
        source, target = (self.known.get(ref(flow.get(end))) for end in ("sourceRef", "targetRef"))
        if source is None or target is None:
            return ""
        a, b = self.spots[source.get("id") or ""], self.spots[target.get("id") or ""]
        route = _route(a, b, low, local(source) == "boundaryEvent")
        default = source.get("default") == flow.get("id")
        start = (a[0] + a[2] + 9, a[1] + a[3] / 2)
        slash = shapes.path(f"M{start[0] - 4} {start[1] + 5} l8 -10") if default else ""
        condition = text(flow, "conditionExpression").lstrip("=")
        label = shapes.text(b[0] - 6, b[1] + b[3] / 2 - 5, condition, 8.5, "end", shapes.SOFT) if condition else ""
        return shapes.path(route, more=' marker-end="url(#to)"') + slash + label

    def _line(self, source: str, target: str) -> str:
        if source not in self.spots or target not in self.spots:
            return ""
        (ax, ay, aw, ah), (bx, by, bw, bh) = self.spots[source], self.spots[target]
        down = by > ay
        start, end = (ay + ah, by) if down else (ay, by + bh)
        dotted = ' stroke-dasharray="1.5 3"'
        return shapes.path(f"M{ax + aw / 2:g} {start:g} L{bx + bw / 2:g} {end:g}", more=dotted)

    def _message(self, flow: Element) -> str:
        ends = [self.spots.get(ref(flow.get(end))) for end in ("sourceRef", "targetRef")]
        if None in ends:
            return ""
        (ax, ay, aw, ah), (bx, by, bw, bh) = ends  # type: ignore[misc]
        whole = 300  # a pool: the flow goes straight up or down to its border
        x1 = bx + bw / 2 if aw > whole else ax + aw / 2
        x2 = x1 if bw > whole else bx + bw / 2
        down = by > ay
        start, end = (ay + ah, by) if down else (ay, by + bh)
        turn = (start + end) / 2
        route = f"M{x1:g} {start:g} V{turn:g} H{x2:g} V{end:g}"
        return shapes.path(route, more=' stroke-dasharray="5 4" marker-end="url(#to)"')


def _route(a: Spot, b: Spot, low: float, border: bool) -> str:
    """Right-angled lines: onward from the right to the left, back around below everything."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = a, b
    end = (bx, by + bh / 2)
    if border:
        turn = max(end[1], ay + ah + 10)
        if bx > ax + aw / 2:
            return f"M{ax + aw / 2:g} {ay + ah:g} V{turn:g} H{end[0]:g}" + (f" V{end[1]:g}" if turn != end[1] else "")
        return f"M{ax + aw / 2:g} {ay + ah:g} V{low:g} H{bx + bw / 2:g} V{by + bh:g}"
    start = (ax + aw, ay + ah / 2)
    if bx > ax + aw:
        middle = bx - 20
        straight = abs(start[1] - end[1]) < 1
        return f"M{start[0]:g} {start[1]:g} " + ("" if straight else f"H{middle:g} V{end[1]:g} ") + f"H{end[0]:g}"
    return f"M{ax + aw / 2:g} {ay + ah:g} V{low:g} H{bx + bw / 2 - 8:g} V{by + bh:g}"


def _associations(root: Element) -> Iterator[tuple[str, str]]:
    """(source, target) ids of associations, those of data among them."""
    for line in root.iter(tag("association")):
        yield ref(line.get("sourceRef")), ref(line.get("targetRef"))
    for line in root.iter(tag("dataInputAssociation")):
        yield ref(text(line, "sourceRef")), line.getparent().get("id") or ""
    for line in root.iter(tag("dataOutputAssociation")):
        yield line.getparent().get("id") or "", ref(text(line, "targetRef"))
