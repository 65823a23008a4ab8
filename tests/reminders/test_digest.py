"""The weekly digest: who gets it and when, what it says, once a week whoever writes it, and nothing when there is nothing to say."""

from __future__ import annotations

import email
import email.policy
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update

from app.accounts.models import Affiliation, Person
from app.accounts.stopping import stop_path
from app.audit.service import Actor
from app.audit.service import person as actor
from app.database import db, transaction
from app.membership.models import CommitmentRule
from app.outbox.models import Message, MessageItem
from app.questions import service as asking
from app.questions.rules import Values
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.reminders.digest import queries
from app.reminders.digest.choosing import choose
from app.reminders.digest.rules import admits, code_of, has_another_turn, week_to_write
from app.reminders.digest.service import write
from app.reminders.preferences import service as preferences
from app.workshops.models import Workshop, WorkshopDay
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.membership.made import World, world
from tests.registrations.made import words

STAFF = Actor("person:0", "Karin")
MONDAY = datetime(2025, 3, 10, 14, tzinfo=UTC)  # three in the afternoon in Stockholm, eight in the morning in Guatemala
WEEK = timedelta(days=7)


def wants(*people: Person) -> None:
    """They have wanted it for a while."""
    with transaction():
        db.session.execute(update(Person).where(Person.id.in_([one.id for one in people])).values(digest=True))


def digests() -> list[Message]:
    """What waits in the outbox, in the order of recipients."""
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.kind == "digest").order_by(Message.person_id, Message.created_at)))


def said(person: Person) -> str:
    """The words of somebody's digest."""
    (mail,) = (one for one in digests() if one.person_id == person.id)
    return words(mail)


def workshop(of: World, *days: date, **values: Any) -> Workshop:
    """Published long ago, unless the test says otherwise."""
    return factories.workshop(of.network, *days, **{"published_at": NOW - timedelta(days=60), **values})


def join(one: Workshop, person: Person) -> Registration:
    return registrations.register(one.id, person.id, by=actor(person), now=NOW)


def join_as_staff(one: Workshop, person: Person) -> None:
    """Though they might not register themselves."""
    with transaction():
        one.access = "open"
    join(one, person)
    with transaction():
        one.access = "invited"


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        (datetime(2025, 3, 10, 6, 59, tzinfo=UTC), "Europe/Stockholm", None),
        (datetime(2025, 3, 10, 7, 0, tzinfo=UTC), "Europe/Stockholm", "2025-W11"),
        (datetime(2025, 3, 10, 7, 0, tzinfo=UTC), "America/Guatemala", None),
        (datetime(2025, 3, 10, 14, 0, tzinfo=UTC), "America/Guatemala", "2025-W11"),
        (datetime(2025, 3, 11, 2, 0, tzinfo=UTC), "America/Guatemala", None),
        (datetime(2025, 3, 12, 18, 59, tzinfo=UTC), "Europe/Stockholm", "2025-W11"),
        (datetime(2025, 3, 13, 12, 0, tzinfo=UTC), "Europe/Stockholm", None),
        (datetime(2024, 12, 30, 12, 0, tzinfo=UTC), "Europe/Stockholm", "2025-W01"),
    ],
)
def test_it_is_written_by_day_from_monday_to_wednesday_on_the_own_clock(at: datetime, zone: str, expected: str | None) -> None:
    week = week_to_write(at, zone)
    assert (week and week.code) == expected


def test_it_is_of_use_for_three_days_also_over_the_change_of_clocks() -> None:
    week = week_to_write(datetime(2025, 10, 20, 12, tzinfo=UTC), "Europe/Stockholm")
    assert week is not None
    assert (week.begins_at.hour, week.expires_at.hour, week.expires_at.date()) == (8, 8, date(2025, 10, 23))
    assert code_of(date(2026, 12, 31)) == "2026-W53"


@pytest.mark.parametrize(
    ("access", "member", "invited", "expected"),
    [
        ("open", False, False, True),
        ("network", True, False, True),
        ("network", False, True, False),
        ("invited", True, False, False),
        ("invited", False, True, True),
    ],
)
def test_nobody_is_told_of_what_they_may_not_come_to(access: str, member: bool, invited: bool, expected: bool) -> None:
    assert admits(access, member=member, invited=invited) is expected


def test_only_who_wants_it_gets_it(app: Flask) -> None:
    of = world()
    workshop(of)
    wants(of.lucia)
    assert write(now=MONDAY) == 1
    assert [mail.person_id for mail in digests()] == [of.lucia.id]


