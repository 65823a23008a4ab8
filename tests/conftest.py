"""What every test may ask for: an app on SQLite or PostgreSQL, visitors who sign in, SMTP, a browser."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import pytest_socket
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from itsdangerous import URLSafeTimedSerializer
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import event
from werkzeug.test import TestResponse

from app import create_app, languages
from app.accounts.models import Person, SignIn
from app.crypto import hash_token, new_token
from app.database import db, transaction
from app.demo.service import load as load_demo
from app.feeds.personal.fetches import fetches
from tests import factories, missing, once, servers
from tests.databases import Pool

LONG = (  # files with tests of ten seconds and more
    "tests/journeys/test_story.py", "tests/journeys/test_line.py", "tests/journeys/test_attendance.py",
    "tests/journeys/test_certificates.py",
    "tests/scheduler/test_away.py", "tests/outbox/test_kills.py", "tests/feeds/test_folder.py", "tests/feeds/test_same_bytes.py",
    "tests/backups/test_restoring.py", "tests/test_run.py",
)  # fmt: skip
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SETTINGS = {
    "MAIL_MODE": "allowlist",
    "MAIL_ALLOWLIST": "",
    "SECRET_KEY": "a secret key for tests that is long enough",
    "DATA_KEY": "a data key for tests that is long enough",
    "BASE_URL": "http://127.0.0.1:5000",
    "MAILS_PER_HOUR": "1000",
    "SIGN_INS_PER_HOUR": "1000",
    "TRIES_PER_NETWORK": "1000",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Small by default, every test at its full size with --full."""
    parser.addoption("--full", action="store_true", help="run long tests at full size")


def pytest_configure() -> None:
    """Nothing of this machine's own settings reaches a test; what every app has alike is made once."""
    for name in ("DATABASE_URL", "MAIL_SERVER", "BASE_URL", "DEMO", "APP_ENV", "INSTANCE"):
        os.environ.pop(name, None)
    once.compile_once()


def pytest_collection_finish() -> None:
    """What stands in memory by now stays: the collector need not look through it again and again, a tenth of a run's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def pytest_runtest_setup() -> None:
    """No network but this machine's own loopback, and no language left over from the test before."""
    languages.switch("en")
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long ones come first, so that no worker has one left when the others are done. Tests marked `full` run only with --full."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))
    if config.getoption("--full"):
        return
    config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("full")])
    items[:] = [item for item in items if not item.get_closest_marker("full")]


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether long tests run at full size."""
    return bool(request.config.getoption("--full"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """With CI set, what could not run here is a failure."""
    yield
    missing.judge(session)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What could not run here: how many tests, why, how to get it."""
    missing.report(terminalreporter)


@pytest.fixture(autouse=True)
def no_timers() -> Iterator[None]:
    """What waits to be written of one test's calendars never reaches another's database."""
    yield
    fetches.stop()


# Databases -----------------------------------------------------------------------------------------------------------


