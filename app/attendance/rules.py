"""Which halves a day has, who has attended and for how long; plain values only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

MIDDAY = time(13)  # where a day falls into its halves, on the workshop's own clock: after lunch
HALVES = ("morning", "afternoon")
WAYS = ("on_site", "online")
BEFORE, AFTER = timedelta(days=7), timedelta(days=2)  # how near a workshop is for those who help at its door
CODE = re.compile("[A-HJ-NP-Z2-9]{8}")


@dataclass(frozen=True)
class Slot:
    """What somebody can be present at: half a day of a workshop, or a session at which attendance is taken by itself."""

    day_id: int
    on: date
    starts: time
    ends: time
    half: str = ""
    session_id: int | None = None

    @property
    def code(self) -> str:
        """'12-morning' or 's34', as addresses and forms name it."""
        return f"{self.day_id}-{self.half}" if self.half else f"s{self.session_id}"


@dataclass(frozen=True)
class Day:
    """A day of a workshop on its wall, with the sessions at which attendance is taken: (number, start, end)."""

    id: int
    on: date
    starts: time
    ends: time
    sessions: tuple[tuple[int, time, time], ...] = ()


def halves(starts: time, ends: time) -> tuple[str, ...]:
    """The halves that a day of these hours has: one of 09:00 to 12:00 has no afternoon."""
    return tuple(half for half, there in zip(HALVES, (starts < MIDDAY, ends > MIDDAY), strict=True) if there)


def slots(days: Sequence[Day]) -> tuple[Slot, ...]:
    """All that one can be present at, in the order of time: of what begins together, the half-day first."""
    found = [slot for day in days for slot in _of_day(day)]
    return tuple(sorted(found, key=lambda slot: (slot.on, slot.starts, slot.session_id or 0)))


def _of_day(day: Day) -> Iterator[Slot]:
    for half in halves(day.starts, day.ends):
        starts, ends = (day.starts, min(day.ends, MIDDAY)) if half == "morning" else (max(day.starts, MIDDAY), day.ends)
        yield Slot(day.id, day.on, starts, ends, half)
    for number, starts, ends in day.sessions:
        yield Slot(day.id, day.on, starts, ends, session_id=number)


def opens(slot: Slot, all_slots: Sequence[Slot]) -> time:
    """From when on its day a half-day is the one that people are checked in for: the first half from midnight."""
    first = next(other for other in all_slots if other.day_id == slot.day_id and other.half)
    return time() if slot == first else slot.starts


def current(all_slots: Sequence[Slot], local: datetime) -> Slot | None:
    """The half-day that people are checked in for at this hour of the workshop's own clock: the last that has opened, else the first."""
    half_days = [slot for slot in all_slots if slot.half]
    begun = [slot for slot in half_days if (slot.on, opens(slot, all_slots)) <= (local.date(), local.time())]
    return begun[-1] if begun else next(iter(half_days), None)


def attended(marks: Collection[str], half_days: Collection[str], threshold: int) -> bool:
    """Whether somebody with these marks (codes) was there for at least `threshold` per cent of the half-days; never with none."""
    there = len(set(marks) & set(half_days))
    return there > 0 and there * 100 >= threshold * len(half_days)


def minutes_attended(all_slots: Iterable[Slot], marks: Collection[str]) -> int:
    """How long somebody with these marks was there, in minutes.

    A half-day counts with the hours of its day, cut at 13:00; a session counts where it lies outside the half-days
    that count already. Nothing counts twice.
    """
    spans = sorted((slot.on, _minute(slot.starts), _minute(slot.ends)) for slot in all_slots if slot.code in marks)
    total, until = 0, (date.min, 0)
    for on, starts, ends in spans:
        begin = max(starts, until[1]) if on == until[0] else starts
        total += max(0, ends - begin)
        until = (on, max(ends, begin))
    return total


def _minute(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def is_no_show(marks: Collection[str], *, over: bool) -> bool:
    """Whether somebody with a seat never came: not to be said before the end."""
    return over and not marks


def the_way(workshop_format: str, wished: str) -> str:
    """How somebody takes part: only a workshop of both kinds leaves a choice."""
    return wished if workshop_format == "both" and wished in WAYS else "online" if workshop_format == "online" else "on_site"


def is_near(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> bool:
    """Whether it is time to check people in, or nearly, or just over: what check-in helpers see, and nothing else."""
    return starts_at is not None and ends_at is not None and starts_at - BEFORE <= now <= ends_at + AFTER


def code_in(typed: str) -> str:
    """The check-in code in what was typed or scanned: the code alone, however written, or the address of the square; else nothing."""
    found = re.search(r"[?&]code=([^&#]*)", typed)
    plain = re.sub(r"[\s-]", "", found[1] if found else typed).upper()
    return plain if CODE.fullmatch(plain) else ""
