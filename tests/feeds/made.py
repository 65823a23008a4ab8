"""What tests of somebody's own calendar start from: a person, a device, a seat, what is fetched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app
from icalendar import Calendar

from app.accounts.models import Person
from app.audit.service import person as actor
from app.database import end_reading
from app.feeds.personal import service
from app.feeds.personal.service import Options
from app.organisations.models import Organisation
from app.registrations import service as registrations
from app.workshops.models import Workshop
from tests import factories
from tests.factories import NOW

LINK = "https://meet.example/room?x=1"


def somebody(umea: Organisation, **options: Any) -> tuple[Person, str]:
    """Somebody who reads English, and the address of one of their devices."""
    me = factories.person(umea, lang="en")
    return me, address(me, **options)


def address(me: Person, **options: Any) -> str:
    """The address of one more device."""
    token = service.make_token(me.id, "telephone", Options(**{"lang": "en", **options}), by=actor(me), now=NOW)
    return f"/feeds/me/{token}.ics"


def seat(workshop: Workshop, me: Person, now: datetime = NOW) -> int:
    """A seat, or what there is of one; the registration's number."""
    return registrations.register(workshop.id, me.id, by=actor(me), now=now).id


def fetched(url: str, headers: dict[str, str] | None = None) -> Any:
    """What a program gets, whoever has changed something meanwhile."""
    end_reading()
    return current_app.test_client().get(url, headers=headers or {})


def events(url: str) -> list[Any]:
    """The entries of a calendar."""
    answer = fetched(url)
    assert answer.status_code == 200
    return list(Calendar.from_ical(answer.data).walk("VEVENT"))


def only(url: str) -> Any:
    """Its one entry."""
    (event,) = events(url)
    return event
