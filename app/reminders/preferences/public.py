"""How to stop one kind of mail by the link in it, without a sign-in; guests too."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.models import Person
from app.accounts.queries import get_person
from app.accounts.stopping import read_token
from app.clock import now
from app.languages import gettext as _
from app.languages import switch
from app.reminders.preferences import service
from app.reminders.public import ONE_CLICK
from app.web import Door, csrf, from_anywhere

door = Door(__name__, "/mails", localised=False, findable=False)
from_anywhere.add("preferences_public.stop")


@door.get("/<token>")
def mails(token: str) -> str:
    """Whether this kind comes; a button to change it. Opening it changes nothing: mail scanners open links."""
    person, kind = _whose(token)
    return render_template("reminders/stop_kind.html", token=token, kind=kind, on=getattr(service.wishes_of(person), kind))


@door.post("/<token>")
def stop(token: str) -> Response:
    """Stops it, for the button of the page and for the one click of a mail program alike."""
    person, kind = _whose(token)
    service.switch(person.id, kind, on=False, now=now())
    words = _("You get no more mails of this kind.")
    if request.form.get("List-Unsubscribe") == ONE_CLICK:
        return Response(words, content_type="text/plain; charset=utf-8")
    flash(words)
    return redirect(url_for(".mails", token=token), 303)


csrf.exempt(stop)


@door.post("/<token>/again")
def start(token: str) -> Response:
    """This kind again."""
    person, kind = _whose(token)
    service.switch(person.id, kind, on=True, now=now())
    flash(_("Mails of this kind come again."))
    return redirect(url_for(".mails", token=token), 303)


@door.after_request
def kept_nowhere(response: Response) -> Response:
    """The address itself is the key."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _whose(token: str) -> tuple[Person, str]:
    """From here on the person's language is in force, unless the address asks for another. Raises Missing."""
    number, kind = read_token(token)
    person = get_person(number)
    if request.args.get("lang") is None:
        switch(person.lang)
    return person, kind
