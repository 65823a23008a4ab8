"""A running service with the demo's data, and browsers of people who are signed in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator

from app import create_app
from app.accounts.models import Person
from app.database import db
from tests import servers
from tests.conftest import SETTINGS, Visitor

STAFF = "karin.ahlqvist@icld.example"
COORDINATOR = "lucia.chavajay@panajachel.example"


def follow(target: Locator) -> None:
    """Clicks what leads to another page and waits until that is there: a click alone comes back while the old page still stands,
    and what is counted then is counted there."""
    with target.page.expect_navigation():
        target.click()


@dataclass
class Running:
    """A service that answers at `url`."""

    app: Flask
    url: str

    def visitor(self, address: str = "") -> Visitor:
        """A client without a browser, signed in if an address is given."""
        client = self.app.test_client()
        assert isinstance(client, Visitor)
        if address:
            with self.app.app_context():
                client.signed_in(db.session.query(Person).filter_by(canonical_address=address).one())
        return client

    def sign_in(self, context: BrowserContext, address: str = "") -> None:
        """Makes that browser somebody's; nobody's without an address."""
        context.clear_cookies()
        if address:
            cookie = self.visitor(address).get_cookie("session", domain="localhost")
            assert cookie is not None
            context.add_cookies([{"name": "session", "value": cookie.value, "url": self.url}])


@pytest.fixture(scope="module")
def running(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo on SQLite, behind a real server."""
    folder: Path = tmp_path_factory.mktemp("running")
    port = servers.free_port()
    database = shutil.copy(demo_template, folder / "demo.sqlite")
    settings = {**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": f"sqlite:///{database}", "DEMO": "1"}
    settings |= {"FEEDBACK_DAYS": "4000"}  # the questions about what the demo has held are still open
    app = create_app({**settings, "BASE_URL": f"http://127.0.0.1:{port}"})
    app.test_client_class = Visitor
    with servers.web(app, port) as url:
        yield Running(app, url)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def browse(running: Running, browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Opens browsers: `browse(address, width=390, dark=True)`."""
    opened: list[BrowserContext] = []

    def open_one(address: str = "", *, width: int = 1280, dark: bool = False) -> BrowserContext:
        context = browser.new_context(
            base_url=running.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        running.sign_in(context, address)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()
