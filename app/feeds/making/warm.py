"""What a process does once and its first reader need not wait for: catalogues, names of places, clocks' rules, statements."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import configure_mappers

from app import calendars
from app.calendars import Years
from app.clock import now
from app.feeds import queries, service
from app.feeds.making.code import made_by
from app.feeds.making.pieces import rendered
from app.feeds.making.rows import Day, Named, Shown, Text
from app.feeds.revisions import PUBLIC, revisions
from app.languages import LANGUAGES
from app.workshops.showing import entries

SIZE = 60  # workshops: as much memory as a calendar takes is touched before somebody waits for one
KINDS = ("all", "online", "latin-america", "sweden", "network/?")
PLACES = tuple(zip(entries.NETWORK_ZONES, ("GT", "CO", "SE"), strict=True))
HIGHEST = 2**31 - 1  # number that a row can have


def warm_up(app: Flask) -> None:
    """Makes a calendar that nobody is shown, of workshops that are in no table. Without a database it does what it can. Its connections
    stay, for the first reader; a process that forks after this must not share them (`database.let_go`)."""
    configure_mappers()
    made_by()
    with app.app_context():
        years = Years(now().year, now().year)
        with suppress(DBAPIError):
            years = entries.years()
            revisions(PUBLIC)
            for name in KINDS:  # the very statements that will be wanted, which find nothing here
                queries.exists(name)
                service.title(name, "en")
                service.under(name, "en", programme=False, above=HIGHEST)
        for lang in LANGUAGES:
            invented = [_invented(number, *PLACES[number % len(PLACES)], years, lang) for number in range(SIZE)]
            calendars.feed("?", [piece for one in invented for piece in rendered(one, years, lang, "days")], years, lang=lang)


def _invented(number: int, zone: str, country: str, years: Years, lang: str) -> Shown:
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
        country=country,
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
