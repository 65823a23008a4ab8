"""Registrations over HTTP by eight clients, beside the least that one can be: same run, same server, same database.

Both databases keep what is promised as in production, where a commit waits for the disk: PostgreSQL as it comes (fsync,
synchronous_commit), SQLite with its log and `synchronous=FULL`, for the service and for the reference. The
reference has neither session nor token, and answers in JSON. Between the two stands what the libraries alone make of it
(`libraries.py`): more than that cannot be had with them.
"""

from __future__ import annotations

import http.client
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import psycopg
from flask import Flask
from flask_migrate import upgrade
from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, select

from app import create_app
from app.accounts.models import SignIn
from app.clock import now
from app.crypto import hash_token, new_token
from app.database import db, transaction
from app.outbox.models import Message
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories, servers
from tests.benchmarks.load import served
from tests.conftest import SETTINGS

CLIENTS, TURNS, PER_TURN, WARM = 8, 5, 160, 80
AT_LEAST = 0.25


@dataclass(frozen=True)
class Post:
    """One form, ready to be sent."""

    path: str
    body: str
    cookie: str = ""


def registrations(_app: Flask | None = None) -> None:
    """Both databases: registrations a second of the reference and of ours, turn by turn, and their ratio."""
    head = f"{'registrations, 8 clients':<28}{'minimal/s':>11}{'libraries/s':>13}{'ratio':>8}"
    print(f"{head}{'ours/s':>9}{'ratio':>8}{'p50 ms':>9}{'p99 ms':>9}{'answers':>14}")
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", *(f"sqlite:///{folder}/{name}.sqlite" for name in ("ours", "libraries", "minimal")), folder=Path(folder))
    try:
        with servers.postgres(lasting=True) as url, tempfile.TemporaryDirectory() as folder:
            names = [f"bench_{uuid4().hex[:8]}" for _database in range(3)]
            address = (url % "postgres").replace("postgresql+psycopg://", "postgresql://")
            with psycopg.connect(address, autocommit=True) as connection:
                for name in names:
                    connection.execute(f"CREATE DATABASE {name}".encode())
            _measure("PostgreSQL", *(url % name for name in names), folder=Path(folder))
    except servers.NotHere as error:
        print(f"PostgreSQL: {error}")


def _measure(what: str, url: str, between_url: str, reference_url: str, *, folder: Path) -> None:
    settings = {**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": url}
    number = WARM + TURNS * PER_TURN
    app = create_app(settings)
    ours = _people(app, number)
    theirs = [Post("/register", urlencode({"name": f"Person {n}", "address": f"person{n}@there.example"})) for n in range(number)]
    spent: list[float] = []
    answers = Counter[int]()
    with (
        served("wsgi:app", settings, workers=1) as us,
        served("tests.benchmarks.libraries:app", {"REFERENCE_URL": between_url}, workers=1) as those,
        served("tests.benchmarks.minimal:app", {"REFERENCE_URL": reference_url}, workers=1) as them,
    ):
        posts = {them.port: theirs, those.port: _signed_in_there(those.port, number), us.port: ours}
        for port, all_of_them in posts.items():
            _send(port, all_of_them[:WARM])
        rates: dict[int, list[float]] = {port: [] for port in posts}
        for turn in range(TURNS):
            for port, all_of_them in posts.items():
                rate, times, said = _send(port, all_of_them[WARM + turn * PER_TURN : WARM + (turn + 1) * PER_TURN])
                rates[port].append(rate)
                assert port == us.port or set(said) <= {200, 303}, said
                if port == us.port:
                    spent += times
                    answers += said
    minimal, between, mine = rates[them.port], rates[those.port], rates[us.port]
    ratio, highest = (statistics.median(a / b for a, b in zip(one, minimal, strict=True)) for one in (mine, between))
    spent.sort()
    shown = f"{what:<28}{statistics.median(minimal):>11.0f}{statistics.median(between):>13.0f}{highest:>8.2f}"
    p50, p99 = spent[len(spent) // 2] * 1000, spent[len(spent) * 99 // 100] * 1000
    shown += f"{statistics.median(mine):>9.0f}{ratio:>8.2f}{p50:>9.1f}{p99:>9.1f}{dict(answers)!s:>14}"
    print(f"{shown}{'' if ratio >= AT_LEAST else f'  below {AT_LEAST}'}")
    _check(app, number)


def _signed_in_there(port: int, number: int) -> list[Post]:
    """The form of each of the libraries' people."""
    posts, connection = [], http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for person in range(1, number + 1):
        connection.request("GET", f"/{person}")
        answer = connection.getresponse()
        cookie = (answer.headers["Set-Cookie"] or "").partition(";")[0]
        posts.append(Post("/register", urlencode({"csrf_token": answer.read().decode()}), cookie))
    connection.close()
    return posts


def _check(app: Flask, number: int) -> None:
    """Each of them has a seat and a mail."""
    with app.app_context():
        seats = db.session.scalar(select(func.count()).select_from(Registration).where(Registration.state == "confirmed"))
        mails = db.session.scalar(select(func.count()).select_from(Message).where(Message.kind == "confirmation"))
        taken = db.session.scalar(select(Workshop.taken))
        db.session.remove()
        db.engine.dispose()
    assert (seats, mails, taken) == (number, number, number)


def _people(app: Flask, number: int) -> list[Post]:
    """That many people, signed in, with the form before them."""
    with app.app_context():
        upgrade()
        umea = factories.organisation("SE")
        at = now()
        with transaction():
            workshop = factories.workshop(factories.network(umea), at.date() + timedelta(days=60), capacity=number)
            people = [factories.person(umea) for _n in range(number)]
            db.session.flush()
            numbers = [person.id for person in people]
        path = f"/sv/workshops/{workshop.slug}/register"
        db.session.remove()
        db.engine.dispose()
    return signed_in(app, path, numbers)


def signed_in(app: Flask, path: str, people: Sequence[int]) -> list[Post]:
    """The form of each, who has signed in just now."""
    at = now()
    tokens = [new_token() for _person in people]
    with app.app_context(), transaction():
        for person_id, token in zip(people, tokens, strict=True):
            row = SignIn(token_hash=hash_token(token), person_id=person_id, created_at=at, seen_at=at)
            row.expires_at = at + timedelta(hours=12)
            db.session.add(row)
    return [_post(app, path, token, int(at.timestamp())) for token in tokens]


def _post(app: Flask, path: str, token: str, seen: int) -> Post:
    """The form as the browser would send it."""
    with app.test_request_context():
        from flask import session  # noqa: PLC0415  the one of this request

        session["sid"], session["seen"] = token, seen
        csrf = generate_csrf()
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own sessions
        cookie = f"{app.config['SESSION_COOKIE_NAME']}={serializer.dumps(dict(session))}"
    return Post(path, urlencode({"csrf_token": csrf}), cookie)


def _send(port: int, posts: Sequence[Post]) -> tuple[float, list[float], Counter[int]]:
    """Eight clients over kept connections: how many a second, how long each took, what was answered."""
    gate, times, said = threading.Barrier(CLIENTS + 1), [], Counter[int]()

    def run(mine: Sequence[Post]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        gate.wait()
        for post in mine:
            start = time.perf_counter()
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": post.cookie}
            connection.request("POST", post.path, post.body, headers)
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - start)
            said[answer.status] += 1
        connection.close()

    threads = [threading.Thread(target=run, args=(posts[client::CLIENTS],)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    gate.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    return len(posts) / (time.perf_counter() - start), times, said
