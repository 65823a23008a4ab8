"""A free seat is offered to the first in line, who answers in time or lets the next one have it."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.database import db, transaction
from app.errors import Missing, Refused
from app.organisations.models import Organisation
from app.outbox.models import Message
from app.registrations import queries, seats, service
from app.registrations.models import Registration
from app.registrations.waiting import offers, turns
from app.workshops import queries as workshops
from app.workshops.acts import service as workshop_service
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF, Meanwhile, edit, method, published, registered, waiting, words
from tests.workshops.made import KARIN, REASONS

DEADLINE = LATER + timedelta(hours=48)
START = datetime.fromisoformat("2025-06-03T09:00:00-05:00")


def line(umea: Organisation, people: int = 3, **facts: object) -> tuple[Workshop, list[int]]:
    """A workshop with one seat, taken by the first of them; the others wait. A free seat is offered for two days."""
    workshop = published(umea, capacity=1)
    with transaction():
        workshop.waitlist = "offer"
        for name, value in facts.items():
            setattr(workshop, name, value)
    return workshop, registered(workshop.id, umea, people)


def states(ids: list[int]) -> list[str]:
    db.session.expire_all()
    return [db.session.get_one(Registration, one).state for one in ids]


def leave(registration_id: int, now: datetime = LATER) -> None:
    service.cancel(registration_id, by=STAFF, now=now)


def taken(workshop: Workshop) -> tuple[int, int]:
    db.session.refresh(workshop)
    return workshop.taken, workshop.capacity


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def calendar(message: Message) -> str:
    assert message.body is not None
    parts = email.message_from_bytes(message.body, policy=email.policy.default).walk()
    return next(str(part.get_content()) for part in parts if part.get_content_type() == "text/calendar")


def test_a_free_seat_is_offered_with_a_deadline_and_accepted_once(app: Flask) -> None:
    workshop, (first, second, third) = line(factories.organisation("SE"))
    leave(first)
    assert states([first, second, third]) == ["cancelled", "offered", "waitlisted"]
    assert taken(workshop) == (1, 1)
    [mail] = waiting("offer")
    assert "held for you until 5 March 2025, 14:00 in Stockholm" in words(mail)
    assert "STATUS:TENTATIVE" in calendar(mail)
    assert mail.expires_at == DEADLINE
    [again] = waiting("offer_reminder")
    assert again.due_at == datetime(2025, 3, 4, 19, 0, tzinfo=UTC)  # not in the night before, but at eight in the evening
    for _twice in range(2):
        offers.accept(second, by=STAFF, now=DEADLINE - timedelta(seconds=1))
    assert states([second, third]) == ["confirmed", "waitlisted"]
    assert [message.kind for message in waiting() if message.kind.startswith("offer")] == []
    assert "STATUS:CONFIRMED" in calendar(waiting("confirmation")[-1])
    assert actions()[-2:] == ["registration.offered", "registration.accepted"]


def test_an_offer_that_lapses_goes_to_the_next_and_the_person_to_the_end_of_the_line(app: Flask) -> None:
    workshop, (first, second, third) = line(factories.organisation("SE"))
    leave(first)
    assert offers.lapse(now=DEADLINE - timedelta(seconds=1)) == 0
    assert offers.lapse(now=DEADLINE) == 1
    assert states([second, third]) == ["waitlisted", "offered"]
    assert taken(workshop) == (1, 1)
    [mail] = waiting("offer_lapsed")
    assert "still on the waiting list, at its end" in words(mail)
    assert method(mail) == "CANCEL"
    assert [message.person_id for message in waiting("offer")] == [db.session.get_one(Registration, third).person_id]
    assert actions()[-2:] == ["registration.offer_lapsed", "registration.offered"]


def test_whoever_waits_alone_is_offered_the_seat_twice_and_then_leaves_the_line(app: Flask) -> None:
    workshop, (first, second) = line(factories.organisation("SE"), 2)
    leave(first)
    offers.lapse(now=DEADLINE)
    assert states([second]) == ["offered"]
    assert waiting("offer_lapsed") == []
    assert "once more, for the last time" in words(waiting("offer")[0])
    offers.lapse(now=DEADLINE + timedelta(hours=48))
    assert states([second]) == ["cancelled"]
    assert taken(workshop) == (0, 1)
    assert "offered to you twice" in words(waiting("offer_lapsed")[0])


def test_whoever_waits_alone_when_an_offer_lapses_near_the_end_has_the_seat_and_is_told_nothing_else(app: Flask) -> None:
    """Too little is left for a second offer: a mail that the line is left, with a CANCEL, would contradict the confirmation."""
    workshop, (first, second) = line(factories.organisation("SE"), 2, promotion_ends_hours=24)
    end = START - timedelta(hours=24)
    leave(first, end - timedelta(hours=48 + 6))
    assert states([second]) == ["offered"]
    offers.lapse(now=end - timedelta(hours=6))
    assert (states([second]), taken(workshop)) == (["confirmed"], (1, 1))
    mine = [mail for mail in waiting() if mail.person_id == db.session.get_one(Registration, second).person_id]
    assert [(mail.kind, method(mail)) for mail in mine] == [("promotion", "REQUEST")]


def test_an_offer_accepted_in_the_second_in_which_it_lapses_is_refused_with_words(app: Flask) -> None:
    _workshop, (first, second, _third) = line(factories.organisation("SE"))
    leave(first)
    with pytest.raises(Refused, match="The offer ended on 5 March 2025, 14:00 in Stockholm"):
        offers.accept(second, by=STAFF, now=DEADLINE)
    offers.lapse(now=DEADLINE)
    with pytest.raises(Refused, match="You are still on the waiting list"):
        offers.accept(second, by=STAFF, now=DEADLINE)
    with pytest.raises(Refused, match="still on the waiting list"):
        offers.decline(second, by=STAFF, now=DEADLINE)


def test_an_offer_that_is_declined_goes_to_the_next_in_line(app: Flask) -> None:
    _workshop, (first, second, third) = line(factories.organisation("SE"))
    leave(first)
    for _twice in range(2):
        offers.decline(second, by=STAFF, now=LATER)
    assert states([second, third]) == ["cancelled", "offered"]
    assert "registration.offer_declined" in actions()
    goodbye = waiting("cancelled_seat")[-1]
    assert goodbye.subject.startswith("You have left the offered seat")
    assert method(goodbye) == "CANCEL"


@pytest.mark.parametrize(
    ("before_end", "state", "hours"),
    [(timedelta(hours=30), "offered", 30), (timedelta(hours=12), "offered", 12), (timedelta(hours=11), "confirmed", 0)],
)
def test_an_offer_never_outlives_the_line_and_a_very_short_one_is_a_seat(app: Flask, before_end: timedelta, state: str, hours: int) -> None:
    _workshop, (first, second) = line(factories.organisation("SE"), 2)
    now = START - timedelta(hours=24) - before_end
    leave(first, now)
    assert states([second]) == [state]
    until = db.session.get_one(Registration, second).held_until
    assert until == (now + timedelta(hours=hours) if hours else None)


def test_near_the_start_nobody_moves_up_and_a_free_seat_is_whoevers_takes_it(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop, (first, second, third) = line(umea)
    now = START - timedelta(hours=23)
    leave(first, now)
    assert states([second, third]) == ["waitlisted", "waitlisted"]
    offers.take_free(third, by=STAFF, now=now)
    assert states([second, third]) == ["waitlisted", "confirmed"]
    with pytest.raises(Refused, match="Somebody else has taken the free seat"):
        offers.take_free(second, by=STAFF, now=now)
    leave(third, now)
    assert service.register(workshop.id, factories.person(umea).id, by=STAFF, now=now).state == "confirmed"
    with pytest.raises(Refused, match="The workshop has begun"):
        offers.take_free(second, by=STAFF, now=START)


def test_before_that_free_seats_keep_their_order(app: Flask) -> None:
    _workshop, (_first, second) = line(factories.organisation("SE"), 2)
    with pytest.raises(Refused, match="in their order"):
        offers.take_free(second, by=STAFF, now=LATER)


def test_a_workshop_says_itself_how_long_and_until_when(app: Flask) -> None:
    _workshop, (first, second) = line(factories.organisation("SE"), 2, offer_hours=6, promotion_ends_hours=0)
    now = START - timedelta(hours=10)
    leave(first, now)
    assert states([second]) == ["offered"]
    assert db.session.get_one(Registration, second).held_until == now + timedelta(hours=6)
    assert waiting("offer_reminder") == []


def test_a_move_nearer_shortens_the_offer_or_gives_the_seat(app: Flask) -> None:
    workshop, (first, second) = line(factories.organisation("SE"), 2)
    leave(first, START - timedelta(days=6))
    edit(workshop.id, START - timedelta(days=6) + timedelta(minutes=1), days=-4)
    until = db.session.get_one(Registration, second).held_until
    assert until == START - timedelta(days=5)
    assert states([second]) == ["offered"]
    edit(workshop.id, START - timedelta(days=6) + timedelta(minutes=2), days=-1)
    assert states([second]) == ["confirmed"]
    assert [message.kind for message in waiting() if message.kind == "promotion"] == ["promotion"]


def test_an_earlier_end_of_the_line_shortens_the_offer_with_a_mail_or_gives_the_seat(app: Flask) -> None:
    workshop, (first, second) = line(factories.organisation("SE"), 2)
    leave(first, START - timedelta(days=6))
    edit(workshop.id, START - timedelta(days=6) + timedelta(minutes=1), promotion_ends_hours=5 * 24)
    assert states([second]) == ["offered"]
    assert db.session.get_one(Registration, second).held_until == START - timedelta(days=5)
    [mail] = waiting("offer")
    assert (mail.expires_at, "held for you until 29 May 2025, 16:00 in Stockholm" in words(mail)) == (START - timedelta(days=5), True)
    assert len(waiting("offer_reminder")) <= 1
    edit(workshop.id, START - timedelta(days=6) + timedelta(minutes=2), promotion_ends_hours=6 * 24 - 1)
    assert states([second]) == ["confirmed"]
    assert (len(waiting("promotion")), waiting("offer"), waiting("offer_reminder")) == (1, [], [])


def test_a_line_that_moves_until_registration_ends_takes_its_offers_along(app: Flask) -> None:
    workshop, (first, second) = line(factories.organisation("SE"), 2)
    evening = datetime.fromisoformat("2025-06-03T20:00")  # a wall in Bogotá
    edit(workshop.id, promotion_ends_hours=0, closes=evening)
    leave(first, START - timedelta(hours=40))
    assert db.session.get_one(Registration, second).held_until == START + timedelta(hours=8)
    edit(workshop.id, START - timedelta(hours=39), closes=evening - timedelta(days=1), venue="Another hall")
    assert db.session.get_one(Registration, second).held_until == START
    assert ["held for you until 3 June 2025, 16:00" in words(mail) for mail in [*waiting("offer"), *waiting("change")]] == [True, True]


def test_a_later_end_of_the_line_leaves_offers_as_they_are(app: Flask) -> None:
    workshop, (first, second) = line(factories.organisation("SE"), 2)
    leave(first)
    before = [mail.id for mail in waiting("offer")]
    edit(workshop.id, LATER + timedelta(hours=1), promotion_ends_hours=1)
    assert (db.session.get_one(Registration, second).held_until, [mail.id for mail in waiting("offer")]) == (DEADLINE, before)


def test_an_offer_does_not_lapse_that_stood_still_a_moment_before(app: Flask) -> None:
    workshop, (first, second) = line(factories.organisation("SE"), 2)
    leave(first)
    app.extensions[seats.KEY] = Meanwhile(lambda: workshop_service.postpone(workshop.id, REASONS, by=KARIN, now=DEADLINE))
    assert offers.lapse(now=DEADLINE) == 0
    assert (states([second]), waiting("offer_lapsed")) == (["offered"], [])


def test_while_it_is_postponed_the_clock_of_an_offer_stands_still_and_then_begins_anew(app: Flask) -> None:
    workshop, (first, second) = line(factories.organisation("SE"), 2)
    leave(first)
    workshop_service.postpone(workshop.id, REASONS, by=KARIN, now=LATER)
    assert offers.lapse(now=DEADLINE) == 0
    workshop_service.restore(workshop.id, by=KARIN, now=DEADLINE)
    assert states([second]) == ["offered"]
    assert db.session.get_one(Registration, second).held_until == DEADLINE + timedelta(hours=48)
    assert len(waiting("offer")) == 1


def test_an_offer_is_a_seat_with_its_line_in_the_history_when_too_little_is_left_as_the_workshop_is_taken_up_again(app: Flask) -> None:
    workshop, (first, second) = line(factories.organisation("SE"), 2, promotion_ends_hours=24)
    leave(first)
    workshop_service.postpone(workshop.id, REASONS, by=KARIN, now=LATER)
    workshop_service.restore(workshop.id, by=KARIN, now=START - timedelta(hours=30))
    assert states([second]) == ["confirmed"]
    assert actions().count("registration.promoted") == len(waiting("promotion")) == 1


@pytest.mark.parametrize(("before", "said"), [(25, "offered to the first in line"), (23, "the first to take it behind the button has it")])
def test_who_joins_the_line_once_it_has_stopped_is_promised_no_turn(app: Flask, before: int, said: str) -> None:
    umea = factories.organisation("SE")
    workshop, _people = line(umea, 1, promotion_ends_hours=24)
    registered(workshop.id, umea, now=START - timedelta(hours=before))
    assert said in words(waiting("waiting")[-1])


def test_staff_put_somebody_ahead_and_back(app: Flask) -> None:
    workshop, (first, second, third) = line(factories.organisation("SE"))
    turns.put_ahead(workshop.id, third, ahead=True, by=STAFF, now=LATER)
    assert [queries.place_in_line(queries.get(one)) for one in (second, third)] == [2, 1]
    assert [one.id for one in queries.line(workshop.id)] == [third, second]
    turns.put_ahead(workshop.id, second, ahead=True, by=STAFF, now=LATER)
    turns.put_ahead(workshop.id, third, ahead=False, by=STAFF, now=LATER)
    leave(first)
    assert states([second, third]) == ["offered", "waitlisted"]
    assert actions().count("registration.put_ahead") == 2
    with pytest.raises(Refused, match="does not wait for a seat any more"):
        turns.put_ahead(workshop.id, second, ahead=True, by=STAFF, now=LATER)


def test_a_seat_out_of_turn_is_one_more_and_the_history_says_so(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop, (_first, second, third) = line(umea)
    version = workshops.get(workshop.id).version
    turns.seat_now(workshop.id, third, by=STAFF, now=LATER)
    assert states([second, third]) == ["waitlisted", "confirmed"]
    assert taken(workshop) == (2, 2)
    assert workshop.version == version + 1
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.action, entry.facts["capacity"]) == ("registration.given", 2)
    assert "Our staff have given you a seat." in words(waiting("confirmation")[-1])
    with pytest.raises(Missing):
        turns.seat_now(factories.workshop(factories.network(umea)).id, second, by=STAFF, now=LATER)
    turns.seat_now(workshop.id, second, by=STAFF, now=NOW + timedelta(days=1))
    assert taken(workshop) == (3, 3)
