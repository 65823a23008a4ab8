"""An account that is closed takes nobody's seat: what it looked forward to goes to others, and nothing new comes to it."""

from __future__ import annotations

import threading
from dataclasses import astuple
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import staffing
from app.audit.models import AuditEntry
from app.database import db, transaction
from app.errors import Refused
from app.organisations.models import Organisation
from app.registrations import approval, guests, letters, queries, seats, service
from app.registrations.listing import bulk
from app.registrations.listing.filters import Filter, Selection
from app.registrations.models import Registration
from app.registrations.waiting import line, offers, turns
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF, hold_seats, registered, seen, waiting
from tests.registrations.test_crossed import at_once

EVERYBODY = Selection(Filter(), None)


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("SE")


def workshop(umea: Organisation, **values: Any) -> Workshop:
    return factories.workshop(factories.network(umea), **values)


def states(ids: list[int]) -> list[str]:
    db.session.expire_all()
    return [db.session.get_one(Registration, one).state for one in ids]


def shut(registration_id: int) -> None:
    """The account is closed, and the registration is still there: whoever came in the moment in which it was closed."""
    with transaction():
        queries.get(registration_id).person.disabled_at = NOW


def test_closing_an_account_gives_its_seats_to_those_who_wait_and_leaves_what_is_over(umea: Organisation) -> None:
    seat, full = workshop(umea, capacity=1), workshop(umea, capacity=1)
    over = factories.workshop(factories.network(umea), NOW.date() + timedelta(days=1), capacity=1)
    person, next_one = factories.person(umea), factories.person(umea)
    [there] = registered(full.id, umea)
    mine = [service.register(one.id, person.id, by=STAFF, now=NOW).id for one in (seat, full, over)]
    after = service.register(seat.id, next_one.id, by=STAFF, now=NOW).id
    before = len(waiting())
    staffing.disable(person.id, by=STAFF, now=NOW + timedelta(days=3))
    assert states([*mine, after, there]) == ["cancelled", "cancelled", "confirmed", "confirmed", "confirmed"]
    assert [db.session.get_one(Workshop, one.id).taken for one in (seat, full, over)] == [1, 1, 1]
    assert [mail.person_id for mail in waiting("promotion")] == [next_one.id]
    assert (person.id in {mail.person_id for mail in waiting()}, before > 0) == (False, True)
    lines = select(AuditEntry.topic).where(AuditEntry.action == "registration.cancelled", AuditEntry.actor == STAFF.code)
    assert set(db.session.scalars(lines)) == {f"workshop:{seat.id}", f"workshop:{full.id}"}
    staffing.enable(person.id, by=STAFF, now=LATER)
    assert states(mine) == ["cancelled", "cancelled", "confirmed"], "whoever comes back asks anew"


@pytest.mark.parametrize("held", [False, True])
def test_nobody_moves_up_with_a_closed_account_nor_waits_before_others(umea: Organisation, held: bool) -> None:
    full = workshop(umea, capacity=1)
    ids = registered(full.id, umea, 3)
    shut(ids[1])
    if held:
        with transaction():
            db.session.get_one(Workshop, full.id).capacity = 2
        hold_seats(full, umea, 1)
        with transaction():
            line.promote(full.id, by=STAFF, now=LATER)
        assert states(ids) == ["confirmed", "waitlisted", "confirmed"]
        return
    service.cancel(ids[0], by=STAFF, now=LATER)
    assert states(ids) == ["cancelled", "waitlisted", "confirmed"]
    service.cancel(ids[2], by=STAFF, now=LATER)
    newcomer = service.register(full.id, factories.person(umea).id, by=STAFF, now=LATER)
    assert (newcomer.state, states(ids[1:2])) == ("confirmed", ["waitlisted"])


def test_staff_approve_and_seat_many_without_those_whose_account_is_closed(umea: Organisation) -> None:
    asked = workshop(umea, approval=True)
    requests = registered(asked.id, umea, 2)
    shut(requests[0])
    done = approval.approve(asked.id, requests, by=STAFF, now=LATER)
    assert (astuple(done), states(requests)) == ((1, 0, 0, 1), ["requested", "confirmed"])
    full = workshop(umea, capacity=1)
    ids = registered(full.id, umea, 3)
    shut(ids[1])
    with pytest.raises(Refused, match=r"The account of .* is closed"):
        turns.seat_now(full.id, ids[1], by=STAFF, now=LATER)
    bulk.promote(full.id, EVERYBODY, seen=seen(full.id, EVERYBODY), by=STAFF, now=LATER)
    assert states(ids) == ["confirmed", "waitlisted", "confirmed"]


def test_no_way_in_is_left_to_a_closed_account(umea: Organisation) -> None:
    anybody, person = workshop(umea, access="open", capacity=1), factories.person(umea, disabled_at=NOW)
    with pytest.raises(Refused, match=r"The account of .* is closed"):
        service.register(anybody.id, person.id, by=STAFF, now=NOW)
    guest = guests.Guest("Somebody", person.address, None, "", "en", "UTC")
    guests.register_guest(anybody.id, guest, now=NOW)
    assert (queries.of_workshop(anybody.id), waiting()) == ([], [])
    lapsed = guests.Guest("Another", "another@guest.example", None, "", "en", "UTC")
    guests.register_guest(anybody.id, lapsed, now=NOW)
    guests.expire_held(now=LATER)
    [found] = queries.of_workshop(anybody.id)
    token = letters.manage_path(found).removeprefix("/r/")
    shut(found.id)
    assert guests.confirm_held(token, now=LATER).state == "cancelled"
    full = workshop(umea, capacity=1)
    ids = registered(full.id, umea, 2)
    shut(ids[1])
    assert full.starts_at is not None
    late = full.starts_at - timedelta(hours=1)
    service.cancel(ids[0], by=STAFF, now=late)
    with pytest.raises(Refused, match="not on the waiting list any more"):
        offers.take_free(ids[1], by=STAFF, now=late)


class Meeting(seats.Guard):
    """Somebody has been let in, and has no seat yet, when the account is closed."""

    def __init__(self) -> None:
        self.inside, self.closed = threading.Event(), threading.Event()

    def take(self, workshop_id: int) -> bool:
        self.inside.set()
        self.closed.wait(1)
        return super().take(workshop_id)


def test_a_seat_taken_in_the_moment_in_which_the_account_is_closed_is_given_back(app: Flask, umea: Organisation) -> None:
    full, person = workshop(umea, capacity=1), factories.person(umea)
    workshop_id, person_id = full.id, person.id
    db.session.rollback()
    guard = Meeting()
    app.extensions[seats.KEY] = guard

    def close() -> None:
        guard.inside.wait(5)
        staffing.disable(person_id, by=STAFF, now=LATER)
        guard.closed.set()

    assert at_once(app, [lambda: service.register(workshop_id, person_id, by=STAFF, now=LATER), close]) == ["done", "done"]
    db.session.expire_all()
    found = queries.find(workshop_id, person_id)
    assert found is not None
    assert (found.state, db.session.get_one(Workshop, workshop_id).taken) == ("cancelled", 0)
