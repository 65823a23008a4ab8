"""What an act will do is seen by doing it, and nothing of it stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.audit.models import AuditEntry
from app.database import Base, db, end_reading, transaction
from app.errors import Conflict, Refused
from app.languages import switch, using
from app.organisations.models import Organisation
from app.outbox import service as outbox
from app.outbox.models import Message
from app.registrations import service as registrations
from app.reminders import service as reminders
from app.workshops import queries, service
from app.workshops.acts import service as acts
from app.workshops.acts.outcome import Outcome
from app.workshops.acts.rehearsal import rehearse
from app.workshops.models import Workshop
from app.workshops.values import Hold
from tests import factories
from tests.conftest import MakeApp, counted
from tests.factories import NOW
from tests.registrations.made import registered
from tests.reminders.made import DAY_BEFORE, WEEK_BEFORE, crowd, rule
from tests.workshops.made import KARIN, REASONS, values

LATER = NOW + timedelta(hours=1)
Act = Callable[[], object]


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    switch("en")
    return factories.organisation("SE")


@pytest.fixture
def workshop(umea: Organisation) -> Workshop:
    """Public, on 3 and 4 June 2025 in Bogotá, two seats taken, one person waiting, two reminders on the clock."""
    return made(umea, 3, capacity=2)


def made(umea: Organisation, people: int, *, left: bool = True, **changes: Any) -> Workshop:
    """`left`: its confirmations have."""
    network = factories.network(umea)
    rule(network, **WEEK_BEFORE)
    rule(network, **DAY_BEFORE)
    draft = service.save_draft(values(network, **changes), by=KARIN, now=NOW)
    acts.publish(draft.id, by=KARIN, now=NOW)
    registered(draft.id, umea, people)
    reminders.plan(NOW + timedelta(minutes=1))
    if left:
        with transaction():
            db.session.execute(update(Message).values(state="sent", sent_at=NOW, body=None))
    return queries.get(draft.id)


def moving(workshop: Workshop, days: int = 2, now: datetime = LATER, **changes: Any) -> Act:
    saved = queries.values_of(workshop)
    moved = tuple(replace(day, on=day.on + timedelta(days=days)) for day in saved.days)
    return lambda: service.save(workshop.id, replace(saved, days=moved, **changes), workshop.version, by=KARIN, now=now)


def stopping(verb: str, workshop: Workshop) -> Act:
    return lambda: getattr(acts, verb)(workshop.id, REASONS, by=KARIN, now=LATER)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    end_reading()
    tables = Base.metadata.sorted_tables
    return {table.name: sorted((tuple(row) for row in db.session.execute(select(table))), key=repr) for table in tables}


def seen(workshop: Workshop, act: Act, now: datetime = LATER) -> Outcome:
    return rehearse(workshop.id, act, now=now)


def lines(outcome: Outcome) -> list[str]:
    return [one.words for one in outcome.reminders]


@pytest.mark.parametrize("verb", ["move", "postpone", "cancel"])
def test_nothing_of_a_rehearsal_stays(app: Flask, workshop: Workshop, verb: str) -> None:
    act = moving(workshop, capacity=5, venue="Biblioteca") if verb == "move" else stopping(verb, workshop)
    addresses = ("/feeds/all.ics?lang=sv", f"/workshops/{workshop.slug}.ics?lang=es", f"/en/workshops/{workshop.slug}/")
    before, read = everything(), [app.test_client().get(address).data for address in addresses]

    assert seen(workshop, act).people == 3

    assert everything() == before
    assert [app.test_client().get(address).data for address in addresses] == read


def test_control_the_act_itself_changes_what_the_rehearsal_leaves(workshop: Workshop) -> None:
    act, before = moving(workshop, capacity=5), everything()

    act()

    after = everything()
    changed = {name for name in before if before[name] != after[name]}
    mails = {"message", "message_item", "occurrence"}
    assert changed >= mails | {"workshop", "workshop_day", "registration", "audit_entry", "calendar_revision"}


def test_the_act_works_after_its_rehearsal_and_does_what_was_said(workshop: Workshop) -> None:
    act = moving(workshop)
    known = set(db.session.scalars(select(Message.id)))
    outcome = seen(workshop, act)

    act()

    written = db.session.scalars(select(Message).where(Message.id.not_in(known), Message.state == "pending")).all()
    assert sorted(one.subject for one in written) == sorted(sample.subject for sample in outcome.samples for _one in range(sample.number))
    assert outcome.samples[0].subject == "New time: Ciudad segura (en), 5–6 June 2025"


def test_a_move_says_who_is_told_what_and_when(workshop: Workshop) -> None:
    outcome = seen(workshop, moving(workshop))

    assert [(row.who, dict(row.numbers), row.total) for row in outcome.readers] == [
        ("Registered", {"sv": 0, "es": 0, "en": 2}, 2),
        ("On the waiting list", {"sv": 0, "es": 0, "en": 1}, 1),
    ]
    assert outcome.leaves == "The mails leave 5 minutes after the last change, so that several changes make one mail."
    assert [(one.what, one.who, one.lang, one.number) for one in outcome.samples] == [
        ("Workshop moved", "Registered", "en", 2),
        ("Workshop moved", "On the waiting list", "en", 1),
    ]
    assert "It was: Tuesday 3 June 2025, 09:00–16:00" in outcome.samples[0].text


def test_who_waits_for_the_staff_to_decide_is_not_called_unconfirmed(umea: Organisation) -> None:
    asked = made(umea, 2, approval=True)

    assert [(row.who, row.total) for row in seen(asked, moving(asked)).readers] == [("Request sent", 2)]


def test_a_move_says_what_changes_on_three_clocks(workshop: Workshop) -> None:
    outcome = seen(workshop, moving(workshop, capacity=5, venue="Biblioteca"))

    assert outcome.changes == [
        "Moved from 3–4 June 2025 09:00 to 5–6 June 2025 09:00 (Bogotá)",
        "Venue: Archivo de Bogotá → Biblioteca",
        "Seats: 2 → 5",
    ]
    assert outcome.days is not None
    assert outcome.days[1][0] == (
        "Thursday 5 June",
        ["09:00–16:00 in Bogotá", "08:00–15:00 in Guatemala City", "16:00–23:00 in Stockholm"],
    )
    assert outcome.moving_up == 1


def test_a_move_says_what_reminders_and_calendars_do(workshop: Workshop) -> None:
    outcome = seen(workshop, moving(workshop))

    assert lines(outcome) == [
        "Moves from 27 May 2025, 16:00 in Stockholm to 29 May 2025, 16:00 in Stockholm",
        "Moves from 2 June 2025, 16:00 in Stockholm to 4 June 2025, 16:00 in Stockholm",
    ]
    before, after = outcome.entries[0]
    assert before is not None
    assert after is not None
    assert (before.when, before.sequence) == ("Tuesday 3 June, 09:00–16:00 in Bogotá", 0)
    assert (after.when, after.sequence) == ("Thursday 5 June, 09:00–16:00 in Bogotá", 1)


def test_a_reminder_that_has_left_goes_once_more_and_one_that_is_too_late_does_not(workshop: Workshop) -> None:
    day_before = datetime.fromisoformat("2025-06-01T12:00+00:00")
    reminders.queue_due(day_before)
    end_reading()
    later = seen(workshop, moving(workshop, days=14, now=day_before), day_before)
    sooner = seen(workshop, moving(workshop, days=-1, now=day_before), day_before + timedelta(hours=3))
    too_soon = seen(workshop, moving(workshop, days=-2, now=day_before), day_before)

    assert lines(later)[0] == "Has gone out already, and goes out once more on 10 June 2025, 16:00 in Stockholm"
    assert lines(sooner) == ["Is due now, and goes out at once"]
    assert lines(too_soon) == ["Was to go out on 2 June 2025, 16:00 in Stockholm. It is too late for that now, and it does not go out"]


def test_cancelling_shows_the_mails_and_the_titles_of_all_languages(workshop: Workshop) -> None:
    outcome = seen(workshop, stopping("cancel", workshop))

    assert [(lang, after) for lang, _before, after in outcome.titles] == [
        ("sv", "INSTÄLLD: Ciudad segura (sv)"),
        ("es", "CANCELADO: Ciudad segura (es)"),
        ("en", "CANCELLED: Ciudad segura (en)"),
    ]
    assert "The bridge is closed." in outcome.samples[0].text
    assert [after.off for _before, after in outcome.entries if after] == [True, True]
    assert all(one.lost and one.words.startswith("Was to go out on") for one in outcome.reminders)
    assert outcome.leaves == "The mails leave at once."


def test_mails_that_have_not_left_are_taken_back_and_those_of_the_rehearsal_do_not_count(umea: Organisation) -> None:
    """Both the hours and the place change: the mail about the first is replaced by one about both."""
    workshop = made(umea, 3, left=False, capacity=2)

    outcome = seen(workshop, moving(workshop, venue="Biblioteca"))

    assert outcome.withdrawn == 3
    assert [(one.what, one.who, one.number) for one in outcome.samples] == [
        ("Workshop moved", "Registered", 2),
        ("Workshop moved", "On the waiting list", 1),
        ("Confirmation", "Registered", 2),
        ("Place on the waiting list", "On the waiting list", 1),
    ]
    assert outcome.people == 3


def test_nobodys_own_link_is_shown(workshop: Workshop) -> None:
    outcome = seen(workshop, stopping("postpone", workshop))

    assert all("/r/…" in one.text for one in outcome.samples)


def test_what_it_says_is_said_in_the_readers_language(workshop: Workshop) -> None:
    with using("sv"):
        outcome = seen(workshop, moving(workshop))

    assert outcome.changes == ["Flyttad från 3–4 juni 2025 09:00 till 5–6 juni 2025 09:00 (Bogotá)"]
    assert outcome.samples[0].lang == "en"
    assert outcome.samples[0].subject.startswith("New time: ")


def test_publishing_tells_nobody_and_puts_entries_into_calendars(umea: Organisation) -> None:
    draft = service.save_draft(values(factories.network(umea)), by=KARIN, now=NOW)

    outcome = seen(draft, lambda: acts.publish(draft.id, by=KARIN, now=LATER))

    assert (outcome.people, outcome.samples, outcome.changes) == (0, [], ["Published the workshop"])
    assert [before for before, _after in outcome.entries] == [None, None]
    assert queries.get(draft.id).state == "draft"


def test_a_new_day_of_a_postponed_workshop_tells_nobody_yet(workshop: Workshop) -> None:
    stopping("postpone", workshop)()
    workshop = queries.get(workshop.id)

    moved = seen(workshop, moving(workshop))
    restored = seen(workshop, lambda: acts.restore(workshop.id, by=KARIN, now=LATER))

    assert (moved.people, moved.warnings) == (
        0,
        ["Nobody is told yet: a mail goes to everybody when the workshop is taken up again."],
    )
    assert restored.people == 3
    assert [one.words.partition(" on ")[0] for one in restored.reminders] == ["Goes out", "Goes out"]


def test_paused_mail_and_short_notice_are_warned_of(workshop: Workshop) -> None:
    outbox.pause(by=KARIN, now=LATER)
    soon = datetime.fromisoformat("2025-06-01T18:00+00:00")

    outcome = seen(workshop, moving(workshop, days=0, now=soon, venue="Biblioteca"), soon)

    assert [one.partition(".")[0] for one in outcome.warnings] == ["It begins in less than two days", "All mail is paused"]


def test_days_that_have_passed_are_asked_about_and_not_taken_for_a_correction(workshop: Workshop) -> None:
    slip, later = seen(workshop, moving(workshop, -365)), queries.get(workshop.id).days[-1].ends_at + timedelta(days=1)
    right = seen(workshop, moving(workshop, 0, later, venue="Biblioteca"), later)

    assert (slip.people, slip.warnings) == (3, ["The new days have passed already. Is the year right?"])
    assert (right.people, right.warnings) == (0, ["The workshop is over. This corrects what is said of it, and nobody is told."])


def test_seats_that_stay_held_until_the_same_day_are_named_where_days_move(workshop: Workshop, umea: Organisation) -> None:
    holds = (Hold(umea.id, 1, date(2025, 5, 20)),)
    service.save(workshop.id, replace(queries.values_of(workshop), capacity=4, holds=holds), workshop.version, by=KARIN, now=LATER)

    moved = seen(queries.get(workshop.id), moving(queries.get(workshop.id)))
    stays = seen(queries.get(workshop.id), moving(queries.get(workshop.id), days=0, venue="Biblioteca"))

    assert moved.warnings == ["Seats held for organisations keep their last day, although the days of the workshop move: 20 May 2025."]
    assert stays.warnings == []


def test_a_refusal_and_a_conflict_pass_through_and_leave_nothing(workshop: Workshop) -> None:
    before = everything()

    with pytest.raises(Refused):
        seen(workshop, moving(workshop, capacity=1))
    with pytest.raises(Conflict):
        seen(workshop, lambda: acts.cancel(workshop.id, REASONS, by=KARIN, now=LATER, version=99))

    assert everything() == before


def test_an_act_that_breaks_leaves_nothing(app: Flask, workshop: Workshop) -> None:
    def fail(**_facts: object) -> None:
        raise ZeroDivisionError

    app.extensions["app.announcements"]["workshop_moved"].append(fail)
    before = everything()

    with pytest.raises(ZeroDivisionError):
        seen(workshop, moving(workshop))

    assert everything() == before


def test_inside_a_transaction_there_is_no_rehearsal(workshop: Workshop) -> None:
    with pytest.raises(RuntimeError), transaction():
        seen(workshop, moving(workshop))


def test_three_hundred_people_are_as_many_statements_as_three(sqlite_url: str, make_app: MakeApp, full: bool) -> None:
    app = make_app(sqlite_url)
    with app.app_context():
        switch("en")
        umea = factories.organisation("SE")
        few, many = (made(umea, 0, capacity=1000) for _time in range(2))
        crowd(few, umea, 3)
        crowd(many, umea, 300 if full else 60, first=3)
        reminders.plan(NOW + timedelta(minutes=1))
        numbers = []
        for one in (few, many):
            act = moving(queries.get(one.id))
            with counted(app) as statements:
                seen(one, act)
            numbers.append(len(statements))

    assert numbers[0] == numbers[1]


def test_a_registration_waits_for_the_end_of_a_rehearsal_and_then_finds_all_as_it_was(app: Flask, workshop: Workshop) -> None:
    seen(workshop, stopping("cancel", workshop))

    me = factories.person(workshop.network.members[0].organisation, lang="en")
    mine = registrations.register(workshop.id, me.id, by=KARIN, now=LATER)

    assert mine.state == "waitlisted"
    assert "workshop.cancelled" not in set(db.session.scalars(select(AuditEntry.action)))
