"""What staff see after a copy was put back, and the one button that ends it."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from app.backups import service
from app.clock import now
from app.outbox import service as mails
from app.outbox.journal import open_journal
from tests import factories
from tests.backups.made import restore
from tests.conftest import MakeApp, Visitor, axe, counted
from tests.outbox.made import STAFF, message, queued, states, switch
from tests.servers import free_port, web

HOUR = timedelta(hours=1)


@pytest.fixture
def officer(lite: Flask, tmp_path: Path) -> Visitor:
    """Somebody of the staff, after a copy was put back in which two mails wait, of which one has left since."""
    for number in (1, 2):
        queued(number, now() - 3 * HOUR, recipient_name=f"Reader {number}")
    file, _manifest = service.make(tmp_path / "copies", now=now() - 2 * HOUR)
    open_journal().write(message(1).message_id, now() - HOUR)
    restore(file, now())
    client = lite.test_client()
    assert isinstance(client, Visitor)
    return client.signed_in(factories.person(factories.organisation("SE"), staff="officer", name="Karin", lang="en"))


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.replace("<wbr>", "")).split())


def test_the_mails_say_why_they_are_paused_and_lead_to_what_would_go(officer: Visitor) -> None:
    page = officer.get("/en/staff/mails").text
    assert "a copy of the database was put back" in page
    assert "/en/staff/mails/put-back" in page
    assert "Let mail go out again" not in page


def test_the_page_names_what_would_go_and_counts_what_has_left(officer: Visitor, lite: Flask) -> None:
    with counted(lite) as seen:
        page = words(officer.get("/en/staff/mails/put-back").text)
    assert len(seen) <= 12
    for part in ("What would go out now", "Mails that left in between 1", "One mail would go out at once", "Reader 2"):
        assert part in page, part
    assert "Reader 1" not in page
    assert states() == {"reader1": "sent", "reader2": "pending"}


def test_nothing_goes_before_somebody_has_looked_and_then_all_of_it(officer: Visitor) -> None:
    assert mails.deliver_pending(now()).sent == 0
    answer = officer.post("/en/staff/mails/resume")
    assert (answer.status_code, answer.location) == (303, "/en/staff/mails/put-back")
    assert switch("mail") == "paused", "the plain button of a page that was open before leads here"
    assert officer.post("/en/staff/mails/put-back").status_code == 303
    assert switch("mail") == "live"
    assert officer.get("/en/staff/mails/put-back").status_code == 303
    mails.pause(by=STAFF, now=now())
    assert "a copy of the database was put back" not in officer.get("/en/staff/mails").text, "an ordinary pause is one"
    assert officer.post("/en/staff/mails/resume").location == "/en/staff/mails"


@pytest.mark.parametrize(("lang", "said"), [("sv", "Det som skulle gå i väg nu"), ("es", "Lo que saldría ahora")])
def test_it_is_said_in_each_language(officer: Visitor, lang: str, said: str) -> None:
    assert said in officer.get(f"/{lang}/staff/mails/put-back").text


@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_read_it(officer: Visitor, lite: Flask, browser: Browser, width: int) -> None:
    cookie = officer.get_cookie("session", domain="127.0.0.1") or officer.get_cookie("session")
    assert cookie is not None
    port = free_port()
    with web(lite, port) as address, closing(browser.new_context(viewport={"width": width, "height": 900})) as context:
        context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/es/staff/mails/put-back")
        assert page.locator("h1").inner_text() == "Lo que saldría ahora"
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_mails_tell_how_old_the_last_good_copy_is_where_any_are_made(sqlite_url: str, make_app: MakeApp, tmp_path: Path) -> None:
    with make_app(sqlite_url, BACKUP_FOLDER=str(tmp_path / "copies")).app_context() as context:
        client = context.app.test_client()
        assert isinstance(client, Visitor)
        client.signed_in(factories.person(factories.organisation("SE"), staff="officer", lang="en"))
        assert "The last good one: never Needs you" in words(client.get("/en/staff/mails").text)
        service.make(now=now() - 27 * HOUR)
        assert "The last good one: 27 hours ago Needs you" in words(client.get("/en/staff/mails").text)
        service.make(now=now() - 2 * HOUR)
        assert "The last good one: 2 hours ago" in (page := words(client.get("/en/staff/mails").text))
        assert "ago Needs you" not in page
