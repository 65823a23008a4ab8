"""A seat is promised once, given back once, and passed on at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.announcements import announce
from app.audit.models import AuditEntry
from app.audit.service import SCHEDULER, Actor
from app.audit.service import person as actor
from app.database import db, transaction
from app.errors import Missing, Refused
from app.organisations.models import Organisation
from app.outbox.models import Message, MessageItem
from app.registrations import change_mails, guests, letters, queries, service
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW

STAFF = Actor("person:0", "Karin")
GUEST = guests.Guest("Ana Ruiz", "ana@guest.example", None, "Universidad", "es", "America/Bogota")


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("SE")


def kinds() -> list[str]:
    return list(db.session.scalars(select(Message.kind).where(Message.state == "pending").order_by(Message.created_at, Message.kind)))


def taken(workshop: Workshop) -> tuple[int, int]:
    """What the workshop counts, and what its registrations hold."""
    db.session.expire_all()
    held = db.session.scalar(
        select(func.count()).select_from(Registration).where(Registration.workshop_id == workshop.id, Registration.holds_seat)
    )
    return workshop.taken, int(held or 0)


def test_a_member_gets_a_seat_a_confirmation_and_an_audit_line(umea: Organisation) -> None:
    workshop, me = factories.workshop(factories.network(umea)), factories.person(umea)
    registration = service.register(workshop.id, me.id, by=actor(me), now=NOW)
    assert registration.state == "confirmed"
    assert taken(workshop) == (1, 1)
    assert kinds() == ["confirmation"]
    assert db.session.scalars(select(AuditEntry.action)).all() == ["registration.confirmed"]


def test_asking_twice_is_asking_once(umea: Organisation) -> None:
    workshop, me = factories.workshop(factories.network(umea)), factories.person(umea)
    first = service.register(workshop.id, me.id, by=actor(me), now=NOW).id
    second = service.register(workshop.id, me.id, by=actor(me), now=NOW).id
    assert first == second
    assert taken(workshop) == (1, 1)
    assert kinds() == ["confirmation"]


def test_the_last_seat_goes_once_and_the_next_waits(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), capacity=1)
    states = [service.register(workshop.id, factories.person(umea).id, by=STAFF, now=NOW).state for _n in range(3)]
    assert states == ["confirmed", "waitlisted", "waitlisted"]
    assert taken(workshop) == (1, 1)


def test_a_seat_given_back_goes_to_the_first_in_line_in_the_same_transaction(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), capacity=1)
    first, second, third = (
        service.register(workshop.id, factories.person(umea).id, by=STAFF, now=NOW + timedelta(minutes=n)).id for n in range(3)
    )
    service.cancel(first, by=STAFF, now=NOW + timedelta(hours=1))
    assert [queries.get(each).state for each in (first, second, third)] == ["cancelled", "confirmed", "waitlisted"]
    assert taken(workshop) == (1, 1)
    assert "promotion" in kinds()


def test_who_comes_back_stands_last_in_line(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), capacity=1)
    people = [factories.person(umea).id for _n in range(3)]
    seated, early, late = (service.register(workshop.id, p, by=STAFF, now=NOW + timedelta(minutes=n)).id for n, p in enumerate(people))
    service.cancel(early, by=STAFF, now=NOW + timedelta(minutes=5))
    service.register(workshop.id, people[1], by=STAFF, now=NOW + timedelta(minutes=6))
    assert [queries.place_in_line(queries.get(each)) for each in (late, early)] == [1, 2]
    service.cancel(seated, by=STAFF, now=NOW + timedelta(minutes=7))
    assert [queries.get(each).state for each in (late, early)] == ["confirmed", "waitlisted"]


def test_leaving_twice_gives_back_one_seat(umea: Organisation) -> None:
    workshop, me = factories.workshop(factories.network(umea)), factories.person(umea)
    registration = service.register(workshop.id, me.id, by=actor(me), now=NOW).id
    service.cancel(registration, by=actor(me), now=NOW)
    service.cancel(registration, by=actor(me), now=NOW)
    assert taken(workshop) == (0, 0)
    assert kinds() == ["cancelled_seat"]


def test_who_comes_back_is_the_same_row_with_a_higher_sequence(umea: Organisation) -> None:
    workshop, me = factories.workshop(factories.network(umea)), factories.person(umea)
    registration = service.register(workshop.id, me.id, by=actor(me), now=NOW)
    before, sequence = registration.id, registration.sequence
    service.cancel(before, by=actor(me), now=NOW)
    again = service.register(workshop.id, me.id, by=actor(me), now=NOW + timedelta(hours=1))
    assert (again.id, again.state) == (before, "confirmed")
    assert again.sequence > sequence
    assert kinds() == ["cancelled_seat", "confirmation"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "cancelled"}, "cancelled"),
        ({"state": "postponed"}, "postponed"),
        ({"opens_at": NOW + timedelta(days=1)}, "opens on"),
        ({"closes_at": NOW - timedelta(days=1)}, "closed"),
    ],
)
def test_registration_that_is_not_open_is_refused_with_words(umea: Organisation, values: dict[str, Any], words: str) -> None:
    workshop, me = factories.workshop(factories.network(umea), **values), factories.person(umea)
    with pytest.raises(Refused, match=words):
        service.register(workshop.id, me.id, by=actor(me), now=NOW)
    assert kinds() == []


def test_a_draft_does_not_exist_for_who_registers(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), state="draft")
    with pytest.raises(Missing):
        service.register(workshop.id, factories.person(umea).id, by=STAFF, now=NOW)


def test_somebody_outside_the_network_is_refused(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea))
    for outsider in (factories.person(factories.organisation("GT")), factories.person()):
        with pytest.raises(Refused, match="members of the network"):
            service.register(workshop.id, outsider.id, by=STAFF, now=NOW)


def test_a_guest_holds_a_seat_until_the_mail_is_answered(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), access="open", capacity=1)
    guests.register_guest(workshop.id, GUEST, now=NOW)
    assert taken(workshop) == (1, 1)
    assert kinds() == ["hold"]
    registration = queries.of_workshop(workshop.id)[0]
    token = letters.manage_path(registration).removeprefix("/r/")
    assert guests.confirm_held(token, now=NOW + timedelta(minutes=5)).state == "confirmed"
    assert taken(workshop) == (1, 1)
    assert guests.confirm_held(token, now=NOW + timedelta(minutes=6)).state == "confirmed"
    assert kinds().count("confirmation") == 1


def test_what_a_returning_guest_corrects_is_kept_once_the_mail_is_answered(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), access="open")
    for minute, guest in enumerate((GUEST, replace(GUEST, name="Ana María Ruiz", organisation_id=umea.id, organisation_name=""))):
        guests.register_guest(workshop.id, guest, now=NOW + timedelta(minutes=minute))
    registration = queries.of_workshop(workshop.id)[0]
    assert (registration.person.name, registration.organisation_id, registration.organisation_name) == ("Ana Ruiz", umea.id, "")
    token = letters.manage_path(registration).removeprefix("/r/")
    assert guests.confirm_held(token, now=NOW + timedelta(minutes=2)).person.name == "Ana María Ruiz"
    service.cancel(registration.id, by=STAFF, now=NOW + timedelta(minutes=3))
    guests.register_guest(workshop.id, replace(GUEST, name="Ana M. Ruiz"), now=NOW + timedelta(minutes=4))
    again = guests.confirm_held(token, now=NOW + timedelta(minutes=5))
    assert (again.person.name, again.organisation_id, again.organisation_name) == ("Ana M. Ruiz", None, "Universidad")


def test_nobody_renames_a_member_by_typing_the_address(umea: Organisation) -> None:
    workshop, me = factories.workshop(factories.network(umea), access="open"), factories.person(umea)
    guests.register_guest(workshop.id, replace(GUEST, name="Somebody", address=me.address), now=NOW)
    token = letters.manage_path(queries.of_workshop(workshop.id)[0]).removeprefix("/r/")
    assert guests.confirm_held(token, now=NOW).person.name == me.name


def test_who_has_a_seat_is_not_changed_by_somebody_who_types_the_address(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), access="open")
    guests.register_guest(workshop.id, GUEST, now=NOW)
    token = letters.manage_path(queries.of_workshop(workshop.id)[0]).removeprefix("/r/")
    guests.confirm_held(token, now=NOW)
    guests.register_guest(workshop.id, replace(GUEST, name="Somebody", organisation_name="Elsewhere", lang="sv"), now=NOW)
    registration = guests.confirm_held(token, now=NOW)
    assert (registration.person.name, registration.organisation_name, registration.lang) == ("Ana Ruiz", "Universidad", "es")


def test_a_hold_that_lapses_frees_the_seat_and_the_button_still_works(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), access="open", capacity=1)
    guests.register_guest(workshop.id, GUEST, now=NOW)
    assert guests.expire_held(now=NOW + timedelta(minutes=29)) == 0
    assert guests.expire_held(now=NOW + timedelta(minutes=31)) == 1
    assert taken(workshop) == (0, 0)
    token = letters.manage_path(queries.of_workshop(workshop.id)[0]).removeprefix("/r/")
    assert guests.confirm_held(token, now=NOW + timedelta(hours=2)).state == "confirmed"
    assert taken(workshop) == (1, 1)


def test_a_lapsed_hold_passes_the_seat_on(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), access="open", capacity=1)
    guests.register_guest(workshop.id, GUEST, now=NOW)
    waiting = service.register(workshop.id, factories.person(umea).id, by=STAFF, now=NOW).id
    assert queries.get(waiting).state == "waitlisted"
    guests.expire_held(now=NOW + timedelta(minutes=31))
    assert queries.get(waiting).state == "confirmed"


def test_a_guest_of_a_full_workshop_waits_only_after_confirming(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), access="open", capacity=0)
    guests.register_guest(workshop.id, GUEST, now=NOW)
    registration = queries.of_workshop(workshop.id)[0]
    assert (registration.state, registration.holds_seat) == ("unconfirmed", False)
    token = letters.manage_path(registration).removeprefix("/r/")
    assert guests.confirm_held(token, now=NOW).state == "waitlisted"


def test_a_guest_who_clicks_twice_gets_one_mail(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), access="open")
    for seconds in (0, 1, 59):
        guests.register_guest(workshop.id, GUEST, now=NOW + timedelta(seconds=seconds))
    assert kinds() == ["hold"]


def test_a_guest_who_asks_again_gets_the_button_again_until_it_is_pressed(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), access="open")
    for minute in range(3):
        guests.register_guest(workshop.id, GUEST, now=NOW + timedelta(minutes=minute))
    assert kinds() == ["hold", "hold", "hold"]
    token = letters.manage_path(queries.of_workshop(workshop.id)[0]).removeprefix("/r/")
    guests.confirm_held(token, now=NOW + timedelta(minutes=4))
    for minute in (5, 5, 6):  # a double click is one mail
        guests.register_guest(workshop.id, GUEST, now=NOW + timedelta(minutes=minute))
    assert kinds() == ["hold", "hold", "hold", "confirmation", "link", "link"]
    assert taken(workshop) == (1, 1)


def test_a_guest_may_not_take_a_seat_of_the_network(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea))
    with pytest.raises(Refused, match="Sign in"):
        guests.register_guest(workshop.id, GUEST, now=NOW)


def test_more_seats_go_to_those_who_wait(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), capacity=1)
    rows = [service.register(workshop.id, factories.person(umea).id, by=STAFF, now=NOW + timedelta(minutes=n)).id for n in range(3)]
    with transaction():
        workshop.capacity = 2
        db.session.flush()
        announce("capacity_raised", workshop=workshop, now=NOW + timedelta(hours=1), by=STAFF)
    assert [queries.get(each).state for each in rows] == ["confirmed", "confirmed", "waitlisted"]


def queue(umea: Organisation, **values: Any) -> tuple[Workshop, list[int]]:
    """A workshop of one seat that began an hour ago and may be joined until the afternoon: one sits, one waits."""
    begun: dict[str, Any] = {"starts": time(11), "closes_at": NOW + timedelta(hours=3), "capacity": 1, "country": "SE"}
    begun["promotion_ends_hours"] = 0  # as long as people may register
    workshop = factories.workshop(factories.network(umea), NOW.date(), **(begun | values))
    ids = [service.register(workshop.id, factories.person(umea).id, by=STAFF, now=NOW + timedelta(minutes=n)).id for n in range(2)]
    return workshop, ids


def test_a_seat_freed_after_the_start_goes_to_the_first_in_line_and_not_past_it(umea: Organisation) -> None:
    workshop, (seated, waiting) = queue(umea)
    service.cancel(seated, by=STAFF, now=NOW + timedelta(minutes=5))
    late = service.register(workshop.id, factories.person(umea).id, by=STAFF, now=NOW + timedelta(minutes=6))
    assert (queries.get(waiting).state, late.state) == ("confirmed", "waitlisted")


@pytest.mark.parametrize("guest", [False, True])
def test_nobody_takes_a_free_seat_past_those_who_wait(umea: Organisation, guest: bool) -> None:
    workshop, (seated, waiting) = queue(umea, closes_at=NOW + timedelta(minutes=10), access="open")
    service.cancel(seated, by=STAFF, now=NOW + timedelta(minutes=30))  # too late to pass it on
    with transaction():
        workshop.closes_at = NOW + timedelta(hours=2)  # and nobody is told
    if guest:
        guests.register_guest(workshop.id, GUEST, now=NOW + timedelta(minutes=40))
    else:
        service.register(workshop.id, factories.person(umea).id, by=STAFF, now=NOW + timedelta(minutes=40))
    assert [r.holds_seat for r in queries.of_workshop(workshop.id)] == [False, False, False]
    assert queries.get(waiting).state == "waitlisted"


@pytest.mark.parametrize("news", ["workshop_moved", "workshop_changed"])
def test_a_seat_left_free_is_passed_on_when_the_workshop_lies_ahead_once_more(umea: Organisation, news: str) -> None:
    workshop, (seated, waiting) = queue(umea, closes_at=NOW + timedelta(minutes=10))
    service.cancel(seated, by=STAFF, now=NOW + timedelta(minutes=30))
    assert queries.get(waiting).state == "waitlisted"
    with transaction():
        workshop.closes_at = NOW + timedelta(hours=2)
        db.session.flush()
        facts: dict[str, Any] = {"before": [], "started_at": workshop.starts_at, "changed": frozenset({"closes"})}
        announce(news, workshop=workshop, now=NOW + timedelta(minutes=31), by=STAFF, **facts)
    assert queries.get(waiting).state == "confirmed"


def test_nobody_registers_for_what_is_over(umea: Organisation) -> None:
    workshop, _ids = queue(umea, closes_at=NOW + timedelta(days=1), access="open")
    over = workshop.ends_at
    assert over is not None
    with pytest.raises(Refused, match="is over"):
        service.register(workshop.id, factories.person(umea).id, by=STAFF, now=over)
    with pytest.raises(Refused, match="is over"):
        guests.register_guest(workshop.id, GUEST, now=over)


def test_a_held_seat_cannot_be_taken_once_it_is_over(umea: Organisation) -> None:
    workshop, _ids = queue(umea, capacity=3, access="open")
    assert workshop.ends_at is not None
    guests.register_guest(workshop.id, GUEST, now=NOW + timedelta(hours=2))
    token = letters.manage_path(queries.of_workshop(workshop.id, ["unconfirmed"])[0]).removeprefix("/r/")
    with pytest.raises(Refused, match="is over"):
        guests.confirm_held(token, now=workshop.ends_at)


def test_the_database_itself_refuses_one_seat_too_many(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), capacity=1)
    with pytest.raises(Exception, match="ck_workshop_seats"), transaction():
        workshop.taken = 2
        db.session.flush()


def test_a_failure_after_the_seat_leaves_nothing_behind(umea: Organisation) -> None:
    workshop, me = factories.workshop(factories.network(umea)), factories.person(umea)
    with pytest.raises(RuntimeError), transaction():
        service.register(workshop.id, me.id, by=actor(me), now=NOW)
        raise RuntimeError
    assert taken(workshop) == (0, 0)
    assert kinds() == []


def test_a_cancelled_workshop_tells_everybody_and_withdraws_what_was_to_go(umea: Organisation) -> None:
    workshop, me = factories.workshop(factories.network(umea)), factories.person(umea)
    service.register(workshop.id, me.id, by=actor(me), now=NOW)
    with transaction():
        workshop.state, workshop.sequence = "cancelled", workshop.sequence + 1
        db.session.flush()
        announce("workshop_cancelled", workshop=workshop, now=NOW, by=SCHEDULER)
    assert kinds() == ["workshop_cancelled"]


def test_three_moves_within_five_minutes_are_one_mail(umea: Organisation) -> None:
    workshop, me = factories.workshop(factories.network(umea)), factories.person(umea)
    service.register(workshop.id, me.id, by=actor(me), now=NOW)
    for minute in range(3):
        with transaction():
            workshop.sequence += 1
            db.session.flush()
            before = [(workshop.days[0].on, workshop.days[0].starts, workshop.days[0].ends)]
            announce(
                "workshop_moved",
                workshop=workshop,
                before=before,
                started_at=workshop.starts_at,
                now=NOW + timedelta(minutes=minute),
                by=STAFF,
            )
    assert kinds() == ["change", "confirmation"] or sorted(kinds()) == ["change", "confirmation"]
    due = db.session.scalars(select(Message.due_at).where(Message.kind == "change", Message.state == "pending")).one()
    assert due == NOW + timedelta(minutes=7)


def test_a_new_venue_is_told_and_a_new_summary_is_not(umea: Organisation) -> None:
    workshop, me = factories.workshop(factories.network(umea)), factories.person(umea)
    service.register(workshop.id, me.id, by=actor(me), now=NOW)
    for changed in ({"texts"}, {"venue"}, {"venue", "texts"}):
        with transaction():
            workshop.sequence += 1
            db.session.flush()
            announce("workshop_changed", workshop=workshop, changed=frozenset(changed), now=NOW, by=STAFF)
    assert sorted(kinds()) == ["change", "confirmation"]


def test_moved_and_moved_back_within_five_minutes_is_no_mail_at_all(umea: Organisation) -> None:
    workshop, me = factories.workshop(factories.network(umea)), factories.person(umea)
    service.register(workshop.id, me.id, by=actor(me), now=NOW)
    today = [(day.on, day.starts, day.ends) for day in workshop.days]
    other = [(today[0][0], time(10), time(17))]
    move(workshop, other, before=today)
    assert sorted(kinds()) == ["change", "confirmation"]
    move(workshop, today, before=other)
    assert kinds() == ["confirmation"]


def test_a_new_time_after_a_new_venue_says_both(umea: Organisation) -> None:
    workshop, me = factories.workshop(factories.network(umea)), factories.person(umea)
    service.register(workshop.id, me.id, by=actor(me), now=NOW)
    today = [(day.on, day.starts, day.ends) for day in workshop.days]
    with transaction():
        announce("workshop_changed", workshop=workshop, changed=frozenset({"venue"}), now=NOW, by=STAFF)
    move(workshop, [(today[0][0], time(10), time(17))], before=today)
    keys = db.session.scalars(select(MessageItem.dedupe).join(Message).where(Message.kind == "change", Message.state == "pending")).all()
    assert [key.split(":")[0] for key in keys] == ["both"]
    assert change_mails.unpack(keys[0]) == tuple(today)


def test_the_organizers_own_mailbox_may_wait_and_be_promoted(umea: Organisation) -> None:
    workshop = factories.workshop(factories.network(umea), capacity=1)
    first = service.register(workshop.id, factories.person(umea).id, by=STAFF, now=NOW).id
    office = service.register(workshop.id, factories.person(umea, address="partnership@icld.se").id, by=STAFF, now=NOW).id
    service.cancel(first, by=STAFF, now=NOW)
    assert queries.get(office).state == "confirmed"


def move(workshop: Workshop, days: list[change_mails.Wall], *, before: list[change_mails.Wall]) -> None:
    """Moves the only day, and announces it."""
    with transaction():
        row = workshop.days[0]
        row.on, row.starts, row.ends = days[0]
        workshop.sequence += 1
        db.session.flush()
        announce("workshop_moved", workshop=workshop, before=before, started_at=workshop.starts_at, now=NOW, by=STAFF)
