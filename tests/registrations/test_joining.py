"""Somebody proves an address under which they were registered too: every pair of states has an outcome, and nobody loses a seat."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.models import Person
from app.attendance.models import Attendance
from app.audit.models import AuditEntry
from app.audit.sentences import sentence
from app.audit.service import Actor
from app.clock import now
from app.crypto import decrypt
from app.database import db, transaction
from app.languages import using
from app.outbox.models import Message, MessageItem
from app.participants import service as participants
from app.participants.queries import find_note, history
from app.questions import queries as questions
from app.questions import service as asking
from app.questions.rules import Values
from app.registrations import queries, seats, service
from app.registrations.joining.rules import RANK, Outcome, Standing, outcome
from app.registrations.models import ACTIVE, Registration
from app.reminders import service as reminders
from app.workshops.models import SeatHold, Workshop
from tests import factories
from tests.accounts.conftest import Post
from tests.needs.made import PEANUTS
from tests.needs.made import of as needed
from tests.registrations.made import Meanwhile, method, sequence
from tests.registrations.test_crossed import at_once
from tests.reminders.made import rule
from tests.workshops.made import KARIN

NEW, OLD = "new@umea.example", "old@umea.example"
STANDINGS = {
    name: Standing(name.rstrip("+"), name.endswith("+") or name in {"offered", "confirmed"})
    for name in ("unconfirmed", "unconfirmed+", "requested", "waitlisted", "offered", "confirmed", "declined", "cancelled")
}
SHORT = {"F": Outcome.FOLLOWS, "P": Outcome.PASSES, "A": Outcome.ANSWERED, "D": Outcome.DOUBLE, "-": Outcome.PAST}
# under the proved address; then the own one: none, and in the order of STANDINGS. "+" holds a seat
TABLE = {
    "unconfirmed": "F D D D D D D D P",
    "unconfirmed+": "F P D A A D D D P",
    "requested": "F P A D D D D P P",
    "waitlisted": "F P A P D D D P P",
    "offered": "F P P P P D D P P",
    "confirmed": "F P P P P P D P P",
    "declined": "F - - - - - - - -",
    "cancelled": "F - - - - - - - -",
}
CASES = [
    (proved, own, SHORT[letter])
    for proved, letters in TABLE.items()
    for own, letter in zip((None, *STANDINGS), letters.split(), strict=True)
]


def put(workshop: Workshop, person: Person, name: str, *, minutes: int = 0, hold: SeatHold | None = None) -> Registration:
    """A registration that stands so; its seat is counted."""
    at = now() - timedelta(hours=2) + timedelta(minutes=minutes)
    with transaction():
        row = service.made(workshop, person, None, at)
        row.state, row.holds_seat = STANDINGS[name].state, STANDINGS[name].has_seat
        row.held_until = now() + timedelta(days=3) if row.state in {"unconfirmed", "offered"} else None
        row.sequence = 4 + minutes
        if hold is not None:
            hold.unused -= 1
            row.hold_id, row.organisation_id, row.vouched = hold.id, hold.organisation_id, True
        elif row.holds_seat:
            workshop.taken += 1
    return row


def guest() -> Person:
    """A row whose address nobody has proved."""
    return factories.person(address=NEW, name="Ana", confirmed_at=None, lang="en")


def world(count: int, **values: Any) -> tuple[Person, Person, list[Workshop]]:
    """(guest, member, that many workshops)."""
    soon = (now() + timedelta(days=60)).date()
    network = factories.network(starts_on=soon - timedelta(days=300), ends_on=soon)
    return (
        guest(),
        factories.person(address=OLD, lang="en"),
        [factories.workshop(network, soon, access="open", **values) for _ in range(count)],
    )


def prove(person: Person) -> None:
    """The person proves that the address is theirs."""
    token = accounts.start_address_change(person, NEW, minutes=10, now=now())
    accounts.finish_address_change(person, NEW, token, Post().code(NEW), session_id=0, now=now())
    db.session.expire_all()


def parts(mail: Message) -> list[Any]:
    """Its text, its HTML and its calendar."""
    whole = email.message_from_bytes(mail.body or b"", policy=email.policy.default)
    return [part for part in whole.walk() if not part.is_multipart()]


def letters(*rows: Registration) -> list[Message]:
    """The mails about these that are to leave."""
    about = select(MessageItem.message_id).where(MessageItem.subject.in_([f"registration:{row.id}" for row in rows]))
    return list(db.session.scalars(select(Message).where(Message.id.in_(about), Message.state == "pending").order_by(Message.id)))


@pytest.mark.parametrize(("proved", "own", "expected"), CASES)
def test_every_pair_of_states_has_a_named_outcome(proved: str, own: str | None, expected: Outcome) -> None:
    assert outcome(STANDINGS[proved], STANDINGS[own] if own else None, over=False) is expected


def test_at_a_workshop_that_is_over_nobody_is_taken_out_of_it() -> None:
    """But for guests who never confirmed: they were nobody's history."""
    for proved, own, _expected in CASES:
        found = outcome(STANDINGS[proved], STANDINGS[own] if own else None, over=True)
        assert (found is Outcome.DOUBLE) <= (proved.startswith("unconfirmed")), (proved, own)
        assert found is not Outcome.ANSWERED


