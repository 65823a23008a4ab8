"""What tests of delegations start from: a municipality with a coordinator, and a workshop it may come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, g
from sqlalchemy import select

from app.accounts.models import Affiliation, Person
from app.audit.models import AuditEntry
from app.database import db
from app.delegations.colleagues import Colleague
from app.delegations.service import register_delegation
from app.organisations.models import Organisation
from app.registrations import queries
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor


@dataclass(frozen=True)
class World:
    """Umeå sends people to a workshop of next spring; `lead` is its coordinator, `theirs` another municipality of the network."""

    ours: Organisation
    theirs: Organisation
    lead: Person
    workshop: Workshop
    now: datetime

    @property
    def url(self) -> str:
        """The delegation's page."""
        return f"/en/me/delegation/{self.workshop.id}/"


def world(**values: Any) -> World:
    """`values`: of the workshop, which lies three months ahead."""
    now = datetime.now(UTC)
    ours, theirs = factories.organisation("SE"), factories.organisation("CO")
    workshop = factories.workshop(factories.network(ours, theirs), (now + timedelta(days=90)).date(), **values)
    return World(ours, theirs, factories.person(ours, "coordinator", lang="en"), workshop, now)


def new(address: str = "ana@guest.example", name: str = "Ana Pérez", row: int = 1) -> Colleague:
    """Somebody with a name and an address."""
    return Colleague(name=name, address=address, lang="en", row=row)


def typed(number: int = 1, address: str = "ana@guest.example", **more: str) -> dict[str, str]:
    """The same, as fields of a form."""
    return {f"name_{number}": "Ana Pérez", f"address_{number}": address, f"lang_{number}": "en", **more}


def send(world: World, *named: Colleague | Person, waiting: bool = False) -> list[Registration]:
    """The coordinator names them."""
    wanted = [Colleague(person_id=one.id) if isinstance(one, Person) else one for one in named]
    return register_delegation([(world.workshop.id, wanted)], world.ours.id, by=world.lead, now=world.now, waiting=waiting)


def browser(app: Flask, person: Person | None = None) -> Visitor:
    """Somebody's browser."""
    found = app.test_client()
    assert isinstance(found, Visitor)
    g.pop("csrf_token", None)  # of the browser before, which shares the test's context
    return found.signed_in(person) if person else found


def states(workshop: Workshop) -> list[str]:
    """What those who are registered are, in their order."""
    db.session.expire_all()
    return sorted(row.state for row in queries.of_workshop(workshop.id))


def place(person: Person) -> tuple[int, bool] | None:
    """(organisation, whether it is confirmed) of the one place somebody has or asks for."""
    db.session.expire_all()
    row = db.session.scalars(select(Affiliation).where(Affiliation.person_id == person.id)).one_or_none()
    return (row.organisation_id, row.confirmed_at is not None) if row else None


def said(action: str) -> list[str]:
    """Who has done that, by the audit, in order."""
    return list(db.session.scalars(select(AuditEntry.actor).where(AuditEntry.action == action).order_by(AuditEntry.id)))
