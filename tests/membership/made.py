"""What tests of the commitment start from: three members, a rule, workshops in both halves, people who came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.accounts.models import Person
from app.attendance import queries as attendance
from app.attendance.service import Change, save_sheet
from app.audit.service import Actor
from app.audit.service import person as actor
from app.database import db, transaction
from app.membership.models import CommitmentRule, Waiver
from app.organisations.models import Network, Organisation
from app.registrations import service as registrations
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW

STAFF = Actor("person:0", "Karin")


@dataclass
class World:
    """Umeå, Bogotá and Panajachel in one network that asks for one workshop on each side in 2025."""

    umea: Organisation
    bogota: Organisation
    panajachel: Organisation
    network: Network
    rule: CommitmentRule
    lucia: Person  # coordinator of Panajachel
    andres: Person  # member there
    malin: Person  # of Umeå


def world() -> World:
    """All of it, and nothing registered yet."""
    umea, bogota, panajachel = (factories.organisation(country) for country in ("SE", "CO", "GT"))
    network = factories.network(umea, bogota, panajachel)
    rule = CommitmentRule(network_id=network.id, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))
    with transaction():
        db.session.add(rule)
    return World(
        umea,
        bogota,
        panajachel,
        network,
        rule,
        factories.person(panajachel, "coordinator", name="Lucía Chavajay"),
        factories.person(panajachel, name="Andrés Tzoc"),
        factories.person(umea, name="Malin Sundin"),
    )


def attended(workshop: Workshop, *people: Person) -> None:
    """They registered in time and were there all the time."""
    for one in people:
        seat = registrations.register(workshop.id, one.id, by=actor(one), now=NOW - timedelta(days=60))
        half_days = [slot.code for slot in attendance.slots_of(workshop.id) if slot.half]
        save_sheet(workshop.id, [Change(seat.id, code, present=True) for code in half_days], way="on_site", by=STAFF, now=NOW)


def registered(workshop: Workshop, *people: Person, now: datetime = NOW) -> None:
    """They have a seat."""
    for one in people:
        registrations.register(workshop.id, one.id, by=actor(one), now=now)


def waived(rule: CommitmentRule, organisation: Organisation, half: str, reason: str) -> None:
    """Let off one half."""
    with transaction():
        db.session.add(Waiver(rule_id=rule.id, organisation_id=organisation.id, half=half, reason=reason, by="Karin"))
