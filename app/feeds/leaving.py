"""What leaves calendars by time leaves by the scheduler, which moves their revision: their bytes never depend on the clock.

Two rules are in rules.py: a place that was given up stays KEPT_LEFT in one's own calendar, shown as cancelled, and a workshop or a
date of a partnership stays KEPT_PAST after its end in every calendar. The second also says which day it is for calendars: who belongs
to a partnership from a day, or until one, has its dates from the day on which the horizon has come there. A third horizon passes
the last moments for letters for a visa.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, select, union_all

from app.database import db, retrying, transaction
from app.feeds.models import CalendarHorizon
from app.feeds.revisions import PUBLIC, bump
from app.feeds.rules import KEPT_LEFT, KEPT_PAST
from app.membership.models import PartnershipEvent
from app.membership.partnership.queries import turned_between
from app.registrations.models import Registration
from app.workshops.models import Workshop

GIVEN_UP = ("cancelled", "declined")
EVER = datetime(1970, 1, 1, tzinfo=UTC)


def move_on(*, now: datetime) -> int:
    """Moves both horizons, and the revision of each calendar that shows something else from here on. How many calendars.

    A clock that is put back, or an --at that looked ahead, moves them back as well, and what had left returns.
    """
    return retrying(lambda: _move_on(now))


def _move_on(now: datetime) -> int:
    with transaction():
        since, until = _move("left", now - KEPT_LEFT)
        gone = select(Registration.person_id).distinct().where(Registration.state.in_(GIVEN_UP), Registration.cancelled_at > since)
        people = db.session.scalars(gone.where(Registration.cancelled_at <= until).order_by(Registration.person_id)).all()
        since, until = _move("past", now - KEPT_PAST)
        over = select(Workshop.id).where(Workshop.state != "draft", Workshop.ends_at > since, Workshop.ends_at <= until)
        dates_over = select(PartnershipEvent.id).where(PartnershipEvent.ends_at > since, PartnershipEvent.ends_at <= until)
        turned = db.session.scalars(turned_between((since + KEPT_PAST).date(), (until + KEPT_PAST).date())).all()
        scopes = [f"person:{number}" for number in sorted({*people, *turned})]
        if db.session.scalar(union_all(over, dates_over).limit(1)) is not None:
            scopes.append(PUBLIC)
        bump(*scopes, now=now)
        return len(scopes)


def close_letters(*, now: datetime) -> int:
    """The last moment for letters for a visa leaves calendars once it is past, as the others do: forth and back. How many calendars."""
    return retrying(lambda: _close_letters(now))


def _close_letters(now: datetime) -> int:
    with transaction():
        since, until = _move("letters", now)
        seated = select(Registration.person_id).distinct().join(Registration.workshop).where(Registration.state == "confirmed")
        wanted = seated.where(Workshop.letters_until > since, Workshop.letters_until <= until).order_by(Registration.person_id)
        people = db.session.scalars(wanted).all()
        bump(*(f"person:{number}" for number in people), now=now)
        return len(people)


def letters_are_open() -> ColumnElement[bool]:
    """Of a workshop: the last moment for letters for a visa had not come when the scheduler last looked."""
    horizon = select(CalendarHorizon.name).where(CalendarHorizon.name == "letters", CalendarHorizon.at >= Workshop.letters_until)
    return ~horizon.correlate(Workshop).exists()


def _move(name: str, wanted: datetime) -> tuple[datetime, datetime]:
    """The span, in order, between where the horizon stood and where it stands now."""
    row = db.session.get(CalendarHorizon, name, with_for_update=True, populate_existing=True)
    before = row.at if row is not None else EVER
    if row is None:
        db.session.add(CalendarHorizon(name=name, at=wanted))
    else:
        row.at = wanted
    db.session.flush()
    return min(before, wanted), max(before, wanted)
