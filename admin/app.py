"""The web face put together: one Flask application over one engine.

Owns the order in which the parts are installed and the list of modules with screens. Must hold no screen itself
beyond the way in (`/`) and `/healthz`.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, redirect, url_for
from flask_admin import Admin, AdminIndexView, expose

from admin import desk, faults, guard, i18n, insight, pages, people, portal, signin, studio, system, theme
from admin.widgets import answers, current, limits, sending, view
from engine import Engine

# Modules with screens, each giving `views(engine)` and perhaps `blueprints(engine)`, in the order of the menu's making.
MODULES = (desk, portal, pages, people, insight, studio, system, signin)


class Home(AdminIndexView):
    """The address without a path: to the desk, or to the public page."""

    @expose("/")
    def index(self) -> Any:
        if not current.me().signed_in:
            return redirect(
                url_for("portal.index" if "portal.index" in self.admin.app.view_functions else "security.login")
            )
        groups = view.menu()
        return redirect(groups[0].entries[0].url if groups else url_for("waiting.index"))


def create_app(engine: Engine) -> Flask:
    """The application. The engine is migrated already and stays the caller's to close."""
    app = Flask("admin", root_path=str(theme.TEMPLATES.parent))
    app.extensions["linli"] = engine
    guard.configure(app, engine)
    guard.init(app, engine)
    limits.init(app)
    sending.init(app)
    answers.init(app)
    i18n.init(app, signin.reader)
    theme.init(app)
    faults.init(app)
    signin.init(app, engine)
    _screens(app, engine)
    app.add_url_rule("/healthz", "healthz", _healthy)
    return app


def _screens(app: Flask, engine: Engine) -> None:
    admin = Admin(
        app,
        name="邻里",
        theme=theme.LinliTheme(),
        index_view=Home(name="邻里", url="/"),
        csp_nonce_generator=guard.nonce,
    )
    app.extensions["linli-admin"] = admin
    for module in MODULES:
        for one in module.views(engine):
            admin.add_view(one)
        for blueprint in getattr(module, "blueprints", lambda _: [])(engine):
            app.register_blueprint(blueprint)


def _healthy() -> Response:
    """For a load balancer: the process answers and the database does too."""
    current.engine().store.db.execute_sql("select 1")
    return jsonify(status="ok")
