"""Who belongs to a partnership is told what has become of its dates: once, five minutes after the last change, by day."""

from __future__ import annotations

import threading
import time as time_module
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts import places
from app.accounts import service as accounts
from app.accounts.service import Details
from app.database import db, transaction
from app.membership.models import PartnershipEvent
from app.membership.partnership import clocks, dates, queries, service
from app.membership.partnership.rules import Stand, Values
from app.outbox.models import Message
from app.reminders.partnership.news import service as date_news
from app.reminders.partnership.news.rules import What, leaves_at, pack, unpack, useful_until, what
from app.reminders.preferences import service as preferences
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.membership.partnership.made import KARIN, REPORT, VISIT, Pair, opened, write
from tests.registrations.made import waiting, words
from tests.reminders.test_races import together

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STOCKHOLM, BOGOTA = "Europe/Stockholm", "America/Bogota"
LATER = replace(VISIT, starts_on=date(2025, 9, 15), ends_on=date(2025, 9, 17))
STOOD = Stand(date(2025, 9, 1), date(2025, 9, 3), time(9), time(16), BOGOTA, "0a")
MOVED, HOURS, ZONE, PLACE = (
    STOOD._replace(ends_on=date(2025, 9, 4)),
    STOOD._replace(starts=time(10)),
    STOOD._replace(zone=STOCKHOLM),
    STOOD._replace(place="0b"),
)
PAST = STOOD._replace(starts_on=date(2025, 2, 1), ends_on=date(2025, 2, 1))
WHOLE = STOOD._replace(starts=None, ends=None)
TOLD: dict[str, tuple[Stand | None, Stand, bool, What | None]] = {
    "a date that nobody knew": (None, STOOD, False, "added"),
    "one that came and went": (None, STOOD, True, None),
    "one that was entered for the record": (None, PAST, False, None),
    "other days": (STOOD, MOVED, False, "moved"),
    "other hours": (STOOD, HOURS, False, "moved"),
    "hours where there were none": (WHOLE, STOOD, False, "moved"),
    "the same hours on another wall": (STOOD, ZONE, False, "moved"),
    "whole days on another wall": (WHOLE, WHOLE._replace(zone=STOCKHOLM), False, None),
    "the same moments on another wall": (STOOD, STOOD._replace(starts=time(16), ends=time(23), zone=STOCKHOLM), False, None),
    "other days in another place": (STOOD, MOVED._replace(place="0b"), False, "moved"),
    "another place": (STOOD, PLACE, False, "place"),
    "as it was": (STOOD, STOOD, False, None),
    "called off": (STOOD, STOOD, True, "called_off"),
    "moved, and called off": (STOOD, MOVED, True, "called_off"),
    "what is over is called off": (PAST, PAST, True, None),
    "what was over is ahead": (PAST, STOOD, False, "moved"),
    "what was ahead has been": (STOOD, PAST, False, "moved"),
    "what is over was elsewhere": (PAST, PAST._replace(place="0b"), False, None),
}
NIGHT = datetime(2025, 3, 3, 22, 0, tzinfo=UTC)  # 23:00 in Stockholm, 17:00 in Bogotá
MORNING = datetime(2025, 3, 4, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("case", TOLD)
def test_what_is_told(case: str) -> None:
    before, today, cancelled, told = TOLD[case]
    assert what(before, today, cancelled=cancelled, now=NOW) == told


@pytest.mark.parametrize(
    ("now", "zone", "starts", "at"),
    [
        (NOW, STOCKHOLM, NOW + DAY, NOW + 5 * MINUTE),
        (NIGHT, BOGOTA, NOW + DAY, NIGHT + 5 * MINUTE),
        (NIGHT, STOCKHOLM, NOW + 9 * DAY, MORNING),
        (NIGHT, STOCKHOLM, MORNING, MORNING),
        (NIGHT, STOCKHOLM, MORNING - HOUR, NIGHT + 5 * MINUTE),
        (NIGHT, STOCKHOLM, NIGHT + MINUTE, NIGHT + 5 * MINUTE),
        (NIGHT, STOCKHOLM, NIGHT - HOUR, MORNING),
    ],
)
def test_when_it_is_told(now: datetime, zone: str, starts: datetime, at: datetime) -> None:
    assert leaves_at(now, zone, [starts]) == at


@pytest.mark.parametrize("stood", [None, STOOD, WHOLE, STOOD._replace(zone="America/Argentina/ComodRivadavia", place="deadbeef")])
def test_how_a_date_stood_fits_into_the_key_of_a_mail(stood: Stand | None) -> None:
    assert unpack(pack(stood)) == stood
    assert len(f"date_news:999999999:999999999:12345678:{pack(stood)}") <= 120


@pytest.mark.parametrize(
    ("ends", "until"),
    [([NOW + HOUR], NOW + HOUR), ([NOW + HOUR, NOW + DAY], NOW + DAY), ([NOW + 9 * DAY, NOW], None), ([NOW - HOUR], None)],
)
def test_until_when_it_is_of_use(ends: list[datetime], until: datetime | None) -> None:
    assert useful_until(NOW, ends, 3 * DAY) == until


@pytest.fixture
def pair(lite: Flask) -> Pair:
    assert lite
    return opened()


def known(pair: Pair, values: dates.Values, now: datetime = NOW - DAY) -> int:
    """A date of which everybody has heard."""
    number = write(pair, values, now=now)
    sent()
    return number


def sent() -> None:
    """All that waits has left."""
    db.session.query(Message).filter_by(state="pending").update({"state": "sent", "sent_at": NOW})
    db.session.commit()


def news() -> list[tuple[int | None, str]]:
    return [(mail.person_id, mail.subject) for mail in waiting("partnership_news")]


def test_several_edits_of_a_date_are_one_mail_that_counts_from_before_the_first(pair: Pair) -> None:
    number = known(pair, VISIT)
    write(pair, replace(VISIT, starts=time(11)), number, NOW)
    write(pair, LATER, number, NOW + 4 * MINUTE)
    (mail,) = waiting("partnership_news")
    assert (mail.person_id, mail.subject, mail.zone) == (pair.malin.id, "New time: Visit to Bogotá, 15–17 September 2025", STOCKHOLM)
    assert (mail.due_at, mail.rank_at) == (NOW + 9 * MINUTE, datetime(2025, 9, 1, 14, tzinfo=UTC))
    text = words(mail)
    assert "15–17 September 2025 15 September 09:00 – 17 September 16:00 in Bogotá 15 September 16:00 – 17 September 23:00 in Umeå" in text
    assert (
        "It was: 1–3 September 2025 · 1 September 09:00 – 3 September 16:00 in Bogotá · 1 September 16:00 – 3 September 23:00 in Umeå."
        in text
    )
    assert f"/en/me/partnerships/{pair.slug}/" in text


def test_several_dates_are_one_mail_and_what_is_as_it_was_is_none(pair: Pair) -> None:
    first, other = known(pair, VISIT), known(pair, replace(VISIT, kind="meeting", titles={"en": "Steering group"}))
    write(pair, LATER, first, NOW)
    write(pair, replace(LATER, kind="meeting", titles={"en": "Steering group"}), other, NOW + MINUTE)
    new = write(pair, replace(LATER, titles={"en": "Third visit"}), now=NOW + MINUTE)
    assert news() == [(pair.malin.id, "Changed dates in the partnership of Umeå and Bogotá")]
    text = words(waiting("partnership_news")[0])
    assert [part in text for part in ("Visit · Another time", "Meeting · Another time", "Visit · New date")] == [True] * 3
    dates.call_off(pair.slug, new, by=KARIN, now=NOW + 2 * MINUTE)
    write(pair, replace(VISIT, kind="meeting", titles={"en": "Steering group"}), other, NOW + 3 * MINUTE)
    assert news() == [(pair.malin.id, "New time: Visit to Bogotá, 15–17 September 2025")]
    write(pair, VISIT, first, NOW + 4 * MINUTE)
    assert news() == []


def test_what_is_moved_and_called_off_was_to_be_when_people_knew_it(pair: Pair) -> None:
    number = known(pair, VISIT)
    write(pair, LATER, number, NOW)
    dates.call_off(pair.slug, number, by=KARIN, now=NOW + MINUTE)
    assert news() == [(pair.malin.id, "Called off: Visit to Bogotá, 1–3 September 2025")]


def test_other_words_of_a_date_and_that_it_is_done_are_no_news(pair: Pair) -> None:
    number = known(pair, REPORT)
    service.add_person(pair.slug, pair.malin.address, "steering", by=KARIN, now=NOW)
    write(pair, replace(REPORT, titles={"en": "Report one"}, public=False), number, NOW)
    dates.mark_done(pair.slug, number, done=True, by=KARIN, now=NOW)
    assert news() == []


def test_of_a_report_only_whoever_answers_for_it_hears(pair: Pair) -> None:
    lead = factories.person(pair.bogota, "coordinator", lang="en", zone=BOGOTA)
    write(pair, REPORT)
    write(pair, VISIT)
    found = {mail.person_id: "First report" in words(mail) for mail in waiting("partnership_news")}
    assert found == {lead.id: True, pair.malin.id: False}


def test_nobody_is_told_of_a_partnership_that_has_ended(pair: Pair) -> None:
    write(pair, VISIT)
    assert len(news()) == 1
    row = queries.get(pair.slug)
    values = Values(row.left_id, row.right_id, row.area, "ended", row.starts_on)
    service.save(pair.slug, values, row.version, by=KARIN, now=NOW)
    write(pair, LATER)
    assert news() == []


def test_nobody_is_told_who_wants_none_or_has_left_or_has_no_account_any_more(app: Flask) -> None:
    pair = opened()
    leaver, closed = factories.person(pair.umea, lang="en"), factories.person(pair.umea, disabled_at=NOW)
    mentor = factories.person(factories.organisation("GT"), lang="en")
    part = service.add_person(pair.slug, mentor.address, "mentor", by=KARIN, now=NOW)
    number = write(pair, VISIT)
    assert sorted(to for to, _subject in news() if to) == sorted([pair.malin.id, leaver.id, mentor.id])
    places.end_affiliation(leaver.id, leaver.affiliations[0].id, by=KARIN, now=NOW)
    service.remove_person(pair.slug, part.id, by=KARIN, now=NOW)
    preferences.switch(pair.malin.id, "partnerships", on=False, now=NOW)
    assert (news(), closed.id > 0, bool(app)) == ([], True, True)
    write(pair, LATER, number, NOW)
    assert news() == []


def test_whoever_answers_for_reports_no_more_is_told_the_rest(pair: Pair) -> None:
    part = service.add_person(pair.slug, pair.malin.address, "steering", by=KARIN, now=NOW)
    write(pair, REPORT)
    write(pair, VISIT)
    service.remove_person(pair.slug, part.id, by=KARIN, now=NOW)
    assert news() == [(pair.malin.id, "New date: Visit to Bogotá, 1–3 September 2025")]


def test_what_waits_is_written_anew_in_another_language(pair: Pair) -> None:
    write(pair, VISIT, now=NIGHT)
    details = Details(pair.malin.name, "sv", BOGOTA, "", None, pair.umea.id)
    accounts.change_details(pair.malin, details, by=KARIN, now=NIGHT + MINUTE)
    (mail,) = waiting("partnership_news")
    assert (mail.subject, mail.due_at) == ("Nytt datum: Besök i Bogotá, 1–3 september 2025", NIGHT + 6 * MINUTE)


def test_two_who_edit_two_dates_at_once_make_one_mail(app: Flask) -> None:
    pair = opened()
    numbers = [known(pair, VISIT), known(pair, replace(VISIT, kind="meeting"))]
    slug = pair.slug
    db.session.remove()

    def move(number: int, kind: str) -> None:
        dates.write(slug, number, replace(LATER, kind=kind), by=KARIN, now=NOW)

    together(app, lambda: move(numbers[0], "visit"), lambda: move(numbers[1], "meeting"))
    (mail,) = waiting("partnership_news")
    assert sorted(item.subject for item in mail.items) == sorted(f"partnership_event:{number}" for number in numbers)


def test_who_is_leaving_just_now_is_not_told(app: Flask) -> None:
    """A date is written while they leave: whoever comes second waits for the first, and looks once more."""
    pair = opened()
    slug, malin, place, begun = pair.slug, pair.malin.id, pair.malin.affiliations[0].id, threading.Event()

    def leave() -> None:
        with transaction():
            places.end_affiliation(malin, place, by=KARIN, now=NOW)
            begun.set()
            time_module.sleep(0.5)

    def tell() -> None:
        begun.wait(10)
        dates.write(slug, None, VISIT, by=KARIN, now=NOW)

    db.session.remove()
    together(app, leave, tell)
    assert news() == []


def test_what_leaves_meanwhile_is_told_by_a_mail_of_its_own(pair: Pair) -> None:
    """The control: what is not held back is not counted as untold."""
    number = known(pair, VISIT)
    write(pair, replace(VISIT, starts=time(11)), number, NOW)
    sent()
    write(pair, LATER, number, NOW + MINUTE)
    assert "It was: 1–3 September 2025 · 1 September 11:00" in words(waiting("partnership_news")[0])


@pytest.mark.parametrize(("state", "uncertain", "told"), [("pending", 0, 1), ("sending", 0, 1), ("sending", 1, 2), ("uncertain", 1, 2)])
def test_what_may_have_arrived_is_set_right_though_all_is_as_it_was(pair: Pair, state: str, uncertain: int, told: int) -> None:
    """The control: of what has surely not left only the date that is another still is told."""
    number, other = known(pair, VISIT), known(pair, replace(VISIT, kind="meeting"))
    for one, kind in ((number, "visit"), (other, "meeting")):
        write(pair, replace(LATER, kind=kind), one, NOW)
    facts: dict[Any, Any] = {"state": state, "uncertain": uncertain, "token": "worker:1" if state == "sending" else None}
    db.session.query(Message).filter_by(state="pending").update(facts)
    db.session.commit()
    write(pair, VISIT, number, NOW + MINUTE)
    (mail,) = waiting("partnership_news")
    assert (len(mail.items), "It was: 15–17 September 2025" in words(mail)) == (told, told == 2)


def test_what_is_over_before_it_can_leave_does_not(pair: Pair) -> None:
    """Mail is paused for days."""
    write(pair, replace(VISIT, starts_on=(NOW + DAY).date(), ends_on=(NOW + DAY).date()))
    (mail,) = waiting("partnership_news")
    assert (mail.expires_at, mail.is_dated) == (datetime(2025, 3, 4, 21, tzinfo=UTC), True)


def test_a_country_that_changes_its_clocks_changes_what_waits(pair: Pair) -> None:
    number, said = write(pair, VISIT), list[bool]()
    with transaction():
        event = db.session.get_one(PartnershipEvent, number)
        event.starts_at, event.ends_at = event.starts_at + HOUR, event.ends_at + HOUR
        db.session.flush()
        date_news.renew(pair.malin.id, now=NOW)
    for _round in range(2):
        said += ["1 September 09:00 – 3 September 16:00 in Bogotá" in words(mail) for mail in waiting("partnership_news")]
        clocks.recompute(NOW)
    assert said == [False, True]


def test_telling_costs_the_same_for_many_dates_and_people(lite: Flask) -> None:
    pair, seen = opened(), list[int]()
    numbers = [write(pair, VISIT)]
    for _round in range(2):
        with counted(lite) as statements:
            write(pair, replace(VISIT, starts=time(10 + len(seen))), numbers[0])
        seen.append(len(statements))
        for _number in range(3):
            numbers.append(write(pair, VISIT))
            factories.person(pair.umea)
    assert seen[0] == seen[1]


def test_the_pages_say_that_people_are_told(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    pair = opened()
    number = write(pair, VISIT)
    visitor: Any = lite.test_client()
    with clock(NOW):
        page = visitor.signed_in(factories.person(staff="officer")).get(f"/en/staff/partnerships/{pair.slug}/dates/{number}/call-off")
    assert "its people are told by mail" in page.get_data(as_text=True)
