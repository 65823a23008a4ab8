"""The gate before Flask says what Flask would say, for one cheap read or none, and hands on all that is not plain."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import psycopg
import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from app.audit.service import person as actor
from app.database import db, transaction
from app.feeds import revisions
from app.feeds.models import FeedToken
from app.feeds.personal import packed
from app.feeds.personal import service as personal
from app.feeds.personal.fetches import fetches
from app.feeds.polling.gate import Gate
from app.registrations import service as registrations
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import MakeApp, counted
from tests.feeds.test_kept import publish

URL = "/feeds/all.ics?lang=sv"
FILE = "/workshops/trygg-stad-es.ics?lang=sv"
OLD = "Mon, 01 Jan 2024 00:00:00 GMT"


def gate(app: Flask) -> Gate:
    return cast(Gate, app.wsgi_app)


def own_address() -> str:
    me = factories.person()
    return f"/feeds/me/{personal.make_token(me.id, 'telephone', 'sv', by=actor(me), now=datetime.now(UTC))}.ics"


@contextmanager
def past_the_gate(app: Flask) -> Iterator[None]:
    """Fails if Flask is asked."""

    def refuse(environ: dict[str, Any], _start_response: object) -> Any:
        pytest.fail(f"Flask was asked for {environ['PATH_INFO']}")

    before, gate(app).inner = gate(app).inner, refuse
    try:
        yield
    finally:
        gate(app).inner = before


@contextmanager
def asked(app: Flask) -> Iterator[list[str]]:
    """The statements of a block: those of the engine, and on SQLite those of the gate's own connection in this thread."""
    with counted(app) as seen:
        connection = getattr(gate(app).watch.mine, "connection", None)
        if connection is not None:
            connection.set_trace_callback(seen.append)
        yield seen
        if connection is not None:
            connection.set_trace_callback(None)


def both(app: Flask, path: str, method: str, headers: dict[str, str]) -> tuple[TestResponse, TestResponse]:
    """The answer of the gate alone, and the one of Flask."""
    app.test_client().get(path)
    with past_the_gate(app):
        mine = Client(gate(app)).open(path, method=method, headers=headers)
    return mine, Client(gate(app).inner).open(path, method=method, headers=headers)


