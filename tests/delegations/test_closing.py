"""An account is closed in the moment in which others bring its person along: whichever way, no seat stays with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.accounts import staffing
from app.accounts.models import Person
from app.database import db
from app.delegations.colleagues import Colleague
from app.delegations.service import register_delegation
from app.delegations.substitutes import substitute
from app.organisations.models import Organisation
from app.participants.importing.service import bring_in
from app.registrations import guests, queries, service
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF
from tests.registrations.test_crossed import at_once

Way = Callable[[Workshop, Organisation, Person], Callable[[], object]]


def _chosen(full: Workshop, umea: Organisation, person: Person) -> Callable[[], object]:
    return _sent(full, umea, Colleague(person_id=person.id))


def _typed(full: Workshop, umea: Organisation, person: Person) -> Callable[[], object]:
    return _sent(full, umea, Colleague(name="A", address=person.address))


def _sent(full: Workshop, umea: Organisation, named: Colleague) -> Callable[[], object]:
    lead_id, wanted, number = factories.person(umea, "coordinator").id, [(full.id, [named])], umea.id
    return lambda: register_delegation(wanted, number, by=db.session.get_one(Person, lead_id), now=LATER)


def _instead(full: Workshop, umea: Organisation, person: Person) -> Callable[[], object]:
    named = Colleague(person_id=person.id)
    old = service.register(full.id, factories.person(umea).id, by=STAFF, now=NOW).id
    return lambda: substitute(old, named, who="staff", by=STAFF, now=LATER)


def _listed(full: Workshop, _umea: Organisation, person: Person) -> Callable[[], object]:
    number, text = full.id, f"name;e-mail\nA;{person.address}"
    return lambda: bring_in(number, text, by=STAFF, now=LATER)


def _guest(full: Workshop, _umea: Organisation, person: Person) -> Callable[[], object]:
    number, guest = full.id, guests.Guest("A", person.address, None, "", "en", "UTC")
    return lambda: guests.register_guest(number, guest, now=LATER)


@pytest.mark.parametrize("way", [_chosen, _typed, _instead, _listed, _guest])
def test_no_seat_stays_with_an_account_that_is_closed_while_somebody_brings_its_person(app: Flask, way: Way) -> None:
    umea = factories.organisation("SE")
    person = factories.person(umea)
    full = factories.workshop(factories.network(umea), access="open", capacity=1)
    bring, workshop_id, person_id = way(full, umea, person), full.id, person.id
    db.session.rollback()
    inside, closed = threading.Event(), threading.Event()

    def written(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO registration ") and not inside.is_set():
            inside.set()
            closed.wait(1)

    event.listen(db.engine, "before_cursor_execute", written)

    def close() -> None:
        inside.wait(5)
        staffing.disable(person_id, by=STAFF, now=LATER)
        closed.set()

    assert at_once(app, [bring, close]) == ["done", "done"]
    db.session.expire_all()
    found = queries.find(workshop_id, person_id)
    assert found is not None
    assert (found.state, db.session.get_one(Workshop, workshop_id).taken) == ("cancelled", 0)
