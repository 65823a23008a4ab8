"""What a workshop's change means for mails: who is told, in which words, and what does not leave any more."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.audit.queries import entries
from app.audit.service import person as actor
from app.database import db, transaction
from app.organisations.models import Organisation
from app.registrations import guests, letters, queries, service
from app.workshops import queries as workshops
from app.workshops.acts import service as acts
from app.workshops.past.history import sentences
from app.workshops.values import Day
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.registrations.made import LATER, STAFF, edit, kinds, method, published, registered, sequence, waiting, words
from tests.workshops.made import KARIN, REASONS

NEW = "23\u201324 June 2025"
SENT = "UPDATE message SET state = 'sent', sent_at = created_at"
GUEST = guests.Guest("Ana Ruiz", "ana@guest.example", None, "Universidad", "en", "America/Bogota")


@pytest.fixture
def umea(lite: Flask) -> Organisation:
    assert lite
    return factories.organisation("CO")


def all_sent() -> None:
    with transaction():
        db.session.execute(text(SENT))


@pytest.mark.parametrize("what", ["days", "place"])
def test_a_correction_of_what_is_over_tells_nobody_and_renews_the_calendars(umea: Organisation, what: str) -> None:
    workshop = published(umea)
    registered(workshop.id, umea)
    all_sent()
    after = workshops.get(workshop.id).ends_at
    assert after is not None
    revision = db.session.scalar(text("SELECT revision FROM calendar_revision WHERE scope = 'public'"))
    days = workshops.values_of(workshops.get(workshop.id)).days
    if what == "days":
        edit(workshop.id, after, ends=time(15))
    else:
        edit(workshop.id, after, venue="Archivo Distrital")
    assert kinds() == []
    assert db.session.scalar(text("SELECT revision FROM calendar_revision WHERE scope = 'public'")) > revision
    assert (workshops.values_of(workshops.get(workshop.id)).days == days) is (what == "place")


def test_a_workshop_that_is_over_and_gets_a_new_date_ahead_is_told(umea: Organisation) -> None:
    workshop = published(umea)
    registered(workshop.id, umea)
    all_sent()
    after = workshops.get(workshop.id).ends_at
    assert after is not None
    edit(workshop.id, after, more=[Day(after.date() + timedelta(days=20), time(9), time(16))])
    assert kinds() == ["change"]


def test_no_answer_with_the_old_time_leaves_after_a_move(umea: Organisation) -> None:
    workshop = published(umea, capacity=2, access="open")
    first, _second, _third = registered(workshop.id, umea, 3)
    service.cancel(first, by=STAFF, now=NOW)
    registered(workshop.id, umea)
    edit(workshop.id, days=20)
    assert kinds() == ["cancelled_seat", "confirmation", "promotion", "waiting", "change", "change", "change"]
    assert {message.kind for message in waiting() if NEW not in words(message)} == {"cancelled_seat"}
    assert sorted(message.kind for message in waiting(state="superseded")) == ["confirmation", "promotion", "waiting", "waiting"]


def test_a_guests_button_and_link_are_written_anew_too(umea: Organisation) -> None:
    workshop = published(umea, access="open")
    guests.register_guest(workshop.id, GUEST, now=NOW)
    edit(workshop.id, NOW + timedelta(minutes=1), days=20)
    assert kinds() == ["hold"]
    assert NEW in words(waiting()[0])
    token = letters.manage_path(queries.of_workshop(workshop.id)[0]).removeprefix("/r/")
    assert token in words(waiting()[0])
    guests.confirm_held(token, now=NOW + timedelta(minutes=2))
    all_sent()
    guests.register_guest(workshop.id, GUEST, now=NOW + timedelta(minutes=3))
    edit(workshop.id, NOW + timedelta(minutes=4), venue="Archivo Distrital")
    assert kinds() == ["link", "change"]
    assert all("Archivo Distrital" in words(message) for message in waiting())


def test_moved_three_times_and_no_answer_is_written_twice(umea: Organisation) -> None:
    workshop = published(umea)
    registered(workshop.id, umea)
    for minute in range(3):
        edit(workshop.id, LATER + timedelta(minutes=minute), days=5)
    assert kinds() == ["confirmation", "change"]
    assert "3 June 2025, 09:00" in words(waiting("change")[0]).partition("It was: ")[2]


def test_who_moves_up_before_the_news_has_left_hears_it_as_somebody_with_a_seat(umea: Organisation) -> None:
    workshop = published(umea, capacity=1)
    seated, waits = registered(workshop.id, umea, 2)
    all_sent()
    edit(workshop.id, days=20)
    assert "still on the waiting list" in " ".join(words(message) for message in waiting("change"))
    service.cancel(seated, by=STAFF, now=LATER + timedelta(minutes=1))
    assert queries.get(waits).state == "confirmed"
    assert kinds() == ["cancelled_seat", "promotion", "change"]
    told = waiting("change")[0]
    assert "Your seat is kept" in words(told)
    assert method(told) == "REQUEST"


@pytest.mark.parametrize(
    ("number", "sentence", "calendar"),
    [(0, "Your seat is kept.", "REQUEST"), (1, "You are still on the waiting list.", None)],
)
@pytest.mark.parametrize("news", ["days", "place", "restored"])
def test_who_waits_is_never_told_of_a_seat(umea: Organisation, news: str, number: int, sentence: str, calendar: str | None) -> None:
    workshop = published(umea, capacity=1)
    mine = registered(workshop.id, umea, 2)[number]
    if news == "days":
        edit(workshop.id, days=20)
    elif news == "place":
        edit(workshop.id, venue="Archivo Distrital")
    else:
        acts.cancel(workshop.id, REASONS, by=KARIN, now=LATER)
        acts.restore(workshop.id, by=KARIN, now=LATER)
    kind = "workshop_restored" if news == "restored" else "change"
    told = next(message for message in waiting(kind) if message.person_id == queries.get(mine).person_id)
    assert sentence in words(told)
    assert method(told) == calendar


@pytest.mark.parametrize(
    ("number", "sentence", "calendar"),
    [(0, "The entry in your calendar is withdrawn.", "CANCEL"), (1, "The waiting list is closed too.", None)],
)
def test_a_cancelled_workshop_is_told_to_those_who_sit_and_to_those_who_wait(
    umea: Organisation, number: int, sentence: str, calendar: str | None
) -> None:
    workshop = published(umea, capacity=1, access="open")
    mine = registered(workshop.id, umea, 2)[number]
    guests.register_guest(workshop.id, GUEST, now=NOW)
    acts.cancel(workshop.id, REASONS, by=KARIN, now=NOW + timedelta(minutes=5))
    assert kinds() == ["workshop_cancelled", "workshop_cancelled"]
    told = next(message for message in waiting() if message.person_id == queries.get(mine).person_id)
    assert sentence in words(told)
    assert method(told) == calendar


def test_who_moves_up_as_the_workshop_is_taken_up_again_gets_one_mail(umea: Organisation) -> None:
    workshop = published(umea, capacity=1)
    seated, waits = registered(workshop.id, umea, 2)
    acts.postpone(workshop.id, REASONS, by=KARIN, now=NOW)
    service.cancel(seated, by=STAFF, now=NOW)
    all_sent()
    acts.restore(workshop.id, by=KARIN, now=LATER)
    assert queries.get(waits).state == "confirmed"
    assert kinds() == ["promotion"]


def test_who_leaves_the_line_has_no_seat_to_give_and_no_entry_to_take_back(umea: Organisation) -> None:
    workshop = published(umea, capacity=1)
    _seated, waits = registered(workshop.id, umea, 2)
    service.cancel(waits, by=STAFF, now=LATER)
    told = waiting("cancelled_seat")[0]
    assert told.subject.startswith("You are no longer on the waiting list: ")
    assert "seat" not in words(told)
    assert method(told) is None


def test_a_guest_who_is_only_to_wait_is_promised_no_seat(umea: Organisation) -> None:
    workshop = published(umea, capacity=1, access="open")
    registered(workshop.id, umea)
    guests.register_guest(workshop.id, GUEST, now=NOW)
    told = words(waiting("hold")[0])
    assert "press the button to join the waiting list" in told
    assert "is held" not in told


def test_a_move_costs_as_many_statements_for_many_as_for_few(lite: Flask, umea: Organisation) -> None:
    needed = []
    for number in (3, 30):
        workshop = published(umea, capacity=number)
        registered(workshop.id, umea, number)
        with counted(lite) as seen:
            edit(workshop.id, days=20)
        needed.append(len(seen))
        assert len(waiting("change")) == number
        all_sent()
    assert needed[0] == needed[1], needed


def test_what_mails_have_in_common_is_written_once_and_the_link_is_ones_own(umea: Organisation) -> None:
    workshop = published(umea)
    ids = registered(workshop.id, umea, 3)
    edit(workshop.id, days=20)
    links = {message.person_id: words(message) for message in waiting("change")}
    for each in ids:
        registration = queries.get(each)
        others = [letters.manage_path(queries.get(other)) for other in ids if other != each]
        assert letters.manage_path(registration) in links[registration.person_id]
        assert not any(other in links[registration.person_id] for other in others)
        assert registration.person.name.encode() in (
            next(m.body for m in waiting("change") if m.person_id == registration.person_id) or b""
        )


@pytest.mark.parametrize("verb", ["cancel", "postpone", "restore"])
def test_calendars_are_told_with_a_higher_sequence_each_time(umea: Organisation, verb: str) -> None:
    workshop = published(umea)
    registered(workshop.id, umea)
    edit(workshop.id, venue="Archivo Distrital")
    before = sequence(waiting("change")[0])
    if verb == "restore":
        acts.cancel(workshop.id, REASONS, by=KARIN, now=LATER)
        before = sequence(waiting("workshop_cancelled")[0])
        acts.restore(workshop.id, by=KARIN, now=LATER)
    else:
        getattr(acts, verb)(workshop.id, REASONS, by=KARIN, now=LATER)
    kind = {"cancel": "workshop_cancelled", "postpone": "workshop_postponed", "restore": "workshop_restored"}[verb]
    assert sequence(waiting(kind)[0]) > before
    assert sequence(waiting(kind)[0]) >= workshops.get(workshop.id).sequence


def test_the_history_says_who_left_and_who_was_taken_off(umea: Organisation) -> None:
    workshop, anna = published(umea), factories.person(umea, name="Anna Ett", lang="en")
    for by in (actor(anna), STAFF):
        one = service.register(workshop.id, anna.id, by=STAFF, now=NOW)
        service.cancel(one.id, by=by, now=LATER)
    lines = entries(f"workshop:{workshop.id}")
    said = [sentences(line) for line in lines if line.action == "registration.cancelled"]
    assert said == [("Cancelled the registration of Anna Ett",), ("Anna Ett left the workshop",)]
