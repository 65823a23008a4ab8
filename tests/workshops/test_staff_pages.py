"""Staff make a workshop on one page; bad input is refused in words, and what was typed is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Person
from app.database import db
from app.languages import LANGUAGES
from app.organisations.models import Network
from app.registrations import service as registrations
from app.workshops import queries, service
from app.workshops.models import Workshop
from app.workshops.values import Document, Text
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW
from tests.workshops.made import KARIN, REASONS, session, values

Fill = Callable[..., dict[str, Any]]


@pytest.fixture
def network(lite: Flask) -> Network:
    assert lite
    return factories.network(factories.organisation("CO"), factories.organisation("SE"))


@pytest.fixture
def karin(lite: Flask) -> Person:
    assert lite
    person: Person = factories.person(staff="officer")
    return person


@pytest.fixture
def staff(lite: Flask, karin: Person, clock: Callable[[datetime], Any]) -> Any:
    """A programme officer's browser, at NOW."""
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    with clock(NOW):
        yield visitor.signed_in(karin)


@pytest.fixture
def fill(network: Network) -> Fill:
    """What the form sends for a whole workshop; `changes` replace fields."""

    def filled(**changes: Any) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "act": "look",
            "original_lang": "es",
            "network": str(network.id),
            "zone": "America/Bogota",
            "format": "on_site",
            "place": "Bogotá",
            "country": "CO",
            "venue": "Archivo",
            "capacity": "36",
            "access": "network",
            "spoken": ["es", "sv"],
            "contact": "partnership@icld.se",
            "reminder_choice": "usual",
            "days-0-on": "2025-06-03",
            "days-0-starts": "09:00",
            "days-0-ends": "16:00",
        }
        for lang in LANGUAGES:
            facts |= {f"title_{lang}": f"Ciudad segura {lang}", f"summary_{lang}": f"Summary {lang}"}
        return facts | {name.replace("__", "-"): value for name, value in changes.items()}

    return filled


def workshops() -> list[Workshop]:
    return list(db.session.scalars(select(Workshop)))


def text_of(answer: Any) -> str:
    return unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def test_a_workshop_is_made_looked_through_and_published(staff: Visitor, fill: Fill) -> None:
    saved = staff.post("/en/staff/workshops/new", data=fill())
    workshop = workshops()[0]
    assert (saved.status_code, saved.location) == (303, f"/en/staff/workshops/{workshop.id}/preview")

    assert "Nothing stands in the way of publishing." in text_of(staff.get(saved.location))
    asked = staff.post(f"/en/staff/workshops/{workshop.id}/publish", data={"version": "1"})
    assert (asked.status_code, queries.get(workshop.id).state) == (200, "draft")
    done = staff.post(f"/en/staff/workshops/{workshop.id}/publish", data={"version": "1", "act": "sure"})

    assert done.location == f"/en/staff/workshops/{workshop.id}/"
    assert queries.get(workshop.id).state == "published"
    assert staff.get(f"/es/workshops/{workshop.slug}/").status_code == 200


def test_a_draft_may_lack_all_but_a_title(staff: Visitor, network: Network) -> None:
    chosen = {"network": str(network.id), "zone": "Europe/Stockholm", "format": "on_site", "access": "network", "reminder_choice": "usual"}

    answer = staff.post("/sv/staff/workshops/new", data={**chosen, "act": "draft", "original_lang": "sv", "title_sv": "Ny"})

    assert answer.status_code == 303
    assert [(workshop.state, workshop.text.title, workshop.days) for workshop in workshops()] == [("draft", "Ny", [])]


def typed_days(*dates: str, first: int = 0) -> dict[str, str]:
    """Rows of the days' table from that one on; where there is no date there are no hours."""
    rows = {f"days-{row}": on for row, on in enumerate(dates, first)}
    hours = {f"{row}-{part}": hour if on else "" for row, on in rows.items() for part, hour in (("starts", "10"), ("ends", "12"))}
    return {f"{row}-on": on for row, on in rows.items()} | hours


