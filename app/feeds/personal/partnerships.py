"""All dates of the partnerships that somebody belongs to, private ones too, with alarms by day on the own clock.

Whoever leaves a partnership has its dates no more: they take place all the same, so nothing is shown as cancelled.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, tzinfo

from flask import current_app
from sqlalchemy import select

from app import mailer
from app.accounts.models import Person
from app.calendars import Days, Entry, Hours
from app.clock import now
from app.config import Config
from app.database import db
from app.feeds.models import CalendarHorizon
from app.feeds.partnerships.making import not_left_behind
from app.feeds.rules import KEPT_PAST
from app.languages import gettext as _
from app.languages import using
from app.languages import zone as clock_of
from app.membership.partnership import entries
from app.membership.partnership.entries import Dated
from app.membership.partnership.queries import belongs
from app.membership.told import pair_name

ALARMS = {"visit": (7,), "meeting": (1,), "milestone": (7,), "report": (14, 2)}  # days before, at RINGS_AT on the own wall
RINGS_AT = time(9)


def dates_of(person_id: int) -> tuple[list[Dated], str]:
    """The dates in somebody's own calendar, and the clock on which alarms ring; two statements.

    The day on which it counts who belongs is the horizon's, so that the bytes follow from rows alone.
    """
    horizon = select(CalendarHorizon.at).where(CalendarHorizon.name == "past").scalar_subquery()
    zone, at = db.session.execute(select(Person.zone, horizon).where(Person.id == person_id)).one()
    on = (at + KEPT_PAST).date() if at is not None else now().date()
    return entries.dated(belongs(person_id, on), not_left_behind()), zone


def entry(row: Dated, lang: str, level: str, zone: str, config: Config) -> Entry:
    """A date as somebody's own: whose it is in the title, its alarms, and the page of those who belong there."""
    public = entries.entry(row, lang, level, config)
    url = mailer.link(f"/{lang}/me/partnerships/{row.slug}/")
    with using(lang):
        return replace(
            public,
            summary=f"{public.summary} · {pair_name(row.right, row.left)}",
            description="\n".join([*entries.facts(row), _("The partnership's page: %(url)s", url=url)]),
            url=url,
            alarms=alarms(row, public.when, zone),
        )


def alarms(row: Dated, when: Hours | Days, zone: str) -> tuple[timedelta, ...]:
    """How long before its start it rings; not for what is done or called off."""
    if row.done or row.cancelled:
        return ()
    if isinstance(when, Days):
        starts = datetime.combine(when.first_day, time())  # midnight, wherever its reader is
    else:
        starts = when.starts.astimezone(_clock(zone)).replace(tzinfo=None)
    return tuple(starts - datetime.combine(starts.date() - timedelta(days=days), RINGS_AT) for days in ALARMS[row.kind])


def _clock(zone: str) -> tzinfo:
    """The own clock; UTC if this machine does not know it: its tz database may be older than the row."""
    try:
        return clock_of(zone)
    except ValueError:
        return UTC


def shown(person_id: int, lang: str, level: str) -> list[Entry]:
    """The entries of one address, oldest first."""
    rows, zone = dates_of(person_id)
    config = current_app.config["CONFIG"]
    return [entry(row, lang, level, zone, config) for row in rows]
