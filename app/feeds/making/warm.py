"""What a process does once and its first reader need not wait for: catalogues, names of places, clocks' rules, statements."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import configure_mappers

from app import calendars
from app.calendars import Years
from app.feeds import queries
from app.feeds.making import rows
from app.feeds.making.folder import made_by
from app.feeds.making.pieces import Pieces
from app.feeds.making.rows import Day, Named, Shown, Text
from app.languages import LANGUAGES
from app.workshops.models import Workshop
from app.workshops.showing import entries


def warm_up(app: Flask) -> None:
    """Makes a calendar that nobody is shown, of workshops that are in no table. Without a database it does what it can."""
    configure_mappers()
    made_by()
    with app.app_context():
        years = Years(datetime.now(UTC).year, datetime.now(UTC).year)
        with suppress(DBAPIError):
            years = entries.years()
            rows.shown([*queries.shown_under("all"), Workshop.id < 0], "en", programme=False)
        for lang in LANGUAGES:
            invented = [_invented(number, zone, years, lang) for number, zone in enumerate(entries.NETWORK_ZONES)]
            calendars.feed("?", Pieces().of(invented, years, lang, "days"), years, lang=lang)


def _invented(number: int, zone: str, years: Years, lang: str) -> Shown:
    at = datetime(years.last, 6, 1, 15, tzinfo=UTC)
    day = Day(at.date(), at, at + timedelta(hours=1), f"{number}@warm.invalid", 0, at, ())
    return Shown(
        id=number,
        slug="?",
        state="published",
        format="on_site",
        original_lang=lang,
        spoken="es sv en",
        venue="?",
        street_address="",
        place="",
        country="SE",
        latitude=1.0,
        longitude=1.0,
        zone=zone,
        closes_at=at,
        uid=f"w{number}@warm.invalid",
        sequence=0,
        created_at=at,
        changed_at=at,
        published_at=at,
        network=Named(lang, "?"),
        text=Text(lang, "?", "?", ""),
        days=(day,),
    )
