"""Controls of the faults in test_faults.py: the same check, met by our round and by a loop that is careless in one way, which must fail.

What is careless does not depend on the database, so one kind is enough. F1, F3 and F6 have their controls beside them.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app import mailer
from app.database import transaction
from app.mailer.transport import hang_up
from app.outbox.models import Message
from app.outbox.service import Tally, deliver_pending
from tests.conftest import MakeApp
from tests.factories import NOW
from tests.outbox.made import Script, message, queued, scripted, states

READER = "reader1@there.example"
HOUR = timedelta(hours=1)
Deliver = Callable[[datetime], Tally]
MISHAPS = (mailer.Unreachable, mailer.Refused, mailer.Lost, ValueError)
Mishap = Callable[[Message, Exception], None]


def careless(mishap: Mishap) -> Deliver:
    """Sends all that is due, one after another, and does the same about whatever goes wrong."""

    def deliver(now: datetime) -> Tally:
        due, tally = select(Message).where(Message.state == "pending", Message.next_at <= now), Tally()
        with transaction() as session:
            for row in session.scalars(due.order_by(Message.rank_at, Message.recipient)).all():
                try:
                    mailer.send(row.body or b"", row.recipient)
                    row.state, row.sent_at, tally.sent = "sent", now, tally.sent + 1
                except MISHAPS as error:
                    mishap(row, error)
                    tally.again += 1
        return tally

    return deliver


def try_again(row: Message, _error: Exception) -> None:
    """Whatever it was."""
    row.attempts, row.next_at = row.attempts + 1, row.next_at + timedelta(minutes=1)


def give_up(row: Message, _error: Exception) -> None:
    """Whatever it was."""
    row.state = "failed"


def stumble(_row: Message, error: Exception) -> None:
    """Whatever it was."""
    raise error


@pytest.fixture
def server(sqlite_url: str, make_app: MakeApp) -> Iterator[Script]:
    """A server that does as it is told, and the app that mails through it."""
    with scripted() as (script, port):
        facts = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port), "MAIL_TIMEOUT": "1", "MAIL_ALLOWLIST": "@there.example"}
        with make_app(sqlite_url, **facts).app_context():
            yield script
            hang_up()


@pytest.mark.parametrize(
    ("deliver", "seen"), [(deliver_pending, (Tally(again=1), [0, 0, 0])), (careless(try_again), (Tally(again=3), [1, 1, 1]))]
)
def test_f2_a_server_that_is_gone_is_tried_once_and_costs_no_attempt(
    sqlite_url: str, make_app: MakeApp, deliver: Deliver, seen: tuple[Tally, list[int]]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = str(gone.getsockname()[1])
    with make_app(sqlite_url, MAIL_SERVER="127.0.0.1", MAIL_PORT=port, MAIL_ALLOWLIST="@there.example").app_context():
        for number in (1, 2, 3):
            queued(number)
        assert (deliver(NOW), [message(number).attempts for number in (1, 2, 3)]) == seen


@pytest.mark.parametrize(
    ("answer", "deliver", "seen"),
    [
        ("450 busy", deliver_pending, ("pending", "sent")),
        ("450 busy", careless(give_up), ("failed", "failed")),
        ("550 no such mailbox", deliver_pending, ("failed", "failed")),
        ("550 no such mailbox", careless(try_again), ("pending", "sent")),
    ],
)
def test_f4_f5_a_temporary_no_is_tried_again_and_a_final_one_is_not(
    server: Script, answer: str, deliver: Deliver, seen: tuple[str, str]
) -> None:
    queued(1)
    server.at_rcpt[READER] = [answer]
    deliver(NOW)
    first = message(1).state
    deliver(NOW + HOUR)
    assert (first, message(1).state) == seen


@pytest.mark.parametrize(("deliver", "copies"), [(deliver_pending, 3), (careless(try_again), 5)])
def test_f7_nobody_gets_more_than_three_copies_when_answers_are_lost(server: Script, deliver: Deliver, copies: int) -> None:
    queued(1)
    server.at_data[READER] = ["hang up after"] * 5
    for hour in range(5):
        deliver(NOW + HOUR * hour)
    assert len(server.raw) == copies


@pytest.mark.parametrize(("deliver", "state"), [(deliver_pending, "sent"), (careless(stumble), "pending")])
def test_f8_a_row_that_cannot_be_sent_keeps_no_other_waiting(server: Script, deliver: Deliver, state: str) -> None:
    poison = queued(1, rank_at=NOW - HOUR)
    queued(2)
    with transaction():
        poison.recipient = "två@there.example"  # the outbox would not have let it in
    with suppress(ValueError):
        deliver(NOW)
    assert states()["reader2"] == state
