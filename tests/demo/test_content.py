"""The demo's data hold together, in every language and whatever the day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.database import db, transaction
from app.demo import content
from app.demo.content import LANGUAGES, Commitment, Text, Workshop
from app.demo.workshops import workshop_row
from app.membership.network.rules import LIMITS
from app.workshops import queries
from app.workshops.checking import problems
from app.workshops.models import SESSION_KINDS
from tests import factories

TODAY = date(2026, 9, 14)
ANY_DAY = [TODAY + timedelta(days=15 * step) for step in range(50)]
WORKSHOPS = {workshop.slug: workshop for workshop in content.workshops()}
PEOPLE = {person.address: person for person in content.people()}
ORGANISATIONS = {organisation.slug: organisation for organisation in content.organisations()}
HALVES = {"SE": "sweden", "CO": "latin_america", "GT": "latin_america"}


def test_there_is_enough_to_fill_every_page() -> None:
    assert len(ORGANISATIONS) >= 15
    assert len(WORKSHOPS) >= 14
    assert len(PEOPLE) >= 80
    assert len(content.registrations()) >= 150


def test_nothing_stands_twice() -> None:
    assert len(PEOPLE) == len(content.people()) == len({person.name for person in content.people()})
    assert len(ORGANISATIONS) == len(content.organisations())
    pairs = Counter((each.workshop, each.person) for each in content.registrations())
    assert [pair for pair, times in pairs.items() if times > 1] == []


def test_addresses_are_lower_case_and_nobodys() -> None:
    for person in content.people():
        assert person.address == person.address.lower()
        assert person.address.isascii()
        assert person.address.endswith(".example")
        if person.organisation:
            assert person.address.endswith(f"@{person.organisation}.example")


def test_every_reference_resolves() -> None:
    network = content.network()
    assert set(network.members) <= set(ORGANISATIONS)
    assert all(person.organisation in ORGANISATIONS or person.guest_of for person in content.people())
    for workshop in content.workshops():
        assert {workshop.host, *workshop.invited} <= set(ORGANISATIONS)
        assert bool(workshop.invited) == (workshop.access == "invited")
    assert {each.workshop for each in content.registrations()} <= set(WORKSHOPS)
    assert {each.person for each in content.registrations()} <= set(PEOPLE)
    for partnership in content.PARTNERSHIPS:
        assert {partnership.left, partnership.right} <= set(network.members)
    assert {waiver.organisation for waiver in content.WAIVERS} <= set(network.members)
    assert {waiver.by for waiver in content.WAIVERS} | set(content.LOG_INS) <= set(PEOPLE)


def test_words_are_among_those_the_tables_know() -> None:
    for person in content.people():
        assert person.lang in LANGUAGES
        assert person.kind in {"official", "politician", None}
        assert person.staff in {"administrator", "officer", "helper", None}
        assert person.organisation_role in ({"member", "coordinator"} if person.organisation else {""})
    for workshop in content.workshops():
        assert workshop.state in {"draft", "published", "postponed", "cancelled"}
        assert workshop.format in {"on_site", "online", "both"}
        assert workshop.access in {"network", "invited", "open"}
        assert workshop.theme in {"representation", "violence", "economy", "services", "urban_planning", "care"}
        assert {workshop.original, *workshop.spoken} <= set(LANGUAGES)
        assert (workshop.first is None) != (workshop.in_days is None)
    assert {each.state for each in content.registrations()} == {"confirmed", "waitlisted", "offered", "cancelled", "requested"}
    assert {workshop.theme for workshop in content.workshops()} >= {"representation", "violence", "economy", "care"}
    assert {workshop.state for workshop in content.workshops()} == {"draft", "published", "postponed", "cancelled"}


def test_every_member_has_one_coordinator_and_both_kinds_of_people() -> None:
    for slug in content.network().members:
        delegation = [person for person in content.people() if person.organisation == slug]
        assert [person.organisation_role for person in delegation].count("coordinator") == 1
        assert {person.kind for person in delegation} == {"official", "politician"}


def test_zones_are_known_and_follow_the_country() -> None:
    zones = {"SE": "Europe/Stockholm", "CO": "America/Bogota", "GT": "America/Guatemala"}
    assert all(organisation.zone == zones[organisation.country] for organisation in content.organisations())
    assert all(workshop.zone == zones[workshop.country] for workshop in content.workshops())
    assert all(ZoneInfo(person.zone) for person in content.people())


def test_the_three_languages_are_complete_save_in_the_draft() -> None:
    for organisation in content.organisations():
        assert all(organisation.names[lang] for lang in LANGUAGES)
    for lang in LANGUAGES:
        said = content.network().texts[lang]
        assert len(said["purpose"]) > 400
        assert {part: 0 < len(said[part]) <= most for part, most in LIMITS.items()} == dict.fromkeys(LIMITS, True)
    for workshop, lang, text in _texts():
        assert text.title
        assert text.summary
        assert bool(text.reason) == (workshop.state in {"cancelled", "postponed"})
        if workshop.state != "draft" or lang == workshop.original:
            assert text.description
            assert text.practical


def test_texts_keep_to_their_lengths() -> None:
    for workshop, lang, text in _texts():
        where = f"{workshop.slug}, {lang}"
        assert len(text.title) <= 120, where
        assert len(text.summary) <= 300, where
        assert len(text.reason) <= 600, where
        assert all(len(session.titles[lang]) <= 160 for session in workshop.sessions), where
        assert not text.description or 80 <= len(text.description.split()) <= 160, where
        assert not text.practical or 40 <= len(text.practical.split()) <= 80, where


def test_texts_are_tidy() -> None:
    for workshop, lang, text in _texts():
        where = f"{workshop.slug}, {lang}"
        sessions = "\n".join(session.titles[lang] for session in workshop.sessions)
        everything = f"{text.title}\n{text.summary}\n{text.description}\n{text.practical}\n{text.reason}\n{sessions}"
        assert "  " not in everything, where
        assert '"' not in everything, where  # each language has quotation marks of its own
        assert "—" not in everything, where
        assert not set("«»¿¡") & set(everything) or lang == "es", where
        assert not text.title.endswith("."), where
        assert text.summary[-1] in ".?", where


def test_titles_and_summaries_are_all_different() -> None:
    titles = Counter((lang, text.title) for _workshop, lang, text in _texts())
    assert max(titles.values()) == 1


def test_a_programme_names_nobody_who_has_an_account_in_a_municipality() -> None:
    """Whoever leads a session stands on a public page; who belongs to a municipality does not."""
    named = {name for workshop in content.workshops() for each in workshop.sessions for name in each.led_by.split(", ")}
    assert named & {person.name for person in content.people()} <= {person.name for person in content.people() if person.staff}
    assert len(named) > 40


def test_every_coming_workshop_has_a_programme_and_some_session_is_of_every_kind() -> None:
    coming = {slug for slug, each in WORKSHOPS.items() if each.state == "published" and (each.in_days or 0) > 0}
    known = {"bogota-2024", "gender-champions-2024", "panajachel-2024", "boras-2024", "barranquilla-2025"}
    for slug in coming | known:
        assert {session.day for session in WORKSHOPS[slug].sessions} == set(range(1, len(WORKSHOPS[slug].hours) + 1)), slug
    assert {session.kind for each in content.workshops() for session in each.sessions} == set(SESSION_KINDS)


def test_open_talks_and_visits_of_a_partnership_are_no_gatherings_of_the_network() -> None:
    assert {each.access for each in content.workshops() if each.in_series} == {"network"}
    assert len([each for each in content.workshops() if each.in_series and each.state == "published"]) >= 9


@pytest.mark.parametrize("today", ANY_DAY[:3], ids=str)
@pytest.mark.parametrize("slug", WORKSHOPS)
def test_what_staff_may_not_do_the_demo_does_not_do_either(lite: Flask, slug: str, today: date) -> None:
    """The rules of a workshop's page find nothing to say about any of them."""
    network, host = factories.network(starts_on=date(2024, 1, 1), ends_on=today + timedelta(days=700)), factories.organisation()
    row = workshop_row(WORKSHOPS[slug], network, host, None, datetime.combine(today, time(8), UTC))
    with transaction():
        db.session.add(row)
    assert problems.find(queries.values_of(queries.get(row.id)), network, datetime.combine(today, time(8), UTC)) == {}


