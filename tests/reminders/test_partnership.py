"""Who belongs to a partnership is reminded of its dates: once, by day, on the days on which they stand, and not when they are done."""

from __future__ import annotations

import email
import email.policy
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts import places
from app.accounts.models import Person
from app.accounts.stopping import stop_path
from app.database import db, transaction
from app.membership.partnership import dates, service
from app.membership.partnership.entries import dated
from app.outbox import service as outbox
from app.outbox.models import Message, MessageItem
from app.reminders.partnership import mails, queries
from app.reminders.partnership.rules import Day, Due, current, dues
from app.reminders.partnership.service import remind
from app.reminders.partnership.shown import planned
from app.reminders.preferences import service as preferences
from scheduler.jobs import Shift, plan_reminders, run
from tests import factories
from tests.conftest import Visitor, counted
from tests.factories import NOW
from tests.membership.partnership.made import KARIN, MEETING, REPORT, VISIT, Pair, opened, write
from tests.registrations.made import waiting, words
from tests.reminders.test_races import together

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STOCKHOLM, BOGOTA = "Europe/Stockholm", "America/Bogota"
WHOLE = Day("report", date(2025, 6, 30), date(2025, 6, 30), None, None, NOW)
HOURS = Day("visit", date(2025, 9, 1), date(2025, 9, 3), datetime(2025, 9, 1, 14, tzinfo=UTC), datetime(2025, 9, 3, 21, tzinfo=UTC), NOW)
NIGHT = replace(HOURS, kind="meeting", starts_at=datetime(2025, 9, 2, 7, tzinfo=UTC), ends_at=datetime(2025, 9, 2, 8, tzinfo=UTC))
PLANS: dict[str, tuple[Day, str, list[str]]] = {
    "a visit a week and a day before, at nine in Umeå": (HOURS, STOCKHOLM, ["08-25 07:00 - 08-31 07:00", "08-31 07:00 - 09-01 12:00"]),
    "and at nine in Bogotá": (HOURS, BOGOTA, ["08-25 14:00 - 08-31 14:00", "08-31 14:00 - 09-01 12:00"]),
    "what begins at two at night counts from that day": (NIGHT, BOGOTA, ["08-26 14:00 - 09-01 14:00", "09-01 14:00 - 09-02 05:00"]),
    "a milestone a week before": (replace(WHOLE, kind="milestone"), STOCKHOLM, ["06-23 07:00 - 06-30 22:00"]),
    "a report twice before and once after": (
        WHOLE,
        STOCKHOLM,
        ["06-16 07:00 - 06-28 07:00", "06-28 07:00 - 06-30 22:00", "07-01 07:00 - 07-04 07:00"],
    ),
    "its day ends where its reader is": (
        WHOLE,
        BOGOTA,
        ["06-16 14:00 - 06-28 14:00", "06-28 14:00 - 07-01 05:00", "07-01 14:00 - 07-04 14:00"],
    ),
    "what is done is not reminded of": (replace(WHOLE, done=True), STOCKHOLM, []),
    "nor what is called off": (replace(HOURS, cancelled=True), STOCKHOLM, []),
    "a visit that somebody ticks as done is": (
        replace(HOURS, done=True),
        STOCKHOLM,
        ["08-25 07:00 - 08-31 07:00", "08-31 07:00 - 09-01 12:00"],
    ),
    "nor what would have been due before it stood on its days": (
        replace(HOURS, since=datetime(2025, 8, 25, 7, 0, 1, tzinfo=UTC)),
        STOCKHOLM,
        ["08-31 07:00 - 09-01 12:00"],
    ),
}
AFTER = datetime(2025, 7, 1, 7, tzinfo=UTC)  # the report was due
WEEK = datetime(2025, 8, 25, 7, tzinfo=UTC)  # before the visit, nine in Umeå


@pytest.mark.parametrize("case", PLANS)
def test_when_a_date_is_reminded_of(case: str) -> None:
    day, zone, planned = PLANS[case]
    assert [f"{due.at:%m-%d %H:%M} - {due.useful_until:%m-%d %H:%M}" for due in dues(day, zone)] == planned


