"""From the outbox to a real server: claim, lease, fence, mark; and everything that servers, staff and deaths do to it."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from app.clock import now as clock_now
from app.database import db, transaction
from app.mailer.transport import hang_up
from app.outbox import carrier, claims, rules, service, workers
from app.outbox.claims import Step
from app.outbox.models import Message, Switch, Worker
from app.outbox.queries import overview
from app.outbox.service import Item, Tally
from app.swift import swift
from tests.conftest import MakeApp
from tests.factories import NOW
from tests.outbox.conftest import Reach
from tests.outbox.made import STAFF, Script, alter, mail, message, queued, states, switch

READER = "reader1@there.example"
MINUTE = timedelta(minutes=1)


# The good days ---------------------------------------------------------------------------------------------------------


def test_what_is_due_leaves_once_with_the_bytes_it_entered_with(reach: Reach, server: Script) -> None:
    reach()
    body = queued(1).body
    queued(2, due_at=NOW + MINUTE)
    assert service.deliver_pending(NOW) == Tally(sent=1)
    assert service.deliver_pending(NOW) == Tally()
    assert (server.raw, server.envelopes) == ([body], [("partnership@icld.se", [READER])])
    row = message(1)
    assert (row.state, row.sent_at, row.smtp_reply, row.attempts, row.uncertain, row.token) == ("sent", NOW, "250 taken", 1, 0, None)


@pytest.mark.parametrize("lasting", [True, False])
def test_a_renewal_holds_whether_it_waits_for_the_disk_or_not_and_only_for_the_holder(reach: Reach, lasting: bool) -> None:
    reach()
    queued(1)
    with swift() as line:
        held = claims.step(line, Step("me", NOW, NOW, NOW + MINUTE, claims=True), lasting=False).held
        assert held
        look = Step("me", NOW, NOW, NOW + 2 * MINUTE, renewed=held)
        assert claims.step(line, look, lasting=lasting).renewed
        assert not claims.step(line, replace(look, renewed=replace(held, token="another")), lasting=lasting).renewed
    row = message(1)
    assert (row.state, row.lease_until, row.uncertain) == ("sending", NOW + 2 * MINUTE, 1)


def test_the_nearest_workshop_goes_first(reach: Reach, server: Script) -> None:
    reach()
    for number, days in ((1, 30), (2, 1), (3, 7)):
        queued(number, rank_at=NOW + timedelta(days=days))
    service.deliver_pending(NOW)
    assert [to[0][:7] for _sender, to in server.envelopes] == ["reader2", "reader3", "reader1"]


def test_without_an_instant_the_clock_counts(reach: Reach, server: Script) -> None:
    reach()
    queued(1, clock_now() - MINUTE)
    queued(2, clock_now() + MINUTE)
    assert service.deliver_pending().sent == 1
    sent_at = message(1).sent_at
    assert sent_at is not None
    assert abs(sent_at - clock_now()) < timedelta(seconds=20)
    assert len(server.raw) == 1


def test_no_more_leave_in_a_minute_than_the_setting_says(reach: Reach, server: Script) -> None:
    reach(MAIL_PER_MINUTE="3")
    for number in range(5):
        queued(number, clock_now() - MINUTE)
    assert service.deliver_pending().sent == 3
    assert service.deliver_pending().sent == 0
    with transaction() as session:
        session.execute(update(Message).where(Message.state == "sent").values(sent_at=clock_now() - timedelta(seconds=61)))
    assert service.deliver_pending().sent == 2
    assert len(server.raw) == 5


def test_two_workers_together_keep_to_the_minutes_limit(reach: Reach, server: Script, database_url: str, make_app: MakeApp) -> None:
    reach(MAIL_PER_MINUTE="6", MAIL_TIMEOUT="60")  # the server waits for the colleague
    smtp = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(server.port), "MAIL_ALLOWLIST": "@there.example"}
    other = make_app(database_url, MAIL_PER_MINUTE="6", **smtp)
    for number in range(20):
        queued(number, clock_now() - MINUTE)

    def colleague() -> None:
        server.during_rcpt = None
        with other.app_context():
            assert service.deliver_pending().sent == 5
            hang_up()
            db.session.remove()

    server.during_rcpt = colleague  # while the first message of the first worker is on its way
    assert service.deliver_pending().sent == 1
    assert len(server.raw) == 6


def test_what_at_has_sent_in_days_to_come_does_not_use_up_the_minute(reach: Reach, server: Script) -> None:
    reach(MAIL_PER_MINUTE="3")
    ahead = clock_now() + timedelta(days=30)
    for number in range(3):
        queued(number, ahead)
    assert service.deliver_pending(ahead).sent == 3
    queued(9, clock_now() - MINUTE)
    assert service.deliver_pending().sent == 1


def test_what_at_has_tried_in_vain_is_tried_again_in_real_time_and_not_at_once(reach: Reach, server: Script) -> None:
    reach()
    ahead = clock_now() + timedelta(days=30)
    queued(1, ahead)
    server.at_rcpt[READER] = ["450 later"] * 9
    assert service.deliver_pending(ahead) == Tally(again=1)
    assert message(1).next_at < clock_now() + 2 * MINUTE
    assert (message(1).attempts, service.deliver_pending(ahead)) == (1, Tally())


def test_a_worker_gives_signs_of_life_by_the_real_clock(reach: Reach) -> None:
    reach()
    worker = service.start_worker(now=clock_now() - timedelta(hours=1))
    service.deliver_pending(NOW, worker=worker)
    age = service.heartbeat_age(clock_now())
    assert age is not None
    assert age < timedelta(seconds=20)


def test_a_stop_ends_the_round_after_the_message_in_hand(reach: Reach, server: Script) -> None:
    reach()
    for number in range(5):
        queued(number)
    assert service.deliver_pending(NOW, stop=lambda: len(server.raw) >= 2).sent == 2
    assert sorted(states().values()) == ["pending"] * 3 + ["sent"] * 2


# What servers do ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["rcpt", "data"])
@pytest.mark.parametrize("answer", ["450 later", "451 greylisted", "421 closing"])
def test_a_temporary_no_is_tried_again_with_growing_pauses(reach: Reach, server: Script, stage: str, answer: str) -> None:
    reach()
    queued(1)
    getattr(server, f"at_{stage}")[READER] = [answer, answer]
    at = NOW
    for attempt, minutes in ((1, 1), (2, 2)):
        assert service.deliver_pending(at) == Tally(again=1)
        row = message(1)
        assert (row.state, row.attempts, row.uncertain, row.error) == ("pending", attempt, 0, answer)
        assert minutes * MINUTE / 2 <= row.next_at - at <= minutes * MINUTE * 1.5
        at = row.next_at
    assert service.deliver_pending(at) == Tally(sent=1)
    assert len(server.raw) == 1


def test_a_final_no_is_final_and_the_others_go_on(reach: Reach, server: Script) -> None:
    reach()
    queued(1)
    queued(2)
    server.at_rcpt[READER] = ["550 no such mailbox"]
    assert service.deliver_pending(NOW) == Tally(sent=1, failed=1)
    assert (states(), message(1).error) == ({"reader1": "failed", "reader2": "sent"}, "550 no such mailbox")


def test_too_much_at_once_ends_the_round(reach: Reach, server: Script) -> None:
    reach()
    queued(1, rank_at=NOW)
    queued(2, rank_at=NOW + MINUTE)
    server.at_rcpt[READER] = ["452 too much at once"]
    assert service.deliver_pending(NOW) == Tally(again=1)
    assert states() == {"reader1": "pending", "reader2": "pending"}


def test_a_lost_answer_is_counted_and_after_the_third_staff_decide(reach: Reach, server: Script) -> None:
    reach()
    number = queued(1).message_id
    server.at_data[READER] = ["hang up after", "hang up after", "hang up after"]
    at = NOW
    for copies in (1, 2):
        assert service.deliver_pending(at) == Tally(again=1)
        assert (message(1).state, message(1).uncertain) == ("pending", copies)
        at = message(1).next_at
    assert service.deliver_pending(at) == Tally(uncertain=1)
    assert (message(1).state, message(1).uncertain) == ("uncertain", 3)
    assert service.deliver_pending(at + timedelta(days=2)) == Tally()
    assert [copy["Message-ID"] for copy in server.messages] == [number] * 3


def test_a_lost_answer_before_the_message_was_handed_over_is_not_counted(reach: Reach, server: Script) -> None:
    reach()
    queued(1)
    server.at_rcpt[READER] = ["hang up"]
    assert service.deliver_pending(NOW) == Tally(again=1)
    assert (message(1).uncertain, message(1).attempts) == (0, 1)


def test_a_silent_server_holds_up_one_message_for_the_time_out_and_then_everything_waits(reach: Reach, server: Script) -> None:
    reach()
    queued(1, rank_at=NOW)
    queued(2, rank_at=NOW + MINUTE)
    server.at_rcpt[READER] = ["silence"]
    assert service.deliver_pending(NOW) == Tally(again=1)
    assert (message(2).attempts, switch("circuit"), switch("circuit_words")) == (0, "open", "silent")


def test_a_poisoned_row_fails_alone(reach: Reach, server: Script) -> None:
    reach(MAIL_MODE="live")
    for number in (1, 2, 3):
        queued(number)
    alter(1, body=None)
    alter(2, recipient="reader2@" + "ö" * 80)
    assert service.deliver_pending(NOW) == Tally(sent=1, failed=2)
    assert message(3).state == "sent"
    assert message(1).error == "no_body"


# No server at all: the circuit ---------------------------------------------------------------------------------------


def test_while_no_server_answers_nothing_is_counted_and_one_try_is_made_in_half_a_minute(reach: Reach, server: Script) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    reach(MAIL_PORT=str(port))
    for number in range(3):
        queued(number)
    assert service.deliver_pending(NOW) == Tally(again=1)
    assert {row.attempts for row in db.session.query(Message)} == {0}
    assert overview(NOW).circuit.endswith("refused")
    assert service.deliver_pending(NOW) == Tally()

    reach()  # the server is back
    assert service.deliver_pending(NOW) == Tally()
    with transaction() as session:
        session.execute(update(Switch).where(Switch.name == "circuit").values(at=clock_now() - timedelta(seconds=31)))
    assert service.deliver_pending(NOW) == Tally(sent=3)
    assert (switch("circuit"), overview(NOW).circuit) == ("closed", "")


def test_a_local_mailbox_that_takes_nothing_is_a_server_that_does_not_answer(sqlite_url: str, tmp_path: Path, make_app: MakeApp) -> None:
    with make_app(sqlite_url, MAIL_MODE="live").app_context():
        queued(1)
        (tmp_path / "mail").write_text("not a folder", encoding="ascii")
        assert service.deliver_pending(NOW) == Tally(again=1)
        assert (message(1).state, message(1).attempts, switch("circuit")) == ("pending", 0, "open")


def test_only_one_process_tries_a_server_that_was_gone(reach: Reach, server: Script) -> None:
    reach()
    queued(1)
    with transaction() as session:
        session.add(Switch(name="circuit", value="open", at=clock_now() - timedelta(minutes=5), by=""))
    turn = carrier.Round(NOW, None, probe=False).may_try()
    assert (turn, service.deliver_pending(NOW), len(server.raw)) == (True, Tally(), 0)
    assert service.deliver_pending(NOW, probe=True) == Tally(sent=1)


# Staff --------------------------------------------------------------------------------------------------------------------


def test_while_paused_nothing_leaves_and_nothing_is_lost(reach: Reach, server: Script) -> None:
    reach()
    queued(1)
    service.pause(by=STAFF, now=NOW)
    assert service.deliver_pending(NOW) == Tally()
    service.resume(by=STAFF, now=NOW)
    assert service.deliver_pending(NOW) == Tally(sent=1)
    assert len(server.raw) == 1


@pytest.mark.parametrize("kind", rules.ASKED_FOR)
def test_what_somebody_waits_for_still_leaves_while_staff_pause_and_nothing_else_does(reach: Reach, server: Script, kind: str) -> None:
    reach()
    queued(1, rank_at=NOW - MINUTE)
    queued(2, kind=kind)
    service.pause(by=STAFF, now=NOW)
    assert service.deliver_pending(NOW) == Tally(sent=1)
    assert [to[0] for _sender, to in server.envelopes] == ["reader2@there.example"]
    assert states() == {"reader1": "pending", "reader2": "sent"}


def test_the_setting_keeps_back_even_what_somebody_waits_for(reach: Reach) -> None:
    reach(MAIL_MODE="paused")
    queued(1, kind="sign_in_code")
    assert service.deliver_pending(NOW) == Tally()
    assert states() == {"reader1": "pending"}


@pytest.mark.parametrize(("moment", "left"), [("during_rcpt", 0), ("at_command", 1), ("during_data", 1)])
def test_a_pause_counts_until_the_last_look(reach: Reach, server: Script, moment: str, left: int) -> None:
    app = reach()
    for number in range(5):
        queued(number)

    def pause() -> None:
        setattr(server, moment, None)
        with app.app_context():
            service.pause(by=STAFF, now=NOW)
            db.session.remove()

    setattr(server, moment, pause)
    assert service.deliver_pending(NOW) == Tally(sent=left)
    assert sorted((row.state, row.attempts) for row in map(message, range(5))) == [("pending", 0)] * (5 - left) + [("sent", 1)] * left


def test_the_setting_pauses_too(reach: Reach) -> None:
    reach(MAIL_MODE="paused")
    queued(1)
    assert service.deliver_pending(NOW) == Tally()
    assert states() == {"reader1": "pending"}


def test_the_allowlist_holds_back_everybody_else(reach: Reach, server: Script) -> None:
    reach(MAIL_ALLOWLIST="reader2@there.example")
    queued(1)
    queued(2)
    assert service.deliver_pending(NOW) == Tally(sent=1, held=1)
    assert (states(), message(1).attempts) == ({"reader1": "held", "reader2": "sent"}, 0)
    assert [to for _sender, to in server.envelopes] == [["reader2@there.example"]]


def test_a_mail_taken_back_on_its_way_is_stopped_right_before_data(reach: Reach, server: Script) -> None:
    app = reach()
    queued(1)
    queued(2, rank_at=NOW + MINUTE)

    def cancel() -> None:
        server.during_rcpt = None
        with app.app_context():
            service.withdraw("registration:1")
            db.session.remove()

    server.during_rcpt = cancel
    assert service.deliver_pending(NOW) == Tally(sent=1, stopped=1)
    assert states() == {"reader1": "cancelled", "reader2": "sent"}
    assert [to[0] for _sender, to in server.envelopes] == ["reader2@there.example"]


@pytest.mark.parametrize(("moment", "left"), [("during_rcpt", 0), ("at_command", 1), ("during_data", 1)])
def test_a_cancel_counts_until_the_last_look_and_who_comes_later_is_told_that_it_left(
    reach: Reach, server: Script, moment: str, left: int
) -> None:
    """The last look comes after RCPT; the command DATA and the message follow it without another."""
    app = reach()
    queued(1)

    def cancel() -> None:
        setattr(server, moment, None)
        with app.app_context():
            service.withdraw("registration:1")
            db.session.remove()

    setattr(server, moment, cancel)
    service.deliver_pending(NOW)
    assert (message(1).state, message(1).sent_at, len(server.raw)) == ("cancelled", NOW if left else None, left)


# Time -----------------------------------------------------------------------------------------------------------------------


def test_what_is_too_late_does_not_leave(reach: Reach, server: Script) -> None:
    reach()
    queued(1, expires_at=NOW)
    queued(2, expires_at=NOW + MINUTE)
    assert service.deliver_pending(NOW) == Tally(sent=1, expired=1)
    assert states() == {"reader1": "expired", "reader2": "sent"}
    assert len(server.raw) == 1


def test_what_may_have_arrived_is_not_called_too_late(reach: Reach) -> None:
    reach()
    queued(1, expires_at=NOW)
    alter(1, uncertain=1)
    assert service.deliver_pending(NOW) == Tally(uncertain=1)
    assert states() == {"reader1": "uncertain"}


EVENING, NIGHT, MORNING = (datetime(2025, 3, *wall, tzinfo=ZoneInfo("America/Bogota")) for wall in ((3, 19), (4, 2), (4, 8)))
LONG = {"expires_at": MORNING + timedelta(days=1)}


@pytest.mark.parametrize("why", ["retry", "pause", "outage"])
def test_what_is_late_for_whatever_reason_waits_for_the_readers_morning(reach: Reach, server: Script, why: str) -> None:
    reach()
    queued(1, EVENING, zone="America/Bogota", **LONG)
    if why == "retry":
        server.at_rcpt[READER] = ["450 later"]
        service.deliver_pending(EVENING)
    if why == "pause":
        service.pause(by=STAFF, now=EVENING)
        service.deliver_pending(EVENING)
        service.resume(by=STAFF, now=NIGHT)
    assert service.deliver_pending(NIGHT) == Tally(again=1)
    assert (message(1).state, message(1).next_at, message(1).attempts) == ("pending", MORNING, 0)
    assert service.deliver_pending(MORNING) == Tally(sent=1)


def test_night_or_not_what_is_answered_at_once_leaves_and_so_does_what_the_morning_would_be_too_late_for(
    reach: Reach, server: Script
) -> None:
    reach()
    queued(1, EVENING, zone=None, **LONG)
    queued(2, EVENING, zone="America/Bogota", expires_at=MORNING)
    assert service.deliver_pending(NIGHT) == Tally(sent=2)


# Death -------------------------------------------------------------------------------------------------------------------


def held(number: int, lease_until: datetime, *, copies: int = 0, by: str = "somebody:1") -> None:
    alter(number, state="sending", token=by, lease_until=lease_until, attempts=1, uncertain=copies)


def test_a_message_in_other_hands_is_left_alone_until_the_lease_is_over(reach: Reach, server: Script) -> None:
    reach()
    queued(1)
    held(1, clock_now() + MINUTE)
    assert service.deliver_pending(NOW) == Tally()
    held(1, clock_now() - timedelta(seconds=1))
    assert service.deliver_pending(NOW) == Tally(sent=1)
    assert (message(1).attempts, len(server.raw)) == (2, 1)


def test_what_at_had_in_hand_when_it_died_goes_with_the_next_at(reach: Reach, server: Script) -> None:
    reach()
    ahead = clock_now() + timedelta(days=30)
    queued(1, ahead)
    held(1, clock_now() - MINUTE)
    assert service.deliver_pending() == Tally()
    assert service.deliver_pending(ahead) == Tally(sent=1)


def test_at_does_not_take_over_what_a_living_process_has_in_hand(reach: Reach) -> None:
    reach()
    queued(1, expires_at=NOW + timedelta(days=400))
    held(1, clock_now() + MINUTE)
    assert service.deliver_pending(NOW + timedelta(days=300)) == Tally()


def test_what_a_dead_neighbour_had_in_hand_is_taken_over_at_once(reach: Reach, server: Script) -> None:
    reach()
    queued(1)
    worker = service.start_worker(now=clock_now())
    held(1, clock_now() + MINUTE, by=f"{worker.hex}:abc")
    assert service.deliver_pending(NOW) == Tally()
    with transaction() as session:
        session.execute(update(Worker).where(Worker.id == worker).values(pid=2**22 - 3))
    workers.mine.discard(worker)  # as if another process had written it
    assert service.deliver_pending(NOW) == Tally(sent=1)
    assert len(server.raw) == 1


def test_after_the_third_death_inside_data_staff_decide(reach: Reach, server: Script) -> None:
    reach()
    queued(1)
    held(1, clock_now() - MINUTE, copies=2)
    assert service.deliver_pending(NOW) == Tally(sent=1)
    queued(2)
    held(2, clock_now() - MINUTE, copies=3)
    assert service.deliver_pending(NOW) == Tally(uncertain=1)
    assert (states(), len(server.raw)) == ({"reader1": "sent", "reader2": "uncertain"}, 1)


def test_who_has_lost_the_lease_neither_sends_nor_marks(reach: Reach, server: Script) -> None:
    app = reach()
    queued(1)

    def take_over() -> None:
        server.during_rcpt = None
        with app.app_context():
            held(1, clock_now() + MINUTE, by="another:1")
            db.session.remove()

    server.during_rcpt = take_over
    assert service.deliver_pending(NOW) == Tally(stopped=1)
    assert (server.raw, message(1).state, message(1).token) == ([], "sending", "another:1")


def test_what_the_journal_knows_is_not_sent_again_after_a_death_or_a_restore(reach: Reach, server: Script) -> None:
    reach()
    queued(1)
    queued(2)
    service.deliver_pending(NOW + MINUTE)
    held(1, clock_now() - MINUTE, copies=1)  # died between journal and mark
    alter(2, state="pending", sent_at=None, attempts=0, smtp_reply="")  # last night's copy of the database
    assert service.deliver_pending(NOW + 2 * MINUTE) == Tally(sent=2)
    assert (len(server.raw), set(states().values())) == (2, {"sent"})


def test_a_journal_that_cannot_be_opened_keeps_everything_here(
    reach: Reach, server: Script, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reach()
    queued(1)
    journal = tmp_path / f"sent-{switch('journal')}-{NOW:%Y-%m}.log"
    journal.mkdir()
    assert service.deliver_pending(NOW) == Tally()
    assert "the journal of what has left cannot be used" in caplog.text
    journal.rmdir()
    assert service.deliver_pending(NOW) == Tally(sent=1)
    assert len(server.raw) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no file here that is always full")
def test_a_journal_that_is_full_makes_no_copies(reach: Reach, server: Script, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reach()
    for number in (1, 2):
        queued(number)
    (tmp_path / f"sent-{switch('journal')}-{NOW:%Y-%m}.log").symlink_to("/dev/full")
    assert service.deliver_pending(NOW) == Tally(sent=2)
    assert (states(), len(server.raw)) == ({"reader1": "sent", "reader2": "sent"}, 2)
    assert caplog.text.count("the journal could not be told") == 2


def test_a_mail_that_staff_send_again_goes_although_the_journal_knows_it(reach: Reach, server: Script) -> None:
    reach()
    row = queued(1)
    body = row.body
    service.deliver_pending(NOW)
    alter(1, state="uncertain", sent_at=None, body=body)
    service.resend(row.id, by=STAFF, now=NOW + MINUTE)
    assert service.deliver_pending(NOW + MINUTE) == Tally(sent=1)
    assert [copy["Message-ID"] for copy in server.messages] == [row.message_id] * 2


def test_a_fresh_database_does_not_believe_an_older_ones_journal(sqlite_url: str, tmp_path: Path, make_app: MakeApp) -> None:
    with make_app(sqlite_url, MAIL_MODE="live").app_context():
        queued(1)
        service.deliver_pending(NOW + MINUTE)
        first = message(1).message_id
        for table in (Message, Switch):
            with transaction() as session:
                session.query(table).delete()
        queued(1)
        assert message(1).message_id != first
        assert service.deliver_pending(NOW + MINUTE) == Tally(sent=1)
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 2


def test_several_things_share_a_mail_and_each_is_written_once(reach: Reach, server: Script) -> None:
    reach()
    queued(1, items=[Item("a", "registration:1"), Item("b", "registration:2")])
    assert service.queue(mail(1, items=[Item("b", "registration:2")]), now=NOW) is None
    assert service.deliver_pending(NOW) == Tally(sent=1)
    assert len(server.raw) == 1
