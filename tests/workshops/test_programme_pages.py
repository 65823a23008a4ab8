"""The programme on staff's page, where rows are added and taken away without a script, and on the pages that anybody reads."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.database import db
from app.languages import switch
from app.organisations.models import Network
from app.workshops import above, queries, service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from app.workshops.rules import MOST_SESSIONS
from app.workshops.values import Document, Hold, Session
from tests import factories
from tests.conftest import Visitor, counted
from tests.factories import NOW
from tests.questions.made import asked
from tests.workshops.made import KARIN, session, values

URL = "/en/staff/workshops/new"
Clock = Callable[[datetime], Any]
Fields = dict[str, Any]
WELCOME: Fields = {
    "sessions-0-day": "0",
    "sessions-0-title_es": "Bienvenida",
    "sessions-0-starts": "09:00",
    "sessions-0-ends": "10:30",
    "sessions-0-kind": "ceremony",
    "sessions-0-room": "Auditorio",
    "sessions-0-facilitators": "Luz Muñoz",
    "sessions-0-spoken": ["es"],
    "sessions-0-interpreted": ["sv", "en"],
}
ICLD: Fields = {"documents-0-title": "ICLD", "documents-0-url": "https://icld.se/", "documents-0-lang": "sv"}


@pytest.fixture
def network(lite: Flask) -> Network:
    assert lite
    switch("en")
    return factories.network(factories.organisation("CO"))


@pytest.fixture
def staff(lite: Flask, clock: Clock) -> Any:
    """A programme officer's browser, at NOW."""
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        yield visitor.signed_in(factories.person(staff="officer"))


@pytest.fixture
def fields(network: Network) -> Fields:
    """A draft of two days with one session and one document, as its form sends it."""
    facts: Fields = {"act": "draft", "original_lang": "es", "network": str(network.id), "zone": "America/Bogota", "format": "on_site"}
    facts |= {"access": "network", "reminder_choice": "usual", "title_es": "Ciudad segura", "spoken": ["es", "sv"]}
    for number, on in enumerate(("2025-06-03", "2025-06-04")):
        facts |= {f"days-{number}-on": on, f"days-{number}-starts": "09:00", f"days-{number}-ends": "16:00"}
    return facts | WELCOME | ICLD


def text_of(answer: TestResponse) -> str:
    return unescape(answer.get_data(as_text=True))


def kept(page: str) -> Fields:
    """What the rows of the form hold, by name, but for what is empty or not chosen."""
    found: Fields = {}
    for element in re.findall(r"<input [^>]*>", page):
        names = dict(re.findall(r'(\w+)="([^"]*)"', element))
        name, value = names.get("name", ""), names.get("value", "")
        if not re.match(r"(sessions|documents|days)-", name) or not value:
            continue
        if names.get("type") != "checkbox":
            found[name] = value
        elif " checked" in element:
            found[name] = [*found.get(name, []), value]
    for name, options in re.findall(r'<select [^>]*name="((?:sessions|documents)-[^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        if chosen := re.search(r'<option selected value="([^"]+)"', options):
            found[name] = chosen[1]
    return found


def only(workshop_of: int | None = None) -> Workshop:
    (row,) = queries.all_for_staff(NOW)
    return queries.get(workshop_of or row.id)


def nothing_saved() -> bool:
    return len(queries.all_for_staff(NOW)) == 0


def test_a_programme_is_saved_as_it_was_typed(staff: Visitor, fields: Fields) -> None:
    assert staff.post(URL, data=fields).status_code == 303

    found = queries.values_of(only())
    starts, ends = (datetime.fromisoformat(f"2025-06-03T{at}").time() for at in ("09:00", "10:30"))
    wanted = Session(0, starts, ends, (("es", "Bienvenida"),), "ceremony", "Auditorio", "Luz Muñoz", ("es",), ("sv", "en"))
    assert (found.sessions, found.documents) == ((wanted,), (Document("ICLD", "https://icld.se/", "sv"),))


