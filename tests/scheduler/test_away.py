"""A scheduler that is away for up to three days: of all that was planned, what is still of use goes once, and the rest is written down as
missed or held. The sum is what was planned, mail by mail.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from email import message_from_bytes

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app.accounts.models import Person
from app.database import db, transaction
from app.mailer.transport import hang_up
from app.outbox.models import Message, MessageItem
from app.registrations.models import Registration
from app.reminders.models import Occurrence, ReminderRule
from scheduler.jobs import Shift, deliver, plan_reminders, run
from tests import factories
from tests.conftest import MakeApp
from tests.factories import NOW
from tests.reminders import made
from tests.servers import Mailbox

HOURS = (0, 7, 24, 33, 72)
ZONES = {"SE": "Europe/Stockholm", "GT": "America/Guatemala", "CO": "America/Bogota"}


@pytest.fixture
def site(database_url: str, make_app: MakeApp, smtp: tuple[Mailbox, int]) -> Flask:
    return make_app(database_url, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(smtp[1]), MAIL_ALLOWLIST="@away.example")


class Week:
    """Four workshops on five days, in three zones, a person of each at each, four rules; with `crowd` one to which too many come."""

    def __init__(self, since: datetime, name: str, *, crowd: bool = False) -> None:
        self.since, self.gone_at = since, since + timedelta(days=12)
        homes = [factories.organisation(country) for country in ZONES]
        network = factories.network(*homes)
        made.rule(network, offset=-1)
        made.rule(network, offset=-2, at_local=time(18))
        made.rule(network, offset=-3, at_local=time(7))
        made.rule(network, offset=-1, unit="hours", at_local=None)
        people = [factories.person(home, address=f"{name}.{home.country.lower()}@away.example", zone=ZONES[home.country]) for home in homes]
        self.workshops = []
        for number, country in enumerate(("SE", "CO", "GT", "CO")):
            day = (since + timedelta(days=13 + number)).date()
            workshop = factories.workshop(network, day, country=country, capacity=600)
            for person in people:
                made.seat(workshop, person, now=since)
            self.workshops.append(workshop.id)
        if crowd:
            full = factories.workshop(network, (since + timedelta(days=14)).date(), country="SE", capacity=600)
            made.crowd(full, homes[0], 501)
            self.workshops.append(full.id)

    def lived(self, app: Flask, away: timedelta) -> None:
        """The scheduler runs, is away, comes back, and runs until all is over."""
        tick(app, self.since)
        tick(app, self.gone_at)
        at: datetime | None = self.gone_at + away
        while at is not None:
            tick(app, at)
            at = _next(at)
        hang_up()

    def outcomes(self) -> Counter[str]:
        """What became of each reminder to each person that was planned."""
        db.session.rollback()
        seats = select(Registration.id, Registration.workshop_id, Person.zone).join(Person, Person.id == Registration.person_id)
        states: dict[str, list[str]] = {}
        for key, state in db.session.execute(select(MessageItem.dedupe, Message.state).join(Message).where(Message.kind == "reminder")):
            states.setdefault(key.partition(":again:")[0], []).append(state)
        rows = select(Occurrence.rule_id, Occurrence.workshop_id, Occurrence.zone, Occurrence.state)
        clock = {(rule, workshop, zone): state for rule, workshop, zone, state in db.session.execute(rows)}
        rules = [rule for (rule,) in db.session.execute(select(ReminderRule.id))]
        found: Counter[str] = Counter()
        for number, workshop, zone in db.session.execute(seats.where(Registration.workshop_id.in_(self.workshops))):
            for rule in rules:
                if (rule, workshop, zone) in clock:
                    found[_outcome(states.get(f"rule:{rule}:registration:{number}:generation:0", []), clock[rule, workshop, zone])] += 1
        return found

    @property
    def planned(self) -> int:
        """Each person of each workshop by each of the four rules."""
        people = select(Registration.id).where(Registration.workshop_id.in_(self.workshops))
        return 4 * len(db.session.scalars(people).all())


def _next(at: datetime) -> datetime | None:
    """When there is something to do again, half a minute late as schedulers are."""
    db.session.rollback()
    dues = [
        db.session.scalar(select(func.min(Occurrence.due_at)).where(Occurrence.state == "planned", Occurrence.due_at > at)),
        db.session.scalar(select(func.min(Message.next_at)).where(Message.state == "pending", Message.next_at > at)),
    ]
    found = min((due for due in dues if due), default=None)
    return found + timedelta(seconds=30) if found else None


def _outcome(mails: list[str], on_the_clock: str) -> str:
    if mails.count("sent") > 1:
        return "twice"
    if "sent" in mails:
        return "sent"
    if "expired" in mails:
        return "missed"
    return on_the_clock if on_the_clock in {"missed", "held"} else "vanished"


def tick(app: Flask, at: datetime) -> None:
    for job in (plan_reminders, deliver):
        assert run(Shift(app, at=at, at_most=10_000), job)["errors"] == 0


def copies(mailbox: Mailbox) -> int:
    """How many messages arrived more than once."""
    names = Counter(message_from_bytes(raw)["Message-ID"] for raw in mailbox.raw)
    return sum(number - 1 for number in names.values())


@pytest.mark.parametrize("hours", HOURS)
def test_sent_and_missed_are_all_that_was_planned(site: Flask, smtp: tuple[Mailbox, int], hours: int) -> None:
    with site.app_context():
        week = Week(NOW, "p")
        week.lived(site, timedelta(hours=hours))
        found = week.outcomes()
        assert set(found) <= {"sent", "missed"}
        assert found["sent"] + found["missed"] == week.planned == 48
        assert found["sent"] >= (48 if hours == 0 else 12), "what lies ahead of the return goes"
        assert (found["missed"] > 0) is (hours >= 24)
    assert copies(smtp[0]) == 0


@pytest.mark.parametrize("hours", [0, 30])
def test_what_waits_for_a_second_look_is_counted_too(site: Flask, hours: int) -> None:
    with site.app_context():
        week = Week(NOW, "p", crowd=True)
        week.lived(site, timedelta(hours=hours))
        found = week.outcomes()
        assert set(found) <= {"sent", "missed", "held"}
        assert found.total() == week.planned == 48 + 4 * 501
        assert found["held"] >= 501


def test_however_long_it_is_away_nothing_vanishes_and_nothing_goes_twice(site: Flask, smtp: tuple[Mailbox, int], full: bool) -> None:
    @settings(max_examples=20 if full else 2, deadline=None)
    @given(minutes=st.integers(0, 72 * 60))
    def away(minutes: int) -> None:
        number = len(db.session.scalars(select(ReminderRule.id)).all())  # each example has weeks of its own
        week = Week(NOW + timedelta(days=7 * number), f"e{number}x")
        week.lived(site, timedelta(minutes=minutes))
        found = week.outcomes()
        assert (set(found) <= {"sent", "missed"}, found.total()) == (True, week.planned)

    with site.app_context():
        away()
    assert copies(smtp[0]) == 0


def test_control_a_clock_that_forgets_what_it_slept_through_is_seen(site: Flask) -> None:
    """What APScheduler does by itself (a grace of a second): what fell due meanwhile is dropped, and nobody hears of it."""
    with site.app_context():
        week = Week(NOW, "p")
        tick(site, week.since)
        tick(site, week.gone_at)
        back = week.gone_at + timedelta(hours=48)
        with transaction():
            slept = Occurrence.due_at.between(week.gone_at, back)
            db.session.execute(update(Occurrence).where(slept, Occurrence.state == "planned").values(state="expanded"))
        week.lived(site, timedelta(hours=48))
        assert week.outcomes()["vanished"] > 0
