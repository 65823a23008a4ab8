"""A month as a table of weeks: every day with what happens on it, by the calendar of its own place."""

from __future__ import annotations

import re
from calendar import Calendar
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta

from flask import url_for

from app.calendars import Years
from app.languages import gettext as _
from app.languages import month_name
from app.web import PAGE
from app.workshops.models import Workshop, WorkshopDay
from app.workshops.showing.shown import moved_label, other_lang, wall

MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
MOST = PAGE  # events that a page names
_weeks_of = Calendar().monthdatescalendar  # from Monday


@dataclass(frozen=True)
class Event:
    """A workshop on one of its days. `named`: its title stands here, as on its first day and on every Monday."""

    url: str
    title: str
    lang: str | None
    line: str
    day_of: str
    named: bool
    state: str
    word: str


@dataclass(frozen=True)
class Cell:
    """A day of the table; `inside` the month or not; `more`: how many events stand on the page of its week alone."""

    on: date
    inside: bool
    events: list[Event]
    more: int = 0


@dataclass(frozen=True)
class Week:
    """A row of the table, with its number (ISO 8601)."""

    number: int
    cells: list[Cell]

    @property
    def cut(self) -> bool:
        """Whether more happens in it than is named."""
        return any(cell.more for cell in self.cells)


def read(text: str) -> date | None:
    """'2026-11' as its first day; nothing if it is no month."""
    found = MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found and found[1] != "0000" else None


def code(month: date) -> str:
    """As it stands in an address: '2026-11'."""
    return f"{month.year:04}-{month.month:02}"


def within(month: date, years: Years, today: date) -> bool:
    """Whether the month has a page: those of the networks' years have one, and today's. The calendar itself ends in 9999."""
    return month.year < MAXYEAR and (years.first <= month.year <= years.last or month == today.replace(day=1))


def last_of(month: date) -> date:
    """Its last day."""
    return after(month) - timedelta(days=1)


def before(month: date) -> date:
    """The first day of the month before."""
    return (month - timedelta(days=1)).replace(day=1)


def after(month: date) -> date:
    """The first day of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


def name(month: date) -> str:
    """'November 2026', 'noviembre de 2026', as within a sentence."""
    return _("%(month)s %(year)s", month=month_name(month), year=month.year)


def weeks(month: date, workshops: Sequence[Workshop], only: int | None = None) -> list[Week]:
    """The table, or one week of it. What is called off stands on its old days, with a word that says so.

    Of a month that is too full each day names the first ones; the week's own page names more.
    """
    events: dict[date, list[Event]] = {}
    for workshop in workshops:
        for number, day in enumerate(workshop.days, 1):
            events.setdefault(day.on, []).append(_event(workshop, day, number))
    shown = [days for days in _weeks_of(month.year, month.month) if only in {None, days[0].isocalendar().week}]
    inside = {day: events.get(day, []) for days in shown for day in days if day.month == month.month}
    most = _most(inside.values())
    return [Week(days[0].isocalendar().week, [_cell(day, inside.get(day), most) for day in days]) for days in shown]


def _most(days: Collection[Sequence[Event]]) -> int:
    """How many events a day may name, one at least, so that the page stays light."""
    most = max(map(len, days), default=0)
    while most > 1 and sum(min(most, len(events)) for events in days) > MOST:
        most -= 1
    return most


def _cell(day: date, events: list[Event] | None, most: int) -> Cell:
    found = events or []
    if len(found) > most:
        found = sorted(found, key=lambda one: not one.named)  # what goes on has its title on another day
    return Cell(day, inside=events is not None, events=found[:most], more=len(found) - len(found[:most]))


def _event(workshop: Workshop, day: WorkshopDay, number: int) -> Event:
    total = len(workshop.days)
    place = _("Online") if workshop.format == "online" else workshop.place
    follows = number > 1 and workshop.days[number - 2].on == day.on - timedelta(days=1)
    state, word = _state(workshop)
    return Event(
        url=url_for("workshops_public.workshop", slug=workshop.slug),
        title=workshop.text.title,
        lang=other_lang(workshop.text.lang),
        line=" ".join(part for part in (wall(day, workshop.zone), place) if part),
        day_of=_("Day %(number)s of %(total)s", number=number, total=total) if total > 1 else "",
        named=not follows or day.on.weekday() == 0 or day.on.day == 1,
        state=state,
        word=word,
    )


def _state(workshop: Workshop) -> tuple[str, str]:
    if workshop.state == "cancelled":
        return "cancelled", _("Cancelled")
    if workshop.state == "postponed":
        return "postponed", _("Postponed")
    return ("moved", moved_label(workshop)) if workshop.moved_from else ("", "")
