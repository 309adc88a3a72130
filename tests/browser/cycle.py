"""The steps of the cycle, each as the person walks it who has to: from a resident's demand to a line of a statement.

By what the screens call things only. A step leaves its people where they ended; the next begins from the menu.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from tests.browser.conftest import PHONE
from tests.browser.town import Town
from tests.browser.walking import Walker

CODE = re.compile(r"^S[A-Z0-9]{8}$")  # how the pack writes a demand's code


def submit(town: Town, photo: Path) -> tuple[Walker, str]:
    """A resident on a phone, without an account; the code that the page gave."""
    resident = town.browser("/portal/", PHONE)
    resident.open()
    resident.shot("resident-home")
    resident.page.get_by_role("link", name=town.words.within("提交诉求")).click()
    resident.fill("想反映什么？", "晚上小区里没有地方停车")
    resident.fill("在哪里？", "东门")
    resident.fill("怎么称呼您（可不填）", "陈阿姨")
    resident.fill("联系电话（可不填）", "13900000001")
    resident.pick("所在社区", "第一社区", typed=True)
    resident.photo("照片", photo)
    resident.shot("resident-form")
    resident.send("提交")
    resident.sees("已提交，请保存查询码")
    resident.shot("resident-code")
    return resident, resident.page.get_by_text(CODE).inner_text()


def register(town: Town) -> None:
    """The grid worker checks the demand; triage sends it to be analysed."""
    wang = town.person("wang")
    wang.shot("grid-desk")
    wang.task("登记诉求")
    wang.reads("晚上小区里没有地方停车")
    wang.pick("大类", "停车交通")
    wang.pick("紧急程度", "一般")
    wang.shot("grid-register")
    wang.send("认领并提交")
    wang.shot("grid-registered")


def paste(town: Town) -> None:
    """Two lines of a chat become demands: one says the same again and is merged, the other is new."""
    wang = town.person("wang")
    wang.menu("群聊登记")
    wang.control("把群聊内容粘贴到这里").fill("李叔 18:02\n东门停车太难了\n赵姐 18:05\n西门晚上也没车位")
    wang.press("拆分成条")
    for number, place in ((1, "东门"), (2, "西门")):
        wang.pick_in(wang.numbered("社区", number), "第一社区", typed=True)
        wang.numbered("地点", number).fill(place)
        wang.pick_in(wang.numbered("大类", number), "停车交通")
    wang.shot("grid-paste")
    wang.send("登记选中的")
    wang.shot("grid-pasted")
    wang.task("确认归并")
    wang.page.get_by_role("radio", name="晚上小区里没有地方停车").check()
    wang.shot("grid-merge")
    wang.send("认领并提交")


def analyse(town: Town) -> None:
    """The secretary picks like demands on the analysis desk, merges them and asks two reviewers."""
    shu = town.person("shu")
    shu.menu("研判台")
    for text in ("晚上小区里没有地方停车", "西门晚上也没车位"):
        shu.row(text).get_by_role("checkbox").check()
    shu.shot("secretary-picks")
    shu.press("归并并研判")
    shu.fill("主题", "东西门停车")
    shu.shot("secretary-theme")
    shu.send("归并并研判")
    shu.task("归并")
    for name in ("网格员小王", "书记老舒"):
        shu.person("请谁研判（空着则由书记和网格员）", name)
    shu.shot("secretary-merge")
    shu.send("认领并提交")
    for reviewer, opinion in (("wang", "可以引导错时停车"), ("shu", "组织党员引导")):
        judge(town.person(reviewer), opinion)


def judge(reviewer: Walker, opinion: str) -> None:
    """A reviewer's opinion; the reviews run side by side."""
    reviewer.task("研判", tab="待我办理")
    reviewer.choose("性质", "共性问题")
    reviewer.fill("责任方", "社区")
    reviewer.choose("可行性", "可行")
    reviewer.fill("意见", opinion)
    reviewer.shot("review")
    reviewer.send("提交")


def design(town: Town) -> None:
    """The community's staff design the project for Thursday evening, with one place."""
    she = town.person("she")
    she.task("策划项目")
    she.reads("可以引导错时停车")
    she.choose("是否立项", "立项")
    she.fill("名称", "东门晚间停车引导")
    she.fill("目标", "错时停车，车位够用")
    she.choose("类型", "岗位服务（签到计时）")
    she.fill("人数", "1")
    she.at("开始时间", datetime(2026, 11, 26, 19, 0))
    she.at("结束时间", datetime(2026, 11, 26, 21, 0))
    she.fill("地点", "东门")
    she.fill("积分", "3")
    she.fill("组织者", "社工小佘")
    she.choose("风险等级", "低")
    she.shot("staff-design")
    she.send("认领并提交")
    she.shot("staff-designed")


def approve(town: Town) -> None:
    """The secretary approves; the project is published."""
    shu = town.person("shu")
    shu.task("书记审批")
    shu.choose("意见", "批准发布")
    shu.shot("secretary-approve")
    shu.send("认领并提交")
    shu.menu("研判台")
    shu.shot("secretary-published")


def claim(town: Town) -> None:
    """A member finds it on the square, on a phone, and claims it."""
    ding = town.person("ding", PHONE)
    ding.shot("member-desk")
    ding.menu("项目广场")
    ding.reads("东门晚间停车引导")
    ding.shot("member-square")
    ding.press("认领", ding.card("东门晚间停车引导"))
    ding.confirm()
    ding.sees("已认领，请在“我的服务”查看。")
    ding.menu("我的服务")
    ding.reads("东门晚间停车引导")
    ding.shot("member-claimed")


