"""A member's own check-in code as a square."""

from __future__ import annotations

from flask import Response

from app.attendance.shown import picture
from app.errors import Missing
from app.registrations import queries
from app.web import Door, get_me

door = Door(__name__, "/me/registrations")


@door.get("/<int:registration_id>/code.svg")
def code(registration_id: int) -> Response:
    """The square; only for somebody with a seat."""
    found = queries.get(registration_id)
    if found.person_id != get_me().id or found.state != "confirmed":
        raise Missing
    response = Response(picture(found), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response
