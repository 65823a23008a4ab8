"""Mails say what staff have saved, at once and at hardly any cost; what cannot be said is said as the original."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import event, select

from app import create_core, languages
from app.database import db, transaction
from app.errors import Conflict, Refused
from app.languages import using
from app.outbox.models import Message
from app.registrations import service as registrations
from app.wording import say, saying, service
from app.wording.models import MailText, MailWording
from tests import factories
from tests.conftest import SETTINGS
from tests.factories import NOW
from tests.registrations.made import STAFF, words
from tests.wording.made import KARIN, bad_row, saved

HEADING = "confirmation.heading"


def in_swedish(key: str, **values: object) -> str:
    with using("sv"):
        return say(key, **values)


def test_a_saved_text_is_said_in_its_language_alone_and_at_once(app: Flask) -> None:
    assert in_swedish(HEADING) == "Du har en plats"
    saved("confirmation", heading_sv="Välkommen!")
    assert in_swedish(HEADING) == "Välkommen!"
    assert say(HEADING) == "You have a seat"
    saved("confirmation", 2, heading_sv="Du har en plats")  # what the original says is the original
    assert in_swedish(HEADING) == "Du har en plats"
    assert db.session.scalars(select(MailText)).all() == []


def test_the_mail_of_a_registration_says_it_and_one_that_waits_keeps_its_words(app: Flask) -> None:
    umea = factories.organisation("SE")
    workshop = factories.workshop(factories.network(umea))
    first = registrations.register(workshop.id, factories.person(umea, lang="sv").id, by=STAFF, now=NOW)
    saved("confirmation", subject_sv="{title}: kom {when}!", entry_sv="<b>Boka</b> {{tid}} 50 %.")
    second = registrations.register(workshop.id, factories.person(umea, lang="sv").id, by=STAFF, now=NOW)
    mails = {mail.person_id: mail for mail in db.session.scalars(select(Message))}
    assert mails[first.person_id].subject.startswith("Du har en plats: ")
    assert mails[second.person_id].subject == f"{workshop.texts['sv'].title}: kom tisdag 3 juni 2025!"
    assert "<b>Boka</b> {tid} 50 %." in words(mails[second.person_id])
    body = mails[second.person_id].body
    assert body is not None
    assert b"<b>Boka" not in body.split(b"text/html")[1]


def test_another_process_says_it_within_a_second(sqlite_url: str, lite: Flask, tmp_path: Path) -> None:
    other = create_core({**SETTINGS, "INSTANCE": str(tmp_path), "DATABASE_URL": sqlite_url})
    with other.app_context():
        assert in_swedish(HEADING) == "Du har en plats"
        db.session.remove()
    with lite.app_context(), transaction():  # as another process would: without telling this one
        db.session.add(MailWording(kind="confirmation", changed_at=NOW, texts=[]))
        db.session.flush()
        db.session.add(MailText(kind="confirmation", name="heading", lang="sv", words="Välkommen!", changed_by="K", changed_at=NOW))
    with other.app_context():
        until = time.monotonic() + 1
        while in_swedish(HEADING) == "Du har en plats":
            assert time.monotonic() < until + 0.2
        db.session.remove()
        db.engine.dispose()


def test_it_costs_a_statement_a_second_and_none_between(app: Flask) -> None:
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_rest: seen.append(statement))
    began = time.monotonic()
    for _turn in range(50):
        in_swedish(HEADING)
    with transaction():
        in_swedish(HEADING)
    assert len([one for one in seen if "sum(mail_wording.version)" in one]) <= 1 + (time.monotonic() - began) // saying.FRESH
    assert len([one for one in seen if "FROM mail_text" in one]) == 1


@pytest.mark.parametrize("words", ["Hej {namn}!", "Hej {", "{title.__class__}", "{code}"])
def test_a_row_that_cannot_be_said_is_said_as_the_original_and_logged(app: Flask, caplog: pytest.LogCaptureFixture, words: str) -> None:
    bad_row("confirmation", "heading", "sv", words)
    bad_row("confirmation", "gone", "sv", "No such text.")
    assert in_swedish(HEADING) == "Du har en plats"
    assert "the text confirmation.heading in sv is said as the original" in caplog.text
    assert "confirmation.gone" in caplog.text


def test_a_value_that_is_not_given_brings_the_original(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    saved("confirmation", code_sv="Koden: {code}")
    assert in_swedish("confirmation.code", code="K7") == "Koden: K7"
    assert in_swedish("confirmation.code", kod="K7") == ""  # nor can the original be filled in, in any language
    assert "was said as the original: nothing for 'code'" in caplog.text


def test_a_subject_that_has_no_room_is_the_original(app: Flask) -> None:
    bad_row("confirmation", "subject", "sv", "{title}" * 4)
    assert in_swedish("confirmation.subject", title="x" * 100, when="nu") == f"Du har en plats: {'x' * 100}, nu"


def test_a_translation_that_cannot_be_filled_in_gives_way_to_the_next_language(lite: Flask) -> None:
    catalogue = languages._catalogue("sv")  # noqa: SLF001  a broken catalogue cannot be had otherwise
    key = "Your check-in code is %(code)s. Show it at the door."
    whole = catalogue._catalog[key]  # noqa: SLF001
    catalogue._catalog[key] = "Din kod är %(kod)s."  # noqa: SLF001
    try:
        assert in_swedish("confirmation.code", code="K7") == "Your check-in code is K7. Show it at the door."
    finally:
        catalogue._catalog[key] = whole  # noqa: SLF001


@pytest.mark.parametrize("said", ["{titel}", "{title", "{title}{title}"])
def test_nobody_saves_what_mails_cannot_say(app: Flask, said: str) -> None:
    with pytest.raises(Refused) as refused:
        saved("confirmation", subject_sv=said, heading_sv="Välkommen!")
    assert list(refused.value.problems) == ["subject-sv"]
    assert in_swedish(HEADING) == "Du har en plats"


def test_whoever_saves_an_older_version_changes_nothing(app: Flask) -> None:
    saved("confirmation", heading_sv="Välkommen!")
    for version in (0, 1, 3):
        with pytest.raises(Conflict):
            saved("confirmation", version, heading_sv="Hej!")
    assert in_swedish(HEADING) == "Välkommen!"


def test_the_original_comes_back_for_all_languages(app: Flask) -> None:
    saved("confirmation", heading_sv="Välkommen!", heading_es="¡Hola!")
    assert service.put_back("confirmation", 2, by=KARIN, now=NOW) == 2
    assert [in_swedish(HEADING), say(HEADING)] == ["Du har en plats", "You have a seat"]


def test_of_two_who_edit_a_mail_first_at_once_one_is_told(app: Flask) -> None:
    """Nobody has edited it before, so there is no row that could be held."""
    start = Barrier(2)
    told: list[str] = []

    def save(words: str) -> None:
        with app.app_context():
            start.wait()
            try:
                saved("confirmation", heading_sv=words)
            except Conflict:
                told.append(words)
            db.session.remove()

    threads = [Thread(target=save, args=(words,)) for words in ("Hej!", "Välkommen!")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    assert in_swedish(HEADING) in {"Hej!", "Välkommen!"} - set(told)
