"""A workshop that moves, stops or comes back takes its reminders along, in the same commit."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from app.announcements import announce
from app.database import transaction
from app.outbox import service as outbox
from app.reminders import service
from tests import factories
from tests.factories import NOW
from tests.reminders import made

pytestmark = pytest.mark.usefixtures("app")
BOGOTA = "America/Bogota"
WEEK_AHEAD = made.at(BOGOTA, 2025, 5, 27, 9)


def test_planned_dues_move_along() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    made.move(workshop, timedelta(days=7), NOW)
    assert made.dues() == ["2025-06-03 09:00 America/Bogota", "2025-06-03 16:00 Europe/Stockholm"]
    assert [generation for _zone, _state, generation in made.occurrences()] == [0, 0]


def test_moved_nearer_than_the_due_goes_now_if_it_is_of_use() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    now = made.at(BOGOTA, 2025, 5, 25, 12)
    made.move(workshop, timedelta(days=-7), now)
    assert service.queue_due(now).queued == 2


def test_moved_in_the_morning_it_waits_for_the_morning_of_who_sleeps() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    now = made.at("Europe/Stockholm", 2025, 5, 25, 9)
    made.move(workshop, timedelta(days=-7), now)
    assert service.queue_due(now).queued == 2
    assert [message.next_at for message in made.reminders()] == [now, made.at(BOGOTA, 2025, 5, 25, 8)]


def test_moved_so_near_that_it_is_of_no_use_is_missed() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    made.move(workshop, timedelta(days=-7), made.at(BOGOTA, 2025, 5, 27, 8))
    assert {state for _zone, state, _generation in made.occurrences()} == {"missed"}


def test_moved_far_after_the_reminder_went_reminds_once_more() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    service.queue_due(WEEK_AHEAD)
    made.move(workshop, timedelta(days=14), WEEK_AHEAD + timedelta(hours=1))
    assert made.reminders() == []
    assert made.dues() == ["2025-06-10 09:00 America/Bogota", "2025-06-10 16:00 Europe/Stockholm"]
    service.plan(WEEK_AHEAD + timedelta(hours=2))
    assert service.queue_due(made.at(BOGOTA, 2025, 6, 10, 9)).queued == 2
    assert [key.split(":")[5] for key in made.dedupes()] == ["0", "1", "0", "1"]


def test_moved_to_another_continents_evening_is_far() -> None:
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    workshop = factories.workshop(network, country="SE")
    made.seat(workshop, factories.person(umea))
    service.plan(NOW)
    then = made.at("Europe/Stockholm", 2025, 5, 27, 9)
    service.queue_due(then)
    with transaction():
        workshop.zone = BOGOTA
    made.move(workshop, timedelta(hours=16), then)  # from 09:00 in Umeå to 18:00 in Bogotá
    assert made.occurrences() == [("Europe/Stockholm", "expanded", 0), ("Europe/Stockholm", "planned", 1)]


@pytest.mark.parametrize("zone", ["America/Guatemala", BOGOTA])
def test_who_changes_clocks_after_a_far_move_is_reminded_of_it(zone: str) -> None:
    workshop, swede, _colombian = made.world()
    service.plan(NOW)
    service.queue_due(made.at("Europe/Stockholm", 2025, 5, 27, 16))
    sent = WEEK_AHEAD
    for message in made.reminders():
        with transaction():
            message.state, message.sent_at = "sent", sent
    made.move(workshop, timedelta(days=14), sent)
    with transaction():
        swede.zone = zone
    service.plan(sent)
    service.queue_due(made.at(BOGOTA, 2025, 6, 10, 9))
    assert made.recipients() == ["a.swede@umea.example", "b.colombian@bogota.example"]


def test_who_comes_over_to_a_clock_where_nothing_had_gone_is_reminded_of_the_new_date() -> None:
    workshop, _swede, colombian = made.world()
    made.rule(workshop, offset=-1, at_local=time(18))
    service.plan(NOW)
    evening = made.at("Europe/Stockholm", 2025, 6, 2, 20)
    assert service.queue_due(evening).queued == 1
    made.move(workshop, timedelta(days=14), evening)
    assert sorted(made.occurrences()) == [(BOGOTA, "planned", 1), ("Europe/Stockholm", "expanded", 0), ("Europe/Stockholm", "planned", 1)]
    assert colombian.zone == BOGOTA


def test_moved_a_little_after_the_reminder_went_does_not_remind_again() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    service.queue_due(WEEK_AHEAD)
    for message in made.reminders():
        with transaction():
            message.state, message.sent_at = "sent", WEEK_AHEAD
    made.move(workshop, timedelta(hours=2), WEEK_AHEAD + timedelta(hours=1))
    service.plan(WEEK_AHEAD + timedelta(hours=2))
    service.queue_due(WEEK_AHEAD + timedelta(days=3))
    assert made.reminders() == []


def test_moved_a_little_while_it_waits_in_the_outbox_leaves_with_the_new_hour() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    service.queue_due(WEEK_AHEAD)
    made.move(workshop, timedelta(hours=2), WEEK_AHEAD)
    bodies = [(message.body or b"").decode() for message in made.reminders()]
    assert len(bodies) == 2
    assert all("11:00" in body for body in bodies)
    assert made.recipients("superseded") == ["a.swede@umea.example", "b.colombian@bogota.example"]


def test_moved_earlier_while_it_waits_it_is_of_use_only_before_the_new_start() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    service.queue_due(WEEK_AHEAD)
    made.move(workshop, timedelta(hours=-6), WEEK_AHEAD)
    assert [message.expires_at for message in made.reminders()] == [made.at(BOGOTA, 2025, 6, 3, 1)] * 2


def test_new_words_reach_what_has_not_left() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    service.queue_due(WEEK_AHEAD)
    with transaction():
        workshop.venue = "The library"
        announce("workshop_changed", workshop=workshop, now=WEEK_AHEAD, by=made.STAFF)
    assert all("The library" in (message.body or b"").decode() for message in made.reminders())
    assert len(made.reminders()) == 2


@pytest.mark.parametrize("state", ["cancelled", "postponed"])
def test_a_workshop_that_stops_takes_back_what_is_planned_and_what_waits(state: str) -> None:
    workshop, *_people = made.world()
    made.rule(workshop)
    made.rule(workshop, offset=-1)
    service.plan(NOW)
    service.queue_due(WEEK_AHEAD)
    made.stop(workshop, state, WEEK_AHEAD)
    assert made.reminders() == []
    assert sorted(state for _zone, state, _generation in made.occurrences()) == ["expanded", "expanded", "stopped", "stopped"]
    assert service.queue_due(made.at(BOGOTA, 2025, 6, 2, 12)).queued == 0


def test_a_workshop_that_comes_back_is_reminded_of() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    made.stop(workshop, "postponed", NOW)
    made.stop(workshop, "published", NOW + timedelta(days=1))
    assert made.dues() == ["2025-05-27 09:00 America/Bogota", "2025-05-27 16:00 Europe/Stockholm"]
    assert service.queue_due(WEEK_AHEAD).queued == 2


def test_what_fell_due_while_it_was_postponed_goes_when_it_comes_back() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    made.stop(workshop, "postponed", WEEK_AHEAD - timedelta(days=1))
    back = WEEK_AHEAD + timedelta(days=1)
    made.stop(workshop, "published", back)
    assert service.plan(back) + service.queue_due(back) == service.Counts(queued=2)


def test_what_is_of_no_use_when_it_comes_back_is_missed() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    made.stop(workshop, "postponed", WEEK_AHEAD - timedelta(days=1))
    made.stop(workshop, "published", made.at(BOGOTA, 2025, 6, 3, 8))
    assert {state for _zone, state, _generation in made.occurrences()} == {"missed"}


def test_a_rule_switched_off_does_not_come_back_with_the_workshop() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    made.rule(workshop, offset=-1)
    service.plan(NOW)
    made.stop(workshop, "postponed", WEEK_AHEAD - timedelta(days=1))
    made.stop(workshop, "published", WEEK_AHEAD + timedelta(days=1))
    assert sorted(state for _zone, state, _generation in made.occurrences()) == ["cancelled", "cancelled", "planned", "planned"]


def test_cancelling_one_of_two_that_share_a_mail_leaves_the_other() -> None:
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    me = factories.person(umea)
    first, second = factories.workshop(network, title="First"), factories.workshop(network, title="Second")
    seats = [made.seat(workshop, me) for workshop in (first, second)]
    service.plan(NOW)
    assert service.queue_due(WEEK_AHEAD).queued == 1
    made.stop(first, "cancelled", WEEK_AHEAD)
    (left,) = made.reminders()
    assert [item.subject for item in left.items] == [f"registration:{seats[1].id}"]
    made.move(second, timedelta(hours=1), WEEK_AHEAD)
    (renewed,) = made.reminders()
    assert "10:00" in (renewed.body or b"").decode()


def test_after_a_move_no_old_hour_is_left_to_send() -> None:
    workshop, *_people = made.world()
    service.plan(NOW)
    for hours in range(3):
        service.queue_due(WEEK_AHEAD)
        made.move(workshop, timedelta(hours=1), WEEK_AHEAD + timedelta(minutes=hours))
    waiting = made.reminders()
    assert len(waiting) == 2
    assert {item.version for message in waiting for item in message.items} == {workshop.version}
    assert outbox.withdraw("registration:0") == 0