BAD = [
    pytest.param({"title_es": ""}, "Enter the title in Spanish", id="a missing translation"),
    pytest.param({"summary_sv": ""}, "Enter the summary in Swedish", id="a missing summary"),
    pytest.param({"title_es": "", "title_sv": "", "title_en": "", "act": "draft"}, "Enter a title in at least one language", id="no title"),
    pytest.param({"title_sv": "x" * 121}, "Title must be 120 characters or fewer", id="too long a title"),
    pytest.param({"title_sv": "a\r\nBcc: b@c.se"}, "Title must stand on one line.", id="line ends in what becomes a subject"),
    pytest.param({"title_sv": "a\x00b"}, "Title has characters that cannot be shown. Type it again.", id="NUL"),
    pytest.param({"summary_sv": "a\u202eb"}, "has characters that cannot be shown. Type it again.", id="letters turned round"),
    pytest.param({"network": "99"}, "Choose a network from the list", id="an unknown network"),
    pytest.param({"network": "x"}, "Choose a network from the list", id="a network of letters"),
    pytest.param({"zone": "Mars/Olympus"}, "Choose a time zone from the list", id="an unknown zone"),
    pytest.param({"zone": ""}, "Choose a time zone from the list", id="no zone"),
    pytest.param({"zone": "../../etc/passwd"}, "Choose a time zone from the list", id="a zone that is a path"),
    pytest.param({"days-0-on": "2027-06-03"}, "outside the period of the network Network en, which is", id="outside the period"),
    pytest.param({"days-0-on": "2025-02-30"}, "Day 1: enter a real date, such as 2026-06-03", id="no real date"),
    pytest.param({"days-0-on": ""}, "Day 1: enter the date", id="hours without a date"),
    pytest.param({"days-0-starts": "25:00"}, "Day 1: the start is an hour such as 09:00", id="no real hour"),
    pytest.param({"days-0-ends": ""}, "Day 1: enter when it ends", id="no end"),
    pytest.param({"days-0-ends": "09:00"}, "Day 1: the end must be later than the start", id="it ends as it starts"),
    pytest.param({"days-0-ends": "08:00"}, "Day 1: the end must be later than the start", id="it ends before it starts"),
    pytest.param({"days-0-starts": "\x07"}, "Day 1: the start is an hour such as 09:00", id="a bell"),
    pytest.param(
        {"zone": "Europe/Stockholm", "days-0-on": "2025-03-30", "days-0-starts": "02:30"},
        "Day 1: clocks in Stockholm are put forward and skip 02:30 on 30 March 2025. The nearest times that work are 01:59 and 03:00",
        id="an hour that does not exist",
    ),
    pytest.param(
        {"zone": "Europe/Stockholm", "days-0-on": "2025-10-26", "days-0-starts": "02:30"},
        "Day 1: clocks in Stockholm are put back and show 02:30 twice on 26 October 2025. The nearest times that work are 01:59 and 03:00",
        id="an hour that exists twice",
    ),
    pytest.param(
        {"days-1-on": "2025-06-03", "days-1-starts": "10", "days-1-ends": "12"}, "Day 2: this date stands there already", id="a date twice"
    ),
    pytest.param(typed_days("2025-06-99", "2025-06-03", first=1), "Day 3: this date stands there already", id="a date twice below no date"),
    pytest.param(typed_days("", "2025-06-99"), "Day 2: enter a real date", id="no such date below a row that says nothing"),
    pytest.param({"days-0-on": "", "days-0-starts": "", "days-0-ends": ""}, "Enter at least one day", id="no day"),
    pytest.param({"capacity": "about 30"}, "Enter how many seats there are, as a number such as 36", id="seats in words"),
    pytest.param({"capacity": "-3"}, "Enter how many seats there are, as a number such as 36", id="fewer than none"),
    pytest.param({"capacity": "9" * 30}, "Enter how many seats there are, as a number such as 36", id="very many seats"),
    pytest.param({"capacity": "100000"}, "Enter how many seats there are, as a number such as 36", id="too many seats"),
    pytest.param({"contact": "a@@b.se"}, "Enter one e-mail address, such as partnership@icld.se", id="an address with two @"),
    pytest.param({"contact": "a@b.se\nBcc: c@d.se"}, "E-mail address for questions must stand on one line.", id="a second header"),
    pytest.param({"join_url": "http://video.example"}, "The link must be a whole address that begins with https://", id="not https"),
    pytest.param({"join_url": "javascript:alert(1)"}, "The link must be a whole address that begins with https://", id="a script"),
    pytest.param({"latitude": "91", "longitude": "0"}, "The latitude is a number from -90 to 90", id="beyond the pole"),
    pytest.param({"latitude": "nan", "longitude": "0"}, "The latitude is a number from -90 to 90", id="not a number"),
    pytest.param({"latitude": "1", "longitude": "inf"}, "The longitude is a number from -180 to 180", id="infinitely far"),
    pytest.param({"latitude": "4.6"}, "Enter both latitude and longitude, or neither", id="half a place"),
    pytest.param({"country": "XX"}, "Choose the country from the list", id="an unknown country"),
    pytest.param({"country": "Colombia"}, "Choose the country from the list", id="a country in words"),
    pytest.param({"theme": "golf"}, "Choose a theme from the list", id="an unknown theme"),
    pytest.param({"format": "hologram"}, "Choose whether it is on site, online or both", id="an unknown format"),
    pytest.param({"access": "friends"}, "Choose who may register", id="unknown access"),
    pytest.param({"organisation": "999"}, "Choose the host from the list", id="an unknown host"),
    pytest.param({"access": "invited"}, "Choose who is invited, or open it to the network", id="nobody invited"),
    pytest.param({"closes_on": "2025-06-10"}, "Registration must close before the workshop is over", id="it closes too late"),
    pytest.param({"opens_on": "2025-05-02", "closes_on": "2025-05-01"}, "Registration must close after it opens", id="it closes first"),
    pytest.param({"letters_on": "2025-06-10"}, "must not be after the workshop begins", id="letters after the start"),
    pytest.param({"letters_time": "09:00"}, "Enter the date as well", id="an hour for letters without a date"),
    pytest.param({"opens_time": "09:00"}, "Enter the date as well", id="an hour without a date"),
    pytest.param({"closes_on": "tomorrow"}, "Enter a real date, such as 2026-06-03", id="a date in words"),
    pytest.param({"reminder_choice": "own"}, "Choose at least one reminder, or the network's usual ones", id="own reminders, none chosen"),
]


