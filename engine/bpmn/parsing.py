"""Parsing: SpiffWorkflow's parser, made to build our nodes flat, with flow ids, order and settings kept.

Owns which spec class each element gets, and how nodes of a scope are tied together. SpiffWorkflow's own parser follows
flows recursively, names its internals as a diagram may name its nodes, and drops what it does not know; here every node
of a scope is made in a plain loop and tied afterwards. Must not run anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from SpiffWorkflow.bpmn.parser import event_parsers as ep
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine.bpmn import activities, compensation, events, gateways, repeat, subprocess
from engine.bpmn import definitions as d
from engine.bpmn.dialects import zeebe
from engine.bpmn.node import Flow, Node
from engine.bpmn.rewriting import data
from engine.bpmn.scopes import expression
from engine.bpmn.xml import (
    Element,
    child,
    definition_named,
    definitions,
    flow_nodes,
    instantiates,
    is_event_subprocess,
    local,
    ref,
    tag,
    text,
)

CHILD = " [child]"  # suffix of a repeated activity's own spec: no XML id can have a blank


class ScopeSpec(BpmnProcessSpec):
    """The graph of one process or subprocess. SpiffWorkflow's `Start` and `End` go: a diagram may use those ids."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.task_specs.clear()
        self.start.name = "(start)"
        self.task_specs["(start)"] = self.start
        self.starts: list[str] = []  # nodes that get a token when the scope opens
        self.event_subs: list[str] = []  # event subprocesses that listen
        self.undo = ""  # compensation event subprocess
        self.declared: list[str] = []  # variables that are there, null, when the scope opens
        self.together: dict[str, list[str]] = {}  # behind a parallel instantiating gateway: what else is awaited
        self.graph: dict[str, list[tuple[str, str]]] | None = None  # filled by gateways.graph
        self.reached: dict[tuple[str, str], frozenset[str]] = {}


class NodeParser(ep.EventDefinitionParser):
    """One element to one spec; a repeated activity to a body and a child."""

    def parse_node(self) -> Any:
        settings = zeebe.settings(self.node)
        self.task = self.create_task()
        self._fill(self.task, settings)
        self.task.place = self.bpmn_id
        if settings.repetition or settings.loop:
            return self._wrap(self.task, settings)
        return self.task

    @property
    def bpmn_attributes(self) -> dict[str, Any]:
        return {"description": local(self.node), "lane": self.lane, "bpmn_name": self.node.get("name")}

    def _fill(self, task: Node, settings: Any) -> None:
        task.settings = settings
        task.type = local(self.node)
        task.start_quantity = int(self.node.get("startQuantity", 1))
        task.completion_quantity = int(self.node.get("completionQuantity", 1))

    def _wrap(self, task: Any, settings: Any) -> Any:
        """The body takes the activity's name and place in the graph, the activity becomes its child."""
        del self.spec.task_specs[task.name]
        task.name += CHILD
        self.spec.task_specs[task.name] = task
        task.start_quantity = task.completion_quantity = 1
        make = repeat.MultiInstance if settings.repetition else repeat.LoopBody
        body = make(self.spec, self.bpmn_id, **self.bpmn_attributes)
        self._fill(body, replace(settings, inputs=(), outputs=()))
        body.child, body.place, body.inner = task.name, self.bpmn_id, ""
        if settings.repetition:
            body.throws = tuple(self._announcements(settings.repetition.behavior))
        return body

    def _announcements(self, behavior: str) -> Iterator[repeat.Announcement]:
        """What each child that is done throws (BPMN 2.0.2, table 10.27)."""
        many: Element = child(self.node, "multiInstanceLoopCharacteristics")
        if behavior == "Complex":
            for rule in many.findall(tag("complexBehaviorDefinition")):
                condition = expression(text(rule, "condition"))
                for node in definitions(child(rule, "event")):
                    yield repeat.Announcement(self._definition(node), condition=condition)
        elif behavior in ("None", "One"):
            name = ref(many.get(f"{behavior.lower()}BehaviorEventRef"))
            named = definition_named(self.node, name)
            if named is None:
                raise ValueError(f"{self.bpmn_id}: {name} is no event definition")
            yield repeat.Announcement(self._definition(named), first=behavior == "One")

    def _definition(self, node: Element) -> Any:
        kind = local(node).removesuffix("EventDefinition")
        own = {"timer": self._timer, "message": self._message, "compensate": self._compensate}.get(kind)
        if own is not None:
            return own(node)
        if kind == "conditional":
            return d.Conditional(text(node, "condition"))
        if kind == "signal":
            return d.Signal(self.process_parser.parser.signals.get(ref(node.get("signalRef"))))
        return getattr(self, f"parse_{kind}_event")(node)

    def _timer(self, node: Element) -> Any:
        for name, made in (("timeDate", d.TimeDate), ("timeDuration", d.Duration), ("timeCycle", d.Cycle)):
            if child(node, name) is not None:
                return made(self.bpmn_id, text(node, name))
        return self.raise_validation_exception("A timer needs a date, a duration or a cycle")

    def _message(self, node: Element) -> Any:
        owner = self.process_parser.parser
        key = ref(node.get("messageRef"))
        own = zeebe.settings(self.node).properties.get("correlationKey")
        return d.Message(owner.messages.get(key) or key, own or owner.message_keys.get(key, ""))

    def _compensate(self, node: Element) -> Any:
        waits = node.get("waitForCompletion", "true") != "false"
        return d.Compensate(ref(node.get("activityRef")) or None, waits)