def test_it_says_what_is_needed_first_with_its_deadline_and_one_button(app: Flask) -> None:
    of = world()
    bogota = workshop(of, date(2025, 6, 3), closes_at=datetime(2025, 5, 20, 22, tzinfo=UTC))
    workshop(of, date(2025, 9, 3), capacity=0)
    wants(of.lucia)
    write(now=MONDAY)
    text = said(of.lucia)
    assert f"América Latina: inscriba al menos a una persona en “{bogota.texts['es'].title}”." in text
    assert "La inscripción cierra el martes 20 de mayo de 2025" in text
    assert f"http://127.0.0.1:5000/es/workshops/{bogota.slug}/register" in text
    (mail,) = digests()
    assert mail.subject == "Su semana desde el 10 de marzo de 2025: falta una cosa"
    assert (mail.expires_at, mail.zone, mail.lang) == (datetime(2025, 3, 13, 14, tzinfo=UTC), "America/Guatemala", "es")


def test_it_is_about_every_network_in_force_that_is_ones_own_and_no_other(app: Flask) -> None:
    assert app
    of = world()
    other, foreign = factories.network(of.panajachel), factories.network(of.umea)
    with transaction():
        db.session.add(CommitmentRule(network_id=other.id, starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31)))
    mine, theirs = (factories.workshop(one, date(2025, 9, 3), country="SE") for one in (other, foreign))
    facts = queries.gather([of.lucia.id], MONDAY)
    choice = choose(of.lucia, facts, MONDAY, "America/Guatemala")
    assert ([one.workshop.id for one in choice.needed], theirs in facts.open) == ([mine.id], True)
    assert {one.rule.network_id for one in facts.progress[of.panajachel.id]} == {of.network.id, other.id}
    assert theirs not in choice.new


def test_it_says_what_comes_what_is_new_and_what_closes_and_nothing_twice(app: Flask) -> None:
    of = world()
    mine = workshop(of, date(2025, 3, 20), title="Mine")
    home = workshop(of, date(2025, 4, 20), country="SE", title="Home")
    fresh = workshop(of, date(2025, 7, 3), title="Fresh", published_at=MONDAY - timedelta(days=2))
    soon = workshop(of, date(2025, 8, 3), title="Soon", closes_at=MONDAY + timedelta(days=10))
    later = workshop(of, date(2025, 9, 3), title="Later")
    closed = workshop(of, date(2025, 9, 9), title="Closed", access="invited", published_at=MONDAY - timedelta(days=1))
    for one in (mine, home):
        join(one, of.malin)
    wants(of.malin)
    write(now=MONDAY)
    text = said(of.malin)
    order = [text.index(word) for word in ("Mine", "Home", "Nytt i nätverket", "Fresh", "Anmälan stänger inom två veckor", "Soon")]
    assert order == sorted(order)
    assert [text.count(f"{word} (sv)") for word in ("Mine", "Home", "Fresh", "Soon", "Later", "Closed")] == [1, 1, 1, 1, 0, 0]
    assert {later.state, closed.state, fresh.state, soon.state} == {"published"}
    assert "en ny workshop" in digests()[0].subject


def test_it_asks_for_the_answers_that_are_awaited(app: Flask) -> None:
    of = world()
    one = workshop(of, date(2025, 3, 20), title="Mine")
    two = workshop(of, date(2025, 4, 20), country="SE", title="Home")
    seat, moved = join(one, of.malin), join(two, of.malin)
    asking.add(one.id, Values("yesno", dict.fromkeys(("sv", "es", "en"), "Do you stay?"), required=True), by=STAFF, now=NOW)
    with transaction():
        db.session.execute(update(Registration).where(Registration.id == moved.id).values(asked_at=NOW))
    wants(of.malin)
    write(now=MONDAY)
    text = said(of.malin)
    assert "Mine (sv): dina svar på frågorna väntas." in text
    assert "Home (sv): det finns ett nytt datum. Kan du fortfarande komma?" in text
    assert f"/sv/me/registrations/{seat.id}" in text
    assert digests()[0].subject == "Din vecka från den 10 mars 2025: 2 svar väntas och 2 workshoppar kommer"


def test_with_nothing_to_say_there_is_no_mail_and_a_seat_months_ahead_is_nothing(app: Flask) -> None:
    of = world()
    for country, month in (("CO", 9), ("SE", 10)):
        join(workshop(of, date(2025, month, 3), country=country), of.malin)
    wants(of.malin)
    assert [write(now=MONDAY), write(now=datetime(2025, 9, 1, 12, tzinfo=UTC))] == [0, 1]
    assert len(digests()) == 1


