"""Codes, invitations and links stand in mails in clear: the bytes of a mail go as soon as nothing needs them any more."""

from __future__ import annotations

import pytest
from flask import Flask

from app.database import transaction
from app.outbox import service
from tests.factories import NOW
from tests.outbox.conftest import Reach
from tests.outbox.made import STAFF, Script, message, queued


@pytest.fixture
def reached(reach: Reach) -> Flask:
    """The app that mails through the server, in its context."""
    return reach()


def test_a_mail_that_has_left_keeps_no_bytes(reached: Flask, server: Script) -> None:
    assert reached
    body = queued(1).body
    service.deliver_pending(NOW)
    assert server.raw == [body]
    assert (message(1).state, message(1).body) == ("sent", None)


def test_a_mail_that_was_taken_back_or_set_aside_keeps_none_and_one_that_waits_keeps_its_own(app: Flask) -> None:
    assert app
    for number in (1, 2, 3):
        queued(number)
    service.withdraw("registration:1")
    failed = message(2)
    with transaction():
        failed.state = "failed"
    service.set_aside(failed.id, by=STAFF, now=NOW)
    assert [(message(n).state, message(n).body is None) for n in (1, 2, 3)] == [
        ("cancelled", True),
        ("cancelled", True),
        ("pending", False),
    ]