class Complex(NodeParser):
    def create_task(self) -> Any:
        task = super().create_task()
        task.activation = expression(text(self.node, "activationCondition"))
        return task


class Script(NodeParser):
    def create_task(self) -> Any:
        if zeebe.settings(self.node).service:
            return activities.Service(self.spec, self.bpmn_id, **self.bpmn_attributes)
        return self.spec_class(self.spec, self.bpmn_id, script="", **self.bpmn_attributes)


class Rule(NodeParser):
    def create_task(self) -> Any:
        made = activities.Service if zeebe.settings(self.node).service else self.spec_class
        return made(self.spec, self.bpmn_id, **self.bpmn_attributes)


class Called(NodeParser):
    def create_task(self) -> Any:
        called = zeebe.settings(self.node).called
        return self.spec_class(self.spec, self.bpmn_id, subworkflow_spec=called, **self.bpmn_attributes)


class Sub(NodeParser):
    """A subprocess: its scope is parsed by a process parser of its own."""

    def create_task(self) -> Any:
        owner = self.process_parser.parser
        owner.create_parser(self.node, filename=self.filename, lane=self.lane)
        owner.process_parsers[self.bpmn_id].parent = self.process_parser
        made = subprocess.EventSubprocess if is_event_subprocess(self.node) else self.spec_class
        task = made(self.spec, self.bpmn_id, **self.bpmn_attributes)
        task.settings = zeebe.settings(self.node)
        inner = owner.get_spec(self.bpmn_id)
        if isinstance(task, subprocess.EventSubprocess) and inner.starts:
            task.event = inner.task_specs[inner.starts[0]]
        if isinstance(task, subprocess.AdHoc):
            task.sequential = self.node.get("ordering") == "Sequential"
            task.cancels = self.node.get("cancelRemainingInstances", "true") == "true"
            task.until = text(self.node, "completionCondition")
        return task


class EventParser(NodeParser):
    """Any definition on any event: SpiffWorkflow allows each event its own few, and makes the rest plain ones."""

    def create_task(self) -> Any:
        return self.spec_class(self.spec, self.bpmn_id, event_definition=self._event(), **self.bpmn_attributes)

    def _event(self) -> Any:
        found = [self._definition(node) for node in definitions(self.node)]
        if len(found) > 1:
            return d.Multiple(found, self.node.get("parallelMultiple") == "true")
        return found[0] if found else d.Nothing()


class StartParser(EventParser):
    def create_task(self) -> Any:
        task = super().create_task()
        task.interrupting = self.node.get("isInterrupting", "true") == "true"
        return task


class BoundaryParser(EventParser):
    def create_task(self) -> Any:
        cancels = self.node.get("cancelActivity", "true") == "true"
        more = {"event_definition": self._event(), "cancel_activity": cancels}
        return self.spec_class(self.spec, self.bpmn_id, **more, **self.bpmn_attributes)


class MessageTask(EventParser):
    """Send and receive tasks name their message as an attribute."""

    def create_task(self) -> Any:
        if zeebe.settings(self.node).service and local(self.node) == "sendTask":
            return activities.Service(self.spec, self.bpmn_id, **self.bpmn_attributes)
        return super().create_task()

    def _event(self) -> Any:
        return self._message(self.node) if self.node.get("messageRef") else super()._event()


