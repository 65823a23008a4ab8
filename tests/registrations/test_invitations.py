"""Requirements 28 to 32 of calendars, over the whole life of registrations: each mail's calendar part, in order."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select, text

from app.accounts.models import Person
from app.audit.service import person as actor
from app.database import db, transaction
from app.delegations import substitutes
from app.delegations.colleagues import Colleague
from app.organisations.models import Organisation
from app.outbox.models import Message
from app.registrations import queries, service
from app.registrations.coming import service as coming
from app.registrations.waiting import offers
from app.workshops import queries as workshops
from app.workshops.acts import service as acts
from tests import factories
from tests.calendars.strict import read
from tests.factories import NOW
from tests.registrations.made import STAFF, edit, published
from tests.workshops.made import KARIN, REASONS, day

ROLE = "partnership@icld.se"
UNREACHED = {"en": r"does not reach us", "sv": r"når (inte oss|oss inte)|ser det inte", "es": r"no nos (llega|enteramos)"}


class Part(NamedTuple):
    """One mail, and its calendar part: the raw one, and its only event; None where it has none."""

    kind: str
    mail: EmailMessage
    raw: bytes
    event: Any

    @property
    def method(self) -> str | None:
        return str(Calendar.from_ical(self.raw)["METHOD"]) if self.raw else None

    @property
    def told(self) -> tuple[str, str | None, str | None]:
        return self.kind, self.method, str(self.event["STATUS"]) if self.raw else None


class Life:
    """A workshop of one seat with a waiting list by offers, and one person's way through it; each step is an hour later."""

    def __init__(self, lang: str, days: int) -> None:
        self.home: Organisation = factories.organisation("CO")
        made: dict[str, Any] = {} if days == 2 else {"days": (day(3),)}
        self.workshop = published(self.home, capacity=1, waitlist="offer", **made)
        self.me: Person = factories.person(self.home, lang=lang, name='Ana "Nita" Ruiz')
        self.other = factories.person(self.home, lang=lang)
        self.now = NOW
        self.parts: list[Part] = []

    def step(self, act: Any) -> None:
        """Does it, and reads what I am mailed; all of it leaves."""
        self.now += timedelta(hours=1)
        act(self.now)
        self.parts += list(mailed(self.me))

    def run(self) -> None:
        w, me, by = self.workshop.id, self.me, actor(self.me)
        first = service.register(w, self.other.id, by=STAFF, now=self.now).id
        self.step(lambda at: service.register(w, me.id, by=by, now=at))  # waits
        number = found(w, me)
        self.step(lambda at: service.cancel(first, by=STAFF, now=at))  # an offer
        self.step(lambda at: offers.accept(number, by=by, now=at))
        self.step(lambda at: edit(w, at, days=7))
        self.step(lambda at: coming.say_yes(number, by=by, now=at))
        self.step(lambda at: edit(w, at, venue="Archivo Distrital"))
        self.step(lambda at: acts.postpone(w, REASONS, by=KARIN, now=at))
        self.step(lambda at: edit(w, at, days=7))
        self.step(lambda at: acts.restore(w, by=KARIN, now=at))
        self.step(lambda at: service.cancel(number, by=by, now=at))
        self.step(lambda at: service.register(w, me.id, by=by, now=at))
        self.step(
            lambda at: substitutes.substitute(
                number, Colleague(name="Eva Paz", address="eva@municipality.example"), who="self", by=by, now=at
            )
        )
        self.step(lambda at: service.cancel(found(w, eva()), by=STAFF, now=at))
        self.step(lambda at: service.register(w, me.id, by=by, now=at))
        self.step(lambda at: acts.cancel(w, REASONS, by=KARIN, now=at))


EXPECTED = [
    ("waiting", None, None),
    ("offer", "REQUEST", "TENTATIVE"),
    ("confirmation", "REQUEST", "CONFIRMED"),
    ("change", "REQUEST", "CONFIRMED"),
    ("change", "REQUEST", "CONFIRMED"),
    ("workshop_postponed", "CANCEL", "CANCELLED"),
    ("workshop_restored", "REQUEST", "CONFIRMED"),
    ("cancelled_seat", "CANCEL", "CANCELLED"),
    ("confirmation", "REQUEST", "CONFIRMED"),
    ("cancelled_seat", "CANCEL", "CANCELLED"),
    ("confirmation", "REQUEST", "CONFIRMED"),
    ("workshop_cancelled", "CANCEL", "CANCELLED"),
]