@pytest.mark.parametrize(("changes", "words"), BAD)
def test_bad_input_is_refused_in_words_and_kept(staff: Visitor, fill: Fill, changes: dict[str, str], words: str) -> None:
    answer = staff.post("/en/staff/workshops/new", data=fill(venue="Casa de la Cultura") | changes)

    page = text_of(answer)
    assert answer.status_code == 422
    assert words in page
    assert "<title>Error: New workshop" in page
    assert 'value="Casa de la Cultura"' in page
    assert workshops() == []


def test_the_errors_speak_the_language_of_the_page(staff: Visitor, fill: Fill) -> None:
    pages = {lang: text_of(staff.post(f"/{lang}/staff/workshops/new", data=fill(capacity="x"))) for lang in LANGUAGES}

    titles = {lang: re.findall(r'<a href="#capacity">([^<]+)</a>', page)[0] for lang, page in pages.items()}
    assert len(set(titles.values())) == 3


def test_each_error_leads_to_its_field(staff: Visitor, fill: Fill) -> None:
    page = staff.post("/en/staff/workshops/new", data=fill(title_es="", capacity="x", **{"days-0-ends": "08:00"})).get_data(as_text=True)

    links = re.findall(r'<a href="#([^"]+)">', page.partition('id="problems"')[2].partition("</ul>")[0])
    assert links == ["title_es", "days-0-ends", "capacity"]
    for name in links:
        assert f'id="{name}"' in page
        assert f'id="{name}-error"' in page


def test_a_day_is_added_and_taken_away_without_a_script(staff: Visitor, fill: Fill) -> None:
    more = staff.post("/en/staff/workshops/new", data=fill(act="add_day", capacity="about"))
    less = staff.post(
        "/en/staff/workshops/new",
        data=fill(act="remove_day:0") | {"days-1-on": "2025-06-09", "days-1-starts": "10:00", "days-1-ends": "12:00"},
    )

    assert (more.status_code, less.status_code) == (200, 200)
    assert 'id="days-1-on"' in text_of(more)
    assert 'value="about"' in text_of(more)
    assert "field-wrong" not in text_of(more)
    assert re.findall(r'name="(days-\d+-on)"[^>]*value="([^"]*)"', text_of(less)) == [("days-0-on", "2025-06-09")]
    assert workshops() == []


