"""Papers as answers, and what the staff's page says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Response

from app.errors import Missing
from app.languages import current
from app.languages import gettext as _
from app.papers import queries, service
from app.papers.models import Certificate, PaperRun
from app.papers.printing import pdf, words
from app.registrations.models import Registration
from app.workshops import queries as workshops
from app.workshops.models import Workshop


def own(registration: Registration) -> Response:
    """Somebody's own certificate. Raises Missing with words that say what is missing."""
    found = queries.find_of(registration.id)
    if found is None:
        raise Missing(_("There is no certificate for this registration. One is issued to whoever has attended, after the workshop."))
    if found.revoked_at is not None:
        raise Missing(_("This certificate was withdrawn. If you think that this is wrong, write to us."))
    return certificates(registration.workshop, [found])


def certificates(workshop: Workshop, rows: Sequence[Certificate]) -> Response:
    """Certificates as one file."""
    at = max(row.issued_at for row in rows)
    return paper(pdf.make("certificate", words.certificates(workshop, rows), at=at), f"{file_name('certificate')}-{workshop.slug}")


def file_name(what: str) -> str:
    """What a file is called in the language in force, in letters that every disk takes."""
    return {
        "sv": {"certificate": "intyg", "badges": "namnbrickor", "sheet": "narvaro"},
        "es": {"certificate": "constancia", "badges": "gafetes", "sheet": "asistencia"},
    }.get(current(), {"certificate": "certificate", "badges": "badges", "sheet": "attendance"})[what]


def paper(made: bytes, name: str) -> Response:
    """A file to keep, that no cache keeps."""
    response = Response(made, content_type="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.pdf")
    response.headers["Cache-Control"] = "no-store"
    return response


@dataclass(frozen=True)
class Overview:
    """All that the staff's page says, with the statements counted."""

    rows: Sequence[Certificate]
    standing: queries.Standing
    run: PaperRun | None
    over: bool

    @property
    def in_force(self) -> list[Certificate]:
        return [row for row in self.rows if row.revoked_at is None]

    @property
    def under_way(self) -> bool:
        return self.run is not None and self.run.finished_at is None


def overview(workshop: Workshop, now: datetime) -> Overview:
    """How it stands at this workshop."""
    rows = queries.of_workshop(workshop.id)
    return Overview(rows, queries.standing(workshop.id, now), queries.newest_run(workshop.id), service.is_over(workshop, now))


def get(workshop_id: int) -> Workshop:
    """A workshop that was ever public: there are no papers of a draft. Raises Missing."""
    workshop = workshops.get(workshop_id)
    if workshop.state == "draft":
        raise Missing
    return workshop
