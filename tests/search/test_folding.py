"""Folding: what counts as the same word, in memory and in the database's columns."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text

from app.accounts.models import Person
from app.database import db, transaction
from app.folding import MOST_WORDS, fold, words
from app.organisations.models import Organisation, OrganisationName
from app.workshops.models import Workshop, WorkshopText
from tests import factories

SAME = {
    "umea": ["Umeå", "UMEÅ", "Umea\u030a", "umea", "U\u00admeå"],
    "panajachel": ["Panajachel", "PANAJACHÉL", "Panajache\u0301l"],
    "san jose": ["San José", "San  Jose", "SAN\u00a0JOSE\u0301"],
    "puerto narino": ["Puerto Nariño", "Puerto Narin\u0303o"],
    "aro sodertalje": ["Arø Södertälje", "ÅRØ SÖDERTÄLJE"],
    "aero oeuvre": ["Ærø Œuvre", "ÆRØ ŒUVRE"],
    "lodz dorde": ["Łódź Đorđe"],
    "strasse": ["Straße", "STRASSE"],
    "fi": ["\ufb01", "FI"],
    "istanbul": ["İstanbul", "ıstanbul"],
    "o'brien-garcia": ["O’Brien–García"],
}
MODELS = (Organisation, OrganisationName, Person, Workshop, WorkshopText)


@pytest.mark.parametrize(("plain", "ways"), SAME.items())
def test_the_same_word_is_folded_alike(plain: str, ways: list[str]) -> None:
    assert [fold(way) for way in ways] == [plain] * len(ways)


def test_different_words_stay_different() -> None:
    assert len({fold(word) for word in ("Umeå", "Umeo", "Borås", "Boros", "Ñ", "M")}) == 6


def test_a_question_is_split_into_its_words() -> None:
    assert words("  “Umeå”, umea & (Bogotá)?  ") == ["umea", "&", "bogota"]
    assert words("?!") == ["?!"]
    assert words(" \t ") == []
    assert words(" ".join(str(number) for number in range(20))) == [str(number) for number in range(MOST_WORDS)]


def test_what_is_written_is_folded_with_it(app: Flask) -> None:
    assert app
    made()
    assert folded() == {
        "organisation": {"umea", "bogota"},
        "organisation_name": {"municipio de umea", "umea kommun", "umea municipality"},
        "person": {"asa nino asa.nino@umea.example"},
        "workshop": {"bogota", "city hall bogota"},
        "workshop_text": {"ciudad segura (sv) summary in sv.", "ciudad segura (es) summary in es.", "ciudad segura (en) summary in en."},
    }


def test_what_is_changed_is_folded_anew(app: Flask) -> None:
    assert app
    workshop, person = made()
    with transaction():
        workshop.venue, workshop.texts["es"].title = "Teatro Colón", "Ciudad más justa"
        person.address = "Åsa@umeå.example"
    assert {"teatro colon bogota"} <= folded()["workshop"]
    assert {"ciudad mas justa summary in es."} <= folded()["workshop_text"]
    assert folded()["person"] == {"asa nino asa@umea.example"}


def test_what_stays_the_same_raises_no_version(app: Flask) -> None:
    assert app
    workshop, _person = made()
    with transaction():
        workshop.place = str(workshop.place)
        workshop.texts["es"].title = str(workshop.texts["es"].title)
    assert workshop.version == 1
    with transaction():
        workshop.place = "Leticia"
    assert workshop.version == 2


def test_the_migration_folds_what_stands_there_already(app: Flask) -> None:
    assert app
    made()
    before, number = folded(), db.session.scalars(select(Workshop.version)).all()
    db.session.remove()
    db.engine.dispose()
    downgrade(revision="0001")
    with db.engine.connect() as connection:
        assert "folded" not in connection.execute(text("SELECT * FROM person")).keys()  # noqa: SIM118  a result is no dict
    upgrade()
    assert folded() == before
    assert db.session.scalars(select(Workshop.version)).all() == number


def made() -> tuple[Workshop, Person]:
    """One of each kind that is searched."""
    host = factories.organisation("SE", names={"sv": "Umeå kommun", "es": "Municipio de Umeå", "en": "Umeå Municipality"})
    network = factories.network(host)
    host.place = "Umeå"
    person = factories.person(name="Åsa Niño", address="Asa.Nino@UMEA.example")
    other = factories.organisation("CO", names={"sv": "Umeå kommun"})
    workshop = factories.workshop(network, date(2025, 6, 3), title="Ciudad segura", organisation=other)
    factories.workshop(network, title="Ciudad segura", venue="")
    return workshop, person


def folded() -> dict[str, set[str]]:
    """What stands in the column, by table."""
    db.session.rollback()
    return {str(model.__tablename__): set(db.session.scalars(select(model.folded))) for model in MODELS}
