"""Many processes and the last seats. The guards that win these races have their controls in test_guard.py."""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.audit.models import AuditEntry
from app.audit.service import Actor
from app.database import db, transaction
from app.errors import Busy, Refused
from app.outbox.models import Message
from app.registrations import queries, service
from app.registrations.models import Registration
from app.registrations.waiting import offers
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import SETTINGS
from tests.factories import NOW

pytestmark = pytest.mark.timeout(3600)  # at full size, with the other half of the suite beside it on two cores
CROWD = Actor("crowd", "Crowd")
fork = multiprocessing.get_context("fork")


def in_processes(url: str, instance: str, number: int, work: Callable[[Flask, int], list[str]]) -> Counter[str]:
    """Runs `work` in that many processes at once, each with an app and connections of its own; counts what they say."""
    results: Any = fork.Queue()
    gate = fork.Barrier(number)

    def run(index: int) -> None:
        # a cold process writes its first mail under the lock; what is proven here is who gets a seat, not how soon
        app = create_app({**SETTINGS, "LOCK_SECONDS": "60", "DATABASE_URL": url, "INSTANCE": instance})
        with app.app_context():
            gate.wait(600)
            try:
                results.put(work(app, index))
            except Exception as error:  # noqa: BLE001  reported to the parent, which fails on it
                results.put([f"error {error!r}"])

    processes = [fork.Process(target=run, args=(index,)) for index in range(number)]
    for process in processes:
        process.start()
    said = Counter(word for _process in processes for word in results.get(timeout=3000))
    for process in processes:
        process.join(30)
    return said


@pytest.fixture
def crowd(app: Flask, full: bool) -> tuple[int, list[int], int]:
    """A workshop of 50 seats (10 in small), and more people than seats."""
    umea = factories.organisation("SE")
    seats, people = (50, 625) if full else (10, 60)
    workshop_id = factories.workshop(factories.network(umea), capacity=seats).id
    ids = [factories.person(umea).id for _n in range(people)]
    db.session.remove()
    db.engine.dispose()
    return workshop_id, ids, seats


def _state() -> tuple[int, Counter[str]]:
    db.session.expire_all()
    states = Counter(
        {state: number for state, number in db.session.execute(select(Registration.state, func.count()).group_by(Registration.state))}
    )
    return int(db.session.scalar(select(Workshop.taken)) or 0), states


def test_no_seat_is_sold_twice(app: Flask, crowd: tuple[int, list[int], int], database_url: str, tmp_path: Path, full: bool) -> None:
    workshop_id, people, seats = crowd

    def work(_app: Flask, index: int) -> list[str]:
        order = random.Random(index).sample(people, len(people))
        said = []
        for number, person in enumerate(order):
            try:
                said.append(service.register(workshop_id, person, by=CROWD, now=NOW + timedelta(seconds=number)).state)
            except Busy:
                said.append("busy")
        return said

    said = in_processes(database_url, str(tmp_path), 16 if full else 4, work)
    taken, states = _state()
    assert not [word for word in said if word.startswith("error")], said
    assert (taken, states["confirmed"]) == (seats, seats)
    assert states.total() == len(people)
    assert said["busy"] <= said.total() * 0.001
    assert db.session.scalar(select(func.count()).select_from(Message)) == len(people)


def test_the_race_is_real_a_count_without_the_lock_oversells(
    app: Flask, crowd: tuple[int, list[int], int], database_url: str, tmp_path: Path
) -> None:
    """Look, then write, as naive code does: why there is a guard at all, on either database."""
    workshop_id, people, seats = crowd
    confirmed = select(func.count()).select_from(Registration).where(Registration.state == "confirmed")

    with transaction():
        db.session.add_all(_bare(workshop_id, person) for person in people[: seats - 1])
    db.session.remove()
    db.engine.dispose()
    all_have_looked = fork.Barrier(4)

    def work(_app: Flask, index: int) -> list[str]:
        sold = db.session.scalars(confirmed).one()
        db.session.rollback()
        all_have_looked.wait(600)
        if sold < seats:
            with transaction():
                db.session.add(_bare(workshop_id, people[seats + index]))
        return ["done"]

    said = in_processes(database_url, str(tmp_path), 4, work)
    assert set(said) == {"done"}, said
    assert _state()[1]["confirmed"] == seats + 3


