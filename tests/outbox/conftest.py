"""A server that does as it is told, and an app that mails through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask import Flask

from app.mailer.transport import hang_up
from tests.conftest import MakeApp
from tests.outbox.made import Script, scripted

Reach = Callable[..., Flask]


@pytest.fixture
def server() -> Iterator[Script]:
    """A server that does as it is told."""
    with scripted() as (script, _port):
        yield script


@pytest.fixture
def reach(server: Script, database_url: str, make_app: MakeApp) -> Iterator[Reach]:
    """Makes the app that mails through the server, on each kind of database, and stays in its context."""
    with ExitStack() as stack:

        def make(**settings: str) -> Flask:
            smtp = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(server.port), "MAIL_TIMEOUT": "1"}
            app = make_app(database_url, **{**smtp, "MAIL_ALLOWLIST": "@there.example", **settings})
            stack.enter_context(app.app_context())
            stack.callback(hang_up)
            return app

        yield make
