"""At the last look for one message the next is taken, and what became of the one before is written down: one trip a mail."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.exc import DBAPIError

from app.database import db, transaction
from app.errors import Conflict
from app.mailer.transport import transport
from app.outbox import service
from app.outbox.log import service as staff
from app.outbox.models import Message
from app.outbox.service import Tally
from tests.factories import NOW
from tests.outbox.conftest import Reach
from tests.outbox.made import STAFF, Script, alter, message, queued, states

MINUTE = timedelta(minutes=1)


class Broken(Exception):
    """Whatever may end a round."""


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


def seen_at(server: Script, moment: str, app: Reach) -> list[dict[str, str]]:
    """What stands in the outbox at that moment of the first mail, and of the second."""
    seen: list[dict[str, str]] = []

    def look() -> None:
        seen.append(states())
        once(server, moment, lambda: seen.append(states()), lambda: made)

    made = app()
    once(server, moment, look, lambda: made)
    return seen


@pytest.mark.parametrize("moment", ["at_command", "during_data"])
def test_the_next_is_in_hand_while_one_leaves_and_the_one_before_is_written_down(reach: Reach, server: Script, moment: str) -> None:
    seen = seen_at(server, moment, reach)
    three()
    assert service.deliver_pending(NOW) == Tally(sent=3)
    names = "reader1", "reader2", "reader3"
    wanted = [("sending", "sending", "pending"), ("sent", "sending", "sending")]
    assert seen == [dict(zip(names, one, strict=True)) for one in wanted]
    assert [message(number).attempts for number in (1, 2, 3)] == [1, 1, 1]


def test_before_a_server_is_asked_anything_what_became_of_the_last_is_written_down(reach: Reach, server: Script) -> None:
    seen = seen_at(server, "during_rcpt", reach)
    three()
    assert service.deliver_pending(NOW) == Tally(sent=3)
    assert seen[1]["reader1"] == "sent"


def test_nothing_is_taken_ahead_that_is_not_to_leave(reach: Reach, server: Script) -> None:
    seen = seen_at(server, "during_data", reach)
    three()
    assert service.deliver_pending(NOW, at_most=1) == Tally(sent=1)
    asked = iter([False, True])  # the round begins, and at the last look it is to stop
    assert service.deliver_pending(NOW, stop=lambda: next(asked, True)) == Tally(sent=1)
    assert [list(one.values()).count("sending") for one in seen] == [1, 1]


def test_what_was_taken_ahead_is_given_back_at_a_stop(reach: Reach, server: Script) -> None:
    reach()
    three()
    assert service.deliver_pending(NOW, stop=lambda: len(server.raw) == 1) == Tally(sent=1)
    assert message(1).state == "sent"
    assert waits(2)
    assert waits(3)


def test_a_round_that_breaks_gives_back_what_it_has_ahead_and_writes_down_what_has_left(reach: Reach, server: Script) -> None:
    def breaks() -> bool:
        if server.raw:
            raise Broken
        return False

    reach()
    three()
    with pytest.raises(Broken):
        service.deliver_pending(NOW, stop=breaks)
    assert message(1).state == "sent"
    assert waits(2)


def test_what_a_broken_round_left_in_hand_goes_with_the_workers_next(reach: Reach, server: Script) -> None:
    reach()
    three()
    worker = service.start_worker(now=NOW)
    alter(2, state="sending", token=f"{worker.hex}:abcdef", lease_until=NOW + timedelta(days=3000), attempts=1)
    assert service.deliver_pending(NOW, worker=worker) == Tally(sent=3)


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


def test_what_was_taken_ahead_does_not_leave_once_its_time_has_run_out(reach: Reach, server: Script) -> None:
    once(server, "during_data", lambda: alter(2, expires_at=NOW), reach)
    three()
    assert service.deliver_pending(NOW) == Tally(sent=2)
    assert waits(2)


@pytest.mark.parametrize("by", ["readers", "staff"])
def test_what_was_taken_ahead_is_stopped_when_it_is_taken_back_meanwhile(reach: Reach, server: Script, by: str) -> None:
    def take_back() -> None:
        if by == "readers":
            service.withdraw("registration:2")
        else:
            staff.stop(message(2).id, by=STAFF, now=NOW)

    once(server, "during_data", take_back, reach)
    three()
    assert service.deliver_pending(NOW) == Tally(sent=2, stopped=1)
    assert states() == {"reader1": "sent", "reader2": "cancelled", "reader3": "sent"}


def test_what_was_taken_ahead_leaves_no_trace_if_it_is_to_leave_none(reach: Reach, server: Script) -> None:
    def drop() -> None:
        number = message(2).id
        with transaction():
            service.leave_no_trace([number], state="superseded")

    once(server, "during_data", drop, reach)
    three()
    assert service.deliver_pending(NOW) == Tally(sent=2, stopped=1)
    assert states() == {"reader1": "sent", "reader3": "sent"}


def test_staff_cannot_stop_what_has_begun(reach: Reach, server: Script) -> None:
    refused: list[str] = []

    def stop() -> None:
        try:
            staff.stop(message(1).id, by=STAFF, now=NOW)
        except Conflict as error:
            refused.append(str(error))

    once(server, "during_data", stop, reach)
    three()
    assert service.deliver_pending(NOW) == Tally(sent=3)
    assert len(refused) == 1


def test_one_that_is_taken_back_while_it_leaves_keeps_no_other_in_hand(reach: Reach, server: Script) -> None:
    once(server, "during_data", lambda: service.withdraw("registration:1"), reach)
    three()
    assert service.deliver_pending(NOW) == Tally(sent=3)
    assert (message(1).state, message(1).sent_at) == ("cancelled", NOW)
    assert states() == {"reader1": "cancelled", "reader2": "sent", "reader3": "sent"}


def test_one_that_may_not_go_does_not_make_us_forget_the_one_before(reach: Reach, server: Script) -> None:
    reach()
    three()
    alter(2, recipient="reader2@elsewhere.example")
    assert service.deliver_pending(NOW) == Tally(sent=2, held=1)
    assert states() == {"reader1": "sent", "reader2": "held", "reader3": "sent"}


def test_an_address_that_is_marked_by_one_mail_gets_no_other_that_was_taken_ahead(reach: Reach, server: Script) -> None:
    reach(BOUNCE_LIMIT="1")
    three()
    alter(2, recipient="reader1@there.example", subject="The second")
    server.at_data["reader1@there.example"] = ["550 5.1.1 no such mailbox"]
    assert service.deliver_pending(NOW) == Tally(sent=1, failed=1)
    assert [to for _sender, to in server.envelopes] == [["reader3@there.example"]]


def hang_up_once(server: Script) -> Callable[[], bool]:
    """Breaks the kept connection after the first mail, without our side noticing."""
    broken: list[bool] = []

    def look() -> bool:
        host = transport().host
        if server.raw and not broken and host is not None and host.sock is not None:
            broken.append(True)
            host.sock.shutdown(socket.SHUT_RDWR)
        return False

    return look


def test_a_connection_that_ends_between_two_mails_costs_neither_of_them_a_try(reach: Reach, server: Script) -> None:
    reach()
    three()
    queued(4, rank_at=NOW + 4 * MINUTE)
    assert service.deliver_pending(NOW, stop=hang_up_once(server)) == Tally(sent=4)
    assert server.sessions == 2
    assert [message(number).attempts for number in (1, 2, 3, 4)] == [1, 1, 1, 1]


def test_a_pause_while_a_connection_is_made_anew_leaves_no_doubt_about_the_mail(reach: Reach, server: Script) -> None:
    app = reach()
    three()

    def pause() -> None:
        if server.sessions == 2:
            with app.app_context():
                service.pause(by=STAFF, now=NOW)
                db.session.remove()

    server.during_hello = pause
    assert service.deliver_pending(NOW, stop=hang_up_once(server)) == Tally(sent=1)
    assert waits(2)
    assert waits(3)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer
@pytest.mark.parametrize("rows", [("reader1", "reader2"), ("reader2", "reader1")])
def test_who_changes_two_mails_at_once_while_they_leave_is_not_turned_away(reach: Reach, server: Script, rows: tuple[str, str]) -> None:
    """Of two who hold what the other waits for PostgreSQL ends one after a second: it must not be them."""
    said: list[str] = []

    def change(one: str, connection: Connection) -> None:
        connection.execute(update(Message).where(Message.recipient == f"{one}@there.example").values(error="looked at"))

    def hold() -> None:
        others = db.engine.connect()
        change(rows[0], others)
        threading.Thread(target=go_on, args=[others]).start()

    def go_on(others: Connection) -> None:
        with others:
            time.sleep(1.2)  # longer than PostgreSQL waits before it looks
            try:
                change(rows[1], others)
                said.append("well")
            except DBAPIError as error:
                said.append(str(error.orig))
            others.rollback()

    app = reach()
    once(server, "during_data", hold, lambda: app)
    three()
    assert service.deliver_pending(NOW) == Tally(sent=3)
    assert said == ["well"]
    assert set(states().values()) == {"sent"}
