"""What a page's head tells search engines: its one address, its other languages, or that it is not to be found."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from app.accounts.models import Person
from app.database import db
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import MakeApp, Visitor

BASE = "http://127.0.0.1:5000"
NOINDEX = '<meta name="robots" content="noindex">'


def head(app: Flask, url: str, visitor: Visitor | None = None) -> str:
    """The head of a page."""
    return (visitor or app.test_client()).get(url).get_data(as_text=True).partition("</head>")[0]


def canonical(text: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'<link rel="canonical" href="([^"]*)">', text)]


def properties(text: str) -> list[tuple[str, str]]:
    """What Open Graph reads."""
    return [(name, unescape(value)) for name, value in re.findall(r'property="og:([a-z_:]+)" content="([^"]*)"', text)]


@pytest.fixture
def workshop(lite: Flask) -> Workshop:
    assert lite
    return factories.workshop(factories.network(factories.organisation("SE")), title="Care")


def test_a_page_names_itself_in_every_language(lite: Flask, workshop: Workshop) -> None:
    text = head(lite, f"/es/workshops/{workshop.slug}/")
    path = f"/workshops/{workshop.slug}/"
    assert canonical(text) == [f"{BASE}/es{path}"]
    assert re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', text) == [
        ("sv", f"{BASE}/sv{path}"),
        ("es", f"{BASE}/es{path}"),
        ("en", f"{BASE}/en{path}"),
        ("x-default", f"{BASE}/en{path}"),
    ]
    assert NOINDEX not in text


def test_the_first_page_of_everybody_else_is_the_root(lite: Flask) -> None:
    assert f'<link rel="alternate" hreflang="x-default" href="{BASE}/">' in head(lite, "/sv/")


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", ""),
        ("?utm_source=mail&fbclid=x&lang=sv&endpoint=x&_anchor=y", ""),
        ("?page=1&country=&theme=", ""),
        ("?page=2", "?page=2"),
        ("?open=1&country=CO&when=past&utm_source=mail&page=2", "?when=past&country=CO&open=1&page=2"),
        ("?theme=%22%3E%3Cscript%3E", "?theme=%22%3E%3Cscript%3E"),
    ],
)
def test_only_words_that_make_another_page_stay_in_its_address(lite: Flask, workshop: Workshop, query: str, kept: str) -> None:
    text = head(lite, f"/en/workshops/{query}")
    assert canonical(text) == [f"{BASE}/en/workshops/{kept}"]
    assert text.count("<script") == 1


def test_the_address_is_the_services_own_whoever_was_asked(make_app: MakeApp, sqlite_url: str) -> None:
    app = make_app(sqlite_url, BASE_URL="https://workshops.example/icld", TRUSTED_HOSTS="localhost,other.example")
    with app.app_context():
        text = app.test_client().get("/en/about", headers={"Host": "other.example"}).get_data(as_text=True)
    assert canonical(text) == ["https://workshops.example/icld/en/about"]
    assert "other.example" not in text


def test_links_to_a_page_show_what_it_is(lite: Flask, workshop: Workshop) -> None:
    assert properties(head(lite, f"/sv/workshops/{workshop.slug}/")) == [
        ("description", "Summary in sv."),
        ("type", "website"),
        ("site_name", "Network sv"),
        ("title", "Care (sv)"),
        ("url", f"{BASE}/sv/workshops/{workshop.slug}/"),
        ("locale", "sv_SE"),
        ("locale:alternate", "es_LA"),
        ("locale:alternate", "en_GB"),
    ]


def test_hostile_words_stay_words(lite: Flask) -> None:
    sly = '"><script>alert(1)</script>&amp;\u2028' + "å " * 300
    network = factories.network(factories.organisation("SE"))
    workshop = factories.workshop(network, title=sly)
    workshop.texts["en"].summary = sly
    db.session.commit()
    text = head(lite, f"/en/workshops/{workshop.slug}/")
    found = dict(properties(text))
    assert found["title"].startswith('"><script>alert(1)</script>&amp;')
    assert found["description"] == '"><script>alert(1)</script>&amp; ' + "å " * 82 + "å…"
    assert text.count("<script") == 2  # our own, and the facts for search engines


@pytest.mark.parametrize("path", ["/en/sign-in", "/en/sign-in/password", "/en/nowhere", "/en/workshops/no-such-workshop/"])
def test_what_nobody_should_find_says_so(lite: Flask, path: str) -> None:
    text = head(lite, path)
    assert (NOINDEX in text, canonical(text), properties(text)) == (True, [], [])


def test_a_draft_is_not_named_in_its_404(lite: Flask, workshop: Workshop) -> None:
    draft = factories.workshop(workshop.network, state="draft")
    text = head(lite, f"/en/workshops/{draft.slug}/")
    assert (NOINDEX in text, canonical(text)) == (True, [])


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("lucia.chavajay@panajachel.example", "/es/me/"),
        ("lucia.chavajay@panajachel.example", "/es/workshops/umea/register"),
        ("karin.ahlqvist@icld.example", "/sv/staff/workshops/"),
    ],
)
def test_ones_own_and_the_staffs_pages_are_not_to_be_found(demo: Flask, address: str, path: str) -> None:
    visitor = demo.test_client()
    assert isinstance(visitor, Visitor)
    visitor.signed_in(db.session.query(Person).filter_by(canonical_address=address).one())
    text = head(demo, path, visitor)
    assert (NOINDEX in text, canonical(text), "application/atom+xml" in text) == (True, [], False)
    assert canonical(head(demo, "/sv/workshops/umea/", visitor)) == [f"{BASE}/sv/workshops/umea/"]


def test_readers_of_feeds_find_the_news(demo: Flask) -> None:
    linked = re.compile(r'<link rel="alternate" type="application/atom\+xml" title="([^"]+)" href="([^"]+)">')
    everywhere = ("Nyheter och ändringar", "/feeds/all.atom?lang=sv")
    network = ("Nyheter: Nätverk för jämställdhet", "/feeds/network/gender-equality.atom?lang=sv")
    assert linked.findall(head(demo, "/sv/workshops/")) == [everywhere]
    assert linked.findall(head(demo, "/sv/network/gender-equality/")) == [everywhere, network]
    assert demo.test_client().get(network[1]).status_code == 200
