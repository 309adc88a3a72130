"""What can be wrong with one answer, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_TEXTS: dict[str, tuple[str, str]] = {
    "required": ("请填写此项", "Please fill this in"),
    "unchecked": ("请勾选此项", "Please tick this"),
    "text": ("应为文字", "This must be text"),
    "characters": ("含有不能使用的字符", "This contains characters that cannot be used"),
    "min_length": ("至少 {limit} 个字", "At least {limit} characters"),
    "max_length": ("不能超过 {limit} 个字", "At most {limit} characters"),
    "pattern": ("格式不正确", "The format is not right"),
    "email": ("请填写正确的电子邮箱", "Please give a valid e-mail address"),
    "phone": ("请填写正确的电话号码", "Please give a valid telephone number"),
    "mobile": ("请填写 11 位手机号码", "Please give a mobile number of 11 digits"),
    "idcard": ("身份证号码不正确，请核对", "This identity number is not right, please check it"),
    "division": (
        "请填写 12 位行政区划代码，省、市、区可只写前 2、4、6 位",
        "Please give a division code of 12 digits; of a province, city or county its first 2, 4 or 6 will do",
    ),
    "number": ("请填写数字", "Please give a number"),
    "digits": ("最多 {limit} 位小数", "At most {limit} decimal places"),
    "min": ("不能小于 {limit}", "Must be {limit} or more"),
    "max": ("不能大于 {limit}", "Must be {limit} or less"),
    "boolean": ("应为是或否", "This must be yes or no"),
    "option": ("请从所列选项中选择", "Please choose one of the options listed"),
    "list": ("应为一组值", "This must be a list of values"),
    "too_many": ("最多 {limit} 项", "At most {limit} entries"),
    "date": ("请填写正确的日期，如 2026-11-21", "Please give a valid date, such as 2026-11-21"),
    "time": ("请填写正确的时间，如 09:30", "Please give a valid time, such as 09:30"),
    "datetime": ("请填写正确的日期和时间", "Please give a valid date and time"),
    "past": ("不能早于今天", "This cannot be before today"),
    "file": ("附件无效，请重新上传", "This attachment is not valid, please upload it again"),
    "rating": ("请打 1 至 {limit} 分", "Please give 1 to {limit} stars"),
    "group": ("内容格式不正确", "This part is not in the right form"),
    "rows": ("列表格式不正确", "This list is not in the right form"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field: a stable `code` and what its sentence needs."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, locale: str = "zh") -> str:
        """The sentence; a designer's own words for a pattern come first."""
        chinese = locale.startswith("zh")
        own = self.params.get("message" if chinese else "message_en")
        return str(own) if own else _TEXTS[self.code][0 if chinese else 1].format(**self.params)

    def __str__(self) -> str:
        return self.text("en")
