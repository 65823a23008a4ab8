"""/healthz: the process lives. /readyz: the database answers and is migrated. /health/scheduler: mail is written and leaves in time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from pathlib import Path

from flask import Response, current_app, jsonify
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.clock import now
from app.database import db
from app.health.queries import oldest_unwritten
from app.outbox import queries as outbox
from app.outbox.rules import LATE, OLD_COPY
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
    """503 when no scheduler, or one of its jobs, has been heard of for SILENCE_SECONDS, or what is due has waited for ten minutes:
    a mail to leave, or a reminder to be written."""
    instant = now()
    limit = timedelta(seconds=current_app.config["CONFIG"].number("silence_seconds"))
    try:
        figures, unwritten = outbox.overview(instant), oldest_unwritten(instant)
        age, ages, silent = outbox.heartbeat_age(instant), outbox.job_ages(instant), outbox.alarms(instant, limit).silent
        copies = _copies(instant)
    except DBAPIError:
        return jsonify(status="database gone"), HTTPStatus.SERVICE_UNAVAILABLE, {"Cache-Control": "no-store"}
    waited = instant - min(figures.oldest_due or instant, unwritten or instant)
    behind = waited > LATE
    answer = jsonify(
        status="silent" if silent else "behind" if behind else "ok",
        heartbeat_age_seconds=_seconds(age),
        job_age_seconds={job: _seconds(one) for job, one in ages.items()},
        oldest_due_seconds=_seconds(waited),
        due=figures.due,
        waiting=figures.waiting,
        failed=figures.failed,
        uncertain=figures.uncertain,
        missed=figures.missed,
        paused=figures.paused,
        circuit_open=bool(figures.circuit),
        **copies,
    )
    return answer, HTTPStatus.SERVICE_UNAVAILABLE if silent or behind else HTTPStatus.OK, {"Cache-Control": "no-store"}


def _copies(instant: datetime) -> dict[str, float | bool | None]:
    """How old the last good copy of the database is, where the scheduler makes any; older than a day and two hours is a warning."""
    if not current_app.config["CONFIG"].settings.backup_folder:
        return {}
    last = outbox.last_end("backup")
    age = None if last is None else instant - last
    return {"backup_age_seconds": _seconds(age), "backup_old": age is None or age > OLD_COPY}


def _seconds(age: timedelta | None) -> float | None:
    return None if age is None else round(age.total_seconds(), 1)


def _plain(words: str, status: HTTPStatus) -> Response:
    return Response(f"{words}\n", status, {"Cache-Control": "no-store"}, mimetype="text/plain")


@cache
def _newest(root: str) -> set[str]:
    """The versions that this code wants: those that no other comes after. Alembic would say the same, but it stays with the process."""
    files = [file.read_text(encoding="utf-8") for file in (Path(root) / "migrations" / "versions").glob("*.py")]
    named = {name: set(re.findall(rf"^{name} = ['\"](\w+)['\"]", "\n".join(files), re.MULTILINE)) for name in ("revision", "down_revision")}
    return named["revision"] - named["down_revision"]