def test_each_is_due_until_the_next_one_is() -> None:
    known: Sequence[tuple[Due | None, int | None]] = [(current(HOURS, STOCKHOLM, at), days) for at, days in (
        (WEEK - timedelta(seconds=1), None), (WEEK, 7), (WEEK + 5 * DAY, 7), (WEEK + 6 * DAY, 1), (WEEK + 7 * DAY + 5 * HOUR, None),
    )]  # fmt: skip
    assert [due.days if due else None for due, _days in known] == [days for _due, days in known]


def states() -> list[str]:
    """Of the reminders that have been written."""
    return [mail.state for mail in db.session.query(Message).filter_by(kind="partnership")]


@pytest.fixture
def pair(app: Flask) -> Pair:
    assert app
    return opened()


def test_who_belongs_reads_once_what_is_near_and_where_it_goes_into_the_calendar(pair: Pair) -> None:
    number = write(pair, VISIT)
    factories.person(pair.bogota, disabled_at=NOW)
    factories.person()
    factories.person(pair.umea, asks=True)
    assert [remind(now=at) for at in (WEEK - HOUR, WEEK, WEEK, WEEK + DAY, WEEK + 6 * DAY, WEEK + 6 * DAY)] == [0, 1, 0, 0, 1, 0]
    first, second = waiting("partnership")
    assert (first.person_id, first.subject, first.expires_at) == (
        pair.malin.id,
        "Reminder: Visit to Bogotá, 1–3 September 2025",
        WEEK + 6 * DAY,
    )
    assert (second.expires_at, second.zone) == (datetime(2025, 9, 1, 12, tzinfo=UTC), STOCKHOLM)
    text = words(first)
    assert "A visit in your partnership is near." in text
    assert f"/en/me/partnerships/{pair.slug}/" in text
    assert all(
        url in text
        for url in ("https://calendar.google.com/", "https://outlook.live.com/", "https://outlook.office.com/", "/en/me/calendar/")
    )
    head = email.message_from_bytes(first.body or b"", policy=email.policy.default)
    assert head["List-Unsubscribe"] == f"<http://127.0.0.1:5000{stop_path(pair.malin.id, 'partnerships')}>"
    assert number > 0


def test_a_part_in_it_and_a_place_at_a_side_are_one_reader(pair: Pair) -> None:
    write(pair, VISIT)
    mentor = factories.person(factories.organisation("GT"), zone=STOCKHOLM)
    for one in (pair.malin, mentor):
        service.add_person(pair.slug, one.address, "steering", by=KARIN, now=NOW)
    assert remind(now=WEEK) == 2
    assert {mail.person_id for mail in waiting("partnership")} == {pair.malin.id, mentor.id}


def test_nobody_is_woken(pair: Pair) -> None:
    write(pair, VISIT)
    night = WEEK + timedelta(hours=15)
    assert [remind(now=at) for at in (night, night + 8 * HOUR)] == [0, 1], "midnight, and eight in the morning"


def test_what_moves_is_reminded_of_on_its_new_days_and_not_on_the_old_ones(pair: Pair) -> None:
    number = write(pair, VISIT)
    assert remind(now=WEEK) == 1
    write(pair, replace(VISIT, starts_on=date(2025, 9, 15), ends_on=date(2025, 9, 17)), number, WEEK + HOUR)
    assert states() == ["superseded"]
    assert [remind(now=at) for at in (WEEK + 2 * HOUR, WEEK + 6 * DAY, WEEK + 14 * DAY, WEEK + 20 * DAY)] == [0, 0, 1, 1]
    write(pair, VISIT, number, WEEK + 5 * DAY)  # back on its first days, where the week has passed
    assert remind(now=WEEK + 5 * DAY + HOUR) == 0


def test_other_words_are_written_anew_as_long_as_the_mail_waits(pair: Pair) -> None:
    number = write(pair, VISIT)
    remind(now=WEEK)
    write(pair, replace(VISIT, titles={"en": "Study visit"}), number, WEEK + HOUR)
    assert [remind(now=WEEK + 2 * HOUR), remind(now=WEEK + 2 * HOUR)] == [1, 0]
    (mail,) = waiting("partnership")
    assert mail.subject == "Reminder: Study visit, 1–3 September 2025"
    with transaction():
        mail.state, mail.sent_at = "sent", WEEK
    write(pair, VISIT, number, WEEK + 3 * HOUR)
    assert remind(now=WEEK + 4 * HOUR) == 0, "it has left: once is enough"