@pytest.fixture(params=[("en", 2), ("sv", 1), ("es", 2)], ids=str)
def life(request: pytest.FixtureRequest, lite: Flask) -> Life:
    assert lite
    whole = Life(*request.param)
    whole.run()
    return whole


def invited(life: Life) -> list[Part]:
    return [part for part in life.parts if part.raw]


def test_a_whole_life_is_told_in_these_parts(life: Life) -> None:
    assert [part.told for part in life.parts] == EXPECTED


def test_req_28_one_reader_and_three_alternatives_the_plainest_first(life: Life) -> None:
    for part in invited(life):
        assert part.mail.get_content_type() == "multipart/alternative"
        assert [one.get_content_type() for one in part.mail.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
        assert [one.addr_spec for one in part.mail["To"].addresses] == [life.me.address]
        assert not any(part.mail[name] for name in ("Cc", "Bcc"))
        assert life.other.address.encode() not in part.raw


def test_req_29_the_type_names_the_method_and_nothing_is_an_attachment(life: Life) -> None:
    for part in invited(life):
        calendar = list(part.mail.iter_parts())[-1]
        assert calendar["Content-Type"].params == {"charset": "utf-8", "method": part.method}
        assert str(calendar["Content-Transfer-Encoding"]) in {"base64", "quoted-printable"}
        assert calendar["Content-Disposition"] is None


def test_req_30_one_uid_that_of_the_overview_and_a_sequence_that_only_rises(life: Life) -> None:
    parts = invited(life)
    workshop = workshops.get(life.workshop.id)
    assert {str(part.event["UID"]) for part in parts} == {workshop.uid}
    numbers = [int(part.event["SEQUENCE"]) for part in parts]
    assert all(before < after for before, after in pairwise(numbers))
    assert numbers[-1] >= workshop.sequence
    stamps = [part.event["DTSTAMP"].dt for part in parts]
    assert all(before < after for before, after in pairwise(stamps))
    for part in parts:
        assert read(part.raw).names() == ["VERSION", "PRODID", "CALSCALE", "METHOD"]
        assert (b"VALARM" in part.raw, b"CONFERENCE" in part.raw) == (False, False)


def test_req_31_the_role_address_asks_this_one_person(life: Life) -> None:
    for part in invited(life):
        event = read(part.raw).parts[-1]
        assert (event.value("ORGANIZER"), event.value("ATTENDEE")) == (f"mailto:{ROLE}", f"mailto:{life.me.address}")
        assert part.mail["From"].addresses[0].addr_spec == ROLE
        assert part.mail["Reply-To"] is None or part.mail["Reply-To"].addresses[0].addr_spec == ROLE
        asked = event.parameters("ATTENDEE")
        assert (asked["PARTSTAT"], asked["RSVP"], asked["CN"]) == ("NEEDS-ACTION", "TRUE", "Ana 'Nita' Ruiz")
        assert str(part.event["SUMMARY"].params["LANGUAGE"]) == life.me.lang


def test_req_31_each_mail_that_invites_says_that_a_calendars_answer_does_not_reach_us_and_links_to_the_own_page(life: Life) -> None:
    for part in invited(life):
        body = part.mail.get_body(("plain",))
        assert body is not None
        plain = " ".join(body.get_content().split())
        assert "http://127.0.0.1:5000/r/" in plain
        assert (re.search(UNREACHED[life.me.lang], plain) is not None) is (part.method == "REQUEST"), part.kind


def test_req_32_what_is_taken_back_has_the_same_name_and_a_reschedule_is_a_new_request(life: Life) -> None:
    parts = invited(life)
    for part in parts:
        if part.method == "CANCEL":
            assert (str(part.event["STATUS"]), str(part.event["TRANSP"])) == ("CANCELLED", "TRANSPARENT")
    moved = [part for part in parts if part.kind == "change"]
    assert moved[0].event["DTSTART"].dt > parts[1].event["DTSTART"].dt
    assert moved[0].method == "REQUEST"


def test_req_32_who_hands_a_seat_on_is_taken_off_and_who_takes_it_is_invited(life: Life) -> None:
    theirs = [part for part in mailed(eva(), all_of_them=True) if part.raw]
    assert [part.told for part in theirs] == [("confirmation", "REQUEST", "CONFIRMED"), ("cancelled_seat", "CANCEL", "CANCELLED")]
    assert int(theirs[1].event["SEQUENCE"]) > int(theirs[0].event["SEQUENCE"])
    assert {str(part.event["UID"]) for part in theirs} == {life.workshop.uid}


def test_req_30_two_invitations_of_one_moment_have_two_numbers(lite: Flask) -> None:
    life = Life("en", 2)
    with transaction():
        life.workshop.waitlist = "at_once"
    first = service.register(life.workshop.id, life.other.id, by=STAFF, now=NOW).id
    service.register(life.workshop.id, life.me.id, by=STAFF, now=NOW)
    edit(life.workshop.id, NOW + timedelta(minutes=1), days=7)  # the news has not left …
    service.cancel(first, by=STAFF, now=NOW + timedelta(minutes=2))  # … when a seat comes
    parts = [part for part in mailed(life.me) if part.raw]
    assert [part.kind for part in parts] == ["promotion", "change"]
    assert int(parts[0].event["SEQUENCE"]) < int(parts[1].event["SEQUENCE"])


def test_req_32_an_offer_that_is_declined_is_taken_back(lite: Flask) -> None:
    life = Life("en", 2)
    first = service.register(life.workshop.id, life.other.id, by=STAFF, now=NOW).id
    number = service.register(life.workshop.id, life.me.id, by=STAFF, now=NOW).id
    service.cancel(first, by=STAFF, now=NOW + timedelta(hours=1))
    offers.decline(number, by=actor(life.me), now=NOW + timedelta(hours=2))
    parts = [part for part in mailed(life.me) if part.raw]
    assert [part.method for part in parts][-1] == "CANCEL"
    assert int(parts[-1].event["SEQUENCE"]) > int(parts[0].event["SEQUENCE"]) or len(parts) == 1


@pytest.mark.parametrize("who", ["colleague", "next in line"])
def test_req_32_nobody_is_invited_to_what_has_no_date_yet_and_all_are_when_it_has(lite: Flask, who: str) -> None:
    life = Life("en", 2)
    first = service.register(life.workshop.id, life.other.id, by=STAFF, now=NOW).id
    mine = service.register(life.workshop.id, life.me.id, by=STAFF, now=NOW).id
    if who == "next in line":
        service.cancel(first, by=STAFF, now=NOW + timedelta(hours=1))
    list(mailed(life.me))
    acts.postpone(life.workshop.id, REASONS, by=KARIN, now=NOW + timedelta(hours=2))
    if who == "next in line":
        offers.accept(mine, by=STAFF, now=NOW + timedelta(hours=3))
    else:
        named = Colleague(name="Eva Paz", address="eva@municipality.example")
        substitutes.substitute(first, named, who="self", by=actor(life.other), now=NOW + timedelta(hours=3))
    person = life.me if who == "next in line" else eva()
    told = [part for part in mailed(person) if part.kind == "confirmation"]
    assert [(part.kind, part.method) for part in told] == [("confirmation", None)]
    body = told[0].mail.get_body(("plain",))
    assert body is not None
    assert "The workshop is postponed." in body.get_content()
    acts.restore(life.workshop.id, by=KARIN, now=NOW + timedelta(hours=4))
    assert [(part.kind, part.method) for part in mailed(person)] == [("workshop_restored", "REQUEST")]


def mailed(person: Person, *, all_of_them: bool = False) -> Iterator[Part]:
    """What somebody is about to be mailed, those to leave first first; and then it has left."""
    wanted = select(Message).where(Message.person_id == person.id, Message.kind != "offer_reminder")
    if not all_of_them:
        wanted = wanted.where(Message.state == "pending")
    found = []
    for message in db.session.scalars(wanted.order_by(Message.next_at, Message.created_at)):
        assert message.body is not None
        mail = email.message_from_bytes(message.body, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        calendar = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        raw = calendar[0].get_payload(decode=True) if calendar else b""
        assert isinstance(raw, bytes)
        event = Calendar.from_ical(raw).walk("VEVENT")[0] if raw else None
        found.append(Part(message.kind, mail, raw, event))
    with transaction():
        db.session.execute(text("UPDATE message SET state = 'sent', sent_at = created_at WHERE state = 'pending'"))
    yield from found


def found(workshop_id: int, person: Person) -> int:
    """The number of somebody's registration."""
    registration = queries.find(workshop_id, person.id)
    assert registration is not None
    return registration.id


def eva() -> Person:
    """Who comes instead."""
    return db.session.scalars(select(Person).where(Person.address == "eva@municipality.example")).one()
