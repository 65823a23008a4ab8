"""Sessions and documents: what they may not be, and that a session stays the same entry in calendars whatever happens to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.database import db
from app.errors import Refused
from app.languages import switch
from app.organisations.models import Network
from app.workshops import queries, service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop, WorkshopSession
from app.workshops.rules import MOST_DOCUMENTS, MOST_SESSIONS
from app.workshops.showing import entries
from app.workshops.values import Document, Session, Values
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.workshops.made import KARIN, REASONS, day, heard, session, values

LATER = NOW + timedelta(hours=1)
Change = Callable[[Values], Values]


@pytest.fixture
def network(app: Flask) -> Network:
    assert app
    switch("en")
    return factories.network(factories.organisation("CO"), factories.organisation("SE"))


@pytest.fixture
def published(network: Network) -> Workshop:
    """Two days with two sessions each."""
    programme = (session("Welcome"), session("Lunch", 12, 13, kind="meal"), session("Walk", day=1), session("Closing", 14, 16, day=1))
    workshop = service.save_draft(values(network, sessions=programme), by=KARIN, now=NOW)
    return acts.publish(workshop.id, by=KARIN, now=NOW)


def saved(workshop: Workshop, change: Change, now: datetime = LATER) -> Workshop:
    """The workshop after a change of what staff typed."""
    row = queries.get(workshop.id)
    service.save(row.id, change(queries.values_of(row)), row.version, by=KARIN, now=now)
    return queries.get(workshop.id)


def with_session(place: int, **changes: Any) -> Change:
    """A change of one session."""

    def change(before: Values) -> Values:
        found = list(before.sessions)
        found[place] = replace(found[place], **changes)
        return replace(before, sessions=tuple(found))

    return change


def shown(workshop: Workshop) -> dict[str, tuple[str, int, datetime]]:
    """{title: UID, SEQUENCE and DTSTAMP} of every session's entry."""
    return {entry.summary: (entry.uid, entry.sequence, entry.changed) for entry in entries.sessions(workshop, "en")}


BAD: list[Any] = [
    pytest.param([session("A"), session("B", 10, 12)], {"sessions-1-room": "“B”: Room 1 is taken by “A” at that time"}, id="one room"),
    pytest.param(
        [session("A", room="Salón 1"), session("B", room="salon  1")],
        {"sessions-1-room": "“B”: Salón 1 is taken by “A” at that time"},
        id="one room in other letters",
    ),
    pytest.param(
        [session("Late", 10, 12), session("Early", 9, 11)],
        {"sessions-0-room": "“Late”: Room 1 is taken by “Early” at that time"},
        id="the later one is named",
    ),
    pytest.param(
        [session("A", 8, 10)], {"sessions-0-starts": "“A” lies outside the hours of 3 June 2025, which are 09:00 to 16:00"}, id="too early"
    ),
    pytest.param(
        [session("A", 15, 17)], {"sessions-0-ends": "“A” lies outside the hours of 3 June 2025, which are 09:00 to 16:00"}, id="too late"
    ),
    pytest.param([session("A", 12, 12)], {"sessions-0-ends": "“A”: the end must be later than the start"}, id="it ends as it starts"),
    pytest.param([session("A", 12, 10)], {"sessions-0-ends": "“A”: the end must be later than the start"}, id="it ends first"),
    pytest.param([session("A", day=2)], {"sessions-0-day": "“A”: choose its day"}, id="a third day of two"),
    pytest.param([session("A", day=-1)], {"sessions-0-day": "“A”: choose its day"}, id="the day before the first"),
    pytest.param([session("A", kind="party")], {"sessions-0-kind": "“A”: choose the kind from the list"}, id="an unknown kind"),
    pytest.param(
        [replace(session("A"), titles=())],
        {"sessions-0-title_sv": "Enter what the session is called, in at least one language"},
        id="no name",
    ),
    pytest.param(
        [session(f"No {place}", room="") for place in range(MOST_SESSIONS + 1)],
        {"sessions-0-starts": "A programme has at most 80 sessions"},
        id="too many",
    ),
]


@pytest.mark.parametrize(("programme", "found"), BAD)
def test_what_a_programme_may_not_be_is_said_beside_the_field(network: Network, programme: list[Session], found: dict[str, str]) -> None:
    with pytest.raises(Refused) as refusal:
        service.save_draft(values(network, sessions=tuple(programme)), by=KARIN, now=NOW)

    assert {name: words.partition(". ")[0] for name, words in refusal.value.problems.items()} == found
    assert db.session.scalars(select(WorkshopSession)).all() == []


