"""Staff: who comes to a workshop, and what is done about one, or many at once."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Missing, Refused
from app.languages import LANGUAGES, country, ngettext
from app.languages import gettext as _
from app.questions import queries as questions
from app.questions.shown import lines
from app.registrations import queries, service
from app.registrations.forms import Act, DecideForm
from app.registrations.listing import bulk, filters, shown
from app.registrations.listing import queries as listing
from app.registrations.listing.bulk import Done
from app.registrations.listing.filters import Filter, Selection
from app.registrations.waiting import terms
from app.web import PAGE, Door, get_me, page_number, pages
from app.workshops import queries as workshops
from app.workshops.rules import stage

door = Door(__name__, "/staff/workshops/<int:workshop_id>/participants")
Page = str | Response | tuple[str, int]


@door.get("/")
def participants(workshop_id: int) -> str:
    """Tabs with counts, one search, and what narrows the list."""
    return _participants(workshop_id, filters.read(request.args), page_number(), DecideForm())


@door.post("/act")
def act(workshop_id: int) -> Page:
    """What the button will do to those chosen; with `sure`, who was seen, it does it. All or nothing."""
    form, selection, wanted = DecideForm(), _selection(), request.form.get("act", "")
    workshops.get_named(workshop_id)
    valid = form.validate_on_submit()
    if wanted not in bulk.FITS:
        form.refuse(Refused(_("Choose what to do with those chosen.")))
        return _chosen_again(workshop_id, selection, form)
    seen = request.form.get("sure", "")
    if not valid or not seen:
        return _ask(workshop_id, selection, wanted, form)
    try:
        done = _do(workshop_id, selection, wanted, form, seen)
    except Refused as refusal:
        form.refuse(refusal)
        return _ask(workshop_id, selection, wanted, form)
    flash(shown.done(wanted, done))
    if done.left:
        flash(
            ngettext("One person stood otherwise, and was left alone.", "%(num)s people stood otherwise, and were left alone.", done.left)
        )
    return redirect(url_for(".participants", workshop_id=workshop_id, **selection.filter.arguments()), 303)


def _selection() -> Selection:
    return filters.read_selection(request.form, request.form.getlist("chosen"))


def _do(workshop_id: int, selection: Selection, wanted: str, form: DecideForm, seen: str) -> Done:
    by, at = person(get_me()), now()
    reasons = {lang: form[f"reason_{lang}"].data for lang in LANGUAGES}
    if wanted == "approve":
        return bulk.approve(workshop_id, selection, seen=seen, by=by, now=at)
    if wanted == "decline":
        return bulk.decline(workshop_id, selection, reasons, seen=seen, by=by, now=at)
    if wanted == "promote":
        return bulk.promote(workshop_id, selection, seen=seen, by=by, now=at)
    return bulk.cancel(workshop_id, selection, reasons, seen=seen, by=by, now=at)


def _ask(workshop_id: int, selection: Selection, wanted: str, form: DecideForm) -> Page:
    """The page before the act: how many, who, and why where they are told why."""
    try:
        chosen = bulk.counted(workshop_id, selection)
    except Refused as refusal:
        form.refuse(refusal)
        return _chosen_again(workshop_id, selection, form)
    fitting = [one for one in chosen if one.state in bulk.FITS[wanted]]
    page = render_template(
        "registrations/act.html",
        workshop=workshops.get_named(workshop_id),
        selection=selection,
        act=wanted,
        words=shown.acts()[wanted],
        seen=bulk.sight(selection, chosen),
        fitting=fitting,
        named=fitting[:12],
        left=len(chosen) - len(fitting),
        form=form,
        tongues=[lang for lang in LANGUAGES if any(one.lang == lang and one.state != "unconfirmed" for one in fitting)],
    )
    return (page, 422) if form.form_errors or form.errors else page


def _chosen_again(workshop_id: int, selection: Selection, form: DecideForm) -> tuple[str, int]:
    """The list, with what was chosen and why nothing came of it."""
    return _participants(workshop_id, selection.filter, 1, form, frozenset(selection.numbers or ())), 422


def _participants(workshop_id: int, wanted: Filter, page: int, form: DecideForm, chosen: AbstractSet[int] = frozenset()) -> str:
    workshop = workshops.get_named(workshop_id)
    own = queries.own_words(workshop_id) if wanted.words else {}
    counts = listing.counts(workshop_id, wanted, own=own)
    around = pages(counts.get(wanted.tab, 0), page)
    rows = listing.page(workshop_id, wanted, size=PAGE, after=(page - 1) * PAGE, own=own)
    answers = questions.answers([row.registration.id for row in rows])
    organisations = listing.organisations(workshop_id)
    over = stage(workshop.state, workshop.starts_at, workshop.ends_at, now()) == "done"
    return render_template(
        "registrations/participants.html",
        workshop=workshop,
        filter=wanted,
        rows=rows,
        pages=around,
        counts=counts,
        tabs_of=shown.tabs(),
        state_of=shown.states(),
        kinds=shown.kinds(),
        organisations=organisations,
        countries=sorted({(code, country(code)) for _number, _name, code in organisations}, key=lambda one: one[1]),
        answers={number: lines(given) for number, given in answers.items()},
        holds=queries.holds(workshop_id, now()),
        queue=queries.queue_counts(workshop_id),
        form=form,
        chosen=chosen,
        acts=shown.fitting(workshop.state, over=over, states={row.registration.state for row in rows}),
        over=over,
    )


@door.get("/<int:registration_id>/cancel")
def ask_cancel(workshop_id: int, registration_id: int) -> str:
    """What giving up this seat will do, before it does."""
    registration = queries.get(registration_id)
    if registration.workshop_id != workshop_id:
        raise Missing
    waiting = queries.counts(workshop_id).get("waitlisted", 0) if terms.moves(registration.workshop, now()) else 0
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
