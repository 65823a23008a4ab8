"""What tests of registrations start from: a workshop that staff can save, and the words of the mails."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from app.audit.service import Actor
from app.database import db, transaction
from app.organisations.models import Organisation
from app.outbox.models import Message
from app.registrations import seats, service
from app.registrations.listing import bulk
from app.registrations.listing.filters import Selection
from app.workshops import queries as workshops
from app.workshops import service as workshop_service
from app.workshops.acts import service as acts
from app.workshops.models import SeatHold, Workshop
from app.workshops.values import Day
from tests import factories
from tests.factories import NOW
from tests.workshops.made import KARIN, values

STAFF = Actor("person:0", "Karin")
LAPSES = datetime(2025, 5, 1, 5, 0, tzinfo=UTC)  # midnight in Bogotá
LATER = NOW + timedelta(hours=1)


class Meanwhile(seats.Guard):
    """Somebody else was there before the scheduler: when it has the lock, this has been done."""

    def __init__(self, done: Callable[[], object]) -> None:
        self.done: list[Callable[[], object]] = [done]

    def lock(self, workshop_id: int) -> Workshop | None:
        if self.done:
            self.done.pop()()
        return super().lock(workshop_id)


def published(umea: Organisation, **changes: Any) -> Workshop:
    """A public workshop of 3 and 4 June in Bogotá, on forms that staff can save."""
    draft = workshop_service.save_draft(values(factories.network(umea), **changes), by=KARIN, now=NOW)
    return acts.publish(draft.id, by=KARIN, now=NOW)


def hold_seats(workshop: Workshop, organisation: Organisation, seats: int) -> int:
    """So many seats of a workshop wait for an organisation until the last of April; the hold's number."""
    with transaction():
        hold = SeatHold(workshop_id=workshop.id, organisation_id=organisation.id, seats=seats, unused=seats, until=date(2025, 4, 30))
        hold.lapses_at = LAPSES
        workshop.taken += seats
        db.session.add(hold)
    return hold.id


def registered(workshop_id: int, umea: Organisation, number: int = 1, now: datetime = NOW) -> list[int]:
    """That many people who read English, one second after another; their registrations."""
    return [
        service.register(workshop_id, factories.person(umea, lang="en").id, by=STAFF, now=now + timedelta(seconds=n)).id
        for n in range(number)
    ]


def edit(
    workshop_id: int, now: datetime = LATER, *, days: int = 0, ends: time = time(16), more: Sequence[Day] = (), **changes: Any
) -> None:
    """Staff save the workshop's form, all days moved by `days` and until `ends`, with `more` days."""
    workshop = workshops.get(workshop_id)
    saved = workshops.values_of(workshop)
    moved = tuple(replace(day, on=day.on + timedelta(days=days), ends=ends) for day in saved.days)
    workshop_service.save(workshop_id, replace(saved, days=(*moved, *more), **changes), workshop.version, by=KARIN, now=now)


def seen(workshop_id: int, selection: Selection) -> str:
    """What the page before an act would send back of those whom the selection means."""
    found = bulk.sight(selection, bulk.counted(workshop_id, selection))
    db.session.rollback()
    return found


def waiting(kind: str = "", state: str = "pending") -> Sequence[Message]:
    """The mails that are about to leave, those to leave first first."""
    wanted = select(Message).where(Message.state == state).order_by(Message.next_at, Message.kind)
    return db.session.scalars(wanted.where(Message.kind == kind) if kind else wanted).all()


def kinds() -> list[str]:
    """What kinds they are."""
    return [message.kind for message in waiting()]


def words(message: Message) -> str:
    """The plain text of a mail, on one line."""
    assert message.body is not None
    part = email.message_from_bytes(message.body, policy=email.policy.default).get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


def method(message: Message) -> str | None:
    """METHOD of its calendar part, if it has one."""
    part = _calendar(message)
    return part["Content-Type"].params["method"] if part else None


def sequence(message: Message) -> int:
    """SEQUENCE of its calendar part."""
    part = _calendar(message)
    assert part is not None
    return next(int(line.partition(":")[2]) for line in part.get_content().splitlines() if line.startswith("SEQUENCE:"))


def _calendar(message: Message) -> Any:
    assert message.body is not None
    parts = email.message_from_bytes(message.body, policy=email.policy.default).walk()
    return next((part for part in parts if part.get_content_type() == "text/calendar"), None)
