"""Coordinators are reminded of seats held for them: once, some days before, by day, and only while there is something to lose."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from app.accounts.models import Person
from app.database import db, transaction
from app.organisations.models import Organisation
from app.registrations import service
from app.reminders.holding.service import remind
from app.workshops.models import SeatHold, Workshop
from tests import factories
from tests.registrations.made import LAPSES, STAFF, hold_seats, waiting, words

DAY = timedelta(days=1)
NOON = datetime(2025, 4, 29, 10, tzinfo=UTC)  # in Umeå; the seats lapse when the last of April is over in Bogotá


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("SE", names=dict.fromkeys(("sv", "es", "en"), "Umeå"))


@pytest.fixture
def siv(umea: Organisation) -> Person:
    return factories.person(umea, "coordinator", lang="sv", zone="Europe/Stockholm")


@pytest.fixture
def workshop(umea: Organisation) -> Workshop:
    """Two seats of ten are held for Umeå."""
    found = factories.workshop(factories.network(umea), capacity=10)
    hold_seats(found, umea, 2)
    return found


def test_a_coordinator_reads_once_how_many_until_when_on_their_own_clock_and_where_to_name_people(
    workshop: Workshop, umea: Organisation, siv: Person
) -> None:
    factories.person(umea)
    factories.person(factories.organisation("SE"), "coordinator")
    factories.person(umea, asks=True)
    assert remind(now=LAPSES - 3 * DAY - timedelta(hours=1)) == 0, "too early"
    assert [remind(now=NOON), remind(now=NOON), remind(now=NOON + DAY)] == [1, 0, 0]
    (mail,) = waiting("hold_reminder")
    assert (mail.person_id, mail.lang, mail.expires_at) == (siv.id, "sv", LAPSES)
    assert "2 platser är fortfarande reserverade för Umeå" in words(mail)
    assert "Reservationen gäller till och med den 1 maj 2025 kl. 06:59 i Stockholm." in words(mail)
    assert f"/sv/me/delegation/{workshop.id}/" in words(mail)


def test_nobody_is_woken_and_the_mail_says_what_is_true_in_the_morning(workshop: Workshop, umea: Organisation, siv: Person) -> None:
    night = datetime(2025, 4, 29, 1, tzinfo=UTC)
    assert (remind(now=night), list(waiting("hold_reminder"))) == (0, [])
    service.register(workshop.id, factories.person(umea).id, by=STAFF, now=night)
    assert remind(now=datetime(2025, 4, 29, 6, tzinfo=UTC)) == 1, "eight in the morning"
    assert "En plats är fortfarande reserverad för Umeå" in words(waiting("hold_reminder")[0])
    assert siv.zone == "Europe/Stockholm"


def test_another_last_day_is_reminded_of_anew(workshop: Workshop, siv: Person) -> None:
    assert remind(now=NOON) == 1
    with transaction():
        hold = db.session.query(SeatHold).one()
        hold.until, hold.lapses_at = date(2025, 5, 10), LAPSES + 10 * DAY
    assert [remind(now=NOON), remind(now=NOON + 9 * DAY), remind(now=NOON + 10 * DAY)] == [0, 1, 0]
    assert {mail.person_id for mail in waiting("hold_reminder")} == {siv.id}
    assert workshop.taken == 2


@pytest.mark.parametrize("why", ["all used", "lapsed", "cancelled", "closed account"])
def test_where_there_is_nothing_to_lose_nobody_is_reminded(workshop: Workshop, umea: Organisation, siv: Person, why: str) -> None:
    if why == "all used":
        for _seat in range(2):
            service.register(workshop.id, factories.person(umea).id, by=STAFF, now=NOON)
    with transaction():
        workshop.state = "cancelled" if why == "cancelled" else workshop.state
        siv.disabled_at = NOON if why == "closed account" else None
    assert remind(now=LAPSES + timedelta(hours=9) if why == "lapsed" else NOON) == 0


def test_one_who_cannot_be_reminded_keeps_nobody_else_waiting(workshop: Workshop, umea: Organisation, siv: Person) -> None:
    with transaction():
        siv.zone = "Mars/Olympus"
    other = factories.person(umea, "coordinator")
    assert remind(now=NOON) == 1
    assert [mail.person_id for mail in waiting("hold_reminder")] == [other.id]