def test_all_pairs_at_once_leave_one_registration_that_is_no_worse_and_every_free_seat_to_the_next_in_line(app: Flask) -> None:
    """One address is proved, at 72 workshops; at each a third person waits behind them."""
    assert app
    ana, member, workshops = world(len(CASES))
    pairs = []
    for workshop, (proved, own, _expected) in zip(workshops, CASES, strict=True):
        rows = [put(workshop, ana, proved), *([put(workshop, member, own, minutes=5)] if own else [])]
        pairs.append((rows, put(workshop, factories.person(), "waitlisted", minutes=10)))
        with transaction():
            workshop.capacity = max(workshop.taken, 1)
            workshop.taken = workshop.capacity if workshop.taken == 0 else workshop.taken
    spare = [not any(row.holds_seat for row in rows) for rows, _third in pairs]
    prove(member)
    for (proved, own, expected), workshop, (rows, third), one_more in zip(CASES, workshops, pairs, spare, strict=True):
        case = (proved, own, expected)
        mine = [row for row in rows if row.state in ACTIVE]
        assert len(mine) <= 1, case
        ranks = [RANK[STANDINGS[name].state] for name in (proved, own) if name]
        worst = 0 if (proved, own) in {("unconfirmed", "declined"), ("unconfirmed+", "declined")} else max(ranks)
        assert max((RANK[row.state] for row in mine), default=0) >= worst, case
        if mine:
            assert mine[0].person_id == member.id, case
        if expected is Outcome.ANSWERED:
            assert mine[0].state == "confirmed", case
        seats = [row for row in [*rows, third] if row.holds_seat]
        assert workshop.taken == len(seats) + one_more, case
        freed = sum(STANDINGS[name].has_seat for name in (proved, own) if name) - sum(row.holds_seat for row in rows)
        assert (third.state == "waitlisted") == (freed == 0), case


def test_of_two_calendar_entries_one_is_taken_off_and_the_other_is_above_both(app: Flask) -> None:
    """Whoever is seated twice reads one mail at each address; whoever takes a seat over, one at the proved address."""
    assert app
    pairs = [
        ("confirmed", "confirmed"),
        ("offered", "confirmed"),
        ("confirmed", "offered"),
        ("confirmed", "cancelled"),
        ("offered", "waitlisted"),
    ]
    ana, member, workshops = world(len(pairs))
    rows = [(put(w, ana, one), put(w, member, other, minutes=5)) for w, (one, other) in zip(workshops, pairs, strict=True)]
    highest = [max(one.sequence, other.sequence) for one, other in rows]
    prove(member)
    for (one, other), (proved, own), above in zip(rows, pairs, highest, strict=True):
        mails = [message for message in letters(one, other) if message.kind != "offer_reminder"]
        found = {message.recipient: message for message in mails}
        twice = {proved, own} <= {"confirmed", "offered"}
        assert sorted(found) == sorted([NEW, *([OLD] if twice else [])]), (proved, own)
        assert len(mails) == len(found)
        assert (method(found[NEW]), sequence(found[NEW])) == ("REQUEST", other.sequence)
        if twice:
            assert method(found[OLD]) == "CANCEL"
            assert above < sequence(found[OLD]) < other.sequence, "whoever reads both in one calendar keeps the entry"
        else:
            assert other.sequence > above


def test_whoever_leaves_the_organizers_own_address_has_no_entry_there_to_take_off(app: Flask) -> None:
    """Nobody is invited by themselves, so there is nothing to say; and no mail keeps an address from being changed."""
    ana, member, (workshop,) = world(1)
    with transaction():
        member.address = member.canonical_address = app.config["CONFIG"].sender[1]
    one, other = put(workshop, ana, "confirmed"), put(workshop, member, "confirmed", minutes=5)
    prove(member)
    assert (member.address, one.state, other.state) == (NEW, "cancelled", "confirmed")
    assert [(mail.recipient, method(mail)) for mail in letters(one, other)] == [(NEW, "REQUEST")]


