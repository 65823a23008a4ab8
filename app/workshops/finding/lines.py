"""Rows of long lists as finished HTML, and lines of searches, kept in memory until the workshop, its seats or its state are others.

A change of a workshop raises its version (so does a change of its texts and days), a seat its count; time moves its state.
So the key that a row is kept by changes with whatever the row shows, in every process, and nothing needs to be told.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from flask import current_app, get_template_attribute
from markupsafe import Markup

from app.languages import current
from app.workshops import queries
from app.workshops.finding import table
from app.workshops.finding.heads import Head
from app.workshops.models import Workshop
from app.workshops.rules import registration_state, stage
from app.workshops.showing import shown

KEY = "app.workshops.finding.lines"
MOST = 5000  # rows kept; about 1 kB each
T = TypeVar("T")


def by_month(heads: Sequence[Head], zone: str, now: datetime) -> list[tuple[date, list[Markup]]]:
    """Rows of the public list under the month in which each begins, in the order given; two clocks, the reader's second."""
    macro = get_template_attribute("parts/rows.html", "event_row")
    made = _finished(
        heads,
        lambda one: ("public", zone, registration_state(one, now)),
        lambda workshop: Markup(macro(shown.row(workshop, zone, now))),  # noqa: S704  a template of ours made it
    )
    months: list[tuple[date, list[Markup]]] = []
    for head, row in zip(heads, made, strict=True):
        begins = cast(datetime, head.starts_at)  # nothing is public without a day
        month = begins.astimezone(ZoneInfo(head.zone)).date().replace(day=1)
        if not months or months[-1][0] != month:
            months.append((month, []))
        months[-1][1].append(row)
    return months


def for_staff(heads: Sequence[Head], now: datetime) -> list[Markup]:
    """Rows of the staff's table."""
    macro = get_template_attribute("workshops/_parts.html", "staff_row")
    return _finished(
        heads,
        lambda one: ("staff", "", stage(one.state, one.starts_at, one.ends_at, now)),
        lambda workshop: Markup(macro(table.staff_row(workshop, now))),  # noqa: S704  a template of ours made it
    )


def of_search(heads: Sequence[Head], now: datetime, make: Callable[[Workshop], T], *, public: bool) -> list[T]:
    """Whatever a search makes of those that it has found, for anybody or for staff."""

    def about(one: Head | Workshop) -> tuple[str, str, str]:
        if public:
            return "found", "", registration_state(one, now)
        return "found by staff", "", stage(one.state, one.starts_at, one.ends_at, now)

    return _finished(heads, about, make)


def _finished(heads: Sequence[Head], about: Callable[[Any], tuple[str, str, str]], make: Callable[[Workshop], T]) -> list[T]:
    """Those kept, and those made now out of three statements however many they are."""
    shelf: dict[Hashable, T] = current_app.extensions.setdefault(KEY, {})
    lang = current()

    def key(one: Any) -> Hashable:
        return (*about(one), lang, one.id, one.version, one.changed_at, one.taken, one.capacity)

    found = {head.id: shelf.get(key(head)) for head in heads}
    missing = [number for number, row in found.items() if row is None]
    if len(shelf) + len(missing) > MOST:
        shelf.clear()
    for workshop in queries.with_words(missing) if missing else ():
        shelf[key(workshop)] = found[workshop.id] = make(workshop)
    return [row for head in heads if (row := found[head.id]) is not None]
