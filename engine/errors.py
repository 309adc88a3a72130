"""Every error Linli raises on purpose: one tree.

Owns what a person reads when something is refused, in Chinese and English. An error's docstring is the English sentence
(a format string over its arguments), `zh` the Chinese one. Knows nothing else of the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Said:
    """A detail of an error in both languages, for reasons that people read."""

    zh: str
    en: str

    def text(self, locale: str = "zh") -> str:
        """The words in the reader's language."""
        return self.zh if locale.startswith("zh") else self.en

    def __str__(self) -> str:
        return self.en


def _said(**words: str) -> dict[str, Said]:
    return {chinese: Said(chinese, english) for chinese, english in words.items()}


class LinliError(Exception):
    """Something went wrong."""

    zh = "出错了。"
    status = 400  # what an HTTP face answers
    words: ClassVar[Mapping[str, Said]] = {}  # details that are always the same words: what they read as

    def __init__(self, **details: Any) -> None:
        self.details = details
        super().__init__(self.text("en"))

    @property
    def code(self) -> str:
        """Stable machine name: the class name."""
        return type(self).__name__

    def text(self, locale: str = "zh") -> str:
        """The sentence in the reader's language (`zh...` or anything else for English)."""
        template = self.zh if locale.startswith("zh") else (self.__doc__ or "").strip()
        return template.format(**{name: self._said(part, locale) for name, part in self.details.items()})

    def _said(self, part: Any, locale: str) -> Any:
        known = self.words.get(part) if isinstance(part, str) else part
        return known.text(locale) if isinstance(known, Said) else part

    def __str__(self) -> str:
        return self.text("en")

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.details)


def _rebuild(kind: type[LinliError], details: dict[str, Any]) -> LinliError:
    return kind(**details)


class NotFound(LinliError):
    """There is no {what} {id}."""

    zh = "找不到{what} {id}。"
    status = 404
    words = {
        **_said(任务="task", 流程实例="case", 流程="process", 台账="register", 文件="file", 定义="definition"),
        **_said(
            异常="incident", 决策="decision", 节点="element", 定时器="timer", 单位="unit", 人员="person", 页面="page"
        ),
        **_said(待审核人员="person awaiting approval", 待电话通知="letter to be told by phone"),
        **_said(定时开始事件="timer start event", 试运行="trial"),
        **_said(发送失败的通知="letter that failed"),
        **_said(日历日期="day of the calendar", 待办任务="open task", 岗位="post"),
        **_said(代理="substitution", 操作="operation", 流程包="pack", 版本="version"),
        "token": Said("令牌", "token"),
        "element": Said("节点", "element"),
        "process": Said("流程", "process"),
        "state": Said("流程状态", "state"),
        "start event": Said("开始事件", "start event"),
    }


class Forbidden(LinliError):
    """{who} may not do this: {action}."""

    zh = "{who} 无权进行此操作：{action}。"
    status = 403
    words = {
        "operate": Said("运维", "operate"),
        "migrate": Said("迁移版本", "migrate"),
        "design": Said("设计与发布", "design"),
        "unclaim": Said("退回认领", "unclaim"),
        "withdraw": Said("撤回", "withdraw"),
        "cancel": Said("撤销", "cancel"),
        "people:read": Said("查看人员", "look at people"),
        "people:write": Said("管理人员", "manage people"),
        "people:private": Said("看完整号码", "see numbers in full"),
        "admin": Said("系统管理", "administer"),
        "public": Said("居民", "a resident"),
    }


class UnknownPerson(LinliError):
    """Nobody with the sign-in name {login} is registered."""

    zh = "没有登录名为 {login} 的人员。"
    status = 403


class AlreadyRegistered(LinliError):
    """{what} is already registered."""

    zh = "{what} 已经登记过。"
    status = 409


class DatabaseInUse(LinliError):
    """The database {database} is in use: it has people. Nothing was changed; start it with `run.py serve`."""

    zh = "数据库 {database} 已在使用（已有人员）。未作任何更改；请用 run.py serve 启动。"
    status = 409


class Conflict(LinliError):
    """Others changed this at the same moment ({attempts} attempts). Nothing was changed; please try again."""

    zh = "同一时刻有人改动了它（已尝试 {attempts} 次）。未作任何更改，请重试。"
    status = 409


