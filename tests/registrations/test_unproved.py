"""Addresses that nobody has proved: they block nobody, and they are not kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.accounts import queries as people
from app.accounts import service as accounts
from app.accounts.models import Person
from app.audit.service import person as actor
from app.clock import now
from app.database import db, transaction
from app.feeds.revisions import revisions
from app.registrations import guests, service
from app.registrations.models import Registration
from app.registrations.retention import forget_guests
from app.workshops.models import Workshop
from tests import factories
from tests.accounts.conftest import Post

ADDRESS = "new@umea.example"
SOON = (now() + timedelta(days=60)).date()


def open_workshop() -> Workshop:
    return factories.workshop(factories.network(starts_on=SOON - timedelta(days=300), ends_on=SOON), SOON, access="open")


def guest_at(workshop: Workshop, address: str = ADDRESS) -> Person:
    """Somebody whose address anybody may have typed."""
    guest = guests.Guest("A joke", address, None, "", "en", "UTC")
    guests.register_guest(workshop.id, guest, now=now())
    found = people.find_by_address(address)
    assert found is not None
    return found


def move(person: Person) -> None:
    """The person proves that the address is theirs."""
    token = accounts.start_address_change(person, ADDRESS, minutes=10, now=now())
    accounts.finish_address_change(person, ADDRESS, token, Post().code(ADDRESS), session_id=0, now=now())


def seats(person: Person) -> list[tuple[int, str]]:
    rows = select(Registration).where(Registration.person_id == person.id).order_by(Registration.workshop_id)
    return [(row.workshop_id, row.state) for row in db.session.scalars(rows)]


def test_a_guest_who_never_proved_the_address_does_not_keep_it_from_its_owner(app: Flask) -> None:
    assert app
    free, both, person = open_workshop(), open_workshop(), factories.person()
    guest = guest_at(free)
    guest_at(both)
    service.register(both.id, person.id, by=actor(person), now=now())
    move(person)
    assert (person.address, guest.address) == (ADDRESS, f"{guest.id}@absorbed.invalid")
    assert seats(person) == [(free.id, "unconfirmed"), (both.id, "confirmed")]
    assert seats(guest) == [(both.id, "cancelled")]
    assert (free.taken, both.taken) == (1, 1)


def test_the_calendar_of_whoever_proves_an_address_shows_what_was_registered_with_it(app: Flask) -> None:
    """A coordinator has named the address: feed readers are answered 304 until the revision moves."""
    assert app
    workshop, person = open_workshop(), factories.person()
    service.register(workshop.id, guest_at(workshop).id, by=actor(person), now=now())
    before, _at = revisions(f"person:{person.id}")
    move(person)
    assert seats(person) == [(workshop.id, "confirmed")]
    assert revisions(f"person:{person.id}")[0] > before


def test_guests_whom_nobody_confirmed_are_forgotten_after_a_month_with_their_registrations(app: Flask, clock: Any) -> None:
    assert app
    begin = datetime.now(UTC)
    workshop, member = open_workshop(), factories.person()
    service.register(workshop.id, member.id, by=actor(member), now=now())
    guest_at(workshop)
    guests.expire_held(now=begin + timedelta(hours=1))
    assert forget_guests(now=begin + timedelta(days=29)) == 0
    assert forget_guests(now=begin + timedelta(days=32)) == 1
    assert db.session.scalars(select(Person.id)).all() == [member.id]
    assert db.session.scalars(select(Registration.person_id)).all() == [member.id]


def test_a_guest_with_a_live_registration_and_one_who_confirmed_are_kept(app: Flask) -> None:
    assert app
    workshop = open_workshop()
    guest_at(workshop)
    proved = guest_at(workshop, "other@umea.example")
    with transaction():
        proved.confirmed_at = now()
    guests.expire_held(now=now() - timedelta(hours=1))
    assert forget_guests(now=now() + timedelta(days=400)) == 0
