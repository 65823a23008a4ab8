"""A newcomer sees every state: an offer with a deadline, answers awaited to a new date, certificates in force and withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Person
from app.attendance.queries import summary
from app.database import db
from app.demo.service import load
from app.outbox.models import Message
from app.papers import queries as papers
from app.papers.models import Certificate
from app.registrations import queries
from app.registrations.coming import service as coming
from app.registrations.models import STATES, Registration
from app.registrations.waiting import terms
from app.workshops.models import Workshop

NOW = datetime(2026, 9, 14, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def workshop(slug: str) -> Workshop:
    return db.session.scalars(select(Workshop).where(Workshop.slug == slug)).one()


def seat(slug: str, address: str) -> Registration:
    person = db.session.scalars(select(Person).where(Person.canonical_address == address)).one()
    found = queries.find(workshop(slug).id, person.id)
    assert found is not None
    return found


def kept() -> list[dict[str, Any]]:
    rows = [row for model in (Registration, Certificate) for row in db.session.scalars(select(model).order_by(model.id))]
    return [{column.key: getattr(row, column.key) for column in type(row).__table__.columns} for row in rows]


def test_somebody_with_a_password_is_offered_a_seat_until_a_deadline(lite: Flask) -> None:
    assert lite
    load(now=NOW)
    offered = seat("bogota-care-blocks", "mattias.brannlund@umea.example")
    assert (offered.state, offered.holds_seat, offered.held_until) == ("offered", True, NOW + 2 * DAY)
    assert terms.of(offered.workshop).offers
    assert offered.workshop.taken == offered.workshop.capacity
    assert {one.state for one in queries.of_workshop(offered.workshop_id)} == {"confirmed", "waitlisted", "offered", "cancelled"}


def test_some_have_said_whether_the_new_date_suits_and_some_have_not(lite: Flask) -> None:
    assert lite
    load(now=NOW)
    moved = workshop("numbers-that-show")
    silent = {one.person.address for one in queries.awaited_of(moved.id)}
    assert silent == {"malin.sundin@are.example", "emil.sahlberg@boras.example", "domingo.vasquez@totonicapan.example"}
    assert len([one for one in queries.of_workshop(moved.id) if one.answered_at is not None]) == 5
    assert coming.chase(now=NOW) == 0, "they were asked twice already: nobody is written to because the demo starts"


def test_whoever_has_attended_has_a_certificate_and_one_is_withdrawn(lite: Flask) -> None:
    assert lite
    load(now=NOW)
    for slug, withdrawn in (("lessebo", 1), ("umea-partnership-2026", 0)):
        over = workshop(slug)
        rows = papers.of_workshop(over.id)
        assert {row.registration_id for row in rows} == {one.registration_id for one in summary(over.id, NOW) if one.attended}, slug
        assert sum(row.revoked_at is not None for row in rows) == withdrawn
        assert papers.standing(over.id, NOW).wanted == []
        run = papers.newest_run(over.id)
        assert run is not None
        assert (run.done, run.total, run.finished_at is not None) == (len(rows), len(rows), True)
    assert papers.find_of(seat("lessebo", "malin.sundin@are.example").id) is not None
    assert papers.standing(workshop("leticia").id, NOW).wanted, "some are left to try the button on"
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_all_states_but_those_of_a_moment_are_there_and_loading_twice_changes_none(lite: Flask) -> None:
    assert lite
    load(now=NOW)
    assert set(db.session.scalars(select(Registration.state))) == set(STATES) - {"unconfirmed", "declined"}
    before = kept()
    assert not load(now=NOW + DAY)
    assert kept() == before
