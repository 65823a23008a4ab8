"""At the door: find a person, tap, next."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.attendance import service
from app.attendance.queries import marks_of
from app.audit.service import person
from app.clock import now
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.registrations import queries
from app.registrations.forms import Act
from app.web import Door, get_me
from app.workshops import queries as workshops
from app.workshops.models import Workshop, WorkshopDay

door = Door(__name__, "/staff/workshops/<int:workshop_id>/check-in")


@door.get("/")
def check_in(workshop_id: int) -> str:
    """Everybody with a seat, who is here already, and a search by name or code."""
    workshop = workshops.get(workshop_id)
    day, half = _chosen(workshop)
    words = request.args.get("q", "").strip()[:200].casefold()
    everybody = queries.with_seats(workshop_id)
    marks = marks_of(workshop_id)
    rows = [r for r in everybody if words in r.person.name.casefold() or words == r.check_in_code.casefold()]
    here = {number for number, mine in marks.items() if f"{day.id}-{half}" in mine}
    return render_template(
        "attendance/check_in.html",
        workshop=workshop,
        rows=rows,
        here=here,
        total=len(everybody),
        day=day,
        half=half,
        words=words,
        ahead=day.on > now().astimezone(ZoneInfo(workshop.zone)).date(),
        form=Act(),
    )


@door.post("/<int:registration_id>")
def tap(workshop_id: int, registration_id: int) -> Response:
    """Here, or not here after all."""
    workshop = workshops.get(workshop_id)
    day, half = _chosen(workshop)
    registration = queries.get(registration_id)
    if registration.workshop_id != workshop_id:
        raise Missing
    present = request.form.get("act") != "undo"
    try:
        service.record_attendance(registration_id, day.id, half, present=present, by=person(get_me()), now=now())
    except Refused as refusal:
        flash(refusal.message)
    else:
        name = registration.person.name
        flash(_("%(name)s is here.", name=name) if present else _("%(name)s is not here.", name=name))
    return redirect(url_for(".check_in", workshop_id=workshop_id, day=day.id, half=half), 303)


def _chosen(workshop: Workshop) -> tuple[WorkshopDay, str]:
    """The day and half of the address, else those of the workshop's own clock, else the first."""
    if workshop.state != "published" or not workshop.days:
        raise Missing
    local = now().astimezone(ZoneInfo(workshop.zone))
    wanted = request.args.get("day", type=int)
    day = next((d for d in workshop.days if d.id == wanted), None) or next((d for d in workshop.days if d.on == local.date()), None)
    half = request.args.get("half", "")
    if half not in {"morning", "afternoon"}:
        half = "morning" if local.hour < 13 else "afternoon"  # after lunch
    return day or workshop.days[0], half
