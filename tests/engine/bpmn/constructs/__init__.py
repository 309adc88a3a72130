"""Every construct of BPMN that runs: a diagram, what happens to it, and the trace that must come of it.

Owns the order of the sections, which is also that of docs/designer/notation.md. A construct belongs here as soon as a
designer can draw it; what cannot be honoured is refused by lint and is in test_lint.
"""

from __future__ import annotations

from tests.engine.bpmn.constructs import activities, data, events, flows, gateways, pools, repetition, scopes
from tests.engine.bpmn.constructs.construct import Construct

SECTIONS: dict[str, list[Construct]] = {
    "流向 Flows": flows.ALL,
    "网关 Gateways": gateways.ALL,
    "任务 Activities": activities.ALL,
    "重复 Repetition": repetition.ALL,
    "子流程 Subprocesses": scopes.ALL,
    "事件 Events": events.ALL,
    "数据 Data": data.ALL,
    "泳池与消息 Pools and messages": pools.ALL,
}
ALL = [construct for section in SECTIONS.values() for construct in section]
