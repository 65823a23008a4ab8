"""create_app: what the service is made of, in the order in which it stands."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from flask import Flask
from jinja2 import StrictUndefined

from app import announcements, config, connections, database, languages

MODELS = (
    "audit", "outbox", "outbox.bounces", "organisations", "accounts", "texts", "workshops", "questions", "needs", "registrations",
    "delegations", "attendance", "feedback", "participants", "papers", "membership", "membership.interest", "reminders", "feeds",
    "exchange", "wording",
)  # fmt: skip
DOORS = (
    "organisations.public",
    "accounts.public",
    "accounts.member",
    "accounts.staff",
    "accounts.admin",
    "texts.staff",
    "workshops.public",
    "workshops.staff",
    "workshops.acts.staff",
    "exchange.staff",
    "questions.staff",
    "needs.staff",
    "registrations.public",
    "registrations.member",
    "registrations.staff",
    "registrations.waiting.public",
    "registrations.waiting.member",
    "registrations.waiting.staff",
    "registrations.coming.public",
    "registrations.coming.member",
    "delegations.public",
    "delegations.member",
    "delegations.staff",
    "attendance.public",
    "attendance.member",
    "attendance.helper",
    "attendance.staff",
    "feedback.public",
    "feedback.member",
    "feedback.staff",
    "papers.public",
    "papers.member",
    "papers.staff",
    "participants.staff",
    "participants.importing.staff",
    "membership.public",
    "membership.member",
    "membership.staff",
    "membership.network.public",
    "membership.network.staff",
    "membership.commitment.staff",
    "membership.commitment.taking.staff",
    "membership.partnership.staff",
    "membership.partnership.member",
    "membership.interest.member",
    "membership.interest.staff",
    "membership.organisation.staff",
    "search.public",
    "search.staff",
    "reminders.public",
    "reminders.staff",
    "reminders.editing.staff",
    "reminders.rehearsing.staff",
    "reminders.preferences.public",
    "reminders.preferences.member",
    "feeds.public",
    "feeds.personal.public",
    "feeds.personal.member",
    "feeds.fetching.staff",
    "feeds.subscribing.public",
    "feeds.news.public",
    "feeds.data.public",
    "reports.staff",
    "outbox.staff",
    "wording.staff",
    "outbox.log.staff",
    "outbox.bounces.public",
    "backups.staff",
    "health.public",
    "demo.public",
)
EFFECTS = (
    "accounts.effects", "questions.effects", "needs.effects", "registrations.effects", "delegations.effects", "attendance.effects",
    "feedback.effects", "membership.interest.effects",
    "papers.effects", "reminders.effects", "feeds.effects",
)  # fmt: skip


def create_app(settings: Mapping[str, str] | None = None) -> Flask:
    """The web application. `settings` win over the environment. Raises ConfigError when it cannot start like this."""
    app = create_core(settings)
    from app import cli, navigation, web  # noqa: PLC0415  the scheduler needs neither forms nor doors
    from app.accounts import sessions  # noqa: PLC0415  … nor sessions
    from app.feeds.polling import gate  # noqa: PLC0415  … nor what stands before them

    web.init_app(app, identify=sessions.identify)
    navigation.init_app(app)
    for name in DOORS:
        for door in vars(import_module(f"app.{name}")).values():
            if isinstance(door, web.Door):
                app.register_blueprint(door)
    gate.init_app(app)
    cli.init_app(app)
    return app


def create_core(settings: Mapping[str, str] | None = None) -> Flask:
    """What web and scheduler share: settings, database, languages, and the effects that follow a change."""
    app = Flask(__name__, instance_path=None)
    read = config.read(settings)
    app.config.from_mapping(
        CONFIG=read,
        SECRET_KEY=read.secret_key,
        SECRET_KEY_FALLBACKS=list(read.words("secret_key_fallbacks")),
        SQLALCHEMY_DATABASE_URI=read.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=connections.engine_options(read.database_url),
        LOCK_SECONDS=read.number("lock_seconds"),
        TRUSTED_HOSTS=list(read.trusted_hosts),
        MAX_CONTENT_LENGTH=1_000_000,
        MAX_FORM_MEMORY_SIZE=1_000_000,
        MAX_FORM_PARTS=1000,
        SESSION_COOKIE_NAME="__Host-session" if read.https else "session",
        SESSION_COOKIE_SECURE=read.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,  # a cookie on a static file or a feed would keep caches from keeping it
        WTF_CSRF_TIME_LIMIT=12 * 3600,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    languages.init_app(app)
    for feature in MODELS:
        import_module(f"app.{feature}.models")
    database.init_app(app)
    announcements.init_app(app)
    for name in EFFECTS:
        import_module(f"app.{name}").register(app)
    return app
