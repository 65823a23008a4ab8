"""Staff: certificates of a workshop, all at once; name badges and the sheet to sign."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app.attendance.queries import slots_of
from app.attendance.shown import duration, organisation_of
from app.audit.service import person
from app.clock import now
from app.errors import Missing, Refused
from app.languages import LANGUAGES, using
from app.languages import gettext as _
from app.papers import service
from app.papers.printing import pdf, words
from app.papers.rules import written
from app.papers.shown import certificates, file_name, get, overview, paper
from app.registrations.forms import Act
from app.registrations.queries import with_seats
from app.web import PAGE, Door, get_me, page_number, pages
from app.workshops.models import Workshop

door = Door(__name__, "/staff/workshops/<int:workshop_id>/papers")


@door.get("/")
def papers(workshop_id: int) -> str:
    """What there is, what can be made, and how far it is."""
    return _page(get(workshop_id), Act())


@door.post("/")
def issue(workshop_id: int) -> Answer:
    """Everybody who has attended gets a certificate; the scheduler does it."""
    workshop, form = get(workshop_id), Act()
    try:
        service.start(workshop_id, by=person(get_me()), now=now())
    except Refused as refusal:
        form.refuse(refusal)
        return _page(workshop, form), 422
    flash(_("The certificates are being issued. You may leave this page."))
    return redirect(url_for(".papers", workshop_id=workshop_id), 303)


@door.post("/<int:certificate_id>/withdraw")
def withdraw(workshop_id: int, certificate_id: int) -> Answer:
    """A certificate counts no more."""
    workshop, form = get(workshop_id), Act()
    reason = request.form.get("reason", "")
    try:
        service.withdraw(workshop_id, certificate_id, reason, by=person(get_me()), now=now())
    except Refused as refusal:
        form.refuse(refusal)
        return _page(workshop, form, tried=certificate_id, reason=reason), 422
    flash(_("The certificate is withdrawn."))
    return redirect(url_for(".papers", workshop_id=workshop_id), 303)


@door.post("/<int:certificate_id>/give-back")
def give_back(workshop_id: int, certificate_id: int) -> Answer:
    """A withdrawn certificate counts again."""
    get(workshop_id)
    service.give_back(workshop_id, certificate_id, by=person(get_me()), now=now())
    flash(_("The certificate counts again."))
    return redirect(url_for(".papers", workshop_id=workshop_id), 303)


@door.get("/certificates.pdf")
@door.get("/badges.pdf")
@door.get("/sheet.pdf")
def back(workshop_id: int) -> Answer:
    """These files come from a button, because it is written down who took them along; an address leads to it."""
    get(workshop_id)
    return redirect(url_for(".papers", workshop_id=workshop_id), 303)


@door.post("/certificates.pdf")
def all_certificates(workshop_id: int) -> Response:
    """All that count, as one file."""
    workshop = get(workshop_id)
    rows = overview(workshop, now()).in_force
    if not rows:
        raise Missing(_("No certificate has been issued for this workshop."))
    return _taken("certificates", len(rows), certificates(workshop, rows), workshop)


@door.post("/badges.pdf")
def badges(workshop_id: int) -> Response:
    """Name badges of everybody with a seat, in the language that the workshop was first written in or another, with the code for the
    door if wanted."""
    workshop, rows = get(workshop_id), with_seats(workshop_id)
    lang = request.form.get("in", "")
    with using(lang if lang in LANGUAGES else workshop.original_lang):
        data = words.badges(workshop, rows, squares="codes" in request.form)
    file = paper(pdf.make("badges", data, at=now()), f"{file_name('badges')}-{workshop.slug}")
    return _taken("badges", len(rows), file, workshop)


@door.post("/sheet.pdf")
def sheet(workshop_id: int) -> Response:
    """The sheet that people sign, day by day."""
    workshop, rows = get(workshop_id), with_seats(workshop_id)
    data = words.sheet(workshop, slots_of(workshop_id), rows)
    file = paper(pdf.make("sheet", data, at=now()), f"{file_name('sheet')}-{workshop.slug}")
    return _taken("sheet", len(rows), file, workshop)


def _taken(kind: service.Kind, number: int, file: Response, workshop: Workshop) -> Response:
    """The file leaves the house once that is written down."""
    service.note_taken(kind, workshop.id, number, by=person(get_me()), now=now())
    return file


def _page(workshop: Workshop, form: Act, *, tried: int = 0, reason: str = "") -> str:
    found, page = overview(workshop, now()), page_number()
    return render_template(
        "papers/staff.html",
        workshop=workshop,
        tongues=LANGUAGES,
        all=found,
        rows=found.rows[(page - 1) * PAGE : page * PAGE],
        pages=pages(len(found.rows), page),
        unearned={row.id for row in found.standing.unearned},
        organisation_of=organisation_of,
        duration=duration,
        written=written,
        form=form,
        tried=tried,
        reason=reason,
    )
