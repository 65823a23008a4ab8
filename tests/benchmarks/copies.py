"""How long writers wait while a large SQLite database is copied: `python -m tests.benchmarks.copies [MB]`; no part of `run.py bench`."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from app import create_app
from app.backups import service
from app.clock import now
from app.database import db, transaction
from tests import factories
from tests.conftest import SETTINGS

PIECE = 100_000  # octets of a mail that waits


def main(megabytes: int) -> None:
    """Writes alone for five seconds, and then beside a copy."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = create_app({**SETTINGS, "INSTANCE": name, "DATABASE_URL": f"sqlite:///{folder}/w.sqlite", "BACKUP_KEY": "k" * 40})
        with app.app_context():
            upgrade()
            with transaction() as session:
                session.execute(text("CREATE TABLE filler (id INTEGER PRIMARY KEY, body BLOB)"))
                for _number in range(megabytes * 1_000_000 // PIECE):
                    session.execute(text(f"INSERT INTO filler (body) VALUES (randomblob({PIECE}))"))  # noqa: S608  a number of ours
            print(f"database: {(folder / 'w.sqlite').stat().st_size / 1e6:.0f} MB")
            alone = waits(app, lambda: time.sleep(5))
            took: list[float] = []

            def copy() -> None:
                begun = time.monotonic()
                service.write(folder / "copies", now=now())
                took.append(time.monotonic() - begun)

            beside = waits(app, copy)
            print(f"longest write alone: {max(alone) * 1000:.0f} ms of {len(alone)}")
            print(f"longest write beside the copy: {max(beside) * 1000:.0f} ms of {len(beside)}; the copy took {took[0]:.1f} s")


def waits(app: Flask, work: Callable[[], object]) -> list[float]:
    """How long each of the writes took that another thread made while the work went on."""
    done, found = threading.Event(), []

    def write() -> None:
        with app.app_context():
            while not done.is_set():
                begun = time.monotonic()
                with transaction():
                    factories.organisation()
                found.append(time.monotonic() - begun)
                db.session.remove()
                time.sleep(0.005)

    thread = threading.Thread(target=write)
    thread.start()
    work()
    done.set()
    thread.join()
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
