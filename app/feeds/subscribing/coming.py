"""The next entries of a public calendar, as a calendar program shows them: made by the same code as the calendar itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.calendars import Entry, Hours, Status
from app.database import db
from app.feeds.partnerships import making as dates
from app.feeds.queries import shown_under
from app.feeds.rules import PARTNERSHIP
from app.languages import current, hours
from app.languages import gettext as _
from app.membership.models import PartnershipEvent
from app.workshops.models import Workshop, WorkshopDay
from app.workshops.queries import programme
from app.workshops.showing import entries

SHOWN = 5
READ = 3 * SHOWN  # days: of one that has begun, all that makes entries may be over
TODAY = timedelta(days=2)  # a bar of whole days is seen longer than the last hour of the last of them


@dataclass(frozen=True)
class Line:
    """One entry, on the reader's clock."""

    first: date
    last: date
    hours: str
    title: str
    lang: str | None  # of the title, if it is not the page's
    where: str
    off: bool
    again: bool  # on the same day as the one above it


def coming(name: str, lang: str, level: str, zone: str, *, now: datetime) -> list[Line]:
    """The next entries of a calendar, soonest first, with those that are under way. Raises Missing for one that does not exist."""
    if name.startswith(PARTNERSHIP):
        made = dates.shown(dates.public_dates(name, PartnershipEvent.ends_at > now - TODAY), lang, level)
    else:
        made = _entries(_workshops(name, level, now), lang, level)
    ahead = sorted((entry for entry in made if _ends(entry) > now), key=lambda entry: (_starts(entry), entry.uid))
    lines: list[Line] = []
    for entry in ahead[:SHOWN]:
        lines.append(_line(entry, zone, lines[-1] if lines else None))
    return lines


def _workshops(name: str, level: str, now: datetime) -> Sequence[Workshop]:
    """Those that the next entries are of: by their days, because one that began long ago may go on next month."""
    shown = shown_under(name)
    if level == "overview":
        wanted = select(Workshop).where(*shown, Workshop.ends_at > now - TODAY).order_by(Workshop.starts_at, Workshop.id).limit(READ)
    else:
        days = select(WorkshopDay.workshop_id).join(WorkshopDay.workshop).where(*shown, WorkshopDay.ends_at > now)
        next_days = days.order_by(WorkshopDay.starts_at, WorkshopDay.id).limit(READ)
        wanted = select(Workshop).where(Workshop.id.in_(next_days)).order_by(Workshop.starts_at, Workshop.id)
    wanted = wanted.options(selectinload(Workshop.texts), selectinload(Workshop.days), joinedload(Workshop.network))
    return db.session.scalars(wanted.options(programme()) if level == "sessions" else wanted).all()


def _entries(workshops: Sequence[Workshop], lang: str, level: str) -> list[Entry]:
    if level == "overview":
        return [entries.overview(workshop, lang) for workshop in workshops if workshop.days]
    of = entries.sessions if level == "sessions" else entries.daily
    return [entry for workshop in workshops for entry in of(workshop, lang)]


def _starts(entry: Entry) -> datetime:
    return entry.when.starts if isinstance(entry.when, Hours) else datetime.combine(entry.when.first_day, time.min, UTC)


def _ends(entry: Entry) -> datetime:
    """A bar is seen until the end of its last day."""
    return entry.when.ends if isinstance(entry.when, Hours) else datetime.combine(entry.when.last_day + timedelta(days=1), time.min, UTC)


def _line(entry: Entry, zone: str, above: Line | None) -> Line:
    if isinstance(entry.when, Hours):
        starts, ends = (at.astimezone(ZoneInfo(zone)) for at in (entry.when.starts, entry.when.ends))
        first, last = starts.date(), ends.date() if ends - starts > timedelta(days=1) else starts.date()  # past midnight is one day
        span = hours(starts, ends)
    else:
        first, last, span = entry.when.first_day, entry.when.last_day, _("All day")
    return Line(
        first=first,
        last=last,
        hours=span,
        title=entry.summary,
        lang=entry.lang if entry.lang != current() else None,
        where=entry.location,
        off=entry.status is Status.CANCELLED,
        again=above is not None and (above.first, above.last) == (first, last),
    )
