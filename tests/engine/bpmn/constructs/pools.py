"""Collaborations: several pools in one file, lanes, message flows between them, correlation."""

from __future__ import annotations

from tests.diagrams import call, catch, diagram, element, process, start
from tests.engine.bpmn.constructs.construct import construct as c


def _pools(*flows: str, more: str = "") -> str:
    return (
        '<collaboration id="co"><participant id="pool1" name="甲" processRef="p"/>'
        f'<participant id="pool2" name="乙" processRef="q"/>{"".join(flows)}{more}</collaboration>'
    )


def _flow(id: str, source: str, target: str, message: str = "") -> str:
    named = f' messageRef="{message}"' if message else ""
    return f'<messageFlow id="{id}" sourceRef="{source}" targetRef="{target}"{named}/>'


_BARE = "<messageEventDefinition/>"
_KEYED = (
    '<message id="ask" name="ask"/><message id="tell" name="tell"/><correlationProperty id="cp">'
    '<correlationPropertyRetrievalExpression messageRef="ask"><messagePath>=order</messagePath>'
    '</correlationPropertyRetrievalExpression><correlationPropertyRetrievalExpression messageRef="tell">'
    "<messagePath>=order</messagePath></correlationPropertyRetrievalExpression></correlationProperty>"
)
_SUBSCRIPTION = (
    '<correlationSubscription id="cs" correlationKeyRef="ck"><correlationPropertyBinding correlationPropertyRef="cp">'
    "<dataPath>=mine</dataPath></correlationPropertyBinding></correlationSubscription>"
)

ALL = [
    c(
        "pools-start",
        "两个泳池：消息流启动另一个池",
        "two pools: a message flow begins the other",
        diagram(
            "s -> n1 -> u1 -> e",
            element("sendTask", "n1", messageRef="msg"),
            more=process("s2 -> u2 -> e2", start("s2", "message"), key="q"),
            top=_pools(_flow("f1", "n1", "s2")),
        ),
        "do u2; do u1",
    ),
    c(
        "pools-talk",
        "两个泳池：一问一答",
        "two pools: a question and its answer",
        diagram(
            "s -> n1 -> m1 -> e",
            element("sendTask", "n1", messageRef="msg"),
            element("intermediateCatchEvent", "m1", '<messageEventDefinition messageRef="back"/>'),
            more=process(
                "s2 -> u2 -> e2",
                start("s2", "message"),
                element("endEvent", "e2", '<messageEventDefinition messageRef="back"/>'),
                key="q",
            ),
            top='<message id="back" name="back"/>' + _pools(_flow("f1", "n1", "s2"), _flow("f2", "e2", "m1")),
        ),
        "do u2",
    ),
    c(
        "pools-unnamed",
        "消息流两端没有消息名：由消息流给出",
        "a message flow whose ends name no message gives them one",
        diagram(
            "s -> n1 -> v1 -> e",
            element("sendTask", "n1"),
            element("receiveTask", "v1"),
            more=process(
                "s2 -> h2 -> e2",
                element("startEvent", "s2", _BARE),
                element("intermediateThrowEvent", "h2", _BARE),
                key="q",
            ),
            top=_pools(_flow("f1", "n1", "s2"), _flow("f2", "h2", "v1")),
        ),
        "",
    ),
    c(
        "pools-flow-names",
        "消息流指定消息（messageRef）",
        "a message flow that names the message",
        diagram(
            "s -> h1 -> u1 -> e",
            element("intermediateThrowEvent", "h1", _BARE),
            more=process("s2 -> u2 -> e2", element("startEvent", "s2", _BARE), key="q"),
            top=_pools(_flow("f1", "h1", "s2", "msg")),
        ),
        "do u1; message msg; do u2; do u2",
    ),
    c(
        "pools-closed",
        "黑盒泳池：消息来自外面",
        "a pool without a process: its messages come from outside",
        diagram(
            "s -> m1 -> e",
            catch("m1", "message"),
            top='<collaboration id="co"><participant id="pool1" processRef="p"/><participant id="pool2" name="居民"/>'
            '<messageFlow id="f1" sourceRef="pool2" targetRef="m1"/></collaboration>',
        ),
        "message msg",
    ),
    c(
        "pools-not-executable",
        "不可执行的泳池只作说明",
        "a pool that is not executable only explains",
        diagram(
            "s -> u1 -> e",
            more='<process id="q" isExecutable="false"><task id="t9"/></process>',
            top=_pools(_flow("f1", "pool2", "pool1")),
        ),
        "do u1",
    ),
    c(
        "lanes",
        "泳道：说明谁做，任务带上泳道名",
        "lanes: who does it; tasks carry the lane's name",
        diagram(
            "s -> u1 -> u2 -> e",
            '<laneSet id="ls"><lane id="l1" name="网格员"><flowNodeRef>s</flowNodeRef><flowNodeRef>u1</flowNodeRef>'
            "</lane>"
            '<lane id="l2" name="书记"><flowNodeRef>u2</flowNodeRef><flowNodeRef>e</flowNodeRef></lane></laneSet>',
        ),
        "do u1; do u2",
    ),
    c(
        "correlation-key",
        "关联键（zeebe:subscription）：只收自己的",
        "a correlation key (zeebe:subscription): only one's own is received",
        diagram("s -> m1 -> e", catch("m1", "keyed")),
        "message keyed@B; message keyed@A",
        variables={"key": "A"},
    ),
    c(
        "correlation-standard",
        "关联键，BPMN 标准写法（correlationSubscription）",
        "a correlation key in BPMN's own words (correlationSubscription)",
        diagram(
            "s -> n1 -> m1 -> e",
            element(
                "sendTask",
                "n1",
                messageRef="ask",
                zeebe='<zeebe:ioMapping><zeebe:input source="=mine" target="order"/></zeebe:ioMapping>',
            ),
            element("intermediateCatchEvent", "m1", '<messageEventDefinition messageRef="tell"/>'),
            _SUBSCRIPTION,
            more=process(
                "s2 -> u2 -> e2",
                element("startEvent", "s2", '<messageEventDefinition messageRef="ask"/>'),
                element("endEvent", "e2", '<messageEventDefinition messageRef="tell"/>'),
                key="q",
            ),
            top=_KEYED
            + _pools(
                _flow("f1", "n1", "s2"),
                _flow("f2", "e2", "m1"),
                more='<correlationKey id="ck"><correlationPropertyRef>cp</correlationPropertyRef></correlationKey>',
            ),
        ),
        "do u2",
        variables={"mine": "A7"},
    ),
    c(
        "call-between-pools",
        "泳池里的流程也可被调用",
        "a pool's process can be called too",
        diagram(
            "s -> c1 -> e",
            call("c1", "q"),
            more=process("s2 -> u2 -> e2", key="q"),
            top=_pools(),
        ),
        "do u2",
    ),
]
