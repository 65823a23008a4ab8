"""Stopping reminders by a link or one click of a mail program, and what staff see of those held or missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Person
from app.crypto import decrypt
from app.database import db, transaction
from app.registrations.models import Registration
from app.reminders import service
from app.reminders.models import Occurrence
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.reminders import made

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def browser(app: Flask) -> Visitor:
    return cast("Visitor", app.test_client())


def link_of(person: Person) -> str:
    sealed = db.session.scalars(select(Registration.manage_token).where(Registration.person_id == person.id)).one()
    return f"/r/{decrypt(sealed).decode()}/reminders"


def is_off(person: Person) -> bool:
    db.session.expire_all()
    return db.session.scalars(select(Registration.reminders_off).where(Registration.person_id == person.id)).one()


def test_one_click_of_a_mail_program_needs_neither_cookie_nor_token(lite: Flask) -> None:
    _workshop, swede, colombian = made.world()
    link = link_of(swede)
    for _time in range(2):
        answer = browser(lite).post(link, data=ONE_CLICK, csrf=False, headers={"Sec-Fetch-Site": "cross-site"})
        assert (answer.status_code, answer.headers.get("Location")) == (200, None)
    assert (is_off(swede), is_off(colombian)) == (True, False)


def test_opening_the_link_changes_nothing(lite: Flask) -> None:
    _workshop, swede, _colombian = made.world()
    link = link_of(swede)
    answer = browser(lite).get(link)
    browser(lite).head(link)
    assert answer.status_code == 200
    assert '<html lang="sv">' in answer.get_data(as_text=True)
    assert not is_off(swede)


def test_the_button_stops_and_starts_again(lite: Flask) -> None:
    _workshop, swede, _colombian = made.world()
    link, visitor = link_of(swede), browser(lite)
    assert visitor.post(link).status_code == 303
    assert is_off(swede)
    assert f'action="{link}/again"' in visitor.get(link).get_data(as_text=True)
    assert visitor.post(f"{link}/again").status_code == 303
    assert not is_off(swede)


def test_starting_again_needs_the_token_of_the_form(lite: Flask) -> None:
    _workshop, swede, _colombian = made.world()
    assert browser(lite).post(f"{link_of(swede)}/again", csrf=False).status_code == 403


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_link_leads_nowhere(lite: Flask, method: str) -> None:
    assert getattr(browser(lite), method)("/r/forged/reminders", data=ONE_CLICK).status_code == 404


def test_staff_let_a_held_reminder_go_and_see_a_missed_one(lite: Flask) -> None:
    made.world()
    officer = factories.person(staff="officer")
    service.plan(NOW)
    rows = db.session.scalars(select(Occurrence).order_by(Occurrence.id)).all()
    now = datetime.now(UTC)
    with transaction():
        rows[0].state, rows[0].useful_until, rows[0].people = "held", now + timedelta(days=1), 120
        rows[1].state, rows[1].useful_until = "missed", now
    held = rows[0].id
    visitor = browser(lite).signed_in(officer)
    page = visitor.get("/en/staff/reminders/").get_data(as_text=True)
    assert "Waits for a second look" in page
    assert "It is for 120 people, more than three times as many as any reminder before" in page
    assert "Missed" in page
    assert visitor.post(f"/en/staff/reminders/{held}/release").status_code == 303
    db.session.expire_all()
    assert db.session.scalars(select(Occurrence.state).where(Occurrence.id == held)).one() != "held"


def test_members_do_not_see_the_staffs_page(lite: Flask) -> None:
    _workshop, swede, _colombian = made.world()
    assert browser(lite).signed_in(swede).get("/en/staff/reminders/").status_code == 404
