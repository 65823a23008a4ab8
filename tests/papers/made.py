"""What tests of papers start from: a workshop that is over, and people who were there."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from pypdf import PdfReader
from sqlalchemy import select

from app.attendance import service as attendance
from app.database import db
from app.organisations.models import Organisation
from app.papers import service
from app.papers.models import Certificate
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests.attendance.made import AFTER, STAFF, seat

ALL = ((0, "morning"), (0, "afternoon"), (1, "morning"), (1, "afternoon"))


def present(of: Workshop, umea: Organisation, name: str = "", *, halves: int = 4, **facts: Any) -> Registration:
    """Somebody with a seat was there for so many half-days."""
    found = seat(of, umea, name, **facts)
    for day, half in ALL[:halves]:
        attendance.record_attendance(found.id, of.days[day].id, half, present=True, by=STAFF, now=AFTER)
    return found


def issue(of: Workshop) -> int:
    """Staff ask, and the scheduler does it all."""
    service.start(of.id, by=STAFF, now=AFTER)
    return service.work(now=AFTER)


def certificates() -> list[Certificate]:
    return list(db.session.scalars(select(Certificate).order_by(Certificate.registration_id)))


def read(pdf: bytes) -> PdfReader:
    """As a program for reading opens it."""
    return PdfReader(BytesIO(pdf))


def text(pdf: bytes) -> str:
    """All its words, on one line."""
    return " ".join(" ".join(page.extract_text() for page in read(pdf).pages).split())
