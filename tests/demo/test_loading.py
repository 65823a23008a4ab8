"""Loading the demo: what it writes holds together, and a demo that is kept does not run dry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from flask import Flask
from sqlalchemy import select

from app.clock import now as current_time
from app.database import db, transaction
from app.demo.service import load
from app.organisations.models import Network
from app.workshops.acts.service import cancel
from app.workshops.models import Workshop
from app.workshops.rules import registration_state
from tests.workshops.made import KARIN, REASONS

NOW = datetime(2026, 9, 14, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def workshops() -> list[Workshop]:
    return list(db.session.scalars(select(Workshop).order_by(Workshop.id)))


def facts(row: Workshop) -> dict[str, Any]:
    """All that its own row says."""
    return {column.key: getattr(row, column.key) for column in Workshop.__table__.columns}


def open_now(now: datetime) -> int:
    return sum(registration_state(row, now) == "open" for row in workshops())


def test_nothing_was_published_after_its_last_change(demo: Flask) -> None:
    assert demo
    public = [row for row in workshops() if row.state != "draft"]
    created = {row.slug: row.published_at or current_time() for row in public}
    assert [row.slug for row in public if any(created[row.slug] > at for at in (row.changed_at, *(d.changed_at for d in row.days)))] == []


def test_loading_twice_changes_nothing(lite: Flask) -> None:
    assert lite
    assert load(now=NOW)
    before = [facts(row) for row in workshops()]
    assert not load(now=NOW + DAY)
    assert [facts(row) for row in workshops()] == before


def test_a_kept_demo_always_has_something_to_register_for(lite: Flask) -> None:
    assert lite
    load(now=NOW)
    for days in (7, 20, 21, 40, 60, 61, 90, 150, 400, 410):
        now = NOW + days * DAY
        load(now=now)
        assert not load(now=now), days
        assert open_now(now) >= 3, days
    network = db.session.scalars(select(Network)).one()
    assert max(day.on for row in workshops() for day in row.days) <= network.ends_on


def test_the_next_season_has_programmes_and_names_of_entries_of_its_own(lite: Flask) -> None:
    assert lite
    load(now=NOW)
    load(now=NOW + 30 * DAY)
    uids = {row.slug: [one.uid for day in row.days for one in day.sessions] for row in workshops()}
    (again,) = [slug for slug in uids if slug.startswith("umea-2026-")]
    assert len(uids["umea"]) == len(uids[again]) == 12
    assert len({uid for found in uids.values() for uid in found}) == sum(map(len, uids.values()))
    name = "workshop/umea/session/1"
    assert uids["umea"][0] == f"{uuid5(NAMESPACE_URL, name)}@icld.se"


def test_the_next_season_leaves_what_is_there_as_it_is(lite: Flask) -> None:
    assert lite
    load(now=NOW)
    with transaction():
        cancel(next(row.id for row in workshops() if row.slug == "umea"), REASONS, by=KARIN, now=NOW)
    before = [facts(row) for row in workshops()]
    assert load(now=NOW + 30 * DAY)
    after = workshops()
    assert [facts(row) for row in after[: len(before)]] == before
    assert {row.taken for row in after[len(before) :]} == {0}
    assert {row.slug[:-11] for row in after[len(before) :]} == {
        "before-umea",
        "who-cares-for-the-city",
        "numbers-that-show",
        "umea",
        "bogota-care-blocks",
    }
