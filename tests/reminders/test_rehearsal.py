"""The line of a workshop's mails says beforehand what the scheduler then sends, and looking at it leaves nothing."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.accounts.models import Person
from app.attendance import service as attendance
from app.database import db, end_reading, transaction
from app.languages import switch
from app.organisations.models import Network
from app.outbox.models import Message, MessageItem
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.reminders import service
from app.reminders.models import Occurrence
from app.reminders.rehearsing import queries
from app.reminders.rehearsing.lineup import Line, lineup
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import MakeApp, counted
from tests.factories import NOW
from tests.reminders import made

Sent = list[tuple[int, str, datetime, dict[str, int]]]
HOUR = timedelta(hours=1)


@pytest.fixture
def network(app: Flask) -> Network:
    assert app
    switch("en")
    return ruled()


def ruled() -> Network:
    """A week before; the evening before, which is night in Stockholm; an hour before; after the end; and for those who wait."""
    network = factories.network(factories.organisation("SE"), factories.organisation("CO"), factories.organisation("GT"))
    made.rule(network)
    made.rule(network, offset=-1, at_local=time(19))
    made.rule(network, offset=-60, unit="minutes", at_local=None, applies_to="online")
    made.rule(network, offset=-2, at_local=time(9), zone_of="person", audience="waitlisted")
    made.rule(network, anchor="end", offset=1, at_local=time(10), audience="attended")
    made.rule(network, anchor="end", offset=2, at_local=time(10))
    return network


def peopled(network: Network, workshop: Workshop) -> list[Person]:
    """Nine with seats and two who wait, on three clocks and in three languages; one wants no reminders."""
    found = []
    for number in range(11):
        of = network.members[number % 3].organisation
        person = factories.person(of, lang=("sv", "es", "en", "es")[number % 4])
        found.append(person)
        registrations.register(workshop.id, person.id, by=made.STAFF, now=NOW + timedelta(seconds=number))
    off = db.session.scalars(select(Registration).where(Registration.person_id == found[2].id)).one()
    with transaction():
        off.reminders_off = True
    return found


def wanted(network: Network, **values: Any) -> Workshop:
    """On 3 and 4 June 2025 in Bogotá and online."""
    return factories.workshop(network, date(2025, 6, 3), date(2025, 6, 4), format="both", **{"capacity": 9, **values})


def lines(workshop: Workshop, now: datetime) -> list[Line]:
    end_reading()
    return lineup(queries.workshop(workshop.id), now).lines


def promised(found: list[Line]) -> Sent:
    """What will be written from now on: rule, clock, instant at which it leaves, languages."""
    return sorted(
        ((line.rule.id, line.zone, line.leaves_at, {**line.readers}) for line in found if line.state == "planned" and line.total),
        key=repr,
    )


def run(workshop: Workshop, start: datetime, until: datetime, *, each_hour: bool = False) -> Sent:
    """The scheduler over time, each hour in which something is due and each sixth, and what it put into the outbox about this workshop
    from then on."""
    mark = db.session.scalar(select(func.max(MessageItem.id))) or 0
    now = start
    while now <= until:
        service.plan(now)
        service.queue_due(now)
        with transaction():  # what is due leaves
            due = update(Message).where(Message.state == "pending", Message.next_at <= now)
            db.session.execute(due.values(state="sent", sent_at=now))
        now = (now if each_hour else _idle_until(now)).replace(minute=0, second=0) + HOUR
    end_reading()
    wanted = select(MessageItem.dedupe, Person.zone, Message.due_at, Message.lang).join(MessageItem.message)
    wanted = wanted.join(Person, Person.id == Message.person_id).where(Message.kind == "reminder")
    wanted = wanted.where(MessageItem.id > mark, MessageItem.topic == f"workshop:{workshop.id}")
    found: dict[tuple[int, str, datetime], Counter[str]] = {}
    for key, zone, due_at, lang in db.session.execute(wanted):
        found.setdefault((int(key.split(":")[1]), zone, due_at), Counter())[lang] += 1
    return sorted(((*key, dict(number)) for key, number in found.items()), key=repr)


def _idle_until(now: datetime) -> datetime:
    """The instant up to which nothing falls due, at most five hours on."""
    end_reading()
    rule = select(func.min(Occurrence.due_at)).where(Occurrence.state == "planned")
    mail = select(func.min(Message.next_at)).where(Message.state == "pending")
    dues = [due - timedelta(seconds=1) for due in (db.session.scalar(rule), db.session.scalar(mail)) if due]
    return max(now, min([*dues, now + 5 * HOUR]))


@pytest.mark.parametrize("start", ["2025-05-26T10:00", "2025-05-28T22:30", "2025-06-02T05:07", "2025-06-04T23:00"])
def test_it_promises_what_the_scheduler_then_sends(network: Network, start: str, full: bool) -> None:
    """Before all of it, in the middle, after an outage in the night, and when only what follows is left."""
    workshop = wanted(network)
    people = peopled(network, workshop)
    now = datetime.fromisoformat(f"{start}+00:00")
    if now > workshop.days[0].starts_at:
        came = db.session.scalars(select(Registration).where(Registration.state == "confirmed").order_by(Registration.id)).first()
        assert came is not None
        attendance.record_attendance(came.id, workshop.days[0].id, "morning", present=True, by=made.STAFF, now=now)
    promise = promised(lines(workshop, now))

    assert promise
    assert run(workshop, now, datetime.fromisoformat("2025-06-07T10:00+00:00"), each_hour=full) == promise
    assert len(people) == 11


def test_several_workshops_of_a_day_share_a_mail_and_it_says_so(network: Network) -> None:
    workshop, other = wanted(network), wanted(network)
    people = peopled(network, workshop)
    registrations.register(other.id, people[0].id, by=made.STAFF, now=NOW)
    now = datetime.fromisoformat("2025-05-26T10:00+00:00")
    found = lines(workshop, now)

    assert [line.shared for line in found if line.shared] == [{other.text.title: 1}] * 4
    run(workshop, now, datetime.fromisoformat("2025-05-27T20:00+00:00"))
    (both,) = [message for message in made.reminders("sent") if len(message.items) > 1]
    assert both.person_id == people[0].id


def test_more_than_five_hundred_wait_for_a_second_look(network: Network) -> None:
    workshop = wanted(network, capacity=1000)
    made.crowd(workshop, network.members[0].organisation, 501)
    now = datetime.fromisoformat("2025-05-26T10:00+00:00")

    assert {(line.state, line.total) for line in lines(workshop, now) if line.total} == {("held", 501)}
    assert run(workshop, now, datetime.fromisoformat("2025-05-27T20:00+00:00")) == []


def test_what_is_too_late_is_said_to_be_missed_and_what_has_left_to_be_written(network: Network) -> None:
    workshop = wanted(network)
    peopled(network, workshop)
    service.plan(NOW + HOUR)
    service.queue_due(datetime.fromisoformat("2025-05-27T15:00+00:00"))
    late = datetime.fromisoformat("2025-06-03T13:00+00:00")
    found = lines(workshop, late)

    assert {line.state for line in found if line.rule.offset == -7} == {"sent"}
    assert sum(line.total for line in found if line.rule.offset == -7) == 8
    assert {(line.rule.unit, line.state) for line in found if line.rule.offset == -1 and line.rule.anchor == "start"} == {
        ("days", "missed")
    }
    service.queue_due(late)
    end_reading()
    missed = select(func.count()).select_from(Occurrence).where(Occurrence.state == "missed")
    assert db.session.scalar(missed) == len([line for line in lines(workshop, late) if line.state == "missed"])


def test_a_draft_and_a_workshop_without_people_show_every_rule_that_fits(network: Network) -> None:
    workshop = wanted(network)
    empty = lines(workshop, NOW)
    with transaction():
        workshop.state = "draft"

    assert [(line.state, line.total) for line in empty] == [("nobody", 0)] * 6
    assert [(line.rule.id, line.leaves_at) for line in lines(workshop, NOW)] == [(line.rule.id, line.leaves_at) for line in empty]
    assert workshop.state == "draft"


def test_another_workshop_on_another_day_is_not_followed(network: Network) -> None:
    workshop = wanted(network)
    people = peopled(network, workshop)
    other = factories.workshop(network, date(2025, 6, 10))
    registrations.register(other.id, people[0].id, by=made.STAFF, now=NOW)

    assert list(queries.neighbours(workshop)) == []


@pytest.mark.parametrize("many", [60])
def test_three_hundred_people_are_as_many_statements_as_three(sqlite_url: str, make_app: MakeApp, many: int, full: bool) -> None:
    app = make_app(sqlite_url)
    with app.app_context():
        network = ruled()
        of = network.members[0].organisation
        few, lots = wanted(network, capacity=1000), wanted(network, capacity=1000)
        made.crowd(few, of, 3)
        made.crowd(lots, of, 300 if full else many, first=3)
        numbers = []
        for one in (few, lots):
            service.plan(NOW + HOUR)
            end_reading()
            with counted(app) as seen:
                found = lines(one, NOW + HOUR)
            numbers.append(len(seen))
            assert sum(line.total for line in found) == 4 * (3 if one is few else (300 if full else many))

    assert numbers[0] == numbers[1] <= 11
