"""An address that is typed opens nothing: who is named comes for the organisation, and belongs to it once that is confirmed."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from app.accounts import places, queries
from app.accounts.models import Person
from app.audit.service import person as actor
from app.database import db
from app.delegations import substitutes
from app.errors import Refused
from app.registrations import approval, guests, letters, service
from app.registrations import queries as registrations
from app.registrations.models import Registration
from app.workshops.models import SeatHold
from tests import factories
from tests.delegations.made import World, browser, new, place, said, send, world
from tests.registrations.made import STAFF, waiting, words


@pytest.fixture
def made(app: Flask) -> World:
    assert app
    return world(capacity=2)


def hold(made: World, seats: int = 1) -> SeatHold:
    """Seats that wait for the coordinator's municipality until the day before the workshop."""
    until = made.workshop.days[0].on
    row = SeatHold(workshop_id=made.workshop.id, organisation_id=made.ours.id, seats=seats, unused=seats, until=until)
    row.lapses_at = made.workshop.starts_at or made.now
    made.workshop.taken += seats
    db.session.add(row)
    db.session.commit()
    return row


def test_a_stranger_comes_for_the_organisation_and_belongs_to_it_only_as_asked(made: World) -> None:
    done = send(made, new())
    ana = done[0].person
    assert (done[0].state, done[0].organisation_id) == ("confirmed", made.ours.id)
    assert place(ana) == (made.ours.id, False)
    assert not queries.belongs(ana.id, made.ours.id, made.now.date())
    assert said("person.named") == [f"person:{made.lead.id}"]
    assert said("person.asked") == []
    places.confirm(ana.id, made.ours.id, by=actor(made.lead), now=made.now)
    assert place(ana) == (made.ours.id, True)


def test_an_account_that_is_typed_sees_nothing_of_the_organisation(made: World, app: Flask) -> None:
    known = factories.person(lang="en", address="known@guest.example", name="Kim")
    colleague = factories.person(made.ours, name="Ulla Secret")
    send(made, new("known@guest.example", "Somebody"))
    reader = browser(app, known)
    assert known.name == "Kim"
    assert colleague.name not in reader.get("/en/me/").get_data(as_text=True)
    assert reader.get(made.url).status_code == 404
    assert "The commitment" not in reader.get(f"/en/organisations/{made.ours.slug}/").get_data(as_text=True)


def test_a_colleague_stays_what_they_are_and_an_outsider_cannot_be_taken_along(made: World) -> None:
    colleague, outsider = factories.person(made.ours), factories.person(made.theirs)
    send(made, new(colleague.address))
    assert place(colleague) == (made.ours.id, True)
    with pytest.raises(Refused):
        send(made, new(outsider.address))
    assert registrations.find(made.workshop.id, outsider.id) is None
    assert said("person.named") == []


def test_what_somebody_has_asked_themselves_stands(made: World) -> None:
    asks = factories.person(made.theirs, asks=True)
    done = send(made, new(asks.address))
    assert (done[0].organisation_id, place(asks)) == (made.ours.id, (made.theirs.id, False))
    places.confirm(asks.id, made.theirs.id, by=STAFF, now=made.now)
    db.session.expire_all()
    assert registrations.get(done[0].id).organisation_id == made.ours.id


def test_the_other_coordinators_are_told_who_named_them(made: World) -> None:
    other = factories.person(made.ours, "coordinator", lang="en")
    send(made, new())
    mails = waiting("place_asked")
    assert [mail.recipient for mail in mails] == [other.address]
    assert f"{made.lead.name} has named Ana Pérez (ana@guest.example) to come for {made.ours.name}." in words(mails[0])


def test_who_is_named_sits_on_a_held_seat_and_waits_for_one(made: World) -> None:
    held = hold(made, 2)
    first, second, third = send(made, new(), new("bo@guest.example", "Bo", 2), new("cy@guest.example", "Cy", 3), waiting=True)
    assert (first.hold_id, second.hold_id, third.state) == (held.id, held.id, "waitlisted")
    service.cancel(first.id, by=STAFF, now=made.now)
    assert registrations.get(third.id).hold_id == held.id


def test_a_request_that_is_granted_sits_on_a_held_seat(app: Flask) -> None:
    assert app
    made = world(capacity=1, approval=True)
    held = hold(made)
    done = send(made, new())
    assert done[0].state == "requested"
    approval.approve(made.workshop.id, [done[0].id], by=STAFF, now=made.now)
    assert (registrations.get(done[0].id).state, registrations.get(done[0].id).hold_id) == ("confirmed", held.id)


def test_the_control_a_guests_word_opens_no_held_seat_even_after_having_been_named(app: Flask) -> None:
    assert app
    made = world(capacity=1, access="open")
    hold(made)
    done = send(made, new())
    service.cancel(done[0].id, by=STAFF, now=made.now)
    guest = guests.Guest("Ana Pérez", "ana@guest.example", made.ours.id, "", "en", "Europe/Stockholm")
    guests.register_guest(made.workshop.id, guest, now=made.now)
    found = registrations.get(done[0].id)
    guests.confirm_held(letters.manage_path(found).removeprefix("/r/"), now=made.now)
    db.session.expire_all()
    assert (registrations.get(found.id).state, registrations.get(found.id).vouched) == ("waitlisted", False)


@pytest.mark.parametrize("who", ["self", "coordinator", "staff"])
def test_whoever_hands_a_seat_on_is_named_in_the_audit(made: World, who: substitutes.Who) -> None:
    seat = service.register(made.workshop.id, factories.person(made.ours).id, by=STAFF, now=made.now)
    acting = {"self": seat.person, "coordinator": made.lead, "staff": factories.person(staff="officer")}[who]
    found = substitutes.substitute(seat.id, new(row=0), who=who, by=actor(acting), now=made.now)
    assert (found.state, place(found.person)) == ("confirmed", (made.ours.id, False))
    assert said("person.named") == said("registration.substituted") == [f"person:{acting.id}"]
    assert found.vouched == (who != "self")


def test_who_leaves_and_comes_back_alone_waits_for_the_confirmation(made: World) -> None:
    done = send(made, new())
    service.cancel(done[0].id, by=STAFF, now=made.now)
    with pytest.raises(Refused, match="not confirmed yet that you belong there"):
        service.register(made.workshop.id, done[0].person_id, by=actor(done[0].person), now=made.now)
    assert db.session.get_one(Registration, done[0].id).state == "cancelled"


def test_a_place_that_is_over_does_not_keep_somebody_from_being_named(made: World) -> None:
    past = factories.person(made.theirs)
    past.affiliations[0].ends_on = date(2024, 6, 1)
    db.session.commit()
    assert send(made, new(past.address))[0].state == "confirmed"
    assert queries.find_asked(db.session.get_one(Person, past.id).id) is not None
