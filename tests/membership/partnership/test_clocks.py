"""A country changes its rules about summer time: a partnership's dates keep their hours on the wall, the instants follow."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask

from app.audit.queries import entries
from app.database import db, transaction
from app.membership.models import PartnershipEvent
from app.membership.partnership import clocks
from app.reminders.partnership.service import remind
from scheduler.jobs import Shift, mind_the_clocks, run
from tests.factories import NOW
from tests.feeds.made import events
from tests.membership.partnership.made import MILESTONE, REPORT, VISIT, opened, write
from tests.registrations.made import waiting, words

HOUR = timedelta(hours=1)
WEEK = datetime(2025, 8, 25, 15, tzinfo=NOW.tzinfo)  # before the visit


def under_old_rules(*numbers: int) -> None:
    """Their instants were worked out when the country still had summer time."""
    with transaction():
        for number in numbers:
            event = db.session.get_one(PartnershipEvent, number)
            event.starts_at, event.ends_at = event.starts_at + HOUR, event.ends_at + HOUR


def test_a_date_begins_when_the_clocks_will_show_its_hour(app: Flask) -> None:
    pair = opened()
    visit, report, right = write(pair, VISIT), write(pair, REPORT), write(pair, MILESTONE)
    under_old_rules(visit, report)
    before = str(events(pair.url)[1]["DTSTART"].dt.time())
    assert run(Shift(app, at=NOW + HOUR), mind_the_clocks)["recomputed"] == 2
    assert clocks.recompute(NOW + 2 * HOUR) == 0
    (whole, timed, _milestone) = events(pair.url)
    assert (before, timed["DTSTART"].dt.time(), int(timed["SEQUENCE"]), timed["DTSTAMP"].dt) == ("10:00:00", time(9), 1, NOW + HOUR)
    assert (whole["DTSTART"].dt, int(whole["SEQUENCE"]), db.session.get_one(PartnershipEvent, right).sequence) == (date(2025, 6, 30), 0, 0)
    lines = [entry.action for entry in entries(f"partnership:{pair.row.id}")]
    assert lines.count("partnership.clocks_changed") == 2


def test_it_has_not_moved_and_what_waits_says_the_right_hour(lite: Flask) -> None:
    assert lite
    pair = opened()
    number = write(pair, VISIT)
    under_old_rules(number)
    said = []
    for at in (WEEK, WEEK + HOUR):
        assert remind(now=at) == 1
        said += ["1 September 09:00" in words(mail) for mail in waiting("partnership")]
        clocks.recompute(at)
    assert (said, db.session.get_one(PartnershipEvent, number).moved_at) == ([False, True], None)


def test_what_is_over_and_a_zone_that_is_not_known_stay_as_they_are(lite: Flask, caplog: pytest.LogCaptureFixture) -> None:
    assert lite
    pair = opened()
    over, strange, other = write(pair, REPORT), write(pair, VISIT), write(pair, VISIT)
    under_old_rules(over, strange, other)
    with transaction():
        db.session.get_one(PartnershipEvent, strange).zone = "Mars/Phobos"
    assert clocks.recompute(datetime(2025, 8, 1, tzinfo=NOW.tzinfo)) == 1
    assert "its zone 'Mars/Phobos' is not known here" in caplog.text
