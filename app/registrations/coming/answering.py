"""What the two buttons under 'Can you still come?' do, behind a mailed link as behind a sign-in."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.audit.service import Actor
from app.clock import now
from app.errors import Refused
from app.languages import gettext as _
from app.registrations import shown
from app.registrations.coming import service
from app.registrations.models import Registration


def coming(registration: Registration, back: str, *, by: Actor) -> Response:
    """Yes, or no and the seat goes to the next in line. `back`: the page of the registration."""
    state, act = registration.state, request.form.get("act")
    try:
        if act == "yes":
            service.say_yes(registration.id, by=by, now=now())
            flash(_("Thank you. We have written down that you can come."))
        elif act == "no":
            service.say_no(registration.id, by=by, now=now())
            flash(shown.left(state))
        else:
            flash(_("Choose whether you can come or not."), "error")
    except Refused as refusal:
        flash(refusal.message, "error")
    return redirect(back, 303)
