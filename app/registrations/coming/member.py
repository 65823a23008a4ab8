"""A member's answer to a new date."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.registrations import queries
from app.registrations.coming import answering
from app.registrations.models import Registration
from app.web import Door, get_me

door = Door(__name__, "/me/registrations")


@door.post("/<int:registration_id>/coming")
def coming(registration_id: int) -> Response:
    """Yes or no."""
    registration, back = _mine(registration_id)
    return answering.coming(registration, back, by=person(get_me()))


def _mine(registration_id: int) -> tuple[Registration, str]:
    """The registration, and its page. Raises Missing for another's."""
    registration = queries.get_own(registration_id, get_me().id)
    return registration, url_for("registrations_member.registration", registration_id=registration_id)
