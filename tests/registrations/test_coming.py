"""A new date asks everybody whether they still come."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.database import db
from app.errors import Refused
from app.registrations import queries, seats, service
from app.registrations.coming import service as coming
from app.registrations.models import Registration
from app.workshops.acts import service as workshop_service
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF, Meanwhile, edit, published, registered, waiting, words
from tests.workshops.made import KARIN, REASONS

CHASED = LATER + timedelta(days=4)


def awaited(workshop_id: int) -> list[int]:
    db.session.expire_all()
    return [one.id for one in queries.awaited_of(workshop_id)]


def test_a_move_asks_all_who_have_a_seat_or_wait_and_yes_answers_it(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea, capacity=1)
    first, second = registered(workshop.id, umea, 2)
    assert awaited(workshop.id) == []
    edit(workshop.id, days=1)
    assert awaited(workshop.id) == [first, second]
    mails = waiting("change")
    assert all("Say whether you can come" in words(mail) for mail in mails)
    assert sum("somebody else gets the seat" in words(mail) for mail in mails) == 1  # whoever waits has none to lose
    for _twice in range(2):
        coming.say_yes(first, by=STAFF, now=LATER)
    assert awaited(workshop.id) == [second]
    edit(workshop.id, LATER + timedelta(hours=1), days=1)
    assert awaited(workshop.id) == [first, second]


def test_no_gives_the_seat_to_the_next_in_line(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea, capacity=1)
    first, second = registered(workshop.id, umea, 2)
    edit(workshop.id, days=1)
    coming.say_no(first, by=STAFF, now=LATER)
    assert [db.session.get_one(Registration, one).state for one in (first, second)] == ["cancelled", "confirmed"]
    assert awaited(workshop.id) == [second]
    with pytest.raises(Refused, match="You are no longer registered"):
        coming.say_yes(first, by=STAFF, now=LATER)


def test_another_place_or_other_words_ask_nothing_and_a_move_taken_back_neither(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea)
    registered(workshop.id, umea)
    edit(workshop.id, venue="Another hall")
    assert awaited(workshop.id) == []
    edit(workshop.id, days=1)
    edit(workshop.id, days=-1)
    assert awaited(workshop.id) == []


def test_postponed_nobody_is_asked_and_taken_up_again_everybody(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea)
    [first] = registered(workshop.id, umea)
    edit(workshop.id, days=1)
    workshop_service.postpone(workshop.id, REASONS, by=KARIN, now=LATER)
    assert awaited(workshop.id) == []
    edit(workshop.id, days=3)
    assert awaited(workshop.id) == []
    workshop_service.restore(workshop.id, by=KARIN, now=LATER)
    assert awaited(workshop.id) == [first]
    assert "Say whether you can come" in words(waiting("workshop_restored")[0])


@pytest.mark.parametrize("stop", ["cancel", "postpone"])
def test_a_stop_that_is_taken_back_with_the_same_days_asks_nothing_and_says_so(app: Flask, stop: str) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea, capacity=1)
    registered(workshop.id, umea, 2)
    getattr(workshop_service, stop)(workshop.id, REASONS, by=KARIN, now=LATER)
    edit(workshop.id, venue="Another hall")
    workshop_service.restore(workshop.id, by=KARIN, now=LATER)
    assert awaited(workshop.id) == []
    mails = waiting("workshop_restored")
    assert [mail.subject.partition(":")[0] for mail in mails] == ["It takes place", "It takes place"]
    assert all("It takes place on the date it had." in words(mail) for mail in mails)
    assert not any("whether you" in words(mail) for mail in mails)
    assert all("See or change your registration: http" in words(mail) for mail in mails)


def test_a_question_that_was_open_before_a_mistaken_stop_is_open_after_it_and_an_answer_stands(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea)
    silent, answered = registered(workshop.id, umea, 2)
    edit(workshop.id, days=1)
    coming.say_yes(answered, by=STAFF, now=LATER)
    workshop_service.postpone(workshop.id, REASONS, by=KARIN, now=LATER)
    assert awaited(workshop.id) == []
    coming.say_yes(silent, by=STAFF, now=LATER)  # there is no date to say it about
    workshop_service.restore(workshop.id, by=KARIN, now=LATER)
    assert awaited(workshop.id) == [silent]


def test_taken_up_again_on_other_days_the_mail_names_both_and_asks(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea)
    [first] = registered(workshop.id, umea)
    workshop_service.postpone(workshop.id, REASONS, by=KARIN, now=LATER)
    edit(workshop.id, days=3)
    workshop_service.cancel(workshop.id, REASONS, by=KARIN, now=LATER)
    edit(workshop.id, days=2)
    workshop_service.restore(workshop.id, by=KARIN, now=LATER)
    assert awaited(workshop.id) == [first]
    [mail] = waiting("workshop_restored")
    assert mail.subject.startswith("New time: ")
    assert mail.subject.endswith("8–9 June 2025")
    assert "It was: Tuesday 3 June 2025, 09:00–16:00; Wednesday 4 June 2025, 09:00–16:00." in words(mail)
    assert "Please say with the button whether you can come" in words(mail)


def test_silence_is_asked_about_once_by_day_on_the_own_clock(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea)
    silent, answered = registered(workshop.id, umea, 2)
    edit(workshop.id, days=1)
    coming.say_yes(answered, by=STAFF, now=LATER)
    night = datetime(2025, 3, 7, 22, 30, tzinfo=LATER.tzinfo)  # 23:30 in Stockholm
    assert coming.chase(now=CHASED - timedelta(seconds=1)) == 0
    assert [coming.chase(now=night), coming.chase(now=night + timedelta(days=9))] == [1, 0]
    [mail] = waiting("reconfirm")
    assert mail.person_id == db.session.get_one(Registration, silent).person_id
    assert mail.due_at == datetime(2025, 3, 8, 7, 0, tzinfo=LATER.tzinfo)
    coming.say_yes(silent, by=STAFF, now=night)
    assert waiting("reconfirm") == []


@pytest.mark.parametrize("meanwhile", ["moved", "postponed"])
def test_silence_is_not_asked_about_when_staff_were_faster(app: Flask, meanwhile: str) -> None:
    """Another date has asked everybody anew, or there is none to say anything about."""
    umea = factories.organisation("SE")
    workshop = published(umea)
    registered(workshop.id, umea)
    edit(workshop.id, days=1)

    def faster() -> None:
        if meanwhile == "moved":
            edit(workshop.id, CHASED, days=1)
        else:
            db.session.get_one(Workshop, workshop.id).state = "postponed"

    app.extensions[seats.KEY] = Meanwhile(faster)
    assert coming.chase(now=CHASED) == 0
    assert waiting("reconfirm") == []


def test_near_the_start_silence_is_asked_about_halfway(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea)
    registered(workshop.id, umea)
    assert workshop.starts_at is not None
    moved = workshop.starts_at - timedelta(days=3)
    edit(workshop.id, moved, days=1)  # four days are left
    assert coming.chase(now=moved + timedelta(days=2) - timedelta(seconds=1)) == 0
    assert coming.chase(now=moved + timedelta(days=2)) == 1


def test_whoever_comes_back_is_not_asked_about_what_was_before(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = published(umea)
    person = factories.person(umea)
    first = service.register(workshop.id, person.id, by=STAFF, now=NOW)
    edit(workshop.id, days=1)
    service.cancel(first.id, by=STAFF, now=LATER)
    service.register(workshop.id, person.id, by=STAFF, now=LATER)
    assert awaited(workshop.id) == []
