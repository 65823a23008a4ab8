"""Somebody's own calendar: what stands in it, how it is cancelled and comes back, what leaves it by time, and its options."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask, current_app
from icalendar import Calendar
from sqlalchemy import select, text

from app.accounts.models import Person
from app.audit.service import person as actor
from app.database import db, end_reading, transaction
from app.feeds import leaving
from app.feeds.models import FeedToken
from app.feeds.personal import service
from app.feeds.personal.service import Options
from app.organisations.models import Organisation
from app.registrations import approval, queries
from app.registrations import service as registrations
from app.registrations.coming import service as coming
from app.registrations.waiting import offers
from app.workshops import queries as workshops
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.questions.made import asked
from tests.registrations.made import LATER, STAFF, edit, published
from tests.workshops.made import KARIN, REASONS

LINK = "https://meet.example/room?x=1"


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("CO")


def somebody(umea: Organisation, **options: Any) -> tuple[Person, str]:
    """Somebody who reads English, and the address of one of their devices."""
    me = factories.person(umea, lang="en")
    return me, address(me, **options)


def address(me: Person, **options: Any) -> str:
    token = service.make_token(me.id, "telephone", Options(**{"lang": "en", **options}), by=actor(me), now=NOW)
    return f"/feeds/me/{token}.ics"


def seat(workshop: Workshop, me: Person, now: datetime = NOW) -> int:
    return registrations.register(workshop.id, me.id, by=actor(me), now=now).id


def fetched(url: str, headers: dict[str, str] | None = None) -> Any:
    end_reading()
    return current_app.test_client().get(url, headers=headers or {})


def events(url: str) -> list[Any]:
    answer = fetched(url)
    assert answer.status_code == 200
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


def only(url: str) -> Any:
    (event,) = events(url)
    return event


def test_a_seat_says_so_and_how_to_give_it_back(umea: Organisation) -> None:
    me, url = somebody(umea, level="overview")
    number = seat(published(umea), me)
    event = only(url)
    assert (event["STATUS"], str(event["URL"])) == ("CONFIRMED", f"http://127.0.0.1:5000/en/me/registrations/{number}")
    lines = str(event["DESCRIPTION"]).split("\n")
    assert lines[0] == "You have a seat."
    assert f"See, change or cancel your registration: {event['URL']}" in lines
    assert not any(line.startswith("Register, change") for line in lines)


@pytest.mark.parametrize(
    ("state", "title", "sentence"),
    [
        ("waitlisted", "Waiting list: ", "You are on the waiting list and have no seat yet."),
        ("requested", "Requested: ", "You have asked for a seat. Our staff have not answered yet."),
        ("offered", "Offered to you: ", "A seat is offered to you. It is yours once you accept it, and is held until "),
    ],
)
def test_what_is_not_sure_is_tentative_and_says_in_words_what_is_awaited(umea: Organisation, state: str, title: str, sentence: str) -> None:
    workshop = published(umea, capacity=1, approval=state == "requested", waitlist="offer")
    me, url = somebody(umea, level="overview")
    if state != "requested":
        first = seat(workshop, factories.person(umea))
    seat(workshop, me)
    if state == "offered":
        registrations.cancel(first, by=STAFF, now=LATER)
    event = only(url)
    assert event["STATUS"] == "TENTATIVE"
    assert str(event["SUMMARY"]).startswith(title)
    assert str(event["DESCRIPTION"]).startswith(sentence)


@pytest.mark.parametrize(("fmt", "state", "seen"), [
    ("online", "confirmed", True), ("both", "confirmed", True), ("on_site", "confirmed", False), ("online", "waitlisted", False),
])  # fmt: skip
def test_the_link_to_join_is_only_for_whoever_has_a_seat(umea: Organisation, fmt: str, state: str, seen: bool) -> None:
    workshop = published(umea, capacity=1, format=fmt, join_url=LINK)
    me, url = somebody(umea, level="overview")
    if state != "confirmed":
        seat(workshop, factories.person(umea))
    seat(workshop, me)
    body = fetched(url).data.replace(b"\r\n ", b"")
    assert (b"CONFERENCE;FEATURE=VIDEO;LANGUAGE=en;VALUE=URI:" + LINK.encode() in body) is seen
    assert (f"Join online: {LINK}".encode() in body) is seen
    public = fetched("/feeds/all.ics?lang=en").data + fetched(f"/workshops/{workshop.slug}.ics?lang=en").data
    assert b"meet.example" not in public


def test_a_link_that_no_calendar_can_hold_costs_nobody_the_calendar(umea: Organisation) -> None:
    workshop = published(umea, format="online", join_url=LINK)
    me, url = somebody(umea, level="overview")
    seat(workshop, me)
    with transaction():
        db.session.execute(text("UPDATE workshop SET join_url = 'zoommtg://zoom.us/join'"))
    event = only(url)
    assert "CONFERENCE" not in event
    assert "Join online: zoommtg://zoom.us/join" in str(event["DESCRIPTION"])


def test_nobody_elses_name_stands_in_it(umea: Organisation) -> None:
    workshop = published(umea)
    me, url = somebody(umea)
    other = factories.person(umea, name="Ana Xiloj")
    seat(workshop, me)
    seat(workshop, other)
    assert b"Xiloj" not in fetched(url).data


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
    current_app.extensions.pop("app.feeds")  # as a process that has kept nothing
    assert len(events(url)) == 2


def test_a_declined_request_is_cancelled_without_its_reason(umea: Organisation) -> None:
    workshop = published(umea, approval=True)
    me, url = somebody(umea, level="overview")
    number = seat(workshop, me)
    approval.decline(workshop.id, [number], dict.fromkeys(("sv", "es", "en"), "Somebody else was quicker"), by=KARIN, now=LATER)
    event = only(url)
    assert (event["STATUS"], str(event["DESCRIPTION"]).split("\n")[0]) == ("CANCELLED", "Your request is declined.")
    assert "quicker" not in str(event["DESCRIPTION"])


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
    current_app.extensions.pop("app.feeds", None)
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
