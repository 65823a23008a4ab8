"""Staff name who comes instead of somebody, until the workshop is over."""

from __future__ import annotations

from flask import render_template, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.delegations import handing
from app.delegations.mix import queries
from app.errors import Missing
from app.registrations import queries as registrations
from app.web import Door, get_me
from app.workshops import queries as workshops

door = Door(__name__, "/staff/workshops/<int:workshop_id>/participants")


@door.get("/mix")
def mix(workshop_id: int) -> str:
    """The delegations in numbers: who makes them up, never who they are."""
    workshop, rows = workshops.get_named(workshop_id), queries.delegations(workshop_id)
    return render_template("delegations/mix.html", workshop=workshop, rows=rows)


@door.route("/<int:registration_id>/substitute", methods=["GET", "POST"])
def substitute(workshop_id: int, registration_id: int) -> str | Response | tuple[str, int]:
    """Who comes instead, and what becomes of the seat."""
    found = registrations.get(registration_id)
    if found.workshop_id != workshop_id:
        raise Missing
    back = url_for("registrations_staff.participants", workshop_id=workshop_id)
    return handing.page(found, "staff", back, by=person(get_me()))
