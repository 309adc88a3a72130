"""Data: objects, properties, inputs, outputs, registers as data stores, and the associations between them."""

from __future__ import annotations

from tests.diagrams import catch, diagram, element, script, sub, throw, user
from tests.engine.bpmn.constructs.construct import construct as c

_ORDER = '<dataObject id="o"/><dataObjectReference id="ro" name="order" dataObjectRef="o"/>'
_STORE = '<dataStoreReference id="lamps" name="lamps"/>'


def _into(id: str, source: str, target: str = "", more: str = "") -> str:
    to = f"<targetRef>{target}</targetRef>" if target else ""
    return f'<dataInputAssociation id="{id}"><sourceRef>{source}</sourceRef>{to}{more}</dataInputAssociation>'


def _out(id: str, source: str, target: str, more: str = "") -> str:
    frm = f"<sourceRef>{source}</sourceRef>" if source else ""
    return f'<dataOutputAssociation id="{id}">{frm}<targetRef>{target}</targetRef>{more}</dataOutputAssociation>'


def _formula(feel: str) -> str:
    return f"<transformation>={feel}</transformation>"


_PRICED = (
    '<ioSpecification id="io"><dataInput id="di" name="price"/><dataOutput id="do" name="total"/></ioSpecification>'
)
_BROKEN = (
    '<extensionElements><zeebe:properties><zeebe:property name="where" value="={status: &quot;broken&quot;}"/>'
    "</zeebe:properties></extensionElements>"
)

ALL = [
    c(
        "data-object",
        "数据对象：流程的变量，连线表示谁读谁写",
        "a data object: a variable of the process; lines show who reads and writes it",
        diagram(
            "s -> u1 -> X; X -> u2 if order = null; X -> e default; u2 -> e",
            element("userTask", "u1", _out("a1", "", "ro")),
            element("userTask", "u2", '<property id="pp" name="__targetRef_placeholder"/>' + _into("a2", "ro", "pp")),
            _ORDER,
        ),
        "do u1; do u2 order=5",
        still={"order": 5},
    ),
    c(
        "data-object-subprocess",
        "子流程里的数据对象只在里面",
        "a data object of a subprocess stays inside",
        diagram(
            "s -> B -> e",
            sub(
                "B",
                "s1 -> p1 -> p2 -> e1",
                script("p1", "order = 7", _out("a1", "", "ro")),
                script("p2", "seen = order"),
                _ORDER,
            ),
        ),
        "",
        still={"seen": 7},
    ),
    c(
        "data-association",
        "输入、输出关联：复制到任务的输入，从任务的输出写回",
        "input and output associations: copied into the task's input, written back from its output",
        diagram(
            "s -> p1 -> e",
            script(
                "p1",
                "total = price * 2",
                _PRICED + _into("a1", "ro", "di") + _out("a2", "do", "ro"),
            ),
            _ORDER,
        ),
        "",
        variables={"order": 4},
        still={"order": 8},
    ),
    c(
        "data-transformation",
        "关联上的转换（transformation）",
        "associations with a transformation",
        diagram(
            "s -> p1 -> e",
            script(
                "p1",
                "total = price * 2",
                _PRICED
                + _into("a1", "ro", "di", _formula("order.price"))
                + _out("a2", "do", "ro", _formula("{price: price, total: total}")),
            ),
            _ORDER,
        ),
        "",
        variables={"order": {"price": 4}},
        still={"order": {"price": 4, "total": 8}},
    ),
    c(
        "data-assignment",
        "关联上的赋值（assignment）",
        "associations with assignments",
        diagram(
            "s -> u1 -> e",
            user("u1", _out("a1", "", "ro", "<assignment><from>=hours</from><to>order.hours</to></assignment>")),
            _ORDER,
        ),
        "do u1 hours=3",
        variables={"order": {"id": 1}},
        still={"order": {"id": 1, "hours": 3}},
    ),
    c(
        "data-property-process",
        "流程的属性：一开始就有的变量",
        "a property of the process: a variable from its beginning",
        diagram("s -> X; X -> t1 if note = null; X -> e default; t1 -> e", '<property id="pn" name="note"/>'),
        "",
        still={"note": None},
    ),
    c(
        "data-property-task",
        "任务的属性：只在任务里",
        "a property of a task stays in it",
        diagram("s -> p1 -> e", script("p1", "scratch = 1\ny = scratch + 1", '<property id="ps" name="scratch"/>')),
        "",
        still={"y": 2},
    ),
    c(
        "data-events",
        "事件的数据：抛出时取数据对象，捕获时写入",
        "data of events: taken from an object when thrown, written into one when caught",
        diagram(
            "s -> A; A -> m -> e; A -> h -> e2",
            throw("h", "message").replace(
                "</intermediateThrowEvent>",
                '<dataInput id="di" name="count"/>' + _into("a1", "ro", "di") + "</intermediateThrowEvent>",
            ),
            catch("m", "message").replace(
                "</intermediateCatchEvent>",
                '<dataOutput id="do" name="count"/>' + _out("a2", "do", "rg") + "</intermediateCatchEvent>",
            ),
            _ORDER,
            '<dataObject id="g"/><dataObjectReference id="rg" name="got" dataObjectRef="g"/>',
        ),
        "",
        variables={"order": 3},
        still={"got": 3},
    ),
    c(
        "data-store-read",
        "数据存储即台账：读记录",
        "a data store is a register: rows are read",
        diagram(
            "s -> p1 -> e",
            script(
                "p1",
                "many = len(broken)",
                '<ioSpecification id="io"><dataInput id="di" name="broken"/></ioSpecification>'
                + _into(
                    "a1",
                    "lamps",
                    "di",
                    _BROKEN,
                ),
            ),
            _STORE,
        ),
        "",
        rows={"lamps": [{"code": "1", "status": "broken"}, {"code": "2", "status": "ok"}]},
        still={"many": 1},
    ),
    c(
        "data-store-write",
        "数据存储：写记录",
        "a data store: a row is written",
        diagram(
            "s -> u1 -> e",
            user("u1", _out("a1", "", "lamps", _formula('{code: code, status: "broken"}'))),
            _STORE,
        ),
        'do u1 code="7"',
        rows={"lamps": []},
        after={"lamps": [{"code": "7", "status": "broken"}]},
    ),
]