def test_other_hours_on_the_same_days_do_not_take_the_reminder_away(pair: Pair) -> None:
    number = write(pair, VISIT)
    whole = replace(REPORT, kind="milestone", starts_on=VISIT.ends_on, ends_on=VISIT.ends_on)
    milestone = write(pair, whole)
    assert remind(now=WEEK + 2 * DAY) == 2
    write(pair, replace(VISIT, starts=time(10)), number, WEEK + 2 * DAY + HOUR)
    write(pair, replace(whole, zone=BOGOTA), milestone, WEEK + 2 * DAY + HOUR)
    assert (remind(now=WEEK + 2 * DAY + 2 * HOUR), len(waiting("partnership"))) == (2, 2)


def test_nothing_more_about_what_is_called_off(pair: Pair) -> None:
    number = write(pair, VISIT)
    remind(now=WEEK)
    dates.call_off(pair.slug, number, by=KARIN, now=WEEK + HOUR)
    assert (states(), remind(now=WEEK + 6 * DAY)) == (["cancelled"], 0)


def test_a_report_is_asked_after_until_it_is_done(pair: Pair) -> None:
    number = write(pair, REPORT)
    service.add_person(pair.slug, pair.malin.address, "steering", by=KARIN, now=NOW)
    assert [remind(now=AFTER - 15 * DAY), remind(now=AFTER - 3 * DAY), remind(now=AFTER), remind(now=AFTER)] == [1, 1, 1, 0]
    assert [mail.subject.partition(":")[0] for mail in waiting("partnership")] == ["Report due", "Report due", "Report late"]
    dates.mark_done(pair.slug, number, done=True, by=KARIN, now=AFTER + HOUR)
    assert (waiting("partnership"), remind(now=AFTER + HOUR)) == ([], 0)
    dates.mark_done(pair.slug, number, done=False, by=KARIN, now=AFTER + 2 * HOUR)
    assert (remind(now=AFTER + 2 * HOUR), len(waiting("partnership"))) == (1, 1)


def test_a_report_is_asked_of_whoever_answers_for_it_and_of_nobody_else(pair: Pair) -> None:
    write(pair, REPORT)
    parts = {role: factories.person(factories.organisation("GT"), zone=STOCKHOLM) for role in ("coordinator", "steering", "mentor")}
    for role, person in parts.items():
        service.add_person(pair.slug, person.address, role, by=KARIN, now=NOW)
    service.add_person(pair.slug, pair.malin.address, "mentor", by=KARIN, now=NOW)
    lead = factories.person(pair.umea, "coordinator")
    assert [remind(now=at) for at in (AFTER - 3 * DAY, AFTER)] == [3, 3]
    assert {mail.person_id for mail in waiting("partnership")} == {lead.id, parts["coordinator"].id, parts["steering"].id}
    assert [one.who for one in planned(pair.row.id, AFTER - 5 * DAY)] == ["3 people on the clock of Stockholm"] * 2


def test_four_schedulers_at_once_make_one(app: Flask, pair: Pair) -> None:
    write(pair, VISIT)
    for _number in range(3):
        factories.person(pair.umea)
    db.session.remove()
    together(app, *[lambda: remind(now=WEEK)] * 4)
    assert sorted(
        key.split(":")[-1] for (key,) in db.session.query(MessageItem.dedupe).join(Message).filter_by(kind="partnership")
    ) == sorted(str(number) for (number,) in db.session.query(Person.id).filter(Person.zone == STOCKHOLM))


def test_the_race_is_real_without_the_key_each_writes_its_own(app: Flask, pair: Pair) -> None:
    """The control: the same mail from two who have both looked before either writes, under names of their own."""
    write(pair, VISIT)
    both = threading.Barrier(2)

    def planner(name: str) -> None:
        (row,), person = dated(), db.session.get_one(Person, pair_id)
        due = current(queries.day_of(row), STOCKHOLM, WEEK)
        assert due is not None
        both.wait(10)
        outbox.queue(mails.reminder(row, person, due, name), now=WEEK)

    pair_id = pair.malin.id
    db.session.remove()
    together(app, lambda: planner("a"), lambda: planner("b"))
    assert len(states()) == 2


