"""A partnership's own calendar, out of its public dates: kept and refreshed as all public ones are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import current_app
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from app import calendars
from app.calendars import Entry, Hours, Years
from app.database import quick
from app.feeds.models import CalendarHorizon
from app.feeds.rules import PARTNERSHIP
from app.membership.models import Partnership, PartnershipEvent
from app.membership.partnership.entries import Dated, dated, entry
from app.membership.partnership.rules import MOST_YEARS
from app.membership.told import area_name, pair_name
from app.organisations.models import Organisation
from app.workshops.showing.entries import years


def made(name: str, title: str, lang: str, level: str) -> bytes:
    """The calendar of that name."""
    entries = shown(public_dates(name, not_left_behind()), lang, level)
    those = widened(years(), entries)
    pieces = [calendars.render_entry(one, those) for one in entries]
    return calendars.feed(title, pieces, those, lang=lang)


def public_dates(name: str, *conditions: ColumnElement[bool]) -> list[Dated]:
    """What everybody may see of the partnership of that name, oldest first."""
    return dated(Partnership.slug == name.removeprefix(PARTNERSHIP), PartnershipEvent.public.is_(True), *conditions)


def shown(rows: Sequence[Dated], lang: str, level: str) -> list[Entry]:
    """Dates as entries."""
    config = current_app.config["CONFIG"]
    return [entry(row, lang, level, config) for row in rows]


def not_left_behind() -> ColumnElement[bool]:
    """What ended longer than KEPT_PAST before the scheduler last looked has left every calendar to subscribe to."""
    horizon = select(CalendarHorizon.name).where(CalendarHorizon.name == "past", CalendarHorizon.at >= PartnershipEvent.ends_at)
    return ~horizon.correlate(PartnershipEvent).exists()


def widened(years: Years, entries: Iterable[Entry]) -> Years:
    """The years for which clocks' rules are told: a project goes on when the networks' periods are over, but not for ever."""
    spans = [(one.when.starts.year, one.when.ends.year) for one in entries if isinstance(one.when, Hours)]
    first = min([years.first, *(first for first, _last in spans)])
    last = max([years.last, *(last for _first, last in spans)])
    return Years(first, min(last, years.last + MOST_YEARS))


def title(name: str) -> str:
    """'Umeå and Bogotá: urban planning', in the language in force; nothing for a partnership that does not exist."""
    west, east = aliased(Organisation), aliased(Organisation)
    wanted = select(east.place, west.place, Partnership.area).join(west, west.id == Partnership.left_id)
    wanted = wanted.join(east, east.id == Partnership.right_id).where(Partnership.slug == name.removeprefix(PARTNERSHIP))
    rows = quick(wanted)
    return f"{pair_name(rows[0][0], rows[0][1])}: {area_name(rows[0][2])}" if rows else ""