def test_what_no_browser_sends_is_no_error_of_ours(staff: Visitor, fill: Fill) -> None:
    added = staff.post("/en/staff/workshops/new", data=fill(act="add_day", access="invited", invitees="abc"))
    refused = staff.post("/en/staff/workshops/new", data=fill(access="invited", invitees="abc"))
    assert (added.status_code, refused.status_code, workshops()) == (200, 422, [])

    saved = staff.post("/en/staff/workshops/new", data=fill(spoken=["es"] * 40 + ["sv"]))

    assert saved.status_code == 303
    assert workshops()[0].spoken == "es sv"


def test_the_other_clocks_are_told_while_one_types(staff: Visitor) -> None:
    query = {"zone": "America/Guatemala", "days-0-on": "2025-06-03", "days-0-starts": "09:00", "days-0-ends": "16:00", "days-1-on": ""}

    answer = staff.get("/en/staff/workshops/echo", query_string=query)

    assert json.loads(answer.get_data()) == {
        "days-0-echo": ["17:00–00:00 Stockholm", "10:00–17:00 Bogotá"],
        "days-1-echo": [],
        "days-hints": [],
    }


@pytest.mark.parametrize(
    ("on", "zone", "words"),
    [
        ("2025-03-30", "Europe/Stockholm", ["Clocks in Stockholm are put forward and skip 02:30 on 30 March 2025."]),
        ("2025-03-30", "Nowhere", []),
        ("0001-01-01", "Asia/Tokyo", []),
        ("9999-12-31", "America/Bogota", []),
    ],
)
def test_the_echo_of_what_cannot_be_is_a_sentence_or_silence(staff: Visitor, on: str, zone: str, words: list[str]) -> None:
    query = {"zone": zone, "days-0-on": on, "days-0-starts": "02:30", "days-0-ends": "23:00"}

    lines = json.loads(staff.get("/en/staff/workshops/echo", query_string=query).get_data())["days-0-echo"]

    assert [line.partition(" The nearest")[0] for line in lines] == words


def test_two_who_edit_at_once_see_both_versions(staff: Visitor, fill: Fill) -> None:
    staff.post("/en/staff/workshops/new", data=fill())
    workshop = workshops()[0]
    url = f"/en/staff/workshops/{workshop.id}/"
    staff.post(url, data=fill(act="draft", capacity="40", version="1"))

    clash = staff.post(url, data=fill(act="draft", capacity="50", version="1"))

    page = text_of(clash)
    assert clash.status_code == 409
    assert '<th scope="row">seats</th><td>40</td><td>50</td>' in page
    assert re.findall(r'name="version"[^>]*value="(\d+)"', page)[0] == "2"
    assert queries.get(workshop.id).capacity == 40
    assert staff.post(url, data=fill(act="draft", capacity="50", version="2")).status_code == 303
    assert queries.get(workshop.id).capacity == 50


def test_the_page_of_a_workshop_is_filled_with_what_is_saved(staff: Visitor, fill: Fill) -> None:
    sent = fill(act="draft", opens_on="2025-04-01", opens_time="09:00", theme="care", reminder_choice="own", reminders=["hours:1"])
    staff.post("/en/staff/workshops/new", data=sent)

    page = text_of(staff.get(f"/en/staff/workshops/{workshops()[0].id}/"))

    for piece in ('value="2025-04-01"', 'value="09:00"', '<option selected value="care">', 'value="36"', 'value="2025-06-03"'):
        assert piece in page
    assert re.search(r'<input checked[^>]*value="own"', page)
    assert re.search(r'<input checked[^>]*value="hours:1"', page)
    assert "Made the workshop" in page


def test_published_workshops_are_not_saved_with_something_missing(staff: Visitor, fill: Fill) -> None:
    staff.post("/en/staff/workshops/new", data=fill())
    workshop = workshops()[0]
    staff.post(f"/en/staff/workshops/{workshop.id}/publish", data={"version": "1", "act": "sure"})

    answer = staff.post(f"/en/staff/workshops/{workshop.id}/", data=fill(act="draft", title_sv="", version="2"))

    assert answer.status_code == 422
    assert "Enter the title in Swedish" in text_of(answer)


