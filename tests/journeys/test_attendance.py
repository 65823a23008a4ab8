"""Staff type in on a phone who was there: one half-day at a time, a line a person."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect
from sqlalchemy import func, select

from app.attendance.models import Attendance
from app.database import db
from app.workshops.models import Workshop
from tests.conftest import axe
from tests.journeys.conftest import STAFF, Running, follow


def marks(running: Running) -> int:
    """How many half-days are marked, of everybody."""
    with running.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Attendance)) or 0


def test_a_half_day_is_typed_in_on_a_phone_and_the_others_stay(running: Running, browse: Callable[..., BrowserContext]) -> None:
    with running.app.app_context():
        of = db.session.scalars(select(Workshop.id).where(Workshop.slug == "bogota-2024")).one()
    page, before = browse(STAFF, width=390).new_page(), marks(running)
    page.goto(f"/en/staff/workshops/{of}/attendance/")
    boxes = page.locator("main tbody input[type=checkbox]")
    assert (boxes.count(), boxes.locator("visible=true").count()) == (22 * 7, 22)
    assert page.evaluate("document.documentElement.scrollHeight") < 4500, "it was 10,800 pixels long"
    page.get_by_label("Half-day").select_option(label="Monday 18 March, morning")
    page.get_by_label("Name, organisation or code").fill("guzman")
    follow(page.get_by_role("button", name="Show"))
    expect(page.locator("main tbody tr")).to_have_count(1)
    assert axe(page) == []
    for words, number in (("One mark is taken back.", before - 1), ("One mark is set.", before)):
        boxes.locator("visible=true").click()
        follow(page.get_by_role("button", name="Save the attendance"))
        expect(page.get_by_text(words)).to_be_visible()
        assert marks(running) == number