@pytest.mark.parametrize(
    ("act", "gone", "new"),
    [
        ("add_session:1", "", {"sessions-1-day": "1", "sessions-1-starts": "09:00", "sessions-1-kind": "talk"}),
        ("add_session:0", "", {"sessions-1-day": "0", "sessions-1-starts": "10:30", "sessions-1-kind": "talk"}),
        ("add_document", "", {}),
        ("add_day", "", {}),
        ("remove_session:0", "sessions-0-", {}),
        ("remove_document:0", "documents-0-", {}),
        ("remove_session:7", "", {}),
    ],
)
def test_a_rows_button_saves_nothing_and_keeps_all_else(staff: Visitor, fields: Fields, act: str, gone: str, new: Fields) -> None:
    answer = staff.post(URL, data=fields | {"act": act, "capacity": "about"})

    page = text_of(answer)
    rows = {name: value for name, value in fields.items() if re.match(r"(sessions|documents|days)-", name)}
    stay = {name: value for name, value in rows.items() if not (gone and name.startswith(gone))}
    new = new | ({new_name: ["es", "sv"] for new_name in ["sessions-1-spoken"]} if "sessions-1-day" in new else {})
    assert answer.status_code == 200
    assert kept(page) == stay | new
    assert 'value="about"' in page
    assert "field-wrong" not in page
    assert nothing_saved()


def test_the_row_just_added_stands_open_and_is_where_the_page_opens(staff: Visitor, fields: Fields) -> None:
    before = text_of(staff.post(URL, data=fields | {"act": "remove_document:0"}))

    page = text_of(staff.post(URL, data=fields | {"act": "add_session:1"}))

    assert 'formaction="#sessions-1"' in before
    assert '<details class="session" id="sessions-1" open>' in page
    assert '<details class="session" id="sessions-0">' in page


def test_no_more_rows_are_added_than_there_may_be(staff: Visitor, fields: Fields) -> None:
    many = {f"sessions-{number}-{part}": value for number in range(MOST_SESSIONS) for part, value in (("day", "0"), ("starts", "09:00"))}

    page = text_of(staff.post(URL, data=fields | many | {"act": "add_session:0"}))

    assert page.count('<details class="session"') == MOST_SESSIONS


def test_a_session_moves_to_another_day_and_stays_the_same_row(staff: Visitor, fields: Fields) -> None:
    staff.post(URL, data=fields)
    row = only()
    mine = {"days-0-id": str(row.days[0].id), "days-1-id": str(row.days[1].id), "sessions-0-id": str(row.days[0].sessions[0].id)}
    uid = row.days[0].sessions[0].uid

    answer = staff.post(f"/en/staff/workshops/{row.id}/", data=fields | mine | {"sessions-0-day": "1", "version": "1"})

    assert answer.status_code == 303
    assert [[one.uid for one in day.sessions] for day in only().days] == [[], [uid]]


def test_sessions_of_a_day_that_is_taken_away_stay_and_are_asked_for_their_day(staff: Visitor, fields: Fields) -> None:
    page = text_of(staff.post(URL, data=fields | {"act": "remove_day:0"}))
    refused = staff.post(URL, data=fields | {"sessions-0-day": ""})

    assert "sessions-0-day" not in kept(page)
    assert kept(page)["days-0-on"] == "2025-06-04"
    assert "Bienvenida" in page.partition("<h3>Without a day</h3>")[2]
    assert refused.status_code == 422
    assert "“Bienvenida”: choose its day" in text_of(refused)
    assert nothing_saved()


def test_sessions_of_the_other_days_stay_with_their_own(staff: Visitor, fields: Fields) -> None:
    third = {"days-2-on": "2025-06-05", "days-2-starts": "09:00", "days-2-ends": "16:00", "sessions-0-day": "2"}

    page = text_of(staff.post(URL, data=fields | third | {"act": "remove_day:1"}))

    assert (kept(page)["days-1-on"], kept(page)["sessions-0-day"]) == ("2025-06-05", "1")
    assert "Bienvenida" in page.partition("<h3>Thursday 5 June</h3>")[2]
    assert "Without a day" not in page


def test_a_session_on_a_day_without_a_date_is_not_lost(staff: Visitor, fields: Fields) -> None:
    blank = dict.fromkeys(("days-1-on", "days-1-starts", "days-1-ends"), "")

    answer = staff.post(URL, data=fields | blank | {"sessions-0-day": "1"})

    page = text_of(answer)
    assert answer.status_code == 422
    assert "Day 2: enter the date" in page
    assert 'value="Bienvenida"' in page
    assert nothing_saved()


