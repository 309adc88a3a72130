"""Where things stand: columns by how far a node is from the start, rows by what leads to it.

Owns places, for one scope at a time, inner scopes first. Small diagrams only: edges may cross, nodes do not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.bpmn.xml import EVENTS, GATEWAYS, SCOPES, Element, flow_nodes, is_event_subprocess, local, ref, tag, text
from tests.docs.drawing.shapes import EVENT, GATEWAY, TASK

COLUMN, ROW, EDGE = 44, 34, 26  # gaps between columns and rows, room around a scope
LANE = 92  # height of a lane


@dataclass
class Place:
    """A node's box; `inside`: what stands in it, with places relative to it."""

    node: Element
    w: float
    h: float
    x: float = 0
    y: float = 0
    inside: Plan | None = None

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.w / 2, self.y + self.h / 2


@dataclass
class Plan:
    """One scope laid out: places by id, borders apart, data above."""

    places: dict[str, Place] = field(default_factory=dict)
    borders: dict[str, Place] = field(default_factory=dict)
    data: dict[str, Place] = field(default_factory=dict)
    flows: list[Element] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)  # associations
    w: float = 0
    h: float = 0
    low: float = 0  # under all nodes: where flows that lead back run
    lanes: list[Element] = field(default_factory=list)


def plan(scope: Element, lines: list[tuple[str, str]]) -> Plan:
    """Lay a process or subprocess out."""
    made = Plan(flows=scope.findall(tag("sequenceFlow")), lines=lines, lanes=list(scope.iter(tag("lane"))))
    for node in flow_nodes(scope):
        (made.borders if local(node) == "boundaryEvent" else made.places)[node.get("id") or ""] = _size(node, lines)
    for node in scope:
        if local(node) in ("dataObjectReference", "dataStoreReference"):
            made.data[node.get("id") or ""] = Place(node, 40, 40)
    _arrange(made)
    return made


def _size(node: Element, lines: list[tuple[str, str]]) -> Place:
    kind = local(node)
    if kind in EVENTS:
        return Place(node, EVENT, EVENT)
    if kind in GATEWAYS:
        return Place(node, GATEWAY, GATEWAY)
    if kind in SCOPES:
        inside = plan(node, lines)
        return Place(node, max(inside.w, TASK[0]), inside.h + 14, inside=inside)
    return Place(node, *TASK)


def _arrange(made: Plan) -> None:
    hosts = {name: ref(place.node.get("attachedToRef")) for name, place in made.borders.items()}
    handlers = {target: hosts[source] for source, target in made.lines if source in hosts and target in made.places}
    apart = {name for name, place in made.places.items() if is_event_subprocess(place.node)}
    ranks = _ranks(made, hosts, handlers, apart)
    top = EDGE + (56 if made.data else 0)
    columns: dict[int, list[str]] = {}
    for name, rank in ranks.items():
        columns.setdefault(rank, []).append(name)
    x, low = float(EDGE), top
    tallest = max((_height(made, names) for names in columns.values()), default=0)
    for rank in sorted(columns):
        names = columns[rank]
        width = max(made.places[name].w for name in names)
        y = top + (tallest - _height(made, names)) / 2
        for name in names:
            place = made.places[name]
            y = max(y, _under(made, name, hosts) - place.h / 2)
            place.x, place.y = x + (width - place.w) / 2, _in_lane(made, name, y)
            y += place.h + ROW
            low = max(low, place.y + place.h)
        x += width + COLUMN
    _borders(made, hosts)
    made.low = max(low + 24, LANE * len(made.lanes))
    right, bottom = _apart(made, apart, made.low + 16)
    for i, place in enumerate(made.data.values()):
        place.x, place.y = EDGE + 70 + i * 110, EDGE - 12
    made.w = max(x - COLUMN + EDGE, right, EDGE + 70 + len(made.data) * 110 if made.data else 0)
    made.h = max(made.low + 8, bottom)


def _under(made: Plan, name: str, hosts: dict[str, str]) -> float:
    """How low the middle of a node has to be that a border event leads to."""
    sources = {ref(flow.get("sourceRef")) for flow in made.flows if ref(flow.get("targetRef")) == name}
    above = [made.places[hosts[one]] for one in sources if one in hosts]
    only = above if len(above) == len(sources) else []
    return max((host.y + host.h + EVENT / 2 + 14 for host in only), default=0.0)


def _in_lane(made: Plan, name: str, y: float) -> float:
    for number, lane in enumerate(made.lanes):
        if any(text(one) == name for one in lane.findall(tag("flowNodeRef"))):
            return number * LANE + (LANE - made.places[name].h) / 2
    return y


def _height(made: Plan, names: list[str]) -> float:
    return sum(made.places[name].h for name in names) + ROW * (len(names) - 1)


def _ranks(made: Plan, hosts: dict[str, str], handlers: dict[str, str], apart: set[str]) -> dict[str, int]:
    """Column of each node, in the order in which a walk from the start meets them; flows that lead back don't count."""
    after: dict[str, list[str]] = {name: [] for name in made.places if name not in apart and name not in handlers}
    for flow in made.flows:
        source, target = ref(flow.get("sourceRef")), ref(flow.get("targetRef"))
        source = hosts.get(source, source)
        if source in after and target in after:
            after[source].append(target)
    targets = {target for found in after.values() for target in found}
    ranks: dict[str, int] = {}
    for root in [name for name in after if name not in targets] or list(after)[:1]:
        _walk(root, 0, after, ranks, ())
    for name in after:
        ranks.setdefault(name, 0)
    for handler, host in handlers.items():
        ranks[handler] = ranks.get(host, 0)
    return ranks


def _walk(name: str, rank: int, after: dict[str, list[str]], ranks: dict[str, int], path: tuple[str, ...]) -> None:
    if name in path or ranks.get(name, -1) >= rank:
        return
    ranks[name] = rank
    for target in after[name]:
        _walk(target, rank + 1, after, ranks, (*path, name))


def _borders(made: Plan, hosts: dict[str, str]) -> None:
    seen: dict[str, int] = {}
    for name, place in made.borders.items():
        host = made.places[hosts[name]]
        count = seen[hosts[name]] = seen.get(hosts[name], 0) + 1
        place.x = host.x + host.w - EVENT - 6 - (count - 1) * (EVENT + 8)
        place.y = host.y + host.h - EVENT / 2


def _apart(made: Plan, apart: set[str], y: float) -> tuple[float, float]:
    """Event subprocesses stand below everything; (right, bottom) of them."""
    x, bottom = float(EDGE), 0.0
    for name in [one for one in made.places if one in apart]:
        place = made.places[name]
        place.x, place.y = x, y
        x += place.w + COLUMN
        bottom = max(bottom, y + place.h + EDGE)
    return (x - COLUMN + EDGE if apart else 0), bottom
