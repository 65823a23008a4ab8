"""Rules that hang on the end of an offered seat: their mail is written with the offer, in the transaction that makes it.

So there are no occurrences of them: whoever accepts, declines or lets the offer lapse takes back its mails as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from app.registrations.models import Registration
from app.registrations.waiting.leads import Lead, Leads
from app.reminders import queries
from app.reminders.models import ReminderRule
from app.reminders.rules import Standing, civil_instant, due_instant, fits, known_zone
from app.workshops.models import Workshop

ANCHOR = "offer_lapses"


def remind(workshop: Workshop, into: Leads) -> None:
    """Adds the reminders of an offer at this workshop. If there is a rule, on or off, none goes that is merely usual."""
    there = queries.rules_about(workshop, ANCHOR)
    into.ruled = bool(there)
    if any(rule.enabled for rule in there):
        holding = [rule for rule in queries.rules_of([workshop])[workshop.id] if rule.anchor == ANCHOR]
        into.found.extend(Lead(f"rule:{rule.id}.{rule.version}", _due(rule)) for rule in holding if fits(rule.applies_to, workshop.format))


def _due(rule: ReminderRule) -> Callable[[Registration], datetime | None]:
    def due(registration: Registration) -> datetime | None:
        """By day on the own clock; None for whom it is not, and where the offer is too short for it."""
        until, zone = registration.held_until, known_zone(registration.person.zone, registration.workshop.zone)
        if until is None or not _is_for(rule, registration):
            return None
        at = civil_instant(due_instant(until, rule.offset, rule.unit, rule.at_local, zone), zone)
        return at if at > registration.changed_at else None

    return due


def _is_for(rule: ReminderRule, registration: Registration) -> bool:
    comes_as = registration.comes_as or registration.person.kind
    standing = Standing("offered", there=False, noted=False, comes_as=comes_as, organisation_id=registration.organisation_id)
    return replace(rule.whom, audience="offered").takes(standing)