BAD = [
    pytest.param({"sessions-0-ends": "08:00"}, "sessions-0-ends", "“Bienvenida”: the end must be later than the start", id="end first"),
    pytest.param({"sessions-0-starts": "08:00"}, "sessions-0-starts", "“Bienvenida” lies outside the hours of 3 June 2025", id="too early"),
    pytest.param({"sessions-0-ends": "17:00"}, "sessions-0-ends", "“Bienvenida” lies outside the hours of 3 June 2025", id="too late"),
    pytest.param({"sessions-0-ends": ""}, "sessions-0-ends", "“Bienvenida”: enter when it ends", id="no end"),
    pytest.param(
        {"sessions-0-starts": "soon"}, "sessions-0-starts", "“Bienvenida”: enter the start as an hour such as 09:00", id="in words"
    ),
    pytest.param({"sessions-0-day": "9"}, "sessions-0-day", "“Bienvenida”: choose its day", id="an unknown day"),
    pytest.param({"sessions-0-title_es": ""}, "sessions-0-title_sv", "Enter what the session is called, in at least one", id="no name"),
    pytest.param({"sessions-0-title_es": "x" * 400}, "sessions-0-title_es", "Title must be 160 characters or fewer", id="400 characters"),
    pytest.param({"sessions-0-room": "x" * 121}, "sessions-0-room", "Room must be 120 characters or fewer", id="a long room"),
    pytest.param({"sessions-0-room": "a\nb"}, "sessions-0-room", "Room must stand on one line", id="a room of two lines"),
    pytest.param({"sessions-0-kind": "party"}, "sessions-0-kind", "“Bienvenida”: choose the kind from the list", id="an unknown kind"),
    pytest.param(
        {
            "sessions-1-day": "0",
            "sessions-1-title_sv": "Lunch",
            "sessions-1-starts": "10",
            "sessions-1-ends": "11",
            "sessions-1-room": "AUDITORIO",
        },
        "sessions-1-room",
        "“Lunch”: Auditorio is taken by “Bienvenida” at that time",
        id="one room twice",
    ),
    pytest.param({"documents-0-url": "javascript:alert(1)"}, "documents-0-url", "Document 1: the link must be", id="a script"),
    pytest.param({"documents-0-url": "http://icld.se/"}, "documents-0-url", "Document 1: the link must be a whole address", id="http"),
    pytest.param({"documents-0-title": ""}, "documents-0-title", "Document 1: enter what it is called", id="a link without a name"),
    pytest.param({"documents-0-lang": "de"}, "documents-0-lang", "Document 1: choose the language from the list", id="an unknown language"),
]


@pytest.mark.parametrize(("changes", "field", "words"), BAD)
def test_bad_input_is_said_beside_its_field_and_kept(staff: Visitor, fields: Fields, changes: Fields, field: str, words: str) -> None:
    answer = staff.post(URL, data=fields | changes)

    page = text_of(answer)
    assert answer.status_code == 422
    assert re.search(rf'<a href="#{field}">{re.escape(words)}', page)
    assert f'id="{field}-error"' in page
    assert 'name="venue"' in page
    typed = {name: value for name, value in (fields | changes).items() if re.match(r"(sessions|documents|days)-", name) and value}
    chosen = {"sessions-0-day": "9", "sessions-0-kind": "party", "documents-0-lang": "de"}  # no list offers these
    typed = {name: value for name, value in typed.items() if chosen.get(name) != value}
    assert (
        typed.items() <= {name: value.replace("\r", "") if isinstance(value, str) else value for name, value in kept(page).items()}.items()
    )
    assert nothing_saved()


def test_a_wrong_session_stands_open(staff: Visitor, fields: Fields) -> None:
    page = text_of(staff.post(URL, data=fields | {"sessions-0-ends": "08:00"}))

    assert '<details class="session" id="sessions-0" open>' in page


def test_a_scheme_in_capitals_is_the_same_scheme(staff: Visitor, fields: Fields) -> None:
    staff.post(URL, data=fields | {"documents-0-url": "HTTPS://icld.se/En"})

    assert queries.values_of(only()).documents[0].url == "https://icld.se/En"


def test_two_who_edit_at_once_see_both_programmes(staff: Visitor, fields: Fields) -> None:
    staff.post(URL, data=fields)
    url = f"/en/staff/workshops/{only().id}/"
    mine = {"version": "1"}
    staff.post(url, data=fields | mine | {"sessions-0-room": "Patio"})

    page = text_of(staff.post(url, data=fields | mine | {"sessions-0-room": "Sala 2"}))

    row = page.partition('<th scope="row">programme</th>')[2].partition("</tr>")[0]
    assert "3 June 2025 09:00–10:30 Bienvenida, Ceremony, Patio, Luz Muñoz" in row
    assert "3 June 2025 09:00–10:30 Bienvenida, Ceremony, Sala 2, Luz Muñoz" in row


# What anybody reads --------------------------------------------------------------------------------------------------


def published(network: Network, *programme: Session, **changes: Any) -> Workshop:
    draft = service.save_draft(values(network, sessions=programme, **changes), by=KARIN, now=NOW)
    return acts.publish(draft.id, by=KARIN, now=NOW)


