"""The Atom feed of news and changes (RFC 4287), read as feed readers read it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from flask import Flask
from sqlalchemy import delete, update

from app.audit.models import AuditEntry
from app.audit.service import record
from app.database import db, transaction
from app.demo.service import load as load_demo
from app.feeds.rules import NEVER, PLACES
from app.organisations.models import Network
from app.workshops import queries, service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from app.workshops.values import Day, Text
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.workshops.made import KARIN, REASONS, day, values

URL = "/feeds/all.atom?lang=en"
ATOM = "{http://www.w3.org/2005/Atom}"
HOUR = timedelta(hours=1)
HOSTILE = "]]> <script>alert(1)</script> &amp; \u2028\u2029 \x01\x0b\ufffe"
LATER = [NOW + number * HOUR for number in range(1, 9)]


@pytest.fixture
def network(app: Flask) -> Network:
    assert app
    return factories.network(factories.organisation("SE"))


@pytest.fixture
def workshop(network: Network) -> Workshop:
    """Published at NOW, to be held on 3 and 4 June 2025 in Bogotá."""
    return acts.publish(service.save_draft(values(network), by=KARIN, now=NOW).id, by=KARIN, now=NOW)


def read(app: Flask, url: str = URL) -> Any:
    """A feed as a feed reader takes it, without a complaint."""
    found = feedparser.parse(app.test_client().get(url).data)
    assert not found.bozo, found.get("bozo_exception")
    return found


def titles(app: Flask, url: str = URL) -> list[str]:
    return [str(entry.title) for entry in read(app, url).entries]


def words(entry: Any) -> str:
    """What an entry says, a line a paragraph or line."""
    return re.sub(r"<[^>]+>", "", str(entry.content[0].value).replace("<br />", "\n"))


def move(workshop: Workshop, *days: Day, now: datetime, takes_back: bool = False) -> Workshop:
    """Other days, in the rows that there are."""
    saved = queries.values_of(workshop)
    rows = [replace(one, id=before.id) for one, before in zip(days, saved.days, strict=False)]
    return service.save(workshop.id, replace(saved, days=tuple(rows)), workshop.version, by=KARIN, now=now, takes_back=takes_back)


def test_a_move_that_was_taken_back_is_told_as_that_alone(app: Flask, workshop: Workshop) -> None:
    move(workshop, day(10), day(11), now=LATER[0])
    move(workshop, day(3), day(4), now=LATER[1], takes_back=True)
    found = read(app)
    assert [(entry.title, entry.tags[0].term) for entry in found.entries] == [
        ("Back on its days: Ciudad segura (en)", "taken_back"),
        ("New: Ciudad segura (en)", "published"),
    ]
    assert words(found.entries[0]).startswith("A change of its days was taken back. It is on:\n3–4 June 2025\n09:00–16:00 in Bogotá")
    move(workshop, day(10), day(11), now=LATER[2], takes_back=True)
    assert titles(app)[:2] == ["Back on its days: Ciudad segura (en)", "Moved: Ciudad segura (en)"]
    move(workshop, day(17), day(18), now=LATER[3])
    assert titles(app)[0] == "Moved: Ciudad segura (en)"


def test_a_feed_leads_to_the_list_of_what_it_is_about(app: Flask, workshop: Workshop) -> None:
    assert workshop
    pages = {name: read(app, f"/feeds/{name}.atom?lang=en").feed.link for name in ("latin-america", "colombia", "online", "all")}
    assert [page.removeprefix("http://127.0.0.1:5000/en/workshops/") for page in pages.values()] == [
        "?region=latin_america", "?country=CO", "?format=online", "",
    ]  # fmt: skip


def test_all_that_happens_to_a_workshop_is_told_the_newest_first(app: Flask, workshop: Workshop) -> None:
    move(workshop, day(10), day(11), now=LATER[0])
    acts.postpone(workshop.id, REASONS, by=KARIN, now=LATER[1])
    acts.restore(workshop.id, by=KARIN, now=LATER[2])
    acts.cancel(workshop.id, REASONS, by=KARIN, now=LATER[3])
    found = read(app)
    assert [(entry.title, entry.tags[0].term, entry.updated) for entry in found.entries] == [
        ("Cancelled: Ciudad segura (en)", "cancelled", "2025-03-03T16:00:00Z"),
        ("Takes place after all: Ciudad segura (en)", "restored", "2025-03-03T15:00:00Z"),
        ("Postponed: Ciudad segura (en)", "postponed", "2025-03-03T14:00:00Z"),
        ("Moved: Ciudad segura (en)", "moved", "2025-03-03T13:00:00Z"),
        ("New: Ciudad segura (en)", "published", "2025-03-03T12:00:00Z"),
    ]
    assert found.feed.updated == "2025-03-03T16:00:00Z"


def test_a_move_says_the_new_and_the_old_days_on_every_clock(app: Flask, workshop: Workshop) -> None:
    move(workshop, day(10, 13, 17), day(11, 13, 17), now=LATER[0])
    assert words(read(app).entries[0]).splitlines() == [
        "Now: 10–11 June 2025",
        "13:00–17:00 in Bogotá · 12:00–16:00 in Guatemala City · 20:00–00:00 in Stockholm",
        "Before: 3–4 June 2025",
        "09:00–16:00 in Bogotá · 08:00–15:00 in Guatemala City · 16:00–23:00 in Stockholm",
        "Archivo de Bogotá, Bogotá, Colombia",
        "Summary in en.",
    ]


def test_what_was_said_of_the_days_stays_as_it_was(app: Flask, workshop: Workshop) -> None:
    before = words(read(app).entries[0])
    move(workshop, day(10), day(11), now=LATER[0])
    assert words(read(app).entries[1]) == before
    assert before.startswith("3–4 June 2025\n09:00–16:00 in Bogotá")


@pytest.mark.parametrize(
    ("lang", "stopped", "said"),
    [
        ("sv", "Inställd: Ciudad segura (sv)", "Den är inställd.\nBron är avstängd.\nSkulle ha hållits: 3–4 juni 2025"),
        ("es", "Cancelado: Ciudad segura (es)", "Queda cancelado.\nEl puente está cerrado.\nEstaba previsto: 3–4 de junio de 2025"),
        ("en", "Cancelled: Ciudad segura (en)", "It is cancelled.\nThe bridge is closed.\nIt was to be: 3–4 June 2025"),
    ],
)
def test_each_language_has_its_feed_with_the_reason(app: Flask, workshop: Workshop, lang: str, stopped: str, said: str) -> None:
    acts.cancel(workshop.id, REASONS, by=KARIN, now=LATER[0])
    found = read(app, f"/feeds/all.atom?lang={lang}")
    entry = found.entries[0]
    assert (found.feed.language, entry.title) == (lang, stopped)
    assert words(entry).startswith(said)
    assert entry.link == f"http://127.0.0.1:5000/{lang}/workshops/{workshop.slug}/"


def test_a_reason_stays_with_what_it_was_for(app: Flask, workshop: Workshop) -> None:
    acts.postpone(workshop.id, REASONS, by=KARIN, now=LATER[0])
    acts.restore(workshop.id, by=KARIN, now=LATER[1])
    acts.cancel(workshop.id, dict.fromkeys(REASONS, "The hall has burnt down."), by=KARIN, now=LATER[2])
    cancelled, _restored, postponed, _published = (words(entry) for entry in read(app).entries)
    assert ("The hall has burnt down." in cancelled, "The bridge is closed." in cancelled) == (True, False)
    assert ("The hall has burnt down." in postponed, "The bridge is closed." in postponed) == (False, True)


def test_what_was_done_to_a_draft_is_nobodys_business(app: Flask, network: Network) -> None:
    draft = service.save_draft(values(network), by=KARIN, now=NOW)
    move(draft, day(24), day(25), now=NOW)
    assert titles(app) == []
    acts.publish(draft.id, by=KARIN, now=NOW)
    assert titles(app) == ["New: Ciudad segura (en)"]
    assert "3–4 June" not in words(read(app).entries[0])


def test_what_stands_still_or_is_over_moves_silently(app: Flask, workshop: Workshop) -> None:
    acts.postpone(workshop.id, REASONS, by=KARIN, now=LATER[0])
    move(workshop, day(17), day(18), now=LATER[1])
    assert titles(app) == ["Postponed: Ciudad segura (en)", "New: Ciudad segura (en)"]
    acts.restore(workshop.id, by=KARIN, now=LATER[2])
    assert words(read(app).entries[0]).startswith("It takes place after all.\n17–18 June 2025\n09:00–16:00 in Bogotá")
    move(workshop, day(17), day(18, 9, 15), now=datetime(2025, 7, 1, tzinfo=UTC))
    assert titles(app)[0] == "Takes place after all: Ciudad segura (en)"


def test_what_is_put_in_after_it_was_held_is_no_news(app: Flask, network: Network) -> None:
    held = service.save_draft(values(network), by=KARIN, now=NOW)
    acts.publish(held.id, by=KARIN, now=datetime(2025, 9, 1, tzinfo=UTC))
    assert titles(app) == []


def test_lines_of_an_older_audit_are_told_as_far_as_they_know(app: Flask, workshop: Workshop) -> None:
    topic = f"workshop:{workshop.id}"
    with transaction():
        db.session.execute(update(AuditEntry).values(facts={}))
        record("workshop.moved", topic, by=KARIN, now=LATER[0], before="2025-05-06/2025-05-07", after="2025-06-03/2025-06-04")
        record("workshop.cancelled", topic, by=KARIN, now=LATER[1])
    cancelled, moved, published = (words(entry).splitlines() for entry in read(app).entries)
    assert cancelled == ["It is cancelled.", "Summary in en."]
    assert moved[:2] == ["Now: 3–4 June 2025", "Before: 6–7 May 2025"]
    assert published == ["Archivo de Bogotá, Bogotá, Colombia", "Summary in en."]


def test_names_last_and_no_two_entries_have_the_same(app: Flask, workshop: Workshop) -> None:
    move(workshop, day(10), day(11), now=LATER[0])
    first = [entry.id for entry in read(app).entries]
    acts.cancel(workshop.id, REASONS, by=KARIN, now=LATER[1])
    network = f"/feeds/network/{workshop.network.slug}.atom?lang=en"
    assert [entry.id for entry in read(app).entries][1:] == first
    assert [entry.id for entry in read(app, network).entries][1:] == first
    everywhere = [entry.id for lang in ("sv", "es", "en") for entry in read(app, f"/feeds/all.atom?lang={lang}").entries]
    assert len(set(everywhere)) == len(everywhere) == 9
    assert all(re.fullmatch(r"tag:127\.0\.0\.1,2025-03-03:[0-9a-f-]{36}/\d+/(sv|es|en)", one) for one in everywhere)


def test_nobody_is_named(app: Flask, workshop: Workshop) -> None:
    acts.cancel(workshop.id, REASONS, by=KARIN, now=LATER[0])
    assert KARIN.name.encode() not in app.test_client().get(URL).data


def test_a_document_has_what_the_standard_asks_for(app: Flask, workshop: Workshop) -> None:
    feed = ET.fromstring(app.test_client().get("/feeds/colombia.atom?lang=es").data)  # noqa: S314  our own bytes
    assert feed.tag == f"{ATOM}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "es"
    assert [feed.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated")] == [
        "tag:127.0.0.1,2024:feeds/colombia/es",
        "Novedades: Talleres en Colombia",
        "2025-03-03T12:00:00Z",
    ]
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "ICLD"
    assert [(link.get("rel"), link.get("hreflang"), link.get("href")) for link in feed.findall(f"{ATOM}link")] == [
        ("self", "es", "http://127.0.0.1:5000/feeds/colombia.atom?lang=es"),
        ("alternate", "es", "http://127.0.0.1:5000/es/workshops/?country=CO"),
    ]
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert [child.tag.removeprefix(ATOM) for child in entry] == ["id", "title", "link", "published", "updated", "category", "content"]


def test_hostile_words_stay_words(lite: Flask) -> None:
    """No form lets these through; a row may come from elsewhere."""
    network = factories.network(factories.organisation("SE"))
    texts = {lang: Text("A city", "A summary") for lang in ("sv", "es", "en")}
    made = service.save_draft(values(network, texts=texts, venue="<b>Hall</b>"), by=KARIN, now=NOW)
    acts.publish(made.id, by=KARIN, now=NOW)
    with transaction():
        made.texts["en"].title, made.texts["en"].summary = HOSTILE + "å" * 300, HOSTILE
        made.texts["en"].reason = HOSTILE
    acts.cancel(made.id, dict.fromkeys(REASONS, "<script>alert(1)</script>"), by=KARIN, now=LATER[0])
    data = lite.test_client().get(URL).data
    cancelled, published = read(lite).entries
    plain = ET.fromstring(data).findall(f"{ATOM}entry/{ATOM}content")  # noqa: S314  our own bytes
    assert published.title == "New: ]]> <script>alert(1)</script> &amp; " + "å" * 300
    assert published.title_detail.type == "text/plain"
    assert "<script" not in "".join(str(one.text) for one in plain)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in str(plain[0].text)
    assert "&lt;b&gt;Hall&lt;/b&gt;" in str(plain[1].text)
    assert cancelled.title.startswith("Cancelled: ]]")


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("all", ["Umea", "Online", "Bogota"]),
        ("sweden", ["Umea"]),
        ("latin-america", ["Bogota"]),
        ("colombia", ["Bogota"]),
        ("guatemala", []),
        ("online", ["Online"]),
        ("network/{slug}", ["Umea", "Online", "Bogota"]),
    ],
)
def test_a_feed_tells_of_what_its_calendar_shows(app: Flask, network: Network, name: str, seen: list[str]) -> None:
    places: list[dict[str, Any]] = [{}, {"format": "online"}, {"country": "SE", "zone": "Europe/Stockholm", "place": "Umeå"}]
    for number, (title, facts) in enumerate(zip(("Bogota", "Online", "Umea"), places, strict=True)):
        texts = dict.fromkeys(("sv", "es", "en"), Text(title, "A summary"))
        made = service.save_draft(values(network, texts=texts, **facts), by=KARIN, now=NOW)
        acts.publish(made.id, by=KARIN, now=LATER[number])
    assert titles(app, f"/feeds/{name.format(slug=network.slug)}.atom?lang=en") == [f"New: {title}" for title in seen]


def test_the_newest_fifty_are_told(lite: Flask) -> None:
    network = factories.network(factories.organisation("SE"))
    made = [factories.workshop(network, title=f"Number {number}") for number in range(60)]
    with transaction():
        for number, one in enumerate(made):
            record("workshop.published", f"workshop:{one.id}", by=KARIN, now=NOW + number * HOUR, stage="published")
    found = titles(lite)
    assert (len(found), found[0], found[-1]) == (50, "New: Number 59 (en)", "New: Number 10 (en)")


def test_the_number_of_statements_does_not_grow(lite: Flask) -> None:
    network = factories.network(factories.organisation("SE"))
    numbers = []
    for rows in (1, 30):
        for _number in range(rows):
            one = factories.workshop(network)
            with transaction():
                record("workshop.published", f"workshop:{one.id}", by=KARIN, now=NOW, stage="published")
        lite.extensions.pop("app.feeds", None)
        with counted(lite) as seen:
            lite.test_client().get(URL)
        numbers.append(len(seen))
    assert numbers[0] == numbers[1] <= 6


def test_two_fetches_are_byte_equal_and_an_unchanged_feed_costs_one_statement(lite: Flask, clock: Callable[[datetime], Any]) -> None:
    network = factories.network(factories.organisation("SE"))
    acts.publish(service.save_draft(values(network), by=KARIN, now=NOW).id, by=KARIN, now=NOW)
    with clock(LATER[0]):
        first = lite.test_client().get(URL).data
    with clock(LATER[7]), counted(lite) as seen:
        assert lite.test_client().get(URL).data == first
    assert len(seen) == 1
    lite.extensions.pop("app.feeds")  # as a process that has kept nothing
    assert lite.test_client().get(URL).data == first


def test_validators_answer_304_until_something_happens(app: Flask, workshop: Workshop) -> None:
    client = app.test_client()
    answer = client.get(URL)
    etag, modified = answer.headers["ETag"], answer.headers["Last-Modified"]
    asked: list[dict[str, str]] = [{"If-None-Match": etag}, {"If-None-Match": f'"x", W/{etag}'}, {"If-Modified-Since": modified}]
    assert [(client.get(URL, headers=headers).status_code, client.get(URL, headers=headers).data) for headers in asked] == [(304, b"")] * 3
    acts.cancel(workshop.id, REASONS, by=KARIN, now=LATER[0])
    assert client.get(URL, headers={"If-None-Match": etag}).status_code == 200


def test_headers_are_a_feeds(app: Flask, workshop: Workshop) -> None:
    client = app.test_client()
    plain, packed = client.get(URL), client.get(URL, headers={"Accept-Encoding": "gzip"})
    assert plain.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert (plain.headers["Cache-Control"], plain.headers["Vary"]) == ("public, max-age=900", "Accept-Encoding")
    assert "Set-Cookie" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert (client.head(URL).data, client.head(URL).headers["ETag"]) == (b"", plain.headers["ETag"])


def test_an_empty_feed_is_a_valid_one(app: Flask) -> None:
    found = read(app, "/feeds/guatemala.atom?lang=sv")
    assert (found.entries, found.feed.updated) == ([], f"{NEVER:%Y-%m-%dT%H:%M:%SZ}")


@pytest.mark.parametrize("address", ["/feeds/nowhere.atom", "/feeds/all.atom?lang=de", "/feeds/me/x.atom", "/feeds/network/none.atom"])
def test_an_unknown_feed_is_a_404(app: Flask, address: str) -> None:
    assert app.test_client().get(address).status_code == 404


def test_a_workshop_that_is_gone_takes_its_news_with_it(app: Flask, workshop: Workshop) -> None:
    with transaction():
        db.session.execute(delete(Workshop).where(Workshop.id == workshop.id))
    app.extensions.pop("app.feeds", None)
    assert titles(app) == []


def test_the_demo_has_news_of_each_kind_but_one(lite: Flask) -> None:
    load_demo(now=datetime(2026, 3, 2, 12, tzinfo=UTC))
    kinds = {entry.tags[0].term for entry in read(lite).entries}
    assert kinds == {"published", "moved", "postponed", "cancelled"}


def test_the_page_of_calendars_names_the_feed_of_each(lite: Flask) -> None:
    network = factories.network(factories.organisation("SE"))
    names, client = [*PLACES, f"network/{network.slug}"], lite.test_client()
    for name in names:
        page = client.get(f"/en/subscribe?calendar={name}&language=es").get_data(as_text=True)
        assert re.findall(r'<a href="(/feeds/[^"]+)" type="application/atom\+xml">News and changes<', page) == [
            f"/feeds/{name}.atom?lang=es"
        ]
        assert client.get(f"/feeds/{name}.atom?lang=es").status_code == 200


def test_whoever_moves_a_day_by_its_date_is_told_the_date(app: Flask, workshop: Workshop) -> None:
    move(workshop, Day(date(2025, 6, 5), day(3).starts, day(3).ends), now=LATER[0])
    assert words(read(app).entries[0]).startswith("Now: Thursday 5 June 2025")
