"""A copy is a draft on other days, with the parts that are wanted and nothing that belongs to people or calendars."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from app.audit.queries import entries
from app.database import db
from app.errors import Missing, Refused
from app.languages import switch
from app.organisations.models import Network
from app.workshops import above, queries, service
from app.workshops.acts import service as acts
from app.workshops.acts.copying import PARTS, copy
from app.workshops.models import Workshop
from app.workshops.rules import LANGUAGES
from app.workshops.values import Document, Hold, Text, Values
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.workshops.made import KARIN, day, session, values

LATER = NOW + timedelta(hours=1)
FIRST = date(2025, 9, 16)  # 105 days after the third of June
OUTSIDE = "is outside the period of the network Network en, which is 1 January 2024 to 31 December 2026"
date_time = datetime.fromisoformat  # a time on a wall has no offset


def whole(network: Network, **changes: Any) -> Values:
    """A workshop that has everything, on the 3rd and 5th of June."""
    facts: dict[str, Any] = {
        "texts": {lang: Text(f"Ciudad segura ({lang})", "Summary.", "Description.", "Practical.") for lang in LANGUAGES},
        "days": (day(3), day(5, 8, 12)),
        "sessions": (session("Welcome"), session("Closing", 8, 12, day=1, spoken=("es",), interpreted=("sv",))),
        "documents": (Document("ICLD", "https://icld.se/", "sv"),),
        "organisation_id": network.members[0].organisation_id,
        "latitude": 4.6,
        "longitude": -74.1,
        "join_url": "https://video.example/1",
        "opens": date_time("2025-04-01T09:00"),
        "closes": date_time("2025-05-20T17:00"),
        "letters": date_time("2025-05-05T23:59"),
        "in_series": True,
        "reminders": ("hours:1",),
    }
    return values(network, **(facts | changes))


@pytest.fixture
def network(app: Flask) -> Network:
    assert app
    switch("en")
    return factories.network(factories.organisation("CO"), factories.organisation("SE"))


@pytest.fixture
def source(network: Network) -> Workshop:
    draft = service.save_draft(whole(network), by=KARIN, now=NOW)
    return acts.publish(draft.id, by=KARIN, now=NOW)


def typed(workshop: Workshop) -> Values:
    """What a copy says, without the numbers of its rows, and with its own reminders."""
    row = queries.get(workshop.id)
    found = queries.values_of(row)
    days = tuple(replace(one, id=None) for one in found.days)
    return replace(found, days=days, reminders=tuple(above.reminders_of(row)))


def test_a_whole_copy_says_the_same_so_many_days_later(network: Network, source: Workshop) -> None:
    made = copy(source.id, FIRST, PARTS, by=KARIN, now=LATER)

    days = (replace(day(3), on=FIRST), replace(day(5, 8, 12), on=date(2025, 9, 18)))
    window = {"opens": date_time("2025-07-15T09:00"), "closes": date_time("2025-09-02T17:00")}
    window["letters"] = date_time("2025-08-18T23:59")
    assert typed(made) == whole(network, days=days, **window)
    assert (made.state, made.taken, made.sequence, made.published_at) == ("draft", 0, 0, None)


def test_a_copy_is_another_entry_in_every_calendar(source: Workshop) -> None:
    made = copy(source.id, FIRST, PARTS, by=KARIN, now=LATER)

    rows = [queries.get(row.id) for row in (source, made)]
    names = [{row.uid, *(one.uid for one in row.days), *(s.uid for one in row.days for s in one.sessions)} for row in rows]
    assert [len(found) for found in names] == [5, 5]
    assert names[0].isdisjoint(names[1])
    assert rows[0].slug != rows[1].slug


BARE: dict[str, Any] = {"documents": (), "sessions": (), "reminders": ()}
BARE |= {"organisation_id": None, "venue": "", "latitude": None, "longitude": None, "join_url": ""}
BARE |= {
    "capacity": 0,
    "opens": None,
    "closes": None,
    "letters": None,
    "texts": {lang: Text(f"Ciudad segura ({lang})") for lang in LANGUAGES},
}
OF_PART = {
    "texts": ("texts",),
    "programme": ("sessions",),
    "place": ("organisation_id", "venue", "latitude", "longitude", "join_url"),
    "registration": ("capacity", "opens", "closes", "letters"),
    "documents": ("documents",),
    "reminders": ("reminders",),
}


@pytest.mark.parametrize("part", [*PARTS, "none"])
def test_each_part_comes_alone(network: Network, source: Workshop, part: str) -> None:
    everything = whole(network)
    kept = {name: getattr(everything, name) for name in OF_PART.get(part, ())}

    made = copy(source.id, date(2025, 6, 3), [part] if part in PARTS else [], by=KARIN, now=LATER)

    assert typed(made) == replace(everything, **(BARE | kept))


def test_held_seats_come_with_the_seats_as_many_days_before_it_begins(network: Network, source: Workshop) -> None:
    umea = network.members[1].organisation_id
    saved = queries.values_of(queries.get(source.id))
    holds = (Hold(umea, 3, date(2025, 5, 20)),)
    service.save(source.id, replace(saved, holds=holds), queries.get(source.id).version, by=KARIN, now=NOW)

    made = copy(source.id, FIRST, PARTS, by=KARIN, now=LATER)
    without = copy(source.id, FIRST, [part for part in PARTS if part != "holds"], by=KARIN, now=LATER)

    assert typed(made).holds == (Hold(umea, 3, date(2025, 9, 2)),)
    assert (made.taken, typed(without).holds, without.taken) == (3, (), 0)


def test_a_copy_has_one_line_in_its_history(source: Workshop) -> None:
    made = copy(source.id, FIRST, PARTS, by=KARIN, now=LATER)

    actions = [entry.action for entry in entries(f"workshop:{made.id}") if entry.action.startswith("workshop.")]
    assert actions == ["workshop.copied"]


def test_the_source_stays_as_it_is_and_the_copy_says_where_it_comes_from(source: Workshop) -> None:
    before = queries.get(source.id).version

    made = copy(source.id, FIRST, PARTS, by=KARIN, now=LATER)

    assert queries.get(source.id).version == before
    assert (made.created_at, made.slug) == (LATER, "ciudad-segura-es-2")


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (
            date(2027, 1, 1),
            "Day 1: 1 January 2027 is outside the period of the network Network en, which is 1 January 2024 to 31 December 2026",
        ),
        (
            date(2026, 12, 30),
            "Day 2: 1 January 2027 is outside the period of the network Network en, which is 1 January 2024 to 31 December 2026",
        ),
        (date.max, "Enter a real day"),
        (date.min, "Enter a real day"),
    ],
)
def test_days_that_cannot_be_are_refused_and_nothing_is_made(source: Workshop, first: date, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        copy(source.id, first, PARTS, by=KARIN, now=LATER)

    assert words in refusal.value.problems.values()
    assert len(queries.all_for_staff(NOW)) == 1


def test_hours_that_the_new_days_do_not_have_are_refused(network: Network) -> None:
    night = (replace(day(3), starts=time(1)),)
    walk = (replace(session("Walk"), starts=time(2, 30)),)
    facts = {"zone": "Europe/Stockholm", "days": night, "sessions": walk, "opens": None, "closes": None, "letters": None}
    source = service.save_draft(whole(network, **facts), by=KARIN, now=NOW)

    with pytest.raises(Refused, match="clocks in Stockholm are put back and show 02:30 twice"):
        copy(source.id, date(2025, 10, 26), PARTS, by=KARIN, now=LATER)

    assert copy(source.id, date(2025, 10, 26), ["texts"], by=KARIN, now=LATER).days


def test_a_button_pressed_five_times_at_once_makes_five_copies(app: Flask, source: Workshop) -> None:
    number, slug, together = source.id, source.slug, Barrier(5)
    db.session.remove()

    def one(_press: int) -> str:
        with app.app_context():
            together.wait()
            return copy(number, FIRST, PARTS, by=KARIN, now=LATER).slug

    with ThreadPoolExecutor(5) as pool:
        slugs = sorted(pool.map(one, range(5)))
    assert slugs == [f"{slug}-{place}" for place in range(2, 7)]


def test_a_workshop_without_days_is_copied_without_days(network: Network) -> None:
    source = service.save_draft(whole(network, days=(), sessions=()), by=KARIN, now=NOW)

    made = copy(source.id, None, PARTS, by=KARIN, now=LATER)

    assert (made.days, made.opens_at) == ([], source.opens_at)


def test_what_is_not_there_cannot_be_copied(network: Network) -> None:
    with pytest.raises(Missing):
        copy(99, FIRST, PARTS, by=KARIN, now=NOW)


@pytest.fixture
def staff(lite: Flask, clock: Callable[[datetime], Any]) -> Any:
    """A programme officer's browser, at NOW."""
    switch("en")
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        yield visitor.signed_in(factories.person(staff="officer"))


