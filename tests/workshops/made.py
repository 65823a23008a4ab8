"""What tests of workshops start from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from typing import Any

from flask import Flask

from app import announcements
from app.audit.service import Actor
from app.organisations.models import Network
from app.workshops.rules import LANGUAGES
from app.workshops.values import Day, Session, Text, Values

KARIN = Actor("command", "Karin")
NAMES = (
    "workshop_published",
    "workshop_moved",
    "workshop_changed",
    "workshop_postponed",
    "workshop_cancelled",
    "workshop_restored",
    "capacity_raised",
    "workshop_reminders_chosen",
)
REASONS = {"sv": "Bron är avstängd.", "es": "El puente está cerrado.", "en": "The bridge is closed."}


def values(network: Network, **changes: Any) -> Values:
    """A whole workshop of two days in Bogotá."""
    facts: dict[str, Any] = {
        "zone": "America/Bogota",
        "original_lang": "es",
        "texts": {lang: Text(f"Ciudad segura ({lang})", f"Summary in {lang}.") for lang in LANGUAGES},
        "days": (day(3), day(4)),
        "venue": "Archivo de Bogotá",
        "place": "Bogotá",
        "country": "CO",
        "capacity": 20,
        "spoken": ("es", "sv"),
        "contact": "partnership@icld.se",
    }
    return Values(network_id=network.id, **(facts | changes))


def day(number: int, starts: int = 9, ends: int = 16, row: int | None = None) -> Day:
    """A day of June 2025."""
    return Day(date(2025, 6, number), time(starts), time(ends), row)


def session(title: str, starts: int = 9, ends: int = 11, day: int = 0, **facts: Any) -> Session:
    """A session of the first day, with its name in English."""
    return Session(day, time(starts), time(ends), (("en", title),), **({"room": "Room 1"} | facts))


@contextmanager
def heard(app: Flask) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """What is announced inside the block, in its order."""
    found: list[tuple[str, dict[str, Any]]] = []
    handlers = {name: (lambda _name=name, **facts: found.append((_name, facts))) for name in NAMES}
    for name, handler in handlers.items():
        announcements.register(app, name, handler)
    yield found
    for name, handler in handlers.items():
        app.extensions[announcements.KEY][name].remove(handler)
