"""What the network's other clocks show for a day that is being typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.languages import city, hours, weekday_short, zone
from app.languages import gettext as _
from app.web import ZONES
from app.workshops import rules
from app.workshops.fields import read_time
from app.workshops.rules import Day
from app.workshops.walls import of_wall

PART = re.compile(r"days-(\d{1,3})-on")


def lines(typed: Mapping[str, str]) -> dict[str, list[str]]:
    """For each day in the fields of the form: {id of its place: lines of text}; what is not finished is silent."""
    found = {}
    for name in typed:
        if match := PART.fullmatch(name):
            number = match.group(1)
            on, starts, ends = (typed.get(f"days-{number}-{part}", "") for part in ("on", "starts", "ends"))
            found[f"days-{number}-echo"] = words(on, starts, ends, typed.get("zone", ""))
    return found


def of_form(form: Any) -> dict[str, list[str]]:
    """The same for the days that a form holds, by the id of their row."""
    return {
        entry.id: words(entry.form.on.data or "", entry.form.starts.data or "", entry.form.ends.data or "", form.zone.data or "")
        for entry in form.days
    }


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
    except rules.WallProblem as problem:
        sentence = of_wall(problem)
        return [sentence[:1].upper() + sentence[1:]]
    except OverflowError:
        return []


def _line(day: Day, zone_name: str, other: str) -> str:
    starts, ends = rules.seen_from(day, zone_name, other)
    span = hours(starts, ends)
    if starts.date() != day.on:
        span = f"{weekday_short(starts.date())} {span}"
    return f"{span} {city(other)}"
