"""Into the outbox once, all or nothing, and out of it again."""

from __future__ import annotations

import threading
from datetime import timedelta
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit.models import AuditEntry
from app.database import db, transaction
from app.errors import Conflict, Missing, Refused
from app.mailer import Content
from app.outbox import service
from app.outbox.models import Message, MessageItem
from app.outbox.service import Item
from tests.conftest import MakeApp
from tests.factories import NOW
from tests.outbox.made import STAFF, mail, message, queued, states


def test_a_mail_enters_with_its_bytes_and_its_message_id_fixed(app: Flask) -> None:
    entered = queued(1, due_at=NOW + timedelta(hours=1), rank_at=NOW + timedelta(days=9))
    row = message(1)
    assert entered is row
    assert (row.state, row.due_at, row.next_at) == ("pending", NOW + timedelta(hours=1), NOW + timedelta(hours=1))
    assert row.expires_at == NOW + timedelta(hours=73)
    assert row.rank_at == NOW + timedelta(days=9)
    assert row.body is not None
    parsed = message_from_bytes(row.body, policy=policy.default)
    assert parsed["Message-ID"] == row.message_id
    assert parsed["X-Outbox-Id"] == str(row.id)
    assert row.message_id.endswith("@icld.se>")


def test_the_same_item_enters_once(app: Flask) -> None:
    queued(1)
    assert service.queue(mail(1), now=NOW) is None
    assert service.queue(mail(2, items=[Item("new", "registration:2"), *mail(1).items]), now=NOW) is None
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1
    assert list(db.session.scalars(select(MessageItem.dedupe))) == ["rule:1:registration:1"]


def test_many_processes_may_put_the_same_mail_in_at_once(app: Flask) -> None:
    entered: list[bool] = []

    def put() -> None:
        with app.app_context():
            entered.extend([service.queue(mail(number), now=NOW) is not None for number in range(10)])
            db.session.remove()

    threads = [threading.Thread(target=put) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(entered), sum(entered)) == (40, 10)
    assert len(states()) == 10


@pytest.mark.parametrize(("guarded", "number"), [(True, 1), (False, 4)])  # looking first is no guard: the control
def test_of_many_who_have_all_looked_first_one_puts_the_mail_in(app: Flask, guarded: bool, number: int) -> None:
    gate = threading.Barrier(4, timeout=60)

    def put() -> None:
        with app.app_context():
            there = db.session.scalar(select(func.count()).select_from(Message))
            gate.wait()
            if not there:
                service.queue(mail(1) if guarded else mail(1, items=[]), now=NOW)
            db.session.remove()

    threads = [threading.Thread(target=put) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert db.session.scalar(select(func.count()).select_from(Message)) == number


def test_what_fails_around_it_takes_it_back(app: Flask) -> None:
    def register() -> None:
        with transaction():
            service.queue(mail(1), now=NOW)
            raise Refused

    with pytest.raises(Refused):
        register()
    assert states() == {}


def test_a_mail_that_can_never_be_sent_is_kept_as_failed_with_the_reason(app: Flask) -> None:
    row = queued(1, recipient_name="Åsa\r\nBcc: all@evil.example")
    assert (row.state, row.body) == ("failed", None)
    assert "one line" in row.error


def test_the_message_id_follows_from_the_items_so_that_a_copy_can_be_known(app: Flask) -> None:
    first = queued(1).message_id
    with transaction() as session:
        session.delete(message(1))
    assert queued(1).message_id == first
    assert queued(2).message_id != first


def test_withdrawing_takes_back_what_is_about_a_subject_and_has_not_left(app: Flask) -> None:
    queued(1)
    queued(2, items=[Item("a", "registration:1"), Item("b", "registration:2")])
    queued(3)
    queued(4, kind="confirmation", items=[Item("c", "registration:1")])
    assert service.withdraw("registration:1", kinds=["reminder"], state="superseded") == 2
    assert states() == {"reader1": "superseded", "reader2": "superseded", "reader3": "pending", "reader4": "pending"}
    assert service.withdraw("registration:1") == 1
    assert service.withdraw("registration:1") == 0


def test_a_mail_that_has_left_cannot_be_withdrawn(sqlite_url: str, make_app: MakeApp) -> None:
    make_app(sqlite_url, MAIL_MODE="live").app_context().push()
    queued(1)
    service.deliver_pending(NOW)
    assert service.withdraw("registration:1") == 0
    assert states() == {"reader1": "sent"}


def test_staff_send_again_what_failed_with_the_same_bytes(lite: Flask) -> None:
    row = queued(1)
    body, number = row.body, row.message_id
    with transaction():
        row.state, row.attempts, row.uncertain, row.error = "failed", 4, 1, "550 no such mailbox"
    service.resend(row.id, by=STAFF, now=NOW + timedelta(days=9))
    row = message(1)
    assert (row.state, row.attempts, row.uncertain, row.error) == ("pending", 0, 0, "")
    assert (row.body, row.message_id, row.expires_at) == (body, number, NOW + timedelta(days=12))
    assert [entry.action for entry in db.session.scalars(select(AuditEntry))] == ["mail.resent"]
    with pytest.raises(Conflict):
        service.resend(row.id, by=STAFF, now=NOW)


def test_what_cannot_be_sent_again_says_why(lite: Flask) -> None:
    broken = queued(1, content=Content("a\nb", "", ""))
    with pytest.raises(Refused, match="no longer kept"):
        service.resend(broken.id, by=STAFF, now=NOW)
    with pytest.raises(Missing):
        service.resend(uuid4(), by=STAFF, now=NOW)


def test_staff_set_aside_what_did_not_arrive(lite: Flask) -> None:
    row = queued(1, content=Content("a\nb", "", ""))
    service.set_aside(row.id, by=STAFF, now=NOW)
    assert states() == {"reader1": "cancelled"}
    with pytest.raises(Conflict):
        service.set_aside(row.id, by=STAFF, now=NOW)


def test_bodies_go_after_ninety_days_and_what_became_of_them_stays(app: Flask) -> None:
    with transaction():
        queued(1, NOW - timedelta(days=91)).state = "failed"
        queued(2, NOW - timedelta(days=89)).state = "failed"
        queued(3, NOW - timedelta(days=91))
    assert service.forget(now=NOW) == 1
    assert [message(number).body is None for number in (1, 2, 3)] == [True, False, False]
    assert message(1).message_id
