"""What the tests of accounts share: reading the mails that wait in the outbox."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts import rules
from app.database import db
from app.outbox.models import Message


def quick_hash(password: str) -> str:
    """Of a password that is tried again and again; tests/accounts/test_password.py has it as the product makes it."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(rules.password(password))


@pytest.fixture
def make_app(make_app: Callable[..., Flask]) -> Callable[..., Flask]:
    """Apps whose browsers get an application context for each request, as on a server, so that two are two."""

    def make(*url: str, **settings: str) -> Flask:
        app = make_app(*url, **settings)

        class Browser(app.test_client_class or FlaskClient):  # type: ignore[misc]
            def open(self, *args: Any, **kwargs: Any) -> TestResponse:
                with app.app_context():
                    answer: TestResponse = super().open(*args, **kwargs)
                db.session.rollback()  # what the test read before is read anew
                return answer

        app.test_client_class = Browser
        return app

    return make


class Post:
    """The outbox, as the people it is for would read it."""

    def all(self, address: str = "") -> list[EmailMessage]:
        """Every mail, oldest first; or those to one address."""
        wanted = select(Message.body).order_by(Message.created_at, Message.id)
        if address:
            wanted = wanted.where(Message.recipient == address)
        return [message_from_bytes(body, policy=policy.default) for body in db.session.scalars(wanted) if body]

    def newest(self, address: str) -> EmailMessage:
        """The newest mail to an address."""
        return self.all(address)[-1]

    def text(self, address: str) -> str:
        """The plain words of the newest mail."""
        part = self.newest(address).get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    def code(self, address: str) -> str:
        """The six digits of the newest mail."""
        found = re.search(r"\b(\d{3}) (\d{3})\b", self.text(address))
        assert found is not None
        return "".join(found.groups())

    def path(self, address: str) -> str:
        """The path of the first link of the newest mail."""
        found = re.search(r"http://127\.0\.0\.1:5000(/\S+)", self.text(address))
        assert found is not None
        return found.group(1)


@pytest.fixture
def post(app_or_lite: Flask) -> Post:
    """The outbox."""
    assert app_or_lite
    return Post()


@pytest.fixture
def errors() -> Callable[[str], list[str]]:
    """The words beside the fields of a page."""
    return lambda page: re.findall(r'class="error"[^>]*>(?:<span[^>]*>[^<]*</span>)?([^<]+)<', page)
