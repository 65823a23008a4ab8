"""Answers are one a person, can be changed and taken back, and nobody finds the way from them to people; on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from app.attendance import service as attendance
from app.audit.models import AuditEntry
from app.crypto import decrypt, hash_token
from app.database import db, transaction
from app.errors import Refused
from app.feedback import queries, service
from app.feedback.models import Feedback
from app.feedback.rules import Given
from app.organisations.models import Organisation
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.attendance import made as there
from tests.attendance.made import STAFF, seat
from tests.factories import NOW
from tests.feedback.made import AFTER, CLOSED, OPEN_UNTIL, answered, rows


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("SE")


@pytest.fixture
def over(umea: Organisation) -> Workshop:
    return there.workshop(umea)


def test_answering_again_changes_the_answers(over: Workshop, umea: Organisation) -> None:
    ana = seat(over, umea)
    service.answer(ana.id, Given(2, 1, "no", "Too long.", quotable=True, lang="es"), now=AFTER)
    service.answer(ana.id, Given(4, None, "", "", quotable=True, lang="sv"), now=AFTER)
    (found,) = rows()
    assert (found.overall, found.useful, found.spoken, found.words, found.quotable, found.lang) == (4, None, "", "", False, "sv")


def test_two_presses_at_once_are_one_answer(app: Flask, over: Workshop, umea: Organisation) -> None:
    number, wrong = seat(over, umea).id, list[BaseException]()

    def press(overall: int) -> None:
        with app.app_context():
            try:
                service.answer(number, Given(overall), now=AFTER)
            except BaseException as error:  # noqa: BLE001  the thread's, looked at below
                wrong.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=press, args=(overall,)) for overall in (1, 2, 3, 4, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, len(rows())) == ([], 1)


@pytest.mark.parametrize("at", [NOW, OPEN_UNTIL])
def test_before_and_after_nothing_is_kept_and_nothing_taken_back(over: Workshop, umea: Organisation, at: object) -> None:
    ana = seat(over, umea)
    service.answer(ana.id, Given(3), now=OPEN_UNTIL - timedelta(seconds=1))
    with pytest.raises(Refused):
        service.answer(ana.id, Given(5), now=at)  # type: ignore[arg-type]
    with pytest.raises(Refused):
        service.take_back(ana.id, now=at)  # type: ignore[arg-type]
    assert [row.overall for row in rows()] == [3]


def test_where_people_were_checked_in_it_is_for_those_who_were(over: Workshop, umea: Organisation) -> None:
    ana, bo = seat(over, umea), seat(over, umea)
    attendance.record_attendance(ana.id, over.days[0].id, "morning", present=True, by=STAFF, now=AFTER)
    service.answer(ana.id, Given(5), now=AFTER)
    with pytest.raises(Refused):
        service.answer(bo.id, Given(1), now=AFTER)
    assert [row.overall for row in rows()] == [5]
    assert queries.asked(over.id) == 1


def test_what_is_taken_back_is_gone_and_can_be_said_anew(over: Workshop, umea: Organisation) -> None:
    ana, _bo = answered(over, umea, 2)
    for _time in range(2):
        service.take_back(ana.id, now=AFTER)
    assert len(rows()) == 1
    service.answer(ana.id, Given(1), now=AFTER)
    assert len(rows()) == 2


def test_the_database_alone_does_not_say_whose_answers_they_are(over: Workshop, umea: Organisation) -> None:
    ana = seat(over, umea)
    service.answer(ana.id, Given(5, words="Splendid."), now=AFTER)
    (found,) = rows()
    token = decrypt(ana.manage_token).decode()
    known = {ana.manage_hash, ana.check_in_code, hash_token(ana.manage_hash), hash_token(f"feedback:{ana.id}")}
    assert found.key not in known
    assert found.key == hash_token(f"feedback:{token}")  # with DATA_KEY, as long as the form is open
    assert not db.session.query(AuditEntry).filter(AuditEntry.action.startswith("feedback")).count()


def test_once_it_is_closed_nobody_finds_the_way_back(over: Workshop, umea: Organisation) -> None:
    ana, bo = answered(over, umea, 2, Given(2, words="Dull."))
    assert service.forget_whose(now=OPEN_UNTIL - timedelta(seconds=1)) == 0
    assert queries.find(ana) is not None
    assert service.forget_whose(now=CLOSED) == 2
    assert service.forget_whose(now=CLOSED) == 0
    assert (queries.find(ana), queries.find(bo)) == (None, None)
    assert [(row.words, row.loose) for row in rows()] == [("Dull.", True)] * 2


@pytest.mark.parametrize("both", [False, True])
def test_two_registrations_of_one_person_have_one_answer(over: Workshop, umea: Organisation, both: bool) -> None:
    guest, own = seat(over, umea), seat(over, umea)
    service.answer(guest.id, Given(1), now=AFTER)
    if both:
        service.answer(own.id, Given(5), now=AFTER)
    with transaction():
        service.pass_on(guest.id, own.id)
    found = queries.find(own)
    assert found is not None
    assert (found.overall, queries.find(guest), len(rows())) == (5 if both else 1, None, 1)


def test_answers_go_with_their_workshop_and_stay_when_a_registration_goes(over: Workshop, umea: Organisation) -> None:
    (ana,) = answered(over, umea, 1)
    with transaction():
        db.session.execute(update(Registration).where(Registration.id == ana.id).values(state="cancelled", holds_seat=False))
    assert len(rows()) == 1
    with transaction():
        db.session.delete(db.session.get_one(Registration, ana.id))
    assert len(rows()) == 1
    assert {key.ondelete for key in Feedback.__table__.foreign_keys} == {"CASCADE"}
