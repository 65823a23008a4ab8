"""Staff move a workshop in a real browser, and the next poll of whoever subscribes has that entry anew and every other as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from playwright.sync_api import BrowserContext

from app.database import db
from app.workshops.models import Workshop
from tests.calendars.strict import Part, read
from tests.journeys.conftest import STAFF, Running, follow

Browse = Callable[..., BrowserContext]


@dataclass(frozen=True)
class Poll:
    """What a calendar program has after a poll: the validator, and the bytes of each entry by its UID."""

    etag: str
    entries: dict[str, bytes]
    rest: bytes

    def event(self, uid: str) -> Part:
        return read(self.rest.replace(b"END:VCALENDAR", self.entries[uid] + b"END:VCALENDAR")).all("VEVENT")[0]


def poll(url: str, before: Poll | None = None) -> Poll | None:
    """Asks as a program does that has fetched before; None if nothing is new."""
    try:
        with urlopen(Request(url, headers={"If-None-Match": before.etag} if before else {})) as answer:  # noqa: S310  our own server
            head, *pieces = answer.read().removesuffix(b"END:VCALENDAR\r\n").split(b"BEGIN:VEVENT\r\n")
            found = {piece.partition(b"\r\n")[0].removeprefix(b"UID:").decode(): b"BEGIN:VEVENT\r\n" + piece for piece in pieces}
            return Poll(answer.headers["ETag"], found, head + b"END:VCALENDAR\r\n")
    except HTTPError as refused:
        if refused.code != HTTPStatus.NOT_MODIFIED:
            raise
        return None


def next_poll(url: str, before: Poll | None) -> Poll:
    """The next poll that brings something: a change is seen a second after its commit at the latest."""
    end = time.monotonic() + 1.5
    while (after := poll(url, before)) is None:
        assert time.monotonic() < end, "the change has not come"
        time.sleep(0.1)
    return after


def test_req_26_a_workshop_moved_in_the_browser_moves_at_the_next_poll(running: Running, browse: Browse) -> None:
    with running.app.app_context():
        workshop = db.session.query(Workshop).filter_by(slug="bogota-care-blocks").one()
        number, days = workshop.id, {day.uid: [session.uid for session in day.sessions] for day in workshop.days}
        moved = {"days": [*days], "overview": [workshop.uid], "sessions": [uid for day in days for uid in days[day] or [day]]}
        db.session.remove()
    urls = {show: f"{running.url}/feeds/all.ics?lang=es&show={show}" for show in moved}
    before = {show: poll(url) for show, url in urls.items()}
    assert {show: poll(url, before[show]) for show, url in urls.items()} == dict.fromkeys(urls)
    time.sleep(1.1)  # DTSTAMP has seconds; the demo may have been written in this one

    page = browse(STAFF).new_page()
    page.goto(f"/en/staff/workshops/{number}/")
    fields = page.locator("[name^=days-][name$=-on]")
    for row in range(fields.count()):
        fields.nth(row).fill((date.fromisoformat(fields.nth(row).input_value()) + timedelta(days=7)).isoformat())
    follow(page.get_by_role("button", name="Save changes"))
    assert {show: poll(url, before[show]) for show, url in urls.items()} == dict.fromkeys(urls)  # nothing is done yet
    follow(page.get_by_role("button", name="Save and tell everybody"))

    for show, url in urls.items():
        assert_moved(before[show], next_poll(url, before[show]), set(moved[show]))


def assert_moved(before: Poll | None, after: Poll, moved: set[str]) -> None:
    """These entries are newer and later, and every other byte is what it was."""
    assert before is not None
    assert after.entries.keys() == before.entries.keys()
    assert {uid for uid in before.entries if before.entries[uid] != after.entries[uid]} == moved
    assert after.rest == before.rest
    for uid in moved:
        old, new = before.event(uid), after.event(uid)
        assert int(new.value("SEQUENCE")) > int(old.value("SEQUENCE"))
        assert new.value("DTSTAMP") == new.value("LAST-MODIFIED") > old.value("DTSTAMP")
        assert (new.value("CREATED"), new.value("STATUS")) == (old.value("CREATED"), "CONFIRMED")
        assert new.value("DTSTART") > old.value("DTSTART")
