"""/healthz: the process lives. /readyz: the database answers and is migrated. /health/scheduler: mail leaves in time."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Response, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.clock import now
from app.database import db
from app.outbox.queries import overview
from app.outbox.rules import LATE
from app.web import Door

door = Door(__name__, localised=False)


@door.get("/healthz")
def alive() -> Response:
    """Always 200 while the process answers at all."""
    return _plain("ok", HTTPStatus.OK)


@door.get("/readyz")
def ready() -> Response:
    """503 with a word on why while the database is gone or not at the version of this code."""
    try:
        with db.engine.connect() as connection:
            versions = set(connection.scalars(text("SELECT version_num FROM alembic_version")))
    except DBAPIError:
        return _plain("the database does not answer, or has no tables yet", HTTPStatus.SERVICE_UNAVAILABLE)
    if versions != _newest(current_app.root_path):
        return _plain("the database is not at the version of this code: flask --app wsgi db upgrade", HTTPStatus.SERVICE_UNAVAILABLE)
    return _plain("ready", HTTPStatus.OK)


@door.get("/health/scheduler")
def scheduler() -> tuple[Response, HTTPStatus, dict[str, str]]:
    """503 when no scheduler has been heard of for SILENCE_SECONDS, or a mail that is due has waited for ten minutes."""
    instant = now()
    try:
        figures = overview(instant)
    except DBAPIError:
        return jsonify(status="database gone"), HTTPStatus.SERVICE_UNAVAILABLE, {"Cache-Control": "no-store"}
    age = (instant - figures.heartbeat).total_seconds() if figures.heartbeat else None
    waited = (instant - figures.oldest_due).total_seconds() if figures.oldest_due else 0.0
    silent = age is None or age > current_app.config["CONFIG"].number("silence_seconds")
    behind = waited > LATE.total_seconds()
    answer = jsonify(
        status="silent" if silent else "behind" if behind else "ok",
        heartbeat_age_seconds=None if age is None else round(age, 1),
        oldest_due_seconds=round(waited, 1),
        due=figures.due,
        waiting=figures.waiting,
        failed=figures.failed,
        uncertain=figures.uncertain,
        missed=figures.missed,
        paused=figures.paused,
        circuit_open=bool(figures.circuit),
    )
    return answer, HTTPStatus.SERVICE_UNAVAILABLE if silent or behind else HTTPStatus.OK, {"Cache-Control": "no-store"}


def _plain(words: str, status: HTTPStatus) -> Response:
    return Response(f"{words}\n", status, {"Cache-Control": "no-store"}, mimetype="text/plain")


@cache
def _newest(root: str) -> set[str]:
    """The versions that this code wants."""
    return set(ScriptDirectory(str(Path(root) / "migrations")).get_heads())
