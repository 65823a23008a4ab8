"""Staff name who comes instead of somebody, until the workshop is over."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.delegations import handing
from app.errors import Missing
from app.registrations import queries
from app.web import Door, get_me

door = Door(__name__, "/staff/workshops/<int:workshop_id>/participants")


@door.route("/<int:registration_id>/substitute", methods=["GET", "POST"])
def substitute(workshop_id: int, registration_id: int) -> str | Response | tuple[str, int]:
    """Who comes instead, and what becomes of the seat."""
    found = queries.get(registration_id)
    if found.workshop_id != workshop_id:
        raise Missing
    back = url_for("registrations_staff.participants", workshop_id=workshop_id)
    return handing.page(found, "staff", back, by=person(get_me()))
