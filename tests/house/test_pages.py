"""What every page keeps to: the policy, one heading, its language, unique ids, forms with a token, links that lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from app.web import POLICY
from app.web.frames import FRAME
from tests.house.conftest import SEEN_BY, Seen, seen_by
from tests.house.walk import things, visitor

Attributes = dict[str, str]
OWN = {  # a mail as it looks, and the page that shows it in a frame
    "reminders_rehearsing_staff.html": FRAME,
    "reminders_rehearsing_staff.mail": f"{POLICY}; frame-src 'self'",
    "wording_staff.sample": FRAME,
    "wording_staff.edit": f"{POLICY}; frame-src 'self'",
}


class Elements(HTMLParser):
    """The start tags of a page, and the words of those that tests look into."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, Attributes]] = []
        self.forms: list[tuple[Attributes, list[Attributes]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if tag == "form":
            self.forms.append((attributes, []))
        elif tag in {"input", "select", "textarea", "button"} and self.forms:
            self.forms[-1][1].append(attributes)

    def all(self, *names: str) -> Iterator[Attributes]:
        """The attributes of these tags."""
        return (attributes for tag, attributes in self.tags if tag in names)


@pytest.fixture(scope="session")
def pages(walked: list[Seen]) -> list[tuple[Seen, Elements]]:
    """Every page of HTML that people meet; what stands in the frame of a mail is a mail."""
    mails = ("demo_", "reminders_rehearsing_staff.html", "wording_staff.sample")
    return [(seen, Elements(seen.html)) for seen in walked if seen.html and not seen.route.endpoint.startswith(mails)]


def test_every_page_has_the_strict_policy(walked: list[Seen]) -> None:
    wrong = [
        str(seen) for seen in walked if seen.html and seen.answer.headers["Content-Security-Policy"] != OWN.get(seen.route.endpoint, POLICY)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_page_has_inline_script_or_style(pages: list[tuple[Seen, Elements]]) -> None:
    wrong = []
    for seen, page in pages:
        for tag, attributes in page.tags:
            inline = tag == "style" or "style" in attributes or any(name.startswith("on") for name in attributes)
            script = tag == "script" and "src" not in attributes and attributes.get("type") != "application/ld+json"
            if inline or script or attributes.get("href", "").lower().startswith("javascript:"):
                wrong.append(f"{seen}: <{tag} {attributes}>")
    assert not wrong, "\n".join(wrong)


def test_every_page_has_its_language_one_heading_and_a_title(pages: list[tuple[Seen, Elements]]) -> None:
    wrong = []
    for seen, page in pages:
        headings, languages = len(list(page.all("h1"))), [attributes.get("lang") for attributes in page.all("html")]
        title = re.search(r"<title>\s*(\S.*?)\s*</title>", seen.html, re.DOTALL)
        wanted = [seen.lang] if seen.route.path.startswith(f"/{seen.lang}/") else languages  # a guest's link has the guest's language
        if headings != 1 or len(languages) != 1 or languages != wanted or not title:
            wrong.append(f"{seen}: {headings} h1, html lang {languages}, title {title and title[1]}")
    assert not wrong, "\n".join(wrong)


def test_ids_are_unique(pages: list[tuple[Seen, Elements]]) -> None:
    wrong = []
    for seen, page in pages:
        ids = Counter(attributes["id"] for _tag, attributes in page.tags if "id" in attributes)
        wrong += [f"{seen}: {number} times id={name}" for name, number in ids.items() if number > 1]
    assert not wrong, "\n".join(wrong)


def test_every_form_that_changes_something_carries_the_token(pages: list[tuple[Seen, Elements]]) -> None:
    wrong = []
    for seen, page in pages:
        for form, fields in page.forms:
            if form.get("method", "get").lower() == "post" and not any(field.get("name") == "csrf_token" for field in fields):
                wrong.append(f"{seen}: {form}")
    assert not wrong, "\n".join(wrong)


def test_every_link_leads_somewhere(demo: Flask, pages: list[tuple[Seen, Elements]], full: bool) -> None:
    """Of links that differ in nothing but their values two are followed, with --full all; each that no route answers."""
    found, alike = things(), Counter[object]()
    browsers = {role: visitor(demo, role, found) for role in {*SEEN_BY.values(), "coordinator"}}
    known = {(seen_by(seen.route), seen.route.path) for seen, _page in pages if seen.answer.status_code == 200}
    linked: dict[tuple[str, str], str] = {}
    for seen, page in pages:
        for attributes in page.all("a", "link") if seen.answer.status_code == 200 else ():
            target = urlsplit(attributes.get("href", ""))
            if target.path and not target.scheme and not target.netloc:
                linked.setdefault((seen_by(seen.route), target._replace(fragment="").geturl()), str(seen))
    wrong = []
    for (role, path), where in linked.items():
        alike[kind := _kind(demo, role, path)] += 1
        if (role, path) in known or (kind and alike[kind] > 2 and not full):
            continue
        with browsers[role].get(urljoin(where.split()[1], path)) as answer:
            wrong += [f"{path} on {where}: {answer.status_code}"] if answer.status_code >= 400 else []
    assert not wrong, "\n".join(wrong)


def _kind(app: Flask, role: str, path: str) -> object:
    """What links have in common that differ only in values; nothing for one that no route answers."""
    target = urlsplit(path)
    try:
        endpoint, values = app.url_map.bind("localhost").match(target.path, "GET")
    except HTTPException:
        return None
    return role, endpoint, values.get("lang"), frozenset(parse_qs(target.query, keep_blank_values=True))
