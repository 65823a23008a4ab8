"""All doors behind a mailed link keep one rule: the language of the mail, no copies, and 404 for a link that is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.registrations import letters, service
from app.registrations.link import LinkDoor
from tests import factories
from tests.conftest import Visitor
from tests.registrations.made import STAFF


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/r/")]


def test_every_address_behind_a_link_has_the_same_kind_of_door(lite: Flask) -> None:
    others = [rule.endpoint for rule in rules(lite) if not isinstance(lite.blueprints[rule.endpoint.partition(".")[0]], LinkDoor)]
    assert (others, len(rules(lite)) > 10) == ([], True)


@pytest.fixture
def own(lite: Flask) -> tuple[Visitor, str]:
    """A browser whose own language is Spanish, and the link of somebody who reads Swedish."""
    umea = factories.organisation("SE")
    workshop = factories.workshop(factories.network(umea), (datetime.now(UTC) + timedelta(days=90)).date())
    mine = service.register(workshop.id, factories.person(umea, lang="sv").id, by=STAFF, now=datetime.now(UTC))
    browser = cast("Visitor", lite.test_client())
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "es"
    return browser, letters.manage_path(mine)


@pytest.mark.parametrize("more", ["", "/cancel", "/answers", "/needs", "/substitute", "/reminders", "/certificate.pdf"])
def test_pages_speak_the_language_of_the_mail_unless_asked_and_are_kept_nowhere(own: tuple[Visitor, str], more: str) -> None:
    browser, link = own
    answer, other = browser.get(link + more, follow_redirects=True), browser.get(f"{link}{more}?lang=es")
    assert '<html lang="sv">' in answer.get_data(as_text=True)
    assert {answer.headers["Cache-Control"], other.headers["Cache-Control"]} == {"no-store"}
    if other.status_code != 303:
        assert '<html lang="es">' in other.get_data(as_text=True)
    assert browser.get(f"/r/forged{more}").status_code == 404


def test_the_square_is_kept_nowhere(own: tuple[Visitor, str]) -> None:
    browser, link = own
    square = browser.get(f"{link}/code.svg")
    assert (square.status_code, square.mimetype, square.headers["Cache-Control"]) == (200, "image/svg+xml", "no-store")
    assert browser.get("/r/forged/code.svg").status_code == 404
