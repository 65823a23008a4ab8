"""Workshops and the people who have seats in them, by few statements: for benchmarks that need very many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, update

from app.accounts.models import Person
from app.clock import now
from app.crypto import encrypt, hash_token, new_token
from app.database import db, transaction
from app.registrations.models import Registration
from app.reminders.models import ReminderRule
from app.workshops.models import Workshop
from tests import factories

ZONES = ("Europe/Stockholm", "America/Bogota", "America/Guatemala")


def gather(*, workshops: int, people: int, rule_in: timedelta | None = None, first_day: int = 30, rules: int = 1) -> None:
    """So many workshops, one a day, each with so many people of its own in three zones.

    `rule_in`: a rule has all of them reminded at this instant from now; else the network has so many rules in days before.
    """
    at = now()
    umea = factories.organisation("SE")
    network = factories.network(umea, ends_on=(at + timedelta(days=workshops + 400)).date())
    with transaction():
        for day in range(rules):
            row = ReminderRule(network_id=network.id, offset=-(day * 7 + 1), unit="days")
            if rule_in:
                row.anchor, row.instant, row.offset = "instant", at + rule_in, 0
            db.session.add(row)
        made = [
            factories.workshop(network, (at + timedelta(days=first_day + number)).date(), capacity=people) for number in range(workshops)
        ]
        db.session.flush()
        numbers = [workshop.id for workshop in made]
        db.session.execute(update(Workshop).values(taken=people).execution_options(synchronize_session=False))
    token = encrypt(new_token().encode())
    for number in numbers:
        _seats(number, umea.id, people, token)
    db.session.remove()


def _seats(workshop_id: int, organisation_id: int, people: int, token: bytes) -> None:
    came = now() - timedelta(days=20)
    names = [f"p{workshop_id}-{place}" for place in range(people)]
    rows: list[dict[str, Any]] = [
        {
            "address": f"{name}@there.example",
            "canonical_address": f"{name}@there.example",
            "name": f"Åsa Öberg {name}",
            "lang": ("sv", "es", "en")[place % 3],
            "zone": ZONES[place % 3],
            "created_at": came,
            "confirmed_at": came,
            "folded": name,
        }
        for place, name in enumerate(names)
    ]
    with transaction():
        ids = db.session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows).all()
        seat = {"workshop_id": workshop_id, "organisation_id": organisation_id, "state": "confirmed", "holds_seat": True, "lang": "sv"}
        times = dict.fromkeys(("created_at", "queued_at", "confirmed_at", "changed_at"), came)
        seats: list[dict[str, Any]] = [
            {
                **seat,
                **times,
                "person_id": person,
                "check_in_code": f"{workshop_id}-{place}",
                "manage_hash": hash_token(f"{workshop_id}-{place}"),
                "manage_token": token,
            }
            for place, person in enumerate(ids)
        ]
        db.session.execute(insert(Registration), seats)
