"""A form-js form as a WTForms form on one request: the tree a template draws, filled with what was typed or kept.

Owns labels in the reader's language, the 16-column layout, conditions as they stand, dynamic lists, and errors
beside their fields. It decides nothing about right or wrong: `engine.forms` is the only interpreter, asked for
what is visible and what is wrong. A StepForm lives for one request; Flask-Admin's cached forms are not used,
since each step has its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from admin.widgets import answers, current, feel, form_fields, form_shows, form_values, lookups, names, steps
from engine import errors, forms
from engine.forms import places

COLUMNS = 16
NOTHING = Markup("")
STARS = 5
_BOXED = frozenset({"choices", "tags", "radio", "rating", "files", "photos", "signature"})


@dataclass(slots=True)
class Item:
    """One row of a dynamic list."""

    path: str
    rows: list[list[Node]]


@dataclass(slots=True)
class Node:
    """One thing that a template draws."""

    kind: str  # input group list text image separator spacer expression table
    id: str
    path: str
    label: str = ""
    description: str = ""
    width: int = COLUMNS
    required: bool = False
    read_only: bool = False
    outlined: bool = False
    input: form_fields.Control | None = None
    rows: list[list[Node]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    html: Markup = NOTHING
    value: str = ""
    source: str = ""
    table: form_shows.Table | None = None
    errors: list[str] = field(default_factory=list)

    @property
    def boxed(self) -> bool:
        """Whether it is a group of controls under a legend."""
        return self.input is not None and self.input.control in _BOXED


@dataclass(frozen=True, slots=True)
class Problem:
    """A line of the summary above a form."""

    id: str
    label: str
    text: str


@dataclass(slots=True)
class StepForm:
    """A form on one request. `inputs` is the WTForms form, flat, each field named by its dotted path."""

    spec: forms.Form
    rows: list[list[Node]]
    inputs: BaseForm
    refresh: str
    summary: list[Problem] = field(default_factory=list)
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a form is drawn in: the variables it may read, the address that redraws it, whether it is only shown."""

    context: Mapping[str, Any]
    refresh: str = ""
    read_only: bool = False


def build(
    spec: forms.Form, data: Mapping[str, Any], around: Surroundings, errors: Mapping[str, Any] | None = None
) -> StepForm:
    """The form filled with `data` (typed values, or strings as posted). `errors`: path -> Problem of `InvalidForm`."""
    builder = _Builder(spec, data, around, errors or {})
    rows = builder.lines(spec.fields, "")
    return StepForm(spec, rows, builder.inputs(), around.refresh, builder.summary(), around.read_only)