class NotOpen(LinliError):
    """This task is no longer open: {state}. Nothing was changed."""

    zh = "这项任务已不在待办状态（{state}）。未作任何更改。"
    status = 409
    words = {
        "completed": Said("已办结", "completed"),
        "cancelled": Said("已取消", "cancelled"),
        "suspended": Said("事项已暂停", "its case is suspended"),
        "running": Said("进行中", "running"),
        "incident": Said("出现异常", "it has an incident"),
        "gone": Said("已不存在", "gone"),
        "caught": Said("已处理", "caught"),
        "ready": Said("准备中", "ready"),
        "waiting": Said("等待中", "waiting"),
        "started": Said("已开始", "started"),
        "held": Said("要等加签或退回的步骤办完", "others are asked first"),
    }


class TooLate(NotOpen):
    """This cannot be taken back any more: {reason}"""

    zh = "不能撤回：{reason}"

    def __init__(self, reason: Said) -> None:
        super().__init__(reason=reason, state="completed")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.details["reason"],)


class AlreadyClaimed(LinliError):
    """This task is already with {owner}."""

    zh = "这项任务已由 {owner} 认领。"
    status = 409


_OPERATIONS = {
    "unclaim": Said("退回认领", "give it back"),
    "transfer": Said("转交", "hand it over"),
    "delegate": Said("委托", "delegate"),
    "add_signer": Said("加签", "add a signer"),
    "remove_signer": Said("减签", "remove a signer"),
    "return": Said("退回", "return it"),
    "withdraw": Said("撤回", "take it back"),
    "refuse": Said("驳回", "refuse it"),
    "copy": Said("抄送", "copy it to others"),
}


class NotOffered(LinliError):
    """The diagram of “{task}” does not let you {operation}."""

    zh = "流程图没有为“{task}”开放此操作：{operation}。"
    status = 403
    words = _OPERATIONS


class CannotRefuse(LinliError):
    """The diagram of “{task}” knows no refusal: complete it with the answer no, or return it."""

    zh = "流程图没有为“{task}”设置驳回。请在表单中填写不同意，或退回。"
    status = 409


class TooSoon(LinliError):
    """You have urged this already; once in {minutes} minutes is enough."""

    zh = "您刚刚催办过，{minutes} 分钟内不必重复。"
    status = 429


class AlreadySigning(LinliError):
    """{login} is asked to sign this already."""

    zh = "{login} 已经在签署人之中。"
    status = 409


class InvalidForm(LinliError):
    """The form is not right yet: {summary}"""

    zh = "表单还需改正：{summary}"
    status = 422

    def __init__(self, errors: dict[str, Any], summary: str = "") -> None:
        """`errors`: field key -> `forms.Problem` (has `.text(locale)`) for every field that is wrong."""
        self.errors = errors
        super().__init__(summary=summary or "; ".join(f"{k}: {v}" for k, v in errors.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.errors, self.details["summary"])


class DeploymentRefused(LinliError):
    """The files cannot be deployed: {summary}"""

    zh = "文件不能发布：{summary}"
    status = 422

    def __init__(self, findings: list[Any]) -> None:
        """`findings`: the `records.Finding` list of the lint, errors and warnings."""
        self.findings = findings
        wrong = [f for f in findings if f.severity == "error"]
        zh = "；".join(f"{f.file}:{f.line} {f.element}：{f.text('zh')}" for f in wrong[:5])
        en = "; ".join(f"{f.file}:{f.line} {f.element}: {f.text('en')}" for f in wrong[:5])
        super().__init__(summary=Said(zh, en))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.findings,)


class ExpressionFailed(LinliError):
    """The expression `{expression}` failed: {reason}"""

    zh = "表达式 `{expression}` 出错：{reason}"


class UnknownVariable(ExpressionFailed):
    """The condition `{expression}` names {names}, which the case lacks. Compare it with null if it may be."""

    zh = "条件 `{expression}` 用到了流程中没有的变量 {names}。可能缺少的变量请先与 null 比较。"


class ScriptFailed(LinliError):
    """The script failed: {reason}"""

    zh = "脚本出错：{reason}"


class BpmnError(LinliError):
    """The business error {error_code} was thrown: {reason}"""

    zh = "抛出了业务错误 {error_code}：{reason}"

    @property
    def error_code(self) -> str:
        """The code a diagram's error events catch."""
        return str(self.details["error_code"])


class DecisionFailed(LinliError):
    """The decision {decision} failed: {reason}"""

    zh = "决策 {decision} 出错：{reason}"


class QuotaFull(LinliError):
    """No places are left in {what}."""

    zh = "{what} 名额已满。"
    status = 409


class DuplicateKey(LinliError):
    """A row with the key {key} is already in the register {register}."""

    zh = "台账 {register} 中已有主键为 {key} 的记录。"
    status = 409


class AppendOnly(LinliError):
    """Rows of the register {register} are never changed or deleted."""

    zh = "台账 {register} 只能新增，不能修改或删除。"
    status = 409


