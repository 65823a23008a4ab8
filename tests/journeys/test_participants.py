"""A programme officer narrows the list of people, chooses three, writes to them, and a mail is read."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext

from app.clock import now
from app.database import db
from app.mailer import content
from app.outbox.models import Message
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests.conftest import axe
from tests.journeys.conftest import STAFF, Running, follow

Browse = Callable[..., BrowserContext]


def test_three_people_are_chosen_and_written_to(running: Running, browse: Browse) -> None:
    with running.app.app_context():
        coming = db.session.query(Registration).join(Registration.workshop).filter(Registration.state == "confirmed")
        coming = coming.filter(Workshop.state == "published", Workshop.starts_at > now())
        rows = [row.workshop_id for row in coming]
        workshop_id = max(set(rows), key=rows.count)
    page = browse(STAFF, width=390).new_page()
    page.goto(f"/sv/staff/workshops/{workshop_id}/participants/")
    follow(page.locator("nav.tabs >> text=Bekräftad").first)
    page.select_option("#role", "official")
    follow(page.locator("text=Visa").first)
    assert "role=official" in page.url
    follow(page.locator("text=Lista att skriva ut").first)
    assert page.locator("table.signing tbody tr").count() >= 3
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.go_back()
    boxes = page.locator("input[name=chosen]")
    for place in range(3):
        boxes.nth(place).check()
    follow(page.locator("text=Skriv till dem").first)
    assert page.locator("h1").inner_text() == "Skriv till 3 personer"
    page.fill("#subject_sv", "Bussen går klockan nio")
    page.fill("#text_sv", "Ta med **skor**.")
    page.select_option("#original", "sv")
    follow(page.locator("text=Se vad de kommer att läsa").first)
    assert "Bussen går klockan nio" in page.locator("article").first.inner_text()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    follow(page.locator("text=Skicka till 3 personer").first)
    assert "3 personer får mejlet." in page.locator(".flashes").last.inner_text()
    with running.app.app_context():
        mails = db.session.query(Message).filter_by(kind="bulletin").all()
        assert [mail.subject for mail in mails] == ["Bussen går klockan nio"] * 3
        assert mails[0].body is not None
        read = content.text_of(mails[0].body)
    assert "Ta med **skor**." in read
    assert "/r/" in read
