"""The main job from end to end: staff make a workshop, people register, calendars read it, the scheduler reminds, staff see it.

A real browser, a real SMTP server, the scheduler as its own process, on PostgreSQL; with --full on SQLite too.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar, Component
from playwright.sync_api import Browser, Page

from app import create_app
from app.clock import now
from app.database import db
from app.demo import service as demo
from scheduler.__main__ import once
from tests import servers
from tests.conftest import SETTINGS
from tests.journeys.conftest import follow

pytestmark = pytest.mark.parametrize("database_url", [pytest.param("sqlite", marks=pytest.mark.full), "postgresql"], indirect=True)

ROOT = Path(__file__).resolve().parent.parent.parent
BOGOTA = ZoneInfo("America/Bogota")
PASSWORD = demo.PASSWORD
TITLES = {"sv": "Torg för alla", "es": "Plazas para todas las personas", "en": "Squares for everybody"}


class Story:
    """A service with its own database, SMTP server and settings, as three processes would share them."""

    def __init__(self, database: str, folder: Path, mailbox: servers.Mailbox, smtp_port: int) -> None:
        self.port = servers.free_port()
        self.mailbox = mailbox
        self.settings = {
            **SETTINGS,
            "INSTANCE": str(folder),
            "DATABASE_URL": database,
            "BASE_URL": f"http://127.0.0.1:{self.port}",
            "DEMO": "1",
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(smtp_port),
            "MAIL_ALLOWLIST": "@umea.example,@guest.example",
        }
        self.app = create_app(self.settings)
        with self.app.app_context():
            demo.load(now=now())

    def scheduler(self, at: datetime | None = None) -> dict[str, int]:
        """Runs the scheduler process once, as if the clock showed `at`; what it counted."""
        command = [sys.executable, "-m", "scheduler", "--once", *(["--at", at.isoformat()] if at else [])]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **self.settings}, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        counts: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
        return counts

    def pass_once(self) -> None:
        """The same without a process of its own."""
        assert once(self.app, None) == 0

    def client(self) -> FlaskClient:
        """What a calendar program is: no cookie, no script."""
        return self.app.test_client()

    def mail(self, address: str, *, subject: str) -> EmailMessage:
        """The one mail to an address with these words in its subject."""
        found = [message for message in self.mailbox.to(address) if subject in str(message["Subject"])]
        assert len(found) == 1, [str(message["Subject"]) for message in self.mailbox.to(address)]
        return found[0]


@pytest.fixture
def story(database_url: str, tmp_path: Path, smtp: tuple[servers.Mailbox, int]) -> Iterator[Story]:
    story = Story(database_url, tmp_path, *smtp)
    with servers.web(story.app, story.port):
        yield story
    with story.app.app_context():
        db.engine.dispose()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(story: Story, browser: Browser) -> Iterator[OpenPage]:
    contexts = []

    def new(width: int = 1280) -> Page:
        context = browser.new_context(base_url=story.settings["BASE_URL"], viewport={"width": width, "height": 900})
        contexts.append(context)
        return context.new_page()

    yield new
    for context in contexts:
        context.close()


def words(message: EmailMessage, kind: str) -> str:
    """One part of a mail."""
    part = next(part for part in message.walk() if part.get_content_type() == kind)
    return str(part.get_content())


def invitation(message: EmailMessage) -> Component:
    """The event in the calendar part."""
    return Calendar.from_ical(words(message, "text/calendar")).walk("VEVENT")[0]


def reminders_of(story: Story, address: str, title: str) -> list[EmailMessage]:
    """What has come about a workshop that one could also do without: not what is about a commitment or a partnership."""
    return [mail for mail in story.mailbox.to(address) if mail["List-Unsubscribe"] and title in str(mail["Subject"])]


def make_workshop(page: Page, first: datetime) -> None:
    """Karin makes a workshop of two days in Bogotá, on one page, and publishes it."""
    page.goto("/en/sign-in/password")
    page.get_by_label("E-mail").fill("karin.ahlqvist@icld.example")
    page.locator("input[type=password]").fill(PASSWORD)
    follow(page.locator("main form button").first)
    page.goto("/en/staff/workshops/new")
    for lang, title in TITLES.items():
        page.locator(f"[name=title_{lang}]").fill(title)
        page.locator(f"[name=summary_{lang}]").fill(f"{title}. Två dagar, dos días, two days.")
    follow(page.get_by_role("button", name="Save draft"))
    page.get_by_label("Place, whose clock the hours follow").select_option("America/Bogota")
    follow(page.get_by_role("button", name="Add a day"))
    for row in range(2):
        page.locator(f"[name=days-{row}-on]").fill((first + timedelta(days=row)).date().isoformat())
        page.locator(f"[name=days-{row}-starts]").fill("09:00")
        page.locator(f"[name=days-{row}-ends]").fill("16:00")
    page.locator("[name=place]").fill("Bogotá")
    page.locator("[name=country]").select_option("CO")
    page.locator("[name=venue]").fill("Archivo de Bogotá")
    page.locator("[name=capacity]").fill("12")
    follow(page.get_by_role("button", name="Save and look through"))
    follow(page.get_by_role("button", name="Publish"))
    assert "Nobody gets a mail." in page.locator("main").inner_text()
    follow(page.get_by_role("button", name="Publish it now"))


def test_the_main_job_from_end_to_end(story: Story, open_page: OpenPage) -> None:  # noqa: PLR0915  one story, told in order
    first = (now() + timedelta(days=40)).astimezone(BOGOTA).replace(hour=9, minute=0, second=0, microsecond=0)
    staff, member = open_page(), open_page(390)

    # 1. Staff make it and publish it; a draft is nobody else's.
    make_workshop(staff, first)
    number = re.search(r"/staff/workshops/(\d+)/", staff.url)
    assert number is not None, staff.url

    # 2. The public list and page show it in the reader's language with both clocks; the calendar carries it.
    member.goto("/sv/workshops/")
    follow(member.get_by_role("link", name=TITLES["sv"]))
    page = member.locator("main").inner_text()
    assert "09:00–16:00" in page
    assert "i Bogotá" in page
    assert "i Stockholm" in page
    slug = urlsplit(member.url).path.split("/")[3]
    events = Calendar.from_ical(story.client().get("/feeds/all.ics?lang=sv").data).walk("VEVENT")
    mine = [event for event in events if TITLES["sv"] in str(event["SUMMARY"])]
    assert [event.decoded("DTSTART") for event in mine] == [first, first + timedelta(days=1)]

    # 3. A participant signs in by code, registers, gets the confirmation with the calendar entry, and a calendar of her own.
    address = "helena.oqvist@umea.example"
    member.goto(f"/sv/workshops/{slug}/register")
    follow(member.get_by_role("link", name="Logga in").last)
    member.locator("[name=address]").fill(address)
    follow(member.locator("main form button").first)
    assert story.scheduler()["sent"] == 1
    code = re.search(r"\b\d{3} ?\d{3}\b", words(story.mailbox.messages[-1], "text/plain"))
    assert code is not None
    member.locator("[name=code]").fill(code.group())
    follow(member.locator("main form button").first)
    follow(member.locator("main form button").first)
    assert "/sv/me/registrations/" in member.url
    story.scheduler()
    confirmation = story.mail(address, subject=TITLES["sv"])
    event = invitation(confirmation)
    overview = Calendar.from_ical(story.client().get("/feeds/all.ics?lang=sv&show=overview").data).walk("VEVENT")
    assert str(event["UID"]) in [str(each["UID"]) for each in overview]
    assert str(event["ATTENDEE"]) == f"mailto:{address}"
    assert confirmation["Content-Language"] == "sv"
    member.goto("/sv/me/calendar/")
    member.locator("[name=device]").fill("Telefon")
    follow(member.locator("main form button").first)
    personal = urlsplit(member.locator("#made").input_value()).path
    own = Calendar.from_ical(story.client().get(personal).data).walk("VEVENT")
    assert [str(each["STATUS"]) for each in own if TITLES["sv"] in str(each["SUMMARY"])] == ["CONFIRMED", "CONFIRMED"]

    # 4. The scheduler reminds her a week before, at nine in Bogotá, at a civil hour of her own, once.
    due = first - timedelta(days=7)
    before = len(story.mailbox.raw)
    story.scheduler(at=due - timedelta(minutes=1))
    assert reminders_of(story, address, TITLES["sv"]) == []
    story.scheduler(at=due + timedelta(minutes=1))
    story.scheduler(at=due + timedelta(minutes=2))
    reminders = reminders_of(story, address, TITLES["sv"])
    assert len(reminders) == 1
    assert len(story.mailbox.raw) > before
    text = words(reminders[0], "text/plain")
    assert TITLES["sv"] in str(reminders[0]["Subject"]) + text
    assert "09:00–16:00 i Bogotá" in text
    assert reminders[0]["Content-Language"] == "sv"

    # 5. Staff see in the workshop's mail log that it went, to whom, when.
    staff.goto(f"/en/staff/workshops/{number.group(1)}/mails")
    log = staff.locator("main").inner_text()
    assert "Helena Öqvist" in log
    assert "Sent" in log
    assert staff.get_by_text("Reminder").count()


def test_a_guest_comes_to_an_open_talk_without_an_account(story: Story, open_page: OpenPage) -> None:
    guest, address = open_page(390), "ana.ruiz@guest.example"
    guest.goto("/es/workshops/who-cares-for-the-city/register")
    guest.locator("[name=name]").fill("Ana Ruiz")
    guest.locator("[name=address]").fill(address)
    guest.locator("[name=organisation]").select_option("other")
    guest.locator("[name=consent]").check()
    follow(guest.locator("main form button").first)
    story.pass_once()
    hold = story.mailbox.to(address)[0]
    link = re.search(r"http://\S+/r/\S+", words(hold, "text/plain"))
    assert link is not None
    guest.goto(link.group())
    follow(guest.locator("main form button").first)
    story.pass_once()
    confirmation = story.mailbox.to(address)[1]
    assert str(invitation(confirmation)["ATTENDEE"]) == f"mailto:{address}"
    assert guest.locator("html").get_attribute("lang") == "es"
    follow(guest.get_by_role("link", name=re.compile("…")))
    follow(guest.locator("main form button").first)
    story.pass_once()
    goodbye = Calendar.from_ical(words(story.mailbox.to(address)[2], "text/calendar"))
    assert str(goodbye["METHOD"]) == "CANCEL"
    assert int(str(goodbye.walk("VEVENT")[0]["SEQUENCE"])) > int(str(invitation(confirmation)["SEQUENCE"]))