@pytest.mark.parametrize(("proved", "own"), [("confirmed", "offered"), ("confirmed", "confirmed")])
def test_the_mail_to_the_former_address_has_no_key_to_the_registration(app: Flask, proved: str, own: str) -> None:
    assert app
    ana, member, (workshop,) = world(1, format="online", join_url="https://meet.example/room")
    one, other = put(workshop, ana, proved), put(workshop, member, own, minutes=5)
    prove(member)
    found = {mail.recipient: "".join(str(part.get_content()) for part in parts(mail)) for mail in letters(one, other)}
    assert ("/r/" in found[NEW], "https://meet.example/room" in found[NEW]) == (True, True)
    assert ("/r/" in found[OLD], "https://meet.example/room" in found[OLD]) == (False, False)
    assert f"/en/me/registrations/{other.id}" in found[OLD]


def test_the_link_and_the_code_in_the_mails_to_the_proved_address_are_those_of_the_seat(app: Flask) -> None:
    """And who was named for a held seat sits on it: when they leave, it goes back to the hold."""
    assert app
    ana, member, (workshop,) = world(1)
    umea = factories.organisation()
    with transaction():
        hold = SeatHold(workshop_id=workshop.id, organisation_id=umea.id, seats=2, unused=2, until=now().date() + timedelta(days=9))
        hold.lapses_at = now() + timedelta(days=9)
        workshop.taken += 2
        db.session.add(hold)
    named, own = put(workshop, ana, "confirmed", hold=hold), put(workshop, member, "declined", minutes=5)
    code, link, old_link = named.check_in_code, named.manage_hash, own.manage_hash
    prove(member)
    assert (own.state, own.check_in_code, own.manage_hash) == ("confirmed", code, link)
    assert (own.hold_id, own.organisation_id, own.vouched, own.reason) == (hold.id, umea.id, True, "")
    assert (named.state, named.manage_hash, named.hold_id) == ("cancelled", old_link, None)
    assert "with your account" in named.reason
    assert (workshop.taken, hold.unused) == (2, 1)
    service.cancel(own.id, by=Actor(f"person:{member.id}", member.name), now=now())
    db.session.expire_all()
    assert (workshop.taken, hold.unused) == (2, 2)


def test_the_other_link_says_which_registration_counts(app: Flask) -> None:
    ana, member, (workshop,) = world(1)
    put(workshop, ana, "confirmed")
    own = put(workshop, member, "waitlisted", minutes=5)
    link = decrypt(own.manage_token).decode()
    prove(member)
    page = app.test_client().get(f"/r/{link}").get_data(as_text=True)
    assert ("has become one with another of yours" in page, "with your account" in page) == (True, True)
    assert ("You are no longer registered" in page, "Confirm my registration" in page) == (False, False)


def test_of_two_turns_in_the_line_the_earlier_one_counts(app: Flask) -> None:
    assert app
    ana, member, (workshop,) = world(1)
    with transaction():
        workshop.capacity = workshop.taken = 1
    early, third = put(workshop, ana, "waitlisted"), put(workshop, factories.person(), "waitlisted", minutes=5)
    own = put(workshop, member, "waitlisted", minutes=10)
    at = early.queued_at
    prove(member)
    assert [row.id for row in queries.line(workshop.id)] == [own.id, third.id]
    assert (own.queued_at, letters(early, own)) == (at, [])


def test_the_past_goes_along_and_says_in_three_languages_what_happened(app: Flask) -> None:
    assert app
    ana, member, (first, second) = world(2)
    named = service.register(first.id, ana.id, by=Actor("person:0", "Karin"), now=now())
    own = put(first, member, "cancelled")
    put(second, ana, "confirmed")
    put(second, member, "confirmed")
    prove(member)
    with app.test_request_context():
        assert [entry.action for entry in history(own).entries] == ["registration.taken_over", "registration.confirmed"]
        assert [entry.action for entry in history(named).entries] == ["registration.taken_over", "registration.confirmed"]
        lines = db.session.scalars(
            select(AuditEntry).where(AuditEntry.action.in_(("registration.taken_over", "registration.doubled")))
        ).all()
        for entry in lines:
            said = set()
            for lang in ("sv", "es", "en"):
                with using(lang):
                    said.add(sentence(entry))
            assert len(said) == 3
            assert all(member.name in words and "Ana" in words for words in said)
    assert sorted(entry.action for entry in lines) == ["registration.doubled", "registration.taken_over"]


def test_where_the_guest_was_checked_in_the_member_was(app: Flask) -> None:
    """It is over: nobody gets a mail, and nobody loses attendance."""
    assert app
    ana, member, (workshop,) = world(1)
    named, own = put(workshop, ana, "confirmed"), put(workshop, member, "waitlisted", minutes=5)
    with transaction():
        db.session.add(Attendance(registration_id=named.id, day_id=workshop.days[0].id, half="morning", at=now()))
        day = datetime(2025, 6, 3, 9, tzinfo=UTC)
        workshop.days[0].on, workshop.days[0].starts_at, workshop.days[0].ends_at = day.date(), day, day + timedelta(hours=7)
        workshop.starts_at, workshop.ends_at = day, day + timedelta(hours=7)
    prove(member)
    assert (own.state, named.state) == ("confirmed", "cancelled")
    assert db.session.scalars(select(Attendance.registration_id)).all() == [own.id]
    assert letters(named, own) == []


