"""Who was there, on both databases: once, taken back, late from the device, typed in, and what it adds up to."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.attendance import queries, service
from app.attendance.models import Attendance, Tap
from app.attendance.service import Change, take
from app.audit.models import AuditEntry
from app.audit.sentences import sentence
from app.database import db, transaction
from app.errors import Missing, Refused
from app.organisations.models import Organisation
from app.registrations import service as registrations
from app.workshops import queries as workshops
from app.workshops import service as workshop_service
from app.workshops.acts import service as acts
from app.workshops.models import Workshop
from tests import factories
from tests.attendance import made
from tests.attendance.made import AFTER, HELPER, MINUTE, MORNING, STAFF, seat, slot, wish
from tests.conftest import counted
from tests.factories import NOW
from tests.workshops.made import KARIN


@pytest.fixture
def umea(app: Flask) -> Organisation:
    assert app
    return factories.organisation("SE")


@pytest.fixture
def here(umea: Organisation) -> Workshop:
    return made.workshop(umea)


def marks(workshop: Workshop) -> dict[int, dict[str, str]]:
    return {number: found for number, found in queries.marks_of(workshop.id).items() if found}


def sheet(workshop: Workshop, *changes: Change, way: str = "on_site") -> tuple[int, int]:
    return service.save_sheet(workshop.id, changes, way=way, by=STAFF, now=AFTER)


def test_attendance_is_once_a_half_day_and_can_be_taken_back(here: Workshop, umea: Organisation) -> None:
    ana = seat(here, umea)
    for present in (True, True):
        service.record_attendance(ana.id, here.days[0].id, "morning", present=present, by=STAFF, now=MORNING)
    assert marks(here) == {ana.id: {slot(here): "on_site"}}
    service.record_attendance(ana.id, here.days[0].id, "morning", present=False, by=STAFF, now=MORNING + MINUTE)
    assert marks(here) == {}
    assert made.actions() == ["attendance.recorded", "attendance.undone"]


def test_only_somebody_with_a_seat_is_checked_in_and_not_before_the_day(umea: Organisation) -> None:
    here = made.workshop(umea, capacity=1)
    ana, bo = seat(here, umea), seat(here, umea, "Bo Waits")
    for who, at, words in ((bo, MORNING, "Bo Waits is on the waiting list"), (ana, NOW, "still to come")):
        with pytest.raises(Refused, match=words):
            service.record_attendance(who.id, here.days[0].id, "morning", present=True, by=STAFF, now=at)
    registrations.cancel(bo.id, by=STAFF, now=NOW)
    with pytest.raises(Refused, match="Bo Waits has no seat"):
        service.record_attendance(bo.id, here.days[0].id, "morning", present=True, by=STAFF, now=MORNING)
    assert marks(here) == {}


def test_a_day_or_a_person_of_another_workshop_is_missing(here: Workshop, umea: Organisation) -> None:
    other = made.workshop(umea)
    with pytest.raises(Missing):
        service.record_attendance(seat(here, umea).id, other.days[0].id, "morning", present=True, by=STAFF, now=MORNING)
    (outcome,) = take(here.id, [wish(seat(other, umea), slot(here))], by=HELPER, now=MORNING)
    assert (outcome.what, outcome.name) == ("missing", "")
    assert marks(here) == marks(other) == {}


def test_what_is_sent_twice_is_written_once(here: Workshop, umea: Organisation) -> None:
    ana, key = seat(here, umea), str(uuid4())
    tap = wish(ana, slot(here), key=key)
    what = [take(here.id, [tap], by=HELPER, now=MORNING + n * MINUTE)[0].what for n in range(2)]
    assert what == ["written", "known"]
    assert db.session.scalar(select(func.count()).select_from(Tap)) == 1
    assert made.actions() == ["attendance.recorded"]
    take(here.id, [replace(tap, key=str(uuid4()), present=False, at=MORNING + MINUTE)], by=HELPER, now=MORNING + 2 * MINUTE)
    assert take(here.id, [tap], by=HELPER, now=MORNING + 3 * MINUTE)[0].what == "known"
    assert marks(here) == {}, "sent once more after it was taken back, it does not come back"
    take(here.id, [replace(tap, key=str(uuid4()), at=MORNING + 2 * MINUTE)], by=HELPER, now=MORNING + 3 * MINUTE)
    assert marks(here) == {ana.id: {slot(here): "on_site"}}, "a press of its own does"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (2, 0, 1)])
def test_of_several_presses_the_one_pressed_last_counts_in_whatever_order_they_come(
    here: Workshop, umea: Organisation, order: tuple[int, ...]
) -> None:
    ana = seat(here, umea)
    presses = [wish(ana, slot(here), MORNING + n * MINUTE, present=n != 2, key=f"device-{n}") for n in range(3)]
    what = [take(here.id, [presses[n]], by=HELPER, now=AFTER)[0].what for n in order]
    assert marks(here) == {}
    assert what[order.index(0)] == ("written" if order[0] == 0 else "later")


def test_four_doors_at_once_write_one_mark(app: Flask, here: Workshop, umea: Organisation) -> None:
    ana, number, failures = wish(seat(here, umea), slot(here)), here.id, list[BaseException]()
    start = Barrier(4)

    def one_door() -> None:
        with app.app_context():
            start.wait()
            try:
                take(number, [ana], by=HELPER, now=MORNING)
            except BaseException as error:  # noqa: BLE001  told below, in the test's own thread
                failures.append(error)
            finally:
                db.session.remove()

    db.session.remove()
    threads = [Thread(target=one_door) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert queries.marks_of(number) == {ana.registration_id: {ana.slot: "on_site"}}
    assert made.actions() == ["attendance.recorded"]


def test_one_batch_has_an_outcome_for_each_press(here: Workshop, umea: Organisation) -> None:
    ana, bo = seat(here, umea, "Ana"), seat(here, umea, "Bo")
    registrations.cancel(bo.id, by=STAFF, now=NOW)
    batch = [wish(ana, slot(here), key="k1"), wish(bo, slot(here), key="k2"), wish(ana, "999-morning", key="k3")]
    found = take(here.id, batch, by=HELPER, now=MORNING)
    assert [(one.wish.key, one.what, one.name) for one in found] == [
        ("k1", "written", "Ana"),
        ("k2", "refused", "Bo"),
        ("k3", "missing", ""),
    ]
    assert marks(here) == {ana.id: {slot(here): "on_site"}}


def test_a_batch_costs_the_same_whatever_its_length(app: Flask, here: Workshop, umea: Organisation) -> None:
    people = [seat(here, umea) for _n in range(6)]
    db.session.refresh(here)

    def reads(of: int, half: str) -> int:
        number, wishes = here.id, [wish(one, slot(here, 0, half)) for one in people[:of]]
        with counted(app) as seen:
            take(number, wishes, by=HELPER, now=MORNING)
        return sum(statement.startswith("SELECT") for statement in seen)

    assert reads(1, "morning") == reads(6, "afternoon")


def test_nobody_is_checked_in_where_the_workshop_does_not_take_place(here: Workshop, umea: Organisation) -> None:
    ana = seat(here, umea)
    acts.postpone(here.id, dict.fromkeys(("sv", "es", "en"), "x"), by=KARIN, now=NOW)
    with pytest.raises(Missing):
        take(here.id, [wish(ana, slot(here))], by=HELPER, now=MORNING)


def test_a_sheet_is_typed_in_all_or_nothing(here: Workshop, umea: Organisation) -> None:
    ana, bo, cy = (seat(here, umea, name) for name in ("Ana", "Bo", "Cy"))
    everything = [
        Change(one.id, slot(here, day, half), present=True) for one in (ana, bo, cy) for day in (0, 1) for half in ("morning", "afternoon")
    ]
    registrations.cancel(cy.id, by=STAFF, now=NOW)
    with pytest.raises(Refused, match="Cy has no seat"):
        sheet(here, *everything)
    assert marks(here) == {}
    assert made.actions() == []
    assert sheet(here, *everything[:8]) == (8, 0)
    assert {(row.source, row.way, row.by) for row in db.session.scalars(select(Attendance))} == {("typed", "on_site", "Karin")}
    assert [sentence(row) for row in db.session.scalars(select(AuditEntry).where(AuditEntry.action == "attendance.typed"))] == [
        "Typed the attendance in: 8 marked present, 0 taken back"
    ]


def test_two_people_at_two_sheets_do_not_undo_each_other(here: Workshop, umea: Organisation) -> None:
    ana, bo = seat(here, umea), seat(here, umea)
    assert sheet(here, Change(ana.id, slot(here), present=True)) == (1, 0)
    assert sheet(here, Change(bo.id, slot(here), present=True), Change(ana.id, slot(here), present=True)) == (1, 0)
    assert sheet(here, Change(ana.id, slot(here), present=False)) == (0, 1)
    assert sheet(here, Change(ana.id, slot(here), present=False)) == (0, 0)
    assert marks(here) == {bo.id: {slot(here): "on_site"}}
    assert made.actions() == ["attendance.typed"] * 3


def test_how_somebody_took_part_is_asked_only_where_there_is_a_choice(umea: Organisation) -> None:
    both, online = made.workshop(umea, format="both", join_url="https://meet.example/x"), made.workshop(umea)
    with transaction():
        online.format = "online"
    for where, way, kept in (
        (both, "online", "online"),
        (both, "on_site", "on_site"),
        (both, "by air", "on_site"),
        (online, "on_site", "online"),
    ):
        ana = seat(where, umea)
        sheet(where, Change(ana.id, slot(where), present=True), way=way)
        assert queries.marks_of(where.id)[ana.id] == {slot(where): kept}


def test_a_session_is_counted_where_staff_ask_for_it(here: Workshop, umea: Organisation) -> None:
    ana, code = seat(here, umea), f"s{made.visit()}"
    assert take(here.id, [wish(ana, code)], by=HELPER, now=MORNING)[0].what == "missing"
    service.count_sessions(here.id, [made.visit()], by=STAFF, now=NOW)
    assert take(here.id, [wish(ana, code)], by=HELPER, now=MORNING)[0].what == "written"
    (summary,) = queries.summary(here.id, AFTER)
    assert (summary.half_days, summary.minutes, summary.attended, summary.no_show) == (0, 120, False, False)
    with pytest.raises(Refused, match="Take the marks back first"):
        service.count_sessions(here.id, [], by=STAFF, now=NOW)
    take(here.id, [wish(ana, code, MORNING + MINUTE, present=False)], by=HELPER, now=MORNING + MINUTE)
    service.count_sessions(here.id, [], by=STAFF, now=NOW)
    assert made.counted() == []
    elsewhere = made.visit()
    with pytest.raises(Missing):
        service.count_sessions(made.workshop(umea).id, [elsewhere], by=STAFF, now=NOW)


def test_a_session_at_which_somebody_was_stays_in_the_programme(here: Workshop, umea: Organisation) -> None:
    service.count_sessions(here.id, [made.visit()], by=STAFF, now=NOW)
    take(here.id, [wish(seat(here, umea), f"s{made.visit()}")], by=HELPER, now=MORNING)
    workshop = workshops.get(here.id)
    without = replace(workshops.values_of(workshop), sessions=())
    with pytest.raises(Refused) as refusal:
        workshop_service.save(here.id, without, workshop.version, by=KARIN, now=MORNING)
    assert refusal.value.problems == {"days-0-on": "“The visit”: people are marked present there. It stays in the programme"}


def test_the_summary_says_who_attended_how_long_and_who_never_came(app: Flask, here: Workshop, umea: Organisation) -> None:
    ana, bo, _cy = (seat(here, umea) for _n in range(3))
    sheet(here, Change(ana.id, slot(here), present=True), Change(ana.id, slot(here, 1, "afternoon"), present=True))
    sheet(here, Change(bo.id, slot(here), present=True))
    during = [one.no_show for one in queries.summary(here.id, MORNING)]
    with counted(app) as seen:
        found = queries.summary(here.id, AFTER)
    told = [(one.half_days, one.of, one.minutes, one.attended, one.no_show) for one in found]
    assert told == [(2, 4, 7 * 60, True, False), (1, 4, 4 * 60, False, False), (0, 4, 0, False, True)]
    assert during == [False, False, False]
    assert len(seen) == 3


def test_the_statement_over_many_workshops_says_the_same_as_the_rule(app: Flask, umea: Organisation) -> None:
    chance = random.Random(7)
    for threshold in (1, 34, 50, 67, 100):
        app.config["CONFIG"] = replace(
            app.config["CONFIG"], settings=replace(app.config["CONFIG"].settings, attendance_threshold=str(threshold))
        )
        here = made.workshop(umea)
        people = [seat(here, umea) for _n in range(5)]
        codes = [one.code for one in queries.slots_of(here.id)]
        sheet(here, *(Change(one.id, code, present=True) for one in people for code in codes if chance.random() < 0.5))
        rule = {one.registration_id for one in queries.summary(here.id, AFTER) if one.attended}
        assert set(db.session.scalars(queries.attended_registrations([here.id]))) == rule
        assert rule <= set(db.session.scalars(queries.attended_registrations()))


def test_marks_of_a_half_that_the_day_no_longer_has_do_not_count(here: Workshop, umea: Organisation) -> None:
    ana = seat(here, umea)
    sheet(here, *(Change(ana.id, slot(here, day, "afternoon"), present=True) for day in (0, 1)))
    assert set(db.session.scalars(queries.attended_registrations([here.id]))) == {ana.id}
    with transaction():
        for day in here.days:
            day.ends = day.starts.replace(hour=12)
            day.ends_at = day.starts_at + timedelta(hours=3)
    assert set(db.session.scalars(queries.attended_registrations([here.id]))) == set()
    assert [one.attended for one in queries.summary(here.id, AFTER)] == [False]
