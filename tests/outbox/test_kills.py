"""Real processes killed at random moments: nothing lost, a copy at most a kill, and every copy the same message.

Workers are forked from this warm process and run the scheduler itself. The server is a process of its own that writes
down what it took. Two controls do the work the careless way, and must be seen to lose and to copy.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from email import message_from_bytes
from functools import partial
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import func, select, update

from app import create_core, mailer
from app.accounts.models import Person
from app.clock import now
from app.crypto import encrypt, hash_token, new_token
from app.database import db, retrying, transaction
from app.errors import Busy
from app.organisations.models import Network, Organisation
from app.outbox import claims, service
from app.outbox.claims import Outcome, Step
from app.outbox.models import Message, MessageItem, Worker
from app.outbox.rules import DIED, MOST_COPIES
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.reminders import queries as reminders
from app.reminders import service as planner
from app.reminders.models import Occurrence
from app.reminders.rules import MOST_PEOPLE
from app.swift import swift
from scheduler.__main__ import serve
from tests import factories
from tests.conftest import SETTINGS, MakeApp
from tests.outbox.made import STAFF, mail
from tests.reminders.made import rule
from tests.servers import free_port

fork = multiprocessing.get_context("fork")
SLOW = pytest.mark.parametrize("sink", [0.03], indirect=True)  # so slow that people cancel meanwhile
UNSETTLED = ("pending", "sending")


# The server ------------------------------------------------------------------------------------------------------------


class Notebook:
    """Takes a message in a few milliseconds and writes one line about it before it answers."""

    def __init__(self, path: Path, pause: float) -> None:
        self.path = path
        self.pause = pause

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Takes several commands at once, as nearly all servers do."""
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:  # noqa: N802
        """Thinks a little, as servers do."""
        await asyncio.sleep(self.pause)
        envelope.rcpt_tos.append(address)
        return "250 go on"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keeps who, which and what; then takes its time over the answer."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = message_from_bytes(content)
        line = json.dumps([envelope.rcpt_tos[0], message["Message-ID"], message["Subject"], message["X-Outbox-Id"]])
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        await asyncio.sleep(self.pause)
        return "250 taken"


def _listen(path: Path, port: int, pause: float) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: SMTP(Notebook(path, pause)), "127.0.0.1", port)
        await server.serve_forever()

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    asyncio.run(run())


class Sink:
    """The server as the test sees it."""

    def __init__(self, path: Path, port: int) -> None:
        self.path = path
        self.port = port

    def taken(self) -> list[tuple[str, str, str, str]]:
        """(to, Message-ID, subject, row) of every message, in order."""
        if not self.path.exists():
            return []
        return [tuple(json.loads(line)) for line in self.path.read_text(encoding="utf-8").splitlines() if line.endswith("]")]

    def copies(self) -> Counter[str]:
        """How often each reader got the mail."""
        return Counter(to for to, *_rest in self.taken())

    def numbers(self) -> set[str]:
        """The Message-IDs."""
        return {number for _to, number, *_rest in self.taken()}

    def faces(self) -> dict[str, set[tuple[str, str, str]]]:
        """What the copies of each reader's mail look like."""
        found: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
        for to, *rest in self.taken():
            found[to].add((rest[0], rest[1], rest[2]))
        return found


@pytest.fixture
def sink(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Sink]:
    """A server in a process of its own; its parameter is how many seconds it thinks, twice a message."""
    path, port = tmp_path / "taken.jsonl", free_port()
    process = fork.Process(target=_listen, args=(path, port, getattr(request, "param", 0.005)), daemon=True)
    process.start()
    yield Sink(path, port)
    process.kill()
    process.join()


# The workers -----------------------------------------------------------------------------------------------------------

Work = Callable[[Flask], object]


def _work(settings: dict[str, str], work: Work) -> None:
    """A worker's whole life: silent, an app and connections of its own."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    work(create_core(settings))
    os._exit(0)


@contextmanager
def workers(number: int, settings: dict[str, str], work: Work = serve) -> Iterator[list[ForkProcess]]:
    """So many at work; none is left in the end."""
    team = [_hire(settings, work) for _number in range(number)]
    try:
        yield team
    finally:
        for one in team:
            one.kill()
            one.join()


def _hire(settings: dict[str, str], work: Work = serve) -> ForkProcess:
    process = fork.Process(target=_work, args=(settings, work), daemon=True)
    process.start()
    return process


@pytest.fixture
def settings(database_url: str, tmp_path: Path, sink: Sink) -> dict[str, str]:
    """Of the workers: the test's database, the server, no waiting."""
    return {
        **SETTINGS,
        "INSTANCE": str(tmp_path),
        "DATABASE_URL": database_url,
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(sink.port),
        "MAIL_ALLOWLIST": "@there.example",
        "MAIL_PER_MINUTE": "1000000",
        "TICK_SECONDS": "1",
        "PLAN_SECONDS": "1",
    }


