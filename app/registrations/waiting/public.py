"""The answer to an offer behind a mailed link: by POST alone, for mail scanners follow links."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from app.audit.service import Actor
from app.languages import switch
from app.registrations import queries
from app.registrations.models import Registration
from app.registrations.waiting import answering
from app.web import Door

door = Door(__name__, "/r", localised=False, findable=False)


@door.after_request
def keep_nowhere(response: Response) -> Response:
    """The address itself is the key: no browser or proxy keeps a copy."""
    response.headers["Cache-Control"] = "no-store"
    return response


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
    registration = queries.by_manage_token(token)
    if request.args.get("lang") is None:
        switch(registration.lang)
    return registration, url_for("registrations_guest.manage", token=token)