@pytest.fixture
def old(lite: Flask) -> Workshop:
    network = factories.network(factories.organisation("CO"))
    return service.save_draft(whole(network), by=KARIN, now=NOW)


def test_staff_copy_on_a_page_and_come_to_the_new_draft(staff: Visitor, old: Workshop) -> None:
    url = f"/en/staff/workshops/{old.id}/copy"

    page = staff.get(url).get_data(as_text=True)
    answer = staff.post(url, data={"first": "2025-09-16", "parts": ["texts", "programme"]}, follow_redirects=True)

    assert page.count("<input checked") == len(PARTS)
    assert "The original: 3–5 June." in page
    words = answer.get_data(as_text=True)
    assert "The copy is made. Check what has to be different." in words
    assert 'value="2025-09-18"' in words
    assert "Made as a copy of “Ciudad segura (en)”" in words


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("", "Enter the first day of the copy"),
        ("tomorrow", "Enter a real date, such as 2026-06-03"),
        ("2025-02-30", "Enter a real date, such as 2026-06-03"),
        ("2031-01-01", "is outside the period of the network"),
        ("9999-12-31", "Enter a real day"),
    ],
)
def test_a_first_day_that_cannot_be_is_said_beside_its_field_and_kept(staff: Visitor, old: Workshop, first: str, words: str) -> None:
    answer = staff.post(f"/en/staff/workshops/{old.id}/copy", data={"first": first, "parts": ["documents"]})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert 'id="first-error"' in page
    assert f'value="{first}"' in page
    assert page.count("<input checked") == 1
    assert len(queries.all_for_staff(NOW)) == 1


def test_held_seats_without_seats_are_refused_in_words(staff: Visitor, old: Workshop) -> None:
    answer = staff.post(f"/en/staff/workshops/{old.id}/copy", data={"first": "2025-09-16", "parts": ["holds", "texts"]})

    assert answer.status_code == 422
    assert "Held seats need seats" in answer.get_data(as_text=True)
    assert len(queries.all_for_staff(NOW)) == 1


def test_an_unknown_part_is_refused(staff: Visitor, old: Workshop) -> None:
    answer = staff.post(f"/en/staff/workshops/{old.id}/copy", data={"first": "2025-09-16", "parts": ["people"]})

    assert answer.status_code == 422
    assert 'id="parts-error"' in answer.get_data(as_text=True)


def test_the_copy_of_a_workshop_without_days_asks_for_no_day(staff: Visitor, old: Workshop) -> None:
    bare = service.save_draft(replace(queries.values_of(old), days=(), sessions=()), by=KARIN, now=NOW)
    url = f"/en/staff/workshops/{bare.id}/copy"

    assert 'name="first"' not in staff.get(url).get_data(as_text=True)
    assert staff.post(url, data={"parts": ["texts"]}).status_code == 303
