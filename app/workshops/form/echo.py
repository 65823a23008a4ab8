"""What the network's other clocks show for a day that is being typed, and what there is to know about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from typing import Any

from markupsafe import Markup

from app.languages import city, hours, weekday_short, zone
from app.languages import gettext as _
from app.web import ZONES
from app.workshops import walltime
from app.workshops.checking import advice
from app.workshops.checking.advice import Around, Sentence
from app.workshops.checking.walls import of_wall
from app.workshops.form.fields import read_time
from app.workshops.form.forms import COUNTRIES
from app.workshops.values import Day

PART = re.compile(r"days-(\d{1,3})-on")
HINTS = "days-hints"
Row = tuple[str, str, str]  # day, start, end, as they are typed


def lines(typed: Mapping[str, str], around: Around) -> dict[str, list[Any]]:
    """For each day in the fields of the form {id of its place: lines of text}, and the hints under them as pieces of text;
    what is not finished is silent."""
    rows = {name: _row(typed, match.group(1)) for name in typed if (match := PART.fullmatch(name))}
    found: dict[str, list[Any]] = {name.removesuffix("on") + "echo": words(*row, typed.get("zone", "")) for name, row in rows.items()}
    sentences = _hints(list(rows.values()), typed.get("zone", ""), typed.get("format", ""), typed.get("country", ""), around)
    return found | {HINTS: [[asdict(piece) for piece in sentence] for sentence in sentences]}


def _row(typed: Mapping[str, str], number: str) -> Row:
    on, starts, ends = (typed.get(f"days-{number}-{part}", "") for part in ("on", "starts", "ends"))
    return on, starts, ends


def of_form(form: Any) -> dict[str, list[str]]:
    """The same for the days that a form holds, by the id of their row."""
    return {entry.id: words(*_typed(entry), form.zone.data or "") for entry in form.days}


def hints_of(form: Any, around: Around) -> list[Markup]:
    """The hints under the days that a form holds."""
    rows = [_typed(entry) for entry in form.days]
    return [advice.html(one) for one in _hints(rows, form.zone.data or "", form.format.data or "", form.country.data or "", around)]


def _typed(entry: Any) -> Row:
    return entry.form.on.data or "", entry.form.starts.data or "", entry.form.ends.data or ""


def _hints(rows: Sequence[Row], zone_name: str, form: str, country: str, around: Around) -> list[Sentence]:
    """A clock of another country first, then working hours, then holidays, for which the date is enough."""
    dates, days = [], []
    for on, starts, ends in rows:
        with suppress(ValueError):
            dates.append(date.fromisoformat(on))
            days.append(Day(dates[-1], read_time(starts), read_time(ends)))
    own = country if country in COUNTRIES else None
    feasts = advice.of_holidays(dates, own, around)
    try:
        zone(zone_name)
    except ValueError:
        return feasts
    clock = advice.of_clock(zone_name, own, form, dates)
    return [*([clock] if clock else []), *advice.of_hours(days, zone_name, form or "on_site", around), *feasts]


def words(on: str, starts: str, ends: str, zone_name: str) -> list[str]:
    """'17:00-00:00 Stockholm' for each other clock; a sentence if the hours are no real ones."""
    try:
        zone(zone_name)
        day = Day(date.fromisoformat(on), read_time(starts), read_time(ends))
    except ValueError:
        return []
    if day.ends <= day.starts:
        return [_("The end must be later than the start")]
    try:
        return [_line(day, zone_name, other) for other in ZONES if other != zone_name]
    except walltime.WallProblem as problem:
        sentence = of_wall(problem)
        return [sentence[:1].upper() + sentence[1:]]
    except OverflowError:
        return []


def _line(day: Day, zone_name: str, other: str) -> str:
    starts, ends = walltime.seen_from(day, zone_name, other)
    span = hours(starts, ends)
    if starts.date() != day.on:
        span = f"{weekday_short(starts.date())} {span}"
    return f"{span} {city(other)}"
