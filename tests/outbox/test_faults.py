"""The faults of the specification by their numbers, F1 to F8, each against a real SMTP server that misbehaves, on both databases.

What belongs to them in detail stands in test_delivery.py and mailer/test_transport.py; deaths at random moments in test_kills.py;
the controls of F2, F4, F5, F7 and F8 in test_careless.py.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.clock import now as clock_now
from app.database import db, transaction
from app.mailer.transport import hang_up
from app.outbox import service
from app.outbox.models import Switch
from app.outbox.queries import overview
from app.outbox.service import Tally
from tests.conftest import SETTINGS, MakeApp
from tests.factories import NOW
from tests.mailer.test_transport import certificate
from tests.outbox.made import STAFF, Script, mail, message, queued, scripted, states, switch
from tests.outbox.test_kills import wait_until, workers

READER = "reader1@there.example"
MINUTE = timedelta(minutes=1)
Reach = Callable[..., Flask]


@pytest.fixture
def reach(database_url: str, make_app: MakeApp) -> Iterator[Reach]:
    """Makes an app that mails through the server at a port, and stays in its context."""
    with ExitStack() as stack:

        def make(port: int, **settings: str) -> Flask:
            facts = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port), "MAIL_TIMEOUT": "1", "MAIL_ALLOWLIST": "@there.example"}
            app = make_app(database_url, **{**facts, **settings})
            stack.enter_context(app.app_context())
            stack.callback(hang_up)
            return app

        yield make


def half_a_minute_later() -> None:
    with transaction() as session:
        session.execute(update(Switch).where(Switch.name == "circuit").values(at=clock_now() - timedelta(seconds=31)))


# F1: killed ------------------------------------------------------------------------------------------------------------


class Deadly(Script):
    """Kills the worker that talks to it, at RCPT or when it has taken the message and not yet said so."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self.team: list[Any] = []
        if moment == "after the claim":
            self.during_rcpt = self.kill
        self.is_after_data = moment == "after DATA"

    def kill(self) -> None:
        """Once."""
        self.during_rcpt, self.is_after_data = None, False
        self.team[0].kill()
        self.team[0].join()

    async def handle_DATA(self, *facts: Any) -> str:  # noqa: N802  aiosmtpd's name
        """Takes it."""
        answer = await super().handle_DATA(*facts)
        if self.is_after_data:
            self.kill()
        return answer


