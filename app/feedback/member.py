"""The same questions for somebody signed in."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from app.feedback import answering
from app.registrations.queries import get_own
from app.web import Door, get_me

door = Door(__name__, "/me/registrations")


@door.route("/<int:registration_id>/feedback", methods=["GET", "POST"])
def feedback(registration_id: int) -> str | Response | tuple[str, int]:
    """Not yet open, open, answered, closed; other people's do not exist."""
    back = url_for("registrations_member.registration", registration_id=registration_id)
    return answering.page(get_own(registration_id, get_me().id), back)


@door.post("/<int:registration_id>/feedback/take-back")
def take_back(registration_id: int) -> Response:
    """My answers are thrown away."""
    return answering.take_back(get_own(registration_id, get_me().id), url_for(".feedback", registration_id=registration_id))