class InsideTransaction(LinliError):
    """A command was called inside somebody else's transaction."""

    zh = "不能在别的事务中执行命令。"
    status = 500


class ChangedMeanwhile(LinliError):
    """{who} changed {path} at {at}, after you opened it. Nothing was overwritten; open it again, then decide."""

    zh = "{who} 在 {at} 改过 {path}，晚于您打开它的时候。未覆盖任何内容；请重新打开后再决定。"
    status = 409

    def __init__(self, path: str, who: str, when: Any, at: str) -> None:
        """`when`: naive UTC; `at`: the same as people read it, in the installation's zone."""
        self.when = when
        super().__init__(path=path, who=who, at=at)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.details["path"], self.details["who"], self.when, self.details["at"])


class PackExists(LinliError):
    """There is a pack {name} already. Nothing was changed; choose another key."""

    zh = "已经有标识为 {name} 的流程包。未作任何更改；请换一个标识。"
    status = 409


class NothingToPublish(LinliError):
    """The working copy of {name} is the same as its newest version: there is nothing to publish."""

    zh = "流程包 {name} 的工作稿与最新版本相同，没有可发布的改动。"
    status = 409


class NotProposed(LinliError):
    """Version {number} does not wait for approval: {state}. Nothing was changed."""

    zh = "第 {number} 版不在等待审批：{state}。未作任何更改。"
    status = 409
    words = {
        "published": Said("已发布", "it is published"),
        "refused": Said("已退回或被新的提交取代", "it was refused, or replaced by a newer one"),
        "older": Said("提交之后又发布过更新的版本", "a newer version has been published since"),
    }


class OwnProposal(LinliError):
    """You proposed version {number} yourself: somebody else has to approve it."""

    zh = "第 {number} 版是您自己提交的，须由另一位设计员审批。"
    status = 403


class InvalidFile(LinliError):
    """The file {name} cannot be read: {reason}"""

    zh = "文件 {name} 无法读取：{reason}"


class WouldOverwrite(LinliError):
    """{what} is there already. Nothing was changed; --force overwrites it."""

    zh = "{what} 已经存在。未作任何更改；加 --force 才覆盖。"
    status = 409


class ProgramFailed(LinliError):
    """The program {program} did not do it: {reason}"""

    zh = "程序 {program} 未能完成：{reason}"
    status = 500


class Unavailable(LinliError):
    """The database does not answer at present. What was just done may not be saved: please look, and try again."""

    zh = "数据库暂时没有应答，刚才的操作可能没有保存。请稍后查看并重试。"
    status = 503


class StorageFull(Unavailable):
    """The disk of the database is full. Nothing was changed; make room, then try again."""

    zh = "数据库所在的磁盘已满。未作任何更改；请管理员腾出空间后重试。"
    status = 507


class InvalidSetting(LinliError):
    """The setting {name} is wrong: {reason}"""

    zh = "设置 {name} 有误：{reason}"
    status = 500


class InvalidValue(LinliError):
    """This value cannot be kept: {reason}"""

    zh = "该值无法保存：{reason}"


class NoFlowChosen(LinliError):
    """No way out of {node} fits: every condition is false and there is no default flow."""

    zh = "{node} 没有可走的出口：所有条件都不成立，也没有默认流。"


class BadRepetition(LinliError):
    """{node} cannot be repeated: {reason}"""

    zh = "{node} 无法多次执行：{reason}"


class UncaughtError(LinliError):
    """The business error {error_code} was thrown and nothing in the diagram catches it. {reason}"""

    zh = "抛出了业务错误 {error_code}，但流程图中没有捕获它的事件。{reason}"


class TooManySteps(LinliError):
    """Stopped after {limit} automatic steps: the diagram runs in a circle without anybody or anything to wait for."""

    zh = "自动执行 {limit} 步后停下：流程在不等待任何人或事件的情况下循环。"


class TooManyTokens(LinliError):
    """Stopped: this step would make more than {limit} things that go on at once in one case. Repeat over fewer items,
    or look for flows that multiply."""

    zh = "已停下：再走一步，同一流程实例中同时进行的分支会超过 {limit} 个。请减少重复的次数，或检查不断增加分支的循环。"


class StarvedJoin(LinliError):
    """The join {node} waits for {flows}, but nothing is left that could arrive there."""

    zh = "汇合网关 {node} 仍在等待 {flows}，但已没有任何分支能到达。"


class CannotMove(LinliError):
    """This cannot be moved: {reason}"""

    zh = "无法移动：{reason}"
    status = 409
