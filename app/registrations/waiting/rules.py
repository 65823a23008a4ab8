"""How long an offer stands, and until when the waiting list moves; plain values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING, EVENING = time(8), time(20)  # nobody is written to at another hour, if it can wait
LEAST = timedelta(hours=12)  # an offer of less is none: the seat is given at once
LONG = timedelta(hours=24)  # an offer of as much is reminded of
BEFORE = timedelta(hours=12)  # … so long before it lapses
MOST_LAPSES = 2  # so often a seat is offered to somebody who does not answer


@dataclass(frozen=True)
class Terms:
    """How one workshop's waiting list moves: with an offer of so long or at once, until `ends_at`."""

    offers: bool
    offer: timedelta
    ends_at: datetime | None

    def moves(self, now: datetime) -> bool:
        """Whether a free seat goes to the first in line; afterwards it is whoever's takes it."""
        return self.ends_at is not None and now < self.ends_at

    def deadline(self, now: datetime) -> datetime | None:
        """Until when a seat that is free now is offered; None when it is given at once.

        Never later than the line moves. What would be too short to answer is no offer.
        """
        if not self.offers or self.ends_at is None:
            return None
        until = min(now + self.offer, self.ends_at)
        return until if until - now >= min(LEAST, self.offer) else None

    def kept(self, until: datetime, now: datetime) -> datetime | None:
        """What becomes of the deadline of an open offer when the workshop moves: None gives the seat at once."""
        if self.ends_at is None or until <= self.ends_at:
            return until
        return self.ends_at if self.ends_at - now >= min(LEAST, self.offer) else None


def ends_at(starts_at: datetime | None, closes_at: datetime | None, hours: int) -> datetime | None:
    """When the line stops: so many hours before the start; with none, when it starts or as long as people may register."""
    if starts_at is None:
        return None
    return starts_at - timedelta(hours=hours) if hours else max(starts_at, closes_at or starts_at)


def reminder_at(offered_at: datetime, until: datetime, zone: str) -> datetime | None:
    """When somebody who has not answered is reminded of the offer, by day on the own clock; None for a short offer."""
    if until - offered_at < LONG:
        return None
    at = until - BEFORE
    wall = at.astimezone(ZoneInfo(zone))
    if not MORNING <= wall.time() <= EVENING:
        on = wall.date() if wall.time() > EVENING else wall.date() - timedelta(days=1)
        at = datetime.combine(on, EVENING, ZoneInfo(zone)).astimezone(UTC)
    return at if at > offered_at else None
