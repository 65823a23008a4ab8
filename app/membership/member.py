"""A member's own page: the commitment of the municipality, what is missing, what comes next, the delegation, the calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template

from app.accounts.models import Affiliation, Person
from app.accounts.queries import affiliation_of
from app.clock import now
from app.languages import gettext as _
from app.membership import queries, shown
from app.membership.queries import Progress
from app.organisations import queries as organisations
from app.registrations import queries as registrations
from app.registrations.models import Registration
from app.web import Door, get_me, reader_zone
from app.workshops.shown import Row, Tag, row

door = Door(__name__, "/me")


@door.get("/")
def home() -> str:
    """Everything that is one's own, on one page."""
    me: Person = get_me()
    instant = now()
    today = instant.astimezone(ZoneInfo(reader_zone())).date()
    affiliation = affiliation_of(me, today)
    progress = _progress(affiliation, instant)
    coordinator = affiliation is not None and affiliation.role == "coordinator"
    return render_template(
        "membership/my_home.html",
        affiliation=affiliation,
        here=today,
        first_name=me.name.split()[0],
        progress=progress,
        asked=shown.asked(progress.rule) if progress else "",
        halves=[shown.half_of(progress, side) for side in progress.halves] if progress else [],
        missing=shown.missing(progress, instant, reader_zone()) if progress else [],
        rows=_next(me, instant),
        delegation=queries.delegation(affiliation.organisation_id, today) if affiliation and coordinator else [],
    )


def _progress(affiliation: Affiliation | None, instant: datetime) -> Progress | None:
    """How far the own municipality is, if it belongs to the network in force and that asks for something."""
    network = organisations.find_current(instant.date())
    if affiliation is None or network is None:
        return None
    rule = queries.rule_on(queries.rules_of(network.id), instant.date())
    member = any(m.network_id == network.id and m.left_on is None for m in organisations.memberships(affiliation.organisation_id))
    if rule is None or not member:
        return None
    return queries.progress_of(rule, [affiliation.organisation], instant)[0]


def _next(me: Person, instant: datetime) -> list[Row]:
    """What one is registered for and is not over; the tag says how one stands."""
    mine = [r for r in registrations.of_person(me.id) if r.state in {"confirmed", "waitlisted", "offered", "requested"}]
    return [_row(r, instant) for r in mine if r.workshop.ends_at is not None and r.workshop.ends_at > instant]


def _row(registration: Registration, instant: datetime) -> Row:
    plain = row(registration.workshop, reader_zone(), instant)
    if registration.workshop.state != "published":
        return replace(plain, seats=None)
    confirmed = registration.state == "confirmed"
    tag: Any = Tag("quiet", "check", _("Registered")) if confirmed else Tag("outline", "clock", _("On the waiting list"))
    return replace(plain, tag=tag, seats=None, note=None)
