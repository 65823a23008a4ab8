"""A workshop's days, written so that a day that moves stays the same row, and with it the same entry in calendars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import update

from app.database import changed, db
from app.workshops.models import Workshop, WorkshopDay
from app.workshops.values import Day, Values
from app.workshops.walltime import instant
from app.workshops.writing import programme


def write(workshop: Workshop, values: Values, now: datetime, *, shown: bool, raised: bool, uid: Callable[[], str]) -> None:
    """Makes the rows what `values` say, and the workshop's start and end with them.

    `shown`: every entry says something new, `raised`: so much that calendars must be told (RFC 5545 section 3.8.7.4).
    An unmoved day of an otherwise unchanged workshop keeps its row as it is, and its entry byte for byte. The workshop's
    own columns must not be touched before: its version is to rise by one.
    """
    wanted = sorted(values.days)
    pairs = pair(workshop.days, wanted)
    before = {row.id: (number, len(workshop.days)) for number, row in enumerate(workshop.days, 1)}
    kept = {row.id for row in pairs if row is not None}
    public = workshop.state != "draft"
    _save_sessions(workshop, [row for row in pairs if row is not None], values, now, public=public)
    for gone in [row for row in workshop.days if row.id not in kept]:
        workshop.days.remove(gone)
    if len(kept) < len(before):
        db.session.flush()  # what is taken away leaves its date free
    _make_way(pairs, wanted)
    for number, (row, day) in enumerate(zip(pairs, wanted, strict=True), 1):
        starts_at, ends_at = instant(day.on, day.starts, values.zone), instant(day.on, day.ends, values.zone)
        if row is None:
            workshop.days.append(
                WorkshopDay(
                    on=day.on, starts=day.starts, ends=day.ends, starts_at=starts_at, ends_at=ends_at,
                    uid=uid(), sequence=0, created_at=now, changed_at=now,
                )
            )  # fmt: skip
            continue
        moved = (row.on, row.starts, row.ends, row.starts_at, row.ends_at) != (day.on, day.starts, day.ends, starts_at, ends_at)
        if moved or shown or before[row.id] != (number, len(wanted)):
            row.changed_at = now
        row.sequence += public and (moved or raised)
        row.on, row.starts, row.ends, row.starts_at, row.ends_at = day.on, day.starts, day.ends, starts_at, ends_at
    instants = [(row.starts_at, row.ends_at) for row in workshop.days]
    workshop.starts_at = min((start for start, _end in instants), default=None)
    workshop.ends_at = max((end for _start, end in instants), default=None)


def _save_sessions(workshop: Workshop, kept: Sequence[WorkshopDay], values: Values, now: datetime, *, public: bool) -> None:
    """Sessions that only change their day are not to go with the day that is taken away: they wait on one that stays."""
    wanted = {session.id for session in values.sessions if session.id is not None}
    for gone in workshop.days:
        for session in list(gone.sessions) if kept and gone not in kept else ():
            if session.id in wanted:
                programme.carry(session, kept[0], now, public=public)


def pair(rows: Sequence[WorkshopDay], wanted: Sequence[Day]) -> list[WorkshopDay | None]:
    """For each wanted day its row: the one it names, else the one of its date, else the first that is left over."""
    left = list(rows)
    found: list[WorkshopDay | None] = [None] * len(wanted)

    def take(index: int, row: WorkshopDay | None) -> None:
        if row is not None:
            left.remove(row)
            found[index] = row

    for index, day in enumerate(wanted):
        take(index, next((row for row in left if day.id is not None and row.id == day.id), None))
    for index, day in enumerate(wanted):
        if found[index] is None:
            take(index, next((row for row in left if row.on == day.on), None))
    for index in range(len(wanted)):
        if found[index] is None and left:
            take(index, left[0])
    return found


def matched(rows: Sequence[WorkshopDay], wanted: Sequence[Day]) -> dict[int, tuple[int, Day]]:
    """{row: (place in the form, day)} of the rows that stay, as write() will pair them."""
    places = sorted(range(len(wanted)), key=lambda place: wanted[place])
    pairs = pair(rows, [wanted[place] for place in places])
    return {row.id: (place, wanted[place]) for place, row in zip(places, pairs, strict=True) if row is not None}


def _make_way(pairs: Sequence[WorkshopDay | None], wanted: Sequence[Day]) -> None:
    """Days that change places would meet on a date, which the database refuses: they step aside first."""
    moving = [(row, day.on) for row, day in zip(pairs, wanted, strict=True) if row is not None and row.on != day.on]
    taken = {row.on for row, _on in moving}
    if any(on in taken for _row, on in moving):
        for row, _on in moving:
            aside = date.min + timedelta(days=row.id % 500_000)
            changed(update(WorkshopDay).where(WorkshopDay.id == row.id).values(on=aside))
