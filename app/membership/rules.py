"""The commitment: what a network asks, and how far an organisation has come with each half; plain values only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

State = Literal["met", "booked", "open", "risk", "missed", "waived"]

HALVES = ("latin_america", "sweden")
STATES: tuple[State, ...] = ("met", "booked", "open", "risk", "missed", "waived")
URGENCY: tuple[State, ...] = ("risk", "missed", "open", "booked", "met", "waived")  # what staff look at first
SOON = timedelta(days=30)


@dataclass(frozen=True)
class Ask:
    """So many workshops of a half, each with at least so many people of the organisation, before the period is over."""

    workshops: int
    people: int
    over_at: datetime


@dataclass(frozen=True)
class Chance:
    """A workshop of that half in the period, as one organisation meets it."""

    key: int
    ends_at: datetime
    attended: int = 0  # people of the organisation who were there
    registered: int = 0  # people of the organisation who have a seat
    takes_place: bool = True  # neither cancelled nor postponed
    has_seats: bool = True
    closes_at: datetime | None = None  # of registration


@dataclass(frozen=True)
class Half:
    """The state of one half, and the workshops that explain it."""

    state: State
    met: tuple[int, ...] = ()
    booked: tuple[int, ...] = ()
    choices: tuple[int, ...] = ()  # those that would still close it, the next to close first
    closes_at: datetime | None = None  # when so many of the choices have closed that too few are left: the day it turns missed


def half(ask: Ask, chances: Sequence[Chance], *, waived: bool, now: datetime) -> Half:
    """One of six states.

    Met: enough workshops attended, each to its end. Booked: with those that lie ahead it will be enough. Waived: let off, or nothing asked.
    Missed: the period is over, or too few workshops are left. At risk: no more are left than are needed, or within 30 days
    too few will be. Open: there is time.
    """
    met = tuple(c.key for c in chances if c.ends_at <= now and c.attended >= ask.people)
    booked = tuple(c.key for c in chances if c.key not in met and _lies_ahead(c, now) and c.registered >= ask.people)
    needed = ask.workshops - len(met)
    if ask.workshops > 0 and needed <= 0:
        return Half("met", met, booked)
    if waived or ask.workshops == 0:
        return Half("waived", met, booked)
    needed -= len(booked)
    if needed <= 0:
        return Half("booked", met, booked)
    left = sorted((c for c in chances if c.key not in met + booked and _can_be_chosen(c, now)), key=_closes)
    choices = tuple(c.key for c in left)
    if now >= ask.over_at or len(choices) < needed:
        return Half("missed", met, booked, choices)
    turns_at = _closes(left[-needed])
    tight = len(choices) <= needed or turns_at - now <= SOON
    return Half("risk" if tight else "open", met, booked, choices, turns_at)


def last(halves: Sequence[Half]) -> Half | None:
    """Of several people's, how the one stands who needs looking after first; of those who stand alike, whose day comes first."""
    far = datetime.max.replace(tzinfo=UTC)
    return min(halves, key=lambda one: (URGENCY.index(one.state), one.closes_at or far), default=None)


def _lies_ahead(chance: Chance, now: datetime) -> bool:
    return chance.takes_place and chance.ends_at > now


def _can_be_chosen(chance: Chance, now: datetime) -> bool:
    return chance.takes_place and chance.has_seats and _closes(chance) > now


def _closes(chance: Chance) -> datetime:
    return chance.closes_at or chance.ends_at


def urgency(latin_america: State, sweden: State) -> tuple[int, int]:
    """Orders organisations: at risk, missed, open, booked, met."""
    ranks = sorted((URGENCY.index(latin_america), URGENCY.index(sweden)))
    return ranks[0], ranks[1]
