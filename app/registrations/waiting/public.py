"""The answer to an offer behind a mailed link: by POST alone, for mail scanners follow links."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from app.audit.service import Actor
from app.registrations.link import LinkDoor, mine
from app.registrations.models import Registration
from app.registrations.waiting import answering

door = LinkDoor(__name__)


@door.post("/<token>/offer")
def offer(token: str) -> Response:
    """The seat is accepted, or left to the next in line."""
    registration, back = _mine(token)
    return answering.offer(registration, back, by=Actor("guest", registration.person.name))


@door.post("/<token>/seat")
def free(token: str) -> Response:
    """A free seat is taken, once the line has stopped."""
    registration, back = _mine(token)
    return answering.free(registration, back, by=Actor("guest", registration.person.name))


def _mine(token: str) -> tuple[Registration, str]:
    """The registration, and its page. Raises Missing."""
    return mine(token), url_for("registrations_guest.manage", token=token)
