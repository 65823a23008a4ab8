"""The demo's own data, read once from the files beside this one: `in_days` in them counts from the day of loading."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from app.demo.content.values import (
    LANGUAGES,
    WEEKDAYS,
    Commitment,
    Document,
    Hours,
    Network,
    Organisation,
    Partnership,
    PartnershipDate,
    Person,
    Phase,
    RecurringText,
    Registration,
    Session,
    Text,
    Waiver,
    Workshop,
)

__all__ = [
    "LANGUAGES",
    "LOG_INS",
    "PARTNERSHIPS",
    "WAIVERS",
    "Commitment",
    "Document",
    "Hours",
    "Network",
    "Organisation",
    "Partnership",
    "Person",
    "Phase",
    "RecurringText",
    "Registration",
    "Session",
    "Text",
    "Waiver",
    "Workshop",
    "calls",
    "commitments",
    "network",
    "organisations",
    "people",
    "recurring_texts",
    "registrations",
    "workshops",
]

HERE = Path(__file__).parent
OWN_WORDS: dict[str, dict[str, str | None]] = {
    "woman": {"sv": "kvinna", "es": "mujer", "en": "woman"},
    "man": {"sv": "man", "es": "hombre", "en": "man"},
    "": {"sv": None, "es": None, "en": None},
}

WAIVERS = (
    Waiver(
        0,
        "san-juan-la-laguna",
        "sweden",
        "Deslizamiento de tierra en julio de 2024; acordado con ICLD el 9 de agosto de 2024.",
        "karin.ahlqvist@icld.example",
    ),
    Waiver(
        1,
        "vaupes",
        "sweden",
        "Sin vuelos suficientes desde Mitú durante el período; acordado con ICLD.",
        "karin.ahlqvist@icld.example",
    ),
)

PARTNERSHIPS = (
    Partnership(
        slug="umea-bogota",
        left="bogota",
        right="umea",
        area="urban_planning",
        mentor="Gunvor Hällström",
        phases=(
            Phase("preparation", date(2025, 3, 1), date(2026, 2, 28)),
            Phase("project", date(2026, 3, 1), date(2028, 12, 31)),
        ),
        dates=(
            PartnershipDate(
                "visit",
                {"sv": "Första mötet, i Umeå", "es": "Primer encuentro, en Umeå", "en": "First meeting, in Umeå"},
                "umea",
                days=3,
                on=date(2025, 9, 16),
                hours=(time(9), time(16)),
            ),
            PartnershipDate(
                "visit",
                {"sv": "Andra mötet, i Bogotá", "es": "Segundo encuentro, en Bogotá", "en": "Second meeting, in Bogotá"},
                "bogota",
                days=4,
                on=date(2026, 2, 3),
                hours=(time(9), time(16)),
            ),
            PartnershipDate(
                "meeting",
                {"sv": "Styrgruppens möte", "es": "Reunión del grupo directivo", "en": "Meeting of the steering group"},
                "umea",
                in_days=18,
                hours=(time(15), time(16, 30)),
                public=False,
            ),
            PartnershipDate(
                "report",
                {"sv": "Halvårsrapport", "es": "Informe semestral", "en": "Half-year report"},
                "umea",
                in_days=40,
                public=False,
            ),
            PartnershipDate(
                "visit",
                {
                    "sv": "Trygghetsvandring i Kennedy, Bogotá",
                    "es": "Recorrido de seguridad en Kennedy, Bogotá",
                    "en": "Safety walk in Kennedy, Bogotá",
                },
                "bogota",
                days=3,
                in_days=75,
                hours=(time(9), time(16)),
            ),
        ),
        documents=(("ICLD: Municipal Partnerships", "https://icld.se/en/municipal-partnerships/"),),
    ),
)

LOG_INS = (  # whom to try the demo as: staff, a coordinator who still lacks Sweden, one with both halves in hand, a member
    "karin.ahlqvist@icld.example",
    "lucia.chavajay@panajachel.example",
    "malin.sundin@are.example",
    "mattias.brannlund@umea.example",
)


@cache
def organisations() -> tuple[Organisation, ...]:
    """All organisations, the network's members and others."""
    return tuple(
        Organisation(
            row["slug"],
            row["kind"],
            row["country"],
            {lang: row[f"name_{lang}"] for lang in LANGUAGES},
            row["place"],
            float(row["latitude"]),
            float(row["longitude"]),
            row["time_zone"],
        )
        for row in _rows("organisations")
    )


@cache
def network() -> Network:
    """The Network for Gender Equality. ICLD runs it and Guatemala City looks on; the others are its members."""
    facts = _toml(HERE / "network.toml")
    return Network(
        slug=facts["slug"],
        starts_on=facts["starts_on"],
        ends_on=facts["ends_on"],
        texts={lang: {part: words.strip() for part, words in facts[lang].items()} for lang in LANGUAGES},
        themes=tuple(facts["themes"]),
        members=tuple(facts["members"]),
        contact=facts["contact"],
        links=tuple(({lang: each[lang] for lang in LANGUAGES}, each["url"]) for each in facts["link"]),
    )


