"""A member's own page about mails: each kind on or off, and what always comes."""

from __future__ import annotations

from dataclasses import asdict

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.accounts import sessions
from app.clock import now
from app.languages import gettext as _
from app.reminders.preferences import service
from app.reminders.preferences.forms import WishesForm
from app.web import Door

door = Door(__name__, "/me/mails")


@door.get("/")
def mails() -> str:
    """What is on."""
    return render_template("reminders/preferences.html", form=WishesForm(formdata=None, data=asdict(service.wishes_of(sessions.me()))))


@door.post("/")
def choose() -> Response | tuple[str, int]:
    """Keeps what is ticked."""
    form = WishesForm()
    if not form.validate_on_submit():
        return render_template("reminders/preferences.html", form=form), 422
    service.choose(sessions.me().id, form.wished(), now=now())
    flash(_("Your choice is saved."))
    return redirect(url_for(".mails"), 303)
