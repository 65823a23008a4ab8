"""What the pages of registration offer, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.organisations.models import Organisation
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW

Clock = Callable[[datetime], Any]
SHUT = [
    pytest.param({"state": "cancelled"}, "The workshop is cancelled.", id="cancelled"),
    pytest.param({"state": "postponed"}, "Registration opens again when there is a new date.", id="postponed"),
    pytest.param({"days": date(2025, 1, 7)}, "The workshop is over.", id="past"),
    pytest.param({"closes_at": NOW - timedelta(days=1)}, "Registration is closed.", id="closed"),
    pytest.param({"opens_at": NOW + timedelta(days=1)}, "Registration opens on", id="not yet"),
]


@pytest.fixture
def umea(lite: Flask) -> Organisation:
    assert lite
    return factories.organisation("SE")


def made(umea: Organisation, **values: Any) -> Workshop:
    """A workshop that anybody may come to."""
    days = [values.pop("days")] if "days" in values else []
    return factories.workshop(factories.network(umea), *days, access="open", **values)


@pytest.mark.parametrize(("values", "reason"), SHUT)
@pytest.mark.parametrize("guest", [False, True])
def test_no_form_is_offered_when_nobody_can_register(
    lite: Flask, umea: Organisation, clock: Clock, values: dict[str, Any], reason: str, guest: bool
) -> None:
    workshop = made(umea, **values)
    client = lite.test_client()
    with clock(NOW):
        page = (client if guest else client.signed_in(factories.person(umea))).get(f"/en/workshops/{workshop.slug}/register")
    words = page.get_data(as_text=True)
    assert page.status_code == 200
    assert reason in words
    assert f'action="/en/workshops/{workshop.slug}/register"' not in words


def test_the_form_is_there_when_people_can_register(lite: Flask, umea: Organisation, clock: Clock) -> None:
    workshop = made(umea)
    with clock(NOW):
        words = lite.test_client().get(f"/en/workshops/{workshop.slug}/register").get_data(as_text=True)
    assert f'action="/en/workshops/{workshop.slug}/register"' in words
