"""At the last look for one message the next is taken, and what became of the one before is written down: one trip a mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.database import db
from app.outbox import service
from app.outbox.service import Tally
from tests.factories import NOW
from tests.outbox.conftest import Reach
from tests.outbox.made import STAFF, Script, message, queued, states

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True, params=[True, False], ids=["in one breath", "step by step"])
def _how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the server takes sender, recipient and DATA at once; then the last look comes before them."""
    monkeypatch.setattr(Script, "pipelining", request.param)


def three() -> None:
    """Three mails, the nearest first."""
    for number in (1, 2, 3):
        queued(number, rank_at=NOW + number * MINUTE)


def once(server: Script, moment: str, work: Callable[[], object], app: Reach) -> None:
    """Has `work` done at that moment of the first mail."""
    made = app()

    def run() -> None:
        setattr(server, moment, None)
        with made.app_context():
            work()
            db.session.remove()

    setattr(server, moment, run)


def waits(number: int) -> bool:
    """Whether nobody could tell that it was ever taken."""
    row = message(number)
    return (row.state, row.attempts, row.uncertain, row.token, row.lease_until) == ("pending", 0, 0, None, None) and row.body is not None


def test_the_next_is_in_hand_while_one_leaves_and_the_one_before_is_written_down(reach: Reach, server: Script) -> None:
    seen: list[dict[str, str]] = []
    once(server, "during_data", lambda: setattr(server, "during_data", second), reach)

    def second() -> None:
        server.during_data = None
        with app.app_context():
            seen.append(states())
            db.session.remove()

    app = reach()
    three()
    assert service.deliver_pending(NOW) == Tally(sent=3)
    assert seen == [{"reader1": "sent", "reader2": "sending", "reader3": "sending"}]
    assert [message(number).attempts for number in (1, 2, 3)] == [1, 1, 1]


def test_what_was_taken_ahead_is_given_back_at_a_stop(reach: Reach, server: Script) -> None:
    reach()
    three()
    assert service.deliver_pending(NOW, stop=lambda: len(server.raw) == 1) == Tally(sent=1)
    assert message(1).state == "sent"
    assert waits(2)
    assert waits(3)


def test_what_was_taken_ahead_is_given_back_when_staff_pause_and_leaves_when_they_resume(reach: Reach, server: Script) -> None:
    once(server, "during_data", lambda: service.pause(by=STAFF, now=NOW), reach)
    three()
    assert service.deliver_pending(NOW) == Tally(sent=1)
    assert waits(2)
    service.resume(by=STAFF, now=NOW)
    assert service.deliver_pending(NOW) == Tally(sent=2)
    assert len(server.raw) == 3


def test_what_was_taken_ahead_is_given_back_when_the_server_wants_less_at_once(reach: Reach, server: Script) -> None:
    reach()
    three()
    server.at_data["reader1@there.example"] = ["452 too much at once"]
    assert service.deliver_pending(NOW) == Tally(again=1)
    assert waits(2)


def test_what_was_taken_ahead_is_stopped_when_it_is_taken_back_meanwhile(reach: Reach, server: Script) -> None:
    once(server, "during_data", lambda: service.withdraw("registration:2"), reach)
    three()
    assert service.deliver_pending(NOW) == Tally(sent=2, stopped=1)
    assert states() == {"reader1": "sent", "reader2": "cancelled", "reader3": "sent"}


def test_no_more_are_taken_than_may_leave(reach: Reach, server: Script) -> None:
    reach()
    three()
    assert service.deliver_pending(NOW, at_most=1) == Tally(sent=1)
    assert waits(2)


def test_a_connection_that_ends_between_two_mails_costs_neither_of_them_a_try(reach: Reach, server: Script) -> None:
    reach()
    three()
    server.at_rcpt["reader2@there.example"] = ["hang up"]
    first = service.deliver_pending(NOW)
    second = service.deliver_pending(NOW + 30 * MINUTE, probe=True)
    assert first.sent + second.sent == 3
    assert len(server.raw) == 3
    assert set(states().values()) == {"sent"}
