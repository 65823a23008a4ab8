"""A recurring text is written, changed and thrown away; two who change it at once do not overwrite each other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit import queries as audit
from app.database import db
from app.errors import Conflict, Missing, Refused
from app.languages import using
from app.texts import queries, service
from app.texts.models import RecurringText, RecurringWords
from app.texts.rules import Words
from tests.factories import NOW
from tests.texts.made import KARIN, text, values

LATER = NOW + timedelta(hours=1)


def actions(number: int) -> list[str]:
    return [entry.action for entry in audit.entries(f"text:{number}")]


def test_a_text_is_written(app: Flask) -> None:
    made = text()

    assert queries.values_of(queries.get(made.id)) == values()
    assert actions(made.id) == ["text.created"]


def test_only_the_language_that_changes_gets_a_new_age(app: Flask) -> None:
    made = text()

    service.save(made.id, values(es=Words("Viaje", "En bus.")), 1, by=KARIN, now=LATER)

    saved = queries.get(made.id)
    assert {lang: row.changed_at for lang, row in saved.words.items()} == {"sv": NOW, "es": LATER, "en": NOW}
    assert (saved.version, actions(made.id)) == (2, ["text.changed", "text.created"])


def test_nothing_changed_is_nothing_done(app: Flask) -> None:
    made = text()

    service.save(made.id, values(), 1, by=KARIN, now=LATER)

    assert (queries.get(made.id).version, actions(made.id)) == (1, ["text.created"])


def test_a_language_that_is_emptied_is_gone(app: Flask) -> None:
    made = text()

    service.save(made.id, values(en=Words()), 1, by=KARIN, now=LATER)

    assert sorted(queries.get(made.id).words) == ["es", "sv"]


def test_the_second_of_two_overwrites_nothing(app: Flask) -> None:
    made = text()
    service.save(made.id, values(sv=Words("Resor", "Med buss.")), 1, by=KARIN, now=LATER)

    with pytest.raises(Conflict):
        service.save(made.id, values(sv=Words("Min", "Min.")), 1, by=KARIN, now=LATER)
    with pytest.raises(Conflict):
        service.delete(made.id, version=1, by=KARIN, now=LATER)

    assert queries.get(made.id).words["sv"].name == "Resor"


@pytest.mark.parametrize(("lang", "name"), [("sv", "Resa"), ("es", "Resa"), ("en", "Travel")])
def test_it_is_named_in_the_readers_language_else_in_the_original(app: Flask, lang: str, name: str) -> None:
    made = text(es=Words("", "En tren."))

    with using(lang):
        assert queries.get(made.id).named.name == name


def test_a_text_without_name_or_words_is_refused(app: Flask) -> None:
    with using("en"), pytest.raises(Refused) as refused:
        service.create(values(sv=Words(), es=Words(), en=Words()), by=KARIN, now=NOW)

    assert refused.value.problems == {
        "name_sv": "Enter a name in at least one language",
        "body_sv": "Enter the text in at least one language",
    }
    assert db.session.scalar(select(func.count()).select_from(RecurringText)) == 0


def test_what_is_thrown_away_is_gone_in_all_languages(app: Flask) -> None:
    made = text()
    number = made.id

    service.delete(number, version=1, by=KARIN, now=LATER)

    assert db.session.scalar(select(func.count()).select_from(RecurringWords)) == 0
    assert actions(number) == ["text.deleted", "text.created"]
    with pytest.raises(Missing):
        queries.get(number)


def test_they_stand_in_the_order_of_the_readers_language(app: Flask) -> None:
    text(sv=Words("Ö", "ö"), en=Words("Island", "i"))
    text(sv=Words("Z", "z"), en=Words("Zoo", "z"))

    orders = {}
    for lang in ("sv", "en"):
        with using(lang):
            orders[lang] = [row.named.name for row in queries.every()]

    assert orders == {"sv": ["Z", "Ö"], "en": ["Island", "Zoo"]}
