"""A pass in which nothing has changed reads little, and every change is seen all the same: by this process and by others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, update

from app.accounts import service as accounts
from app.accounts.models import Person
from app.accounts.service import Details
from app.audit.service import person as actor
from app.database import db, transaction
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.reminders import service
from app.reminders.models import Occurrence, ReminderRule
from app.reminders.watching import NET
from app.workshops.models import Workshop
from scheduler.jobs import Shift, plan_reminders
from tests import factories
from tests.conftest import MakeApp, counted
from tests.factories import NOW
from tests.reminders import made

SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def world(app: Flask) -> tuple[Workshop, Person, Person]:
    """Two people of two zones, planned once by this process."""
    assert app
    there = made.world()
    assert service.keep_planned(NOW).planned == 2
    return there


def planned_anew(now: datetime = SOON) -> int:
    """How many reminders this process would put on the clock again, if it looked: none but of what it takes for changed."""
    with transaction():
        db.session.execute(delete(Occurrence))
    return service.keep_planned(now).planned


def test_nothing_has_changed_and_nothing_is_planned(app: Flask, world: tuple[Workshop, Person, Person]) -> None:
    assert world
    with counted(app) as seen:
        assert service.keep_planned(SOON) == service.Counts()
    reads = [one for one in seen if one.startswith("SELECT")]
    assert len(reads) <= 4
    assert not [one for one in reads if "FROM occurrence" in one or "JOIN person" in one]


def test_control_whoever_remembers_does_not_look(world: tuple[Workshop, Person, Person]) -> None:
    """Else the tests below would be green with no memory at all."""
    assert world
    assert planned_anew() == 0


def newcomer(workshop: Workshop) -> None:
    made.seat(workshop, factories.person(workshop.network.members[0].organisation))


def gone(workshop: Workshop) -> None:
    mine = db.session.query(Registration).filter_by(workshop_id=workshop.id).order_by(Registration.id).all()
    registrations.cancel(mine[0].id, by=made.STAFF, now=NOW)


def moved(workshop: Workshop) -> None:
    with transaction():
        db.session.execute(update(Workshop).where(Workshop.id == workshop.id).values(starts_at=NOW + timedelta(days=90)))


def another_rule(workshop: Workshop) -> None:
    made.rule(workshop.network, offset=-3)


def changed_rule(_workshop: Workshop) -> None:
    with transaction():
        db.session.execute(update(ReminderRule).values(offset=-5))


def another_workshop(workshop: Workshop) -> None:
    newcomer(factories.workshop(workshop.network))


@pytest.mark.parametrize(
    ("change", "planned"), [(newcomer, 2), (gone, 1), (moved, 2), (another_rule, 4), (changed_rule, 2), (another_workshop, 1)]
)
def test_what_changes_is_planned_at_the_next_pass(
    world: tuple[Workshop, Person, Person], change: Callable[[Workshop], None], planned: int
) -> None:
    workshop, *_people = world
    change(workshop)
    with transaction():
        db.session.execute(delete(Occurrence))
    assert service.keep_planned(SOON).planned == planned


def test_what_another_process_changes_is_seen(world: tuple[Workshop, Person, Person], database_url: str, make_app: MakeApp) -> None:
    workshop, *_people = world
    number = workshop.id
    with make_app(database_url).app_context():
        newcomer(db.session.get_one(Workshop, number))
        db.session.remove()
    assert planned_anew() == 2


def test_a_rule_that_is_switched_off_is_followed(world: tuple[Workshop, Person, Person]) -> None:
    assert world
    with transaction():
        db.session.execute(update(ReminderRule).values(enabled=False))
    service.keep_planned(SOON)
    assert {state for _zone, state, _generation in made.occurrences()} == {"cancelled"}


def test_a_process_that_has_just_started_looks_at_everything(
    world: tuple[Workshop, Person, Person], database_url: str, make_app: MakeApp
) -> None:
    assert world
    with transaction():
        db.session.execute(delete(Occurrence))
    with make_app(database_url).app_context():
        assert service.keep_planned(SOON).planned == 2
        db.session.remove()


def test_a_clock_that_goes_back_looks_at_everything(world: tuple[Workshop, Person, Person]) -> None:
    assert world
    assert planned_anew(NOW - timedelta(minutes=1)) == 2


def test_after_a_while_everything_is_looked_at(world: tuple[Workshop, Person, Person]) -> None:
    assert world
    assert planned_anew(NOW + NET - timedelta(seconds=1)) == 0
    assert planned_anew(NOW + NET) == 2
    assert planned_anew(NOW + NET + timedelta(minutes=1)) == 0


def test_at_looks_at_everything(app: Flask, world: tuple[Workshop, Person, Person]) -> None:
    assert world
    with transaction():
        db.session.execute(delete(Occurrence))
    assert plan_reminders(Shift(app, at=SOON))["planned"] == 2


def test_a_workshop_that_could_not_be_planned_is_planned_once_it_is_mended(world: tuple[Workshop, Person, Person]) -> None:
    assert world
    with transaction():
        db.session.execute(update(Workshop).values(zone="Mars/Phobos"))
    assert planned_anew() == 0
    with transaction():
        db.session.execute(update(Workshop).values(zone="America/Bogota"))
    assert planned_anew() == 2


def test_whoever_goes_to_another_clock_is_planned_for_at_once(world: tuple[Workshop, Person, Person]) -> None:
    _workshop, swede, _colombian = world
    details = Details(name=swede.name, lang=swede.lang, zone="America/Guatemala", kind="", gender="", organisation_id=None)
    accounts.change_details(swede, details, by=actor(swede), now=SOON)
    assert "2025-05-27 08:00 America/Guatemala" in made.dues()
