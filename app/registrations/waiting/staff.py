"""Staff: who waits for a seat, in whose turn, who has an offer, and who has not said whether a new date suits."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.registrations import queries
from app.registrations.models import Registration
from app.registrations.waiting import terms, turns
from app.web import PAGE, Door, get_me, page_number, pages, reader_zone
from app.workshops import queries as workshops
from app.workshops.rules import stage

door = Door(__name__, "/staff/workshops/<int:workshop_id>/waiting")


@door.get("/")
def waiting(workshop_id: int) -> str:
    """The line in its order, how it moves, and the answers still awaited."""
    workshop, instant, page = workshops.get_named(workshop_id), now(), page_number()
    rows, silent, mine = queries.line(workshop_id), queries.awaited_of(workshop_id), terms.of(workshop)
    over = stage(workshop.state, workshop.starts_at, workshop.ends_at, instant) == "done"
    turn = {one.id: number for number, one in enumerate((one for one in rows if one.state == "waitlisted"), 1)}
    return render_template(
        "registrations/waiting.html",
        workshop=workshop,
        rows=rows[(page - 1) * PAGE : page * PAGE],
        pages=pages(len(rows), page),
        turn=turn,
        terms=mine,
        hours=int(mine.offer.total_seconds() // 3600),
        moves=terms.moves(workshop, instant),
        acts=workshop.state == "published" and not over,
        silent=silent[:PAGE],
        many=len(silent),
        zone=reader_zone(),
    )


@door.post("/<int:registration_id>/ahead")
def ahead(workshop_id: int, registration_id: int) -> Response:
    """Before the others, or back into the usual order."""
    try:
        wanted = request.form.get("act") != "back"
        row = turns.put_ahead(workshop_id, registration_id, ahead=wanted, by=person(get_me()), now=now())
    except Refused as refusal:
        flash(refusal.message, "error")
    else:
        name = row.person.name
        flash(_("%(name)s comes before the others now.", name=name) if wanted else _("%(name)s is in the usual order again.", name=name))
    return redirect(url_for(".waiting", workshop_id=workshop_id), 303)


@door.get("/<int:registration_id>/seat")
def ask_seat(workshop_id: int, registration_id: int) -> str:
    """What a seat out of turn does, before it does."""
    registration = _one(workshop_id, registration_id)
    return render_template("registrations/seat_now.html", registration=registration, workshop=registration.workshop)


@door.post("/<int:registration_id>/seat")
def seat(workshop_id: int, registration_id: int) -> Response:
    """The seat is given, the person is told."""
    name = _one(workshop_id, registration_id).person.name
    try:
        turns.seat_now(workshop_id, registration_id, by=person(get_me()), now=now())
    except Refused as refusal:
        flash(refusal.message, "error")
    else:
        flash(_("%(name)s has a seat and gets a mail.", name=name))
    return redirect(url_for(".waiting", workshop_id=workshop_id), 303)


def _one(workshop_id: int, registration_id: int) -> Registration:
    registration = queries.get(registration_id)
    if registration.workshop_id != workshop_id:
        raise Missing
    return registration
