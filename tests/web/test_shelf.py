"""Pages that are kept are nobody's: they carry no token, no name, no message and nothing of one's own from one reader to another."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import event, update

from app.database import db, transaction
from app.outbox.models import Beat, Worker
from app.outbox.queries import WATCHED
from app.registrations import service
from app.web import everywhere, shelf
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import Visitor, counted
from tests.workshops.made import KARIN

NOW = factories.NOW
LIST = "/en/workshops/"
STAFF = "/staff/workshops/"


@pytest.fixture
def workshop(lite: Flask, clock: Callable[[datetime], Any]) -> Workshop:
    assert lite
    with clock(NOW):
        host = factories.organisation("CO")
        return factories.workshop(factories.network(host), date(2025, 6, 3), organisation=host)


def asked(app: Flask, words: str) -> int:
    """How many statements of the list's page have these words."""
    with counted(app) as seen:
        assert app.test_client().get(LIST).status_code == 200
    return len([statement for statement in seen if words in statement])


def signed_in(app: Flask, name: str, *, staff: str | None = None, second_factor: bool = True) -> Visitor:
    browser = app.test_client()
    assert isinstance(browser, Visitor)
    return browser.signed_in(factories.person(name=name, staff=staff), second_factor=second_factor)


def beating(at: datetime) -> None:
    """The scheduler's signs of life, all of them then."""
    with transaction():
        for row in (*(Beat(job=job, at=at) for job in WATCHED), Worker(id=UUID(int=1), host="here", pid=1, started_at=at, beat_at=at)):
            db.session.merge(row)


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found.group(1)


def chosen(browser: FlaskClient, value: str) -> int:
    """What choosing a clock with that token is answered with."""
    g.pop("csrf_token", None)
    return browser.open("/en/clock", method="POST", data={"zone": "America/Bogota", "csrf_token": value}).status_code