class _Builder:
    """Walks the fields once, making nodes; the WTForms fields inside them are bound together at the end."""

    def __init__(
        self, spec: forms.Form, data: Mapping[str, Any], around: Surroundings, errors: Mapping[str, Any]
    ) -> None:
        self.around, self.errors = around, errors
        self.data = form_values.filled(spec, data, around.context)
        self.english = current.me().locale != "zh"
        self.drivers = _expressions(spec.raw)
        self.visible, self.typed = forms.settled(spec, self.data, around.context, feel.evaluate)
        self.seen = {**around.context, **self.typed}
        self.nodes: dict[str, Node] = {}
        self.unbound: dict[str, tuple[Node, type[form_fields.Control], dict[str, Any]]] = {}

    def lines(self, fields: Iterable[forms.Field], prefix: str) -> list[list[Node]]:
        """The visible fields as rows of the grid."""
        rows: dict[str, list[tuple[Node, int | None]]] = {}
        for number, one in enumerate(fields):
            node = self._node(one, prefix, f"{prefix}{number}") if self._shown(one, prefix) else None
            if node is not None:
                rows.setdefault(one.row or f"#{number}", []).append((node, one.columns))
        return [_spread(row) for row in rows.values()]

    def _shown(self, one: forms.Field, prefix: str) -> bool:
        """A part without a key of its own is known to `visible` by its id."""
        return one.path(prefix) in self.visible

    def _node(self, one: forms.Field, prefix: str, place: str) -> Node | None:
        path = f"{prefix}{one.key}" if one.key else place
        node = Node(
            kind=_KINDS.get(one.type, "input" if one.type in form_fields.INPUTS else ""),
            id=f"f-{path.replace('.', '-')}",
            path=path,
            label=names.pick(one.label, one.label_en),
            description=names.pick(one.description, one.description_en),
            required=bool(one.required),
            read_only=self.around.read_only or one.read_only or self._locked(one, prefix),
            errors=[problem.text(current.me().locale) for problem in self._problems(path)],
        )
        if not node.kind:
            return None
        self.nodes[path] = node
        _FILL[node.kind](self, node, one, prefix)
        return node

    def _locked(self, one: forms.Field, prefix: str) -> bool:
        return bool(one.read_only_when) and form_shows.value(one.read_only_when, self._scope(prefix)) is True

    def _problems(self, path: str) -> list[Any]:
        found = self.errors.get(path)
        return [] if found is None else found if isinstance(found, list) else [found]

    def value(self, path: str) -> Any:
        """What was typed or kept at a path."""
        return places.get(self.data, path)

    # ---- kinds of node

    def input(self, node: Node, one: forms.Field, prefix: str) -> None:
        """A control: bound later, all at once, by WTForms."""
        widget = one.widget
        control = form_fields.control_for(one.type, widget)
        attrs = form_fields.attributes(one.type, widget, one.subtype, one.rules)
        if node.read_only:
            attrs["disabled" if control in _CHOOSING else "readonly"] = True
        if node.required:
            attrs["aria-required"] = "true"
        if one.key in self.drivers:
            attrs |= {
                "hx-post": self.around.refresh,
                "hx-trigger": "change",
                "hx-target": "#form-fields",
                "hx-swap": "outerHTML",
            }
        extra = self._extra(node, one, widget)
        if widget in ("unit", "division") and not extra["choices"] and not node.description:
            node.description = _("还没有可选的单位，请联系管理人员在“组织架构”里录入。")
        hints = [f"{node.id}-{part}" for part, there in (("hint", node.description), ("error", node.errors)) if there]
        extra |= {"describedby": " ".join(hints)}
        self.unbound[node.path] = (node, control, {"attrs": attrs, "extra": extra})

    def _extra(self, node: Node, one: forms.Field, widget: str) -> dict[str, Any]:
        extra: dict[str, Any] = {
            "zone": current.zone(),
            "read_only": node.read_only,
            "required": node.required,
            "refresh": self.around.refresh,
            "prefix": one.properties.get("prefix", ""),
            "suffix": one.properties.get("suffix", ""),
            "place": widget == "place" and not node.read_only,
        }
        value = self.value(node.path)
        if one.files:
            kept = [form_shows.file(str(v)) for v in form_fields.listed(value)]
            extra |= {
                "files": [f for f in kept if f],
                "multiple": steps.multiple(one),
                "accept": one.rules.get("accept"),
            }
            extra["capture"] = one.properties.get("capture") == "true"
        elif widget == "rating":
            extra["choices"] = [(str(n), _("%(n)d 星", n=n)) for n in range(1, _stars(one) + 1)]
        elif widget == "person":
            extra |= _persons(value)
        elif widget == "unit":
            extra["choices"] = lookups.units(one.properties.get("kind", ""), one.properties.get("top", ""))
        elif widget == "division":
            extra["choices"] = lookups.divisions(one.properties.get("top", ""))
        else:
            extra["choices"] = form_fields.pairs(self._options(one, node.path), self.english)
        extra["known"] = {v for v, _label in extra.get("choices", ())}
        return extra

    def _options(self, one: forms.Field, path: str) -> tuple[forms.Option, ...]:
        """Choices computed in vain are none: the field says so, and the step can still be read."""
        try:
            return forms.options(one, self._scope(path.rpartition(".")[0]), feel.evaluate)
        except errors.ExpressionFailed:
            return ()

    def group(self, node: Node, one: forms.Field, prefix: str) -> None:
        """Fields under one heading."""
        node.outlined = one.rules.get("outline") is True
        node.rows = self.lines(one.children, f"{prefix}{one.key}." if one.key else prefix)

    def repeated(self, node: Node, one: forms.Field, prefix: str) -> None:
        """Rows of fields that a person adds and removes."""
        kept = self.value(node.path)
        for number in range(len(kept) if isinstance(kept, list) else 0):
            path = f"{node.path}.{number}"
            node.items.append(Item(path, self.lines(one.children, f"{path}.")))

    def text(self, node: Node, one: forms.Field, prefix: str) -> None:
        """A paragraph that the designer wrote."""
        source = names.pick(one.text, one.text_en)
        node.html = (form_shows.html if one.type == "html" else form_shows.text)(source, self._scope(prefix))

    def image(self, node: Node, one: forms.Field, prefix: str) -> None:
        """A picture."""
        node.source = form_shows.picture(one.expression, self._scope(prefix))

    def expression(self, node: Node, one: forms.Field, prefix: str) -> None:
        """A value that the server computes."""
        node.value = answers.words(form_shows.value(one.expression, self._scope(prefix)))

    def table(self, node: Node, one: forms.Field, prefix: str) -> None:
        """Rows to read."""
        columns = [form_shows.Column(c.key, names.pick(c.label, c.label_en), c) for c in one.children]
        node.table = form_shows.table(one.expression, columns, self._scope(prefix))

    def nothing(self, node: Node, one: forms.Field, prefix: str) -> None:
        """A line or a gap."""

    def _scope(self, prefix: str) -> dict[str, Any]:
        """What an expression sees: the case, the form, and the row it stands in."""
        row = places.get(self.typed, prefix.rstrip(".")) if prefix else None
        return {**self.seen, **row, "this": row} if isinstance(row, dict) else self.seen

    # ---- at the end

    def inputs(self) -> BaseForm:
        """The WTForms form over every control, named by its dotted path."""
        fields = {
            path: UnboundField(control, label=n.label, **more) for path, (n, control, more) in self.unbound.items()
        }
        form = BaseForm(fields)
        form.process(data={path: self.value(path) for path in fields})
        for path, (node, _control, _more) in self.unbound.items():
            node.input = form[path]
            node.input.id = node.id
            node.input.errors = node.errors
        wrong = next((node for node, _control, _more in self.unbound.values() if node.errors), None)
        if wrong is not None and wrong.input is not None:
            wrong.input.attrs["autofocus"] = True  # without JavaScript too
        return form

    def summary(self) -> list[Problem]:
        """Every problem, those of fields not drawn included: none is hidden."""
        found = []
        for path in self.errors:
            node = self.nodes.get(path)
            for problem in self._problems(path):
                text = problem.text(current.me().locale)
                found.append(Problem(node.id if node else "form-fields", node.label if node else path, text))
        return found