@pytest.fixture
def outbox(database_url: str, make_app: MakeApp) -> Iterator[Flask]:
    """This process's own look into the outbox."""
    app = make_app(database_url)
    with app.app_context():
        yield app


def fill(first: int, last: int) -> None:
    with transaction():
        for number in range(first, last):
            service.queue(mail(number), now=now())


class Readers:
    """People who are to be reminded: each round a workshop of its own, whose reminder has just fallen due."""

    def __init__(self, each: int) -> None:
        self.each = each
        self.zone = f"Etc/GMT{now().hour - 12:+d}"  # where it is midday, so that nobody is asleep whenever this runs
        self.organisation: Organisation = factories.organisation("SE")
        self.network: Network = factories.network(self.organisation, ends_on=date(2090, 1, 1))

    def come(self) -> None:
        """The workshop, its rule and its people appear in one moment, as far as the planners can see."""
        at, first = now(), db.session.scalar(select(func.count()).select_from(Registration)) or 0
        with transaction():
            workshop = factories.workshop(self.network, at.astimezone(ZoneInfo(self.zone)).date() + timedelta(days=1), zone=self.zone)
            db.session.flush()
            assert workshop.starts_at is not None
            rule(workshop, offset=-int((workshop.starts_at - at) / timedelta(minutes=1)) - 1, unit="minutes", at_local=None)
            workshop.capacity = workshop.taken = self.each
            for number in range(first, first + self.each):
                address, token = f"reader{number}@there.example", new_token()
                person = Person(
                    address=address, canonical_address=address, name=f"R {number}", lang="en", zone=self.zone, created_at=at,
                )  # fmt: skip
                db.session.add(
                    Registration(
                        workshop=workshop, person=person, organisation=self.organisation, state="confirmed", holds_seat=True,
                        lang="en", check_in_code=f"C{number}", manage_hash=hash_token(token), manage_token=encrypt(token.encode()),
                        created_at=at, queued_at=at, confirmed_at=at - timedelta(days=1), changed_at=at,
                    )
                )  # fmt: skip


def crew(settings: dict[str, str]) -> int:
    """As many schedulers as are promised to work together: one on SQLite, four on PostgreSQL."""
    return 4 if settings["DATABASE_URL"].startswith("postgresql") else 1


def some(settings: dict[str, str]) -> int:
    """So many reminders that they do not all leave before the first has cancelled."""
    return 10 + 30 * crew(settings)


