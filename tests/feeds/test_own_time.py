"""Somebody's own calendar over time: given up, come back, gone; SEQUENCE through a whole life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask, current_app
from icalendar import Calendar
from sqlalchemy import text

from app.audit.service import person as actor
from app.database import db, transaction
from app.feeds import leaving
from app.feeds.personal import packed
from app.organisations.models import Organisation
from app.registrations import queries
from app.registrations import service as registrations
from app.workshops import queries as workshops
from app.workshops.acts import service as acts
from tests import factories
from tests.factories import NOW
from tests.feeds.made import events, fetched, seat, somebody
from tests.registrations.made import LATER, edit, published
from tests.workshops.made import KARIN, REASONS


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("CO")


@pytest.mark.parametrize("level", ["days", "overview", "sessions"])
def test_leaving_cancels_the_entry_for_thirty_days_and_coming_back_revives_it(umea: Organisation, level: str) -> None:
    workshop = published(umea)
    me, url = somebody(umea, level=level)
    number = seat(workshop, me)
    seated = events(url)
    registrations.cancel(number, by=actor(me), now=LATER)
    left = events(url)
    assert [str(one["UID"]) for one in left] == [str(one["UID"]) for one in seated]
    assert {(str(one["STATUS"]), str(one["TRANSP"])) for one in left} == {("CANCELLED", "TRANSPARENT")}
    assert all(str(one["SUMMARY"]).startswith("CANCELLED") for one in left)
    assert all(after["SEQUENCE"] > before["SEQUENCE"] for before, after in zip(seated, left, strict=True))
    seat(workshop, me, LATER + timedelta(hours=1))
    back = events(url)
    assert [str(one["UID"]) for one in back] == [str(one["UID"]) for one in seated]
    assert {str(one["STATUS"]) for one in back} == {"CONFIRMED"}
    assert all(after["SEQUENCE"] > before["SEQUENCE"] for before, after in zip(left, back, strict=True))


def test_what_was_given_up_goes_after_thirty_days_with_a_new_revision(umea: Organisation) -> None:
    workshop = published(umea)
    me, url = somebody(umea)
    registrations.cancel(seat(workshop, me), by=actor(me), now=LATER)
    etag = fetched(url).headers["ETag"]
    assert leaving.move_on(now=LATER + timedelta(days=29)) == 0
    assert fetched(url, {"If-None-Match": etag}).status_code == 304
    assert leaving.move_on(now=LATER + timedelta(days=30)) == 1
    after = fetched(url, {"If-None-Match": etag})
    assert (after.status_code, after.data.count(b"BEGIN:VEVENT")) == (200, 0)
    assert leaving.move_on(now=LATER + timedelta(days=31)) == 0
    assert leaving.move_on(now=LATER + timedelta(days=2)) == 1  # a look ahead is taken back
    assert fetched(url).data.count(b"BEGIN:VEVENT") == 2


def test_without_the_horizon_the_entry_would_stay(umea: Organisation) -> None:
    """The control of the one before: it is the horizon's row, and not the clock, that takes it away."""
    workshop = published(umea)
    me, url = somebody(umea)
    registrations.cancel(seat(workshop, me), by=actor(me), now=LATER)
    leaving.move_on(now=LATER + timedelta(days=30))
    assert events(url) == []
    with transaction():
        db.session.execute(text("DELETE FROM calendar_horizon"))
    current_app.extensions.pop(packed.KEY)  # as a process that has kept nothing
    assert len(events(url)) == 2


def test_a_guests_seat_that_nobody_confirmed_was_never_there(umea: Organisation) -> None:
    workshop = published(umea)
    me, url = somebody(umea)
    number = seat(workshop, me)
    with transaction():
        db.session.execute(text("UPDATE registration SET state = 'unconfirmed', held_until = confirmed_at"))
    with transaction():
        registration = queries.get(number)
        registration.state, registration.holds_seat, registration.cancelled_at, registration.cancelled_by = (
            "cancelled",
            False,
            NOW,
            "scheduler",
        )
    current_app.extensions.pop(packed.KEY, None)
    assert events(url) == []


@pytest.mark.parametrize("level", ["days", "overview"])
def test_sequence_never_falls_and_rises_with_each_change_of_a_life(umea: Organisation, level: str) -> None:
    workshop = published(umea)
    me, url = somebody(umea, level=level)
    number = seat(workshop, me)
    seen = [events(url)]
    steps: list[Callable[[datetime], object]] = [
        lambda at: edit(workshop.id, at, days=7),
        lambda at: acts.postpone(workshop.id, REASONS, by=KARIN, now=at),
        lambda at: acts.restore(workshop.id, by=KARIN, now=at),
        lambda at: registrations.cancel(number, by=actor(me), now=at),
        lambda at: edit(workshop.id, at, days=7),
        lambda at: seat(workshop, me, at),
        lambda at: acts.cancel(workshop.id, REASONS, by=KARIN, now=at),
    ]
    for hour, step in enumerate(steps, 1):
        step(NOW + timedelta(hours=hour))
        seen.append(events(url))
    for number, (before, after) in enumerate(pairwise(seen), 1):
        assert [str(one["UID"]) for one in before] == [str(one["UID"]) for one in after]
        rises = [new["SEQUENCE"] - old["SEQUENCE"] for old, new in zip(before, after, strict=True)]
        untold = (level, number) == ("overview", 5)  # it is the mails' number, and whoever has left gets none
        assert untold or min(rises) > 0
        assert min(rises) >= 0
    public = list(Calendar.from_ical(fetched(f"/feeds/all.ics?lang=en&show={level}").data).walk("VEVENT"))
    assert all(mine["SEQUENCE"] >= theirs["SEQUENCE"] for mine, theirs in zip(seen[-1], public, strict=True))


def test_workshops_that_ended_two_years_ago_leave_every_calendar_by_the_scheduler(umea: Organisation) -> None:
    workshop = published(umea)
    me, url = somebody(umea)
    seat(workshop, me)
    ended = workshops.get(workshop.id).ends_at
    assert ended is not None
    public = "/feeds/all.ics?lang=en"
    etag = fetched(public).headers["ETag"]
    leaving.move_on(now=ended + timedelta(days=729))
    assert fetched(public, {"If-None-Match": etag}).status_code == 304
    leaving.move_on(now=ended + timedelta(days=731))
    assert (events(public), events(url)) == ([], [])
    assert fetched(f"/workshops/{workshop.slug}.ics?lang=en").status_code == 200
