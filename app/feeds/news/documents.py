"""Plain values into XML that programs read: an Atom feed (RFC 4287) and a site map (sitemaps.org 0.9)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML 1.0, even as a reference (section 2.2)


@dataclass(frozen=True)
class Item:
    """One entry of an Atom feed. `html` is what it says; `kind` is a code, `kind_words` the same for people."""

    id: str
    title: str
    url: str
    at: datetime
    kind: str
    kind_words: str
    html: str


@dataclass(frozen=True)
class News:
    """What stands around the entries. `author` is an organisation, never a person."""

    id: str
    title: str
    subtitle: str
    lang: str
    self_url: str
    page_url: str
    author: str
    updated: datetime


@dataclass(frozen=True)
class Place:
    """A page of the site map: its address in each language, the one for everybody else, and when its rows last changed."""

    addresses: Mapping[str, str]
    default: str
    changed_at: datetime | None = None


def atom(news: News, items: Iterable[Item]) -> bytes:
    """A feed document."""
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": news.lang})
    _text(feed, "id", news.id)
    _text(feed, "title", _one_line(news.title))
    _text(feed, "subtitle", _one_line(news.subtitle))
    _text(feed, "updated", stamp(news.updated))
    _text(ET.SubElement(feed, "author"), "name", _one_line(news.author))
    ET.SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "hreflang": news.lang, "href": news.self_url})
    ET.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "hreflang": news.lang, "href": news.page_url})
    for item in items:
        _entry(feed, item, news.lang)
    return _bytes(feed)


def _entry(feed: ET.Element, item: Item, lang: str) -> None:
    entry = ET.SubElement(feed, "entry")
    _text(entry, "id", item.id)
    _text(entry, "title", _one_line(item.title))
    ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "hreflang": lang, "href": item.url})
    _text(entry, "published", stamp(item.at))
    _text(entry, "updated", stamp(item.at))
    ET.SubElement(entry, "category", {"term": item.kind, "label": item.kind_words})
    _text(entry, "content", item.html, type="html")


def sitemap(places: Iterable[Place]) -> bytes:
    """A site map: each page once a language, naming the others (Google's way with `hreflang`)."""
    root = ET.Element("urlset", {"xmlns": SITEMAP, "xmlns:xhtml": XHTML})
    for place in places:
        for address in place.addresses.values():
            url = ET.SubElement(root, "url")
            _text(url, "loc", address)
            if place.changed_at:
                _text(url, "lastmod", stamp(place.changed_at))
            for lang, other in [*place.addresses.items(), ("x-default", place.default)]:
                ET.SubElement(url, "xhtml:link", {"rel": "alternate", "hreflang": lang, "href": other})
    return _bytes(root)


def tag(host: str, on: str, specific: str) -> str:
    """A name that lasts (RFC 4151): whose host it was on that day, and what it is there."""
    return f"tag:{host},{on}:{quote(specific, safe='/')}"


def stamp(at: datetime) -> str:
    """An instant as RFC 3339 writes it, to the second, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _text(parent: ET.Element, name: str, words: str, **attributes: str) -> None:
    ET.SubElement(parent, name, attributes).text = FORBIDDEN.sub("", words)


def _one_line(words: str) -> str:
    return " ".join(FORBIDDEN.sub("", words).split())


def _bytes(root: ET.Element) -> bytes:
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
