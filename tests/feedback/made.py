"""What tests of the form after a workshop start from: one that is over, people with seats, and what stands in the table."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from app.database import db, end_reading
from app.feedback import service
from app.feedback.models import Feedback
from app.feedback.rules import Given
from app.organisations.models import Organisation
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests.attendance.made import seat

AFTER = datetime(2025, 6, 5, 15, 0, tzinfo=UTC)  # the day after the last; its end is 21:00 UTC on the fourth
OPEN_UNTIL = datetime(2025, 7, 4, 21, 0, tzinfo=UTC)
CLOSED = datetime(2025, 7, 5, 2, 10, tzinfo=UTC)


def answered(of: Workshop, umea: Organisation, number: int, given: Given = Given(4)) -> list[Registration]:  # noqa: B008  frozen
    """So many people have said the same."""
    found = [seat(of, umea) for _one in range(number)]
    for one in found:
        service.answer(one.id, given, now=AFTER)
    return found


def rows() -> list[Feedback]:
    """All that is kept."""
    end_reading()
    return list(db.session.scalars(select(Feedback).order_by(Feedback.words)))
