"""From a checked page file to a Page. Owns the defaults; what may be written at all is lint's business."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.jsonfile import label
from engine.pages.lint import SECTION, expression, listed
from engine.pages.model import Action, Card, Column, Details, Group, Measure, Page, Paste, Section, Source


def page_of(raw: Mapping[str, Any]) -> Page:
    parts = raw["sections"] if "sections" in raw else [{k: v for k, v in raw.items() if k in SECTION}]
    return Page(
        name=raw["name"],
        title=label(raw.get("title"), raw["name"]),
        intro=label(raw.get("intro")),
        menu=raw.get("menu", "desk"),
        order=int(raw.get("order", 50)),
        icon=raw.get("icon", "layout-list"),
        public=bool(raw.get("public")),
        sections=tuple(_section(part, number) for number, part in enumerate(parts, 1)),
    )


def _section(raw: Mapping[str, Any], number: int) -> Section:
    mine, calendar, group = raw.get("mine"), raw.get("calendar") or {}, raw.get("group")
    card = raw.get("card")
    return Section(
        key=str(raw.get("key") or f"s{number}"),
        title=label(raw.get("title") if "sections" not in raw else None),
        layout=raw.get("layout", "table"),
        source=_source(raw.get("source") or {}),
        scope=raw.get("scope", "all" if mine else "unit"),
        mine=(mine["field"], mine["is"]) if mine else None,
        columns=tuple(map(_column, raw.get("columns", ()))),
        card=_card(card) if card else None,
        board=(raw.get("board") or {}).get("by", ""),
        calendar=(calendar.get("start", ""), calendar.get("end", "")),
        filters=tuple(raw.get("filters", ())),
        search=bool(raw.get("search")),
        group=Group(group.get("by", ""), tuple(group.get("similar", ()))) if group else None,
        details=tuple(map(_details, listed(raw.get("details")))),
        actions=tuple(map(_action, raw.get("actions", ()))),
        measures=tuple(map(_measure, raw.get("measures", ()))),
        league=raw.get("league", ""),
        paste=_paste(raw["paste"]) if raw.get("paste") else None,
        empty=label(raw.get("empty")),
        hint=label(raw.get("hint")),
        limit=int(raw.get("limit", 24)),
        export=bool(raw.get("export", True)),
    )


def _source(raw: Mapping[str, Any]) -> Source:
    return Source(raw.get("register", ""), raw.get("query", ""), raw.get("where") or {}, raw.get("order", ""))


def _column(raw: Any) -> Column:
    if isinstance(raw, str):
        return Column(raw)
    return Column(raw["key"], label(raw.get("label")), raw.get("format", ""), expression(raw.get("value", "")))


def _card(raw: Mapping[str, Any]) -> Card:
    progress = raw.get("progress") or {}
    lines, tags = tuple(raw.get("lines", ())), tuple(raw.get("tags", ()))
    return Card(raw["title"], lines, tags, progress.get("taken", ""), progress.get("limit", ""))


def _action(raw: Mapping[str, Any]) -> Action:
    simple = ("name", "kind", "on", "style", "process", "message", "form", "node")
    feels = ("when", "key", "link", "value", "case")
    to = raw.get("to", "")
    return Action(
        **{k: raw[k] for k in simple if k in raw},
        **{k: expression(raw[k]) for k in feels if k in raw},
        label=label(raw.get("label"), raw.get("name", "")),
        confirm=label(raw.get("confirm")),
        done=label(raw.get("done")),
        text=label(raw.get("text")),
        values=raw.get("with") or {},
        to=to,
    )


def _details(raw: Mapping[str, Any]) -> Details:
    return Details(
        register=raw["register"],
        by=raw["by"],
        title=label(raw.get("title")),
        columns=tuple(map(_column, raw.get("columns", ()))),
        actions=tuple(map(_action, raw.get("actions", ()))),
        where=raw.get("where") or {},
        order=raw.get("order", ""),
        inline=bool(raw.get("inline")),
    )


def _measure(raw: Mapping[str, Any]) -> Measure:
    simple = ("key", "register", "sum", "format", "colour")
    return Measure(
        **{k: raw[k] for k in simple if k in raw},
        label=label(raw.get("label"), raw.get("key", "")),
        where=raw.get("where") or {},
        formula=expression(raw.get("formula", "")),
        hint=label(raw.get("hint")),
    )


def _paste(raw: Mapping[str, Any]) -> Paste:
    more = {"name": raw.get("name", ""), "values": raw.get("with") or {}}
    return Paste(raw["process"], raw["register"], raw["text"], tuple(raw.get("fields", ())), **more)
