"""What stands before and after every request: headers, the content policy's nonce, CSRF, cookies, the connection.

Owns security that no screen may forget. Must not know any screen.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from typing import Any

from flask import Flask, Response, abort, g, request
from flask_wtf import CSRFProtect
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from engine import Engine

# The editors need inline styles and data: images and fonts; nothing needs eval, another host or an inline handler.
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class Id(IntegerConverter):
    """An id in an address: at most 63 bits, as the database keeps it; anything longer is simply not found."""

    regex = r"\d{1,19}"

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **{"max": 2**63 - 1, **given})


def nonce() -> str:
    """This request's nonce: a script tag without it does not run."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)


def configure(app: Flask, engine: Engine) -> None:
    """Keys, cookies, sizes. Sessions are signed with the settings' secret."""
    settings = engine.settings
    app.url_map.converters["int"] = Id
    app.config.update(
        SECRET_KEY=settings.secret(),
        SESSION_COOKIE_NAME="linli",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.secure,
        MAX_CONTENT_LENGTH=settings.upload_limit * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=5000,
        WTF_CSRF_TIME_LIMIT=None,  # a task page may stay open for a day; the session ends it
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,  # built files carry their digest in the address
    )
    if settings.secure:  # behind a proxy that ends TLS
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]


def init(app: Flask, engine: Engine) -> None:
    """Install the protections on every request."""
    CSRFProtect(app)
    app.jinja_env.globals["nonce"] = nonce

    @app.before_request
    def drop_nul() -> None:
        """No keyboard types NUL and PostgreSQL keeps none: a path with one names nothing, a query goes without."""
        if "\0" in request.path:
            abort(404)
        if b"%00" in request.query_string:
            pairs = [(key, value.replace("\0", "")) for key, value in request.args.items(multi=True)]
            request.args = ImmutableMultiDict(pairs)

    @app.before_request
    def connect() -> None:
        g.connection = ExitStack()
        g.connection.enter_context(engine.store.connected())
        g.connection.enter_context(engine.store.memory.request())

    @app.teardown_request
    def disconnect(error: BaseException | None) -> None:
        if "connection" in g:
            g.connection.close()

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce()))
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        if engine.settings.secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if response.mimetype == "text/html":
            response.headers.setdefault("Cache-Control", "no-store")
        return response
