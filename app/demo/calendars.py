"""Calendars of the demo's people, as if some of their programs had fetched them; the addresses themselves nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.models import Person
from app.crypto import hash_token, new_token
from app.database import db
from app.feeds.models import FeedToken
from app.registrations.models import Registration
from app.workshops.models import Workshop

TELEPHONE = {"sv": "Telefonen", "es": "Mi teléfono", "en": "My telephone"}
OFFICE = {"sv": "Outlook på jobbet", "es": "Outlook del trabajo", "en": "Outlook at work"}
# what it is called, its agent, how long ago it fetched; every fourth person has none
PROGRAMS = (
    (TELEPHONE, "iOS/18.1 (22B83) dataaccessd/1.0", timedelta(minutes=40)),
    (dict.fromkeys(TELEPHONE, "Google"), "Google-Calendar-Importer", timedelta(hours=7)),
    (OFFICE, "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0; Pro)", timedelta(days=75)),
    None,
)


def load(log_ins: Sequence[str], now: datetime) -> None:
    """One for most people with a seat at what is coming; whoever the demo lets one sign in as has one that is in use."""
    seated = select(Registration.person_id).join(Registration.workshop).where(Registration.state == "confirmed", Workshop.starts_at > now)
    for number, person in enumerate(db.session.scalars(select(Person).where(Person.id.in_(seated)).order_by(Person.id))):
        program = PROGRAMS[0 if person.address in log_ins else number % len(PROGRAMS)]
        if program is None:
            continue
        names, agent, ago = program
        row = FeedToken(person_id=person.id, token_hash=hash_token(new_token()), device=names[person.lang], lang=person.lang)
        row.created_at, row.last_fetched_at, row.last_agent = now - timedelta(days=90), now - ago, agent
        db.session.add(row)
