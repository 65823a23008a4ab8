"""Staff found organisations and write other facts of them; what cannot be is refused beside its field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit import queries as audit
from app.audit.service import Actor
from app.database import db
from app.errors import Conflict, Missing, Refused
from app.membership.organisation import service
from app.organisations.models import Organisation
from app.organisations.service import Values
from tests import factories
from tests.conftest import Visitor
from tests.factories import NOW

KARIN = Actor("person:0", "Karin")
NAMES = {"sv": "Kiruna kommun", "es": "Municipio de Kiruna", "en": "Kiruna Municipality"}
KIRUNA = Values("municipality", "SE", "Kiruna", 67.8558, 20.2253, "Europe/Stockholm", NAMES)


@pytest.fixture
def staff(lite: Flask) -> Iterator[Visitor]:
    """A programme officer's browser."""
    visitor = lite.test_client()
    assert isinstance(visitor, Visitor)
    return visitor.signed_in(factories.person(staff="officer"))  # type: ignore[return-value]


def number() -> int:
    return db.session.scalar(select(func.count()).select_from(Organisation)) or 0


def read(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return unescape(re.sub(r"\s+", " ", answer.get_data(as_text=True)))


def test_one_is_founded_and_written_anew(app: Flask) -> None:
    assert app
    row = service.found(KIRUNA, by=KARIN, now=NOW)
    service.save(row.slug, replace(KIRUNA, place="Giron"), service.sight(KIRUNA), by=KARIN, now=NOW)
    service.save(row.slug, replace(KIRUNA, place="Giron"), service.sight(replace(KIRUNA, place="Giron")), by=KARIN, now=NOW)
    assert (row.slug, row.place, row.folded) == ("kiruna-municipality", "Giron", "giron")
    assert [entry.action for entry in audit.entries(f"organisation:{row.id}", 5)] == ["organisation.changed", "organisation.founded"]


def test_the_second_of_two_who_write_at_once_overwrites_nothing(app: Flask) -> None:
    assert app
    row = service.found(KIRUNA, by=KARIN, now=NOW)
    service.save(row.slug, replace(KIRUNA, place="Giron"), service.sight(KIRUNA), by=KARIN, now=NOW)
    with pytest.raises(Conflict):
        service.save(row.slug, replace(KIRUNA, place="Kieruna"), service.sight(KIRUNA), by=KARIN, now=NOW)
    assert row.place == "Giron"
    with pytest.raises(Missing):
        service.save("nowhere", KIRUNA, "", by=KARIN, now=NOW)


WRONG: dict[str, tuple[dict[str, Any], set[str]]] = {
    "no name": ({"names": {**NAMES, "es": ""}}, {"name_es"}),
    "a long name": ({"names": {**NAMES, "sv": "K" * 201}}, {"name_sv"}),
    "no kind": ({"kind": "planet"}, {"kind"}),
    "no country": ({"country": "XX"}, {"country"}),
    "a clock elsewhere": ({"zone": "America/Bogota"}, {"zone"}),
    "a clock that is none": ({"zone": "nowhere"}, {"zone"}),
    "no place": ({"place": ""}, {"place"}),
    "beyond the poles": ({"latitude": 91.0, "longitude": float("nan")}, {"latitude", "longitude"}),
    "called like another": ({"names": {**NAMES, "en": "KIRUNA MUNICIPALITY"}}, {"name_sv", "name_es", "name_en"}),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_refused_beside_its_field(lite: Flask, name: str) -> None:
    assert lite
    service.found(KIRUNA, by=KARIN, now=NOW)
    more, fields = WRONG[name]
    with pytest.raises(Refused) as refused:
        service.found(replace(KIRUNA, **more), by=KARIN, now=NOW)
    assert (set(refused.value.problems) >= fields, number()) == (True, 1)


def test_its_pages(staff: Visitor) -> None:
    home = "/en/staff/organisations/"
    facts = {"kind": "municipality", "country": "SE", "place": "Kiruna", "latitude": "67,8558", "longitude": "20.2253"}
    facts |= {"zone": "Europe/Stockholm", **{f"name_{lang}": name for lang, name in NAMES.items()}}
    assert "Enter degrees" in read(staff.post(f"{home}new", data={**facts, "latitude": "", "longitude": "east"}), 422)
    assert staff.post(f"{home}new", data=facts).status_code == 303
    assert ("Kiruna" in read(staff.get(f"{home}?q=kiruna")), "Nothing by that name" in read(staff.get(f"{home}?q=Atlantis"))) == (
        True,
        True,
    )
    page = read(staff.get(f"{home}kiruna-municipality/"))
    seen = re.search(r'name="seen"[^>]*value="(\w+)"', page)
    assert seen
    assert 'value="67.8558"' in page
    assert staff.post(f"{home}kiruna-municipality/", data={**facts, "seen": seen[1], "place": "Giron"}).status_code == 303
    page = read(staff.post(f"{home}kiruna-municipality/", data={**facts, "seen": seen[1], "place": "Kieruna"}), 409)
    assert ("Giron" in page, 'value="Kieruna"' in page) == (True, True)
    assert [staff.get(f"/{lang}/staff/organisations/new").status_code for lang in ("sv", "es", "en")] == [200] * 3
