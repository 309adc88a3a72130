"""The table of operations: every operation, how the diagram sets it, and what it comes to on every shape.

Owns which cell works and which is refused with what words; `test_operations` plays each cell, docs/designer/
operations.md is written of this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.steps import NO_SIGNER
from engine.bpmn.withdrawing import ENDED
from engine.commands.returns import CALLED_ENDED, CALLER
from engine.errors import CannotMove, DeploymentRefused, LinliError, Said, TooLate
from tests.engine.operations import acts
from tests.engine.operations.play import Play
from tests.engine.operations.shapes import Task


@dataclass(frozen=True)
class Refusal:
    """A cell in which the operation makes no sense: the error, and the words that say so."""

    kind: type[LinliError]
    words: Said


@dataclass(frozen=True)
class Operation:
    """A row. `task`: how `u` is set; `variables`: of the start; `ends`: the act ends the case itself."""

    key: str
    zh: str
    en: str
    act: Callable[[Play], None]
    setting: str = ""
    task: Task = field(default_factory=Task)
    variables: Mapping[str, Any] = field(default_factory=dict)
    refused: Mapping[str, Refusal] = field(default_factory=dict)
    ends: bool = False


OF_ONE = Said("请先设为多实例", "make it a multi-instance first")
SINGLE = Refusal(DeploymentRefused, OF_ONE)
ALONE = ("single", "branches", "subprocess", "called", "timers")
LAST = dict.fromkeys(ALONE, Refusal(CannotMove, NO_SIGNER))
BACK = {"called": Refusal(CannotMove, CALLER)}
GONE = {"subprocess": Refusal(TooLate, ENDED), "called": Refusal(TooLate, CALLED_ENDED)}
NO_PEOPLE = {"groups": "nosuchrole"}


def _signing(rule: str, **more: str) -> Task:
    return Task({"signing": rule, **more}, several=True)


def _late(act: str, **more: str) -> Task:
    return Task({"timeout": f"PT0S {act}", "refuse": "agreed", **more}, due="PT4H")


COUNTED = {"signing": "all"}

OPERATIONS = (
    Operation("claim", "认领、退回认领", "claim, give back", acts.claim, task=Task(people={"users": "li, wang"})),
    Operation("transfer", "转交", "transfer", acts.transfer, "operations: transfer"),
    Operation(
        "delegate", "委托，办完由委托人确认", "delegate, confirmed by the owner", acts.delegate, "operations: delegate"
    ),
    Operation(
        "delegate-completes",
        "委托，受托人办完即完成",
        "delegate, complete when done",
        acts.delegate_completes,
        "delegated: complete",
        Task({"delegated": "complete"}),
    ),
    Operation("substitute", "代理（按日期、流程）", "standing substitute", acts.substitute),
    Operation("leaver", "离职交接", "hand-over of a leaver", acts.leaver),
    Operation("add-before", "前加签", "add signer before", acts.add_before, "operations: add_signer"),
    Operation("add-beside", "并加签", "add signer beside", acts.add_beside, "operations: add_signer"),
    Operation("add-after", "后加签", "add signer after", acts.add_after, "operations: add_signer"),
    Operation("remove", "减签：撤去加签的人", "remove a signer one added", acts.remove, "operations: remove_signer"),
    Operation(
        "remove-oneself",
        "减签：自己不签",
        "take oneself out",
        acts.remove_oneself,
        "operations: remove_signer",
        refused=LAST,
    ),
    Operation("return-start", "退回到开始", "return to start", acts.return_to_start, "operations: return"),
    Operation("return-previous", "退回上一步", "return to previous", acts.return_to_previous, "operations: return"),
    Operation(
        "return-step", "退回到任一已办步骤", "return to any earlier step", acts.return_to_step, "operations: return"
    ),
    Operation(
        "return-back",
        "退回，办完直接回到本步",
        "return, and jump back",
        acts.return_and_come_back,
        "after_return: back",
        Task({"after_return": "back"}),
        refused=BACK,
    ),
    Operation("refuse", "驳回", "refuse", acts.refuse, "refuse: agreed", Task({"refuse": "agreed", **COUNTED})),
    Operation("withdraw", "撤回", "withdraw", acts.withdraw, "operations: withdraw", Task(COUNTED), refused=GONE),
    Operation(
        "withdraw-last", "撤回最后一票", "withdraw the last vote", acts.withdraw_last, task=Task(COUNTED), refused=GONE
    ),
    Operation("withdraw-late", "下一步已有人办理后撤回（拒绝）", "withdraw too late: refused", acts.withdraw_too_late),
    Operation("cancel", "撤销（发起人、管理员）", "cancel", acts.cancel, ends=True),
    Operation("urge", "催办（十分钟一次）", "urge, once in ten minutes", acts.urge, "operations: urge"),
    Operation("copy", "抄送（不重复）", "copy, once each", acts.copy, "operations: copy"),
    Operation(
        "timeout-agree", "超时自动同意", "time-out: agree", acts.timeout_agrees, "timeout: PT0S agree", _late("agree")
    ),
    Operation(
        "timeout-refuse",
        "超时自动驳回",
        "time-out: refuse",
        acts.timeout_refuses,
        "timeout: PT0S refuse",
        _late("refuse", **COUNTED),
    ),
    Operation(
        "timeout-transfer",
        "超时转交",
        "time-out: transfer",
        acts.timeout_transfers,
        "timeout: PT0S transfer RULE",
        _late("transfer login:qian"),
    ),
    Operation(
        "timeout-return",
        "超时退回",
        "time-out: return",
        acts.timeout_returns,
        "timeout: PT0S return previous",
        _late("return previous"),
    ),
    Operation(
        "countersign",
        "会签：全部同意",
        "countersign: everybody",
        acts.everybody,
        "signing: all",
        _signing("all"),
        refused={"single": SINGLE},
    ),
    Operation(
        "one-refusal",
        "会签：一票否决",
        "countersign: one refusal ends it",
        acts.one_refusal,
        "signing: all",
        _signing("all"),
        refused={"single": SINGLE},
    ),
    Operation(
        "all-heard",
        "会签：听完所有人",
        "countersign: everybody is heard",
        acts.all_are_heard,
        "signing: all, early: no",
        _signing("all", early="no"),
        refused={"single": SINGLE},
    ),
    Operation(
        "ratio",
        "会签：比例通过",
        "countersign: a share",
        acts.ratio,
        "signing: 2/3",
        _signing("2/3"),
        refused={"single": SINGLE},
    ),
    Operation(
        "vote",
        "票签：按权重",
        "vote by weight",
        acts.weighted,
        "signing: >50%, weight: FEEL",
        _signing(">50%", weight='=if signer = "li" then 5 else 1'),
        refused={"single": SINGLE},
    ),
    Operation(
        "first",
        "或签：先到先定（不同意也算）",
        "any-sign: the first answer decides",
        acts.first_answer,
        "signing: first",
        _signing("first"),
        refused={"single": SINGLE},
    ),
    Operation(
        "any",
        "或签：一人同意即可，全部不同意才否决",
        "any-sign: one agreement is enough",
        acts.any_agrees,
        "signing: any",
        _signing("any"),
        refused={"single": SINGLE},
    ),
    Operation(
        "in-turn",
        "依次 / 同时签署",
        "in turn, or all at once",
        acts.one_after_the_other,
        "isSequential",
        _signing("all"),
        refused={"single": SINGLE},
    ),
    Operation(
        "nobody-rule",
        "无人时：改由规则指定的人",
        "nobody found: fall back to a rule",
        acts.nobody_falls_back,
        "nobody: RULE",
        Task({"nobody": "login:qian"}, NO_PEOPLE),
    ),
    Operation(
        "nobody-operators",
        "无人时：管理人员",
        "nobody found: who may operate",
        acts.nobody_operators,
        "nobody: –",
        Task({}, NO_PEOPLE),
    ),
    Operation(
        "nobody-skip",
        "无人时：跳过",
        "nobody found: skip",
        acts.nobody_skips,
        "nobody: skip",
        Task({"nobody": "skip"}, NO_PEOPLE),
    ),
    Operation(
        "initiator-skip",
        "发起人即审批人：跳过",
        "initiator is the approver: skip",
        acts.initiator_skips,
        "initiator: skip",
        Task({"initiator": "skip"}, {"assignee": "zhao"}),
    ),
    Operation(
        "initiator-superior",
        "发起人即审批人：由上级审批",
        "initiator is the approver: a superior",
        acts.initiator_superior,
        "initiator: superior",
        Task({"initiator": "superior"}, {"assignee": "zhao"}),
    ),
    Operation(
        "initiator-continue",
        "发起人即审批人：照常",
        "initiator is the approver: continue",
        acts.initiator_decides,
        "initiator: continue",
        Task({"initiator": "continue"}, {"assignee": "zhao"}),
    ),
    Operation(
        "chain",
        "逐级领导",
        "chained leaders",
        acts.chained_leaders,
        "signers: chain:leader",
        Task({"signers": "chain:leader", "signing": "all"}, several=True, over=""),
        refused={"single": SINGLE},
    ),
    Operation(
        "chosen",
        "提交时选定审批人",
        "approver chosen at submit",
        acts.chosen_at_submit,
        "candidateGroups: field:approver",
        Task({}, {"groups": "field:approver"}),
        {"approver": ["qian"]},
    ),
)
