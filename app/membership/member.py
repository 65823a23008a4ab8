"""A member's own page: the commitment of the municipality, what is missing, what comes next, the delegation, the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.accounts import places
from app.accounts import queries as people
from app.accounts.models import Affiliation
from app.audit.service import person as actor
from app.clock import now
from app.errors import Missing
from app.languages import gettext as _
from app.languages import moment
from app.membership import people as colleagues
from app.membership import queries, shown
from app.membership.interest import queries as interests
from app.membership.interest.shown import standing
from app.organisations import queries as organisations
from app.registrations import queries as registrations
from app.registrations.coming.rules import is_awaited
from app.registrations.models import Registration
from app.web import PAGE, Door, get_me, reader_zone
from app.workshops.models import Workshop
from app.workshops.showing.shown import Row, Tag, row

door = Door(__name__, "/me")
REMEMBERED = timedelta(days=60)  # a decision about an expression of interest


@dataclass(frozen=True)
class AskedOfMe:
    """One rule in words: what it asks, how both halves stand, and what is missing."""

    words: str
    halves: list[shown.HalfShown]
    missing: list[shown.Missing]


@door.get("/")
def home() -> str:
    """Everything that is one's own, on one page."""
    me = get_me()
    instant = now()
    today = instant.astimezone(ZoneInfo(reader_zone())).date()
    affiliation, asks = people.places_of(me, instant.date())
    coordinates = affiliation.organisation_id if affiliation and affiliation.role == "coordinator" else None
    delegation, asking = colleagues.delegation(coordinates, instant.date(), asking=PAGE) if coordinates else ([], [])
    ahead = registrations.ahead_of_person(me.id, instant)
    busy = [one.workshop for one in ahead if one.state == "confirmed" and one.workshop.state == "published"]
    return render_template(
        "membership/my_home.html",
        affiliation=affiliation,
        here=today,
        first_name=me.name.split()[0],
        asked=(asked_of_me := _asked(affiliation, me.id, instant, busy)),
        missing=_each_once(asked_of_me),
        rows=[_row(one, instant) for one in ahead],
        to_answer=[question for one in ahead if (question := _to_answer(one, instant)) is not None],
        not_confirmed=places.not_confirmed(asks.organisation.name) if asks else "",
        delegation=delegation,
        asking=asking,
        interests=[standing(one, me.id) for one in interests.of_person(me.id, instant - REMEMBERED)],
    )


@door.post("/delegation/<int:person_id>/confirm")
def confirm(person_id: int) -> Response:
    """The coordinator knows them: they belong to the own organisation."""
    row = places.confirm(person_id, _coordinated(), by=actor(get_me()), now=now())
    flash(_("%(name)s belongs to %(organisation)s from now on.", name=row.person.name, organisation=row.organisation.name))
    return redirect(url_for(".home", _anchor="delegation"), 303)


@door.post("/delegation/<int:person_id>/decline")
def decline(person_id: int) -> Response:
    """The coordinator does not know them, or knows better."""
    declined = places.decline(person_id, _coordinated(), by=actor(get_me()), now=now())
    flash(_("%(name)s does not belong there. That is written down.", name=declined.name))
    return redirect(url_for(".home", _anchor="delegation"), 303)


def _coordinated() -> int:
    """The organisation whose delegation stands on the own page; for everybody else there is no such page."""
    mine = people.affiliation_of(get_me(), now().date())
    if mine is None or mine.role != "coordinator":
        raise Missing
    return mine.organisation_id


def _asked(affiliation: Affiliation | None, me_id: int, instant: datetime, busy: Sequence[Workshop]) -> list[AskedOfMe]:
    """How far the own municipality, or the reader, is with each rule in force, if it belongs to the network that asks."""
    if affiliation is None:
        return []
    home, today = affiliation.organisation_id, instant.date()
    networks = organisations.in_force(today)
    found = []
    for rule in [rule for network in networks for rule in queries.rules_on(queries.rules_of(network.id, member=home), today)]:
        progress = queries.progress_of(rule, [affiliation.organisation], instant, titled=True)[0]
        own = next((one for one in progress.each if one.person_id == me_id), None)
        halves = [shown.own_half(progress, own, side) if own else shown.half_of(progress, side) for side in progress.halves]
        missing = shown.missing(progress, instant, reader_zone(), busy, halves=own.halves if own else None)
        found.append(AskedOfMe(shown.asked(rule), halves, missing))
    return found


def _each_once(asked: Sequence[AskedOfMe]) -> list[shown.Missing]:
    """What is missing under any rule, a half of a workshop once, the most urgent first."""
    found = {(one.side, one.workshop.id): one for rule in reversed(asked) for one in rule.missing}
    return sorted(found.values(), key=lambda one: (not one.urgent, one.days_left))


def _to_answer(registration: Registration, instant: datetime) -> tuple[str, str, str] | None:
    """(question, title, address) of what waits for one's answer: an offered seat, a new date; None if nothing does."""
    workshop, until = registration.workshop, registration.held_until
    if workshop.state != "published":
        return None
    url = url_for("registrations_member.registration", registration_id=registration.id)
    if registration.state == "offered" and until is not None and until > instant:
        return _("A seat is offered to you until %(when)s", when=moment(until, reader_zone())), workshop.text.title, url
    if is_awaited(registration.state, registration.asked_at, registration.answered_at):
        return _("There is a new date: can you still come?"), workshop.text.title, url
    return None


def _row(registration: Registration, instant: datetime) -> Row:
    plain = row(registration.workshop, reader_zone(), instant)
    if registration.workshop.state != "published":
        return replace(plain, seats=None)
    waits = _("Request sent") if registration.state == "requested" else _("On the waiting list")
    tag: Any = Tag("quiet", "check", _("Registered")) if registration.state == "confirmed" else Tag("outline", "clock", waits)
    if registration.state == "offered":
        tag = Tag("asks", "clock", _("Seat offered"))
    return replace(plain, tag=tag, seats=None, note=None)
