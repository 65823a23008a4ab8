"""Registering, and a guest's own page behind the mailed link. A GET never changes anything: mail scanners follow links."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from flask import current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.accounts import limits
from app.audit.service import Actor, person
from app.clock import now
from app.errors import Refused, TooMany
from app.languages import current
from app.languages import gettext as _
from app.needs.asking.forms import saved as saved_needs
from app.needs.asking.forms import with_needs
from app.needs.queries import of_person as needs_of
from app.needs.service import newest_words
from app.needs.shown import find_letters
from app.organisations.queries import choices
from app.questions import queries as questions
from app.questions.forms import saved, with_questions
from app.questions.models import Question
from app.questions.service import Typed
from app.questions.shown import conditions
from app.registrations import answering, guests, letters, needing, newcomers, queries, service, shown
from app.registrations import answers as giving
from app.registrations.elsewhere import elsewhere
from app.registrations.forms import Act, GuestForm
from app.registrations.link import LinkDoor, mine
from app.registrations.models import ACTIVE, Registration
from app.registrations.waiting import terms
from app.web import Door, Visitor, find_me, reader_zone
from app.workshops import queries as workshops
from app.workshops.models import Workshop
from app.workshops.showing import entries

door = Door(__name__, "/workshops/<slug>", findable=False)
guest_door = LinkDoor(__name__, name="registrations_guest")


@door.get("/register")
def register(slug: str) -> str | Response:
    """What one is about to do, and the button or the form to do it with; the reason, when nobody can register."""
    workshop = workshops.get_public_days(slug)
    me = find_me()
    if me is not None:
        found = queries.find(workshop.id, me.id)
        if found is not None and found.state in ACTIVE and found.state != "unconfirmed":  # a guest's, which the button confirms
            return redirect(url_for("registrations_member.registration", registration_id=found.id), 303)
        return _page(workshop, _member_form(workshop, found))
    return _page(workshop, _guest_form(workshop))


@door.post("/register")
def take(slug: str) -> str | Response | tuple[str, int]:
    """The button for somebody signed in, the form for a guest."""
    me = find_me()
    if me is not None:
        return _take_member(slug, me)
    workshop = workshops.get_public_days(slug)
    form = _guest_form(workshop)
    typed = form.typed(request.form)
    if not _fits(form, workshop.id, typed):
        return _page(workshop, form), 422
    if not form.website.data:
        try:
            limits.for_network(request.remote_addr, now())
            limits.for_mail(form.address.data or "", request.remote_addr, now())
            guests.register_guest(workshop.id, _guest(form), now=now(), typed=typed, needs=form.given())
        except Refused as refusal:
            form.refuse(refusal)
            return _page(workshop, form), 422
        except TooMany as refusal:
            form.refuse(Refused(refusal.message))
            return _page(workshop, form), 429
    session["asked"] = form.address.data
    return redirect(url_for(".asked", slug=slug), 303)


@door.get("/register/asked")
def asked(slug: str) -> str:
    """'Look into your mailbox': the same words for everybody, so that nobody learns who is registered."""
    minutes = current_app.config["CONFIG"].number("hold_minutes")
    return render_template(
        "registrations/asked.html", workshop=workshops.get_public_days(slug), address=session.get("asked", ""), minutes=minutes
    )


@guest_door.get("/<token>")
def manage(token: str) -> str:
    """A guest's own registration: what it is, when, and what can be done with it."""
    return _manage(mine(token), token)


@guest_door.post("/<token>/confirm")
def confirm(token: str) -> Response | tuple[str, int]:
    """The address is right: the seat is theirs."""
    registration = mine(token)
    asked = registration.state == "unconfirmed"
    try:
        registration = guests.confirm_held(token, now=now())
    except Refused as refusal:
        return _manage(registration, token, refusal.message), 422
    if asked:
        limits.give_back(request.remote_addr, 1, now())  # a whole town hall may register from one network
    if registration.state in ACTIVE:  # else the page says what became of it since
        flash(shown.arrived(registration))
    return redirect(url_for(".manage", token=token), 303)


@guest_door.get("/<token>/cancel")
def ask_cancel(token: str) -> str | Response:
    """Asks whether to really give it back."""
    registration, back = mine(token), url_for(".manage", token=token)
    if not shown.leaving_is_open(registration, now()):
        return redirect(back, 303)
    return render_template("registrations/cancel.html", form=Act(), back=back, **shown.facts(registration, now()))


@guest_door.post("/<token>/cancel")
def cancel(token: str) -> Response | tuple[str, int]:
    """Gives the seat back."""
    registration = mine(token)
    state = registration.state
    try:
        service.cancel(registration.id, by=Actor("guest", registration.person.name), now=now())
    except Refused as refusal:
        return _manage(registration, token, refusal.message), 422
    flash(shown.left(state))
    return redirect(url_for(".manage", token=token), 303)


