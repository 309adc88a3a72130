"""One edit of a drawn diagram: the timetable by which a start event begins cases.

Owns where that stands in the XML; everything else of the file stays. What a timetable is, `engine.calendars` knows.
"""

from __future__ import annotations

from lxml import etree

from engine.bpmn import xml
from engine.bpmn.xml import Element
from engine.errors import NotFound

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def timed(content: bytes, node: str, line: str, calendar: str) -> bytes:
    """A diagram whose timer start event `node` goes by the timetable `line`, its working days those of `calendar` ('':
    none are asked). NotFound when it has no such event, InvalidFile."""
    root = xml.parse(content)
    event = next((one for one in root.iter(xml.tag("startEvent")) if one.get("id") == node), None)
    timer = None if event is None else xml.child(event, "timerEventDefinition")
    if event is None or timer is None:
        raise NotFound(what="定时开始事件", id=node)
    for old in list(timer):
        timer.remove(old)
    made = etree.SubElement(timer, xml.tag("timeCycle"))
    made.set(_TYPE, f"{root.prefix}:tFormalExpression" if root.prefix else "tFormalExpression")
    made.text = line
    _set_calendar(event, calendar)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


def _set_calendar(event: Element, calendar: str) -> None:
    """The property `calendar` of an event."""
    for old in [one for one in event.iter(xml.tag("property", xml.ZEEBE)) if one.get("name") == "calendar"]:
        old.getparent().remove(old)
    if calendar:
        extensions = xml.child(event, "extensionElements")
        if extensions is None:
            extensions = etree.Element(xml.tag("extensionElements"))
            event.insert(0, extensions)
        properties = _within(extensions, xml.tag("properties", xml.ZEEBE))
        etree.SubElement(properties, xml.tag("property", xml.ZEEBE), {"name": "calendar", "value": calendar})


def _within(parent: Element, name: str) -> Element:
    found = parent.find(name)
    return etree.SubElement(parent, name) if found is None else found
