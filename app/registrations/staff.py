"""Staff: who comes to a workshop."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Missing, Refused
from app.languages import LANGUAGES, ngettext, pgettext
from app.languages import gettext as _
from app.questions import queries as questions
from app.questions.shown import lines
from app.registrations import approval, queries, service
from app.registrations.approval import Decided
from app.registrations.forms import Act, DecideForm
from app.registrations.models import STATES
from app.registrations.waiting import line
from app.web import PAGE, Door, get_me, page_number, pages, row_number
from app.workshops import queries as workshops
from app.workshops.rules import stage

door = Door(__name__, "/staff/workshops/<int:workshop_id>/participants")
Page = str | Response | tuple[str, int]


@door.get("/")
def participants(workshop_id: int) -> str:
    """Tabs with counts, and one search over name, address and organisation."""
    tab = request.args.get("state", "all")
    if tab != "all" and tab not in STATES:
        raise Missing
    return _participants(workshop_id, tab, request.args.get("q", ""), page_number(), DecideForm())


@door.post("/decide")
def decide(workshop_id: int) -> Page:
    """The chosen requests are approved, or declined with a reason in the language of each."""
    form, act = DecideForm(), request.form.get("act")
    chosen = [number for word in request.form.getlist("chosen") if (number := row_number(word)) is not None]
    workshops.get_named(workshop_id)
    if form.validate_on_submit():
        try:
            done = _decide(workshop_id, chosen, form, act)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_decided(done))
            return redirect(url_for(".participants", workshop_id=workshop_id, state="requested"), 303)
    return _participants(workshop_id, "requested", request.form.get("q", ""), 1, form, frozenset(chosen)), 422


def _decide(workshop_id: int, chosen: Sequence[int], form: DecideForm, act: str | None) -> Decided:
    by, at = person(get_me()), now()
    if act == "approve":
        return approval.approve(workshop_id, chosen, by=by, now=at)
    if act == "decline":
        reasons = {lang: form[f"reason_{lang}"].data for lang in LANGUAGES}
        return approval.decline(workshop_id, chosen, reasons, by=by, now=at)
    raise Refused(_("Choose whether to approve or to decline."))


def _participants(workshop_id: int, tab: str, words: str, page: int, form: DecideForm, chosen: AbstractSet[int] = frozenset()) -> str:
    workshop, words = workshops.get_named(workshop_id), words.strip()[:200]
    counts = queries.counts(workshop_id)
    number = queries.count_found(workshop_id, tab, words) if words or tab == "all" else counts.get(tab, 0)
    rows = queries.found(workshop_id, tab, words, limit=PAGE, offset=(page - 1) * PAGE)
    answers = questions.answers([row.id for row in rows])
    return render_template(
        "registrations/participants.html",
        workshop=workshop,
        tab=tab,
        words=words,
        rows=rows,
        pages=pages(number, page),
        counts=counts,
        names=state_names(),
        answers={number: lines(given) for number, given in answers.items()},
        holds=queries.holds(workshop_id, now()),
        awaited=queries.count_awaited(workshop_id),
        form=form,
        chosen=chosen,
        tongues=[lang for lang in LANGUAGES if any(row.lang == lang for row in rows)] if tab == "requested" else [],
        over=stage(workshop.state, workshop.starts_at, workshop.ends_at, now()) == "done",
    )


def _decided(done: Decided) -> str:
    words = []
    if done.seated:
        words.append(ngettext("One person has a seat.", "%(num)s people have a seat.", done.seated))
    if done.waiting:
        words.append(ngettext("One person is on the waiting list.", "%(num)s people are on the waiting list.", done.waiting))
    if done.declined:
        words.append(ngettext("One request is declined.", "%(num)s requests are declined.", done.declined))
    if done.late:
        late = ngettext(
            "One request had been decided or withdrawn before.", "%(num)s requests had been decided or withdrawn before.", done.late
        )
        words.append(late)
    return " ".join(words)


@door.get("/<int:registration_id>/cancel")
def ask_cancel(workshop_id: int, registration_id: int) -> str:
    """What giving up this seat will do, before it does."""
    registration = queries.get(registration_id)
    if registration.workshop_id != workshop_id:
        raise Missing
    waiting = queries.counts(workshop_id).get("waitlisted", 0) if line.moves(registration.workshop, now()) else 0
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
        "requested": _("Requests"),
        "confirmed": _("Confirmed"),
        "offered": _("Offered"),
        "waitlisted": _("Waiting list"),
        "unconfirmed": _("Address not confirmed"),
        "declined": _("Declined"),
        "cancelled": pgettext("registration", "Cancelled"),
    }
