"""If a workshop did not take place: whose halves would stand otherwise. Worked out by the code that says how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.errors import Missing
from app.membership import queries
from app.membership.judging import ends_of, side_of
from app.membership.models import CommitmentRule
from app.membership.queries import Progress
from app.membership.rules import HALVES, URGENCY, State
from app.membership.shown import HalfShown, half_of
from app.organisations.models import Organisation
from app.workshops.models import Workshop

SHORT: tuple[State, ...] = ("risk", "missed")


@dataclass(frozen=True)
class Fall:
    """A half of a member, before and after."""

    organisation: Organisation
    side: str
    before: HalfShown
    after: HalfShown


@dataclass(frozen=True)
class WhatIf:
    """All whose halves change, those first who would fall short."""

    workshop: Workshop
    falls: Sequence[Fall]
    short: int  # members that would be at risk or have missed it, and are not now


def _states(one: Progress, side: str) -> list[State]:
    """Of the organisation, and of each of its people who are asked."""
    return [one.halves[side].state, *(each.halves[side].state for each in one.each)]


def _short(one: Progress, side: str) -> int:
    """How many fall short: of its people, where each is asked."""
    return sum(state in SHORT for state in (_states(one, side)[1:] or _states(one, side)))


def coming(found: Sequence[Progress], now: datetime) -> list[Workshop]:
    """The workshops of the period that count for a half and could still be called off."""
    workshops = [one for one in found[0].workshops.values() if one.state == "published" and ends_of(one) > now] if found else []
    return [one for one in workshops if side_of(one, online=found[0].rule.online) in HALVES]


def without(rule: CommitmentRule, members: Sequence[Organisation], workshop_id: int, now: datetime) -> WhatIf:
    """How all members would stand. Raises Missing for a workshop that is over or none of the period's."""
    before = queries.progress_of(rule, members, now, titled=True)
    after = queries.progress_of(rule, members, now, titled=True, without=[workshop_id])
    workshop = next((one for one in coming(before, now) if one.id == workshop_id), None)
    if workshop is None:
        raise Missing
    pairs = [(one, other, side) for one, other in zip(before, after, strict=True) for side in HALVES]
    changed = [(one, other, side) for one, other, side in pairs if _states(one, side) != _states(other, side)]
    falls = [Fall(one.organisation, side, half_of(one, side), half_of(other, side)) for one, other, side in changed]
    fallen = {one.organisation.id for one, other, side in changed if _short(other, side) > _short(one, side)}
    return WhatIf(workshop, sorted(falls, key=lambda fall: URGENCY.index(fall.after.state)), len(fallen))