@pytest.mark.parametrize(
    ("path", "https"), [(URL, True), ("/feeds/online.ics?show=overview&x=%C3%A5", False), (FILE, False), ("own", False)]
)
def test_both_ways_say_the_same_header_by_header(sqlite_url: str, make_app: MakeApp, path: str, https: bool) -> None:
    app = make_app(sqlite_url, BASE_URL="https://localhost" if https else "http://localhost")
    with app.app_context():
        publish()
        path = own_address() if path == "own" else path
        first = app.test_client().get(path)
        tag, packed = first.headers["ETag"], app.test_client().get(path, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
        assert packed != tag
        conditions: list[dict[str, str]] = [
            {},
            *({"If-None-Match": sent} for sent in (tag, packed, f"W/{tag}", f'"x", {tag}', "*", '"x"', "nonsense", "")),
            *({"If-Modified-Since": sent} for sent in (first.headers["Last-Modified"], OLD, "nonsense")),
            {"If-None-Match": '"x"', "If-Modified-Since": first.headers["Last-Modified"]},
            {"Cookie": "session=nonsense; lang=sv"},
        ]
        ways = [("GET", "", condition) for condition in conditions] + [("GET", "gzip", condition) for condition in conditions]
        ways += [("HEAD", encoding, condition) for encoding in ("gzip;q=0", "br, *") for condition in conditions[:2]]
        for method, encoding, condition in ways:
            mine, theirs = both(app, path, method, {"Accept-Encoding": encoding, **condition})
            found = mine.status, list(mine.headers), mine.data
            assert found == (theirs.status, list(theirs.headers), theirs.data), (method, encoding, condition)


def test_a_poll_is_no_read_or_one_of_a_secret_address(app: Flask) -> None:
    publish()
    client, own = app.test_client(), own_address()
    for path, statements in ((URL, 0), (FILE, 0), (own, 1)):
        tag = client.get(path).headers["ETag"]
        for headers in ({}, {"If-None-Match": tag}):
            client.get(path)  # perhaps another second has begun
            with past_the_gate(app), asked(app) as seen:
                assert client.get(path, headers=headers).status_code == (304 if headers else 200)
            assert len(seen) == statements, (path, seen)


def test_a_change_here_is_seen_by_the_next_poll(app: Flask) -> None:
    publish()
    client, own = app.test_client(), own_address()
    for path in (URL, FILE, own):
        before = client.get(path).headers["ETag"]
        with transaction():
            revisions.bump("public", now=datetime.now(UTC))
        assert client.get(path, headers={"If-None-Match": before}).status_code == 200, path


def test_a_change_elsewhere_is_seen_a_second_later(app: Flask) -> None:
    publish()
    client = app.test_client()
    before = client.get(URL).headers["ETag"]
    client.get(URL)
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite"):
        db.session.remove()
        with db.engine.begin() as connection:  # past the session: this process hears nothing of it
            connection.exec_driver_sql("UPDATE calendar_revision SET revision = revision + 1")
    else:
        with psycopg.connect(url.replace("+psycopg", "")) as other:
            other.execute("UPDATE calendar_revision SET revision = revision + 1")
    time.sleep(1.05)
    assert client.get(URL, headers={"If-None-Match": before}).status_code == 200


def test_a_revoked_address_ends_at_once(app: Flask) -> None:
    client, own = app.test_client(), own_address()
    assert client.get(own).status_code == client.get(own).status_code == 200
    token = db.session.query(FeedToken).one()
    person = token.person
    personal.revoke(person.id, token.id, by=actor(person), now=datetime.now(UTC))
    assert client.get(own).status_code == 404


def test_the_address_of_a_closed_account_ends_at_once(app: Flask) -> None:
    client, own = app.test_client(), own_address()
    assert client.get(own).status_code == client.get(own).status_code == 200
    with transaction():
        db.session.query(FeedToken).one().person.disabled_at = datetime.now(UTC)
    assert client.get(own).status_code == 404


def test_somebodys_own_304_needs_no_bytes(lite: Flask) -> None:
    client, own = lite.test_client(), own_address()
    tag = client.get(own).headers["ETag"]
    lite.extensions.pop(packed.KEY)  # as a process that has kept nothing
    with past_the_gate(lite):
        assert client.get(own, headers={"If-None-Match": tag}).status_code == 304


def test_my_seat_moves_my_calendar_and_nobody_elses(lite: Flask) -> None:
    workshop: Workshop = publish()
    me, other = factories.person(), factories.person()
    paths = [f"/feeds/me/{personal.make_token(one.id, 'x', 'sv', by=actor(one), now=datetime.now(UTC))}.ics" for one in (me, other)]
    client = lite.test_client()
    tags = [client.get(path).headers["ETag"] for path in paths]
    with transaction():
        workshop.access = "open"
    registrations.register(workshop.id, me.id, by=actor(me), now=factories.NOW)
    assert [client.get(path, headers={"If-None-Match": tag}).status_code for path, tag in zip(paths, tags, strict=True)] == [200, 304]


def test_a_poll_past_flask_is_noted(lite: Flask) -> None:
    client, own = lite.test_client(), own_address()
    client.get(own)
    with past_the_gate(lite):
        client.get(own, headers={"User-Agent": "Thunderbird/153"})
    fetches.write(lite)
    db.session.rollback()
    assert db.session.query(FeedToken).one().last_agent == "Thunderbird/153"


@pytest.mark.parametrize(
    ("method", "path", "host", "status"),
    [
        ("POST", URL, "localhost", 405),
        ("GET", URL, "evil.example", 400),
        ("GET", URL, "", 400),
        ("GET", "/feeds/nowhere.ics", "localhost", 404),
        ("GET", "/feeds/all.ics?lang=de", "localhost", 404),
        ("GET", "/feeds/all.ics?x=%00", "localhost", 400),
        ("GET", "/feeds/me/nobody.ics", "localhost", 404),
        ("GET", "/feeds/me/n%C3%A5.ics", "localhost", 404),
        ("GET", "/workshops/none.ics", "localhost", 404),
        ("GET", f"{URL}&x={'x' * 300}", "localhost", 200),
    ],
)
def test_what_is_not_plain_is_flasks(lite: Flask, method: str, path: str, host: str, status: int) -> None:
    publish()
    lite.test_client().get(URL)
    for _time in range(2):
        mine, theirs = (Client(way).open(path, method=method, headers={"Host": host}) for way in (gate(lite), gate(lite).inner))
        assert (mine.status_code, theirs.status_code) == (status, status)
    assert mine.headers.get("Allow") == theirs.headers.get("Allow")


@pytest.mark.parametrize("date", ["Mon, 01 Jan 2024 00:00:00 +99999999999999999999", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"])
def test_a_date_that_no_clock_shows_is_none(lite: Flask, date: str) -> None:
    """Python's own reader of dates stumbles over its numbers, in the gate as behind it."""
    publish()
    paths = (URL, FILE, own_address(), "/feeds/all.atom", "/static/app.js")
    for path in [path for path in paths for _time in range(2)]:
        for name in ("If-Modified-Since", "If-Range"):
            with lite.test_client().get(path, headers={name: date, "Range": "bytes=0-"}) as answer:
                assert answer.status_code in {200, 206}, (path, name)


def test_many_threads_each_with_a_connection_of_their_own(lite: Flask) -> None:
    publish()
    lite.test_client().get(URL)
    statuses: list[int] = []

    def poll() -> None:
        statuses.extend(lite.test_client().get(URL).status_code for _time in range(20))

    threads = [threading.Thread(target=poll) for _thread in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 120
