"""The answer to a new date behind a mailed link: by POST alone, for mail scanners follow links."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from app.audit.service import Actor
from app.registrations.coming import answering
from app.registrations.link import LinkDoor, mine
from app.registrations.models import Registration

door = LinkDoor(__name__)


@door.post("/<token>/coming")
def coming(token: str) -> Response:
    """Yes or no."""
    registration, back = _mine(token)
    return answering.coming(registration, back, by=Actor("guest", registration.person.name))


def _mine(token: str) -> tuple[Registration, str]:
    """The registration, and its page. Raises Missing."""
    return mine(token), url_for("registrations_guest.manage", token=token)