_KINDS = {
    "group": "group",
    "dynamiclist": "list",
    "text": "text",
    "html": "text",
    "image": "image",
    "separator": "separator",
    "spacer": "spacer",
    "expression": "expression",
    "table": "table",
}
_FILL = {
    "input": _Builder.input,
    "group": _Builder.group,
    "list": _Builder.repeated,
    "text": _Builder.text,
    "image": _Builder.image,
    "expression": _Builder.expression,
    "table": _Builder.table,
    "separator": _Builder.nothing,
    "spacer": _Builder.nothing,
}
_CHOOSING = frozenset(
    {
        form_fields.Check,
        form_fields.Choices,
        form_fields.Tags,
        form_fields.People,
        form_fields.Radio,
        form_fields.Select,
        form_fields.Rating,
    }
)


def _persons(value: Any) -> dict[str, Any]:
    """Who is chosen (by login, or as typed when nobody is called so)."""
    chosen = [(login, names.person(login)) for login in (str(v) for v in form_fields.listed(value)) if login]
    return {"lookup": "people", "choices": chosen, "who": "、".join(name for login, name in chosen if name != login)}


def _stars(one: forms.Field) -> int:
    limit = one.rules.get("max")
    return min(limit, 2 * STARS) if type(limit) is int else STARS


def _spread(row: list[tuple[Node, int | None]]) -> list[Node]:
    """Give each of a row its share of the 16 columns: what was set, the rest evenly among the others."""
    left = COLUMNS - sum(width or 0 for _node, width in row)
    free = sum(1 for _node, width in row if not width) or 1
    for node, width in row:
        node.width = max(1, min(COLUMNS, width or left // free))
    return [node for node, _width in row]


def _expressions(raw: Any) -> frozenset[str]:
    """Every word in the form's expressions and templates. A field named there redraws the form when it changes; a word
    too many costs a request, never a wrong form."""
    words: set[str] = set()
    for text in _texts(raw):
        if text.startswith("=") or "{{" in text:
            words.update(re.findall(r"\w+", text))
    return frozenset(words)


def _texts(raw: Any) -> Iterable[str]:
    if isinstance(raw, str):
        yield raw
    elif isinstance(raw, Mapping):
        for part in raw.values():
            yield from _texts(part)
    elif isinstance(raw, list | tuple):
        for part in raw:
            yield from _texts(part)
