"""Many rows: 1,000 workshops in three zones, 10,000 people, 60 organisations; names as they are in the three countries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.accounts.models import Person
from app.clock import now
from app.database import db, transaction
from app.organisations.models import Network, Organisation
from tests import factories
from tests.conftest import SETTINGS, Visitor

STAFF = "karin.ahlqvist@icld.example"
TOWNS = {
    "SE": ("Umeå", "Borås", "Åre", "Lessebo", "Visby", "Örebro", "Östersund"),
    "CO": ("Bogotá", "Popayán", "Leticia", "Puerto Nariño", "Barranquilla", "Mitú"),
    "GT": ("Panajachel", "Totonicapán", "San José Chacayá", "San Juan La Laguna", "Quetzaltenango"),
}
FIRST = ("Åsa", "María José", "Lucía", "Karin", "Östen", "Iñaki", "Ana", "Sofía", "Björn", "Noé", "Elin", "Jairo")
LAST = ("Muñoz", "Ahlqvist", "Chavajay", "Öberg", "Pérez", "Nuñez", "Åkesson", "García", "Søndergaard", "Tzunún", "Lind", "Rojas")
TITLES = (
    "Safe cities by night",
    "Care budgets",
    "Trygghet och omsorg",
    "Participación política",
    "Niñez y espacio público",
    "Economía local",
)


def crowded_app(folder: Path, *, workshops: int = 1000, people: int = 10_000) -> Flask:
    """An app on SQLite with all of them."""
    app = create_app({**SETTINGS, "INSTANCE": str(folder), "DATABASE_URL": f"sqlite:///{folder}/crowd.sqlite"})
    app.config["TESTING"] = True
    app.test_client_class = Visitor
    with app.app_context():
        upgrade()
        fill(workshops, people)
        db.session.remove()
    return app


def fill(workshops: int, people: int) -> Network:
    """Half of the workshops are over, half are to come."""
    with transaction():
        hosts = [_organisation(*place, number) for number, place in zip(range(60), _places(), strict=False)]
        network = factories.network(*hosts)
        factories.person(staff="officer", name="Karin Ahlqvist", address=STAFF)
        today = now().date()
        for number in range(workshops):
            _workshop(network, hosts[number % len(hosts)], today + timedelta(days=number - workshops // 2), number)
        for number in range(people):
            _person(hosts[number % len(hosts)] if number % 3 else None, number)
    return network


def _places() -> list[tuple[str, str]]:
    return [(country, town) for _turn in range(5) for country, towns in TOWNS.items() for town in towns]


def _organisation(country: str, town: str, number: int) -> Organisation:
    names = {"sv": f"{town} kommun {number}", "es": f"Municipio de {town} {number}", "en": f"{town} Municipality {number}"}
    return factories.organisation(country, names=names, place=town)


def _workshop(network: Network, host: Organisation, on: date, number: int) -> None:
    days = [on + timedelta(days=place) for place in range(1 + number % 3)]
    facts: dict[str, Any] = {"place": host.place, "organisation": host, "zone": host.zone, "taken": number % 11}
    title = f"{TITLES[number % len(TITLES)]} {number}"
    workshop = factories.workshop(network, *days, country=host.country, title=title, made=datetime(2024, 1, 1, tzinfo=UTC), **facts)
    if number % 40 == 0:
        workshop.state = "cancelled"


def _person(of: Organisation | None, number: int) -> None:
    first, last = list(product(FIRST, LAST))[number % (len(FIRST) * len(LAST))]
    person: Person = factories.person(of, name=f"{first} {last} {number}", address=f"person{number}@municipality.example")
    assert person.name
