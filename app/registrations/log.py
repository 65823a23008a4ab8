"""Lines of the audit about one registration: they carry its number, for two people at a workshop may have one name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.audit.service import Actor, record
from app.registrations.models import Registration


def note(action: str, registration: Registration, *, by: Actor, now: datetime, **facts: Any) -> None:
    """One line of the workshop's past about this person's registration, which has its number by now; `facts` fill its sentence, and
    the person's number says whether somebody did it to themselves."""
    topic, about = f"workshop:{registration.workshop_id}", f"registration:{registration.id}"
    record(action, topic, about, by=by, now=now, name=registration.person.name, person=registration.person_id, **facts)
