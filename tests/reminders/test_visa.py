"""Before letters for a visa are no longer written, whoever may need one and has not asked is reminded; nobody else, ever."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy

import pytest
from flask import Flask

from app.accounts.models import Person
from app.audit.service import person as actor
from app.database import db
from app.needs.rules import Given, Said
from app.outbox import service as outbox
from app.outbox.models import STATES
from app.registrations import answers
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.reminders import letters, queries, service, shown
from app.reminders.letters import Letter
from app.reminders.rehearsing import queries as rehearsals
from app.reminders.rehearsing import samples
from app.reminders.rehearsing import shown as rehearsed
from app.reminders.rehearsing.lineup import lineup
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.registrations.made import edit, published, words
from tests.reminders import made

DUE = made.at("America/Bogota", 2025, 5, 3, 9)  # a week before
NIGHT = made.at("Europe/Stockholm", 2025, 5, 3, 22)
LETTER = Given({"visa": Said(("letter",))}, agreed=True)


@pytest.fixture
def workshop(app: Flask) -> Workshop:
    assert app
    return bogota()


@pytest.fixture
def local(lite: Flask) -> Workshop:
    assert lite
    return bogota()


def bogota() -> Workshop:
    """Letters until 10 May, with the usual reminder of that alone."""
    row = published(factories.organisation("SE"), access="open", letters=datetime.fromisoformat("2025-05-10T23:59"))
    made.rule(row.network, anchor="letters", at_local=time(9))
    return row


def comes(workshop: Workshop, country: str, name: str = "a", now: datetime = NOW) -> Registration:
    return made.seat(workshop, factories.person(factories.organisation(country), address=f"{name}@{country.lower()}.example"), now)


def ask(registration: Registration, now: datetime = NOW, given: Given = LETTER) -> None:
    by = actor(db.session.get_one(Person, registration.person_id))
    answers.change_needs(registration.id, given, by=by, now=now)


def remind(now: datetime) -> None:
    service.plan(now)
    service.queue_due(now)


def test_who_comes_from_another_country_and_has_not_asked_is_reminded_and_nobody_else(local: Workshop) -> None:
    for country in ("SE", "GT", "CO"):
        comes(local, country)
    ask(comes(local, "SE", "b"))
    remind(DUE)
    assert made.recipients() == ["a@gt.example", "a@se.example"]
    mail = made.reminders()[1]
    assert mail.subject.startswith("Inbjudningsbrev för visum: be om det senast söndag 11 maj 2025")
    assert (mail.expires_at, "/needs" in words(mail)) == (datetime(2025, 5, 11, 4, 59, tzinfo=UTC), True)


def test_who_asks_before_it_has_left_does_not_get_it_but_all_else_in_the_same_mail(workshop: Workshop) -> None:
    swede, other = comes(workshop, "SE"), comes(workshop, "SE", "b")
    both = made.rule(workshop, offset=-31, at_local=time(9), beside=True)
    service.plan(NOW)
    service.queue_due(NIGHT)
    ask(swede, NIGHT)
    ask(other, NIGHT, Given({"access": Said((), "a ramp")}, agreed=True))
    assert [(mail.recipient[0], mail.subject[:4], len(mail.items)) for mail in made.reminders()] == [("a", "Påmi", 1), ("b", "Inbj", 2)]
    assert made.reminders()[0].items[0].dedupe.split(":")[1] == str(both.id)
    assert {mail.recipient for mail in made.reminders(*STATES) if "Inbj" in mail.subject} == {"b@se.example"}


def finished() -> list[Letter]:
    """What a planner has read and composed, and not yet written."""
    _verdicts, groups = letters.gather(queries.due(DUE), DUE)
    return [letters.compose(group, DUE) for group in groups]


@pytest.mark.parametrize("looks_again", [True, False], ids=["looks again", "the control: does not"])
def test_who_asks_while_it_is_being_written_does_not_get_it(workshop: Workshop, *, looks_again: bool) -> None:
    swede = comes(workshop, "SE")
    service.plan(NOW)
    ready = finished()
    ask(swede, DUE)
    if looks_again:
        service._write(ready, DUE)  # noqa: SLF001  the moment between reading and writing
    else:
        outbox.queue(ready[0].mail, now=DUE)
    assert made.recipients() == ([] if looks_again else ["a@se.example"])


def test_a_last_moment_that_comes_nearer_reminds_at_once_and_one_that_goes_reminds_nobody(workshop: Workshop) -> None:
    comes(workshop, "SE")
    service.plan(NOW)
    nearer = made.at("America/Bogota", 2025, 4, 28, 10)
    edit(workshop.id, nearer, letters=datetime.fromisoformat("2025-05-02T12:00"))
    service.queue_due(nearer)
    assert made.recipients() == ["a@se.example"]
    assert made.reminders()[0].expires_at == made.at("America/Bogota", 2025, 5, 2, 12)
    edit(workshop.id, nearer + timedelta(hours=1), letters=None)
    assert made.recipients() == []


def test_one_without_a_last_moment_or_online_reminds_nobody(local: Workshop) -> None:
    comes(local, "SE")
    service.plan(NOW)
    edit(local.id, format="online", join_url="https://video.example/1")
    remind(DUE)
    assert made.recipients() == []


def test_the_rehearsal_says_for_how_many_and_shows_what_is_sent(local: Workshop) -> None:
    comes(local, "CO")
    ask(comes(local, "SE", "b"))
    swede = comes(local, "SE")
    lines = lineup(rehearsals.workshop(local.id), NOW).lines
    assert [(line.zone, line.state, line.total) for line in lines] == [("America/Bogota", "nobody", 0), ("Europe/Stockholm", "planned", 1)]
    sample = samples.of_reminder(local, lines[1], "sv", NOW)
    assert rehearsed.called(lines[1].rule).endswith("(who comes from another country and has not asked for one)")
    remind(DUE)
    assert (made.reminders()[0].subject, sample.name) == (sample.subject, "")
    registrations.cancel(swede.id, by=made.STAFF, now=DUE)
    assert made.recipients() == []


def test_the_link_to_join_stands_in_both_shapes_of_the_mail(local: Workshop) -> None:
    comes(local, "SE")
    edit(local.id, format="both", join_url="https://video.example/1")
    remind(DUE)
    mail = message_from_bytes(made.reminders()[0].body or b"", policy=policy.default)
    shapes = [part.get_content() for part in mail.walk() if part.get_content_type() in {"text/plain", "text/html"}]
    assert [("https://video.example/1" in shape, "/needs" in shape) for shape in shapes] == [(True, True), (True, True)]


def test_staff_do_not_read_out_of_the_planned_mails_who_has_asked_for_a_letter(local: Workshop) -> None:
    swede, other, here = comes(local, "SE"), comes(local, "SE", "b"), comes(local, "CO")
    ask(other)
    service.plan(NOW)
    planned = [[row.what for row in shown.planned_for(one.person_id)] for one in (swede, other, here)]
    words = "Reminder 7 days before letters for a visa are no longer written, at 09:00, if none is asked for by then"
    assert planned == [[words], [words], []]


def test_a_last_moment_that_is_put_off_reminds_before_it_and_whoever_has_come_since_too(workshop: Workshop) -> None:
    comes(workshop, "SE")
    remind(DUE)
    later = DUE + timedelta(days=1)
    edit(workshop.id, later, letters=datetime.fromisoformat("2025-05-25T23:59"))
    comes(workshop, "SE", "b", later)
    service.plan(later)
    before = made.recipients()  # what had not left names the old day
    service.queue_due(made.at("America/Bogota", 2025, 5, 18, 9))
    assert (before, made.recipients()) == ([], ["a@se.example", "b@se.example"])


def test_a_last_moment_that_was_taken_away_and_is_there_again_reminds(local: Workshop) -> None:
    comes(local, "SE")
    service.plan(NOW)
    edit(local.id, NOW + timedelta(hours=1), letters=None)
    service.plan(NOW + timedelta(hours=2))
    edit(local.id, NOW + timedelta(hours=3), letters=datetime.fromisoformat("2025-05-10T23:59"))
    remind(DUE)
    assert made.recipients() == ["a@se.example"]
