"""A coordinator's delegation at one workshop, and somebody who goes instead of me."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import sessions
from app.audit.service import person
from app.clock import now
from app.delegations import handing, queries, service
from app.delegations.forms import DelegationForm
from app.delegations.service import TooFew
from app.errors import Refused
from app.languages import ngettext
from app.registrations import queries as registrations
from app.registrations import service as registering
from app.registrations import shown as showing
from app.registrations.models import Registration
from app.web import Door, get_me, reader_zone, row_number

door = Door(__name__, "/me/delegation/<int:workshop_id>")
own_door = Door(__name__, "/me/registrations", name="substitutes_member")
Page = str | Response | tuple[str, int]


@door.get("/")
def delegation(workshop_id: int) -> str:
    """Who is named, which seats are held, and the form to name more."""
    return _page(workshop_id, DelegationForm())


@door.post("/")
def register(workshop_id: int) -> Page:
    """All who are named, or nobody; another row, without effect."""
    me = sessions.me()
    workshop, organisation = queries.get(workshop_id, me.id, now())
    form = DelegationForm()
    chosen = [number for word in request.form.getlist("chosen") if (number := row_number(word)) is not None]
    if request.form.get("act") == "row":
        return _page(workshop_id, form, frozenset(chosen))
    if not form.validate_on_submit():
        return _page(workshop_id, form, frozenset(chosen)), 422
    try:
        wanted = [(workshop.id, form.colleagues(chosen))]
        done = service.register_delegation(wanted, organisation.id, by=me, now=now(), waiting=request.form.get("act") == "waiting")
    except TooFew as refusal:
        return _page(workshop_id, form, frozenset(chosen), refusal), 422
    except Refused as refusal:
        form.refuse(refusal)
        return _page(workshop_id, form, frozenset(chosen)), 422
    flash(_said(done))
    return redirect(url_for(".delegation", workshop_id=workshop_id), 303)


@door.route("/substitute/<int:registration_id>", methods=["GET", "POST"])
def substitute(workshop_id: int, registration_id: int) -> Page:
    """Somebody of the delegation cannot come: who comes instead."""
    me = get_me()
    workshop, organisation = queries.get(workshop_id, me.id, now())
    found = queries.get_named(workshop.id, organisation.id, registration_id)
    back = url_for(".delegation", workshop_id=workshop_id)
    return handing.page(found, "coordinator", back, by=person(me))


@own_door.route("/<int:registration_id>/substitute", methods=["GET", "POST"])
def instead(registration_id: int) -> Page:
    """Somebody goes instead of me."""
    me = get_me()
    found = registrations.get_own(registration_id, me.id)
    back = url_for("registrations_member.registration", registration_id=registration_id)
    return handing.page(found, "self", back, by=person(me))


def _page(workshop_id: int, form: DelegationForm, chosen: AbstractSet[int] = frozenset(), short: TooFew | None = None) -> str:
    at = now()
    workshop, organisation = queries.get(workshop_id, get_me().id, at)
    rows = queries.named(workshop.id, organisation.id)
    there = {row.person_id for row in rows}
    return render_template(
        "delegations/delegation.html",
        workshop=workshop,
        organisation=organisation,
        rows=rows,
        states=showing.states(),
        people=[one for one in queries.people(organisation.id, at.date()) if one.id not in there],
        hold=queries.hold(workshop.id, organisation.id, at),
        form=form,
        chosen=chosen,
        short=short,
        shut=registering.why_shut(workshop, at),
        passes=handing.passes(rows, at),
        zone=reader_zone(),
    )


def _said(done: Sequence[Registration]) -> str:
    seated = sum(one.state == "confirmed" for one in done)
    asked = sum(one.state == "requested" for one in done)
    waiting = len(done) - seated - asked
    words = []
    if seated:
        words.append(ngettext("One person has a seat.", "%(num)s people have a seat.", seated))
    if asked:
        words.append(ngettext("One request has been sent.", "%(num)s requests have been sent.", asked))
    if waiting:
        words.append(ngettext("One person is on the waiting list.", "%(num)s people are on the waiting list.", waiting))
    return " ".join(words)