@pytest.mark.usefixtures("workshop")
def test_each_reader_has_a_token_of_their_own_and_it_counts(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        browsers, tokens = [lite.test_client() for _number in range(2)], []
        for browser in browsers:
            g.pop("csrf_token", None)  # of the request before: the context around this test outlives it
            tokens.append(token(browser.get(LIST).get_data(as_text=True)))
        sent = [chosen(browsers[one], tokens[other]) for one, other in ((0, 0), (1, 1), (0, 1))]
    assert len(lite.extensions[shelf.KEY].pages) == 1
    assert tokens[0] != tokens[1]
    assert sent == [303, 303, 403]


def test_what_somebody_sees_who_is_signed_in_is_shown_to_nobody_else(
    lite: Flask, workshop: Workshop, clock: Callable[[datetime], Any]
) -> None:
    address = f"/en/workshops/{workshop.slug}/"
    with clock(NOW):
        person = factories.person(workshop.organisation, name="Lucía Chavajay")
        service.register(workshop.id, person.id, by=KARIN, now=NOW)
        mine = lite.test_client()
        assert isinstance(mine, Visitor)
        mine.signed_in(person)
        own, public = ([browser.get(address).get_data(as_text=True) for _turn in range(2)] for browser in (mine, lite.test_client()))
    assert all("See my registration" in page and "Lucía" in page for page in own)
    assert not any("See my registration" in page or "Lucía" in page for page in public)


@pytest.mark.parametrize(
    ("address", "staff", "shown"),
    [(LIST, None, ("&lt;Lucía&gt; Chavajay", "Malin Sundin")), (f"/en{STAFF}", "officer", ("&lt;Lucía&gt; C.", "Malin S."))],
)
@pytest.mark.usefixtures("workshop")
def test_readers_of_a_kind_share_a_page_and_each_reads_the_own_name(
    lite: Flask, clock: Callable[[datetime], Any], address: str, staff: str | None, shown: tuple[str, str]
) -> None:
    with clock(NOW):
        browsers = [signed_in(lite, name, staff=staff) for name in ("<Lucía> Chavajay", "Malin Sundin")]
        pages = [browser.get(address).get_data(as_text=True) for browser in browsers * 2]
    assert len(lite.extensions[shelf.KEY].pages) == 1
    assert [tuple(name in page for name in shown) for page in pages] == [(True, False), (False, True)] * 2


@pytest.mark.usefixtures("workshop")
def test_readers_of_different_kinds_share_nothing(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    """Not even of one name: where staff can go stands in the head."""
    with clock(NOW):
        kinds: list[dict[str, Any]] = [{}, {"staff": "helper"}, {"staff": "officer"}, {"staff": "officer", "second_factor": False}]
        browsers = [lite.test_client(), *(signed_in(lite, "Karin", **kind) for kind in kinds)]
        pages = [browser.get(LIST).get_data(as_text=True) for browser in browsers * 2]
    assert len(lite.extensions[shelf.KEY].pages) == 5
    assert ['href="/en/staff/"' in page for page in pages] == [False, False, False, True, False] * 2
    assert ["Sign in" in page for page in pages] == [True, False, False, False, False] * 2


@pytest.mark.usefixtures("workshop")
def test_staff_read_at_once_that_the_clock_has_stopped(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        karin, found = signed_in(lite, "Karin", staff="officer"), []
        for age in (timedelta(days=1), timedelta(0), timedelta(days=1)):
            beating(NOW - age)
            found.append("The reminder clock has stopped" in karin.get(f"/en{STAFF}").get_data(as_text=True))
    assert found == [True, False, True]


def test_whoever_is_awaited_by_a_message_reads_it_and_nobody_else_does(
    lite: Flask, workshop: Workshop, clock: Callable[[datetime], Any]
) -> None:
    address = f"/en/workshops/{workshop.slug}/"
    with clock(NOW):
        browser = lite.test_client()
        with browser.session_transaction() as session:
            session["_flashes"] = [("message", "You have left")]
        pages = [one.get(address).get_data(as_text=True) for one in (browser, lite.test_client(), browser)]
    assert ["You have left" in page for page in pages] == [True, False, False]


@pytest.mark.parametrize("address", [LIST, f"{LIST}?open=1", f"{LIST}care/"])
def test_a_page_is_made_of_one_state_of_the_database(app: Flask, clock: Callable[[datetime], Any], address: str) -> None:
    """A seat is taken between what a page is kept by and its words, and comes back afterwards."""
    with clock(NOW):
        made = factories.workshop(factories.network(), date(2025, 6, 3), slug="care", capacity=9)
        engine, turn = db.engine, update(Workshop).where(Workshop.id == made.id)
        pages: list[str] = []
        db.session.remove()

        def take(_connection: object, _cursor: object, words: str, *_rest: object) -> None:
            if "published_at" in words and not pages:  # the whole row, where the words are made
                with engine.begin() as other:
                    other.execute(turn.values(taken=1))

        event.listen(engine, "before_cursor_execute", take)
        for _turn in range(2):
            pages.append(app.test_client().get(address).get_data(as_text=True))
            with engine.begin() as other:
                other.execute(turn.values(taken=0))
        event.remove(engine, "before_cursor_execute", take)
    assert "0 of 9 taken" in pages[1]


@pytest.mark.usefixtures("workshop")
def test_no_page_outlives_what_stands_around_it(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    frame = ["before"]
    everywhere(lite, lambda: frame[0])
    found = []
    with clock(NOW):
        for name in ("before", "before", "after", "before"):
            frame[0] = name
            found.append(asked(lite, "SELECT DISTINCT"))
    assert found == [1, 0, 1, 0]


@pytest.mark.usefixtures("workshop")
def test_nobody_fills_the_memory(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        browser = lite.test_client()
        for number in range(shelf.MOST + 5):
            browser.get(f"{LIST}?page={number % 2}&x={number}")
        browser.get(f"{LIST}?x={'y' * shelf.LONGEST}")
    pages = lite.extensions[shelf.KEY].pages
    assert len(pages) == shelf.MOST
    assert not any("yyy" in str(key) for key in pages)
