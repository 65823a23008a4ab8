"""Whoever has a seat only after a reminder was due finds what it says in the confirmation, and never gets it late."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.audit.service import SCHEDULER
from app.database import db, transaction
from app.outbox.models import Message
from app.registrations import mails, queries
from app.registrations import service as registrations
from app.registrations.letters import Common
from app.registrations.models import Registration
from app.registrations.waiting import offers
from app.reminders import queries as reminding
from app.reminders import service
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW
from tests.reminders import made
from tests.reminders.made import STAFF

pytestmark = pytest.mark.usefixtures("app")
WEEK_AHEAD = made.at("America/Bogota", 2025, 5, 27, 9)
FIVE_DAYS = made.at("America/Bogota", 2025, 5, 29, 12)
SAID = {"sv": "Workshoppen börjar om 5 dagar.", "es": "El taller comienza en 5 días.", "en": "The workshop begins in 5 days."}
PROGRAMME = {
    "sv": "Program och praktisk information",
    "es": "Programa e información práctica",
    "en": "Programme and practical information",
}


@pytest.fixture
def workshop() -> Workshop:
    """In Bogotá and online on 3 June 2025, a reminder a week and one a day before."""
    umea = factories.organisation("SE")
    network = factories.network(umea)
    made.rule(network)
    made.rule(network, offset=-1)
    return factories.workshop(network, date(2025, 6, 3), format="both", join_url="https://meet.example/room", capacity=1)


def somebody(workshop: Workshop, **values: str) -> Person:
    return factories.person(workshop.network.members[0].organisation, **values)


def registered(workshop: Workshop, now: datetime, **values: str) -> Registration:
    return registrations.register(workshop.id, somebody(workshop, **values).id, by=STAFF, now=now)


def newest(kind: str) -> Message:
    db.session.expire_all()
    return db.session.scalars(select(Message).where(Message.kind == kind).order_by(Message.created_at.desc()).limit(1)).one()


def part(message: Message, subtype: str) -> str:
    found = message_from_bytes(message.body or b"", policy=policy.default).get_body((subtype,))
    return str(found.get_content()) if found is not None else ""


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
def test_the_confirmation_says_what_the_reminder_said_that_has_left(workshop: Workshop, lang: str) -> None:
    registered(workshop, FIVE_DAYS, lang=lang)
    message = newest("confirmation")
    for words in (part(message, "plain"), part(message, "html")):
        for wanted in (SAID[lang], PROGRAMME[lang], "https://meet.example/room", f"/{lang}/workshops/{workshop.slug}/"):
            assert wanted in words


def test_the_stale_reminder_never_comes_and_the_next_one_does(workshop: Workshop) -> None:
    registered(workshop, FIVE_DAYS)
    for hours in range(24 * 6):
        now = FIVE_DAYS + timedelta(hours=hours)
        service.plan(now)
        service.queue_due(now)
    (reminder,) = made.reminders()
    assert reminder.created_at >= made.at("America/Bogota", 2025, 6, 2, 8)


@pytest.mark.parametrize("lang", ["sv", "es", "en"])
def test_control_whoever_comes_before_it_is_due_gets_it_and_no_such_words(workshop: Workshop, lang: str) -> None:
    registered(workshop, WEEK_AHEAD, lang=lang)  # in the very moment: it goes to them as well
    assert PROGRAMME[lang] not in part(newest("confirmation"), "plain")
    service.plan(WEEK_AHEAD)
    assert service.queue_due(WEEK_AHEAD).queued == 1


def test_whoever_moves_up_from_the_waiting_list_late_reads_it_too(workshop: Workshop) -> None:
    first = registered(workshop, NOW)
    registered(workshop, NOW + timedelta(hours=1), lang="en")
    registrations.cancel(first.id, by=STAFF, now=FIVE_DAYS)
    assert SAID["en"] in part(newest("promotion"), "plain")


def test_whoever_accepts_an_offer_late_reads_it_too(workshop: Workshop) -> None:
    with transaction():
        workshop.waitlist = "offer"
    first = registered(workshop, NOW)
    second = registered(workshop, NOW + timedelta(hours=1), lang="en")
    registrations.cancel(first.id, by=STAFF, now=FIVE_DAYS)
    assert PROGRAMME["en"] not in part(newest("offer"), "plain")
    offers.accept(second.id, by=SCHEDULER, now=FIVE_DAYS + timedelta(hours=1))
    assert SAID["en"] in part(newest("confirmation"), "plain")


def test_on_the_day_and_the_day_before_it_is_said_in_words(workshop: Workshop) -> None:
    with transaction():
        workshop.capacity = 2
    registered(workshop, made.at("Europe/Stockholm", 2025, 6, 2, 20), lang="en")
    assert "The workshop begins tomorrow." in part(newest("confirmation"), "plain")
    registered(workshop, made.at("Europe/Stockholm", 2025, 6, 3, 7), lang="en")
    assert "The workshop begins today." in part(newest("confirmation"), "plain")


def test_a_rule_for_those_who_wait_or_chosen_afterwards_says_nothing(workshop: Workshop) -> None:
    with transaction():
        for rule in reminding.rules_of([workshop])[workshop.id]:
            rule.audience = "waitlisted" if rule.offset == -1 else rule.audience
            rule.armed_at = FIVE_DAYS - timedelta(hours=1)
    registered(workshop, FIVE_DAYS, lang="en")
    assert PROGRAMME["en"] not in part(newest("confirmation"), "plain")


def test_an_unknown_clock_keeps_nobody_from_a_seat(workshop: Workshop) -> None:
    registered(workshop, FIVE_DAYS, lang="en", zone="Europe/Atlantis")
    assert newest("confirmation").state == "failed"  # as before: its own hours cannot be told


def test_the_calendar_entry_is_the_same_bytes(workshop: Workshop) -> None:
    mine = queries.get(registered(workshop, FIVE_DAYS, lang="en").id)
    early = Common()
    early._dues[workshop.id] = []  # noqa: SLF001  as if no reminder had left
    late, plain = mails.answer(mine), mails.answer(mine, common=early)
    assert late.content.text != plain.content.text
    assert late.calendar == plain.calendar
    assert late.calendar is not None
