"""What is written down of fetches, by several processes and around a new address."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from app.audit.service import person as actor
from app.database import db, end_reading
from app.feeds.models import FeedToken
from app.feeds.personal import service
from app.feeds.personal.fetches import Fetches
from tests import factories
from tests.factories import NOW


def device() -> FeedToken:
    me = factories.person()
    service.make_token(me.id, "telephone", "sv", by=actor(me), now=NOW)
    return db.session.query(FeedToken).one()


def seen(app: Flask, row: FeedToken, *minutes: int) -> str:
    """Processes that have seen it after so many minutes write, one after another; which program it was at last."""
    for minute in minutes:
        process = Fetches()
        process.note(app, row.id, f"program {minute}", now=NOW + timedelta(minutes=minute))
        timer = process._timer  # noqa: SLF001  it is not waited for
        process.write(app)
        if timer is not None:
            timer.cancel()
    end_reading()
    return row.last_agent


def test_the_later_fetch_stays_whichever_process_writes_last(app: Flask) -> None:
    row = device()
    assert seen(app, row, 5, 3) == "program 5"
    assert row.last_fetched_at == NOW + timedelta(minutes=5)
    assert seen(app, row, 6) == "program 6"


def test_a_fetch_of_the_former_address_is_none_of_the_new_one(app: Flask) -> None:
    row = device()
    service.renew(row.person_id, row.id, by=actor(row.person), now=NOW + timedelta(minutes=2))
    assert (seen(app, row, 1), row.last_fetched_at) == ("", None)
    assert seen(app, row, 3) == "program 3"