@cache
def people() -> tuple[Person, ...]:
    """Everybody, each in the zone of the organisation."""
    zones = {organisation.slug: organisation.zone for organisation in organisations()}
    return tuple(
        Person(
            address=row["address"],
            name=row["name"],
            organisation=row["organisation"] or None,
            organisation_role=row["role"],
            kind=row["kind"] or None,
            lang=row["lang"],
            gender=OWN_WORDS[row["gender"]][row["lang"]],
            zone=row["zone"] or zones[row["organisation"]],
            staff=row["staff"] or None,
            guest_of=row["guest_of"],
        )
        for row in _rows("people")
    )


@cache
def recurring_texts() -> tuple[RecurringText, ...]:
    """The texts that staff put into many workshops."""
    return tuple(
        RecurringText(each["original"], {lang: (each[lang]["name"], each[lang]["body"].strip()) for lang in LANGUAGES})
        for each in _toml(HERE / "texts.toml")["texts"]
    )


@cache
def workshops() -> tuple[Workshop, ...]:
    """All workshops: those with a fixed date first, then those around today; each lot in the order of its days."""
    found = [_workshop(path.stem, _toml(path)) for path in (HERE / "workshops").glob("*.toml")]
    return tuple(sorted(found, key=lambda each: (each.first or date.max, each.in_days or 0, each.slug)))


@cache
def registrations() -> tuple[Registration, ...]:
    """All registrations, in the order in which they came in for each workshop."""
    return tuple(
        Registration(row["workshop"], row["person"], row["state"], tuple(int(day) for day in row["attended"]))
        for row in _rows("registrations")
    )


def commitments(today: date) -> tuple[Commitment, Commitment]:
    """The history of 2024, and the running period: whole months, from six before today to six after."""
    return (
        Commitment(date(2024, 1, 1), date(2024, 12, 31)),
        Commitment(_month(today, -6), _month(today, 7) - timedelta(days=1)),
    )


def calls(today: date) -> tuple[tuple[date, date], ...]:
    """The demo's open call for interest."""
    return ((today - timedelta(days=30), today + timedelta(days=60)),)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _workshop(slug: str, facts: dict[str, Any]) -> Workshop:
    weekday = facts.get("weekday")
    return Workshop(
        slug=slug,
        state=facts["state"],
        format=facts["format"],
        original=facts["original"],
        spoken=tuple(facts["spoken"]),
        theme=facts["theme"],
        access=facts["access"],
        invited=tuple(facts.get("invited", ())),
        host=facts["host"],
        venue=facts.get("venue", ""),
        street_address=facts.get("street_address", ""),
        place=facts["place"],
        country=facts["country"],
        latitude=facts.get("latitude"),
        longitude=facts.get("longitude"),
        join_url=facts.get("join_url", ""),
        zone=facts["zone"],
        first=facts.get("first"),
        in_days=facts.get("in_days"),
        weekday=None if weekday is None else WEEKDAYS.index(weekday),
        hours=tuple(_hours(each) for each in facts["hours"]),
        moved_days=facts.get("moved_days"),
        capacity=facts["capacity"],
        opens_days_before=facts["opens_days_before"],
        closes_days_before=facts["closes_days_before"],
        closes=time.fromisoformat(facts.get("closes", "17:00")),
        letters_days_before=facts.get("letters_days_before"),
        reminder_in_minutes=facts.get("reminder_in_minutes"),
        in_series=facts.get("in_series", False),
        texts={lang: _text(facts[lang]) for lang in LANGUAGES},
        sessions=tuple(_session(each) for each in facts.get("session", ())),
        documents=tuple(Document(each["title"], each["url"], each.get("lang")) for each in facts.get("document", ())),
    )


def _hours(words: str) -> Hours:
    """'09:00-10:30'."""
    return Hours(*map(time.fromisoformat, words.split("-")))


def _session(facts: dict[str, Any]) -> Session:
    return Session(
        day=facts["day"],
        hours=_hours(facts["hours"]),
        kind=facts["kind"],
        titles={lang: facts[lang] for lang in LANGUAGES},
        room=facts.get("room", ""),
        led_by=facts.get("led_by", ""),
        spoken=tuple(facts.get("spoken", ())),
        interpreted=tuple(facts.get("interpreted", ())),
    )


def _text(words: dict[str, str]) -> Text:
    description, practical = words["description"].strip(), words["practical"].strip()
    return Text(words["title"], words["summary"], description, practical, words.get("reason", ""))


def _month(day: date, later: int) -> date:
    """The first of the month that lies so many months later."""
    years, month = divmod(day.year * 12 + day.month - 1 + later, 12)
    return date(years, month + 1, 1)
