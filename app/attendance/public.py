"""A guest's own check-in code as a square, behind the mailed link."""

from __future__ import annotations

from flask import Response

from app.attendance.shown import picture
from app.errors import Missing
from app.registrations.link import LinkDoor, mine

door = LinkDoor(__name__)


@door.get("/<token>/code.svg")
def code(token: str) -> Response:
    """The square; only for somebody with a seat."""
    found = mine(token)
    if found.state != "confirmed":
        raise Missing
    return Response(picture(found), content_type="image/svg+xml")