@pytest.mark.parametrize(
    "programme",
    [
        pytest.param([session("A"), session("B", room="Room 2")], id="two rooms at once"),
        pytest.param([session("A", room=""), session("B", room="")], id="two at once, the rooms not known"),
        pytest.param([session("A", 9, 10), session("B", 10, 11)], id="one after the other in one room"),
        pytest.param([session("A"), session("A", day=1)], id="the same hour of two days"),
        pytest.param([session("A", 9, 16)], id="from the first minute to the last"),
        pytest.param([session(f"No {place}", room="") for place in range(MOST_SESSIONS)], id="as many as there may be"),
    ],
)
def test_what_a_programme_may_be_is_saved_word_for_word(network: Network, programme: list[Session]) -> None:
    workshop = service.save_draft(values(network, sessions=tuple(programme)), by=KARIN, now=NOW)

    assert sorted(queries.values_of(queries.get(workshop.id)).sessions) == sorted(programme)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2025, 3, 30), "clocks in Stockholm are put forward and skip 02:30 on 30 March 2025"),
        (date(2025, 10, 26), "clocks in Stockholm are put back and show 02:30 twice on 26 October 2025"),
    ],
    ids=["an hour that does not exist", "an hour that exists twice"],
)
def test_hours_within_the_day_must_be_real_ones(network: Network, on: date, words: str) -> None:
    night = replace(day(3), on=on, starts=time(1), ends=time(9))
    walk = replace(session("Walk"), starts=time(2, 30), ends=time(4))

    with pytest.raises(Refused) as refusal:
        service.save_draft(values(network, zone="Europe/Stockholm", days=(night,), sessions=(walk,)), by=KARIN, now=NOW)

    assert refusal.value.problems == {"sessions-0-starts": f"“Walk”: {words}. The nearest times that work are 01:59 and 03:00"}


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (Document("", "https://icld.se/"), "title"),
        (Document("Report", ""), "url"),
        (Document("Report", "http://icld.se/"), "url"),
        (Document("Report", "javascript:alert(1)"), "url"),
        (Document("Report", "https://"), "url"),
        (Document("Report", "HTTPS://icld.se/"), "url"),
        (Document("Report", "https://karin:secret@icld.se/"), "url"),
        (Document("Report", "https://icld.se/a b"), "url"),
        (Document("Report", "data:text/html,x"), "url"),
        (Document("Report", "https://icld.se/", "de"), "lang"),
    ],
)
def test_a_document_is_a_named_https_link(network: Network, document: Document, field: str) -> None:
    good = Document("ICLD", "https://icld.se/", "sv")

    with pytest.raises(Refused) as refusal:
        service.save_draft(values(network, documents=(good, document)), by=KARIN, now=NOW)

    assert set(refusal.value.problems) == {f"documents-1-{field}"}


def test_documents_are_kept_in_their_order_and_not_more_than_twenty(network: Network) -> None:
    many = tuple(Document(f"No {place}", "https://icld.se/", None) for place in range(MOST_DOCUMENTS))
    workshop = service.save_draft(values(network, documents=many), by=KARIN, now=NOW)
    assert queries.values_of(queries.get(workshop.id)).documents == many

    turned = saved(workshop, lambda before: replace(before, documents=many[::-1]))

    assert queries.values_of(turned).documents == many[::-1]
    with pytest.raises(Refused, match="A workshop has at most 20 documents"):
        service.save_draft(values(network, documents=(*many, many[0])), by=KARIN, now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"starts": time(10)}, id="hours"),
        pytest.param({"room": "Room 9"}, id="room"),
        pytest.param({"day": 1, "room": "Room 9"}, id="day and room"),
    ],
)
def test_a_session_that_moves_keeps_its_uid_and_calendars_are_told(published: Workshop, change: dict[str, Any]) -> None:
    before = shown(published)

    after = shown(saved(published, with_session(0, **change)))

    (uid, sequence, _stamp) = before["Welcome"]
    assert after.pop("Welcome") == (uid, sequence + len(change), LATER)
    assert after.items() <= before.items()


@pytest.mark.parametrize(
    "change", [{"titles": (("en", "Welcome"), ("sv", "Hej"))[::-1]}, {"facilitators": "Luz Muñoz"}, {"kind": "panel"}, {"spoken": ("es",)}]
)
def test_other_words_move_the_stamp_of_a_session_and_not_its_sequence(published: Workshop, change: dict[str, Any]) -> None:
    before = shown(published)

    after = shown(saved(published, with_session(0, **change)))

    (uid, sequence, _stamp) = before["Welcome"]
    assert after.pop("Welcome") == (uid, sequence, LATER)
    assert after.items() <= before.items()


def test_the_programme_changes_no_byte_of_the_days(published: Workshop) -> None:
    before = entries.daily(published, "en")

    workshop = saved(published, with_session(0, starts=time(10), room="Room 9"))

    assert entries.daily(workshop, "en") == before
    assert workshop.sequence == 0