def test_each_week_has_one_and_a_clock_that_stood_still_makes_up_for_it_until_wednesday(app: Flask) -> None:
    of = world()
    workshop(of)
    wants(of.lucia)
    minute = timedelta(minutes=1)
    assert [write(now=MONDAY), write(now=MONDAY + minute)] == [1, 0]
    with transaction() as session:
        session.execute(update(Message).values(state="sent", sent_at=MONDAY))
    assert write(now=MONDAY + timedelta(days=1)) == 0
    assert [write(now=MONDAY + WEEK + timedelta(days=2)), write(now=MONDAY + 2 * WEEK + timedelta(days=3))] == [1, 0]
    keys = db.session.scalars(select(MessageItem.dedupe).where(MessageItem.subject == f"person:{of.lucia.id}").order_by(MessageItem.id))
    assert list(keys) == [f"digest:{of.lucia.id}:2025-W11", f"digest:{of.lucia.id}:2025-W12"]


def test_what_was_killed_between_is_written_anew_and_only_once(app: Flask) -> None:
    of = world()
    workshop(of)
    wants(of.lucia)
    write(now=MONDAY)
    with transaction():  # a restore of last night's copy: the person's week is as before, the mail is there
        db.session.execute(update(Person).values(digest_week=None))
    assert (write(now=MONDAY), len(digests())) == (0, 1)


@pytest.mark.parametrize(("minutes", "states"), [(180, ["superseded", "pending"]), (179, ["pending"])])
def test_one_that_waits_for_hours_is_written_anew_with_what_is_true_by_then(app: Flask, minutes: int, states: list[str]) -> None:
    of = world()
    bogota = workshop(of, date(2025, 6, 3))
    workshop(of, date(2025, 9, 3), country="SE")
    wants(of.lucia)
    write(now=MONDAY)
    (first,) = digests()
    number, key = first.message_id, first.items[0].dedupe
    join(bogota, of.lucia)
    assert [write(now=MONDAY + timedelta(minutes=minutes)) for _time in range(2)] == [len(states) - 1, 0]
    *_old, mail = digests()
    assert [one.state for one in digests()] == states
    assert (mail.message_id, mail.items[0].dedupe) == (number, key)
    assert ("América Latina: inscriba" in words(mail)) is (minutes == 179)


def test_one_that_a_worker_has_in_hand_or_that_has_no_other_turn_is_left_alone(app: Flask) -> None:
    of = world()
    workshop(of)
    wants(of.lucia, of.malin)
    write(now=MONDAY)
    in_hand = digests()[0]
    with transaction():
        in_hand.state, in_hand.token = "sending", "somebody:1"
    assert write(now=MONDAY + timedelta(days=2, hours=5)) == 0  # eight in the evening in Stockholm, one in the afternoon in Guatemala
    assert [one.state for one in digests()] == ["sending", "pending"]


@pytest.mark.parametrize(("day", "hour", "expected"), [(10, 3, True), (11, 23, True), (12, 19, True), (12, 20, False), (13, 9, False)])
def test_until_wednesday_evening_there_is_another_turn(day: int, hour: int, expected: bool) -> None:
    assert has_another_turn(datetime(2025, 3, day, hour, tzinfo=ZoneInfo("Europe/Stockholm")), "Europe/Stockholm") is expected


def test_many_who_write_at_once_write_one_each(app: Flask) -> None:
    of = world()
    workshop(of)
    people = [factories.person(of.umea) for _one in range(20)]
    wants(*people)
    wrong, done = list[BaseException](), list[int]()
    start = threading.Barrier(4)

    def tick() -> None:
        with app.app_context():
            try:
                start.wait(20)
                done.append(write(now=MONDAY))
            except BaseException as error:  # noqa: BLE001  the thread's, looked at below
                wrong.append(error)
            finally:
                db.session.remove()

    db.session.rollback()
    threads = [threading.Thread(target=tick) for _one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, sum(done)) == ([], 20)
    assert [mail.person_id for mail in digests()] == [one.id for one in people]


