"""`python -m scheduler`: runs the jobs until SIGTERM; `--once [--at INSTANT]` runs each once and prints what it did."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import FrameType

from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask
from sqlalchemy import func, make_url, select
from sqlalchemy.exc import DBAPIError

from app import create_core
from app.backups.stores.presence import attend
from app.clock import now
from app.config import Config, ConfigError
from app.database import db, end_reading
from app.demo.service import refuse_stray
from app.outbox import service as outbox
from scheduler.jobs import (
    JOBS,
    Counts,
    Shift,
    back_up,
    deliver,
    forget,
    issue_certificates,
    mind_the_clocks,
    plan_reminders,
    purge_needs,
    release_seats,
    run,
)

SAFE_SQLITE = (3, 51, 3)  # older ones may, very rarely, damage a file that two processes tidy at one moment
PATIENCE = 28.0  # seconds from SIGTERM to the end, whatever a mail server does
SKEW = timedelta(seconds=30)
ROUNDS = 10  # of --once: whatever one job wakes in another is done soon
COUNTS = (
    "planned",
    "queued",
    "sent",
    "failed",
    "missed",
    "held",
    "uncertain",
    "again",
    "stopped",
    "released",
    "recomputed",
    "renewed",
    "purged",
    "copied",
    "errors",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    wanted = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    try:
        app = create_core()
        attend(app.config["CONFIG"].instance)
        refuse_stray(app)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return once(app, wanted.at) if wanted.once else serve(app)


def once(app: Flask, at: datetime | None) -> int:
    """Every job until nothing is due; one line of JSON. No faster than MAIL_PER_MINUTE."""
    shift = Shift(app, at=at or now(), at_most=app.config["CONFIG"].number("mail_per_minute"))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _signal, _frame: shift.stopping.set())
    total = Counts(dict.fromkeys(COUNTS, 0))
    total.update(run(shift, mind_the_clocks))
    for _round in range(ROUNDS):
        done = run(shift, release_seats)
        done.update(run(shift, issue_certificates))
        done.update(run(shift, plan_reminders))
        done.update(_drain(shift))
        total.update(done)
        if done["errors"] or not (done["sent"] or done["queued"] or done["released"] or done["issued"]):
            break
    total.update(run(shift, forget))
    total.update(run(shift, purge_needs))
    total.update(run(shift, back_up))
    sys.stdout.write(json.dumps({name: total[name] for name in COUNTS}) + "\n")
    return 1 if total["errors"] else 0


def _drain(shift: Shift) -> Counts:
    """Delivers until nothing is due, a minute's worth at a time."""
    total = Counts()
    while True:
        started = time.monotonic()
        done = run(shift, deliver)
        total.update(done)
        if done.total() - done["missed"] < (shift.at_most or 0):
            return total
        shift.stopping.wait(max(0.0, 60 - (time.monotonic() - started)))


def serve(app: Flask) -> int:
    """Runs the jobs until SIGTERM or Ctrl-C; the message in hand is finished first."""
    shift = Shift(app)
    with app.app_context():
        _introduce(app)
    scheduler = BlockingScheduler(timezone=UTC, job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None})
    for job in JOBS:
        scheduler.add_job(run, job.when(app.config["CONFIG"]), args=(shift, job.work), id=job.name, name=job.name)

    closing = threading.Thread(target=close, args=(scheduler,), daemon=True)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if shift.stopping.is_set():
            return
        shift.stopping.set()
        closing.start()
        end = threading.Timer(PATIENCE, os._exit, args=(0,))
        end.daemon = True
        end.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    scheduler.start()
    if shift.stopping.is_set():
        closing.join()  # who is asked to stop in the middle of a beat leaves the loop at once, perhaps with a message in hand
    sys.stderr.write("The scheduler has stopped.\n")
    return 0


def close(scheduler: BaseScheduler) -> None:
    """Ends it when its jobs have come to their end; one that is still to begin, too, which would else run on until it is killed."""
    while not scheduler.running:
        time.sleep(0.02)
    scheduler.shutdown()


def _introduce(app: Flask) -> None:
    """Says what this process serves, and what to worry about."""
    config: Config = app.config["CONFIG"]
    settings = config.settings
    where = f"{settings.mail_server}:{settings.mail_port}" if settings.mail_server else f"files in {config.instance / 'mail'}"
    mode = {"live": "", "paused": " (paused by MAIL_MODE)", "allowlist": " (only to MAIL_ALLOWLIST)"}[settings.mail_mode]
    database = make_url(config.database_url).render_as_string(hide_password=True)
    sys.stderr.write(f"Scheduler {os.getpid()}: mail to {where}{mode}; database {database}.\n")
    if config.database_url.startswith("sqlite") and sqlite3.sqlite_version_info < SAFE_SQLITE:
        wanted = ".".join(map(str, SAFE_SQLITE))
        sys.stderr.write(
            f"SQLite {sqlite3.sqlite_version} is older than {wanted}: rely on `backup make`, which looks at every page, and update.\n"
        )
    if config.number("outbox_lease") <= 4 * config.number("mail_timeout"):
        sys.stderr.write("OUTBOX_LEASE should be more than four times MAIL_TIMEOUT: else a slow server makes copies.\n")
    try:
        outbox.heartbeat_age(now())
        theirs = now() if config.database_url.startswith("sqlite") else db.session.scalars(select(func.clock_timestamp())).one()
        end_reading()
    except DBAPIError as error:
        sys.stderr.write(f"The database cannot be used yet ({type(error.orig).__name__}). Has `flask --app wsgi db upgrade` been run?\n")
        return
    if abs(theirs - now()) > SKEW:
        sys.stderr.write(f"This machine's clock and the database's differ by {abs(theirs - now())}.\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scheduler", description="Sends what is due: reminders and all other mail.")
    parser.add_argument("--once", action="store_true", help="run every job once, print counts as JSON, and end")
    parser.add_argument("--at", type=_instant, help="with --once: as if the clock showed this instant, such as 2026-03-18T09:00:00+01:00")
    return parser


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = datetime.min  # noqa: DTZ901  refused below
    if instant.tzinfo is None:
        message = f"{text!r} is not an instant: give date, time and offset, such as 2026-03-18T09:00:00+01:00"
        raise argparse.ArgumentTypeError(message)
    return instant.astimezone(UTC)


if __name__ == "__main__":
    sys.exit(main())
