"""The answer to a new date behind a mailed link: by POST alone, for mail scanners follow links."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from app.audit.service import Actor
from app.languages import switch
from app.registrations import queries
from app.registrations.coming import answering
from app.registrations.models import Registration
from app.web import Door

door = Door(__name__, "/r", localised=False, findable=False)


@door.after_request
def keep_nowhere(response: Response) -> Response:
    """The address itself is the key: no browser or proxy keeps a copy."""
    response.headers["Cache-Control"] = "no-store"
    return response


@door.post("/<token>/coming")
def coming(token: str) -> Response:
    """Yes or no."""
    registration, back = _mine(token)
    return answering.coming(registration, back, by=Actor("guest", registration.person.name))


def _mine(token: str) -> tuple[Registration, str]:
    """The registration, and its page. Raises Missing."""
    registration = queries.by_manage_token(token)
    if request.args.get("lang") is None:
        switch(registration.lang)
    return registration, url_for("registrations_guest.manage", token=token)
