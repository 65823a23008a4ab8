"""`python3 run.py bench [pages|feeds|lists|search|registrations|commitment|mail]`: times, each beside a reference in the same run.

Ratios travel, seconds do not.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.clock import now
from app.demo import service as demo
from tests.benchmarks import lists
from tests.benchmarks.commitment import commitment, full_app
from tests.benchmarks.crowd import crowded_app
from tests.benchmarks.feeds import feeds
from tests.benchmarks.mail import mail
from tests.benchmarks.measure import beside, reference
from tests.benchmarks.measure import client as browser_of
from tests.benchmarks.registrations import registrations
from tests.conftest import SETTINGS, Visitor, counted
from tests.journeys.test_pages import PAGES, numbers_of


def main() -> None:
    """Runs one benchmark, or all. Those that need the same rows share an app."""
    apps: dict[MakeApp, Flask] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or BENCHES:
            make, run = BENCHES[name]
            if make not in apps:
                apps[make] = make(Path(folder))
            run(apps[make])


def demo_app(folder: Path) -> Flask:
    """The demo on SQLite: what a first visitor sees."""
    app = create_app({**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite", "DEMO": "1"})
    app.test_client_class = Visitor
    with app.app_context():
        upgrade()
        demo.load(now=now())
    return app


def pages(app: Flask) -> None:
    """Each page: statements, bytes, time, and how many of it a minimal list of 60 makes up."""
    small, numbers = reference(app), numbers_of(app)
    print(f"{'page':<34}{'statements':>11}{'bytes':>8}{'packed':>8}{'CPU ms':>8}{'× list of 60':>14}{'share of its speed':>20}")
    for name, (who, address, _most) in PAGES.items():
        client = browser_of(app, who)
        url = address.format(lang="es", **numbers)
        body = client.get(url).data
        with counted(app) as seen:
            client.get(url)
        seconds, ratio = beside(lambda: client.get(url), lambda: small.get("/"))  # noqa: B023  called at once
        shown = f"{name:<34}{len(seen):>11}{len(body):>8}{len(gzip.compress(body)):>8}"
        print(f"{shown}{seconds * 1000:>8.1f}{ratio:>14.1f}{1 / ratio:>20.2f}")


def no_app(_folder: Path) -> Flask:
    """For a benchmark that starts servers of its own."""
    return Flask("none")


MakeApp = Callable[[Path], Flask]
BENCHES: dict[str, tuple[MakeApp, Callable[[Flask], None]]] = {
    "pages": (demo_app, pages),
    "feeds": (no_app, feeds),
    "lists": (crowded_app, lists.lists),
    "search": (crowded_app, lists.search),
    "registrations": (no_app, registrations),
    "commitment": (full_app, commitment),
    "mail": (no_app, mail),
}

if __name__ == "__main__":
    main()
