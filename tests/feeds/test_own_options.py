"""What each device of somebody's own calendar shows, and the deadlines that ring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.service import person as actor
from app.database import db, end_reading
from app.feeds.models import FeedToken
from app.feeds.personal import packed, service
from app.feeds.personal.service import Options
from app.organisations.models import Organisation
from app.registrations import service as registrations
from app.registrations.coming import service as coming
from app.registrations.waiting import offers, turns
from app.workshops import queries as workshops
from app.workshops.rules import REMINDERS
from tests import factories
from tests.calendars.strict import read
from tests.factories import NOW
from tests.feeds.made import LINK, address, events, fetched, seat, somebody
from tests.questions.made import asked
from tests.registrations.made import LATER, STAFF, edit, published


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("CO")


def test_every_level_with_everything_in_it_is_strictly_a_calendar(umea: Organisation) -> None:
    workshop = published(umea, format="both", join_url=LINK)
    me, url = somebody(umea, deadlines=True)
    others = [address(me, level=level, deadlines=True, lang=lang) for level, lang in (("overview", "sv"), ("sessions", "es"))]
    seat(workshop, me)
    edit(workshop.id, LATER, days=7)
    for one in (url, *others):
        calendar = read(fetched(one).data)
        assert calendar.value("METHOD") == "PUBLISH"
        assert not any(part.names().count("ATTENDEE") for part in calendar.parts)


def test_each_device_shows_what_was_chosen_for_it(umea: Organisation) -> None:
    workshop = published(umea)
    me, days = somebody(umea)
    bar, spanish = address(me, level="overview"), address(me, lang="es")
    seat(workshop, me)
    tags = {fetched(url).headers["ETag"] for url in (days, bar, spanish)}
    assert len(tags) == 3
    assert ([str(one["UID"]) for one in events(bar)], len(events(days))) == ([workshop.uid], 2)
    assert str(events(spanish)[0]["DESCRIPTION"]).startswith("Usted tiene un cupo.")


def test_other_options_change_the_bytes_and_both_validators_under_the_same_address(umea: Organisation) -> None:
    workshop = published(umea)
    me, url = somebody(umea)
    seat(workshop, me)
    before = fetched(url)
    token = db.session.scalars(select(FeedToken.id)).one()
    service.choose(me.id, token, "telephone", Options("sv", "overview"), by=actor(me), now=NOW)
    after = fetched(url, {"If-Modified-Since": before.headers["Last-Modified"]})
    assert (after.status_code, after.headers["ETag"] != before.headers["ETag"]) == (200, True)
    assert after.data.count(b"BEGIN:VEVENT") == 1


def test_what_is_awaited_rings_a_day_before_only_where_it_is_asked_for(umea: Organisation) -> None:
    workshop = published(umea, closes=datetime(2025, 5, 20, 17))  # noqa: DTZ001  a wall
    me, url = somebody(umea, deadlines=True)
    plain = address(me)
    number = seat(workshop, me)
    asked(workshop, "Which bus?", "text", required=True)
    edit(workshop.id, LATER, days=7)
    found = {str(one["UID"]).partition("-")[0]: one for one in events(url) if one.walk("VALARM")}
    assert set(found) == {"answer", "needs", "questions"}
    assert {str(one["TRANSP"]) for one in found.values()} == {"TRANSPARENT"}
    assert all(one.walk("VALARM")[0]["TRIGGER"].dt == timedelta(days=-1) for one in found.values())
    assert found["needs"]["DTEND"].dt.astimezone(UTC) == workshops.get(workshop.id).closes_at
    assert not any(one.walk("VALARM") for one in events(plain))
    coming.say_yes(number, by=actor(me), now=LATER)
    assert "answer" not in {str(one["UID"]).partition("-")[0] for one in events(url)}


def test_a_lapsing_offer_rings_and_goes_with_the_offer(umea: Organisation) -> None:
    workshop = published(umea, capacity=1, waitlist="offer", format="online", join_url=LINK)
    me, url = somebody(umea, deadlines=True, level="overview")
    first = seat(workshop, factories.person(umea))
    number = seat(workshop, me)
    registrations.cancel(first, by=STAFF, now=LATER)
    offer = next(one for one in events(url) if one.walk("VALARM"))
    assert str(offer["SUMMARY"]).startswith("Accept the offered seat: ")
    offers.accept(number, by=actor(me), now=LATER)
    assert [str(one["STATUS"]) for one in events(url)] == ["CONFIRMED"]


def test_a_question_that_is_put_later_is_awaited_at_the_next_poll(umea: Organisation) -> None:
    workshop = published(umea, format="online", join_url=LINK)
    me, url = somebody(umea, deadlines=True)
    seat(workshop, me)
    assert not any(one.walk("VALARM") for one in events(url))
    asked(workshop, "Which bus?", "text", required=True)
    assert [str(one["SUMMARY"]) for one in events(url) if one.walk("VALARM")] == ["Answer the questions: Ciudad segura (en)"]


def test_what_only_counts_a_workshop_on_moves_the_validator_of_deadlines(app: Flask, umea: Organisation) -> None:
    """Their SEQUENCE has the workshop's version in it, which rises with a seat above its number and with other reminders too."""
    workshop = published(umea, capacity=1)
    me, url = somebody(umea, deadlines=True)
    seat(workshop, me)
    waiting = seat(workshop, factories.person(umea))
    for act in (
        lambda: turns.seat_now(workshop.id, waiting, by=STAFF, now=LATER),
        lambda: edit(workshop.id, LATER, reminders=REMINDERS[:1]),
    ):
        kept, version = fetched(url), workshops.get(workshop.id).version
        act()
        end_reading()
        assert workshops.get(workshop.id).version > version
        app.extensions.pop(packed.KEY)  # as another process, which makes it anew
        anew = fetched(url)
        assert (anew.headers["ETag"] == kept.headers["ETag"]) is (anew.data == kept.data)
