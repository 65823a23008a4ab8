"""Staff: who comes to a workshop."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.languages import pgettext
from app.registrations import queries, service
from app.registrations.forms import Act
from app.registrations.models import STATES
from app.web import PAGE, Door, get_me, page_number, pages
from app.workshops import queries as workshops
from app.workshops.rules import stage

door = Door(__name__, "/staff/workshops/<int:workshop_id>/participants")


@door.get("/")
def participants(workshop_id: int) -> str:
    """Tabs with counts, and one search over name, address and organisation."""
    workshop = workshops.get(workshop_id)
    tab = request.args.get("state", "all")
    if tab != "all" and tab not in STATES:
        raise Missing
    words, page = request.args.get("q", "").strip()[:200], page_number()
    found = queries.search_of_workshop(workshop_id, tab, words)
    return render_template(
        "registrations/participants.html",
        workshop=workshop,
        tab=tab,
        words=words,
        rows=found[(page - 1) * PAGE : page * PAGE],
        pages=pages(len(found), page),
        counts=queries.counts(workshop_id),
        names=state_names(),
        over=stage(workshop.state, workshop.starts_at, workshop.ends_at, now()) == "done",
    )


@door.get("/<int:registration_id>/cancel")
def ask_cancel(workshop_id: int, registration_id: int) -> str:
    """What giving up this seat will do, before it does."""
    registration = queries.get(registration_id)
    if registration.workshop_id != workshop_id:
        raise Missing
    waiting = queries.counts(workshop_id).get("waitlisted", 0)
    return render_template("registrations/staff_cancel.html", registration=registration, form=Act(), waiting=waiting)


@door.post("/<int:registration_id>/cancel")
def cancel(workshop_id: int, registration_id: int) -> Response:
    """Takes somebody off; the person is told, and the next in line moves up."""
    registration = queries.get(registration_id)
    if registration.workshop_id != workshop_id:
        raise Missing
    name, told = registration.person.name, registration.state != "unconfirmed"
    try:
        service.cancel(registration_id, by=person(get_me()), now=now())
    except Refused as refusal:
        flash(refusal.message, "error")
        return redirect(url_for(".participants", workshop_id=workshop_id), 303)
    done = (
        _("%(name)s is no longer registered and has been told.", name=name) if told else _("%(name)s is no longer registered.", name=name)
    )
    flash(done)
    return redirect(url_for(".participants", workshop_id=workshop_id), 303)


def state_names() -> dict[str, str]:
    """The states as tabs."""
    return {
        "all": _("All"),
        "confirmed": _("Confirmed"),
        "waitlisted": _("Waiting list"),
        "unconfirmed": _("Address not confirmed"),
        "cancelled": pgettext("registration", "Cancelled"),
    }