def made_once(name: str, factory: pytest.TempPathFactory, make: Callable[[Path], None]) -> Path:
    """A file that the first process of a run makes, for all of them."""
    base = factory.getbasetemp()
    path = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with path.with_suffix(".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not path.exists():
            draft = path.with_suffix(".draft")
            make(draft)
            draft.rename(path)
    return path


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, to be copied."""

    def make(path: Path) -> None:
        app = create_app({**SETTINGS, "INSTANCE": str(path.parent), "DATABASE_URL": f"sqlite:///{path}"})
        with app.app_context():
            upgrade()
            _settle()

    return made_once("template.sqlite", tmp_path_factory, make)


def _settle() -> None:
    """Brings what stands in SQLite's log into its file, so that the file alone can be copied."""
    db.session.remove()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    db.engine.dispose()


@pytest.fixture(scope="session")
def demo_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the demo in it, to be copied."""

    def make(path: Path) -> None:
        shutil.copy(sqlite_template, path)
        app = create_app({**SETTINGS, "INSTANCE": str(path.parent), "DATABASE_URL": f"sqlite:///{path}"})
        with app.app_context():
            load_demo(now=datetime.now(UTC))
            _settle()

    return made_once("demo.sqlite", tmp_path_factory, make)


@pytest.fixture(scope="session")
def postgres_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """Migrated, empty databases on a real PostgreSQL server."""
    try:
        with servers.postgres() as url:
            name = f"template_{uuid4().hex[:8]}"
            with psycopg.connect((url % "postgres").replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
            folder = tmp_path_factory.mktemp("postgres")
            app = create_app({**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": url % name})
            with app.app_context():
                upgrade()
                db.session.remove()
                db.engine.dispose()
            pool = Pool(url, name)
            yield pool
            pool.close()
    except servers.NotHere as error:
        missing.skip(error)


@contextmanager
def copied(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """A fresh database of that kind; its address."""
    if kind == "sqlite":
        path = folder / "test.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    pool: Pool = request.getfixturevalue("postgres_pool")
    with pool.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database; the test runs on each kind."""
    with copied(request.param, request, tmp_path) as url:
        yield url


@pytest.fixture
def sqlite_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated SQLite database, for tests in which the kind does not matter."""
    with copied("sqlite", request, tmp_path) as url:
        yield url


# Apps ----------------------------------------------------------------------------------------------------------------

MakeApp = Callable[..., Flask]


@pytest.fixture
def make_app(tmp_path: Path) -> Iterator[MakeApp]:
    """Makes apps; settings are keyword arguments in capitals."""
    made: list[Flask] = []

    def make(url: str, **settings: str) -> Flask:
        app = create_app({**SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": url, **settings})
        app.config["TESTING"] = True
        app.test_client_class = Visitor
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(database_url: str, make_app: MakeApp) -> Iterator[Flask]:
    """The app inside its context, on each kind of database."""
    app = make_app(database_url)
    with app.app_context():
        yield app


@pytest.fixture
def lite(sqlite_url: str, make_app: MakeApp) -> Iterator[Flask]:
    """The app inside its context, on SQLite only: for pages and whatever does not depend on the database."""
    app = make_app(sqlite_url)
    with app.app_context():
        yield app


@pytest.fixture
def demo(demo_template: Path, tmp_path: Path, make_app: MakeApp) -> Iterator[Flask]:
    """The app inside its context, on SQLite with the demo loaded."""
    shutil.copy(demo_template, tmp_path / "demo.sqlite")
    app = make_app(f"sqlite:///{tmp_path / 'demo.sqlite'}")
    with app.app_context():
        yield app


class Visitor(FlaskClient):
    """A browser that sends the form's token with every POST; `signed_in(person)` makes it somebody's."""

    def post(self, *args: Any, csrf: bool = True, **kwargs: Any) -> TestResponse:
        """A POST with the token that the form on the page would carry; `csrf=False` leaves it out."""
        data = kwargs.get("data")
        if csrf and (data is None or isinstance(data, dict)):
            kwargs["data"] = {**(data or {}), "csrf_token": self.token()}
        return super().post(*args, **kwargs)

    def token(self) -> str:
        """The token of this browser's session, as its forms carry it; that they all do, tests/house/test_pages.py sees."""
        with self.session_transaction() as session:
            if "csrf_token" not in session:
                session["csrf_token"] = new_token()
            known = session["csrf_token"]
        return str(URLSafeTimedSerializer(self.application.secret_key or "", salt="wtf-csrf-token").dumps(known))

    def signed_in(self, person: Person, *, second_factor: bool = True) -> Visitor:
        """This browser with a live session of that person on the server."""
        token, at = new_token(), datetime.now(UTC)
        with transaction():
            row = SignIn(
                token_hash=hash_token(token),
                person_id=factories.number_of(person),
                created_at=at,
                seen_at=at,
                expires_at=at + timedelta(hours=12),
                second_factor_at=at if second_factor else None,
            )
            db.session.add(row)
        with self.session_transaction() as session:
            session["sid"], session["seen"] = token, int(at.timestamp())
        return self


@pytest.fixture
def clock() -> Callable[[datetime], Any]:
    """Moves the clock to an instant for a `with` block; it stands still inside."""
    return lambda instant: time_machine.travel(instant, tick=False)


@pytest.fixture
def queries(app_or_lite: Flask) -> Callable[[], Any]:
    """Counts the statements of a `with` block: the list it gives."""
    return lambda: counted(app_or_lite)


@pytest.fixture
def app_or_lite(request: pytest.FixtureRequest) -> Flask:
    """The app this test already has."""
    found: Flask = request.getfixturevalue("app" if "app" in request.fixturenames else "lite")
    return found


# Whether staff have edited texts of mails, and which: asked for all threads of a process.
ONCE_A_SECOND = ("SELECT coalesce(sum(mail_wording.version)", "SELECT mail_text.kind, mail_text.name, mail_text.lang, mail_text.words")


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements sent to the database, without BEGIN and its like, and without what is asked once a second, whoever is there:
    tests/wording/test_saying.py counts that."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "SET", "PRAGMA", "SAVEPOINT", "RELEASE", *ONCE_A_SECOND)):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


# SMTP and browser ----------------------------------------------------------------------------------------------------


@pytest.fixture
def smtp() -> Iterator[tuple[servers.Mailbox, int]]:
    """A real SMTP server: what it got, and its port."""
    with servers.smtp() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    try:
        path = servers.chromium()
    except servers.NotHere as error:
        missing.skip(error)
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    quiet = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=[*sandbox, *quiet])
        yield launched
        launched.close()


def axe(page: Page) -> list[str]:
    """What axe finds on a page, as 'rule: element' lines; [] is what we want."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