def test_a_proof_at_the_moment_in_which_others_leave_and_come_sells_no_seat_twice(app: Flask) -> None:
    """Staff take the guest off, somebody else registers, and the address is proved, all at once and at two workshops in each order."""
    by = Actor("person:0", "Karin")
    for number in range(4):
        soon, address = (now() + timedelta(days=60)).date(), f"new{number}@umea.example"
        network = factories.network(starts_on=soon - timedelta(days=300), ends_on=soon)
        workshops = [factories.workshop(network, soon, access="open", capacity=1) for _ in range(2)]
        ana, member, other = factories.person(address=address, confirmed_at=None), factories.person(), factories.person()
        named = [put(one, ana, "confirmed").id for one in workshops]
        for one in workshops:
            put(one, member, "waitlisted", minutes=5)
            put(one, factories.person(), "waitlisted", minutes=10)
        token = accounts.start_address_change(member, address, minutes=10, now=now())
        digits = Post().code(address)
        ids, of_member, of_other = [one.id for one in workshops], member.id, other.id
        db.session.rollback()

        def proof(address: str = address, token: str = token, digits: str = digits, of: int = of_member) -> None:
            accounts.finish_address_change(db.session.get_one(Person, of), address, token, digits, session_id=0, now=now())

        off = [lambda one=one: service.cancel(one, by=by, now=now()) for one in named[::-1]]
        come = [lambda one=one, of=of_other: service.register(one, of, by=by, now=now()) for one in ids]
        assert at_once(app, [proof, *off, *come]) == ["done"] * 5
        for workshop_id in ids:
            rows = queries.of_workshop(workshop_id)
            assert [row.state for row in rows].count("confirmed") == db.session.get_one(Workshop, workshop_id).taken == 1
            assert sum(row.person_id in {ana.id, of_member} and row.state in ACTIVE for row in rows) <= 1


def test_what_others_do_right_before_the_workshop_is_held_is_seen(app: Flask) -> None:
    """Staff take the guest off, and the member has moved up by the time at which the proof has the lock: nothing is left to take over.

    PostgreSQL alone: on SQLite there is one writer, and nobody is before somebody who writes."""
    if db.engine.dialect.name != "postgresql":
        return
    ana, member, (workshop,) = world(1, capacity=1)
    named, own = put(workshop, ana, "confirmed"), put(workshop, member, "waitlisted", minutes=5)
    token, number, said = accounts.start_address_change(member, NEW, minutes=10, now=now()), named.id, list[str]()
    digits = Post().code(NEW)
    db.session.rollback()

    def take_off() -> None:
        app.extensions.pop(seats.KEY)
        thread = [lambda: service.cancel(number, by=Actor("person:0", "Karin"), now=now())]
        said.extend(at_once(app, thread))

    app.extensions[seats.KEY] = Meanwhile(take_off)
    accounts.finish_address_change(member, NEW, token, digits, session_id=0, now=now())
    db.session.expire_all()
    assert said == ["done"]
    assert (named.state, named.person_id, own.state, workshop.taken) == ("cancelled", ana.id, "confirmed", 1)
    assert [entry.action for entry in history(own).entries] == ["registration.promoted"]


def test_answers_needs_notes_and_reminders_go_along_to_the_new_address_and_none_is_sent_twice(app: Flask) -> None:
    assert app
    ana, member, (workshop,) = world(1)
    rule(workshop.network)
    asked = asking.add(workshop.id, Values("yesno", dict.fromkeys(("sv", "es", "en"), "Do you stay?")), by=KARIN, now=now())
    typed = {asked.id: ["yes"]}
    named = service.register(workshop.id, ana.id, by=KARIN, now=now(), typed=typed, needs=PEANUTS)
    own = put(workshop, member, "waitlisted", minutes=5)
    participants.note(workshop.id, named.id, "Comes late", by=KARIN, now=now())
    prove(member)
    assert [answer.value for answer in questions.answers([own.id])[own.id]] == ["yes"]
    assert needed(own.id) == PEANUTS.needs
    note = find_note(own.id)
    assert note is not None
    assert note.words == "Comes late"
    assert workshop.starts_at is not None
    due = workshop.starts_at - timedelta(days=6)
    reminders.plan(now())
    for hours in (0, 1):
        reminders.queue_due(due + timedelta(hours=hours))
    sent = db.session.scalars(select(Message).where(Message.kind == "reminder")).all()
    assert [message.recipient for message in sent] == [NEW]
