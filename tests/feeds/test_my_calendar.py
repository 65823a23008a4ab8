"""The page about one's own calendar: addresses shown once, devices in words, options, the square, what comes next."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import Person
from app.audit.service import person as actor
from app.clock import now
from app.database import db, transaction
from app.feeds.models import FeedToken
from app.feeds.personal import service
from app.feeds.personal.devices.programs import name
from app.feeds.personal.service import Options
from app.registrations import service as registrations
from tests import factories
from tests.conftest import Visitor

PAGE = "/en/me/calendar/"
FORM = {"device": "Outlook at work", "lang": "es", "level": "overview", "deadlines": "y"}


@pytest.fixture
def me(lite: Flask) -> Person:
    assert lite
    return factories.person(factories.organisation("SE"), lang="en")


@pytest.fixture
def visitor(lite: Flask, me: Person) -> Visitor:
    found: Visitor = lite.test_client().signed_in(me)  # type: ignore[attr-defined]
    return found


def shown(text: str) -> str:
    """The path of the address that a page shows."""
    found = re.search(r'id="made" value="[^"]*(/feeds/me/[^"]+)"', text)
    assert found is not None
    return html.unescape(found[1])


def one() -> FeedToken:
    return db.session.scalars(select(FeedToken)).one()


def test_an_address_is_shown_once_with_all_that_opens_it(visitor: Visitor) -> None:
    text = visitor.post(PAGE, data=FORM).get_data(as_text=True)
    address = shown(text)
    assert visitor.get(address).status_code == 200
    assert f"webcal://127.0.0.1:5000{address}" in text
    assert all(words in text for words in ("calendar.google.com/calendar/r?cid=webcal%3A", "outlook.live.com", "<svg", 'role="img"'))
    assert address not in visitor.get(PAGE).get_data(as_text=True)
    row = one()
    assert (row.device, row.lang, row.level, row.deadlines) == ("Outlook at work", "es", "overview", True)


@pytest.mark.parametrize("wrong", [{"device": ""}, {"lang": "de"}, {"level": "all"}, {"device": "x" * 81}])
def test_what_cannot_be_is_refused_in_words(visitor: Visitor, wrong: dict[str, str]) -> None:
    answer = visitor.post(PAGE, data={**FORM, **wrong})
    assert (answer.status_code, 'role="alert"' in answer.get_data(as_text=True)) == (422, True)
    assert db.session.scalars(select(FeedToken)).all() == []


def test_a_new_address_ends_the_old_one(visitor: Visitor) -> None:
    old = shown(visitor.post(PAGE, data=FORM).get_data(as_text=True))
    new = shown(visitor.post(f"{PAGE}{one().id}/renew").get_data(as_text=True))
    assert (visitor.get(old).status_code, visitor.get(new).status_code) == (404, 200)


def test_other_options_under_the_same_address(visitor: Visitor) -> None:
    address = shown(visitor.post(PAGE, data=FORM).get_data(as_text=True))
    number = one().id
    assert "checked" in visitor.get(f"{PAGE}{number}/").get_data(as_text=True)
    changed = {"device": "Telephone", "lang": "sv", "level": "sessions"}
    assert visitor.post(f"{PAGE}{number}/", data=changed).status_code == 303
    db.session.expire_all()
    row = one()
    assert (row.device, row.lang, row.level, row.deadlines) == ("Telephone", "sv", "sessions", False)
    assert visitor.get(address).status_code == 200
    assert visitor.post(f"{PAGE}{number}/", data={**changed, "level": "all"}).status_code == 422


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("post", ""), ("post", "renew"), ("post", "revoke")])
def test_somebody_elses_device_is_a_404(visitor: Visitor, method: str, path: str) -> None:
    other = factories.person(factories.organisation("CO"))
    service.make_token(other.id, "Office", Options("es"), by=actor(other), now=now())
    assert getattr(visitor, method)(f"{PAGE}{one().id}/{path}", **({"data": FORM} if method == "post" else {})).status_code == 404
    assert (one().revoked_at, one().device) == (None, "Office")


def test_a_revoked_device_is_gone_and_cannot_come_back(visitor: Visitor, me: Person) -> None:
    address = shown(visitor.post(PAGE, data=FORM).get_data(as_text=True))
    number = one().id
    assert visitor.post(f"{PAGE}{number}/revoke").status_code == 303
    assert [visitor.get(path).status_code for path in (address, f"{PAGE}{number}/")] == [404, 404]
    assert visitor.post(f"{PAGE}{number}/renew").status_code == 404
    assert "No address yet" in visitor.get(PAGE).get_data(as_text=True)


def test_the_page_says_when_and_by_which_program(visitor: Visitor, me: Person) -> None:
    service.make_token(me.id, "Office", Options("en"), by=actor(me), now=now())
    assert "Not fetched yet. Made on " in visitor.get(PAGE).get_data(as_text=True)
    with transaction():
        db.session.execute(update(FeedToken).values(last_fetched_at=now(), last_agent="Mozilla/5.0 (X11) Gecko/20100101 Thunderbird/153.0"))
    assert re.search(r"Last fetched on [^<]+ by Thunderbird\.", visitor.get(PAGE).get_data(as_text=True))


@pytest.mark.parametrize(
    ("agent", "program"),
    [
        ("Google-Calendar-Importer", "Google Calendar"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.1", "Thunderbird"),
        ("iOS/18.1 (22B83) dataaccessd/1.0", "Apple Calendar"),
        ("macOS/15.1 (24B83) dataaccessd/1.0", "Apple Calendar"),
        ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17830; Pro)", "Outlook"),
        ("Microsoft.Exchange/15.20 (Calendar)", "Outlook"),
        ("ICSx5/2.2.4 (okhttp/4.12)", "ICSx⁵"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36", "browser"),
        ("radicale/3.2 feed", "radicale"),
        ("", ""),
    ],
)
def test_programs_by_the_names_people_know(agent: str, program: str) -> None:
    assert name(agent) == program


def test_the_page_shows_what_comes_next_on_the_own_clock(visitor: Visitor, me: Person) -> None:
    assert "Nothing yet." in visitor.get(PAGE).get_data(as_text=True)
    start = now().date() + timedelta(days=30)
    network = factories.network(me.affiliations[0].organisation, ends_on=date(start.year + 1, 12, 31))
    workshop = factories.workshop(network, start, made=now() - timedelta(days=9), title="Safe town")
    registrations.register(workshop.id, me.id, by=actor(me), now=now())
    text = visitor.get(PAGE).get_data(as_text=True)
    assert "<strong>Safe town (en)</strong>" in text
    assert "in Stockholm</p>" in text
