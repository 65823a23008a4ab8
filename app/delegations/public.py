"""Somebody goes instead of a guest, behind the guest's own link."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from app.audit.service import Actor
from app.delegations import handing
from app.registrations.link import LinkDoor, mine

guest_door = LinkDoor(__name__, name="substitutes_guest")


@guest_door.route("/<token>/substitute", methods=["GET", "POST"])
def instead(token: str) -> str | Response | tuple[str, int]:
    """Who comes instead of me."""
    found = mine(token)
    return handing.page(found, "self", url_for("registrations_guest.manage", token=token), by=Actor("guest", found.person.name))