def test_who_turns_them_off_gets_none_and_what_waits_does_not_leave(pair: Pair) -> None:
    write(pair, VISIT)
    remind(now=WEEK)
    preferences.switch(pair.malin.id, "partnerships", on=False, now=WEEK)
    assert (waiting("partnership"), remind(now=WEEK + 6 * DAY)) == ([], 0)
    preferences.switch(pair.malin.id, "partnerships", on=True, now=WEEK)
    assert remind(now=WEEK + 6 * DAY) == 1


def test_what_waits_for_somebody_who_leaves_does_not_leave_and_comes_back_with_them(pair: Pair) -> None:
    write(pair, VISIT)
    mentor = factories.person(factories.organisation("GT"), zone=STOCKHOLM)
    part = service.add_person(pair.slug, mentor.address, "mentor", by=KARIN, now=NOW)
    both = service.add_person(pair.slug, pair.malin.address, "mentor", by=KARIN, now=NOW)
    assert remind(now=WEEK) == 2
    service.remove_person(pair.slug, part.id, by=KARIN, now=WEEK)
    service.remove_person(pair.slug, both.id, by=KARIN, now=WEEK)
    assert [mail.person_id for mail in waiting("partnership")] == [pair.malin.id], "she is of Umeå all the same"
    places.end_affiliation(pair.malin.id, pair.malin.affiliations[0].id, by=KARIN, now=WEEK)
    assert (waiting("partnership"), remind(now=WEEK)) == ([], 0)
    service.add_person(pair.slug, mentor.address, "coordinator", by=KARIN, now=WEEK)
    assert ([remind(now=WEEK), remind(now=WEEK)], [mail.person_id for mail in waiting("partnership")]) == ([1, 0], [mentor.id])


def test_whoever_answers_for_a_report_no_more_is_not_asked_for_it(pair: Pair) -> None:
    write(pair, REPORT)
    write(pair, replace(MEETING, starts_on=AFTER.date() + DAY, ends_on=AFTER.date() + DAY))
    part = service.add_person(pair.slug, pair.malin.address, "steering", by=KARIN, now=NOW)
    assert remind(now=AFTER) == 2
    service.remove_person(pair.slug, part.id, by=KARIN, now=AFTER)
    assert [mail.subject.partition(":")[0] for mail in waiting("partnership")] == ["Reminder"]


def test_one_click_stops_them(lite: Flask) -> None:
    me = factories.person(lang="en")
    client, path = lite.test_client(), stop_path(me.id, "partnerships")
    assert "and reminded of them" in client.get(path).get_data(as_text=True)
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    db.session.expire_all()
    assert (me.partnerships_off, "You get no mails about the dates" in client.get(path).get_data(as_text=True)) == (True, True)


def test_the_scheduler_does_it_by_itself(app: Flask, pair: Pair) -> None:
    write(pair, VISIT)
    db.session.remove()
    assert run(Shift(app, at=WEEK), plan_reminders)["queued"] == 1
    assert [mail.subject for mail in waiting("partnership")] == ["Reminder: Visit to Bogotá, 1–3 September 2025"]


def test_one_who_cannot_be_reminded_keeps_nobody_else_waiting(pair: Pair) -> None:
    write(pair, VISIT)
    factories.person(pair.umea, zone="Mars/Olympus")
    assert [remind(now=WEEK), remind(now=WEEK + 2 * HOUR)] == [1, 1], "who has no clock of ours lives by UTC"


def test_looking_costs_the_same_for_many_dates_and_readers(lite: Flask) -> None:
    pair, seen = opened(), []
    for _round in range(2):
        for values in (VISIT, replace(VISIT, kind="meeting")):
            write(pair, values)
            factories.person(pair.umea, partnerships_off=True)
        with counted(lite) as statements:
            assert remind(now=WEEK - DAY) == 0
        seen.append(len(statements))
    assert seen == [3, 3]


def test_staff_see_which_mails_go_when_to_how_many(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    pair = opened()
    write(pair, MEETING)
    for _number in range(2):
        factories.person(pair.bogota)
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        page = visitor.signed_in(factories.person(staff="officer")).get(f"/en/staff/partnerships/{pair.slug}/").get_data(as_text=True)
    lines = (
        "7 days before: Steering group",
        "2 people on the clock of Bogotá",
        "29 April 2025, 09:00 in Bogotá",
        "5 May 2025, 09:00 in Stockholm",
    )
    assert [line for line in lines if line not in page] == []