@pytest.mark.parametrize("today", ANY_DAY, ids=str)
def test_every_local_time_exists_once_and_ends_after_it_starts(today: date) -> None:
    for workshop in content.workshops():
        for on, starts, ends in workshop.days(today):
            first, last = datetime.combine(on, starts), datetime.combine(on, ends)
            assert first < last
            for wall in (first, last, *(datetime.combine(*moment) for moment in workshop.window(today))):
                assert _exists_once(wall, workshop.zone), (workshop.slug, wall)


@pytest.mark.parametrize("today", ANY_DAY, ids=str)
def test_what_is_coming_lies_ahead_on_working_days_and_what_was_lies_behind(today: date) -> None:
    for workshop in content.workshops():
        days = [on for on, _starts, _ends in workshop.days(today)]
        assert all(on.weekday() < 5 for on in days), workshop.slug
        (opens, _), (closes, closing) = workshop.window(today)
        assert opens < closes
        assert datetime.combine(closes, closing) < datetime.combine(days[0], workshop.hours[0].starts)
        if workshop.in_days is not None:
            assert (days[0] > today) == (workshop.in_days > 0), workshop.slug
            assert abs((days[0] - today).days - workshop.in_days) <= 27, workshop.slug
        if workshop.in_days is None or workshop.in_days < 0:
            assert days[-1] < today, workshop.slug
    assert WORKSHOPS["before-umea"].days(today)[0][0] < WORKSHOPS["umea"].days(today)[0][0]


