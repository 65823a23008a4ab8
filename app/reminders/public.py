"""How to stop reminders, and to have them again, by the link in each of them; no sign-in."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from app.clock import now
from app.languages import gettext as _
from app.registrations.link import LinkDoor, mine
from app.reminders import moves, queries
from app.web import csrf, from_anywhere

door = LinkDoor(__name__)
ONE_CLICK = "One-Click"  # RFC 8058: the mail program posts List-Unsubscribe=One-Click, without cookies
from_anywhere.add("reminders_public.stop")


@door.get("/<token>/reminders")
def reminders(token: str) -> str:
    """Whether reminders come; a button to change it. Opening it changes nothing: mail scanners open links."""
    registration = mine(token)
    registrations = queries.of_same_person(registration, now())
    on = not registration.person.reminders_off and any(not one.reminders_off for one in registrations)
    return render_template("reminders/stop.html", token=token, registrations=registrations, on=on)


@door.post("/<token>/reminders")
def stop(token: str) -> Answer:
    """Stops them, for the button of the page and for the one click of a mail program alike."""
    mine(token)
    moves.stop(token, now=now())
    if request.form.get("List-Unsubscribe") == ONE_CLICK:
        return Response(_("You get no more reminders."), content_type="text/plain; charset=utf-8")
    flash(_("You get no more reminders."))
    return redirect(url_for("reminders_public.reminders", token=token), 303)


csrf.exempt(stop)


@door.post("/<token>/reminders/again")
def start(token: str) -> Answer:
    """Reminders again."""
    mine(token)
    moves.start(token, now=now())
    flash(_("Reminders come again."))
    return redirect(url_for("reminders_public.reminders", token=token), 303)
