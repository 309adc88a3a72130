"""What is wrong with a form file, before anybody meets it: unknown types, broken expressions, doubled names.

An error means that the server could not draw or check the form as it is drawn in the editor; it refuses the
deployment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.errors import ExpressionFailed, InvalidFile, Said
from engine.expressions import feel
from engine.forms.model import CHOICES, INPUTS, MARKS, SEVERAL, TYPES, WIDGETS, Field, Form, parse
from engine.records import Finding

_KEY = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_LATIN = re.compile(r"[\x00-\u024f\u2000-\u206f]*")
_EPOCH, _UTC = datetime(1970, 1, 1), ZoneInfo("UTC")
_ADVICE = {
    "iframe": ("请改用链接文字", "use a text with a link"),
    "documentPreview": ("请改用文件上传组件", "use the file picker"),
}


def lint(content: bytes, file: str) -> list[Finding]:
    """Findings of one file, errors and warnings, in the order of the form."""
    try:
        form = parse(content)
    except InvalidFile as problem:
        reason = problem.details["reason"]
        chinese, english = (reason.zh, reason.en) if isinstance(reason, Said) else (str(reason), str(reason))
        words = (f"不是 form-js 表单：{chinese}", f"Not a form-js form: {english}")
        return [Finding(file, 1, "", "error", "not-a-form", *words)]
    judge = _Judge(form, file, content.decode("utf-8", "replace"))
    return list(judge.findings())


class _Judge:
    """One form file; `findings` yields what is wrong."""

    def __init__(self, form: Form, file: str, text: str) -> None:
        self.form, self.file, self.text = form, file, text

    def findings(self) -> Iterator[Finding]:
        if not self.form.id:
            yield self._finding(
                None, "error", "no-id", "表单没有 id，流程无法引用它", "The form has no id to refer to it by"
            )
        yield from self._doubled(self.form.fields, set())
        for field in self.form.walk():
            if field.type not in TYPES:
                yield self._unknown(field)
                continue
            yield from self._names(field)
            yield from self._expressions(field)
            yield from self._choices(field)

    def _unknown(self, field: Field) -> Finding:
        chinese, english = _ADVICE.get(field.type, ("请换用其他组件", "use another component"))
        return self._finding(
            field, "error", "unknown-type", f"不支持组件类型“{field.type}”，{chinese}",
            f"Components of type '{field.type}' are not supported: {english}",
        )  # fmt: skip

    def _doubled(self, fields: tuple[Field, ...], taken: set[str]) -> Iterator[Finding]:
        """A key used twice on one level: the later answer would overwrite the earlier."""
        for field in fields:
            if field.key in taken and field.type in INPUTS | {"dynamiclist", "expression"}:
                yield self._finding(
                    field, "error", "doubled-key", f"字段名“{field.key}”重复，请改成不同的名字",
                    f"The key '{field.key}' is used twice: give each field its own",
                )  # fmt: skip
            taken.add(field.key)
            if field.type in ("group", "dynamiclist"):
                yield from self._doubled(field.children, set() if field.key else taken)

    def _names(self, field: Field) -> Iterator[Finding]:
        if field.type in INPUTS | {"dynamiclist"} and not _KEY.fullmatch(field.key):
            yield self._finding(
                field, "error", "bad-key", f"字段名“{field.key}”只能由字母、汉字、数字和下划线组成，且不能以数字开头",
                f"The key '{field.key}' must be letters, digits and underscores, not beginning with a digit",
            )  # fmt: skip
        if field.widget and field.widget not in WIDGETS:
            zh, en = (mark.join(sorted(WIDGETS)) for mark in ("、", ", "))
            yield self._finding(
                field, "error", "unknown-widget", f"没有名为“{field.widget}”的控件，可用：{zh}",
                f"There is no widget '{field.widget}'; known: {en}",
            )  # fmt: skip
        if field.properties.get("personal", "none") not in (*MARKS, "none"):
            yield self._finding(
                field, "error", "unknown-mark", "属性 personal 只能是 about（事项所涉之人）、own（填表人）或 none",
                "The property personal is about (whom the case is about), own (who fills the form in) or none",
            )  # fmt: skip
        if field.label and not field.label_en and not _LATIN.fullmatch(field.label):
            yield self._finding(
                field, "warning", "no-english", f"“{field.label}”缺少英文标签（属性 label_en）",
                f"'{field.label}' has no English label (property label_en)",
            )  # fmt: skip

    def _expressions(self, field: Field) -> Iterator[Finding]:
        rules = [value[1:] for value in field.rules.values() if isinstance(value, str) and value.startswith("=")]
        written = [field.hide, field.expression, field.options_expression, field.read_only_when, *rules]
        if field.type == "expression" and not field.expression:
            yield self._finding(
                field, "error", "no-expression", "表达式组件没有表达式", "The expression component has no expression"
            )
        for expression in filter(None, written):
            if reason := feel.check(expression):
                yield self._finding(
                    field, "error", "bad-expression", f"表达式“{expression}”有误：{reason.zh}",
                    f"The expression '{expression}' is wrong: {reason}",
                )  # fmt: skip
        pattern = field.rules.get("pattern")
        if isinstance(pattern, str) and not _compiles(pattern):
            yield self._finding(
                field,
                "error",
                "bad-pattern",
                f"正则表达式“{pattern}”无法使用",
                f"The pattern '{pattern}' cannot be used",
            )

    def _choices(self, field: Field) -> Iterator[Finding]:
        listed = field.options or field.options_key or field.options_expression
        if (
            field.type in CHOICES | SEVERAL
            and not listed
            and field.widget not in ("person", "unit", "division", "rating")
        ):
            yield self._finding(
                field, "error", "no-options", "没有选项，请填写选项、选项变量或选项表达式",
                "No options: write them, or name the variable or expression that gives them",
            )  # fmt: skip
        values = [each.value for each in field.options]
        if len({str(value) for value in values}) != len(values):
            yield self._finding(
                field, "error", "doubled-option", "有两个选项的值相同", "Two options have the same value"
            )

    def _finding(self, field: Field | None, severity: str, code: str, chinese: str, english: str) -> Finding:
        element = (field.key or field.id) if field else self.form.id
        return Finding(self.file, self._line(field), element, severity, code, chinese, english)

    def _line(self, field: Field | None) -> int:
        """The line where the field's id (or key) stands in the file."""
        for name in (field.id, field.key) if field else ():
            place = self.text.find(f'"{name}"') if name else -1
            if place >= 0:
                return self.text.count("\n", 0, place) + 1
        return 1


def _compiles(pattern: str) -> bool:
    """Whether V8 takes the pattern: `matches` gives null for one that it does not."""
    try:
        return feel.evaluate('matches("", pattern)', {"pattern": pattern}, now=_EPOCH, zone=_UTC) is not None
    except ExpressionFailed:
        return False
