"""What the buttons beside an offer or a free seat do, behind a mailed link as behind a sign-in."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.audit.service import Actor
from app.clock import now
from app.errors import Refused
from app.languages import gettext as _
from app.registrations import shown
from app.registrations.models import Registration
from app.registrations.waiting import offers


def offer(registration: Registration, back: str, *, by: Actor) -> Response:
    """Accepted, or left to the next in line. `back`: the page of the registration, which says what has become of it."""
    act = request.form.get("act")
    try:
        if act == "accept":
            flash(shown.arrived(offers.accept(registration.id, by=by, now=now())))
        elif act == "decline":
            offers.decline(registration.id, by=by, now=now())
            flash(_("Thank you for answering. The seat goes to the next in line."))
        else:
            flash(_("Choose whether to accept the seat or to leave it."), "error")
    except Refused as refusal:
        flash(refusal.message, "error")
    return redirect(back, 303)


def free(registration: Registration, back: str, *, by: Actor) -> Response:
    """A free seat, once the line has stopped."""
    try:
        flash(shown.arrived(offers.take_free(registration.id, by=by, now=now())))
    except Refused as refusal:
        flash(refusal.message, "error")
    return redirect(back, 303)