def test_publishing_what_lacks_something_leads_back_with_words(staff: Visitor, network: Network) -> None:
    draft = service.save_draft(values(network, capacity=0), by=KARIN, now=NOW)

    answer = staff.post(f"/en/staff/workshops/{draft.id}/publish", data={"version": "1"}, follow_redirects=True)

    assert "Enter how many seats there are, as a number such as 36" in text_of(answer)
    assert "Publishing waits for the one marked with a cross." in text_of(answer)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_preview_speaks_each_language(staff: Visitor, network: Network, lang: str) -> None:
    draft = service.save_draft(values(network), by=KARIN, now=NOW)

    page = text_of(staff.get(f"/en/staff/workshops/{draft.id}/preview?show={lang}"))

    assert f'<article lang="{lang}">' in page
    assert f"Ciudad segura ({lang})</h2>" in page


def test_the_preview_opens_in_the_language_of_the_page(staff: Visitor, network: Network) -> None:
    draft = service.save_draft(values(network), by=KARIN, now=NOW)
    shown = {lang: text_of(staff.get(f"/{lang}/staff/workshops/{draft.id}/preview")) for lang in LANGUAGES}
    assert [f"Summary in {lang}." in page for lang, page in shown.items()] == [True] * 3


def test_the_heads_of_staff_pages_mark_where_one_is_and_the_overview_only_on_itself(staff: Visitor) -> None:
    marked = {}
    for page in ("", "workshops/", "search?q=x", "texts/"):
        head = text_of(staff.get(f"/en/staff/{page}")).partition('<nav class="nav"')[2].partition("</nav>")[0]
        found = re.search(r'<a href="([^"]*)" aria-current="page"', head)
        marked[page] = found and found[1]
    assert marked == {"": "/en/staff/", "workshops/": "/en/staff/workshops/", "search?q=x": None, "texts/": None}


def test_the_preview_has_what_the_page_will_have(staff: Visitor, network: Network) -> None:
    texts = values(network).texts
    whole = values(
        network,
        texts={**texts, "es": replace(texts["es"], description="Una ciudad **segura**.")},
        sessions=(session("Opening"),),
        documents=(Document("The plan", "https://icld.se/plan"),),
    )
    draft = service.save_draft(whole, by=KARIN, now=NOW)

    page = text_of(staff.get(f"/en/staff/workshops/{draft.id}/preview?show=en"))

    assert ">Opening</strong>" in page
    assert '<a href="https://icld.se/plan"' in page
    assert "So far, this text is only in Spanish." in page
    assert '<div lang="es"><p>Una ciudad <strong>segura</strong>.</p>' in page


def test_a_workshop_is_cancelled_with_three_reasons(staff: Visitor, network: Network) -> None:
    workshop = factories.workshop(network, date(2025, 6, 3))
    url = f"/en/staff/workshops/{workshop.id}/cancel"

    refused = staff.post(url, data={"version": "1", "reason_sv": "Bron"})
    reasons = {"version": "1"} | {f"reason_{lang}": words for lang, words in REASONS.items()}
    asked = staff.post(url, data=reasons)
    assert (asked.status_code, queries.get(workshop.id).state) == (200, "published")
    done = staff.post(url, data={**reasons, "act": "sure"})

    assert (refused.status_code, done.status_code) == (422, 303)
    assert "Enter the reason in Spanish" in text_of(refused)
    assert ">Bron</textarea>" in text_of(refused).replace("> Bron", ">Bron")
    assert queries.get(workshop.id).state == "cancelled"


def test_a_draft_is_thrown_away_after_a_question(staff: Visitor, network: Network) -> None:
    draft = service.save_draft(values(network), by=KARIN, now=NOW)

    assert "gone for good" in text_of(staff.get(f"/en/staff/workshops/{draft.id}/delete"))
    answer = staff.post(f"/en/staff/workshops/{draft.id}/delete", data={"version": "1"})

    assert answer.location == "/en/staff/workshops/"
    assert workshops() == []


