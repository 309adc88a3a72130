"""What a person sees when something is refused or breaks: the error's own sentence in their language, never a trace.

Owns turning errors into pages, htmx fragments or JSON. Must not swallow: an unexpected error is logged with a number
that the page shows.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, current_app, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from admin import i18n
from engine.errors import LinliError, Unavailable


def answer(status: int, title: str, text: str, code: str, **more: Any) -> Any:
    """The same refusal as JSON, as a toast for htmx, or as a page, whichever was asked for."""
    if _wants_json():
        return jsonify(error=code, message=text, **more), status
    if request.headers.get("HX-Request"):
        return _toast(render_template("linli/toast.html", text=text, colour="danger"), status)
    return render_template("linli/error.html", status=status, heading=title, text=text, code=code), status


def _toast(body: str, status: int) -> Any:
    response = make_response(body, status)
    response.headers.update({"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"})
    return response


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return request.is_json or best == "application/json"


def _away(error: Unavailable) -> Any:
    """The database is away or cannot write: nothing may be looked up for this page, so it speaks both languages."""
    current_app.logger.error("%s at %s %s", error.code, request.method, request.path)
    if _wants_json():
        return jsonify(error=error.code, message=error.text("en")), error.status
    said = {"zh": error.text("zh"), "en": error.text("en")}
    if request.headers.get("HX-Request"):
        return _toast(_bare("linli/away_toast.html", **said), error.status)
    return _bare("linli/away.html", **said), error.status


def _bare(template: str, **given: Any) -> str:
    """A page drawn with nothing but what is given: what usually surrounds a page asks who is signed in."""
    return current_app.jinja_env.get_template(template).render(given)


def _refused(error: LinliError) -> Any:
    if error.status >= 500:
        current_app.logger.error("%s: %s", error.code, error)
    return answer(error.status, _heading(error.status), error.text(i18n.locale()), error.code)


def _http(error: HTTPException) -> Any:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error
    if status >= 500:
        return _broken(error)
    return answer(status, _heading(status), _explained(status), error.name.replace(" ", ""))


def _csrf(error: CSRFError) -> Any:
    text = _("页面已过期或不是从本站提交的。请返回上一页，刷新后再试一次；已填写的内容不会被提交。")
    return answer(400, _("请刷新后重试"), text, "CSRFError")


def _broken(error: Exception) -> Any:
    number = secrets.token_hex(4)
    current_app.logger.exception("error %s at %s %s", number, request.method, request.path)
    if _wants_json():
        return jsonify(error="InternalError", number=number), 500
    # Nothing may be looked up here (the database may be what broke), not even the language: the page says it in both.
    return _bare("linli/broken.html", number=number), 500


def _heading(status: int) -> str:
    return {
        401: _("请先登录"),
        403: _("没有权限"),
        404: _("找不到这个页面"),
        409: _("情况已变化"),
        413: _("文件太大"),
        422: _("需要改正"),
        429: _("操作过于频繁"),
    }.get(status, _("系统出错了") if status >= 500 else _("无法完成"))


def _explained(status: int) -> str:
    return {
        401: _("登录后才能继续。"),
        403: _("您的岗位不能打开这个页面。如果工作需要，请联系管理员。"),
        404: _("地址可能输错了，或者内容已被移走。"),
        405: _("这个地址不接受这种请求。"),
        413: _("上传的内容超过了允许的大小。"),
        429: _("操作过于频繁，请稍后再试。"),
    }.get(status, _("请返回重试；如果一直这样，请联系管理员。"))


def init(app: Flask) -> None:
    """Install the handlers."""
    app.register_error_handler(LinliError, _refused)
    app.register_error_handler(Unavailable, _away)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)
