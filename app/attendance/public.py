"""A guest's own check-in code as a square, behind the mailed link."""

from __future__ import annotations

from flask import Response

from app.attendance.shown import picture
from app.errors import Missing
from app.registrations import queries
from app.web import Door

door = Door(__name__, "/r", localised=False, findable=False)


@door.get("/<token>/code.svg")
def code(token: str) -> Response:
    """The square; only for somebody with a seat."""
    found = queries.by_manage_token(token)
    if found.state != "confirmed":
        raise Missing
    response = Response(picture(found), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response