@pytest.mark.parametrize(
    ("tab", "q", "titles"),
    [
        ("all", "", ["Draft", "Coming", "Done", "Stopped"]),
        ("draft", "", ["Draft"]),
        ("coming", "", ["Coming"]),
        ("done", "", ["Done"]),
        ("stopped", "", ["Stopped"]),
        ("all", "COMI", ["Coming"]),
        ("all", "%", []),
        ("all", "'; drop table workshop; --", []),
    ],
)
def test_the_table_is_narrowed(staff: Visitor, network: Network, tab: str, q: str, titles: list[str]) -> None:
    service.save_draft(values(network, texts={"es": Text("Borrador"), "en": Text("Draft")}, days=()), by=KARIN, now=NOW)
    factories.workshop(network, date(2025, 6, 3), title="Coming")
    factories.workshop(network, date(2025, 1, 7), title="Done")
    factories.workshop(network, date(2025, 1, 6), title="Stopped", state="cancelled")

    page = text_of(staff.get("/en/staff/workshops/", query_string={"tab": tab, "q": q}))

    assert re.findall(r'<th scope="row"><a [^>]*>(\w+)[^<]*</a>', page) == titles


def test_others_find_no_staff_page(lite: Flask, network: Network, clock: Callable[[datetime], Any]) -> None:
    draft = service.save_draft(values(network), by=KARIN, now=NOW)
    outsider = lite.test_client()
    assert isinstance(outsider, Visitor)
    with clock(NOW):
        assert outsider.get(f"/en/staff/workshops/{draft.id}/").status_code == 302
        assert outsider.signed_in(factories.person()).get(f"/en/staff/workshops/{draft.id}/").status_code == 404


def test_what_has_happened_is_told_in_sentences(staff: Visitor, fill: Fill) -> None:
    staff.post("/en/staff/workshops/new", data=fill())
    workshop = workshops()[0]
    url = f"/en/staff/workshops/{workshop.id}/"
    staff.post(f"{url}publish", data={"version": "1", "act": "sure"})
    staff.post(url, data=fill(act="sure", version="2", venue="Biblioteca") | {"days-0-on": "2025-06-10"})

    page = text_of(staff.get(url))

    assert "Moved from 3 June 2025 09:00 to 10 June 2025 09:00 (Bogotá)" in page
    assert "Venue: Archivo → Biblioteca" in page


@pytest.fixture
def public(staff: Visitor, fill: Fill) -> str:
    """The address of a workshop that is published, in its second version."""
    staff.post("/en/staff/workshops/new", data=fill())
    url = f"/en/staff/workshops/{workshops()[0].id}/"
    staff.post(f"{url}publish", data={"version": "1", "act": "sure"})
    return url


SESSION = {"sessions-0-day": "0", "sessions-0-title_es": "Bienvenida", "sessions-0-starts": "09:00", "sessions-0-ends": "10:30"}
CHANGES = [
    {"days-0-on": "2025-06-10"}, {"days-0-ends": "17:00"}, {"zone": "America/Lima"}, {"venue": "Biblioteca"}, {"format": "both"}, SESSION,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids="".join)
def test_a_change_of_time_or_place_asks_first(staff: Visitor, fill: Fill, public: str, change: dict[str, str]) -> None:
    asked = staff.post(public, data=fill(act="save", version="2") | change)

    assert (asked.status_code, workshops()[0].version) == (200, 2)
    assert "<h1>What will this do?</h1>" in text_of(asked)
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', asked.get_data(as_text=True)))
    assert {name: sent[name] for name in change} == change
    done = staff.post(public, data=sent | {"act": "sure", "spoken": ["es", "sv"]})
    assert (done.status_code, workshops()[0].version) == (303, 3)


def test_a_session_that_comes_shows_in_calendars_before_it_does(staff: Visitor, fill: Fill, public: str) -> None:
    asked = text_of(staff.post(public, data=fill(act="save", version="2") | SESSION))
    assert re.search(r"Bienvenida.{0,80}09:00–10:30", asked, re.DOTALL)


@pytest.mark.parametrize("change", [{"title_es": "Ciudad"}, {"capacity": "40"}, {"theme": "care"}, {"contact": "a@icld.se"}])
def test_any_other_change_is_saved_at_once(staff: Visitor, fill: Fill, public: str, change: dict[str, str]) -> None:
    assert staff.post(public, data=fill(act="save", version="2") | change).status_code == 303
    assert workshops()[0].version == 3


def test_a_draft_moves_without_a_question(staff: Visitor, network: Network, fill: Fill) -> None:
    draft = service.save_draft(values(network), by=KARIN, now=NOW)

    assert staff.post(f"/en/staff/workshops/{draft.id}/", data=fill(act="draft", version="1", venue="Biblioteca")).status_code == 303


