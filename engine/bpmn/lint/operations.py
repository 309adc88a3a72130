"""Operations and signatures of a user task: each property says something the engine can do.

Owns `operations`, `delegated`, `after_return`, `timeout`, `refuse`, `initiator` and the settings of signatures
(`signers`, `signing`, `weight`, ...). What the words mean is said in docs/designer/operations.md.
"""

from __future__ import annotations

from engine.bpmn import signing
from engine.bpmn.lint.document import Document, name_of
from engine.bpmn.settings import Settings
from engine.bpmn.xml import Element, child, local
from engine.calendars import iso

OPERATIONS = (
    *("claim", "unclaim", "comment", "transfer", "delegate", "add_signer", "remove_signer", "return", "withdraw"),
    *("refuse", "urge", "copy"),
)
CHOICES = {
    "delegated": ("confirm", "complete"),
    "after_return": ("rerun", "back", "choose"),
    "early": ("yes", "no"),
}
ACTS = ("complete", "agree", "refuse", "return", "transfer")
SIGNATURES = ("signers", "signing", "agree", "weight", "early", "verdict")
LIKE = "all, first, any, 60%, >50%, 2/3"


def check(document: Document) -> None:
    """Everything of this module."""
    for node in document.nodes:
        if local(node) == "userTask":
            settings = document.settings(node)
            _operations(document, node, settings)
            _choices(document, node, settings)
            _signatures(document, node, settings)
            _timeouts(document, node, settings)


def _wrong(document: Document, node: Element, code: str, zh: str, en: str) -> None:
    document.error(node, code, f"“{name_of(node)}”{zh}", f"“{name_of(node)}” {en}")


def _operations(document: Document, node: Element, settings: Settings) -> None:
    for name in _entries(settings.properties.get("operations", "")):
        if name not in OPERATIONS:
            _wrong(
                document,
                node,
                "operation",
                f"的 operations 里没有“{name}”这种操作。可用：{'、'.join(OPERATIONS)}。",
                f"lists an operation “{name}” that is none of {', '.join(OPERATIONS)}.",
            )
    refuse = settings.properties.get("refuse", "")
    if refuse and not refuse.isidentifier():
        _wrong(
            document,
            node,
            "refuse",
            f"的 refuse“{refuse}”不是变量名。",
            f"has a refuse “{refuse}” that is no variable name.",
        )


def _choices(document: Document, node: Element, settings: Settings) -> None:
    for name, allowed in CHOICES.items():
        written = settings.properties.get(name, "")
        if written and written not in allowed:
            words = " / ".join(allowed)
            _wrong(
                document,
                node,
                "choice",
                f"的 {name} 应为 {words}，而不是“{written}”。",
                f"needs {name} to be {words}, not “{written}”.",
            )


def _signatures(document: Document, node: Element, settings: Settings) -> None:
    named = [name for name in SIGNATURES if settings.properties.get(name)]
    if named and child(node, "multiInstanceLoopCharacteristics") is None:
        _wrong(
            document,
            node,
            "signing-of-one",
            f"设置了 {named[0]}，但不是多实例任务。请先设为多实例（并行或逐个）。",
            f"sets {named[0]} but is not repeated: make it a multi-instance first.",
        )
    written = settings.properties.get("signing", "")
    try:
        rule = signing.rule(written) if written else None
    except ValueError:
        rule = None
        _wrong(
            document,
            node,
            "signing",
            f"的 signing“{written}”无法识别。可用：{LIKE}。",
            f"has a signing “{written}” that cannot be read; use {LIKE}.",
        )
    if rule is None and settings.properties.get("weight") and not written:
        document.warn(
            node,
            "weight-of-nothing",
            f"“{name_of(node)}”设置了 weight 但没有 signing，不会起作用。",
            f"“{name_of(node)}” sets weight but no signing, so it has no effect.",
        )


def _timeouts(document: Document, node: Element, settings: Settings) -> None:
    written = settings.properties.get("timeout", "")
    for entry in _entries(written):
        when, _, act = entry.partition(" ")
        name, _, to = act.strip().partition(" ")
        if not _period(when.removeprefix("+")) or name not in ACTS or (name == "transfer") > bool(to.strip()):
            _wrong(
                document,
                node,
                "timeout",
                f"的 timeout“{entry[:60]}”无法识别。例：PT0S agree, P1D transfer secretary@up, P2D return previous。",
                f"has a timeout “{entry[:60]}” that cannot be read. Like: PT0S agree, P1D transfer secretary@up.",
            )
    if written and not settings.due_date:
        document.warn(
            node,
            "no-due-date",
            f"“{name_of(node)}”设置了 timeout，但没有到期时间，不会起作用。",
            f"“{name_of(node)}” sets timeout but has no due date, so it has no effect.",
        )


def _entries(setting: str) -> list[str]:
    return [part.strip() for part in setting.split(",") if part.strip()]


def _period(written: str) -> bool:
    try:
        iso.period(written)
    except ValueError:
        return False
    return True
