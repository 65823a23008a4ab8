"""Many processes and seats that are held for organisations. The guard that wins has its control in test_guard.py."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.database import db, transaction
from app.errors import Busy
from app.registrations import holds, service
from app.registrations.models import Registration
from app.workshops.models import SeatHold, Workshop
from tests import factories
from tests.factories import NOW
from tests.registrations.made import LAPSES, hold_seats
from tests.registrations.test_races import CROWD, in_processes

pytestmark = pytest.mark.timeout(3600)
PEOPLE = dict[str, list[int]]


@pytest.fixture
def crowd(app: Flask, full: bool) -> tuple[int, PEOPLE, int]:
    """A workshop of 50 seats (10 in small), a fifth of them held for each of two organisations, and more people than seats."""
    homes = {name: factories.organisation(name[:2]) for name in ("SE", "CO", "GT")}
    seats, people = (50, 120) if full else (10, 20)
    workshop = factories.workshop(factories.network(*homes.values()), capacity=seats)
    for name in ("CO", "GT"):
        hold_seats(workshop, homes[name], seats // 5)
    ids = {name: [factories.person(home).id for _n in range(people)] for name, home in homes.items()}
    workshop_id = workshop.id
    db.session.remove()
    db.engine.dispose()
    return workshop_id, ids, seats


def counted() -> tuple[int, int, int]:
    """Seats as the workshop counts them, with people in them, and held without anybody."""
    db.session.expire_all()
    people = db.session.scalar(select(func.count()).select_from(Registration).where(Registration.holds_seat))
    unused = db.session.scalar(select(func.coalesce(func.sum(SeatHold.unused), 0)))
    return int(db.session.scalar(select(Workshop.taken)) or 0), int(people or 0), int(unused or 0)


def test_held_seats_go_to_those_they_are_held_for(
    app: Flask, crowd: tuple[int, PEOPLE, int], database_url: str, tmp_path: Path, full: bool
) -> None:
    workshop_id, people, seats = crowd
    everybody = [one for ids in people.values() for one in ids]

    def work(_app: Flask, index: int) -> list[str]:
        said = []
        for number, person in enumerate(random.Random(index).sample(everybody, len(everybody))):
            try:
                said.append(service.register(workshop_id, person, by=CROWD, now=NOW + timedelta(seconds=number)).state)
            except Busy:
                said.append("busy")
        return said

    said = in_processes(database_url, str(tmp_path), 16 if full else 4, work)
    assert not [word for word in said if word.startswith("error")], said
    assert counted() == (seats, seats, 0)
    used = select(Registration.hold_id, func.count()).where(Registration.hold_id.is_not(None)).group_by(Registration.hold_id)
    assert sorted(number for _hold, number in db.session.execute(used)) == [seats // 5, seats // 5]
    assert db.session.scalar(select(func.count()).select_from(Registration)) == len(everybody)


@pytest.mark.parametrize("lapsing", [False, True])
def test_no_seat_is_lost_or_idle_while_people_come_and_go(
    app: Flask, crowd: tuple[int, PEOPLE, int], database_url: str, tmp_path: Path, full: bool, lapsing: bool
) -> None:
    """`lapsing`: the holds' day ends in the middle of it."""
    workshop_id, people, seats = crowd
    everybody = [one for ids in people.values() for one in ids]
    turns = 300 if full else 15

    def work(_app: Flask, index: int) -> list[str]:
        chance = random.Random(index)
        for number in range(turns):
            now = LAPSES + timedelta(seconds=number - (turns // 2 if lapsing else 2 * turns), milliseconds=index)
            try:
                registration = service.register(workshop_id, chance.choice(everybody), by=CROWD, now=now)
                if chance.random() < 0.6:
                    service.cancel(registration.id, by=CROWD, now=now)
                if chance.random() < 0.1:
                    holds.lapse(now=now)
                if problem := _wrong(workshop_id, all_held=not lapsing):
                    return [f"error: {problem}"]
            except Busy:
                continue
        return ["fine"]

    said = in_processes(database_url, str(tmp_path), 16 if full else 4, work)
    assert set(said) == {"fine"}, said
    holds.lapse(now=LAPSES + timedelta(days=1))
    taken, seated, unused = counted()
    assert (taken, unused) == (seated, 0)
    assert taken <= seats
    assert db.session.scalars(select(SeatHold)).all() == []


def _wrong(workshop_id: int, *, all_held: bool) -> str:
    """What cannot be at any moment, seen while nobody else changes a seat; nothing if all is well. `all_held`: no hold is over."""
    with transaction():
        row = db.session.get_one(Workshop, workshop_id, with_for_update=True, populate_existing=True)
        taken, people, unused = counted()
        if taken != people + unused or taken > row.capacity:
            return f"{taken} taken, {people} people, {unused} held"
        waiting = select(func.count()).select_from(Registration).where(Registration.state == "waitlisted")
        if taken < row.capacity and db.session.scalar(waiting):
            return "a free seat and somebody waiting"
        mine = waiting.join(SeatHold, SeatHold.organisation_id == Registration.organisation_id).where(SeatHold.unused > 0)
        return "a held seat and one of its own waiting" if all_held and db.session.scalar(mine) else ""
