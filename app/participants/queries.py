"""Reads of what hangs on somebody's registration, for the staff's page about it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import defer, joinedload

from app.audit.models import AuditEntry
from app.database import db
from app.errors import Missing
from app.outbox.models import Message, MessageItem
from app.registrations import queries as registrations
from app.registrations.models import Registration, RegistrationNote
from app.workshops.models import Workshop

MOST_SHOWN = 100


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


def history(registration: Registration) -> Sequence[AuditEntry]:
    """What the workshop's audit says of this person, newest first: lines about them by name, and what they did themselves."""
    about = AuditEntry.facts["name"].as_string() == registration.person.name
    actions = or_(AuditEntry.action.startswith("registration."), AuditEntry.action.startswith("attendance."))
    wanted = select(AuditEntry).where(AuditEntry.topic == f"workshop:{registration.workshop_id}", actions)
    own = AuditEntry.actor == f"person:{registration.person_id}"
    return db.session.scalars(wanted.where(or_(about, own)).order_by(AuditEntry.id.desc()).limit(MOST_SHOWN)).all()


def mails(registration_id: int) -> Sequence[Message]:
    """The mails about it, newest first, without their bytes."""
    about = select(MessageItem.message_id).where(MessageItem.subject == f"registration:{registration_id}")
    wanted = select(Message).where(Message.id.in_(about)).order_by(Message.due_at.desc(), Message.id)
    return db.session.scalars(wanted.options(defer(Message.body, raiseload=True)).limit(MOST_SHOWN)).all()
