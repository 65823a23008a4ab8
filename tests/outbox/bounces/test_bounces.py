"""Mails that came back: read, kept once, counted, and what a mark keeps back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from threading import Barrier, Event, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import service as accounts
from app.audit.queries import entries
from app.database import db, transaction
from app.errors import Missing
from app.mailer import text_of
from app.mailer.transport import hang_up
from app.outbox import service
from app.outbox.bounces import queries, rules
from app.outbox.bounces import service as bounces
from app.outbox.bounces.models import Bounce, Mark
from app.outbox.bounces.reading import Unreadable
from app.outbox.models import Message
from app.outbox.rules import MARKED, UNASKED
from tests import factories
from tests.conftest import MakeApp
from tests.factories import NOW
from tests.outbox.bounces.samples import SERVERS, crlf, headers_of, postfix
from tests.outbox.made import STAFF, Script, mail, message, queued, scripted

DAY = timedelta(days=1)
READER = "reader1@there.example"


def rows() -> list[tuple[str, str, str]]:
    db.session.rollback()
    return [(row.address, row.kind, row.status) for row in db.session.scalars(select(Bounce).order_by(Bounce.id))]


def is_marked(address: str = READER) -> bool:
    db.session.rollback()
    return queries.find_mark(address) is not None


def fail(times: int, *, now: datetime = NOW, address: str = READER, first: int = 0) -> None:
    """So many mails to the address have come back."""
    for number in range(first, first + times):
        row = queued(number + 100, recipient=address, kind="confirmation")
        assert bounces.take(postfix(row, number), now=now) == bounces.COUNTED


@pytest.mark.parametrize("name", SERVERS)
def test_reports_are_read_as_servers_write_them(lite: Flask, name: str) -> None:
    make, status, words = SERVERS[name]
    row = queued(1)
    assert bounces.take(make(row), now=NOW) == bounces.COUNTED
    found = db.session.scalars(select(Bounce)).one()
    assert (found.message_id, found.address, found.kind, found.status, found.source) == (row.id, READER, "hard", status, "report")
    assert words in found.words


@pytest.mark.parametrize("name", SERVERS)
def test_a_report_read_twice_counts_once(app: Flask, name: str) -> None:
    raw = SERVERS[name][0](queued(1))
    assert [bounces.take(raw, now=NOW) for _time in range(3)] == [bounces.COUNTED, bounces.KNOWN, bounces.KNOWN]
    again = b"Received: from elsewhere\r\n" + raw  # the same by another way
    assert bounces.take(again, now=NOW) == (bounces.COUNTED if name == "qmail" else bounces.KNOWN)  # qmail's have no name of their own


def test_two_processes_that_read_one_report_write_it_once(app: Flask) -> None:
    raw, start, said = postfix(queued(1)), Barrier(4), []

    def read() -> None:
        with app.app_context():
            start.wait(10)
            said.append(bounces.take(raw, now=NOW))
            db.session.remove()

    threads = [Thread(target=read) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(said) == [bounces.COUNTED, *[bounces.KNOWN] * 3]
    assert len(rows()) == 1


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("failed", "5.1.1", "hard"),
        ("failed", "4.4.1", "hard"),  # given up after days
        ("failed", "5.0.0", "hard"),
        ("failed", "5.7.1", "soft"),  # what is refused is the sender
        ("failed", "5.6.0", "soft"),
        ("delayed", "4.4.1", "soft"),
    ],
)
def test_what_counts_against_an_address_and_what_does_not(lite: Flask, action: str, status: str, kind: str) -> None:
    bounces.take(postfix(queued(1), action=action, status=status, words="said so"), now=NOW)
    assert rows() == [(READER, kind, status)]


def test_a_status_that_says_nothing_gives_way_to_the_words(lite: Flask) -> None:
    bounces.take(postfix(queued(1), status="5.0.0", words="550 5.7.26 not authenticated"), now=NOW)
    assert rows() == [(READER, "soft", "5.7.26")]


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_good_news_is_no_failure(lite: Flask, action: str) -> None:
    assert bounces.take(postfix(queued(1), action=action, status="2.0.0"), now=NOW) == bounces.OTHER
    assert rows() == []


def test_a_report_that_returns_nothing_is_known_by_what_it_answers(lite: Flask) -> None:
    row = queued(1)
    bare = postfix(row).split(b"--4Z6Q.1741003205/mx.icld.example\r\nContent-Description: Undelivered")[0]
    bare = bare.replace(b"Auto-Submitted: auto-replied", f"Auto-Submitted: auto-replied\r\nIn-Reply-To: {row.message_id}".encode())
    assert bounces.take(bare, now=NOW) == bounces.COUNTED


def test_a_report_about_a_mail_that_is_not_ours_counts_against_nobody(lite: Flask) -> None:
    row = queued(1)
    raw = postfix(row).replace(str(row.id).encode(), b"00000000-0000-4000-8000-000000000000")
    assert bounces.take(raw.replace(row.message_id.encode(), b"<guessed@icld.se>"), now=NOW) == bounces.STRANGER
    assert rows() == []


def test_a_person_who_answers_and_quotes_our_mail_is_no_failure(lite: Flask) -> None:
    row = queued(1)
    answer = crlf(f"From: Maja <maja@there.example>\nSubject: Sv: budget 550 5.1.1\nMessage-ID: <a@b>\n\nThanks!\n\n{headers_of(row)}\n")
    assert bounces.take(answer, now=NOW) == bounces.OTHER


def test_an_automatic_answer_without_a_code_is_not_counted(lite: Flask) -> None:
    row = queued(1)
    away = crlf(f"Return-Path: <>\nFrom: postmaster@there.example\nMessage-ID: <a@b>\n\nI am away.\n\n{headers_of(row)}\n")
    assert bounces.take(away, now=NOW) == bounces.COUNTED
    assert rows() == [(READER, "soft", "")]


@pytest.mark.parametrize("cut", [0, 1, 300, 700, 900, 1100, 1400])
def test_a_report_cut_short_anywhere_breaks_nothing(lite: Flask, cut: int) -> None:
    raw = postfix(queued(1))[:cut]
    assert bounces.take(raw, now=NOW) in {bounces.COUNTED, bounces.STRANGER, bounces.OTHER}


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00" * 1000,
        b'Content-Type: multipart/report; boundary="\xff"\r\n\r\n--\xff\r\n',
        b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!\r\n",
        b"Content-Type: text/plain; charset=nonsense\r\nFrom: mailer-daemon@x\r\n\r\nMessage-ID: <a@b>\r\n550 no\r\n",
        b"X: " + b"a" * 2_000_000,
    ],
)
def test_bytes_that_are_no_mail_break_nothing(lite: Flask, raw: bytes) -> None:
    assert bounces.take(raw, now=NOW) in {bounces.OTHER, bounces.STRANGER}


def test_a_mail_nested_without_end_is_unreadable_and_does_not_end_the_program(lite: Flask) -> None:
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3000))
    with pytest.raises(Unreadable):
        bounces.take(nested, now=NOW)


def test_words_of_a_server_stay_one_line_and_short(lite: Flask) -> None:
    bounces.take(postfix(queued(1), words="550 5.1.1 a\x1b[31m\u202eb " + "c" * 900), now=NOW)
    words = db.session.scalars(select(Bounce.words)).one()
    assert words.startswith("550 5.1.1 a [31m b ccc")
    assert len(words) == rules.MOST_WORDS


# At sending ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[Script]:
    """A server that does as it is told."""
    with scripted() as (script, _port):
        yield script


@pytest.fixture
def reached(server: Script, database_url: str, make_app: MakeApp) -> Iterator[Callable[[], Flask]]:
    with ExitStack() as stack:
        app = make_app(database_url, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(server.port), MAIL_ALLOWLIST="@there.example")
        stack.enter_context(app.app_context())
        stack.callback(hang_up)
        yield lambda: app


def test_a_last_refusal_at_sending_counts_too(reached: Callable[[], Flask], server: Script) -> None:
    assert reached()
    server.at_rcpt[READER] += ["550 5.1.1 no such mailbox", "550 no such mailbox", "550 5.7.1 we do not like you", "451 later"]
    for number in range(4):
        queued(number, recipient=READER, kind="confirmation")
    service.deliver_pending(NOW)
    assert rows() == [(READER, "hard", "5.1.1"), (READER, "hard", ""), (READER, "soft", "5.7.1")]
    assert not is_marked()


def test_a_mail_sent_again_and_refused_again_has_failed_twice(reached: Callable[[], Flask], server: Script) -> None:
    assert reached()
    server.at_rcpt[READER] += ["550 no", "550 no"]
    row = queued(1, kind="confirmation")
    service.deliver_pending(NOW)
    service.resend(row.id, by=STAFF, now=NOW)
    service.deliver_pending(NOW)
    assert len(rows()) == 2


# Marks -----------------------------------------------------------------------------------------------------------------


def test_the_third_failure_in_thirty_days_marks_an_address_and_the_second_does_not(app: Flask) -> None:
    fail(2)
    assert not is_marked()
    fail(1, first=2)
    assert is_marked()
    assert [entry.action for entry in entries("mail")] == ["address.marked"]


def test_failures_of_before_do_not_count(app: Flask) -> None:
    fail(2, now=NOW - 31 * DAY)
    fail(2, first=2)
    assert not is_marked()


def test_how_often_is_a_setting(sqlite_url: str, make_app: MakeApp) -> None:
    with make_app(sqlite_url, BOUNCE_LIMIT="1", BOUNCE_DAYS="1").app_context():
        fail(1)
        assert is_marked()


def test_large_and_small_letters_are_one_address(app: Flask) -> None:
    fail(2)
    fail(1, address="Reader1@There.Example", first=2)
    assert is_marked(READER.upper())


def test_soft_failures_mark_nobody(app: Flask) -> None:
    for number in range(5):
        bounces.take(postfix(queued(number, recipient=READER), number, action="delayed", status="4.4.1"), now=NOW)
    assert not is_marked()


def test_of_two_failures_at_once_the_second_sees_the_first(app: Flask) -> None:
    fail(1)
    first, second = (postfix(queued(number, recipient=READER), number) for number in (1, 2))
    written, done = Event(), Event()

    def read_second() -> None:
        with app.app_context():
            written.wait(10)
            bounces.take(second, now=NOW)
            db.session.remove()
        done.set()

    thread = Thread(target=read_second)
    thread.start()
    with transaction():
        bounces.take(first, now=NOW)
        written.set()
        done.wait(1)  # long enough for whoever does not wait for us
    thread.join(30)
    assert is_marked()


@pytest.mark.parametrize("kind", [kind for kind in UNASKED if kind != "digest"])
def test_what_nobody_asked_for_is_kept_back_from_a_marked_address(app: Flask, kind: str) -> None:
    before = queued(1, kind=kind)
    fail(3)
    after = queued(2, recipient=READER, kind=kind)
    db.session.rollback()
    assert [(row.state, row.error) for row in (before, after)] == [("held", MARKED)] * 2


@pytest.mark.parametrize("kind", ["confirmation", "sign_in_code", "workshop_cancelled", "offer"])
def test_what_tells_of_ones_own_seat_or_account_still_leaves(app: Flask, kind: str) -> None:
    before = queued(1, kind=kind)
    fail(3)
    after = queued(2, recipient=READER, kind=kind)
    db.session.rollback()
    assert [row.state for row in (before, after)] == ["pending", "pending"]


def test_many_at_once_are_kept_back_as_one_by_one(app: Flask) -> None:
    fail(3)
    service.queue_all([mail(number, kind="bulletin") for number in (1, 2)], now=NOW)
    found = select(Message.recipient, Message.state).where(Message.kind == "bulletin").order_by(Message.recipient)
    assert [tuple(row) for row in db.session.execute(found)] == [(READER, "held"), ("reader2@there.example", "pending")]


def test_what_was_kept_back_leaves_when_staff_clear_the_mark_unless_it_is_too_old(app: Flask) -> None:
    fail(3)
    good, old = queued(1, expires_at=NOW + 2 * DAY), queued(2, recipient=READER, expires_at=NOW + DAY)
    mark = queries.find_mark(READER)
    assert mark is not None
    assert bounces.clear(mark.id, by=STAFF, now=NOW + DAY) == READER
    db.session.rollback()
    assert [(row.state, row.error) for row in (good, old)] == [("pending", ""), ("held", MARKED)]
    assert [entry.action for entry in entries("mail")] == ["address.cleared", "address.marked"]
    with pytest.raises(Missing):
        bounces.clear(mark.id, by=STAFF, now=NOW + DAY)


def test_what_fell_before_a_mark_was_cleared_counts_no_more(app: Flask) -> None:
    fail(3)
    mark = queries.find_mark(READER)
    assert mark is not None
    bounces.clear(mark.id, by=STAFF, now=NOW + DAY)
    fail(2, now=NOW + 2 * DAY, first=3)
    assert not is_marked()
    fail(1, now=NOW + 2 * DAY, first=5)
    assert is_marked()


def test_what_was_kept_back_and_is_of_no_use_any_more_is_nobodys_to_decide(app: Flask) -> None:
    fail(3)
    good, old = queued(1, expires_at=NOW + 2 * DAY), queued(2, recipient=READER, expires_at=NOW + DAY)
    service.forget(now=NOW + DAY)
    db.session.rollback()
    assert [(row.state, row.body is None) for row in (good, old)] == [("held", False), ("cancelled", True)]


def test_staff_may_send_what_is_kept_back_in_spite_of_the_mark(app: Flask) -> None:
    fail(3)
    row = queued(1)
    service.resend(row.id, by=STAFF, now=NOW)
    db.session.rollback()
    assert row.state == "pending"


def test_an_owner_who_proves_the_address_clears_it(app: Flask) -> None:
    fail(3)
    bounces.proved("Reader1@there.example", now=NOW)
    assert not is_marked()


def test_failures_go_after_a_year_and_a_mark_stays(app: Flask) -> None:
    fail(3)
    assert bounces.forget(now=NOW + 300 * DAY) == 0
    assert bounces.forget(now=NOW + 366 * DAY) == 3
    assert (rows(), is_marked()) == ([], True)
    assert db.session.scalar(select(func.count()).select_from(Mark)) == 1


def test_a_report_leaves_the_mail_as_it_was(app: Flask) -> None:
    row = queued(1)
    bounces.take(postfix(row), now=NOW)
    assert message(1).state == "pending"


def test_whoever_signs_in_by_a_code_has_proved_the_address(app: Flask) -> None:
    fail(3)
    person = factories.person(address=READER)
    token = accounts.start_sign_in(READER, lang="en", minutes=10, now=NOW)
    body = db.session.scalars(select(Message.body).where(Message.kind == "sign_in_code")).one()
    digits = re.search(r"\d{3} \d{3}", text_of(body or b""))
    assert digits is not None
    accounts.finish_sign_in(token, digits[0], now=NOW)
    assert (is_marked(), person.address) == (False, READER)