def wait_until(done: Callable[[], bool], seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "the outbox did not become empty"
        time.sleep(0.05)


def is_empty() -> bool:
    db.session.rollback()
    return not db.session.scalar(select(func.count()).where(Message.state.in_(UNSETTLED)))


def with_something_in_hand(team: Sequence[ForkProcess]) -> int:
    """The place in the team of a worker that holds a message right now; of any, if none comes to hold one for a while."""
    pids = [one.pid for one in team]
    end = time.monotonic() + 3
    while time.monotonic() < end:
        db.session.rollback()
        held = db.session.scalar(select(Message.token).where(Message.state == "sending").limit(1))
        pid = db.session.scalar(select(Worker.pid).where(Worker.id == UUID(held.partition(":")[0]))) if held else None
        if pid in pids:
            return pids.index(pid)
        time.sleep(0.005)
    return random.randrange(len(team))


def expanded() -> int:
    """How many reminders are marked as written."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Occurrence.state == "expanded")) or 0


def ends() -> Counter[str]:
    db.session.rollback()
    return Counter(db.session.scalars(select(Message.state)))


def left_to_staff() -> set[str]:
    """Whose mail three workers have died over at the very moment of handing it over: where workers hardly come to work, the same one
    is in hand again and again."""
    wanted = select(Message.recipient).where(Message.state == "uncertain", Message.uncertain == MOST_COPIES, Message.error == DIED)
    return set(db.session.scalars(wanted))


def has_grown(sent: int) -> bool:
    """Whether more are marked as sent than there were."""
    return ends()["sent"] > sent


# What is promised --------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(900)
def test_killed_at_random_moments_they_lose_no_reminder_and_copy_little(
    outbox: Flask, sink: Sink, settings: dict[str, str], full: bool
) -> None:
    kills, readers = (200, Readers(12)) if full else (10, Readers(6))
    expected = kills * readers.each
    with workers(crew(settings), settings) as team:
        for kill in range(kills):
            readers.come()
            time.sleep(random.uniform(0.2, 0.8))
            victim = random.randrange(len(team)) if kill % 2 else with_something_in_hand(team)
            team[victim].kill()
            team[victim].join()
            team[victim] = _hire(settings)
        wait_until(lambda: ends().total() == expected and is_empty())
    copies = sink.copies()
    assert db.session.scalar(select(func.count()).where(Message.attempts > 1)), "no kill has hit a message in hand"
    wanted = {f"reader{number}@there.example" for number in range(expected)}
    assert set(copies) <= wanted
    assert wanted - set(copies) <= left_to_staff(), "lost"
    assert sum(copies.values()) - len(copies) <= kills
    assert max(copies.values()) <= 3
    assert {len(faces) for faces in sink.faces().values()} == {1}, "a copy must be the same message"
    assert set(ends()) <= {"sent", "uncertain"}
    assert set(db.session.scalars(select(Occurrence.state))) == {"expanded"}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", [1, 2, 4])
def test_without_faults_any_number_of_workers_makes_no_copy(
    outbox: Flask, sink: Sink, settings: dict[str, str], full: bool, number: int
) -> None:
    mails = 2000 if full else 100
    fill(0, mails)
    with workers(number, settings):
        wait_until(is_empty)
    assert (len(sink.copies()), len(sink.taken()), ends()) == (mails, mails, Counter(sent=mails))


@pytest.mark.timeout(900)
def test_a_worker_that_is_asked_to_stop_finishes_the_message_in_hand(
    outbox: Flask, sink: Sink, settings: dict[str, str], full: bool
) -> None:
    stops, each = (100, 30) if full else (5, 30)
    for round_ in range(stops):
        fill(round_ * each, (round_ + 1) * each)
        before = len(sink.taken())
        worker = _hire(settings)
        wait_until(lambda before=before: len(sink.taken()) > before)  # type: ignore[misc]
        time.sleep(random.uniform(0.0, 0.1))
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGTERM)
        worker.join(30)
        assert worker.exitcode == 0
        assert ends()["sending"] == 0
    with workers(1, settings):
        wait_until(is_empty)
    assert (len(sink.copies()), len(sink.taken())) == (stops * each, stops * each)


@pytest.mark.timeout(900)
@SLOW
def test_no_reminder_begins_after_its_reader_has_cancelled(outbox: Flask, sink: Sink, settings: dict[str, str], full: bool) -> None:
    """A mail begins with the last look, right before DATA, which is counted: whoever is gone by then gets none."""
    ids, rows = leave_while_they_work(serve, 1000 if full else some(settings), sink, settings)
    taken = sink.numbers()
    assert not never_begun(rows) & taken
    assert all(row.sent_at for row in rows if row.message_id in taken), "the log says of each that it left"
    assert len({row.message_id for row in rows} & taken) < len(ids), "all had left before anybody cancelled: no race"


def never_begun(rows: Sequence[Message]) -> set[str]:
    """The mails that had been taken back by the time of the last look."""
    return {row.message_id for row in rows if row.state == "cancelled" and not row.uncertain}


def in_hand() -> list[int]:
    """The registrations whose reminder a worker holds right now: who cancels there meets the gap between claim and message."""
    db.session.rollback()
    held = select(MessageItem.subject).join(MessageItem.message).where(Message.kind == "reminder", Message.state == "sending")
    return [int(subject.removeprefix("registration:")) for subject in db.session.scalars(held)]


def unlogged(sink: Sink) -> set[str]:
    """What has left and is not written down yet: that comes to the database with the last look at the next one."""
    db.session.rollback()
    return set(db.session.scalars(select(Message.message_id).where(Message.sent_at.is_(None)))) & sink.numbers()


def leave_while_they_work(work: Work, number: int, sink: Sink, settings: dict[str, str]) -> tuple[list[int], list[Message]]:
    """So many are reminded and all of them cancel meanwhile: their registrations, and the reminders as they are in the end."""
    readers = Readers(min(number, MOST_PEOPLE))  # of one workshop: more would wait for a second look by staff
    for _workshop in range(number // readers.each):
        readers.come()
    ids = list(db.session.scalars(select(Registration.id).where(Registration.state == "confirmed")))
    planner.plan(now())
    planner.queue_due(now())
    random.shuffle(ids)
    left, before = list(ids), len(sink.taken())
    with workers(crew(settings), settings, work):
        wait_until(lambda: len(sink.taken()) > before)
        while left:
            one = next(filter(left.__contains__, in_hand()), left[-1]) if len(left) % 2 else left[-1]
            left.remove(one)
            retrying(lambda one=one: registrations.cancel(one, by=STAFF, now=now()))  # type: ignore[misc]
        wait_until(lambda: not db.session.scalar(select(func.count()).where(Message.kind == "reminder", Message.state.in_(UNSETTLED))))
        if work is serve:  # a careless worker may have ended without a word
            wait_until(lambda: not unlogged(sink))
    db.session.rollback()
    return ids, list(db.session.scalars(select(Message).where(Message.kind == "reminder")))


# Controls: the careless ways, which this test must see fail -----------------------------------------------------------------


def _next() -> tuple[Any, bytes, str] | None:
    row = db.session.execute(select(Message.id, Message.body, Message.recipient).where(Message.state == "pending").limit(1)).one_or_none()
    return (row.id, row.body or b"", row.recipient) if row else None


def _mark(number: Any) -> None:
    row = db.session.get(Message, number)
    assert row is not None
    row.state, row.sent_at = "sent", now()


def mark_first(app: Flask) -> None:
    """Marks, then sends."""
    with app.app_context():
        while True:
            with transaction():
                row = _next()
                if row:
                    _mark(row[0])
            if row:
                mailer.send(row[1], row[2])


def without_lease(app: Flask) -> None:
    """Sends, then marks, and holds nothing meanwhile."""
    with app.app_context():
        while True:
            db.session.rollback()
            row = _next()
            if row:
                mailer.send(row[1], row[2])
                with suppress(AssertionError), transaction():
                    _mark(row[0])


def expand_first(app: Flask) -> None:
    """Marks what is due as written, and then writes it."""
    with app.app_context():
        while True:
            planner.plan(now())
            rows = reminders.due(now())
            people = [one.id for one in reminders.registrations({row.workshop_id for row in rows})]
            with transaction() as session:
                session.execute(update(Occurrence).where(Occurrence.state == "planned").values(state="expanded"))
            for number in people:
                service.queue(mail(number), now=now())


def test_control_a_planner_that_marks_before_it_writes_loses_reminders(outbox: Flask, settings: dict[str, str]) -> None:
    readers, kills, lost = Readers(50), 0, False
    while not lost and kills < 20:
        readers.come()
        kills += 1
        with workers(1, settings, expand_first):
            wait_until(lambda kills=kills: expanded() == kills)  # type: ignore[misc]
        lost = ends().total() < kills * readers.each
    assert lost


def test_control_marking_before_sending_loses_mail(outbox: Flask, sink: Sink, settings: dict[str, str]) -> None:
    fill(0, 400)
    with workers(1, settings, mark_first) as team:
        for _kill in range(20):
            wait_until(partial(has_grown, ends()["sent"]))
            time.sleep(random.uniform(0.0, 0.1))
            team[0].kill()
            team[0].join()
            time.sleep(0.05)  # what the server has in hand it finishes
            if ends()["sent"] > len(sink.copies()):
                break
            team[0] = _hire(settings, mark_first)
    assert ends()["sent"] > len(sink.copies())


def test_control_sending_without_a_lease_makes_copies(outbox: Flask, sink: Sink, settings: dict[str, str]) -> None:
    fill(0, 60)
    with workers(2, settings, without_lease):
        wait_until(is_empty)
    assert len(sink.taken()) > len(sink.copies())


def without_last_look(app: Flask) -> None:
    """Claims and marks as it should be, but does not look again right before DATA."""
    with app.app_context(), swift() as line:
        while True:
            with suppress(Busy):  # while somebody cancels
                at = now()
                until = at + timedelta(minutes=2)
                held = claims.step(line, Step("me", at, at, until, claims=True), lasting=False).held
                if held and held.body:
                    reply = mailer.send(held.body, held.recipient)
                    outcome = Outcome(held, "sent", 1, held.uncertain, held.next_at, now(), reply or "")
                    claims.step(line, Step("me", at, at, until, outcome), lasting=True)
            db.session.rollback()


@SLOW
def test_control_without_a_last_look_those_who_have_cancelled_get_a_reminder(outbox: Flask, sink: Sink, settings: dict[str, str]) -> None:
    for _round in range(4):  # whether somebody cancels just between the claim and the message is still chance
        _ids, rows = leave_while_they_work(without_last_look, some(settings), sink, settings)
        if never_begun(rows) & sink.numbers():
            return
    pytest.fail("nobody who had cancelled got a reminder")
