"""A member's own registrations."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Missing
from app.languages import gettext as _
from app.registrations import letters, queries, service
from app.registrations.forms import Act
from app.registrations.models import Registration
from app.web import Door, get_me
from app.workshops import entries

door = Door(__name__, "/me/registrations")


@door.get("/<int:registration_id>")
def registration(registration_id: int) -> str:
    """What I am registered for: state, times, code, and the way out."""
    found = _mine(registration_id)
    return render_template(
        "registrations/manage.html",
        registration=found,
        form=Act(),
        problem="",
        confirm_url="",
        cancel_url=url_for(".ask_cancel", registration_id=found.id),
        position=queries.place_in_line(found) if found.state == "waitlisted" else 0,
        **_when(found),
    )


@door.get("/<int:registration_id>/cancel")
def ask_cancel(registration_id: int) -> str:
    """Asks whether to really give it back."""
    found = _mine(registration_id)
    back = url_for(".registration", registration_id=found.id)
    return render_template("registrations/cancel.html", form=Act(), registration=found, back=back, **_when(found))


@door.post("/<int:registration_id>/cancel")
def cancel(registration_id: int) -> Response:
    """Gives the seat back."""
    found = _mine(registration_id)
    service.cancel(found.id, by=person(get_me()), now=now())
    flash(_("You are no longer registered. Thank you for giving the seat back."))
    return redirect(url_for(".registration", registration_id=registration_id), 303)


def _mine(registration_id: int) -> Registration:
    """Other people's registrations do not exist."""
    found = queries.get(registration_id)
    if found.person_id != get_me().id:
        raise Missing
    return found


def _when(found: Registration) -> dict[str, object]:
    rows = letters.clocks(found.workshop.days, found.workshop.zone, found.workshop.place, found.person.zone)
    return {"workshop": found.workshop, "clock_rows": rows, "where": entries.where(found.workshop)}
