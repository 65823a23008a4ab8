"""Somebody's own calendar: what stands in it, in which words, and what never does."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from app.audit.service import person as actor
from app.database import db, transaction
from app.delegations import substitutes
from app.delegations.colleagues import Colleague
from app.organisations.models import Organisation
from app.registrations import approval
from app.registrations import service as registrations
from tests import factories
from tests.feeds.made import LINK, events, fetched, only, seat, somebody
from tests.registrations.made import LATER, STAFF, published
from tests.workshops.made import KARIN


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("CO")


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


def test_who_comes_instead_is_not_named_in_the_calendar_of_who_has_left(umea: Organisation) -> None:
    workshop = published(umea)
    me, url = somebody(umea)
    named = Colleague(name="Eva Paz", address="eva@municipality.example")
    substitutes.substitute(seat(workshop, me), named, who="self", by=actor(me), now=LATER)
    assert {str(one["STATUS"]) for one in events(url)} == {"CANCELLED"}
    assert b"Eva" not in fetched(url).data


def test_a_declined_request_is_cancelled_without_its_reason(umea: Organisation) -> None:
    workshop = published(umea, approval=True)
    me, url = somebody(umea, level="overview")
    number = seat(workshop, me)
    approval.decline(workshop.id, [number], dict.fromkeys(("sv", "es", "en"), "Somebody else was quicker"), by=KARIN, now=LATER)
    event = only(url)
    assert (event["STATUS"], str(event["DESCRIPTION"]).split("\n")[0]) == ("CANCELLED", "Your request is declined.")
    assert "quicker" not in str(event["DESCRIPTION"])
