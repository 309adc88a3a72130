"""The server's side of a form that is sent again on a poor line (frontend/src/sending.js).

Owns one thing: a script cannot see where a redirect leads, so to such a post the answer is 204 with the address in a
header. That a post counts once is the idempotency key's doing.
"""

from __future__ import annotations

from flask import Flask, Response, request

ASKS, TELLS = "X-Linli-Send", "X-Linli-Location"


def init(app: Flask) -> None:
    """Answer such posts so."""
    app.after_request(_told)


def _told(answer: Response) -> Response:
    if request.headers.get(ASKS) and answer.status_code in (301, 302, 303) and answer.location:
        answer.headers[TELLS] = answer.location
        del answer.headers["Location"]
        answer.status_code = 204
        answer.set_data(b"")
    return answer
