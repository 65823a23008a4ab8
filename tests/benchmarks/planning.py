"""Planning while nothing is due, with memory that stays as it is: 1,000 workshops of 100 people each, four rules, three zones."""

from __future__ import annotations

import gc
import os
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from app.clock import now
from app.database import db
from app.reminders import service as reminders
from app.reminders.models import Occurrence
from tests import servers
from tests.benchmarks.measure import database
from tests.benchmarks.people import gather
from tests.conftest import SETTINGS

WORKSHOPS, PEOPLE, RULES, TICKS = 1000, 100, 4, 200
MOST_MS, MOST_MB = 100, 5


def planning() -> None:
    """Both databases: the first pass, which looks at everything; a tick after it; how much memory 200 ticks take."""
    print(f"planning {WORKSHOPS} workshops × {PEOPLE} people × {RULES} rules, nothing due, {TICKS} ticks")
    print(f"{'':<28}{'first pass s':>13}{'tick ms':>9}{'slowest':>9}{'memory MB':>11}{'more':>7}")
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", f"sqlite:///{folder}/planning.sqlite", Path(folder))
        try:
            with database() as url:
                _measure("PostgreSQL", url, Path(folder))
        except servers.NotHere as error:
            print(f"PostgreSQL: {error}")


def _measure(what: str, url: str, folder: Path) -> None:
    app = create_app({**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": url})
    with app.app_context():
        upgrade()
        gather(workshops=WORKSHOPS, people=PEOPLE, rules=RULES)
        first = _tick()
        assert db.session.scalar(select(func.count()).where(Occurrence.state == "planned")) == WORKSHOPS * RULES * 3
        for _warm in range(5):
            _tick()
        gc.collect()
        before = resident()
        times = [_tick() for _number in range(TICKS)]
        gc.collect()
        more = resident() - before
        db.session.remove()
        db.engine.dispose()
    tick = statistics.median(times) * 1000
    bad = [*([f"above {MOST_MS} ms"] if tick > MOST_MS else []), *([f"grows by more than {MOST_MB} MB"] if more > MOST_MB else [])]
    print(f"{what:<28}{first:>13.1f}{tick:>9.1f}{max(times) * 1000:>9.1f}{before:>11.0f}{more:>7.1f}  {', '.join(bad)}", flush=True)


def _tick() -> float:
    """Seconds of the planner's two steps, as the job `plan` calls them."""
    start = time.perf_counter()
    done = reminders.keep_planned(now()) + reminders.queue_due(now() - timedelta(seconds=1))
    db.session.remove()
    assert done.queued == 0
    return time.perf_counter() - start


def resident() -> float:
    """Megabytes of memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
