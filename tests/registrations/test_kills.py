"""A web process that is killed in the middle of registrations: whoever has a seat has the mail as well, always."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.database import db, transaction
from app.outbox import service as outbox
from app.outbox.models import Message
from app.registrations import mails, queries
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.benchmarks.registrations import Post, signed_in
from tests.conftest import SETTINGS
from tests.registrations.made import registered

pytestmark = pytest.mark.timeout(3600)
fork = multiprocessing.get_context("fork")


@pytest.fixture
def site(app: Flask, full: bool) -> tuple[str, list[int]]:
    """The address of a workshop's form, and people who want to come: half of them find a seat."""
    umea, number = factories.organisation("SE"), 2000 if full else 60
    day = (datetime.now(UTC) + timedelta(days=60)).date()
    workshop = factories.workshop(factories.network(umea), day, capacity=number // 2)
    people = [factories.person(umea).id for _n in range(number)]
    return f"/sv/workshops/{workshop.slug}/register", people


def sent_until_killed(app: Flask, posts: list[Post], chance: random.Random) -> None:
    """Registers one after another, until the parent has had enough."""

    def run() -> None:
        for post in posts:
            send(app, post)
        os._exit(0)

    child = fork.Process(target=run)
    child.start()
    time.sleep(chance.uniform(0.02, 0.6))
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join(30)


def send(app: Flask, post: Post) -> int:
    """The form, as its browser sends it; the answer's number."""
    headers = {"Cookie": post.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    return app.test_client(use_cookies=False).post(post.path, data=post.body, headers=headers).status_code


def counts() -> tuple[int, int, int, int]:
    """Registrations, confirmation rows, seats as the workshop counts them, people in them."""
    db.session.expire_all()
    wanted = (
        select(func.count()).select_from(Registration),
        select(func.count()).select_from(Message).where(Message.kind.in_(("confirmation", "waiting"))),
        select(Workshop.taken),
        select(func.count()).select_from(Registration).where(Registration.holds_seat),
    )
    first, second, third, fourth = (int(db.session.scalar(one) or 0) for one in wanted)
    return first, second, third, fourth


def test_killed_anywhere_registrations_are_as_many_as_confirmations(
    app: Flask, site: tuple[str, list[int]], database_url: str, tmp_path: Path, full: bool
) -> None:
    path, people = site
    web = create_app({**SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": database_url})
    posts = signed_in(web, path, people)
    assert send(web, posts[0]) == 303  # warm: what is killed is the work, not the start
    with web.app_context():
        db.session.remove()
        db.engine.dispose()
    chance, found = random.Random(7), (1, 1, 1, 1)
    while found[0] == 1:  # but for the first nobody: on a slow machine the kills came too early
        db.session.remove()
        db.engine.dispose()
        for _kill in range(200 if full else 6):
            sent_until_killed(web, chance.sample(posts, 40), chance)
        found = counts()
    registrations, confirmations, taken, seated = found
    assert (registrations, taken) == (confirmations, seated)


@pytest.mark.parametrize("guarded", [True, False])
def test_without_one_transaction_a_kill_leaves_somebody_without_the_mail(app: Flask, guarded: bool) -> None:
    """The control: the same two writes in one transaction or in two, killed between them."""
    umea = factories.organisation("SE")
    workshop_id = factories.workshop(factories.network(umea)).id
    [registration_id] = registered(workshop_id, umea)
    with transaction() as session:
        session.query(Message).delete()
        session.get_one(Registration, registration_id).state = "cancelled"
        session.get_one(Registration, registration_id).holds_seat = False
    db.session.remove()
    db.engine.dispose()

    def seat() -> None:
        row = queries.get(registration_id)
        row.state, row.holds_seat = "confirmed", True

    def killed_between(write: Callable[[], None]) -> None:
        def run() -> None:
            if guarded:
                with transaction():
                    write()
                    os.kill(os.getpid(), signal.SIGKILL)
            with transaction():
                write()
            os.kill(os.getpid(), signal.SIGKILL)
            outbox.queue(mails.answer(queries.get(registration_id)), now=datetime.now(UTC))

        child = fork.Process(target=run)
        child.start()
        child.join(30)

    killed_between(seat)
    confirmed = db.session.scalar(select(func.count()).select_from(Registration).where(Registration.state == "confirmed"))
    mailed = db.session.scalar(select(func.count()).select_from(Message))
    assert (confirmed, mailed) == ((0, 0) if guarded else (1, 0))
