"""Seats held for an organisation: its people sit on them, others see fewer, what is not used in time is everybody's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import places
from app.audit.models import AuditEntry
from app.audit.service import SCHEDULER
from app.database import db
from app.organisations.models import Organisation
from app.registrations import approval, guests, holds, letters, queries, service
from app.registrations.models import Registration
from app.workshops.models import SeatHold, Workshop
from tests import factories
from tests.factories import NOW
from tests.registrations.made import LAPSES, LATER, STAFF, hold_seats, kinds, registered


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("SE")


@pytest.fixture
def bogota(app: Flask) -> Organisation:
    assert app
    return factories.organisation("CO")


def made(umea: Organisation, bogota: Organisation, capacity: int, **values: Any) -> Workshop:
    """A workshop of the network that both belong to."""
    return factories.workshop(factories.network(umea, bogota), capacity=capacity, **values)


def count(workshop: Workshop) -> tuple[int, int]:
    """Seats taken, as the workshop counts them: with people in them, and held without anybody; and it counts right."""
    db.session.expire_all()
    people = db.session.scalar(select(func.count()).select_from(Registration).where(Registration.holds_seat)) or 0
    unused = db.session.scalar(select(func.coalesce(func.sum(SeatHold.unused), 0))) or 0
    assert workshop.taken == people + unused <= workshop.capacity
    for hold in db.session.scalars(select(SeatHold)):
        used = select(func.count()).select_from(Registration).where(Registration.hold_id == hold.id, Registration.holds_seat)
        assert hold.seats - hold.unused == db.session.scalar(used)
    return people, unused


def states(ids: list[int]) -> list[str]:
    """What has become of registrations."""
    return [queries.get(one).state for one in ids]


def test_its_people_use_the_hold_first_and_others_see_fewer_seats(umea: Organisation, bogota: Organisation) -> None:
    workshop = made(umea, bogota, 3)
    hold_seats(workshop, bogota, 2)
    assert workshop.seats_left == 1
    theirs, ours = registered(workshop.id, umea, 2), registered(workshop.id, bogota, 3)
    assert (states(theirs), states(ours)) == (["confirmed", "waitlisted"], ["confirmed", "confirmed", "waitlisted"])
    assert count(workshop) == (3, 0)


def test_a_guest_who_names_the_organisation_does_not_sit_on_its_seats(umea: Organisation, bogota: Organisation) -> None:
    workshop = made(umea, bogota, 1, access="open")
    hold_seats(workshop, bogota, 1)
    guests.register_guest(workshop.id, guests.Guest("Ana", "ana@guest.example", bogota.id, "", "es", "America/Bogota"), now=NOW)
    found = queries.of_workshop(workshop.id)[0]
    guests.confirm_held(letters.manage_path(found).removeprefix("/r/"), now=NOW)
    service.promote(workshop.id, by=STAFF, now=LATER)
    assert (states([found.id]), count(workshop)) == (["waitlisted"], (0, 1))


def test_given_back_in_time_the_seat_is_held_again(umea: Organisation, bogota: Organisation) -> None:
    workshop = made(umea, bogota, 1)
    hold_seats(workshop, bogota, 1)
    ours, theirs = registered(workshop.id, bogota), registered(workshop.id, umea)
    service.cancel(ours[0], by=STAFF, now=LATER)
    assert (states(theirs), count(workshop)) == (["waitlisted"], (0, 1))


def test_given_back_in_time_it_goes_to_who_waits_in_the_same_organisation(umea: Organisation, bogota: Organisation) -> None:
    workshop = made(umea, bogota, 1)
    hold = hold_seats(workshop, bogota, 1)
    ours = registered(workshop.id, bogota)
    theirs = registered(workshop.id, umea, now=NOW + timedelta(minutes=1))
    ours += registered(workshop.id, bogota, now=NOW + timedelta(minutes=2))
    service.cancel(ours[0], by=STAFF, now=LATER)
    assert (states(ours), states(theirs)) == (["cancelled", "confirmed"], ["waitlisted"])
    assert (queries.get(ours[1]).hold_id, count(workshop)) == (hold, (1, 0))


def test_given_back_later_it_is_everybodys(umea: Organisation, bogota: Organisation) -> None:
    workshop = made(umea, bogota, 1)
    hold_seats(workshop, bogota, 1)
    ours, theirs = registered(workshop.id, bogota), registered(workshop.id, umea)
    service.cancel(ours[0], by=STAFF, now=LAPSES)
    assert states(theirs) == ["confirmed"]
    holds.lapse(now=LAPSES)
    assert count(workshop) == (1, 0)


def test_a_hold_lapses_at_its_hour_and_the_line_moves_up_in_order(umea: Organisation, bogota: Organisation) -> None:
    workshop = made(umea, bogota, 3)
    hold_seats(workshop, bogota, 3)
    ours, theirs = registered(workshop.id, bogota), registered(workshop.id, umea, 3)
    assert holds.lapse(now=LAPSES - timedelta(seconds=1)) == 0
    assert (holds.lapse(now=LAPSES), holds.lapse(now=LAPSES)) == (1, 0)
    assert (states(ours), states(theirs)) == (["confirmed"], ["confirmed", "confirmed", "waitlisted"])
    assert count(workshop) == (3, 0)
    assert kinds().count("promotion") == 2
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "hold.lapsed")).one()
    assert (line.actor, line.facts["unused"], line.facts["seats"]) == (SCHEDULER.code, 2, 3)
    service.cancel(ours[0], by=STAFF, now=LAPSES)
    assert (states(theirs)[2], count(workshop)) == ("confirmed", (3, 0))


def test_past_its_hour_nobody_sits_on_it_even_if_the_scheduler_is_late(umea: Organisation, bogota: Organisation) -> None:
    workshop = made(umea, bogota, 1)
    hold_seats(workshop, bogota, 1)
    ours = registered(workshop.id, bogota, now=LAPSES)
    assert (states(ours), count(workshop)) == (["waitlisted"], (0, 1))
    holds.lapse(now=LAPSES)
    assert (states(ours), count(workshop)) == (["confirmed"], (1, 0))


def test_whoever_belongs_to_two_comes_for_the_one_that_holds_a_seat(umea: Organisation, bogota: Organisation) -> None:
    workshop = made(umea, bogota, 1)
    hold_seats(workshop, bogota, 1)
    person = factories.person(umea, role="coordinator")
    places.set_affiliation(person.id, bogota.id, "member", by=STAFF, now=NOW)
    mine = service.register(workshop.id, person.id, by=STAFF, now=NOW)
    assert (mine.state, mine.organisation_id) == ("confirmed", bogota.id)


def test_once_the_place_is_confirmed_the_held_seat_is_theirs(umea: Organisation, bogota: Organisation) -> None:
    workshop = made(umea, bogota, 1, access="open")
    hold_seats(workshop, bogota, 1)
    other = factories.person(bogota, asks=True)
    mine = service.register(workshop.id, other.id, by=STAFF, now=LATER).id
    assert states([mine]) == ["waitlisted"]
    places.confirm(other.id, bogota.id, by=STAFF, now=LATER)
    assert (states([mine]), count(workshop)) == (["confirmed"], (1, 0))


def test_a_request_granted_uses_the_hold(umea: Organisation, bogota: Organisation) -> None:
    workshop = made(umea, bogota, 1, approval=True)
    hold_seats(workshop, bogota, 1)
    ours, theirs = registered(workshop.id, bogota), registered(workshop.id, umea)
    assert count(workshop) == (0, 1)
    approval.approve(workshop.id, [*theirs, *ours], by=STAFF, now=LATER)
    assert (states(ours), states(theirs), count(workshop)) == (["confirmed"], ["waitlisted"], (1, 0))


def test_nothing_is_passed_on_while_the_workshop_is_postponed(umea: Organisation, bogota: Organisation) -> None:
    workshop = made(umea, bogota, 1)
    hold_seats(workshop, bogota, 1)
    theirs = registered(workshop.id, umea)
    workshop.state = "postponed"
    db.session.commit()
    holds.lapse(now=LAPSES)
    assert (states(theirs), count(workshop)) == (["waitlisted"], (0, 0))
