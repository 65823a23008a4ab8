"""How long something takes, and the reference beside which it is said."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from flask import Flask, render_template
from flask.testing import FlaskClient
from jinja2 import DictLoader
from sqlalchemy import text

from app.accounts.models import Person
from app.database import db
from tests import servers
from tests.conftest import Visitor

ROUNDS, PER_ROUND = 5, 8
LIST = """<!doctype html><title>List</title><ul>{% for row in rows %}
<li><h3><a href="/{{ row.slug }}">{{ row.title }}</a></h3><p>{{ row.place }}, {{ row.starts_at }}</p></li>{% endfor %}</ul>"""


def reference(app: Flask) -> FlaskClient:
    """A minimal Flask app: a Jinja list of 60 rows from the same SQLite file."""
    small = Flask("reference")
    small.jinja_loader = DictLoader({"list.html": LIST})  # compiled once, as in any app
    with app.app_context():
        engine = db.engine
    rows = text("SELECT w.slug, t.title, w.place, w.starts_at FROM workshop w JOIN workshop_text t ON t.workshop_id = w.id LIMIT 60")

    @small.get("/")
    def listed() -> str:
        with engine.connect() as connection:
            return render_template("list.html", rows=connection.execute(rows).all())

    return small.test_client()


def median(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of one call: the median of rounds."""
    times = []
    for _round in range(ROUNDS):
        start = clock()
        for _call in range(PER_ROUND):
            work()
        times.append((clock() - start) / PER_ROUND)
    return statistics.median(times)


def beside(work: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Seconds of CPU of one call of `work`, and how many calls of `other` it makes up: turn by turn, so that both meet the
    same machine, and without the time that its other programs take."""
    times = [(median(work, time.thread_time), median(other, time.thread_time)) for _turn in range(5)]
    return statistics.median(mine for mine, _theirs in times), statistics.median(mine / theirs for mine, theirs in times)


def client(app: Flask, address: str) -> Visitor:
    """A browser of nobody, or of the person with that address."""
    made = app.test_client()
    assert isinstance(made, Visitor)
    if address:
        with app.app_context():
            made.signed_in(db.session.query(Person).filter_by(canonical_address=address).one())
    return made


@contextmanager
def database() -> Iterator[str]:
    """A PostgreSQL whose commits wait for the disk. Raises NotHere."""
    with servers.postgres(lasting=True) as url:
        name = f"bench_{uuid4().hex[:8]}"
        with psycopg.connect((url % "postgres").replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        yield url % name