@pytest.mark.parametrize("today", ANY_DAY, ids=str)
def test_there_is_always_something_to_register_for(today: date) -> None:
    """The six that are open, and one whose registration has not opened unless the quiet weeks brought it nearer."""
    for slug in ("before-umea", "who-cares-for-the-city", "umea", "bogota-care-blocks", "totonicapan", "numbers-that-show"):
        (opens, _), (closes, _) = WORKSHOPS[slug].window(today)
        assert opens < today < closes, slug
    assert WORKSHOPS["popayan"].window(today)[0][0] > today


def test_easter_and_christmas_are_left_alone() -> None:
    assert WORKSHOPS["umea"].days(date(2026, 11, 28))[0][0] == date(2027, 1, 12)
    assert WORKSHOPS["popayan"].days(date(2026, 12, 16))[0][0] == date(2027, 3, 30)


def test_one_workshop_was_moved_by_whole_weeks() -> None:
    moved = [workshop for workshop in content.workshops() if workshop.moved_from(TODAY)]
    assert [workshop.slug for workshop in moved] == ["numbers-that-show"]
    assert moved[0].moved_from(TODAY) == (date(2026, 9, 23), date(2026, 9, 23))
    assert moved[0].days(TODAY)[0][0] == date(2026, 9, 30)


def test_nobody_sits_on_a_seat_that_is_not_there_and_waits_only_when_full() -> None:
    taken = Counter(each.workshop for each in content.registrations() if each.state in {"confirmed", "offered"})
    waiting = Counter(each.workshop for each in content.registrations() if each.state == "waitlisted")
    assert all(taken[slug] <= workshop.capacity for slug, workshop in WORKSHOPS.items())
    assert dict(waiting) == {"bogota-care-blocks": 4}
    assert taken["bogota-care-blocks"] == WORKSHOPS["bogota-care-blocks"].capacity


def test_registrations_fit_their_workshops() -> None:
    for each in content.registrations():
        workshop, person = WORKSHOPS[each.workshop], PEOPLE[each.person]
        assert workshop.state != "draft"
        assert workshop.slug != "popayan"  # registration has not opened yet
        assert set(each.attended) <= set(range(1, len(workshop.hours) + 1))
        assert list(each.attended) == sorted(set(each.attended))
        if each.attended:
            assert each.state == "confirmed"
            assert workshop.first or (workshop.in_days or 0) < 0
        if workshop.access == "network":
            assert person.organisation in content.network().members
        if workshop.access == "invited":
            assert person.organisation in workshop.invited