def serve_the_shift(town: Town) -> None:
    """Reminded the day before; on Thursday evening the organiser shows a code and the member signs in and out."""
    ding, she = town.person("ding", PHONE), town.person("she")
    town.until(25, 19)
    ding.bell("东门晚间停车引导")
    ding.shot("member-reminded")
    town.until(26, 18, 55)
    she.menu("签到管理")
    she.shot("organiser-attendance")
    she.press("出示签到码", she.card("东门晚间停车引导"))
    she.shot("organiser-code")
    code = she.page.get_by_text(re.compile(r"^\d{6}$")).inner_text()
    ding.menu("我的服务")
    ding.press("签到", ding.card("东门晚间停车引导"))
    ding.fill("6 位签到码（向组织者要）", code)
    ding.shot("member-signs-in")
    ding.send("提交")
    town.until(26, 20, 55)
    ding.menu("我的服务")
    ding.press("签退", ding.card("东门晚间停车引导"))
    ding.fill("做了什么", "引导 30 辆车")
    ding.shot("member-signs-out")
    ding.send("提交")
    ding.menu("我的服务")
    ding.shot("member-served")


def report(town: Town) -> None:
    """When the shift is over the organiser reports, and the community accepts."""
    town.until(26, 21)
    she, shu = town.person("she"), town.person("shu")
    she.task("结果反馈", tab="待我办理")
    she.fill("做了什么", "晚间错时停车，引导 30 辆")
    she.choose("是否解决", "已解决")
    she.shot("organiser-result")
    she.send("提交")
    shu.task("社区验收")
    shu.choose("是否通过", "通过")
    shu.shot("secretary-accepts")
    shu.send("认领并提交")


def evaluate(town: Town, resident: Walker, code: str) -> None:
    """Every reporter is asked: one answers on the page of the code, the others by telephone."""
    resident.open()
    resident.fill("查询码", code)
    resident.press("查询")
    resident.choose("问题解决了吗？", "已解决")
    resident.choose("满意吗？", "满意")
    resident.shot("resident-evaluates")
    resident.send("提交评价")
    resident.sees("谢谢，已收到您的评价。")
    wang = town.person("wang")
    for number in range(2):
        wang.task("评价是否解决")
        wang.choose("问题解决了吗？", "已解决")
        wang.choose("满意吗？", "基本满意")
        wang.shot(f"grid-asks-{number}")
        wang.send("认领并提交")
    she = town.person("she")
    she.task("社区评价与时长核定")
    she.choose("态度", "很好")
    she.choose("专业", "很好")
    she.fill("核定时长（小时）", "2")
    she.shot("staff-rates")
    she.send("认领并提交")
    resident.page.reload()
    resident.sees("已办结")
    resident.shot("resident-solved")


def points(town: Town) -> None:
    """The member sees what was booked."""
    ding = town.person("ding", PHONE)
    ding.menu("我的服务")
    ding.reads("3", ding.figure("累计积分"))
    ding.reads("2", ding.figure("服务时长（小时）"))
    ding.shot("member-points")


def statement(town: Town) -> None:
    """On the first of the month the member checks it; seven days later the employer's liaison acknowledges."""
    ding, lian = town.person("ding", PHONE), town.person("lian")
    town.until(1, 9, month=12)
    ding.menu("我的服务")
    ding.press("核对")
    ding.shot("member-checks")
    ding.choose("积分对吗？", "对")
    ding.send("提交")
    town.until(8, 9, month=12)
    lian.menu("单位联络")
    lian.shot("liaison-page")
    lian.press("去确认")
    lian.tick("已阅")
    lian.choose("是否纳入考核", "是")
    lian.shot("liaison-confirms")
    lian.send("认领并提交")
    lian.menu("单位联络")
    lian.shot("liaison-done")


def ask(town: Town) -> None:
    """A resident asks on the public page; the grid worker on call registers it as a question."""
    resident = town.browser("/portal/", PHONE)
    resident.open()
    resident.page.get_by_role("link", name=town.words.within("提交诉求")).click()
    resident.fill("想反映什么？", "办居住证要带什么材料？")
    resident.fill("在哪里？", "服务中心")
    resident.pick("所在社区", "第一社区", typed=True)
    resident.send("提交")
    wang = town.person("wang")
    wang.task("登记诉求")
    wang.pick("大类", "政策咨询")
    wang.pick("紧急程度", "一般")
    wang.send("认领并提交")


def urge(jie: Walker) -> None:
    """The subdistrict sees which community is late, and urges."""
    jie.menu("街道督办台")
    jie.shot("subdistrict-board")
    jie.press("催办", jie.row("第一社区").first)
    jie.confirm()
    jie.shot("subdistrict-urged")


def answer(town: Town) -> None:
    """Those who are late have been urged; one of them answers, and nobody is late any more."""
    she, jie = town.person("she"), town.person("jie")
    she.bell("办居住证要带什么材料")
    she.shot("staff-urged")
    she.task("答复")
    she.fill("答复", "身份证和租赁合同")
    she.pill("所需材料", "身份证")
    she.shot("staff-answers")
    she.send("认领并提交")
    jie.menu("街道督办台")
    jie.sees("没有超期任务")
    jie.shot("subdistrict-clear")
