"""Somebody goes instead of a guest, behind the guest's own link."""

from __future__ import annotations

from flask import request, url_for
from werkzeug.wrappers import Response

from app.audit.service import Actor
from app.delegations import handing
from app.languages import switch
from app.registrations import queries
from app.web import Door

guest_door = Door(__name__, "/r", localised=False, findable=False, name="substitutes_guest")


@guest_door.after_request
def _not_kept(response: Response) -> Response:
    """The address itself is the key: no browser or proxy keeps a copy."""
    response.headers["Cache-Control"] = "no-store"
    return response


@guest_door.route("/<token>/substitute", methods=["GET", "POST"])
def instead(token: str) -> str | Response | tuple[str, int]:
    """Who comes instead of me."""
    found = queries.by_manage_token(token)
    if request.args.get("lang") is None:
        switch(found.lang)
    return handing.page(found, "self", url_for("registrations_guest.manage", token=token), by=Actor("guest", found.person.name))
