"""What a change of a partnership's date means to whoever knew it as it was, and when that is told; plain values only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Literal

from app.membership.partnership.rules import Stand, instants
from app.registrations.coming.rules import by_day

What = Literal["added", "moved", "place", "called_off"]
QUIET = timedelta(minutes=5)  # several edits within it are one mail
NEW = "new"  # stands for what was before, of a date that was not there


def what(before: Stand | None, today: Stand, *, cancelled: bool, now: datetime) -> What | None:
    """What is to be told to whoever knew it as it stood `before` (None: of no such date); nothing about what is over, before and
    now, nor if all is as it was."""
    if before is None and cancelled:
        return None
    if all(instants(one)[1] <= now for one in (before, today) if one is not None):
        return None
    if before is None:
        return "added"
    if cancelled:
        return "called_off"
    if _moment(before) != _moment(today):
        return "moved"
    return "place" if before.place != today.place else None


def _moment(stand: Stand) -> tuple[date, date] | tuple[datetime, datetime]:
    """What tells one time from another: whole days are the same days, and an hour the same moment, by whichever wall it goes."""
    return (stand.starts_on, stand.ends_on) if stand.starts is None else instants(stand)


def leaves_at(now: datetime, zone: str, starts: Iterable[datetime]) -> datetime:
    """Five minutes after the last change, by day on the reader's clock; at night only if what it is about begins before the morning."""
    at = now + QUIET
    morning = by_day(at, zone)
    return at if any(now < start < morning for start in starts) else morning


def useful_until(at: datetime, ends: Iterable[datetime], usual: timedelta) -> datetime | None:
    """When all that it is about is over, if it could still be waiting then; None: it is tried for the `usual` time from `at`."""
    last = max(ends)
    return last if at < last < at + usual else None


def pack(before: Stand | None) -> str:
    """How it stood, as that stands in a mail's key until it leaves."""
    if before is None:
        return NEW
    hours = f"{before.starts:%H%M}{before.ends:%H%M}" if before.starts and before.ends else ""
    return f"{before.starts_on:%Y%m%d}{before.ends_on:%Y%m%d}{hours}:{before.zone}:{before.place}"


def unpack(words: str) -> Stand | None:
    """What pack() wrote."""
    if words == NEW:
        return None
    days, zone, place = words.split(":")
    starts, ends = (time.fromisoformat(days[16:20]), time.fromisoformat(days[20:])) if len(days) > 16 else (None, None)
    return Stand(date.fromisoformat(days[:8]), date.fromisoformat(days[8:16]), starts, ends, zone, place)
