"""A workshop into one's own calendar: from its page, from one's own registration, from the mail."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from app.audit.service import person as actor
from app.organisations.models import Organisation
from app.registrations import letters, service
from app.registrations.models import Registration
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF, edit, published, registered, waiting

Clock = Callable[[datetime], Any]
HOSTS = ["calendar.google.com", "outlook.live.com", "outlook.office.com"]
DAYS = (date(2025, 6, 3), date(2025, 6, 4))


@pytest.fixture
def umea(lite: Flask) -> Organisation:
    assert lite
    return factories.organisation("SE")


def visitor(lite: Flask) -> Visitor:
    client = lite.test_client()
    assert isinstance(client, Visitor)
    return client


def links(page: str) -> list[str]:
    """What leads to a calendar on the web, and the file."""
    found = [unescape(href) for href in re.findall(r'href="([^"]+)"', page)]
    return [href for href in found if urlsplit(href).netloc in HOSTS or re.search(r"/workshops/[^/]+\.ics\?lang=", href)]


def hosts(page: str) -> list[str]:
    return [urlsplit(link).netloc for link in links(page)]


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
def test_the_page_leads_into_each_calendar(lite: Flask, umea: Organisation, clock: Clock, lang: str) -> None:
    workshop = factories.workshop(factories.network(umea), *DAYS)
    with clock(NOW):
        page = lite.test_client().get(f"/{lang}/workshops/{workshop.slug}/").get_data(as_text=True)
    assert hosts(page) == ["", *HOSTS]
    file, google, outlook, office = links(page)
    assert file == f"/workshops/{workshop.slug}.ics?lang={lang}"
    assert parse_qs(urlsplit(google).query)["dates"] == ["20250603/20250605"]
    for link in (outlook, office):
        assert parse_qs(urlsplit(link).query)["allday"] == ["true"]
    assert f"/{lang}/workshops/{workshop.slug}/" in parse_qs(urlsplit(google).query)["details"][0]


@pytest.mark.parametrize("state", ["cancelled", "postponed", "past"])
def test_what_does_not_lie_ahead_leads_into_none(lite: Flask, umea: Organisation, clock: Clock, state: str) -> None:
    workshop = factories.workshop(factories.network(umea), *DAYS, state="published" if state == "past" else state)
    with clock(NOW + timedelta(days=300 if state == "past" else 0)):
        page = lite.test_client().get(f"/en/workshops/{workshop.slug}/").get_data(as_text=True)
    assert workshop.text.title in page
    assert links(page) == []


def own_pages(lite: Flask, registration: Registration) -> list[str]:
    """The page of whoever is signed in, and that of whoever has the link."""
    mine, link = f"/en/me/registrations/{registration.id}", letters.manage_path(registration)
    clients = (visitor(lite).signed_in(registration.person), mine), (visitor(lite), link)
    return [client.get(address).get_data(as_text=True) for client, address in clients]


def registration_of(workshop: Workshop, umea: Organisation) -> Registration:
    me = factories.person(umea, lang="en")
    return service.register(workshop.id, me.id, by=actor(me), now=NOW)


def test_ones_own_pages_do_too(lite: Flask, umea: Organisation, clock: Clock) -> None:
    registration = registration_of(factories.workshop(factories.network(umea), *DAYS), umea)
    with clock(NOW):
        assert [hosts(page) for page in own_pages(lite, registration)] == [["", *HOSTS]] * 2


@pytest.mark.parametrize("why", ["left", "past"])
def test_ones_own_pages_do_not_once_it_is_left_or_over(lite: Flask, umea: Organisation, clock: Clock, why: str) -> None:
    registration = registration_of(factories.workshop(factories.network(umea), *DAYS), umea)
    if why == "left":
        service.cancel(registration.id, by=actor(registration.person), now=NOW)
    with clock(NOW + timedelta(days=300 if why == "past" else 0)):
        assert [links(page) for page in own_pages(lite, registration)] == [[], []]


def page_of(kind: str) -> str:
    """The HTML of the newest mail of a kind that is about to leave."""
    body = waiting(kind)[-1].body
    assert body is not None
    part = email.message_from_bytes(body, policy=email.policy.default).get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_the_mail_that_confirms_and_the_one_that_tells_of_a_move_lead_into_each(lite: Flask, umea: Organisation) -> None:
    workshop = published(umea)
    registered(workshop.id, umea)
    mails = [(page_of("confirmation"), "20250603/20250605")]
    edit(workshop.id, days=7)
    for page, dates in [*mails, (page_of("change"), "20250610/20250612")]:
        assert hosts(page) == ["127.0.0.1:5000", *HOSTS]
        assert parse_qs(urlsplit(links(page)[1]).query)["dates"] == [dates]


def test_the_mail_that_cancels_leads_into_none(lite: Flask, umea: Organisation) -> None:
    workshop = published(umea)
    registered(workshop.id, umea)
    acts.cancel(workshop.id, dict.fromkeys(("sv", "es", "en"), "Flood."), by=STAFF, now=LATER)
    assert links(page_of("workshop_cancelled")) == []
