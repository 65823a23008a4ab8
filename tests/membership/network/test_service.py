"""A network is founded and changed, calls, names documents, takes in and lets go; nothing is half written, nobody overwritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit import queries as audit
from app.audit.sentences import sentence
from app.database import db, end_reading, transaction
from app.errors import Conflict, Missing, Refused
from app.feeds.revisions import PUBLIC, revisions
from app.membership.models import CommitmentRule
from app.membership.network import calls, links, members, queries, service
from app.membership.network.rules import Text, Values
from app.organisations.models import Network, NetworkCall, NetworkMember
from app.organisations.queries import members as who_belongs
from app.reminders.models import ReminderRule
from app.workshops import queries as workshops
from app.workshops import service as saving
from app.workshops.values import Day
from tests import factories
from tests.factories import NOW
from tests.membership.made import STAFF

DAY = timedelta(days=1)


def values(**more: object) -> Values:
    texts = {lang: Text(f"Human rights ({lang})", "For rights.") for lang in ("sv", "es", "en")}
    plain = Values(texts, ("representation",), date(2024, 1, 1), date(2026, 12, 31), "partnership@icld.se")
    return replace(plain, **more)  # type: ignore[arg-type]


def found(**more: object) -> Network:
    return service.create(values(**more), by=STAFF, now=NOW)


def actions(row: Network) -> list[str]:
    return [entry.action for entry in audit.entries(service.topic(row), 20)]


def test_a_new_network_has_an_address_and_the_usual_reminders(app: Flask) -> None:
    assert app
    row, other = found(), found()
    assert (row.slug, other.slug, queries.values_of(queries.get(row.slug))) == ("human-rights-en", "human-rights-en-2", values())
    rules = db.session.scalars(select(ReminderRule).where(ReminderRule.network_id == row.id).order_by(ReminderRule.id)).all()
    assert [(rule.anchor, rule.offset, rule.unit, rule.applies_to, rule.armed_at) for rule in rules] == [
        ("start", -7, "days", "all", NOW),
        ("start", -1, "days", "all", NOW),
        ("start", -1, "hours", "online", NOW),
        ("letters", -7, "days", "all", NOW),
    ]
    assert actions(row) == ["network.created"]


def test_no_network_is_called_as_a_page_of_the_staff(lite: Flask) -> None:
    assert lite
    texts = {lang: Text("New", "For what is new.") for lang in ("sv", "es", "en")}
    assert found(texts=texts).slug == "new-2"


def test_whoever_saves_second_is_told_even_if_only_words_have_changed(app: Flask) -> None:
    assert app
    row = found()
    texts = {**values().texts, "sv": Text("Mänskliga rättigheter", "För rätten.")}
    service.save(row.slug, values(texts=texts), 1, by=STAFF, now=NOW)
    with pytest.raises(Conflict):
        service.save(row.slug, values(themes=("care",)), 1, by=STAFF, now=NOW)
    saved = queries.get(row.slug)
    assert (saved.version, saved.names["sv"].name, saved.themes) == (2, "Mänskliga rättigheter", ["representation"])


def test_nothing_changed_is_nothing_done_and_a_change_moves_the_calendars(app: Flask) -> None:
    assert app
    row = found()
    before = revisions(PUBLIC)[0]
    service.save(row.slug, values(), 1, by=STAFF, now=NOW + DAY)
    same = revisions(PUBLIC)[0]
    service.save(row.slug, values(contact="other@icld.se"), 1, by=STAFF, now=NOW + DAY)
    assert (same == before, revisions(PUBLIC)[0] == before, actions(row)) == (True, False, ["network.changed", "network.created"])


OUTSIDE: dict[str, tuple[dict[str, object], str, str]] = {
    "the end before a workshop": ({"ends_on": date(2025, 6, 3)}, "ends_on", "“Second (en)” lies outside: 4 June 2025. Move it first"),
    "the start after two": ({"starts_on": date(2025, 6, 5)}, "starts_on", "3 June 2025. So does one more workshop. Move it first"),
    "the end before a rule": ({"ends_on": date(2025, 12, 31)}, "ends_on", "1 January 2026 to 31 January 2026"),
}


@pytest.mark.parametrize("case", OUTSIDE)
def test_a_shorter_period_leaves_nothing_outside(lite: Flask, case: str) -> None:
    assert lite
    changes, field, words = OUTSIDE[case]
    row = found()
    factories.workshop(row, date(2025, 6, 3), title="First", state="draft")
    factories.workshop(row, date(2025, 6, 4), title="Second")
    with transaction() as session:
        session.add(CommitmentRule(network_id=row.id, starts_on=date(2026, 1, 1), ends_on=date(2026, 1, 31)))
    with pytest.raises(Refused) as refused:
        service.save(row.slug, values(**changes), 1, by=STAFF, now=NOW)
    assert (list(refused.value.problems), words in refused.value.problems[field]) == ([field], True)
    service.save(row.slug, values(starts_on=date(2025, 6, 3), ends_on=date(2026, 1, 1)), 1, by=STAFF, now=NOW)
    assert queries.get(row.slug).ends_on == date(2026, 1, 1)


def test_whoever_saves_a_workshop_waits_for_a_period_that_changes_and_sees_the_new_one(app: Flask) -> None:
    """Who would not wait reads the old period, is done before the new one is, and lies outside it."""
    row = found()
    workshop = factories.workshop(row, date(2025, 6, 3), state="draft")
    number, slug, plain = workshop.id, row.slug, replace(workshops.values_of(workshop), reminders=None)
    late = replace(plain, days=tuple(Day(date(2025, 12, 3), day.starts, day.ends) for day in plain.days))
    refused: list[str] = []

    def save() -> None:
        with app.app_context():
            try:
                saving.save(number, late, 1, by=STAFF, now=NOW)
            except Refused as refusal:
                refused.extend(refusal.problems)
            finally:
                db.session.remove()

    other = Thread(target=save)
    with transaction():
        service.locked(slug).ends_on = date(2025, 6, 30)
        db.session.flush()
        other.start()
        other.join(0.5)  # long enough for who does not wait; nothing else hangs on it
    other.join()
    end_reading()
    assert (refused, workshops.get(number).days[-1].on) == (["days-0-on"], date(2025, 6, 3))


# Calls ---------------------------------------------------------------------------------------------------------------


def test_calls_do_not_overlap(app: Flask) -> None:
    assert app
    row, today = found(), NOW.date()
    calls.open_call(row.slug, today, today + 30 * DAY, by=STAFF, now=NOW)
    with pytest.raises(Refused) as refused:
        calls.open_call(row.slug, today + 30 * DAY, today + 40 * DAY, by=STAFF, now=NOW)
    calls.open_call(row.slug, today + 31 * DAY, today + 40 * DAY, by=STAFF, now=NOW)
    assert list(refused.value.problems) == ["opens_on"]
    assert [(call.opens_on, call.closes_on) for call in queries.get(row.slug).calls] == [
        (today, today + 30 * DAY),
        (today + 31 * DAY, today + 40 * DAY),
    ]


NOON, NIGHT = datetime(2025, 3, 3, 12, tzinfo=UTC), datetime(2025, 3, 3, 2, tzinfo=UTC)
CLOSED = {
    "open for long, at noon": (date(2025, 2, 1), NOON, date(2025, 3, 2)),
    "at night, when it is yesterday in Bogotá": (date(2025, 2, 1), NIGHT, date(2025, 3, 1)),
    "opened today": (date(2025, 3, 3), NOON, date(2025, 3, 3)),
    "still to come": (date(2025, 3, 4), NOON, None),
}


@pytest.mark.parametrize("case", CLOSED)
def test_a_call_closes_at_once_on_every_clock(lite: Flask, case: str) -> None:
    assert lite
    opens, at, last = CLOSED[case]
    row = found()
    call = calls.open_call(row.slug, opens, date(2025, 5, 1), by=STAFF, now=at)
    number = call.id
    calls.close(row.slug, number, by=STAFF, now=at)
    kept = db.session.get(NetworkCall, number)
    assert (kept.closes_on if kept else None) == last
    with pytest.raises(Missing if kept is None else Refused):
        calls.close(row.slug, number, by=STAFF, now=at + 2 * DAY)


def test_a_period_does_not_end_before_its_call(lite: Flask) -> None:
    assert lite
    row = found()
    calls.open_call(row.slug, date(2026, 5, 1), date(2026, 6, 1), by=STAFF, now=NOW)
    with pytest.raises(Refused) as refused:
        service.save(row.slug, values(ends_on=date(2026, 5, 31)), 1, by=STAFF, now=NOW)
    assert refused.value.problems == {"ends_on": "A call for interest is open until 1 June 2026. Close it first."}


# Documents -----------------------------------------------------------------------------------------------------------


def test_documents_are_https_links_with_a_title_in_some_language(lite: Flask) -> None:
    assert lite
    row = found()
    link = links.add(row.slug, {"es": "Folleto", "en": ""}, "https://icld.se/folleto", by=STAFF, now=NOW)
    assert (links.title_of(link, "sv"), link.titles) == (("Folleto", "es"), {"es": "Folleto"})
    for titles, url, field in (
        ({"sv": "B"}, "http://icld.se/", "url"),
        ({"sv": "B"}, "javascript:alert(1)", "url"),
        ({"sv": ""}, "https://icld.se/", "title_sv"),
        ({"en": "x" * 161}, "https://icld.se/", "title_en"),
    ):
        with pytest.raises(Refused) as refused:
            links.add(row.slug, titles, url, by=STAFF, now=NOW)
        assert list(refused.value.problems) == [field]
    links.remove(row.slug, link.id, by=STAFF, now=NOW)
    with pytest.raises(Missing):
        links.remove(row.slug, link.id, by=STAFF, now=NOW)


# Members -------------------------------------------------------------------------------------------------------------


def test_a_member_joins_leaves_and_joins_again_and_every_time_is_kept(app: Flask) -> None:
    assert app
    row, umea = found(), factories.organisation("SE")
    members.admit(row.slug, umea.id, date(2024, 3, 1), by=STAFF, now=NOW)
    with pytest.raises(Refused):  # it would be a member twice over
        members.admit(row.slug, umea.id, date(2024, 2, 1), by=STAFF, now=NOW)
    (first,) = queries.belonging(row.id)
    members.let_leave(row.slug, first.id, date(2024, 12, 31), by=STAFF, now=NOW)
    members.admit(row.slug, umea.id, date(2025, 2, 1), by=STAFF, now=NOW)
    with pytest.raises(Refused):
        members.let_leave(row.slug, first.id, date(2025, 2, 1), by=STAFF, now=NOW)
    days = (date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 1), date(2025, 2, 1))
    assert [who_belongs(row, on) == [umea] for on in days] == [False, True, False, True]
    assert db.session.scalar(select(func.count()).select_from(NetworkMember)) == 2
    joined = next(entry for entry in audit.entries(service.topic(row), 9) if entry.action == "network.member_joined")
    assert sentence(joined) == f"{umea.name} is a member of the network from 1 February 2025"


def test_nobody_joins_outside_the_period_or_leaves_before_having_joined(lite: Flask) -> None:
    assert lite
    row, umea = found(), factories.organisation("SE")
    for number, on, field in (
        (umea.id, date(2023, 12, 31), "joined_on"),
        (umea.id, date(2027, 1, 1), "joined_on"),
        (0, NOW.date(), "organisation"),
    ):
        with pytest.raises(Refused) as refused:
            members.admit(row.slug, number, on, by=STAFF, now=NOW)
        assert list(refused.value.problems) == [field]
    members.admit(row.slug, umea.id, date(2024, 3, 1), by=STAFF, now=NOW)
    (member,) = queries.belonging(row.id)
    for on in (date(2024, 2, 29), date(2027, 1, 1)):
        with pytest.raises(Refused):
            members.let_leave(row.slug, member.id, on, by=STAFF, now=NOW)
    with pytest.raises(Missing):
        members.let_leave(found().slug, member.id, NOW.date(), by=STAFF, now=NOW)
