"""The questions behind the link in the mail after a workshop. Opening it changes nothing: mail scanners open links."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from app.feedback import answering
from app.registrations.link import LinkDoor, mine

door = LinkDoor(__name__)


@door.route("/<token>/feedback", methods=["GET", "POST"])
def feedback(token: str) -> str | Response | tuple[str, int]:
    """Not yet open, open, answered, closed."""
    return answering.page(mine(token), url_for("registrations_guest.manage", token=token))


@door.post("/<token>/feedback/take-back")
def take_back(token: str) -> Response:
    """My answers are thrown away."""
    return answering.take_back(mine(token), url_for(".feedback", token=token))