def _take_member(slug: str, me: Visitor) -> str | Response | tuple[str, int]:
    workshop_id, asks = newcomers.entrance(slug)
    form = _act(questions.of_workshop(workshop_id) if asks else ())(data=saved_needs({}))
    typed = form.typed(request.form)
    try:
        if not _fits(form, workshop_id, typed):
            return _page(workshops.get_public_days(slug), form), 422
        arrival = service.arrive(workshop_id, me.id, by=person(me), now=now(), typed=typed, needs=form.given())
    except Refused as refusal:
        form.refuse(refusal)
        return _page(workshops.get_public_days(slug), form), 422
    flash(shown.arrived(arrival))
    return redirect(url_for("registrations_member.registration", registration_id=arrival.id), 303)


@guest_door.route("/<token>/answers", methods=["GET", "POST"])
def answers(token: str) -> str | Response | tuple[str, int]:
    """What I have answered, to be changed until the workshop begins."""
    registration = mine(token)
    by = Actor("guest", registration.person.name)
    return answering.page(registration, url_for(".manage", token=token), by=by)


@guest_door.route("/<token>/needs", methods=["GET", "POST"])
def needs(token: str) -> str | Response | tuple[str, int]:
    """What I need, to be changed until the workshop begins and erased at any time."""
    registration = mine(token)
    by = Actor("guest", registration.person.name)
    return needing.page(registration, url_for(".manage", token=token), by=by)


def _fits(form: GuestForm | Act, workshop_id: int, typed: Typed) -> bool:
    """Whether nothing is wrong with the form, the answers or the needs; else all that is stands in it."""
    valid = bool(form.validate_on_submit())
    try:
        giving.check(workshop_id, typed, form.given(), asked=form.questions)
    except Refused as refusal:
        form.refuse(refusal)
        return False
    return valid


def _manage(registration: Registration, token: str, problem: str = "") -> str:
    return render_template(
        "registrations/manage.html",
        form=Act(),
        problem=problem,
        confirm_url=url_for("registrations_guest.confirm", token=token),
        cancel_url=url_for("registrations_guest.ask_cancel", token=token),
        substitute_url=url_for("substitutes_guest.instead", token=token),
        answers_url=url_for("registrations_guest.answers", token=token),
        offer_url=url_for("waiting_public.offer", token=token),
        free_url=url_for("waiting_public.free", token=token),
        coming_url=url_for("coming_public.coming", token=token),
        needs_url=url_for("registrations_guest.needs", token=token),
        certificate_url=url_for("papers_guest.own_certificate", token=token),
        feedback_url=url_for("feedback_public.feedback", token=token),
        code_url=url_for("attendance_public.code", token=token),
        **shown.facts(registration, now()),
    )


def _page(workshop: Workshop, form: GuestForm | Act) -> str:
    rows = letters.clocks(workshop.days, workshop.zone, workshop.place, reader_zone())
    me = find_me()
    mine = queries.find(workshop.id, me.id) if me is not None else None
    hold = newcomers.hold_for(workshop.id, me.id, now()) if me is not None else None
    full = workshop.taken >= workshop.capacity and hold is None and not (mine is not None and mine.holds_seat)
    return render_template(
        "registrations/register.html",
        workshop=workshop,
        form=form,
        clock_rows=rows,
        where=entries.where(workshop),
        full=full,
        line=terms.of(workshop),
        zone=reader_zone(),
        hold=hold,
        questions=form.questions,
        conditions=conditions(form.questions),
        consent_words=newest_words(),
        letters=find_letters(workshop, reader_zone(), now()),
        shut=service.why_shut(workshop, now()),
        busy=elsewhere(me.id, workshop) if me is not None else [],
    )


def _member_form(workshop: Workshop, before: Registration | None) -> Act:
    """With what somebody has said before."""
    asked = questions.of_workshop(workshop.id)
    there = questions.answers([before.id]).get(before.id, ()) if before is not None and asked else ()
    needed = needs_of(giving.whose(before)) if before is not None else {}
    return _act(asked)(data=saved(there, asked) | saved_needs(needed))


def _act(asked: Sequence[Question]) -> type[Act]:
    """The form with these questions."""
    return with_questions(with_needs(Act), asked) if asked else _act_unasked()


@cache
def _act_unasked() -> type[Act]:
    """Made once: most workshops ask nothing, and a form of many fields takes longer to make than to fill in."""
    return with_questions(with_needs(Act), ())


def _guest_form(workshop: Workshop) -> GuestForm:
    form = with_questions(with_needs(GuestForm), questions.of_workshop(workshop.id))()
    form.organisation.choices = [("", _("Choose from the list")), *choices(), ("other", _("Another one, or none"))]
    return form


def _guest(form: GuestForm) -> guests.Guest:
    chosen = form.organisation.data or ""
    return guests.Guest(
        name=form.name.data or "",
        address=form.address.data or "",
        organisation_id=int(chosen) if chosen.isdecimal() else None,
        organisation_name="" if chosen.isdecimal() else form.organisation_name.data or "",
        lang=current(),
        zone=reader_zone(),
    )