def words_in(app: Flask, clock: Clock, url: str) -> str:
    with clock(NOW):
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text_of(app.test_client().get(url))))


def test_the_programme_shows_both_clocks_who_leads_and_what_is_interpreted(lite: Flask, network: Network, clock: Clock) -> None:
    walk = session("Walk", 14, 16, kind="visit", facilitators="Luz Muñoz", spoken=("es",), interpreted=("sv",))
    workshop = published(network, session("Welcome"), walk)

    for url in (f"/en/workshops/{workshop.slug}/", f"/en/workshops/{workshop.slug}/programme"):
        words = words_in(lite, clock, url)
        assert "14:00–16:00 21:00–23:00 in Stockholm Walk Luz Muñoz Study visit · Room 1 · In Spanish, interpreted into Swedish" in words
        assert "Wednesday 4 June" in words


def test_hours_that_both_clocks_show_stand_once(lite: Flask, network: Network, clock: Clock) -> None:
    workshop = published(network, session("Welcome"), zone="Europe/Stockholm", country="SE", place="Umeå")

    words = words_in(lite, clock, f"/en/workshops/{workshop.slug}/programme")

    assert "The same hour in Stockholm" in words
    assert words.count("09:00–11:00") == 1


def test_a_session_without_a_name_in_the_readers_language_is_marked(lite: Flask, network: Network, clock: Clock) -> None:
    workshop = published(network, session("Welcome"))

    with clock(NOW):
        page = text_of(lite.test_client().get(f"/sv/workshops/{workshop.slug}/"))

    assert '<strong lang="en">Welcome</strong>' in page


def test_names_and_rooms_are_words_and_no_markup(lite: Flask, network: Network, clock: Clock) -> None:
    nasty = "<script>alert(1)</script>"
    workshop = published(
        network, session(nasty, room=nasty, facilitators=nasty), documents=(Document(nasty, "https://icld.se/?a=1&b=\"2'"),)
    )

    for path in ("", "programme"):
        with clock(NOW):
            assert nasty not in lite.test_client().get(f"/en/workshops/{workshop.slug}/{path}").get_data(as_text=True)


def test_the_programme_of_a_draft_is_not_there(lite: Flask, network: Network) -> None:
    draft = service.save_draft(values(network, sessions=(session("Welcome"),)), by=KARIN, now=NOW)

    assert lite.test_client().get(f"/en/workshops/{draft.slug}/programme").status_code == 404
    acts.publish(draft.id, by=KARIN, now=NOW)
    assert lite.test_client().get(f"/en/workshops/{draft.slug}/programme").status_code == 200


def test_a_workshop_without_sessions_has_a_page_of_its_days_to_print(lite: Flask, network: Network, clock: Clock) -> None:
    words = words_in(lite, clock, f"/en/workshops/{published(network).slug}/programme")

    assert "09:00–16:00 16:00–23:00 in Stockholm Tuesday 3 June" in words
    assert "The sessions are not known yet." in words


def test_sixty_sessions_cost_no_more_statements_than_one_and_the_page_stays_light(lite: Flask, network: Network) -> None:
    asked: dict[str, set[int]] = {"": set(), "programme": set()}
    network_id = network.id
    lite.test_client().get(f"/es/workshops/{published(network).slug}/")  # what every page's head asks once
    for number in (1, 60):
        network = db.session.get_one(Network, network_id)
        long = [session("A session of a long and winding name", room="Salón comunal", day=place % 2) for place in range(number)]
        many = tuple(replace(one, room=f"{one.room} {place}", facilitators="Luz Muñoz, Karin Ahlqvist") for place, one in enumerate(long))
        slug = published(network, *many).slug
        for path, found in asked.items():
            db.session.expunge_all()
            with counted(lite) as seen:
                answer = lite.test_client().get(f"/es/workshops/{slug}/{path}")
            found.add(len(seen))
            assert len(answer.data) <= 20_000

    assert all(len(found) == 1 and max(found) <= 12 for found in asked.values()), asked