@pytest.mark.parametrize(("moment", "copies"), [("before the claim", 1), ("after the claim", 1), ("after DATA", 2), ("after the mark", 1)])
def test_f1_killed_at_any_moment_nothing_is_lost_and_a_copy_is_the_same_message(
    database_url: str, make_app: MakeApp, tmp_path: Path, moment: str, copies: int
) -> None:
    server = Deadly(moment)
    with scripted(server) as (_script, port), make_app(database_url).app_context():
        facts = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port), "MAIL_ALLOWLIST": "@there.example", "TICK_SECONDS": "1"}
        settings = {**SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": database_url, **facts}
        if moment == "before the claim":
            service.pause(by=STAFF, now=clock_now())
        service.queue(mail(1), now=clock_now())
        with workers(1, settings) as team:
            server.team = team
            wait_until(lambda: _is_over(team, moment))
            if team[0].is_alive():
                server.kill()
        service.resume(by=STAFF, now=clock_now())
        with workers(1, settings):
            wait_until(lambda: set(states().values()) == {"sent"})
        assert len(server.raw) == copies
        assert len({(one["Message-ID"], one["X-Outbox-Id"], one["To"], one["Subject"]) for one in server.messages}) == 1


def _is_over(team: list[Any], moment: str) -> bool:
    """Whether the moment has come at which the server has killed the worker, or we do."""
    db.session.rollback()
    if moment == "before the claim":
        return service.heartbeat_age(clock_now()) is not None
    return states() == {"reader1": "sent"} if moment == "after the mark" else not team[0].is_alive()


# F2: nobody there ------------------------------------------------------------------------------------------------------


def _refused() -> dict[str, str]:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        return {"MAIL_PORT": str(gone.getsockname()[1])}


def _no_such_name() -> dict[str, str]:
    return {"MAIL_SERVER": "mail.nowhere.invalid"}


@pytest.mark.parametrize("gone", [_refused, _no_such_name])
def test_f2_no_connection_costs_no_attempt_and_is_tried_by_one_probe_in_half_a_minute(
    reach: Reach, gone: Callable[[], dict[str, str]]
) -> None:
    with scripted() as (server, port):
        reach(port, **gone())
        for number in (1, 2, 3):
            queued(number)
        assert service.deliver_pending(NOW) == Tally(again=1)
        assert {(message(number).state, message(number).attempts) for number in (1, 2, 3)} == {("pending", 0)}
        assert overview(NOW).circuit
        reach(port)  # it is back
        assert service.deliver_pending(NOW) == Tally()
        half_a_minute_later()
        assert service.deliver_pending(NOW) == Tally(sent=3)
        assert len(server.raw) == 3


# F3: silent ------------------------------------------------------------------------------------------------------------


def test_f3_a_server_that_takes_the_connection_and_says_nothing_is_as_good_as_gone(reach: Reach) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        reach(mute.getsockname()[1])
        queued(1)
        assert service.deliver_pending(NOW) == Tally(again=1)
    assert (message(1).attempts, message(1).uncertain, switch("circuit"), switch("circuit_words")) == (0, 0, "open", "silent")


@pytest.mark.parametrize(("lease", "copies"), [("120", 1), ("1", 2)])
def test_f3_a_slow_answer_makes_no_copy_because_the_lease_is_longer(
    reach: Reach, database_url: str, make_app: MakeApp, lease: str, copies: int
) -> None:
    """The second row is the control: with a lease that is shorter than the answer takes, somebody else sends it too."""
    with scripted() as (server, port):
        slow = {"MAIL_TIMEOUT": "20", "OUTBOX_LEASE": lease}
        reach(port, **slow)
        other = make_app(database_url, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(port), MAIL_ALLOWLIST="@there.example", **slow)
        queued(1)
        server.during_data = lambda: _colleague(other, server)
        service.deliver_pending(NOW)
        assert (len(server.raw), states()) == (copies, {"reader1": "sent"})


def _colleague(app: Flask, server: Script) -> None:
    """Another worker, three times in four seconds, while the first waits for its answer."""
    server.during_data = None
    until = clock_now() + timedelta(seconds=4)
    with app.app_context():
        while clock_now() < until:
            service.deliver_pending(NOW)
            db.session.remove()
        hang_up()


# F4, F5: a no ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["421 closing", "450 busy", "451 greylisted", "452 too much", "432 too much"])
def test_f4_a_temporary_no_is_tried_again_later(reach: Reach, answer: str) -> None:
    with scripted() as (server, port):
        reach(port)
        queued(1)
        server.at_rcpt[READER] = [answer]
        assert service.deliver_pending(NOW) == Tally(again=1)
        row = message(1)
        assert (row.state, row.attempts, row.uncertain, row.error, switch("circuit")) == ("pending", 1, 0, answer, "")
        assert MINUTE / 2 <= row.next_at - NOW <= MINUTE * 1.5
        assert service.deliver_pending(NOW + MINUTE / 3) == Tally()
        assert service.deliver_pending(row.next_at) == Tally(sent=1)


@pytest.mark.parametrize(("answer", "halved", "taken"), [("452 too much", 1, 2), ("432 too much", 1, 2), ("450 busy", 0, 4)])
def test_f4_too_much_at_once_halves_the_rate_until_it_has_been_quiet_for_ten_minutes(
    reach: Reach, answer: str, halved: int, taken: int
) -> None:
    """The last row is the control: as many leave as ever."""
    with scripted() as (server, port):
        reach(port, MAIL_PER_MINUTE="4")
        for number in range(1, 9):
            queued(number, clock_now() - MINUTE, rank_at=NOW + MINUTE * number)
        server.at_rcpt[READER] = [answer]
        sent = service.deliver_pending().sent + service.deliver_pending().sent
        assert (sent, overview(clock_now()).halved, overview(clock_now() + MINUTE * 10).halved) == (taken, halved, 0)
        assert service.deliver_pending(clock_now()).sent == 7 - taken  # --at knows no minute


def test_f5_a_final_no_fails_is_not_tried_again_and_is_shown(reach: Reach) -> None:
    with scripted() as (server, port):
        reach(port)
        queued(1)
        queued(2)
        server.at_rcpt[READER] = ["550 no such mailbox"]
        assert service.deliver_pending(NOW) == Tally(sent=1, failed=1)
        assert service.deliver_pending(NOW + timedelta(hours=1)) == Tally()
        assert (message(1).state, message(1).error, overview(NOW).failed) == ("failed", "550 no such mailbox", 1)


# F6: not to be trusted -----------------------------------------------------------------------------------------------------


def test_f6_a_refused_log_in_opens_the_circuit(reach: Reach) -> None:
    with scripted(auth_require_tls=False, authenticator=lambda *_facts: _not_you()) as (server, port):
        reach(port, MAIL_USERNAME="icld", MAIL_PASSWORD="wrong")
        queued(1)
        assert service.deliver_pending(NOW) == Tally(again=1)
        assert (message(1).state, message(1).attempts, server.raw) == ("pending", 0, [])
        assert overview(NOW).circuit.startswith("login_refused: 535")


def _not_you() -> Any:
    from aiosmtpd.smtp import AuthResult  # noqa: PLC0415  only here

    return AuthResult(success=False, handled=False)


def test_f6_a_certificate_that_nobody_trusts_opens_the_circuit(reach: Reach, tmp_path: Path) -> None:
    with certificate(tmp_path) as (context, _file), scripted(tls_context=context) as (server, port):
        reach(port, MAIL_USE_TLS="true")
        queued(1)
        assert service.deliver_pending(NOW) == Tally(again=1)
        assert (message(1).state, message(1).attempts, server.raw) == ("pending", 0, [])
        assert overview(NOW).circuit.startswith("certificate: ")


@pytest.mark.parametrize(("tls", "taken"), [("true", 0), ("false", 1)])
def test_f6_where_starttls_was_taken_away_nothing_goes_in_plain_text(reach: Reach, tls: str, taken: int) -> None:
    """The second row is the control: the server would have taken it."""
    with scripted() as (server, port):
        reach(port, MAIL_USE_TLS=tls)
        queued(1)
        service.deliver_pending(NOW)
        assert (len(server.raw), switch("circuit")) == (taken, "" if taken else "open")
        assert message(1).attempts == taken


# F7: no answer; F8: poison -----------------------------------------------------------------------------------------------------


def test_f7_a_lost_answer_is_counted_and_the_third_time_staff_decide(reach: Reach) -> None:
    with scripted() as (server, port):
        reach(port)
        queued(1)
        server.at_data[READER] = ["hang up after"] * 3
        at, counted = NOW, []
        for _copy in range(3):
            service.deliver_pending(at)
            counted.append((message(1).state, message(1).uncertain))
            at = message(1).next_at
        assert counted == [("pending", 1), ("pending", 2), ("uncertain", 3)]
        assert service.deliver_pending(at + timedelta(days=1)) == Tally()
        assert len({copy["Message-ID"] for copy in server.messages}) == 1
        assert overview(NOW).uncertain == 1


def test_f8_a_row_that_cannot_be_sent_fails_with_its_reason_and_the_others_go_on(reach: Reach) -> None:
    with scripted() as (server, port):
        reach(port)
        queued(1, recipient="två@there.example")
        queued(2, recipient="two@there.example, more@there.example")
        queued(3, problem="UndefinedError: nobody")
        queued(4)
        assert service.deliver_pending(NOW) == Tally(sent=1)
        assert [to for _sender, to in server.envelopes] == [["reader4@there.example"]]
        assert sorted(states().values()) == ["failed", "failed", "failed", "sent"]
