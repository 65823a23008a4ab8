"""Rows for tests, with the least that they need; whatever matters to a test is said in the test."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import inspect

from app.accounts.models import Affiliation, Person
from app.database import db, is_writing, transaction
from app.organisations.models import Network, NetworkMember, NetworkName, Organisation, OrganisationName
from app.workshops.models import Workshop, WorkshopDay, WorkshopText

NOW = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)
ZONES = {"SE": "Europe/Stockholm", "CO": "America/Bogota", "GT": "America/Guatemala"}
PLACES = {"SE": ("Umeå", 63.8258, 20.263), "CO": ("Bogotá", 4.711, -74.0721), "GT": ("Panajachel", 14.7409, -91.1595)}
LANGS = {"SE": "sv", "CO": "es", "GT": "es"}
Row = TypeVar("Row")
_numbers = count(1)


def organisation(country: str = "SE", **values: Any) -> Organisation:
    """A municipality."""
    number = next(_numbers)
    place, latitude, longitude = PLACES[country]
    names = values.pop("names", dict.fromkeys(("sv", "es", "en"), f"{place} {number}"))
    row = Organisation(
        slug=f"organisation-{number}",
        kind="municipality",
        country=country,
        place=place,
        latitude=latitude,
        longitude=longitude,
        zone=ZONES[country],
        names={lang: OrganisationName(lang=lang, name=name) for lang, name in names.items()},
    )
    inspect(row).info["country"] = country
    return _saved(row, values)


def network(*members: Organisation, **values: Any) -> Network:
    """The network of 2024 to 2026, with these members from its first day."""
    starts = values.pop("starts_on", date(2024, 1, 1))
    row = Network(
        slug=f"network-{next(_numbers)}",
        starts_on=starts,
        ends_on=date(2026, 12, 31),
        names={lang: NetworkName(lang=lang, name=f"Network {lang}") for lang in ("sv", "es", "en")},
        members=[NetworkMember(**_to("organisation", member), joined_on=starts) for member in members],
    )
    return _saved(row, values)


def person(of: Organisation | None = None, role: str = "member", **values: Any) -> Person:
    """Somebody, perhaps of an organisation; `staff="officer"` makes it staff; `asks=True`: nobody there has confirmed it."""
    number = next(_numbers)
    country = _country(of) if of else "SE"
    address = values.pop("address", f"person{number}@municipality.example")
    staff, asks = values.pop("staff", None), values.pop("asks", False)
    row = Person(
        address=address,
        canonical_address=address.lower(),
        name=f"Person {number}",
        lang=LANGS[country],
        zone=ZONES[country],
        role=staff,
        created_at=NOW - timedelta(days=400),
        confirmed_at=NOW - timedelta(days=400),
    )
    if of is not None:
        since = date(2024, 1, 1)
        row.affiliations = [
            Affiliation(**_to("organisation", of), role=role, starts_on=since, confirmed_at=None if asks else row.created_at)
        ]
    return _saved(row, values)


def workshop(of: Network, *days: date, country: str = "CO", **values: Any) -> Workshop:
    """A published workshop of 09:00 to 16:00 on these days (2025-06-03 if none), open for registration, ten seats."""
    number = next(_numbers)
    zone = values.get("zone", ZONES[country])
    place, latitude, longitude = PLACES[country]
    starts, ends = values.pop("starts", time(9)), values.pop("ends", time(16))
    title = values.pop("title", f"Workshop {number}")
    made = values.pop("made", NOW - timedelta(days=30))
    rows = [
        WorkshopDay(
            on=on,
            starts=starts,
            ends=ends,
            starts_at=datetime.combine(on, starts, ZoneInfo(zone)),
            ends_at=datetime.combine(on, ends, ZoneInfo(zone)),
            uid=f"w{number}-{place_of}@workshops.example",
            created_at=made,
            changed_at=made,
        )
        for place_of, on in enumerate(days or (date(2025, 6, 3),), 1)
    ]
    row = Workshop(
        slug=f"workshop-{number}",
        **_to("network", of),
        state="published",
        format="on_site",
        original_lang="es",
        spoken="es sv",
        venue="City hall",
        place=place,
        country=country,
        latitude=latitude,
        longitude=longitude,
        zone=zone,
        capacity=10,
        access="network",
        uid=f"w{number}@workshops.example",
        starts_at=rows[0].starts_at,
        ends_at=rows[-1].ends_at,
        created_at=made,
        changed_at=made,
        published_at=made,
        days=rows,
        texts={
            lang: WorkshopText(lang=lang, title=f"{title} ({lang})", summary=f"Summary in {lang}.", changed_at=made)
            for lang in ("sv", "es", "en")
        },
    )
    return _saved(row, values)


def number_of(row: Any) -> int | None:
    """The number of a row that has one: a commit has the row forget even that, and it would be read again with all that hangs on it."""
    found = inspect(row).identity
    return int(found[0]) if found else None


def _to(name: str, row: Organisation | Network) -> dict[str, Any]:
    number = number_of(row)
    return {name: row} if number is None or is_writing() else {f"{name}_id": number}


def _country(of: Organisation) -> str:
    """The country; a commit has made the row forget it, but not what is noted beside."""
    return str(inspect(of).info.get("country") or of.country)


def _saved(row: Row, values: dict[str, Any]) -> Row:
    for name, value in values.items():
        setattr(row, name, value)
    with transaction():
        db.session.add(row)
    return row
