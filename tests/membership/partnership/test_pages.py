"""The pages of partnerships: opened by staff in the browser's way, seen by its members, by everybody, and by nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.database import db, transaction
from app.membership.models import Partnership
from app.membership.partnership import dates, queries, service
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.membership import made
from tests.membership.made import STAFF, World
from tests.membership.partnership.test_service import VISIT, kept, values

NEW = {"area": "urban_planning", "phase": "preparation", "starts_on": "2025-03-01", "project_on": "", "ends_on": "2027-12-31"}


@pytest.fixture
def staff(lite: Flask, clock: Callable[[datetime], Any]) -> Iterator[Visitor]:
    """A programme officer's browser, at NOW."""
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        yield visitor.signed_in(factories.person(staff="officer"))


def read(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def opened(world: World) -> str:
    slug = service.start(world.network.id, values(world), by=STAFF, now=NOW).slug
    dates.write(slug, None, VISIT, by=STAFF, now=NOW)
    secret = dates.Values("meeting", {"en": "Steering group"}, "Europe/Stockholm", date(2025, 5, 1), date(2025, 5, 1), public=False)
    dates.write(slug, None, secret, by=STAFF, now=NOW)
    return slug


def visitor(app: Flask, person: Any = None) -> Visitor:
    found = app.test_client()
    assert isinstance(found, Visitor)
    return found.signed_in(person) if person else found


def test_the_page_says_what_is_missing_and_keeps_what_was_typed(staff: Visitor) -> None:
    world = made.world()
    typed = {**NEW, "one": world.umea.id, "other": world.bogota.id}
    page = read(staff.post("/en/staff/partnerships/new", data=typed), 422)
    assert ("What is missing" in page, page.count(world.umea.names["en"].name) >= 2, 'value="2027-12-31"' in page) == (True, True, True)
    assert db.session.scalar(select(func.count()).select_from(Partnership)) == 0
    kept(world)
    assert staff.post("/en/staff/partnerships/new", data=typed).status_code == 303


def test_staff_give_it_dates_people_and_documents(staff: Visitor) -> None:
    world = kept(made.world())
    slug = service.start(world.network.id, values(world), by=STAFF, now=NOW).slug
    home = f"/en/staff/partnerships/{slug}/"
    date_ = {
        "kind": "visit",
        "title_en": "First meeting",
        "starts_on": "2025-06-02",
        "starts": "9",
        "ends": "16:30",
        "zone": "America/Bogota",
    }
    assert staff.post(f"{home}dates/new", data={**date_, "starts": "25"}).status_code == 422
    assert staff.post(f"{home}dates/new", data={**date_, "zone": "Asia/Tokyo"}).status_code == 422
    assert staff.post(f"{home}dates/new", data=date_).status_code == 303
    assert "Nobody with this address" in read(staff.post(f"{home}people", data={"who": "x@y.example", "role": "steering"}), 422)
    assert staff.post(f"{home}people", data={"who": world.malin.address, "role": "coordinator"}).status_code == 303
    assert "begins with https://" in read(staff.post(f"{home}documents", data={"title": "Plan", "url": "ftp://x"}), 422)
    assert staff.post(f"{home}documents", data={"title": "Plan", "url": "https://there.example/plan"}).status_code == 303
    page = read(staff.get(home))
    assert all(words in page for words in ("First meeting", "09:00–16:30 in Bogotá", "Malin Sundin", "https://there.example/plan"))
    number = re.search(r"dates/(\d+)/call-off", page)
    assert number
    assert "nobody is reminded of it any more" in read(staff.get(f"{home}dates/{number[1]}/call-off"))
    assert "Called off" not in read(staff.get(home))
    assert staff.post(f"{home}dates/{number[1]}/call-off").status_code == 303
    assert "Called off" in read(staff.get(home))


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
def test_every_page_of_it_opens_in_each_language(staff: Visitor, lite: Flask, lang: str) -> None:
    world = kept(made.world())
    slug = opened(world)
    number = dates.write(slug, None, VISIT, by=STAFF, now=NOW).id
    theirs = [f"/{lang}/staff/partnerships/{path}" for path in ("", "new", f"{slug}/", f"{slug}/dates/new", f"{slug}/dates/{number}/")]
    assert [staff.get(path).status_code for path in theirs] == [200] * 5
    member = visitor(lite, world.malin)
    assert [member.get(f"/{lang}/me/partnerships/{path}").status_code for path in ("", f"{slug}/")] == [200] * 2
    assert [visitor(lite).get(f"/{lang}/partnerships/{path}").status_code for path in ("", f"{slug}/", "?country=CO")] == [200] * 3


def test_members_see_all_dates_and_the_public_the_public_ones(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        world = kept(made.world())
        slug = opened(world)
        own = read(visitor(lite, world.malin).get(f"/en/me/partnerships/{slug}/"))
        public = read(visitor(lite).get(f"/en/partnerships/{slug}/"))
        assert ("Besök i Bogotá" in own, "Steering group" in own) == (True, True)
        assert ("Besök i Bogotá" in public, "Steering group" in public, world.malin.address in public) == (True, False, False)
        assert 'lang="sv"' in public
        for other in (world.lucia, factories.person()):
            assert visitor(lite, other).get(f"/en/me/partnerships/{slug}/").status_code == 404
            assert visitor(lite, other).get(f"/en/staff/partnerships/{slug}/").status_code == 404


def test_whose_account_is_closed_is_named_to_staff_alone(lite: Flask, staff: Visitor) -> None:
    world = kept(made.world())
    slug, left = opened(world), factories.person(name="Gunvor Closed")
    service.add_person(slug, left.address, "steering", by=STAFF, now=NOW)
    pages = [(visitor(lite, world.malin), f"/en/me/partnerships/{slug}/"), (staff, f"/en/staff/partnerships/{slug}/")]
    assert ["Gunvor Closed" in read(browser.get(path)) for browser, path in pages] == [True, True]
    with transaction():
        left.disabled_at = NOW
    assert ["Gunvor Closed" in read(browser.get(path)) for browser, path in pages] == [False, True]


def test_partnerships_of_a_country_alone(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        slug = opened(kept(made.world()))
        shown = [f"/en/partnerships/{slug}/" in read(visitor(lite).get(f"/en/partnerships/?country={code}")) for code in ("CO", "GT")]
        assert shown == [True, False]


def test_two_who_edit_a_date_the_second_is_told_and_keeps_what_was_typed(staff: Visitor) -> None:
    slug = opened(kept(made.world()))
    number = queries.get(slug).events[1].id
    home = f"/en/staff/partnerships/{slug}/dates/{number}/"
    typed = {"version": "0", "kind": "visit", "title_en": "Mine", "starts_on": "2025-09-02", "zone": "America/Bogota", "public": "y"}
    assert staff.post(home, data={**typed, "title_en": "Theirs"}).status_code == 303
    page = read(staff.post(home, data=typed), 409)
    assert ('value="Mine"' in page, "Theirs" in page, 'name="version" type="hidden" value="1"' in page) == (True, True, True)
    assert queries.get(slug).events[1].titles["en"] == "Theirs"
    assert staff.post(home, data={**typed, "version": "1"}).status_code == 303
    assert queries.get(slug).events[1].titles["en"] == "Mine"


def test_its_calendar_stands_on_its_pages(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    with clock(NOW):
        world = kept(made.world())
        slug = opened(world)
        public, own = (read(visitor(lite, world.malin).get(f"/sv/{path}{slug}/")) for path in ("partnerships/", "me/partnerships/"))
        assert f'href="webcal://127.0.0.1:5000/feeds/partnership/{slug}.ics?lang=sv"' in public
        assert (f"/sv/subscribe?calendar=partnership/{slug}" in public, "/sv/me/calendar/" in own) == (True, True)
