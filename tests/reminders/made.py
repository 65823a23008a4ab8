"""What tests of reminders start from: a rule, people with seats, and the outbox as they read it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.accounts.models import Person
from app.announcements import announce
from app.attendance.models import Attendance
from app.audit.service import Actor
from app.audit.service import person as actor
from app.crypto import encrypt, hash_token, new_token
from app.database import db, transaction
from app.organisations.models import Network, Organisation
from app.outbox.models import Message, MessageItem
from app.papers.models import Certificate
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.reminders.models import Occurrence, ReminderRule
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW

STAFF = Actor("person:0", "Karin")
WEEK_BEFORE: dict[str, Any] = {"offset": -7, "unit": "days", "at_local": time(9)}
DAY_BEFORE: dict[str, Any] = {"offset": -1, "unit": "days", "at_local": time(9)}


def rule(of: Network | Workshop, **values: Any) -> ReminderRule:
    """A rule of a network or of a workshop; a week before at nine unless the test says otherwise."""
    place = {"workshop_id": of.id} if isinstance(of, Workshop) else {"network_id": of.id}
    row = ReminderRule(**(WEEK_BEFORE | place | values))
    with transaction():
        db.session.add(row)
    return row


def seat(workshop: Workshop, person: Person, now: datetime = NOW) -> Registration:
    """A confirmed registration; its confirmation mail is out of the way."""
    registration = registrations.register(workshop.id, person.id, by=actor(person), now=now)
    assert registration.state == "confirmed"
    return registration


def crowd(workshop: Workshop, of: Organisation, number: int, first: int = 0) -> None:
    """So many people with seats, without their confirmations."""
    with transaction():
        for one in range(first, first + number):
            person = Person(
                address=f"p{one}@crowd.example", canonical_address=f"p{one}@crowd.example", name=f"P {one}",
                lang="sv", zone="Europe/Stockholm", created_at=NOW,
            )  # fmt: skip
            token = new_token()
            db.session.add(
                Registration(
                    workshop=workshop, person=person, organisation=of, state="confirmed", holds_seat=True, lang="sv",
                    check_in_code=f"C{one}", manage_hash=hash_token(token), manage_token=encrypt(token.encode()),
                    created_at=NOW, queued_at=NOW, confirmed_at=NOW, changed_at=NOW,
                )
            )  # fmt: skip
        workshop.taken = number


def crowd_of_one(workshop: Workshop, person: Person) -> Registration:
    """A confirmed registration without its mails and its calendar, for when there are hundreds."""
    token = new_token()
    row = Registration(
        workshop_id=workshop.id, person_id=person.id, state="confirmed", holds_seat=True, lang="sv", check_in_code=new_token()[:12],
        manage_hash=hash_token(token), manage_token=encrypt(token.encode()),
        created_at=NOW, queued_at=NOW, confirmed_at=NOW, changed_at=NOW,
    )  # fmt: skip
    with transaction():
        db.session.add(row)
        workshop.taken += 1
    return row


def was_there(workshop: Workshop, person: Person) -> None:
    """Noted in the morning of the first day."""
    registration = registration_of(workshop, person)
    day = workshop.days[0]
    with transaction():
        db.session.add(Attendance(registration_id=registration.id, day_id=day.id, half="morning", at=day.starts_at, by="Karin"))


def certificate(workshop: Workshop, person: Person) -> None:
    """Issued."""
    with transaction():
        number = registration_of(workshop, person).id
        db.session.add(
            Certificate(registration_id=number, code="ABCD", code_hash=hash_token("ABCD"), minutes=60, issued_at=NOW, issued_by="Karin")
        )


def registration_of(workshop: Workshop, person: Person) -> Registration:
    """A person's at a workshop."""
    wanted = select(Registration).where(Registration.workshop_id == workshop.id, Registration.person_id == person.id)
    return db.session.scalars(wanted).one()


def at(zone: str, year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant by the wall of a zone."""
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone))


def occurrences() -> list[tuple[str, str, int]]:
    """(zone, state, generation), in the order of time."""
    db.session.expire_all()
    rows = db.session.scalars(select(Occurrence).order_by(Occurrence.due_at, Occurrence.zone, Occurrence.generation))
    return [(row.zone, row.state, row.generation) for row in rows]


def dues() -> list[str]:
    """When what is planned is due, on the wall of its readers."""
    db.session.expire_all()
    rows = db.session.scalars(select(Occurrence).where(Occurrence.state == "planned").order_by(Occurrence.due_at, Occurrence.zone))
    return [f"{row.due_at.astimezone(ZoneInfo(row.zone)):%Y-%m-%d %H:%M} {row.zone}" for row in rows]


def reminders(*states: str) -> list[Message]:
    """The reminders in the outbox, in these states (pending if none is given), in the order of recipients."""
    db.session.expire_all()
    wanted = select(Message).where(Message.kind == "reminder", Message.state.in_(states or ("pending",)))
    return list(db.session.scalars(wanted.order_by(Message.recipient, Message.created_at)))


def recipients(*states: str) -> list[str]:
    """To whom they go."""
    return [message.recipient for message in reminders(*states)]


def dedupes() -> list[str]:
    """The dedupe keys of all reminders."""
    db.session.expire_all()
    return list(db.session.scalars(select(MessageItem.dedupe).join(Message).where(Message.kind == "reminder").order_by(MessageItem.dedupe)))


def move(workshop: Workshop, by: timedelta, now: datetime) -> None:
    """What the workshops' service does when staff move it: rows, version, announcement, in one transaction."""
    with transaction():
        db.session.refresh(workshop)
        before, started_at = [(day.on, day.starts, day.ends) for day in workshop.days], workshop.starts_at
        for day in workshop.days:
            day.starts_at, day.ends_at = day.starts_at + by, day.ends_at + by
            wall = day.starts_at.astimezone(ZoneInfo(workshop.zone))
            day.on, day.starts, day.ends = wall.date(), wall.time(), day.ends_at.astimezone(ZoneInfo(workshop.zone)).time()
        workshop.starts_at, workshop.ends_at = workshop.days[0].starts_at, workshop.days[-1].ends_at
        workshop.sequence += 1
        workshop.changed_at = now
        db.session.flush()
        announce("workshop_moved", workshop=workshop, before=before, started_at=started_at, now=now, by=STAFF)


def stop(workshop: Workshop, state: str, now: datetime) -> None:
    """Cancelled, postponed, or published again (restored)."""
    with transaction():
        db.session.refresh(workshop)
        workshop.state = state
        workshop.changed_at = now
        db.session.flush()
        announce("workshop_restored" if state == "published" else f"workshop_{state}", workshop=workshop, now=now, by=STAFF)


def world() -> tuple[Workshop, Person, Person]:
    """A workshop in Bogotá on 3 June 2025, 09:00, with a week's rule, and two confirmed people: of Umeå and of Bogotá."""
    umea, bogota = factories.organisation("SE"), factories.organisation("CO")
    network = factories.network(umea, bogota)
    rule(network)
    workshop = factories.workshop(network)
    swede = factories.person(umea, address="a.swede@umea.example")
    colombian = factories.person(bogota, address="b.colombian@bogota.example")
    seat(workshop, swede)
    seat(workshop, colombian)
    return workshop, swede, colombian