def test_going_back_keeps_what_was_typed_and_does_nothing(staff: Visitor, fill: Fill, public: str) -> None:
    typed = "«Åsa» & <b>\nsegunda línea"
    asked = staff.post(public, data=fill(act="save", version="2", venue="Biblioteca", description_sv=typed))
    assert "&lt;b&gt;" in asked.get_data(as_text=True)

    back = staff.post(public, data=fill(act="back", version="2", venue="Biblioteca", description_sv=typed))

    assert (back.status_code, workshops()[0].version) == (200, 2)
    assert 'value="Biblioteca"' in text_of(back)
    assert "field-wrong" not in text_of(back)


def test_somebody_elses_change_in_between_is_shown_side_by_side(staff: Visitor, fill: Fill, public: str) -> None:
    staff.post(public, data=fill(act="save", version="2", venue="Biblioteca"))
    staff.post(public, data=fill(act="save", version="2", capacity="40"))

    clash = staff.post(public, data=fill(act="sure", version="2", venue="Biblioteca"))

    assert clash.status_code == 409
    assert '<th scope="row">seats</th><td>40</td><td>36</td>' in text_of(clash)
    assert staff.post(public, data=fill(act="save", version="2", venue="Biblioteca")).status_code == 409


def test_what_a_rehearsal_refuses_stands_at_its_field(staff: Visitor, fill: Fill, public: str) -> None:
    answer = staff.post(public, data=fill(act="save", version="2", venue="Biblioteca", title_sv=""))

    assert answer.status_code == 422
    assert "Enter the title in Swedish" in text_of(answer)


def test_the_reasons_travel_to_the_mails_and_back(staff: Visitor, network: Network) -> None:
    workshop = factories.workshop(network, date(2025, 6, 3))
    mine = registrations.register(workshop.id, factories.person(network.members[1].organisation).id, by=KARIN, now=NOW)
    url = f"/en/staff/workshops/{workshop.id}/postpone"
    sent = {"version": str(queries.get(workshop.id).version)} | {f"reason_{lang}": words for lang, words in REASONS.items()}

    asked = text_of(staff.post(url, data=sent))
    back = text_of(staff.post(url, data={**sent, "act": "back"}))

    assert mine.state == "confirmed"
    assert "One person gets a mail, in their own language. The mails leave at once." in asked
    assert 'lang="sv">' in asked
    assert "Bron är avstängd." in asked
    assert "UPPSKJUTEN: Workshop" in asked
    assert "El puente está cerrado." in back
    assert queries.get(workshop.id).state == "published"


def test_an_act_that_no_longer_fits_is_told_before_it_is_rehearsed(staff: Visitor, network: Network) -> None:
    workshop = factories.workshop(network, date(2025, 6, 3), state="cancelled")

    late = staff.post(f"/en/staff/workshops/{workshop.id}/restore", data={"version": "99"})
    assert (late.status_code, "Take it up again all the same" in text_of(late)) == (409, True)
    answer = staff.post(f"/en/staff/workshops/{workshop.id}/publish", data={"version": "1"}, follow_redirects=True)
    assert "somebody has changed the state of the workshop" in text_of(answer)
    assert staff.post(f"/en/staff/workshops/{workshop.id}/restore", data={"version": "1", "act": "back"}).status_code == 303


def test_a_new_workshop_begins_with_the_usual_way_to_fill_a_free_seat(staff: Visitor) -> None:
    page = text_of(staff.get("/en/staff/workshops/new"))

    assert re.search(r'<input checked [^>]*name="waitlist"[^>]*value="at_once"', page)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("published", "Postpone or cancel"),
        ("postponed", "change the days, save, and then take it up again."),
        ("cancelled", "It can be taken up again"),
    ],
)
def test_the_top_of_the_form_leads_to_what_can_be_done_with_the_whole(staff: Visitor, network: Network, state: str, words: str) -> None:
    workshop = factories.workshop(network, state=state)

    page = text_of(staff.get(f"/en/staff/workshops/{workshop.id}/"))

    assert words in page.partition("data-guard")[0]
    assert ('href="#state"' in page, 'id="state"' in page) == (True, True)
