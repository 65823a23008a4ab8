"""Entries for the calendar tests: one ordinary workshop, of which each test changes what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.calendars import Address, Entry, Hours, Status, Years

YEARS = Years(2024, 2028)
ROLE = Address("ICLD, network for gender equality", "partnership@icld.se")
ANA = Address('Ana "Anita"; Pérez: x, y', "ana.perez@example.org")


def hours(zone: str = "America/Bogota", day: int = 19) -> Hours:
    """16 to 18 on a day of March 2024."""
    place = ZoneInfo(zone)
    return Hours(datetime(2024, 3, day, 16, tzinfo=place), datetime(2024, 3, day, 18, tzinfo=place))


def entry(**changes: object) -> Entry:
    """An ordinary workshop day in Bogotá, in Swedish."""
    values: dict[str, Any] = {
        "uid": "w1-1@workshops.example.org",
        "sequence": 2,
        "created": datetime(2024, 1, 1, 8, tzinfo=UTC),
        "changed": datetime(2024, 2, 1, 12, 30, 15, tzinfo=UTC),
        "status": Status.CONFIRMED,
        "when": hours(),
        "summary": "Jämställd budget; så räknar vi, del 1",
        "description": "19 mars 2024, 16:00-18:00 i Bogotá · 22:00 i Stockholm\n\nTa med er budget: " + "å, ä; ö " * 30,
        "location": "Alcaldía Mayor, Carrera 8 # 10-65, Bogotá",
        "geo": (4.5981, -74.076),
        "categories": ("Colombia", "Verkstad"),
        "url": "https://workshops.example.org/sv/workshops/budget/",
        "lang": "sv",
        "organizer": ROLE,
    }
    return Entry(**{**values, **changes})
