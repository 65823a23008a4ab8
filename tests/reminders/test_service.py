"""Due reminders enter the outbox once, in the person's language, and only for people who are still to be reminded."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.audit.models import AuditEntry
from app.crypto import decrypt
from app.database import db, transaction
from app.errors import Missing
from app.outbox.models import Message
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.reminders import moves, service
from app.reminders.models import Occurrence
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.reminders import made

pytestmark = pytest.mark.usefixtures("app")
BOGOTA = "America/Bogota"
DUE_IN_STOCKHOLM = made.at("Europe/Stockholm", 2025, 5, 27, 16)
WEEK_AHEAD = made.at(BOGOTA, 2025, 5, 27, 9)


def pass_at(now: datetime) -> service.Counts:
    return service.plan(now) + service.queue_due(now)


def test_a_due_reminder_is_queued_once_however_often_it_is_tried() -> None:
    made.world()
    assert pass_at(WEEK_AHEAD).queued == 2
    assert pass_at(WEEK_AHEAD) == service.Counts()
    assert pass_at(WEEK_AHEAD + timedelta(hours=3)) == service.Counts()
    assert made.recipients() == ["a.swede@umea.example", "b.colombian@bogota.example"]


def test_before_the_due_nothing_leaves() -> None:
    made.world()
    assert pass_at(WEEK_AHEAD - timedelta(minutes=1)).queued == 0


def test_the_mail_says_what_when_where_and_how_to_stop() -> None:
    workshop, swede, _colombian = made.world()
    pass_at(WEEK_AHEAD)
    row = made.reminders()[0]
    token = decrypt(db.session.scalars(select(Registration.manage_token).where(Registration.person_id == swede.id)).one()).decode()
    mail = message_from_bytes(row.body or b"", policy=policy.default)
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert (row.lang, [item.topic for item in row.items]) == ("sv", [f"workshop:{workshop.id}"])
    assert row.expires_at == made.at(BOGOTA, 2025, 6, 3, 7)
    assert workshop.texts["sv"].title in mail["Subject"]
    assert "3 juni 2025" in mail["Subject"]
    lines = text.splitlines()
    assert [line for line in lines if "09:00" in line or "16:00" in line]
    assert next(i for i, line in enumerate(lines) if "Bogotá" in line) < next(i for i, line in enumerate(lines) if "Stockholm" in line)
    assert "City hall, Bogotá, Colombia" in text
    assert f"/r/{token}" in text
    assert f"/workshops/{workshop.slug}.ics?lang=sv" in text
    assert mail["List-Unsubscribe"] == f"<http://127.0.0.1:5000/r/{token}/reminders>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_two_workshops_of_one_day_share_a_mail() -> None:
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    me = factories.person(umea)
    mornings = [factories.workshop(network, date(2025, 6, 3), country="SE", starts=time(9), ends=time(11), title="Morning")]
    mornings.append(factories.workshop(network, date(2025, 6, 3), country="SE", starts=time(14), ends=time(16), title="Afternoon"))
    seats = [made.seat(workshop, me) for workshop in mornings]
    assert pass_at(WEEK_AHEAD).queued == 1
    message = made.reminders()[0]
    assert sorted(item.subject for item in message.items) == sorted(f"registration:{seat.id}" for seat in seats)
    text = message_from_bytes(message.body or b"", policy=policy.default).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Morning (sv)" in text
    assert "Afternoon (sv)" in text


def test_leaving_one_of_two_still_reminds_of_the_other() -> None:
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    me = factories.person(umea)
    first, second = (made.seat(factories.workshop(network, date(2025, 6, 3), title=name), me) for name in ("First", "Second"))
    pass_at(WEEK_AHEAD)
    registrations.cancel(first.id, by=made.STAFF, now=WEEK_AHEAD)
    (left,) = made.reminders()
    assert [item.subject for item in left.items] == [f"registration:{second.id}"]
    registrations.cancel(second.id, by=made.STAFF, now=WEEK_AHEAD)
    assert made.reminders() == []


def test_two_rules_that_fall_due_during_an_outage_are_one_mail() -> None:
    workshop, *_people = made.world()
    made.rule(workshop)
    made.rule(workshop, offset=-1)
    back = made.at(BOGOTA, 2025, 6, 2, 21)
    assert pass_at(back).queued == 2
    assert [len(message.items) for message in made.reminders()] == [2, 2]
    morning = made.at("Europe/Stockholm", 2025, 6, 3, 8)
    assert [message.next_at for message in made.reminders()] == [morning, back]  # 04:00 waits; at 08:00 in Bogotá it is too late


@pytest.mark.parametrize("why", ["cancelled", "stopped", "disabled", "waiting"])
def test_who_is_not_to_be_reminded_is_not(why: str) -> None:
    _workshop, swede, _colombian = made.world()
    service.plan(NOW)
    mine = db.session.scalars(select(Registration).where(Registration.person_id == swede.id)).one()
    if why == "cancelled":
        registrations.cancel(mine.id, by=made.STAFF, now=NOW)
    elif why == "stopped":
        moves.stop(decrypt(mine.manage_token).decode(), now=NOW)
    else:
        with transaction():
            if why == "disabled":
                swede.disabled_at = NOW
            else:
                mine.state, mine.holds_seat = "waitlisted", False
    service.queue_due(WEEK_AHEAD)
    assert made.recipients() == ["b.colombian@bogota.example"]


def test_coming_back_after_the_due_brings_no_second_reminder() -> None:
    workshop, swede, _colombian = made.world()
    pass_at(WEEK_AHEAD)
    mine = db.session.scalars(select(Registration).where(Registration.person_id == swede.id)).one()
    registrations.cancel(mine.id, by=made.STAFF, now=WEEK_AHEAD)
    made.seat(workshop, swede, now=WEEK_AHEAD + timedelta(minutes=5))
    pass_at(WEEK_AHEAD + timedelta(hours=1))
    assert made.recipients() == ["b.colombian@bogota.example"]


def test_somebody_who_moves_to_another_clock_is_reminded_once() -> None:
    workshop, swede, colombian = made.world()
    made.rule(workshop, at_local=time(18), offset=-1)
    service.plan(NOW)
    evening = made.at("Europe/Stockholm", 2025, 6, 2, 20)
    service.queue_due(evening)
    assert made.recipients() == ["a.swede@umea.example"]
    with transaction():
        swede.zone, colombian.zone = BOGOTA, "Europe/Stockholm"
    service.queue_due(made.at(BOGOTA, 2025, 6, 2, 18))
    assert made.recipients() == ["a.swede@umea.example", "b.colombian@bogota.example"]


def test_more_than_five_hundred_wait_for_a_second_click() -> None:
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    workshop = factories.workshop(network, capacity=501)
    made.crowd(workshop, umea, 501)
    assert pass_at(WEEK_AHEAD) == service.Counts(planned=1, held=1)
    assert made.occurrences() == [("Europe/Stockholm", "held", 0)]


@pytest.mark.parametrize(("before", "state"), [(33, "held"), (34, "expanded")])
def test_more_than_three_times_the_largest_so_far_wait_for_a_second_click(before: int, state: str) -> None:
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    first, second = (factories.workshop(network, on, capacity=101) for on in (date(2025, 6, 3), date(2025, 6, 10)))
    made.crowd(first, umea, before)
    made.crowd(second, umea, 101, first=before)
    pass_at(WEEK_AHEAD)
    pass_at(WEEK_AHEAD + timedelta(days=7))
    rows = db.session.execute(select(Occurrence.state, Occurrence.people).order_by(Occurrence.due_at)).all()
    assert [tuple(row) for row in rows] == [("expanded", before), (state, 101)]


@pytest.mark.full
def test_the_second_click_lets_a_held_reminder_go() -> None:
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    workshop = factories.workshop(network, capacity=501)
    made.crowd(workshop, umea, 501)
    pass_at(WEEK_AHEAD)
    (held,) = db.session.scalars(select(Occurrence.id)).all()
    assert service.release(held, by=made.STAFF, now=WEEK_AHEAD).queued == 501
    assert made.occurrences() == [("Europe/Stockholm", "expanded", 0)]
    assert db.session.scalars(select(AuditEntry.action)).all() == ["reminder.released"]
    with pytest.raises(Missing):
        service.release(held, by=made.STAFF, now=WEEK_AHEAD)


@pytest.mark.parametrize(
    ("hours", "queued", "missed"),
    [(0, 0, 0), (6, 2, 0), (12, 2, 0), (18, 2, 0), (24, 2, 2), *((hours, 0, 4) for hours in range(30, 73, 6))],
)
def test_after_an_outage_what_is_still_of_use_goes_and_the_rest_is_missed(hours: int, queued: int, missed: int) -> None:
    workshop, *_people = made.world()
    made.rule(workshop, offset=-1)
    made.rule(workshop, offset=-1, unit="hours", at_local=None)
    service.plan(NOW)
    back = made.at(BOGOTA, 2025, 6, 2, 8) + timedelta(hours=hours)
    assert service.queue_due(back) == service.Counts(queued=queued, missed=missed)
    assert made.recipients() == ["a.swede@umea.example", "b.colombian@bogota.example"][:queued]
    assert [state for _zone, state, _generation in made.occurrences()].count("missed") == missed


def test_what_waits_until_the_next_day_counts_its_days_from_there() -> None:
    workshop, swede, _colombian = made.world()
    with transaction():
        db.session.scalars(select(Registration).where(Registration.person_id == swede.id)).one().lang = "en"
    made.rule(workshop, offset=-2)
    due = made.at(BOGOTA, 2025, 6, 1, 9)
    pass_at(due)
    assert pass_at(due + timedelta(hours=6)) == service.Counts()
    pass_at(due + timedelta(days=1))
    bodies = [message_from_bytes(message.body or b"", policy=policy.default) for message in made.reminders()]
    assert "Tomorrow: " in bodies[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert made.recipients() == made.recipients("superseded") == ["a.swede@umea.example", "b.colombian@bogota.example"]


def test_what_may_have_arrived_is_not_written_anew() -> None:
    made.world()
    pass_at(WEEK_AHEAD)
    with transaction():
        db.session.execute(update(Message).where(Message.kind == "reminder").values(uncertain=1))
    pass_at(WEEK_AHEAD + timedelta(days=1))
    assert made.recipients("superseded") == []


def test_what_died_half_way_is_finished_by_the_next() -> None:
    made.world()
    pass_at(WEEK_AHEAD)
    with transaction():
        lost = made.reminders()[1]
        db.session.delete(lost)
        db.session.execute(update(Occurrence).values(state="planned"))
    assert service.queue_due(WEEK_AHEAD).queued == 1
    assert made.recipients() == ["a.swede@umea.example", "b.colombian@bogota.example"]


def test_the_number_of_reads_does_not_grow_with_the_people(app: Flask) -> None:
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    workshop = factories.workshop(network, capacity=100)

    def reads() -> int:
        with counted(app) as seen:
            service.plan(WEEK_AHEAD)
            service.queue_due(WEEK_AHEAD)
        with transaction():
            db.session.execute(update(Occurrence).values(state="planned"))
            db.session.query(Message).delete()
        theirs = ("FROM message", "FROM switch", "FROM address_mark")  # the outbox looks at each mail
        return len([one for one in seen if one.startswith("SELECT") and not any(table in one for table in theirs)])

    for _number in range(2):
        made.seat(workshop, factories.person(umea))
    service.plan(NOW)
    few = reads()
    for _number in range(10):
        made.seat(workshop, factories.person(umea))
    assert reads() == few
