"""The site map (sitemaps.org 0.9): every page that everybody may find, in every language, and no other."""

from __future__ import annotations

import gzip
import re
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from app.organisations.models import Network
from app.workshops import service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from tests import factories
from tests.conftest import counted
from tests.factories import NOW
from tests.workshops.made import KARIN, values

URL = "/sitemap.xml"
BASE = "http://127.0.0.1:5000"
SITEMAP, XHTML = "{http://www.sitemaps.org/schemas/sitemap/0.9}", "{http://www.w3.org/1999/xhtml}"
HOUR = timedelta(hours=1)


@pytest.fixture
def network(app: Flask) -> Network:
    assert app
    return factories.network(factories.organisation("SE"))


@pytest.fixture
def workshop(network: Network) -> Workshop:
    return acts.publish(service.save_draft(values(network), by=KARIN, now=NOW).id, by=KARIN, now=NOW)


def entries(app: Flask) -> dict[str, ET.Element]:
    """The elements of the site map, by their addresses without BASE_URL."""
    root = ET.fromstring(app.test_client().get(URL).data)  # noqa: S314  our own bytes
    assert root.tag == f"{SITEMAP}urlset"
    return {str(one.findtext(f"{SITEMAP}loc")).removeprefix(BASE): one for one in root}


def test_a_page_stands_in_every_language_and_names_the_others(app: Flask, workshop: Workshop) -> None:
    found = entries(app)
    for lang in ("sv", "es", "en"):
        links = found[f"/{lang}/workshops/{workshop.slug}/"].findall(f"{XHTML}link")
        assert [(link.get("rel"), link.get("hreflang"), link.get("href")) for link in links] == [
            ("alternate", code, f"{BASE}/{other}/workshops/{workshop.slug}/")
            for code, other in (("sv", "sv"), ("es", "es"), ("en", "en"), ("x-default", "en"))
        ]


def test_what_has_changed_says_when_and_what_has_no_date_says_nothing(app: Flask, workshop: Workshop) -> None:
    service.save(workshop.id, values(workshop.network, venue="Biblioteca"), workshop.version, by=KARIN, now=NOW + HOUR)
    found, network = entries(app), workshop.network
    changed = [f"/sv/workshops/{workshop.slug}/", f"/sv/network/{network.slug}/", "/sv/workshops/", "/sv/"]
    assert {found[path].findtext(f"{SITEMAP}lastmod") for path in changed} == {"2025-03-03T13:00:00Z"}
    silent = ["/sv/about", f"/sv/organisations/{network.members[0].organisation.slug}/"]
    assert {found[path].findtext(f"{SITEMAP}lastmod") for path in silent} == {None}


def test_drafts_are_not_in_it_and_what_was_is(app: Flask, network: Network) -> None:
    draft = factories.workshop(network, state="draft")
    kept = [factories.workshop(network, date(2024, 3, 18)), factories.workshop(network, state="cancelled")]
    found = "\n".join(entries(app))
    assert (draft.slug in found, [one.slug in found for one in kept]) == (False, [True, True])


def test_every_address_in_it_is_its_own_canonical_one(demo: Flask) -> None:
    client = demo.test_client()
    found = entries(demo)
    wrong = []
    for path in found:
        answer = client.get(path)
        canonical = re.findall(r'<link rel="canonical" href="([^"]+)">', answer.get_data(as_text=True))
        wrong += [f"{path}: {answer.status_code} {canonical}"] if (answer.status_code, canonical) != (200, [BASE + path]) else []
    assert not wrong, "\n".join(wrong)
    assert len(found) > 90


def test_validators_answer_304_until_a_page_comes_or_changes(app: Flask, workshop: Workshop) -> None:
    client = app.test_client()
    etags = [client.get(URL).headers["ETag"]]
    assert client.get(URL, headers={"If-None-Match": etags[0]}).status_code == 304
    service.save(workshop.id, values(workshop.network, venue="Biblioteca"), workshop.version, by=KARIN, now=NOW + HOUR)
    etags.append(client.get(URL).headers["ETag"])
    factories.organisation("GT")
    etags.append(client.get(URL).headers["ETag"])
    assert len(set(etags)) == 3


def test_it_is_packed_and_typed_and_has_no_cookie(app: Flask, workshop: Workshop) -> None:
    plain, packed = (app.test_client().get(URL, headers=headers) for headers in ({}, {"Accept-Encoding": "gzip"}))
    assert plain.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert gzip.decompress(packed.data) == plain.data
    assert "Set-Cookie" not in plain.headers


def test_the_number_of_statements_does_not_grow(lite: Flask) -> None:
    network = factories.network(factories.organisation("SE"))
    numbers = []
    for rows in (1, 30):
        for _number in range(rows):
            factories.workshop(network)
        lite.extensions.pop("app.feeds", None)
        with counted(lite) as seen:
            lite.test_client().get(URL)
        numbers.append(len(seen))
    assert numbers[0] == numbers[1] <= 6


def test_an_empty_house_has_its_fixed_pages(lite: Flask) -> None:
    assert list(entries(lite))[:6] == ["/sv/", "/es/", "/en/", "/sv/workshops/", "/es/workshops/", "/en/workshops/"]


def test_robots_are_told_where_it_is(lite: Flask) -> None:
    assert lite.test_client().get("/robots.txt").get_data(as_text=True) == f"User-agent: *\nDisallow:\n\nSitemap: {BASE}{URL}\n"