class ScopeParser(ProcessParser):
    """One process or subprocess: its nodes in a loop, then what ties them."""

    def _parse(self) -> None:
        self.spec = ScopeSpec(self.bpmn_id, description=self.get_name(), filename=self.filename)
        nodes = list(flow_nodes(self.node))
        for node in nodes:
            self.parse_node(node)
        self._tie_flows()
        handlers = self._tie_borders(nodes)
        self._find_starts(nodes, handlers)
        self._find_event_subprocesses(nodes)
        undo = events.Throw(self.spec, compensation.THROW, event_definition=d.Compensate())
        undo.hidden, undo.place = True, compensation.THROW

    def _tie_flows(self) -> None:
        """In the order of the file, which is the order an exclusive gateway asks in."""
        specs = self.spec.task_specs
        for node in self.node.findall(tag("sequenceFlow")):
            source, target = specs.get(ref(node.get("sourceRef"))), specs.get(ref(node.get("targetRef")))
            if source is None or target is None:
                self._refuse(node, "a flow without source or target")
            default = self.get_node_by_id(source.bpmn_id).get("default") == node.get("id")
            condition = expression(text(node, "conditionExpression"))
            flow = Flow(node.get("id"), target.name, condition, default)
            source.flows.append(flow)
            source.by_id[flow.id] = flow
            target.incoming.append(flow.id)
            source.connect(target)
        for spec in specs.values():
            if isinstance(spec, Node):
                joins = isinstance(spec, (gateways.Parallel, gateways.Inclusive)) and len(spec.incoming) > 1
                spec.counts = joins or spec.start_quantity > 1

    def _refuse(self, node: Element, reason: str) -> Any:
        raise ValueError(f"{node.get('id')}: {reason}")

    def _tie_borders(self, nodes: list[Element]) -> set[str]:
        """Boundary events to their activities; the handlers that compensation boundary events point to."""
        handlers: set[str] = set()
        for node in nodes:
            if local(node) != "boundaryEvent":
                continue
            host = self.spec.task_specs.get(ref(node.get("attachedToRef")))
            if host is None:
                self._refuse(node, "attached to nothing")
            if child(node, "compensateEventDefinition") is None:
                host.boundary.append(node.get("id"))
            else:
                host.handler = self._handler(node)
                handlers.add(host.handler)
                if host.handler not in self.spec.task_specs:
                    self._refuse(node, "its compensation handler is not in the same scope")
                self.spec.task_specs[host.handler].undoes = True
        return handlers

    def _handler(self, node: Element) -> str:
        for line in self.document_root.iter(tag("association")):
            if ref(line.get("sourceRef")) == node.get("id"):
                return ref(line.get("targetRef"))
        return self._refuse(node, "no compensation handler")

    def _find_starts(self, nodes: list[Element], handlers: set[str]) -> None:
        """The plain start events; of an event subprocess its only one; without any, what nothing leads to."""
        starts = [n for n in nodes if local(n) == "startEvent"]
        for gateway in (n for n in nodes if instantiates(n) and n.get("eventGatewayType") == "Parallel"):
            behind = [flow.target for flow in self.spec.task_specs[gateway.get("id")].flows]
            self.spec.together |= {name: [other for other in behind if other != name] for name in behind}
        if starts:
            plain = [n for n in starts if not definitions(n)]
            chosen = starts if is_event_subprocess(self.node) else plain
        else:
            targets = {ref(f.get("targetRef")) for f in self.node.findall(tag("sequenceFlow"))}
            never = [n for n in nodes if local(n) == "boundaryEvent" or is_event_subprocess(n) or instantiates(n)]
            loose = [n for n in nodes if n not in never]
            chosen = [n for n in loose if n.get("id") not in targets and n.get("id") not in handlers]
        self.spec.starts = [n.get("id") for n in chosen]
        self.spec.declared = data.declared(self.node)

    def _find_event_subprocesses(self, nodes: list[Element]) -> None:
        for node in nodes:
            if not is_event_subprocess(node):
                continue
            task = self.spec.task_specs[node.get("id")]
            if task.event is not None and isinstance(task.event.event_definition, d.Compensate):
                self.spec.undo = task.name
            else:
                self.spec.event_subs.append(task.name)


_PARSERS: dict[str, tuple[type, type]] = {
    "task": (NodeParser, activities.Plain),
    "userTask": (NodeParser, activities.User),
    "manualTask": (NodeParser, activities.Manual),
    "scriptTask": (Script, activities.Script),
    "serviceTask": (NodeParser, activities.Service),
    "businessRuleTask": (Rule, activities.Decision),
    "sendTask": (MessageTask, activities.Send),
    "receiveTask": (MessageTask, activities.Receive),
    "callActivity": (Called, activities.Call),
    "subProcess": (Sub, subprocess.Subprocess),
    "transaction": (Sub, subprocess.Transaction),
    "adHocSubProcess": (Sub, subprocess.AdHoc),
    "exclusiveGateway": (NodeParser, gateways.Exclusive),
    "parallelGateway": (NodeParser, gateways.Parallel),
    "inclusiveGateway": (NodeParser, gateways.Inclusive),
    "complexGateway": (Complex, gateways.Complex),
    "eventBasedGateway": (NodeParser, gateways.EventBased),
    "startEvent": (StartParser, events.Start),
    "endEvent": (EventParser, events.End),
    "intermediateCatchEvent": (EventParser, events.Catch),
    "intermediateThrowEvent": (EventParser, events.Throw),
    "boundaryEvent": (BoundaryParser, events.Boundary),
}


class Parser(BpmnParser):
    """SpiffWorkflow's, with our nodes. One for each file: it keeps what it has parsed."""

    PROCESS_PARSER_CLASS = ScopeParser
    OVERRIDE_PARSER_CLASSES = {tag(name): pair for name, pair in _PARSERS.items()}

    def __init__(self, root: Element) -> None:
        super().__init__()
        self.message_keys = {
            message.get("id"): zeebe.settings(message).correlation for message in root.iter(tag("message"))
        }
        self.add_bpmn_xml(root)

    def _add_data_stores(self, bpmn: Any) -> None:
        """A data store is a register: nothing of it is executed."""

    def _find_dependencies(self, process: Any) -> None:
        """Called processes are cases of their own."""

    def _add_correlations(self, bpmn: Any) -> None:
        """Keys are set on the message (zeebe:subscription)."""
