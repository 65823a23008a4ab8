"""A partnership's dates as entries of calendars: plain values from rows, so that equal values give equal bytes.

A date is one entry from its first hour to its last, whatever the level of detail: a visit is a stay. As a bar, one of several days
takes whole days.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from app import mailer
from app.calendars import Address, Days, Entry, Hours, Status
from app.config import Config
from app.database import connection, is_writing, quick
from app.languages import city, hours, using, weekday_short, weekdayless
from app.languages import gettext as _
from app.membership.models import Partnership, PartnershipEvent
from app.membership.partnership.rules import DEADLINES
from app.membership.partnership.shown import kind_name, title_in
from app.membership.told import area_name, pair_name
from app.organisations.models import Organisation


class Dated(NamedTuple):
    """A date, and what its entry says of the partnership; `left` and `right` are the places, with the clocks there."""

    id: int
    partnership_id: int
    kind: str
    titles: dict[str, str]
    place: str
    zone: str
    starts_on: date
    starts: time | None
    ends_on: date
    ends: time | None
    starts_at: datetime
    ends_at: datetime
    public: bool
    done: bool
    cancelled: bool
    uid: str
    sequence: int
    created_at: datetime
    changed_at: datetime
    moved_at: datetime | None
    slug: str
    area: str
    left: str
    right: str
    left_zone: str
    right_zone: str

    @property
    def is_deadline(self) -> bool:
        """Whether something is to be there by then: nobody is busy."""
        return self.kind in DEADLINES


OF_EVENT = tuple(getattr(PartnershipEvent, name) for name in Dated._fields[:-6])
WEST, EAST = aliased(Organisation), aliased(Organisation)


def dated(*conditions: ColumnElement[bool]) -> list[Dated]:
    """The dates for which these hold, oldest first; one statement, no objects. In a transaction it sees what that has written."""
    wanted = select(*OF_EVENT, Partnership.slug, Partnership.area, WEST.place, EAST.place, WEST.zone, EAST.zone)
    wanted = wanted.join(Partnership, Partnership.id == PartnershipEvent.partnership_id)
    wanted = wanted.join(WEST, WEST.id == Partnership.left_id).join(EAST, EAST.id == Partnership.right_id)
    wanted = wanted.where(*conditions).order_by(PartnershipEvent.starts_at, PartnershipEvent.id)
    return [Dated._make(row) for row in (connection().execute(wanted) if is_writing() else quick(wanted))]


def entry(row: Dated, lang: str, level: str, config: Config) -> Entry:
    """A date as everybody may see it: without an alarm, in fixed facts."""
    with using(lang):
        url = page_url(row, lang)
        return Entry(
            uid=row.uid,
            sequence=row.sequence,
            created=row.created_at,
            changed=row.changed_at,
            status=Status.CANCELLED if row.cancelled else Status.CONFIRMED,
            when=_when(row, level),
            summary=headline(row),
            url=url,
            lang=lang,
            organizer=Address(*config.sender),
            description="\n".join([*facts(row), _("The partnership's page: %(url)s", url=url)]),
            location=row.place,
            categories=(pair_name(row.right, row.left).replace(",", ""),),
            transparent=row.cancelled or row.is_deadline,
        )


def page_url(row: Dated, lang: str) -> str:
    """The partnership's public page, for people outside."""
    return mailer.link(f"/{lang}/partnerships/{row.slug}/")


def headline(row: Dated) -> str:
    """Its title with what it is, where that is not plain, and that it does not take place; Outlook shows no other sign of it."""
    title = title_in(row.titles)[0]
    if row.is_deadline:
        known = {"report": _("Report due: %(title)s", title=title), "milestone": _("Milestone: %(title)s", title=title)}
        title = known[row.kind]
    return _("CANCELLED: %(title)s", title=title) if row.cancelled else title


def facts(row: Dated) -> list[str]:
    """What it is and whose, on which walls, and that it is done."""
    pair = pair_name(row.right, row.left)
    lines = [f"{kind_name(row.kind)} · {pair}: {area_name(row.area)}", " · ".join(clocks(row)), _("Done") if row.done else ""]
    return [line for line in lines if line]


def clocks(row: Dated, own: str = "") -> list[str]:
    """Its hours on the wall it goes by, then on that of each side, or on the reader's `own`; none where it is whole days."""
    if row.starts is None:
        return []
    sides = {row.left_zone: row.left, row.right_zone: row.right}
    zones = dict.fromkeys([row.zone, own] if own else [row.zone, row.right_zone, row.left_zone])
    return [_clock(row, zone, sides.get(zone) or city(zone)) for zone in zones]


def _clock(row: Dated, zone: str, place: str) -> str:
    starts, ends = (at.astimezone(ZoneInfo(zone)) for at in (row.starts_at, row.ends_at))
    span = hours(starts, ends)
    if row.starts_on != row.ends_on:
        span = f"{weekdayless(starts.date())} {starts:%H:%M} – {weekdayless(ends.date())} {ends:%H:%M}"  # noqa: RUF001
    elif starts.date() != row.starts_on:
        span = f"{weekday_short(starts.date())} {span}"
    return _("%(hours)s in %(city)s", hours=span, city=place)


def _when(row: Dated, level: str) -> Hours | Days:
    if row.starts is None or (level == "overview" and row.starts_on != row.ends_on):
        return Days(row.starts_on, row.ends_on)
    zone = ZoneInfo(row.zone)
    return Hours(row.starts_at.astimezone(zone), row.ends_at.astimezone(zone))
