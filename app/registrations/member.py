"""A member's own registrations."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Missing, Refused
from app.registrations import answering, needing, queries, service, shown
from app.registrations.forms import Act
from app.registrations.models import Registration
from app.web import Door, get_me

door = Door(__name__, "/me/registrations")


@door.get("/<int:registration_id>")
def registration(registration_id: int) -> str:
    """What I am registered for: state, times, code, and the way out."""
    return _page(_mine(registration_id))


@door.get("/<int:registration_id>/cancel")
def ask_cancel(registration_id: int) -> str | Response:
    """Asks whether to really give it back."""
    found, back = _mine(registration_id), url_for(".registration", registration_id=registration_id)
    if not shown.leaving_is_open(found, now()):
        return redirect(back, 303)
    return render_template("registrations/cancel.html", form=Act(), back=back, **shown.facts(found, now()))


@door.post("/<int:registration_id>/cancel")
def cancel(registration_id: int) -> Response | tuple[str, int]:
    """Gives the seat back."""
    found = _mine(registration_id)
    state = found.state
    try:
        service.cancel(found.id, by=person(get_me()), now=now())
    except Refused as refusal:
        return _page(found, refusal.message), 422
    flash(shown.left(state))
    return redirect(url_for(".registration", registration_id=registration_id), 303)


@door.route("/<int:registration_id>/answers", methods=["GET", "POST"])
def answers(registration_id: int) -> str | Response | tuple[str, int]:
    """What I have answered, to be changed until the workshop begins."""
    found = _mine(registration_id)
    return answering.page(found, url_for(".registration", registration_id=registration_id), by=person(get_me()))


@door.route("/<int:registration_id>/needs", methods=["GET", "POST"])
def needs(registration_id: int) -> str | Response | tuple[str, int]:
    """What I need, to be changed until the workshop begins and erased at any time."""
    found = _mine(registration_id)
    return needing.page(found, url_for(".registration", registration_id=registration_id), by=person(get_me()))


def _page(found: Registration, problem: str = "") -> str:
    """With the button to confirm what I have asked for as a guest: being signed in proves the address as well."""
    return render_template(
        "registrations/manage.html",
        form=Act(),
        problem=problem,
        confirm_url=url_for("registrations_public.take", slug=found.workshop.slug),
        cancel_url=url_for(".ask_cancel", registration_id=found.id),
        substitute_url=url_for("substitutes_member.instead", registration_id=found.id),
        answers_url=url_for(".answers", registration_id=found.id),
        offer_url=url_for("waiting_member.offer", registration_id=found.id),
        free_url=url_for("waiting_member.free", registration_id=found.id),
        coming_url=url_for("coming_member.coming", registration_id=found.id),
        needs_url=url_for(".needs", registration_id=found.id),
        certificate_url=url_for("papers_member.certificate", registration_id=found.id),
        feedback_url=url_for("feedback_member.feedback", registration_id=found.id),
        code_url=url_for("attendance_member.code", registration_id=found.id),
        **shown.facts(found, now()),
    )


def _mine(registration_id: int) -> Registration:
    """Other people's registrations do not exist."""
    found = queries.get(registration_id)
    if found.person_id != get_me().id:
        raise Missing
    return found
