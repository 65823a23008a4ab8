"""Requests for a seat, where staff decide about each: granted, or declined with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.announcements import announce
from app.audit.service import Actor
from app.database import db, retrying, transaction
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.languages import language
from app.outbox import service as outbox
from app.registrations import mails, queries, seats
from app.registrations.log import note
from app.registrations.models import Registration
from app.registrations.service import seat_or_line
from app.workshops.models import Workshop
from app.workshops.rules import stage

LONGEST_REASON = 600


@dataclass(frozen=True)
class Decided:
    """What became of the requests; `late` are those that somebody had decided or withdrawn before, or whose account is closed."""

    seated: int = 0
    waiting: int = 0
    declined: int = 0
    late: int = 0


def approve(workshop_id: int, registration_ids: Sequence[int], *, by: Actor, now: datetime) -> Decided:
    """Each gets a seat, in the order in which they asked, or the place in the line that belongs to that moment.

    All or nothing. Raises Missing for somebody else's registration, Refused when the workshop does not take people any more.
    """
    return retrying(lambda: _approve(workshop_id, registration_ids, by=by, now=now))


def _approve(workshop_id: int, registration_ids: Sequence[int], *, by: Actor, now: datetime) -> Decided:
    with transaction():
        workshop, chosen = _chosen(workshop_id, registration_ids, now)
        if workshop.state != "published":
            raise Refused(_("The workshop is postponed. Requests can be approved when there is a new date."))
        open_ones = [one for one in chosen if one.state == "requested" and one.person.disabled_at is None]
        for registration in open_ones:
            seat_or_line(registration, now)
            db.session.flush()
            note("registration.approved", registration, by=by, now=now)
            note(f"registration.{registration.state}", registration, by=by, now=now)
            outbox.withdraw(f"registration:{registration.id}", kinds=["request"], state="superseded")
            outbox.queue(mails.answer(registration, approved=True), now=now)
        _announce(open_ones, now)
        seated = sum(one.holds_seat for one in open_ones)
        return Decided(seated=seated, waiting=len(open_ones) - seated, late=len(chosen) - len(open_ones))


def decline(workshop_id: int, registration_ids: Sequence[int], reasons: Mapping[str, str], *, by: Actor, now: datetime) -> Decided:
    """Each is told why in the own language. All or nothing. Raises Missing, Refused when a reason is missing or too long."""
    return retrying(lambda: _decline(workshop_id, registration_ids, reasons, by=by, now=now))


def _decline(workshop_id: int, registration_ids: Sequence[int], reasons: Mapping[str, str], *, by: Actor, now: datetime) -> Decided:
    with transaction():
        _workshop, chosen = _chosen(workshop_id, registration_ids, now)
        open_ones = [one for one in chosen if one.state == "requested"]
        refuse_reasons({one.lang for one in open_ones}, reasons)
        for registration in open_ones:
            registration.state, registration.reason = "declined", reasons[registration.lang]
            registration.cancelled_at, registration.cancelled_by = now, by.code
            seats.touch(registration, now)
            db.session.flush()
            note("registration.declined", registration, by=by, now=now)
            outbox.withdraw(f"registration:{registration.id}")
            outbox.queue(mails.declined(registration), now=now)
        _announce(open_ones, now)
        return Decided(declined=len(open_ones), late=len(chosen) - len(open_ones))


def _chosen(workshop_id: int, registration_ids: Sequence[int], now: datetime) -> tuple[Workshop, list[Registration]]:
    """The workshop, locked, and the registrations in the order in which people asked."""
    workshop = seats.lock(workshop_id)
    if workshop is None:
        raise Missing
    chosen = queries.chosen(workshop_id, registration_ids)
    if len(chosen) != len(set(registration_ids)):
        raise Missing
    if not chosen:
        raise Refused(_("Choose at least one person."))
    if workshop.state == "cancelled":
        raise Refused(_("The workshop is cancelled."))
    if stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done":
        raise Refused(_("The workshop is over."))
    return workshop, chosen


def refuse_reasons(langs: set[str], reasons: Mapping[str, str]) -> None:
    """Each language of those concerned needs its reason. Raises Refused."""
    found = {}
    for lang in sorted(langs):
        if not reasons.get(lang):
            found[f"reason_{lang}"] = _("Enter the reason in %(language)s", language=language(lang))
        elif len(reasons[lang]) > LONGEST_REASON:
            found[f"reason_{lang}"] = _("The reason must be %(max)s characters or fewer", max=LONGEST_REASON)
    if found:
        raise Refused(problems=found)


def _announce(changed: Sequence[Registration], now: datetime) -> None:
    """In the order of people, for two transactions that renew the same calendars in another order would wait for each other."""
    for registration in sorted(changed, key=lambda one: one.person_id):
        announce("registration_changed", registration=registration, now=now)
