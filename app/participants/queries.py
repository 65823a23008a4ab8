"""Reads of what hangs on somebody's registration, for the staff's page about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, literal, or_, select
from sqlalchemy.orm import defer, joinedload

from app.accounts.models import Person
from app.audit.models import AuditEntry
from app.database import db
from app.errors import Missing
from app.outbox.bounces.models import Bounce
from app.outbox.bounces.queries import is_marked
from app.outbox.models import Message, MessageItem
from app.registrations import queries as registrations
from app.registrations.models import Registration, RegistrationNote
from app.workshops.models import Workshop

MOST_SHOWN = 100
LEFT = ("registration.substituted", "registration.taken_over", "registration.doubled")  # lines about one that say which other is out


def get(workshop_id: int, registration_id: int) -> Registration:
    """One of a workshop's registrations. Raises Missing, also for another workshop's."""
    wanted = registrations.named().options(joinedload(Registration.workshop).selectinload(Workshop.texts))
    found = db.session.scalars(wanted.where(Registration.id == registration_id, Registration.workshop_id == workshop_id)).one_or_none()
    if found is None:
        raise Missing
    return found


def find_note(registration_id: int) -> RegistrationNote | None:
    """What staff have noted about it."""
    return db.session.get(RegistrationNote, registration_id)


def beside(registration: Registration) -> tuple[RegistrationNote | None, bool]:
    """What staff have noted about it, and whether mail to its person fails."""
    wanted = select(RegistrationNote, is_marked(Person.address)).select_from(Registration).join(Registration.person)
    wanted = wanted.outerjoin(RegistrationNote, RegistrationNote.registration_id == Registration.id)
    note, marked = db.session.execute(wanted.where(Registration.id == registration.id)).one()
    return note, marked


@dataclass(frozen=True)
class Past:
    """What happened to a registration, newest first, and how many old lines may be about a namesake and are left out."""

    entries: Sequence[AuditEntry]
    unclear: int


def history(registration: Registration) -> Past:
    """What the workshop's audit says of this registration, by its number.

    Lines from before they carried one have a name alone: they count while nobody else of that name is or was registered here, and
    what people did about themselves counts in any case.
    """
    topic, own = f"workshop:{registration.workshop_id}", f"registration:{registration.id}"
    mine = or_(AuditEntry.about == own, AuditEntry.about.in_(_joined(topic, own)))
    left = and_(AuditEntry.action.in_(LEFT), AuditEntry.facts["left"].as_integer() == registration.id)
    actions = or_(AuditEntry.action.startswith("registration."), AuditEntry.action.startswith("attendance."))
    old = and_(AuditEntry.about.is_(None), actions, AuditEntry.facts["name"].as_string() == registration.person.name)
    wanted = select(AuditEntry).where(AuditEntry.topic == topic, or_(mine, left, old))
    found = db.session.scalars(wanted.order_by(AuditEntry.id.desc()).limit(MOST_SHOWN)).all()
    doubtful = {entry.id for entry in found if entry.about is None and entry.actor != f"person:{registration.person_id}"}
    if not doubtful or not _has_namesake(registration):
        return Past(found, 0)
    return Past([entry for entry in found if entry.id not in doubtful], len(doubtful))


def _joined(topic: str, own: str) -> Select[str]:
    """The registrations that this one took over when their address was proved: their past is its own."""
    number = literal("registration:").concat(AuditEntry.facts["left"].as_string())
    return select(number).where(AuditEntry.topic == topic, AuditEntry.about == own, AuditEntry.action == "registration.taken_over")


def _has_namesake(registration: Registration) -> bool:
    others = select(Registration.id).join(Registration.person).where(Registration.workshop_id == registration.workshop_id)
    others = others.where(Registration.id != registration.id, Person.name == registration.person.name)
    return db.session.scalar(others.limit(1)) is not None


def mails(registration_id: int) -> list[tuple[Message, list[Bounce]]]:
    """The mails about it, newest first, without their bytes, each with what came back of it."""
    about = select(MessageItem.message_id).where(MessageItem.subject == f"registration:{registration_id}")
    wanted = select(Message, Bounce).outerjoin(Bounce, Bounce.message_id == Message.id).where(Message.id.in_(about))
    wanted = wanted.order_by(Message.due_at.desc(), Message.id, Bounce.id).options(defer(Message.body, raiseload=True))
    found: dict[Message, list[Bounce]] = {}
    for message, bounce in db.session.execute(wanted.limit(MOST_SHOWN)):
        found.setdefault(message, []).extend([bounce] if bounce is not None else [])
    return list(found.items())