def _bare(workshop_id: int, person_id: int) -> Registration:
    key = f"{workshop_id}-{person_id}"
    return Registration(
        workshop_id=workshop_id,
        person_id=person_id,
        state="confirmed",
        holds_seat=True,
        lang="sv",
        check_in_code=key,
        manage_hash=key,
        manage_token=b"",
        created_at=NOW,
        queued_at=NOW,
        changed_at=NOW,
    )


@pytest.mark.parametrize("mode", ["at_once", "offer"])
def test_nobody_waits_while_a_seat_is_free(
    app: Flask, crowd: tuple[int, list[int], int], database_url: str, tmp_path: Path, full: bool, mode: str
) -> None:
    workshop_id, people, seats = crowd
    with transaction():
        db.session.get_one(Workshop, workshop_id).waitlist = mode
    db.session.remove()
    db.engine.dispose()

    def work(_app: Flask, index: int) -> list[str]:
        chance = random.Random(index)
        for number in range(300 if full else 25 if mode == "at_once" else 12):
            person, now = chance.choice(people), NOW + timedelta(seconds=number, milliseconds=index)
            try:
                registration = service.register(workshop_id, person, by=CROWD, now=now)
                if registration.state == "offered":
                    _answer(registration.id, chance, now)
                if chance.random() < 0.6 and not _in_order(workshop_id, registration.id, now):
                    return ["error: somebody moved up past the line"]
                if _seat_lies_idle(workshop_id):
                    return ["error: a free seat and somebody waiting"]
            except Busy:
                continue
        return ["fine"]

    kind, action = ("promotion", "registration.promoted") if mode == "at_once" else ("offer", "registration.offered")
    moved_up = select(func.count()).select_from(Message).where(Message.kind == kind)
    promoted = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == action)
    number = 0
    while not number:  # where all waited too long for the lock, nobody moved up
        db.session.remove()
        db.engine.dispose()
        said = in_processes(database_url, str(tmp_path), 16 if full else 4, work)
        assert set(said) == {"fine"}, said
        number = db.session.scalar(promoted) or 0
    taken, states = _state()
    assert taken == states["confirmed"] + states["offered"] <= seats
    assert db.session.scalar(moved_up) == number


def _answer(registration_id: int, chance: random.Random, now: datetime) -> None:
    """Yes, no, or silence until the offer has lapsed. Somebody else may have been faster with the same person."""
    work = chance.choice([offers.accept, offers.decline, None])
    with suppress(Refused):
        if work is None:
            offers.lapse(now=now + timedelta(days=2))
        else:
            work(registration_id, by=CROWD, now=now)


def _seat_lies_idle(workshop_id: int) -> bool:
    """Whether a seat is free while somebody waits, seen under the lock. Raises Busy."""
    with transaction():
        row = db.session.get_one(Workshop, workshop_id, with_for_update=True, populate_existing=True)
        waiting = select(func.count()).select_from(Registration).where(Registration.state == "waitlisted")
        return row.taken < row.capacity and bool(db.session.scalar(waiting))


def _in_order(workshop_id: int, registration_id: int, now: datetime) -> bool:
    """Leaves; whether those who have moved up were the first in line."""
    with transaction():
        db.session.get_one(Workshop, workshop_id, with_for_update=True, populate_existing=True)
        waiting = queries.of_workshop(workshop_id, ["waitlisted"])
        line = [one.id for one in sorted(waiting, key=lambda one: (-one.priority, one.queued_at, one.id))]
        line = [one for one in line if one != registration_id]
        service.cancel(registration_id, by=CROWD, now=now)
        seated = {one.id for one in queries.of_workshop(workshop_id, ["confirmed", "offered"])}
        moved = [one for one in line if one in seated]
        return moved == line[: len(moved)]


def test_fifty_posts_of_one_person_are_one_registration(
    app: Flask, crowd: tuple[int, list[int], int], database_url: str, tmp_path: Path, full: bool
) -> None:
    workshop_id, people, _seats = crowd
    posts = 50 if full else 8

    def work(_app: Flask, _index: int) -> list[str]:
        return [service.register(workshop_id, people[0], by=CROWD, now=NOW).state]

    said = in_processes(database_url, str(tmp_path), posts, work)
    taken, states = _state()
    assert said == {"confirmed": posts}
    assert (taken, states) == (1, {"confirmed": 1})
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1
