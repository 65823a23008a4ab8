"""When an offered seat is reminded of: as the rules of reminders say, which are asked by announcement, or else as is usual."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.announcements import announce
from app.registrations.models import Registration
from app.registrations.waiting.rules import reminder_at
from app.workshops.models import Workshop

RULE = re.compile(r"rule:\d+\.\d+")


@dataclass(frozen=True)
class Lead:
    """One reminder of an offered seat: whose rule it is ('rule:5.2', its number and version), and when it leaves, if at all."""

    key: str
    due: Callable[[Registration], datetime | None]


@dataclass
class Leads:
    """What `offer_reminders(workshop=, into=)` is answered with: `ruled` if there are rules about it, even if switched off."""

    ruled: bool = False
    found: list[Lead] = field(default_factory=list)


def leads_of(workshop: Workshop) -> list[Lead]:
    """The reminders of an offer at this workshop."""
    into = Leads()
    announce("offer_reminders", workshop=workshop, into=into)
    return into.found if into.ruled else [Lead("", _usual)]


def lead_in(dedupe: str) -> str:
    """Which of the rules the key of a mail names; nothing for the usual one."""
    found = RULE.search(dedupe)
    return found[0] if found else ""


def _usual(registration: Registration) -> datetime | None:
    until = registration.held_until
    return reminder_at(registration.changed_at, until, registration.person.zone) if until else None
