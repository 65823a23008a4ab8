"""What staff may send again, and what nobody may: mails that have become wrong, or are of no use any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask

from app.accounts import staffing
from app.database import db, transaction
from app.errors import Conflict, Refused
from app.outbox import queries, service
from app.outbox.models import Message
from app.reminders import service as reminders
from tests import factories
from tests.factories import NOW
from tests.outbox.made import STAFF, queued, states
from tests.reminders import made

WEEK_AHEAD = made.at("America/Bogota", 2025, 5, 27, 9)


def failed_reminder(state: str = "failed") -> Message:
    """The reminder to the Swede has come back."""
    reminders.plan(NOW)
    reminders.queue_due(WEEK_AHEAD)
    row = made.reminders()[0]
    with transaction():
        row.state, row.error = state, "550 no such mailbox"
    return row


def needing_staff() -> Sequence[str]:
    db.session.rollback()
    return [row.kind for row in queries.needing_staff()]


@pytest.mark.parametrize("state", ["failed", "uncertain", "expired"])
def test_a_reminder_of_a_workshop_that_was_cancelled_meanwhile_cannot_be_sent_again(app: Flask, state: str) -> None:
    workshop, *_people = made.world()
    row = failed_reminder(state)
    made.stop(workshop, "cancelled", WEEK_AHEAD)
    assert "reminder" not in needing_staff()
    with pytest.raises(Conflict):
        service.resend(row.id, by=STAFF, now=WEEK_AHEAD)


def test_a_reminder_that_came_back_is_written_anew_when_the_workshop_moves(app: Flask) -> None:
    workshop, *_people = made.world()
    row = failed_reminder()
    made.move(workshop, timedelta(hours=3), WEEK_AHEAD)
    assert db.session.get_one(Message, row.id).state == "superseded"
    assert made.recipients() == ["a.swede@umea.example", "b.colombian@bogota.example"]


def test_a_reminder_that_came_back_may_go_again_while_it_is_of_use_and_not_later(app: Flask) -> None:
    made.world()
    row = failed_reminder()
    ends = row.expires_at
    service.resend(row.id, by=STAFF, now=ends - timedelta(minutes=1))
    assert (row.state, row.expires_at) == ("pending", ends)
    service.deliver_pending(ends)
    with pytest.raises(Refused, match="too late"):
        service.resend(row.id, by=STAFF, now=ends)
    assert db.session.get_one(Message, row.id).state == "expired"


@pytest.mark.parametrize("kind", ["sign_in_code", "change_address", "hold"])
def test_a_code_that_came_too_late_is_nobodys_to_decide(app: Flask, kind: str) -> None:
    row = queued(1, kind=kind, expires_at=NOW + timedelta(minutes=10))
    assert service.deliver_pending(NOW + timedelta(minutes=11)).expired == 1
    assert (states(), needing_staff()) == ({"reader1": "cancelled"}, [])
    with pytest.raises(Conflict):
        service.resend(row.id, by=STAFF, now=NOW + timedelta(hours=5))


def test_a_code_that_came_back_cannot_be_sent_again_once_it_is_too_old(app: Flask) -> None:
    row = queued(1, kind="sign_in_code", expires_at=NOW + timedelta(minutes=10))
    with transaction():
        row.state = "failed"
    with pytest.raises(Refused, match="too late"):
        service.resend(row.id, by=STAFF, now=NOW + timedelta(minutes=10))


@pytest.mark.parametrize(("state", "after"), [("pending", "cancelled"), ("failed", "cancelled"), ("sent", "sent")])
def test_what_is_on_its_way_to_a_closed_account_does_not_leave(app: Flask, state: str, after: str) -> None:
    person = factories.person()
    row = queued(1, person_id=person.id)
    queued(2)
    with transaction():
        row.state, row.sent_at = state, NOW
    staffing.disable(person.id, by=STAFF, now=NOW)
    assert states() == {"reader1": after, "reader2": "pending"}