@pytest.mark.parametrize("today", ANY_DAY, ids=str)
def test_the_commitment_shows_every_state(today: date) -> None:
    then, now = content.commitments(today)
    assert then.ends_on < now.starts_on
    past, present = _states(0, then, today), _states(1, now, today)
    assert Counter(past.values()) == {"met": 25, "missed": 4, "waived": 1}
    assert set(present.values()) == {"met", "booked", "open", "at risk", "waived"}
    assert present["panajachel", "sweden"] == "at risk"
    assert present["lessebo", "latin_america"] == "open"
    assert (present["popayan", "latin_america"], present["popayan", "sweden"]) == ("met", "met")


def test_the_partnership_goes_from_preparation_to_project() -> None:
    (partnership,) = content.PARTNERSHIPS
    assert (partnership.left, partnership.right, partnership.area) == ("bogota", "umea", "urban_planning")
    phases = [partnership.phase(date(year, 6, 1)) for year in (2025, 2026, 2028, 2029)]
    assert phases == ["preparation", "project", "project", "ended"]


def test_the_known_events_stand_on_their_days() -> None:
    starts = {
        slug: datetime.combine(*WORKSHOPS[slug].days(TODAY)[0][:2], ZoneInfo(WORKSHOPS[slug].zone)).astimezone(UTC)
        for slug in ("bogota-2024", "gender-champions-2024", "panajachel-2024", "boras-2024", "barranquilla-2025")
    }
    assert starts == {
        "bogota-2024": datetime(2024, 3, 18, 14, tzinfo=UTC),
        "gender-champions-2024": datetime(2024, 3, 19, 21, tzinfo=UTC),
        "panajachel-2024": datetime(2024, 6, 3, 15, tzinfo=UTC),
        "boras-2024": datetime(2024, 9, 16, 7, tzinfo=UTC),
        "barranquilla-2025": datetime(2025, 11, 18, 13, 30, tzinfo=UTC),
    }


def _texts() -> Iterator[tuple[Workshop, str, Text]]:
    for workshop in content.workshops():
        for lang, text in workshop.texts.items():
            yield workshop, lang, text


def _exists_once(wall: datetime, zone: str) -> bool:
    early, late = (wall.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    return early.utcoffset() == late.utcoffset()


def _states(number: int, rule: Commitment, today: date) -> dict[tuple[str, str], str]:
    """Each organisation's two halves, counted in the simplest way that the data must bear: at risk within 35 days."""
    waived = {(each.organisation, each.half) for each in content.WAIVERS if each.commitment == number}
    return {
        (member, half): "waived" if (member, half) in waived else _state(member, half, rule, today)
        for member in content.network().members
        for half in ("latin_america", "sweden")
    }


def _state(member: str, half: str, rule: Commitment, today: date) -> str:
    counted = [
        workshop
        for workshop in content.workshops()
        if workshop.state == "published"
        and workshop.format != "online"
        and HALVES[workshop.country] == half
        and rule.starts_on <= workshop.days(today)[0][0] <= rule.ends_on
    ]
    mine = [each for each in content.registrations() if PEOPLE[each.person].organisation == member]
    for workshop in counted:
        if any(each.attended for each in mine if each.workshop == workshop.slug):
            return "met"
    ahead = [workshop for workshop in counted if workshop.days(today)[0][0] > today]
    for workshop in ahead:
        if any(each.state == "confirmed" for each in mine if each.workshop == workshop.slug):
            return "booked"
    chances = [workshop.window(today)[1][0] for workshop in ahead if workshop.window(today)[1][0] > today]
    if not chances:
        return "missed"
    return "open" if (max(chances) - today).days > 35 else "at risk"


def test_the_recurring_texts_are_whole_in_every_language() -> None:
    texts = content.recurring_texts()
    assert len(texts) == 3
    for text in texts:
        assert text.original in LANGUAGES
        assert [bool(name and body) for name, body in (text.words[lang] for lang in LANGUAGES)] == [True, True, True]
        assert max(len(body) for _name, body in text.words.values()) <= 3000
