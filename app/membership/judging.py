"""How halves stand with given numbers: workshops as rows of the period, people as numbers. Reads nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from app.membership.models import CommitmentRule
from app.membership.rules import HALVES, Ask, Chance, Half, half
from app.workshops.models import Workshop
from app.workshops.rules import region


class People(NamedTuple):
    """Of one organisation at one workshop: how many were there, how many have a seat."""

    attended: int = 0
    registered: int = 0


NOBODY = People()
Numbers = Mapping[int, People]  # by workshop


@dataclass(frozen=True)
class Doors:
    """Which workshops an organisation's people can still get into: free seats where they may register, or seats held for them."""

    free: Mapping[int, int]  # how many seats
    closed: frozenset[int]  # only for whom they invite
    invited: frozenset[tuple[int, int]]  # (workshop, organisation)
    held: Mapping[tuple[int, int], int]

    def open_to(self, organisation_id: int) -> dict[int, int]:
        """The workshops of one organisation, with how many seats."""
        invited = {workshop for workshop, organisation in self.invited if organisation == organisation_id}
        found = {workshop: seats for workshop, seats in self.free.items() if workshop not in self.closed or workshop in invited}
        for (workshop, organisation), seats in self.held.items():
            if organisation == organisation_id:
                found[workshop] = found.get(workshop, 0) + seats
        return found


class Judge:
    """Says how a half stands with these numbers; most people stand alike, and are judged once."""

    def __init__(self, rule: CommitmentRule, workshops: Mapping[int, Workshop], gone: Collection[int], now: datetime) -> None:
        self._workshops = {side: [w for w in workshops.values() if side_of(w, online=rule.online) == side] for side in HALVES}
        self._asks = {side: Ask(getattr(rule, side), 1 if rule.scope == "person" else rule.people, over_at(rule)) for side in HALVES}
        self._gone, self._now = gone, now
        self._known: dict[tuple[frozenset[tuple[int, int]], frozenset[str], frozenset[tuple[int, People]]], Mapping[str, Half]] = {}
        self._choices: Mapping[int, int] = {}
        self._choices_key: frozenset[tuple[int, int]] = frozenset()

    def turn_to(self, choices: Mapping[int, int]) -> None:
        """Whoever is judged from now on can come in at these workshops, on so many seats each."""
        self._choices, self._choices_key = choices, frozenset(choices.items())

    def halves(self, numbers: Numbers, let_off: Collection[str]) -> Mapping[str, Half]:
        """Both halves of whoever has these numbers and is let off these."""
        key = (self._choices_key, frozenset(let_off), frozenset(numbers.items()))
        if key not in self._known:
            self._known[key] = {side: self._half(side, numbers, waived=side in let_off) for side in HALVES}
        return self._known[key]

    def _half(self, side: str, numbers: Numbers, *, waived: bool) -> Half:
        ask = self._asks[side]
        chances = [self._chance(w, numbers.get(w.id, NOBODY), ask.people) for w in self._workshops[side]]
        return half(ask, chances, waived=waived, now=self._now)

    def _chance(self, workshop: Workshop, people: People, needed: int) -> Chance:
        return Chance(
            key=workshop.id,
            ends_at=ends_of(workshop),
            attended=people.attended,
            registered=people.registered,
            takes_place=workshop.state == "published" and workshop.id not in self._gone,
            has_seats=self._choices.get(workshop.id, 0) >= max(1, needed - people.registered),
            closes_at=workshop.closes_at or workshop.starts_at,
        )


def side_of(workshop: Workshop, *, online: bool) -> str:
    """The half that a workshop counts for; one held online for that of its country, where that counts at all."""
    return region(workshop.country, "on_site" if online else workshop.format)


def ends_of(workshop: Workshop) -> datetime:
    """Its last instant."""
    return workshop.ends_at or workshop.created_at


def over_at(rule: CommitmentRule) -> datetime:
    """When the last day of the period is over everywhere on earth: twelve hours after it is in Greenwich."""
    return datetime.combine(rule.ends_on + timedelta(days=1), time(12), UTC)
