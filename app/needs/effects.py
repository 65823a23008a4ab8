"""What becomes of needs when a registration ends, passes to somebody else, or its person is absorbed or goes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from flask import Flask

from app import announcements
from app.accounts.models import Person
from app.needs import rules, service


class Changed(Protocol):
    """A registration, as far as its needs must know."""

    id: int
    person_id: int
    state: str
    generation: int


def register(app: Flask) -> None:
    """Wires the handlers."""
    announcements.register(app, "registration_changed", registration_changed)
    announcements.register(app, "person_absorbed", person_absorbed)
    announcements.register(app, "person_closed", person_closed)


def registration_changed(*, registration: Changed, now: datetime, **_facts: Any) -> None:
    """Whoever gives the seat up takes the needs along, and nobody inherits them with it. A new one cannot have anybody else's."""
    if registration.state in rules.OVER:
        service.erase(registration.id, now)
    elif registration.generation > 0:
        service.erase_of_others(registration.id, registration.person_id, now)


def person_absorbed(*, guest: Person, person: Person, **_facts: Any) -> None:
    """What a guest has said is said by the member who has proved the address."""
    service.move(guest.id, person.id)


def person_closed(*, person: Person, now: datetime, **_facts: Any) -> None:
    """A closed account needs nothing."""
    service.erase_of_person(person.id, now)
