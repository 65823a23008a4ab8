"""Which of two registrations of one person for one workshop counts, by how they stand; plain values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

SEATED = frozenset({"confirmed", "offered"})  # a calendar entry went out
WAITING = frozenset({"waitlisted", "requested"})
RANK = {"declined": 0, "cancelled": 0, "unconfirmed": 1, "requested": 2, "waitlisted": 3, "offered": 4, "confirmed": 5}


class Outcome(Enum):
    """What becomes of the registration under the proved address, and of the person's own."""

    FOLLOWS = "there is no other: it is the person's as it is"
    PASSES = "the own one takes over its seat, its offer, its turn or its request, and gives up what it had"
    ANSWERED = "one holds a seat until a mail is answered, which the proof does, and the other waits for just that: the seat is theirs"
    DOUBLE = "the own one stands as well or better, keeps the earlier turn of both, and the other is given up"
    PAST = "it is out already, or both are history: both stay as they are"


@dataclass(frozen=True)
class Standing:
    """How a registration stands."""

    state: str
    has_seat: bool = False


def outcome(proved: Standing, own: Standing | None, *, over: bool) -> Outcome:
    """`proved`: what was registered under the address that is proved now. `over`: who was there is history, and none is given up.

    Whom staff have declined does not come past them by typing another address: anybody may do that.
    """
    if own is None:
        return Outcome.FOLLOWS
    if RANK[proved.state] == 0:
        return Outcome.PAST
    for one, other in ((proved, own), (own, proved)):
        if not over and one.state == "unconfirmed" and one.has_seat and other.state in WAITING:
            return Outcome.ANSWERED
    if proved.state == "unconfirmed":
        better = own.state == "cancelled" or (own.state == "unconfirmed" and proved.has_seat and not own.has_seat)
    else:
        better = RANK[proved.state] > RANK[own.state]
    if better:
        return Outcome.PASSES
    return Outcome.PAST if over and proved.state != "unconfirmed" else Outcome.DOUBLE


def turn(priority: int, queued_at: datetime, number: int) -> tuple[int, datetime, int]:
    """What the line is ordered by: the smaller is first."""
    return -priority, queued_at, number
