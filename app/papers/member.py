"""A member's own certificate."""

from __future__ import annotations

from flask import Response

from app.papers.shown import own
from app.registrations.queries import get_own
from app.web import Door, get_me

door = Door(__name__, "/me/registrations")


@door.get("/<int:registration_id>/certificate.pdf")
def certificate(registration_id: int) -> Response:
    """The file, in the language of the registration; other people's do not exist."""
    return own(get_own(registration_id, get_me().id))
