"""What of all that could be said one person's digest says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.accounts.models import Person
from app.membership import shown as membership
from app.membership.queries import Progress
from app.membership.shown import Missing
from app.registrations.coming.rules import is_awaited
from app.registrations.models import Registration
from app.reminders.digest.queries import Facts
from app.reminders.digest.rules import NEW, SOON, admits
from app.workshops.models import Workshop
from app.workshops.rules import registration_state


@dataclass(frozen=True)
class Choice:
    """The rows of one digest. Nothing stands in it twice."""

    coming: Sequence[Registration]
    awaited: Sequence[tuple[str, Registration]]  # offer, date, answers
    needed: Sequence[Missing]
    new: Sequence[Workshop]
    closing: Sequence[Workshop]

    def says_something(self, now: datetime) -> bool:
        """A seat months ahead alone is no news, week after week."""
        near = any(one.workshop.starts_at is not None and one.workshop.starts_at <= now + SOON for one in self.coming)
        return bool(near or self.awaited or self.needed or self.new or self.closing)


def choose(person: Person, facts: Facts, now: datetime, zone: str) -> Choice:
    """What concerns this person, in the language in force. `zone`: of the own clock."""
    ahead = facts.ahead.get(person.id, [])
    mine = facts.organisation.get(person.id)
    busy = [one.workshop for one in ahead if one.state == "confirmed"]
    registered = {one.workshop_id for one in ahead}
    lacking = _lacking(person, facts.progress.get(mine, []) if mine is not None else [], busy, now, zone)
    needed = [one for one in lacking if one.workshop.id not in registered and _lets_in(one.workshop, mine, facts)]
    known = registered | {one.workshop.id for one in needed}
    others = [one for one in facts.open if one.id not in known and _lets_in(one, mine, facts)]
    new = [one for one in others if one.published_at is not None and now - NEW <= one.published_at and _is_open(one, now)]
    closing = [one for one in others if one not in new and _is_open(one, now) and _closes(one) <= now + SOON]
    awaited = [(kind, one) for one in ahead if (kind := _awaited(one, facts, now))]
    return Choice(ahead, awaited, needed, new, sorted(closing, key=_closes))


def _lacking(person: Person, progresses: Sequence[Progress], busy: Sequence[Workshop], now: datetime, zone: str) -> list[Missing]:
    """What would close a half of each network that asks, the most urgent first; of the reader where each person is asked."""
    found: list[Missing] = []
    for progress in progresses:
        own = next((one for one in progress.each if one.person_id == person.id), None)
        found += membership.missing(progress, now, zone, busy, halves=own.halves if own else None)
    return sorted(found, key=lambda one: (not one.urgent, one.days_left))


def _awaited(one: Registration, facts: Facts, now: datetime) -> str:
    if one.state == "offered":
        return "offer" if one.held_until is not None and one.held_until > now else ""
    if is_awaited(one.state, one.asked_at, one.answered_at):
        return "date"
    return "answers" if one.id in facts.unanswered else ""


def _lets_in(workshop: Workshop, mine: int | None, facts: Facts) -> bool:
    invited = mine in facts.invited.get(workshop.id, frozenset())
    return admits(workshop.access, member=(workshop.network_id, mine) in facts.members, invited=invited)


def _is_open(workshop: Workshop, now: datetime) -> bool:
    return registration_state(workshop, now) in {"open", "full", "not_yet"}


def _closes(workshop: Workshop) -> datetime:
    return workshop.closes_at or workshop.starts_at or workshop.changed_at
