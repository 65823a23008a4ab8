"""Three independent readers (tests/calendars/readers.py) see the instants that the tz database tells, and the words that were typed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.calendars import Days, Hours, Years, feed, render_entry
from tests import missing, servers
from tests.calendars.made import entry
from tests.calendars.readers import READERS, Seen

YEARS = Years(2024, 2027)
NETWORKS = ["Europe/Stockholm", "America/Bogota", "America/Guatemala"]
OTHERS = ["America/New_York", "Africa/Nairobi", "Africa/Casablanca", "Asia/Kathmandu"]


def read(name: str, body: bytes) -> list[Seen]:
    """What one reader sees of one calendar."""
    try:
        return READERS[name]([body])[0]
    except servers.NotHere as error:
        missing.skip(error)


def spread(zones: list[str], weeks: int, minutes: int) -> list[Hours]:
    """Of each zone a day every so many weeks, and both days around each change of the clocks in steps of so many minutes, without the
    clock times that are shown twice or never."""
    found = []
    for zone in map(ZoneInfo, zones):
        days = [date(2024, 1, 1) + timedelta(days=day) for day in range(4 * 365)]
        found += [Hours(*(datetime.combine(day, time(hour), zone) for hour in (9, 16))) for day in days[:: 7 * weeks]]
        for day in days:
            after = datetime.combine(day + timedelta(days=2), time(), zone)
            if datetime.combine(day, time(), zone).utcoffset() != after.utcoffset():
                walls = [datetime.combine(day, time(), zone) + timedelta(minutes=number) for number in range(0, 48 * 60, minutes)]
                plain = [wall for wall in walls if wall.utcoffset() == wall.replace(fold=1).utcoffset()]
                found += [Hours(one, two) for one, two in pairwise(plain)]
    return found


@pytest.fixture(scope="module")
def told(full: bool) -> dict[str, tuple[Hours, bytes]]:
    """The times of a spread of entries, and their bytes."""
    some = spread([*NETWORKS, *OTHERS], 1, 30) if full else spread(NETWORKS, 5, 90)
    return {
        f"w{number}@example.org": (hours, render_entry(entry(uid=f"w{number}@example.org", when=hours, description=""), YEARS))
        for number, hours in enumerate(some)
    }


@pytest.mark.parametrize("name", READERS)
def test_req_21_23_every_instant_is_the_one_of_the_tz_database(name: str, told: dict[str, tuple[Hours, bytes]]) -> None:
    pieces, seen = [piece for _hours, piece in told.values()], []
    for start in range(0, len(pieces), 900):
        seen += read(name, feed("Alla", pieces[start : start + 900], YEARS, lang="sv"))
    wanted = {uid: (hours.starts.timestamp(), hours.ends.timestamp()) for uid, (hours, _piece) in told.items()}
    assert len(wanted) > 300
    assert {one.uid: (one.starts, one.ends) for one in seen} == wanted


@pytest.mark.parametrize("name", READERS)
def test_req_21_online_and_whole_days(name: str) -> None:
    online = Hours(datetime(2026, 7, 1, 13, tzinfo=UTC), datetime(2026, 7, 1, 15, tzinfo=UTC))
    days = Days(date(2026, 12, 30), date(2027, 1, 2))
    pieces = [render_entry(entry(uid=uid, when=when), YEARS) for uid, when in (("w1@example.org", online), ("w2@example.org", days))]
    seen = read(name, feed("Alla", pieces, YEARS, lang="sv"))
    assert [(one.starts, one.ends) for one in seen] == [
        (online.starts.timestamp(), online.ends.timestamp()),
        ("2026-12-30", "2027-01-03"),
    ]
