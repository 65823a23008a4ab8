"""A coordinator's delegation at one workshop, and somebody who goes instead of me."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import limits, sessions
from app.audit.service import person
from app.clock import now
from app.delegations import handing, queries, service, substitutes
from app.delegations.forms import DelegationForm, MixForm
from app.delegations.mix import queries as mixed
from app.delegations.mix import service as mixing
from app.delegations.mix import shown as words
from app.delegations.mix.rules import Counted
from app.delegations.queries import Sent
from app.delegations.service import TooFew
from app.errors import Missing, Refused, TooMany
from app.languages import gettext as _
from app.languages import ngettext
from app.questions import queries as questions
from app.registrations import queries as registrations
from app.registrations import service as registering
from app.registrations import shown as showing
from app.registrations.models import Registration
from app.web import Door, get_me, reader_zone, row_number

door = Door(__name__, "/me/delegation/<int:workshop_id>")
list_door = Door(__name__, "/me/delegations", name="delegations_list_member")
own_door = Door(__name__, "/me/registrations", name="substitutes_member")
Page = str | Response | tuple[str, int]


@list_door.get("/")
def delegations() -> str:
    """The coming workshops to which the own organisations may send people."""
    me, at = get_me(), now()
    mine = queries.coordinated(me.id, at.date())
    if not mine:
        raise Missing
    return render_template("delegations/list.html", rows=queries.coming(me.id, at), organisations=mine)


@door.get("/")
def delegation(workshop_id: int) -> str:
    """Who is named, which seats are held, and the form to name more."""
    return _page(workshop_id, DelegationForm())


@door.post("/")
def register(workshop_id: int) -> Page:
    """All who are named, or nobody; another row, without effect."""
    me = sessions.me()
    sent = queries.get(workshop_id, me.id, now(), _wanted())
    form = DelegationForm()
    chosen = [number for word in request.form.getlist("chosen") if (number := row_number(word)) is not None]
    if request.form.get("act") == "row":
        return _page(workshop_id, form, frozenset(chosen))
    if not form.validate_on_submit():
        return _page(workshop_id, form, frozenset(chosen)), 422
    try:
        limits.for_naming(me.id, now())
        wanted = [(workshop_id, form.colleagues(chosen))]
        done = service.register_delegation(wanted, sent.organisation.id, by=me, now=now(), waiting=request.form.get("act") == "waiting")
    except TooFew as refusal:
        return _page(workshop_id, form, frozenset(chosen), refusal), 422
    except Refused as refusal:
        form.refuse(refusal)
        return _page(workshop_id, form, frozenset(chosen)), 422
    except TooMany as refusal:
        form.refuse(Refused(refusal.message))
        return _page(workshop_id, form, frozenset(chosen)), 429
    flash(_said(done))
    return redirect(_address(sent), 303)


@door.post("/mix")
def mix(workshop_id: int) -> Page:
    """As what they come, and two numbers. Nothing depends on it."""
    me = sessions.me()
    sent = queries.get(workshop_id, me.id, now(), _wanted())
    form = MixForm()
    if not form.validate_on_submit():
        return _page(workshop_id, DelegationForm(), mix=form), 422
    try:
        mixing.say(workshop_id, sent.organisation.id, form.kinds(), form.sides(), by=me, now=now())
    except Refused as refusal:
        form.refuse(refusal)
        return _page(workshop_id, DelegationForm(), mix=form), 422
    flash(_("The mix is saved."))
    return redirect(_address(sent), 303)


@door.route("/substitute/<int:registration_id>", methods=["GET", "POST"])
def substitute(workshop_id: int, registration_id: int) -> Page:
    """Somebody of the delegation cannot come: who comes instead."""
    found, back = _named(workshop_id, registration_id)
    return handing.page(found, "coordinator", back, by=person(get_me()))


@door.get("/give-back/<int:registration_id>")
def ask_back(workshop_id: int, registration_id: int) -> str | Response:
    """What taking somebody off does, before it does."""
    found, back = _named(workshop_id, registration_id)
    if words := substitutes.why_not_back(found, now()):
        flash(words, "error")
        return redirect(back, 303)
    return render_template("delegations/give_back.html", registration=found, back=back)


@door.post("/give-back/<int:registration_id>")
def give_back(workshop_id: int, registration_id: int) -> Response:
    """Takes somebody off whom the delegation has named: the seat goes to the next in line, and the person is told."""
    found, back = _named(workshop_id, registration_id)
    try:
        name = substitutes.give_back(found.id, by=sessions.me(), now=now()).person.name
        flash(_("%(name)s is no longer registered and has been told.", name=name))
    except Refused as refusal:
        flash(refusal.message, "error")
    return redirect(back, 303)


def _named(workshop_id: int, registration_id: int) -> tuple[Registration, str]:
    """Somebody of a delegation that is mine to send, and the address of its page. Raises Missing."""
    found = queries.get_named(workshop_id, registration_id)
    return found, _address(queries.get(workshop_id, get_me().id, now(), found.organisation_id))


@own_door.route("/<int:registration_id>/substitute", methods=["GET", "POST"])
def instead(registration_id: int) -> Page:
    """Somebody goes instead of me."""
    me = get_me()
    found = registrations.get_own(registration_id, me.id)
    back = url_for("registrations_member.registration", registration_id=registration_id)
    return handing.page(found, "self", back, by=person(me))


def _page(
    workshop_id: int,
    form: DelegationForm,
    chosen: AbstractSet[int] = frozenset(),
    short: TooFew | None = None,
    mix: MixForm | None = None,
) -> str:
    at = now()
    sent = queries.get(workshop_id, get_me().id, at, _wanted())
    workshop, organisation = sent.workshop, sent.organisation
    rows = queries.named(workshop.id, organisation.id)
    there = {row.person_id for row in rows}
    counted = mixed.counted(workshop.id, organisation.id).get(organisation.id, Counted())
    return render_template(
        "delegations/delegation.html",
        workshop=workshop,
        organisation=organisation,
        choices=sent.choices,
        rows=rows,
        awaited=questions.awaited(workshop.id, [row.id for row in rows]),
        states=showing.states(),
        people=[one for one in queries.people(organisation.id, at.date()) if one.id not in there],
        hold=queries.hold(workshop.id, organisation.id, at),
        form=form,
        mix=mix or MixForm(formdata=None, data=words.typed(counted)),
        counts=words.counts(counted) if rows else [],
        advice=words.sentence(counted),
        of=organisation.id if len(sent.choices) > 1 else None,
        chosen=chosen,
        short=short,
        shut=registering.why_shut(workshop, at),
        passes=handing.passes(rows, at),
        zone=reader_zone(),
    )


def _wanted() -> int | None:
    """Which of several organisations the address names; no number is nobody's."""
    word = request.args.get("of")
    return None if word is None else row_number(word) or 0


def _address(sent: Sent) -> str:
    """The delegation's page; whoever coordinates several organisations has one for each."""
    of = sent.organisation.id if len(sent.choices) > 1 else None
    return url_for("delegations_member.delegation", workshop_id=sent.workshop.id, of=of)


def _said(done: Sequence[Registration]) -> str:
    seated = sum(one.state == "confirmed" for one in done)
    asked = sum(one.state == "requested" for one in done)
    waiting = len(done) - seated - asked
    told = []
    if seated:
        told.append(ngettext("One person has a seat.", "%(num)s people have a seat.", seated))
    if asked:
        told.append(ngettext("One request has been sent.", "%(num)s requests have been sent.", asked))
    if waiting:
        told.append(ngettext("One person is on the waiting list.", "%(num)s people are on the waiting list.", waiting))
    return " ".join(told)