def test_a_moved_day_takes_its_sessions_along(published: Workshop) -> None:
    before = shown(published)

    def turned(typed: Values) -> Values:
        """As the form sends it: sessions name the place of their day in the days' order."""
        days = (typed.days[1], replace(typed.days[0], on=date(2025, 6, 10)))
        return replace(typed, days=days, sessions=tuple(replace(one, day=1 - one.day) for one in typed.sessions))

    workshop = saved(published, turned)

    assert [(row.on, [one.titles["en"].title for one in row.sessions]) for row in workshop.days] == [
        (date(2025, 6, 4), ["Walk", "Closing"]),
        (date(2025, 6, 10), ["Welcome", "Lunch"]),
    ]
    after = shown(workshop)
    assert after["Welcome"] == (before["Welcome"][0], 1, LATER)
    assert after["Walk"] == (before["Walk"][0], 0, LATER)  # the day is now the first of two
    assert [one.starts_at for one in workshop.days[1].sessions] == [datetime.fromisoformat(f"2025-06-10T{at}:00+00:00") for at in (14, 17)]


def test_a_day_put_before_others_is_no_change_of_the_programme(app: Flask, published: Workshop) -> None:
    with heard(app) as news:
        saved(published, lambda typed: replace(typed, days=(day(2), *typed.days), sessions=tuple(map(a_day_later, typed.sessions))))

    assert [(name, facts.get("changed")) for name, facts in news] == [("workshop_moved", None)]


def a_day_later(one: Session) -> Session:
    return replace(one, day=one.day + 1)


def test_sessions_of_a_day_that_is_taken_away_go_with_it(published: Workshop) -> None:
    workshop = saved(published, lambda typed: replace(typed, days=typed.days[:1], sessions=typed.sessions[:2]))

    assert set(shown(workshop)) == {"Welcome", "Lunch"}
    assert len(db.session.scalars(select(WorkshopSession)).all()) == 2


@pytest.mark.parametrize("on", [0, 1])
def test_a_session_saved_from_a_day_that_is_taken_away_keeps_its_uid(published: Workshop, on: int) -> None:
    before = shown(saved(published, lambda typed: replace(typed, days=(typed.days[0], replace(typed.days[1], starts=time(8))))))
    new_day = (day(9),) if on else ()

    workshop = saved(
        published,
        lambda typed: replace(
            typed, days=(typed.days[0], *new_day)[: on + 1], sessions=(*typed.sessions[:2], replace(typed.sessions[3], day=on))
        ),
        LATER + timedelta(hours=1),
    )

    uid, sequence, _stamp = shown(workshop)["Closing"]
    assert uid == before["Closing"][0]
    assert sequence > before["Closing"][1]
    assert "Walk" not in shown(workshop)


def test_no_sequence_ever_falls_and_no_stamp_goes_back(published: Workshop) -> None:
    """Days that were moved often have a high sequence; a session that leaves them brings it along."""
    changes: list[Change] = [
        lambda typed: replace(typed, days=(replace(typed.days[0], ends=time(17)), typed.days[1])),
        lambda typed: replace(typed, days=(replace(typed.days[0], ends=time(18)), typed.days[1])),
        with_session(0, day=1, room="Room 9"),
        with_session(2, day=0, room="Room 9"),
        lambda typed: replace(typed, venue="Biblioteca"),
        with_session(1, room=""),
    ]
    before = shown(published)
    for step, change in enumerate(changes, 1):
        after = shown(saved(published, change, NOW + timedelta(hours=step)))
        assert all(after[name][0] == before[name][0] for name in before)
        assert all(after[name][1:] >= before[name][1:] and after[name][2] >= before[name][2] for name in before)
        before = after


def test_a_cancelled_workshop_marks_each_of_its_sessions(published: Workshop) -> None:
    before = shown(published)
    acts.cancel(published.id, REASONS, by=KARIN, now=LATER)

    found = entries.sessions(queries.get(published.id), "en")

    assert {entry.summary.partition(": ")[0] for entry in found} == {"CANCELLED"}
    assert [entry.sequence for entry in found] == [sequence + 1 for _uid, sequence, _stamp in before.values()]


def test_saving_a_programme_as_it_is_does_nothing(app: Flask, published: Workshop) -> None:
    with heard(app) as news:
        workshop = saved(published, lambda typed: replace(typed, sessions=typed.sessions[::-1]))

    assert (news, workshop.version) == ([], published.version)


def test_a_draft_can_change_its_programme_without_raising_anything(network: Network) -> None:
    draft = service.save_draft(values(network, sessions=(session("Welcome"),)), by=KARIN, now=NOW)

    saved(draft, with_session(0, starts=time(10), room="Room 9"))

    assert db.session.scalars(select(WorkshopSession.sequence)).all() == [0]


def test_reading_a_programme_of_sixty_sessions_asks_no_more_than_one_of_one(app: Flask, network: Network) -> None:
    asked, whole = [], values(network)
    for number in (1, 60):
        many = tuple(session(f"No {place}", room="", day=place % 2) for place in range(number))
        slug = acts.publish(service.save_draft(replace(whole, sessions=many), by=KARIN, now=NOW).id, by=KARIN, now=NOW).slug
        db.session.expunge_all()
        with counted(app) as seen:
            queries.values_of(queries.get_public(slug))
        asked.append(len(seen))

    assert asked[0] == asked[1] <= 8