def test_one_click_stops_it_and_what_waits_is_taken_back(app: Flask) -> None:
    of = world()
    workshop(of)
    wants(of.lucia)
    write(now=MONDAY)
    head = email.message_from_bytes(digests()[0].body or b"", policy=email.policy.default)
    assert head["List-Unsubscribe"] == f"<http://127.0.0.1:5000{stop_path(of.lucia.id, 'digest')}>"
    preferences.switch(of.lucia.id, "digest", on=False, now=MONDAY)
    assert [mail.state for mail in digests()] == ["cancelled"]
    assert write(now=MONDAY + WEEK) == 0


def test_who_stops_it_while_it_is_written_gets_none(app: Flask) -> None:
    of = world()
    workshop(of)
    wants(of.lucia)
    waiting = queries.due(MONDAY)
    preferences.switch(of.lucia.id, "digest", on=False, now=MONDAY)
    with transaction():
        assert queries.claim(waiting) == frozenset()


def test_who_turns_it_on_gets_the_first_on_the_next_monday(app: Flask) -> None:
    of = world()
    workshop(of)
    preferences.switch(of.lucia.id, "digest", on=True, now=MONDAY)
    assert [write(now=MONDAY + timedelta(minutes=1)), write(now=MONDAY + WEEK)] == [0, 1]


@pytest.mark.parametrize("why", ["closed", "unproved", "night"])
def test_who_cannot_be_written_to_is_left_out(app: Flask, why: str) -> None:
    of = world()
    workshop(of)
    wants(of.lucia)
    with transaction():
        of.lucia.disabled_at = NOW if why == "closed" else None
        of.lucia.confirmed_at = None if why == "unproved" else NOW
    assert write(now=MONDAY - timedelta(hours=1) if why == "night" else MONDAY) == 0


def test_one_that_cannot_be_written_says_why_and_keeps_nobody_waiting(app: Flask) -> None:
    of = world()
    workshop(of)
    broken = workshop(of, access="invited")
    join_as_staff(broken, of.malin)
    wants(of.lucia, of.malin)
    with transaction():
        db.session.execute(delete(WorkshopDay).where(WorkshopDay.workshop_id == broken.id))
    assert write(now=MONDAY) == 2
    found = {mail.person_id: (mail.state, mail.error) for mail in digests()}
    assert found == {of.lucia.id: ("pending", ""), of.malin.id: ("failed", "unwritten: IndexError list index out of range")}


def crowd(of: World, number: int, first: int) -> None:
    """So many members of Umeå who want it."""
    with transaction() as session:
        for one in range(first, first + number):
            address = f"p{one}@crowd.example"
            values = {"address": address, "canonical_address": address, "name": f"P {one}", "lang": "sv", "zone": "Europe/Stockholm"}
            row = insert(Person).values(**values, created_at=NOW, confirmed_at=NOW, digest=True, totp_last_step=0, folded=address)
            place = {"person_id": session.scalar(row.returning(Person.id)), "organisation_id": of.umea.id, "role": "member"}
            session.execute(insert(Affiliation).values(**place, starts_on=date(2024, 1, 1), confirmed_at=NOW))


def test_three_hundred_are_read_with_as_many_statements_as_three(app: Flask) -> None:
    of = world()
    workshop(of)
    numbers = []
    for number, first in ((3, 0), (297, 3)):
        crowd(of, number, first)
        people = db.session.scalars(select(Person.id).where(Person.digest)).all()
        db.session.rollback()
        with counted(app) as seen:
            queries.gather(people, MONDAY)
        numbers.append(len(seen))
        db.session.rollback()
    assert numbers[0] == numbers[1]
    assert numbers[0] <= 20
    assert write(now=MONDAY) == 300


SAID = {"sv": "Din vecka från den 10 mars 2025", "es": "Su semana desde el 10 de marzo de 2025", "en": "Your week from 10 March 2025"}


@pytest.mark.parametrize("lang", SAID)
def test_it_is_in_the_readers_language_as_text_and_as_html(app: Flask, lang: str) -> None:
    of = world()
    join(workshop(of, date(2025, 3, 20), title="Mine & more"), of.malin)
    with transaction():
        of.malin.lang = lang
    wants(of.malin)
    write(now=MONDAY)
    (mail,) = digests()
    message = email.message_from_bytes(mail.body or b"", policy=email.policy.default)
    html = message.get_body(("html",))
    assert html is not None
    assert mail.subject.startswith(SAID[lang])
    assert (f'<html lang="{lang}"' in html.get_content(), "Mine &amp; more" in html.get_content()) == (True, True)
    assert (message["Content-Language"], message["Auto-Submitted"]) == (lang, "auto-generated")
    assert len(mail.body or b"") < 60_000
