"""Issuing: who gets one, never two, whatever dies; and what becomes of one afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.accounts import staffing
from app.attendance import service as attendance
from app.audit import queries as audit
from app.audit.sentences import sentence
from app.database import db, transaction
from app.errors import Missing, Refused
from app.organisations.models import Organisation
from app.outbox.models import Message
from app.papers import queries, service
from app.papers.models import PaperRun
from app.papers.rules import CODE, civil, code_in, written
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.attendance import made as there
from tests.attendance.made import AFTER, MINUTE, MORNING, STAFF
from tests.papers.made import certificates, issue, present
from tests.registrations.made import waiting


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("SE")


@pytest.fixture
def over(umea: Organisation) -> Workshop:
    return there.workshop(umea)


def nowhere(registration: Registration, zone: str) -> None:
    """On a clock that does not exist no mail about a certificate can be written: an error that does not pass by itself."""
    with transaction():
        registration.person.zone = zone


def test_whoever_has_attended_gets_one_with_the_hours_and_one_mail(over: Workshop, umea: Organisation) -> None:
    ana, half = present(over, umea), present(over, umea, halves=2)
    present(over, umea, halves=1)
    there.seat(over, umea)
    assert issue(over) == 2
    assert [(row.registration_id, row.minutes) for row in certificates()] == [(ana.id, 14 * 60), (half.id, 7 * 60)]
    assert all(CODE.fullmatch(row.code) for row in certificates())
    assert sorted(row.person_id or 0 for row in waiting("certificate")) == [ana.person_id, half.person_id]
    with pytest.raises(Refused, match="Everybody who has attended has a certificate"):
        service.start(over.id, by=STAFF, now=AFTER)


def test_whose_account_is_closed_gets_neither_a_certificate_nor_a_mail(over: Workshop, umea: Organisation) -> None:
    ana, gone = present(over, umea), present(over, umea)
    staffing.disable(gone.person_id, by=STAFF, now=AFTER)
    assert issue(over) == 1
    assert [row.registration_id for row in certificates()] == [ana.id]
    assert [row.person_id for row in waiting("certificate")] == [ana.person_id]
    assert db.session.scalars(select(PaperRun.finished_at)).one() == AFTER
    staffing.enable(gone.person_id, by=STAFF, now=AFTER)
    assert issue(over) == 1


def test_there_are_none_before_the_end_nor_of_a_draft(over: Workshop, umea: Organisation) -> None:
    present(over, umea)
    with pytest.raises(Refused, match="once the workshop is over"):
        service.start(over.id, by=STAFF, now=MORNING)
    with pytest.raises(Missing):
        service.start(999, by=STAFF, now=AFTER)


def test_a_run_that_dies_in_a_batch_goes_on_and_issues_each_once(
    over: Workshop, umea: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [present(over, umea, halves=2).id for _one in range(5)]
    monkeypatch.setattr(service, "BATCH", 2)
    run_id = service.start(over.id, by=STAFF, now=AFTER).id
    assert service.start(over.id, by=STAFF, now=AFTER).id == run_id, "asked twice is once"
    commits = []

    def die(_session: Session) -> None:
        commits.append(1)
        if len(commits) == 2:
            raise KeyboardInterrupt

    event.listen(db.session(), "before_commit", die)
    try:
        with pytest.raises(KeyboardInterrupt):
            service.work(now=AFTER)
    finally:
        event.remove(db.session(), "before_commit", die)
        db.session.rollback()
    run = db.session.get_one(PaperRun, run_id)
    assert (run.done, run.finished_at, len(certificates())) == (2, None, 2), "the half batch is not there"
    codes = [row.code for row in certificates()]
    assert service.work(now=AFTER) == 3
    assert service.work(now=AFTER) == 0
    assert [row.registration_id for row in certificates()] == people
    assert [row.code for row in certificates()][:2] == codes
    assert len(db.session.scalars(select(Message).where(Message.kind == "certificate")).all()) == 5
    db.session.refresh(run)
    assert (run.done, run.total, run.finished_at) == (5, 5, AFTER)


def test_an_error_rests_longer_each_time_keeps_no_other_waiting_and_is_given_up_in_the_end(over: Workshop, umea: Organisation) -> None:
    bad, *others = [present(over, umea) for _one in range(4)]
    nowhere(bad, "Nowhere/At all")
    run_id = service.start(over.id, by=STAFF, now=AFTER).id
    issued, at = [], [AFTER]
    for rest in (1, 2, 4, 8, 16):
        issued.append(service.work(now=at[-1]))
        assert service.work(now=at[-1] + (rest * MINUTE - timedelta(seconds=1))) == 0, "it rests"
        run = db.session.get_one(PaperRun, run_id, populate_existing=True)
        assert run.next_at == at[-1] + rest * MINUTE
        at.append(run.next_at)
    assert (issued, run.finished_at) == ([0, 3, 0, 0, 0], None)
    assert [row.registration_id for row in certificates()] == [one.id for one in others]
    service.work(now=at[-1])
    db.session.refresh(run)
    assert (run.tries, run.failed_at, run.finished_at, run.done, run.total) == (6, at[-1], at[-1], 3, 4)
    assert sentence(audit.entries(f"workshop:{over.id}")[0]) == "The certificates could not all be issued: 3 of 4 are"
    assert service.work(now=at[-1] + timedelta(days=1)) == 0, "nothing is tried any more"
    nowhere(bad, "Europe/Stockholm")
    assert issue(over) == 1, "staff ask again"
    assert len(certificates()) == 4


def test_whoever_asks_again_need_not_wait_and_an_error_that_has_passed_is_forgotten(over: Workshop, umea: Organisation) -> None:
    bad = present(over, umea)
    nowhere(bad, "Nowhere/At all")
    run_id = service.start(over.id, by=STAFF, now=AFTER).id
    assert [service.work(now=AFTER) for _tick in range(3)] == [0] * 3
    assert db.session.get_one(PaperRun, run_id, populate_existing=True).tries == 1
    nowhere(bad, "Europe/Stockholm")
    assert issue(over) == 1
    run = db.session.get_one(PaperRun, run_id, populate_existing=True)
    assert (run.tries, run.next_at, run.failed_at, run.finished_at) == (0, None, None, AFTER)


def test_attendance_typed_in_later_changes_the_hours_and_keeps_the_code(over: Workshop, umea: Organisation) -> None:
    ana = present(over, umea, halves=2)
    issue(over)
    code = certificates()[0].code
    attendance.record_attendance(ana.id, over.days[1].id, "morning", present=True, by=STAFF, now=AFTER)
    assert issue(over) == 1
    assert [(row.code, row.minutes) for row in certificates()] == [(code, 11 * 60)]
    assert len(waiting("certificate")) == 1
    for day, half in ((0, "morning"), (0, "afternoon")):
        attendance.record_attendance(ana.id, over.days[day].id, half, present=False, by=STAFF, now=AFTER)
    assert [row.code for row in queries.standing(over.id, AFTER).unearned] == [code], "shown, not withdrawn by itself"


def test_one_is_withdrawn_with_a_reason_and_given_back(over: Workshop, umea: Organisation) -> None:
    present(over, umea)
    issue(over)
    (found,) = certificates()
    for reason in ("", " ", "two\nlines", "x" * 601):
        with pytest.raises(Refused):
            service.withdraw(over.id, found.id, reason, by=STAFF, now=AFTER)
    with pytest.raises(Missing):
        service.withdraw(there.workshop(umea).id, found.id, "Of another workshop.", by=STAFF, now=AFTER)
    service.withdraw(over.id, found.id, "It was her sister.", by=STAFF, now=AFTER)
    assert (found.revoked_at, found.reason, len(waiting("certificate"))) == (AFTER, "It was her sister.", 0)
    assert not queries.standing(over.id, AFTER).wanted, "the next run does not give it back"
    service.give_back(over.id, found.id, by=STAFF, now=AFTER)
    assert (found.revoked_at, found.reason) == (None, "")


def test_a_code_is_read_however_it_is_written_and_news_of_it_waits_for_the_morning() -> None:
    assert (written("ABCDEFGHJKMN"), code_in(" abcd-efgh jkmn ")) == ("ABCD-EFGH-JKMN", "ABCDEFGHJKMN")
    assert [code_in(wrong) for wrong in ("", "ABCD", "ABCDEFGHJKM0", "ABCDEFGHJKMNP", "'; --")] == [""] * 5
    assert civil(AFTER, "America/Bogota") is None
    night = AFTER.replace(hour=3)
    assert civil(night, "America/Bogota") == AFTER.replace(hour=13), "22 in the evening there: eight in the morning"
    assert civil(night, "Europe/Stockholm") == AFTER.replace(hour=6)
