"""A member's answer to an offered seat."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.registrations import queries
from app.registrations.models import Registration
from app.registrations.waiting import answering
from app.web import Door, get_me

door = Door(__name__, "/me/registrations")


@door.post("/<int:registration_id>/offer")
def offer(registration_id: int) -> Response:
    """The seat is accepted, or left to the next in line."""
    registration, back = _mine(registration_id)
    return answering.offer(registration, back, by=person(get_me()))


@door.post("/<int:registration_id>/seat")
def free(registration_id: int) -> Response:
    """A free seat is taken, once the line has stopped."""
    registration, back = _mine(registration_id)
    return answering.free(registration, back, by=person(get_me()))


def _mine(registration_id: int) -> tuple[Registration, str]:
    """The registration, and its page. Raises Missing for another's."""
    registration = queries.get_own(registration_id, get_me().id)
    return registration, url_for("registrations_member.registration", registration_id=registration_id)
