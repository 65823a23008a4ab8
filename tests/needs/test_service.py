"""Needs are kept with leave, sealed, for one person, and go with the registration."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import staffing
from app.accounts.models import Person
from app.announcements import announce
from app.audit.models import AuditEntry
from app.audit.service import person as actor
from app.database import db, transaction
from app.errors import Refused
from app.needs import service
from app.needs.asking import consent
from app.needs.models import Consent, Need
from app.needs.rules import Given, Said
from app.needs.sealing import seal, unseal
from app.organisations.models import Organisation
from app.registrations import answers, approval, guests, seats
from app.registrations import queries as registrations
from app.registrations import service as registering
from app.registrations.guests import Guest
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.needs.made import PEANUTS, consents, given, of, rows
from tests.registrations.made import LATER, STAFF
from tests.workshops.made import KARIN

GUEST = Guest("Ana", "ana@guest.example", None, "", "es", "America/Bogota")


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("SE")


@pytest.fixture
def workshop(umea: Organisation) -> Workshop:
    return factories.workshop(factories.network(umea), access="open", capacity=3)


def comes(workshop: Workshop, person: Person, needs: Given | None = PEANUTS) -> int:
    return registering.register(workshop.id, person.id, by=actor(person), now=NOW, needs=needs).id


def test_what_somebody_needs_is_sealed_and_comes_out_as_it_was(umea: Organisation, workshop: Workshop) -> None:
    one = comes(workshop, factories.person(umea))
    assert of(one) == {"food": Said(("vegan", "other"), "no cashew whatever happens")}
    (row,) = db.session.scalars(select(Need))
    assert b"vegan" not in row.sealed
    assert len(row.sealed) == len(seal(Said(("halal",)))), "the length tells nothing"
    assert consents() == [(one, True)]


def test_what_was_sealed_with_another_key_is_not_read(umea: Organisation) -> None:
    sealed = seal(Said(("vegan",)))
    assert (unseal(sealed), unseal(sealed[:-1] + b"A")) == (Said(("vegan",)), None)


def test_without_consent_nothing_is_kept_and_nobody_is_registered(umea: Organisation, workshop: Workshop) -> None:
    with pytest.raises(Refused) as refused:
        comes(workshop, factories.person(umea), Given(PEANUTS.needs))
    assert list(refused.value.problems) == ["needs_consent"]
    assert (rows(), consents(), registrations.of_workshop(workshop.id)) == ([], [], [])


def test_leaving_being_declined_and_not_answering_erase_at_once(umea: Organisation, workshop: Workshop) -> None:
    left = comes(workshop, factories.person(umea))
    guests.register_guest(workshop.id, GUEST, now=NOW, needs=PEANUTS)
    asked = factories.workshop(workshop.network, access="open", approval=True)
    declined = comes(asked, factories.person(umea, lang="en"))
    assert len(rows()) == 3
    registering.cancel(left, by=STAFF, now=LATER)
    assert [number for number, _kind in rows()] != [left]
    guests.expire_held(now=NOW + timedelta(minutes=31))
    approval.decline(asked.id, [declined], {"en": "No room"}, by=KARIN, now=LATER)
    assert rows() == []
    assert [in_force for _number, in_force in consents()] == [False] * 3


def test_whoever_comes_in_somebodys_place_does_not_inherit_the_needs(umea: Organisation, workshop: Workshop) -> None:
    one, other = comes(workshop, factories.person(umea)), factories.person(umea)
    with transaction():
        registration = registrations.get(one)
        registration.person = other
        seats.touch(registration, LATER)
        db.session.flush()
        assert of(one) == {}, "not even before they are erased"
        announce("registration_changed", registration=registration, now=LATER)
    assert (rows(), consents()) == ([], [(one, False)])


def test_a_guest_who_is_absorbed_brings_the_needs_along(umea: Organisation, workshop: Workshop) -> None:
    guests.register_guest(workshop.id, GUEST, now=NOW, needs=PEANUTS)
    (registration,) = registrations.of_workshop(workshop.id)
    guest, person = registration.person, factories.person(umea)
    with transaction():
        announce("person_absorbed", guest=guest, person=person, now=LATER)
    assert registrations.get(registration.id).person_id == person.id
    assert of(registration.id) == PEANUTS.needs


def test_of_a_guest_who_is_absorbed_by_somebody_who_comes_already_nothing_is_kept(umea: Organisation, workshop: Workshop) -> None:
    guests.register_guest(workshop.id, GUEST, now=NOW, needs=PEANUTS)
    person = factories.person(umea)
    mine = comes(workshop, person, given(access=Said((), "a ramp")))
    guest = next(one.person for one in registrations.of_workshop(workshop.id) if one.id != mine)
    with transaction():
        announce("person_absorbed", guest=guest, person=person, now=LATER)
    assert rows() == [(mine, "access")]


def test_a_closed_account_needs_nothing(umea: Organisation, workshop: Workshop) -> None:
    gone, stays = factories.person(umea), factories.person(umea)
    comes(workshop, gone)
    kept = comes(workshop, stays)
    staffing.disable(gone.id, by=KARIN, now=LATER)
    assert rows() == [(kept, "food")]


def test_needs_are_changed_under_the_leave_that_stands_and_the_history_says_that_but_not_what(
    umea: Organisation, workshop: Workshop
) -> None:
    person = factories.person(umea)
    one = comes(workshop, person)
    answers.change_needs(one, Given({"access": Said((), "a ramp")}), by=actor(person), now=LATER)
    answers.change_needs(one, Given({"access": Said((), "a ramp")}), by=actor(person), now=LATER)
    assert (of(one), consents()) == ({"access": Said((), "a ramp")}, [(one, True)])
    lines = db.session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("needs."))).all()
    assert [(line.action, line.facts) for line in lines] == [("needs.changed", {"name": person.name, "person": person.id})]


def test_leave_for_older_words_is_no_leave_for_new_ones(umea: Organisation, workshop: Workshop) -> None:
    one = comes(workshop, factories.person(umea))
    with transaction():
        db.session.scalars(select(Consent)).one().version = "older"
    with pytest.raises(Refused):
        answers.change_needs(one, Given({"access": Said((), "a ramp")}), by=STAFF, now=LATER)
    answers.change_needs(one, given(access=Said((), "a ramp")), by=STAFF, now=LATER)
    newest = db.session.scalars(select(Consent).where(Consent.ended_at.is_(None))).one()
    assert (newest.version, newest.days, consents()) == (consent.NEWEST.name, service.kept_days(), [(one, False), (one, True)])


def test_consent_is_taken_back_even_while_it_is_held_but_nothing_is_changed_then(umea: Organisation, workshop: Workshop) -> None:
    one = comes(workshop, factories.person(umea))
    begun = workshop.starts_at
    assert begun is not None
    with pytest.raises(Refused):
        answers.change_needs(one, given(access=Said((), "a ramp")), by=STAFF, now=begun)
    answers.withdraw_needs(one, by=STAFF, now=begun)
    answers.withdraw_needs(one, by=STAFF, now=begun)
    assert (rows(), consents()) == ([], [(one, False)])
