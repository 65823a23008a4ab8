"""What people wish for is followed: no reminders, reminders again, another language, another clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.models import Person
from app.accounts.service import Details
from app.audit.service import person as actor
from app.crypto import decrypt
from app.database import db
from app.errors import Missing
from app.outbox.models import Message
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.reminders import moves, service
from tests.factories import NOW
from tests.reminders import made

pytestmark = pytest.mark.usefixtures("app")
WEEK_AHEAD = made.at("America/Bogota", 2025, 5, 27, 9)


def pass_at_week() -> None:
    service.plan(NOW)
    service.queue_due(WEEK_AHEAD)


def registration_of(person: Person) -> Registration:
    return db.session.scalars(select(Registration).where(Registration.person_id == person.id)).one()


def token_of(person: Person) -> str:
    return decrypt(registration_of(person).manage_token).decode()


def change(person: Person, lang: str, zone: str) -> None:
    accounts.change_details(person, Details(person.name, lang, zone), by=actor(person), now=WEEK_AHEAD)


def test_stop_and_start_are_the_persons_own_and_withdraw_what_waits() -> None:
    _workshop, swede, _colombian = made.world()
    pass_at_week()
    token = token_of(swede)
    moves.stop(token, now=WEEK_AHEAD)
    moves.stop(token, now=WEEK_AHEAD)
    assert made.recipients() == ["b.colombian@bogota.example"]
    assert made.recipients("cancelled") == ["a.swede@umea.example"]
    assert [registration.reminders_off for registration in moves.start(token, now=WEEK_AHEAD)] == [False]
    with pytest.raises(Missing):
        moves.stop("forged", now=WEEK_AHEAD)


def test_stop_and_start_again_leave_what_waits_as_it_was() -> None:
    _workshop, swede, _colombian = made.world()
    pass_at_week()
    for _time in range(2):
        moves.stop(token_of(swede), now=WEEK_AHEAD)
        moves.start(token_of(swede), now=WEEK_AHEAD)
        moves.start(token_of(swede), now=WEEK_AHEAD)
    assert made.recipients() == ["a.swede@umea.example", "b.colombian@bogota.example"]
    assert service.queue_due(WEEK_AHEAD + timedelta(hours=1)) == service.Counts()


def test_reminders_again_bring_none_that_has_left_or_is_of_no_use() -> None:
    _workshop, swede, colombian = made.world()
    pass_at_week()
    moves.stop(token_of(swede), now=WEEK_AHEAD)
    moves.start(token_of(swede), now=made.at("America/Bogota", 2025, 6, 3, 8))
    assert made.recipients() == [colombian.address]


def test_coming_back_and_wishing_reminders_again_brings_none_of_before() -> None:
    workshop, swede, colombian = made.world()
    pass_at_week()
    registrations.cancel(registration_of(swede).id, by=made.STAFF, now=WEEK_AHEAD)
    made.seat(workshop, swede, now=WEEK_AHEAD + timedelta(minutes=5))
    moves.start(token_of(swede), now=WEEK_AHEAD + timedelta(minutes=6))
    assert made.recipients() == [colombian.address]


def test_mails_follow_the_language_of_the_account() -> None:
    _workshop, swede, _colombian = made.world()
    change(swede, "en", swede.zone)
    pass_at_week()
    registrations.cancel(registration_of(swede).id, by=made.STAFF, now=WEEK_AHEAD)
    langs = select(Message.kind, Message.lang).where(Message.person_id == swede.id, Message.kind != "confirmation")
    assert sorted(tuple(row) for row in db.session.execute(langs)) == [("cancelled_seat", "en"), ("reminder", "en")]


@pytest.mark.parametrize("zone", ["Europe/Stockholm", "America/Bogota", "America/Guatemala"])
def test_what_waits_is_written_anew_in_another_language_and_on_another_clock(zone: str) -> None:
    _workshop, swede, _colombian = made.world()
    pass_at_week()
    change(swede, "en", zone)
    assert [(message.recipient, message.lang) for message in made.reminders()] == [
        ("a.swede@umea.example", "en"),
        ("b.colombian@bogota.example", "es"),
    ]
    assert made.recipients("superseded") == ["a.swede@umea.example"]
