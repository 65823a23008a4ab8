"""Doors behind a mailed link: whoever has it is the person, and reads in the language of the mail."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from app.languages import switch
from app.registrations import queries
from app.registrations.models import Registration
from app.web import Door


class LinkDoor(Door):
    """A door at /r/<token>, where the address itself is the key: no browser or proxy keeps a copy of what it answers."""

    def __init__(self, import_name: str, *, name: str = "") -> None:
        super().__init__(import_name, "/r", localised=False, findable=False, name=name)
        self.after_request(_kept_nowhere)


def mine(token: str) -> Registration:
    """The registration of the link; from here on its language is in force, unless the address asks for another. Raises Missing."""
    registration = queries.by_manage_token(token)
    if request.args.get("lang") is None:
        switch(registration.lang)
    return registration


def _kept_nowhere(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