def test_the_form_asks_no_more_of_a_full_workshop_than_of_a_bare_one(staff: Visitor, network: Network, fields: Fields) -> None:
    guests = [factories.organisation("SE") for _number in range(3)]
    rows = {
        "sessions": tuple(session(f"Session {number}", room=f"Room {number}", day=number % 2) for number in range(6)),
        "documents": tuple(Document(f"Document {number}", f"https://icld.se/{number}") for number in range(6)),
        "holds": tuple(Hold(guest.id, 2, date(2025, 6, 2)) for guest in guests),
        "invitees": frozenset(guest.id for guest in guests),
        "access": "invited",
    }
    bare = service.save_draft(values(network, days=()), by=KARIN, now=NOW)
    full = service.save_draft(values(network, **rows, reminders=("hours:1",)), by=KARIN, now=NOW)
    service.save(full.id, replace(above.as_typed(full), reminders=("days:1@09:00",)), full.version, by=KARIN, now=NOW)
    for number in range(3):
        asked(full, f"Do you need number {number}?")

    counts, statuses = [], []
    wrong = fields | {"capacity": "many", "version": str(full.version), "csrf_token": staff.token()}
    staff.get("/en/about")  # asks for the network's name, which is then known for a minute
    for number, typed in ((bare.id, None), (full.id, None), (full.id, wrong)):
        db.session.expunge_all()
        with counted(staff.application) as seen:
            answer = staff.get(edit_of(number)) if typed is None else staff.post(edit_of(number), data=typed, csrf=False)
        counts.append(len(seen))
        statuses.append(answer.status_code)

    assert statuses == [200, 200, 422]
    assert counts[0] <= counts[1] <= 12, counts
    assert counts[2] <= 12, "so does the page that says what is wrong"


def edit_of(number: int) -> str:
    return f"/en/staff/workshops/{number}/"


def moved_day(row: Workshop, starts: str, ends: str, **others: str) -> Fields:
    """The first day at other hours, as the form of what is saved sends it."""
    ids = {"days-0-id": str(row.days[0].id), "days-1-id": str(row.days[1].id), "sessions-0-id": str(row.days[0].sessions[0].id)}
    return ids | {"days-0-starts": starts, "days-0-ends": ends, "version": "1"} | others


def hours_of_the_session() -> str:
    (row,) = only().days[0].sessions
    return f"{row.starts:%H:%M} {row.ends:%H:%M}"


def test_a_day_that_moves_as_a_whole_takes_its_sessions_along(staff: Visitor, fields: Fields) -> None:
    staff.post(URL, data=fields)
    row = only()

    answer = staff.post(f"/en/staff/workshops/{row.id}/", data=fields | moved_day(row, "10:30", "17:30"))

    assert answer.status_code == 303
    assert hours_of_the_session() == "10:30 12:00"
    assert "one session moves along with it" in text_of(staff.get(answer.location))


def test_a_session_edited_in_the_same_post_stays_as_it_was_typed(staff: Visitor, fields: Fields) -> None:
    staff.post(URL, data=fields)
    row = only()

    mine = {"sessions-0-starts": "11:00", "sessions-0-ends": "11:45"}
    staff.post(f"/en/staff/workshops/{row.id}/", data=fields | moved_day(row, "10:30", "17:30", **mine))

    assert hours_of_the_session() == "11:00 11:45"


def test_when_one_end_moves_the_refusal_says_what_to_do(staff: Visitor, fields: Fields) -> None:
    staff.post(URL, data=fields)
    row = only()

    answer = staff.post(f"/en/staff/workshops/{row.id}/", data=fields | moved_day(row, "10:00", "16:00"))

    assert answer.status_code == 422
    assert "move the start and the end of the day by the same length" in text_of(answer)
    assert hours_of_the_session() == "09:00 10:30"


@pytest.mark.parametrize(("typed", "starts"), [("9", "09:00"), ("0930", "09:30"), ("about ten", "about ten")])
def test_a_new_session_starts_at_an_hour_written_as_all_are(staff: Visitor, fields: Fields, typed: str, starts: str) -> None:
    page = text_of(staff.post(URL, data=fields | {"act": "add_session:1", "days-1-starts": typed}))

    assert kept(page)["sessions-1-starts"] == starts


@pytest.mark.parametrize("order", [["es", "sv"], ["sv", "es"], ["en", "es"]])
def test_the_languages_of_work_keep_their_order(staff: Visitor, fields: Fields, order: list[str]) -> None:
    """The first is the one that is spoken most. A browser sends boxes back in the order in which they stand."""
    staff.post(URL, data=fields | {"spoken": order, "sessions-0-interpreted": order})
    number = only().id
    for _time in range(2):
        page = text_of(staff.get(f"/en/staff/workshops/{number}/"))
        for name in ("spoken", "sessions-0-interpreted"):
            boxes = [element for element in re.findall(r"<input [^>]*>", page) if f'name="{name}"' in element and " checked" in element]
            assert [re.findall(r'value="(\w+)"', box)[0] for box in boxes] == order
    found = queries.values_of(only(number))
    assert (found.spoken, found.sessions[0].interpreted) == (tuple(order), tuple(order))
