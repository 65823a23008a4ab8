"""The drill: the day's mails have left, last night's copy is put back, and none of them goes again; what is really due does."""

from __future__ import annotations

from collections import Counter
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Person
from app.audit.service import person as actor
from app.backups import service
from app.backups.aftermath import LEAP
from app.backups.queries import ahead
from app.database import db
from app.feeds.models import CalendarRevision
from app.mailer.transport import hang_up
from app.outbox import queries as outbox_queries
from app.outbox import service as outbox
from app.outbox.models import Message
from app.registrations import service as registrations
from app.registrations.models import Registration
from app.workshops.models import Workshop
from tests import factories
from tests.backups.made import restore, tick
from tests.conftest import MakeApp
from tests.factories import NOW
from tests.reminders import made
from tests.servers import Mailbox

STOCKHOLM, BOGOTA = "Europe/Stockholm", "America/Bogota"
NIGHT = made.at(STOCKHOLM, 2025, 5, 27, 3, 10)  # the copy
MORNING = made.at(STOCKHOLM, 2025, 5, 27, 9, 5)
AFTERNOON = made.at(STOCKHOLM, 2025, 5, 27, 16, 5)
BACK = made.at(STOCKHOLM, 2025, 5, 27, 18, 30)
Seen = list[tuple[str, str]]


@pytest.fixture
def site(database_url: str, make_app: MakeApp, smtp: tuple[Mailbox, int]) -> Flask:
    return make_app(
        database_url, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(smtp[1]), MAIL_ALLOWLIST="@umea.example,@bogota.example,@late.example"
    )


def seen(mailbox: Mailbox) -> Seen:
    """To whom, and what about."""
    return [(mail["To"].addresses[0].addr_spec, str(mail["Subject"])) for mail in mailbox.messages]


class Day:
    """A day as it was: three reminders to Umeå at nine, at four (another workshop of the same day), and one that is due at six."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.bogota, self.swede, _colombian = made.world()  # due at nine in Bogotá, four in Stockholm
        umea = self.swede.affiliations[0].organisation
        self.umea = self._reminded(umea, time(9), "Umeå", offset=-7)
        self.late = self._reminded(umea, time(18), "Late", offset=-7)
        for workshop in (self.umea, self.late):
            made.seat(workshop, self.swede)
        self.late_id, self.swede_id = self.late.id, self.swede.id
        tick(app, NOW)
        waits = factories.person(umea, address="c.waits@umea.example")
        self.waits_id = made.seat(self.umea, waits, now=NIGHT - timedelta(minutes=1)).id
        self.file, _manifest = service.make(folder, kind="nightly", now=NIGHT)

    def _reminded(self, umea: object, at_local: time, title: str, *, offset: int) -> Workshop:
        own = factories.network(umea)  # type: ignore[arg-type]  # an organisation of world()
        workshop = factories.workshop(own, date(2025, 6, 3), country="SE", starts=time(15), ends=time(16), title=title, access="open")
        made.rule(workshop, offset=offset, at_local=at_local)
        return workshop

    def goes_on(self) -> Person:
        """What happens after the copy was made: the day's mails, and somebody who registers."""
        tick(self.app, MORNING)
        newcomer = factories.person(address="d.new@late.example")
        registrations.register(self.late.id, newcomer.id, by=actor(newcomer), now=MORNING + timedelta(hours=1))
        tick(self.app, AFTERNOON)
        hang_up()
        return newcomer


def put_back(day: Day, mailbox: Mailbox) -> tuple[Seen, Seen]:
    """What had left, and what leaves once staff have looked."""
    day.goes_on()
    before = seen(mailbox)
    restore(day.file, BACK)
    assert tick(day.app, BACK)["sent"] == 0, "paused"
    assert len(mailbox.raw) == len(before)
    copy = outbox_queries.put_back()
    assert copy is not None
    assert (copy.copied_at, copy.at) == (NIGHT, BACK)
    outbox.resume(by=made.STAFF, now=BACK)
    tick(day.app, BACK)
    tick(day.app, BACK + timedelta(minutes=1))
    hang_up()
    return before, seen(mailbox)[len(before) :]


def test_after_last_nights_copy_nothing_goes_again_and_what_is_due_goes(site: Flask, smtp: tuple[Mailbox, int], tmp_path: Path) -> None:
    mailbox, _port = smtp
    with site.app_context():
        day = Day(site, tmp_path / "copies")
        before, after = put_back(day, mailbox)
        reminded = [to for to, subject in before if subject.startswith(("Påminnelse", "Reminder"))]
        assert len(before) >= 9
        assert [to for to, _subject in after] == ["a.swede@umea.example"], "the reminder of six o'clock, and no other"
        assert "Late" in after[0][1]
        assert not set(before) & set(after)
        assert reminded
        assert set(db.session.scalars(select(Message.state).where(Message.recipient == "c.waits@umea.example"))) == {"sent"}


def test_control_without_the_journal_the_copies_are_seen(site: Flask, smtp: tuple[Mailbox, int], tmp_path: Path) -> None:
    mailbox, _port = smtp
    with site.app_context():
        day = Day(site, tmp_path / "copies")
        day.goes_on()
        before = seen(mailbox)
        for path in tmp_path.glob("sent-*.log"):
            path.unlink()
        site.extensions.pop("app.outbox.journal")
        restore(day.file, BACK)
        outbox.resume(by=made.STAFF, now=BACK)
        tick(site, BACK)
        hang_up()
        again = Counter(to for to, _subject in seen(mailbox)[len(before) :])
    assert again["b.colombian@bogota.example"] == 1, "the reminder of nine in Bogotá goes twice"
    assert again["c.waits@umea.example"] >= 1, "so does the confirmation that waited in the copy"


def test_the_journal_of_a_lost_machine_is_found_in_a_younger_copy(site: Flask, smtp: tuple[Mailbox, int], tmp_path: Path) -> None:
    mailbox, _port = smtp
    with site.app_context():
        day = Day(site, tmp_path / "copies")
        day.goes_on()
        service.make(tmp_path / "copies", kind="hourly", now=AFTERNOON)
        before = seen(mailbox)
        for path in tmp_path.glob("sent-*.log"):
            path.unlink()
        site.extensions.pop("app.outbox.journal")
        restore(day.file, BACK)
        outbox.resume(by=made.STAFF, now=BACK)
        tick(site, BACK)
        hang_up()
        assert [to for to, _subject in seen(mailbox)[len(before) :]] == ["a.swede@umea.example"]


def test_who_registers_again_is_told_so_and_gets_a_number_that_nobody_had(site: Flask, smtp: tuple[Mailbox, int], tmp_path: Path) -> None:
    mailbox, _port = smtp
    with site.app_context():
        day = Day(site, tmp_path / "copies")
        put_back(day, mailbox)
        newcomer = factories.person(address="d.new@late.example")
        late = db.session.scalars(select(Workshop).where(Workshop.id == day.late_id)).one()
        again = registrations.register(late.id, newcomer.id, by=actor(newcomer), now=BACK + timedelta(minutes=5))
        assert min(again.id, newcomer.id) > LEAP
        tick(site, BACK + timedelta(minutes=6))
        hang_up()
        assert [to for to, _subject in seen(mailbox)].count("d.new@late.example") == 2


def test_staff_see_what_would_go_and_what_the_journal_keeps_back(site: Flask, smtp: tuple[Mailbox, int], tmp_path: Path) -> None:
    with site.app_context():
        day = Day(site, tmp_path / "copies")
        day.goes_on()
        done = restore(day.file, BACK)
        assert done.known == 1, "the confirmation that the copy took for unsent"
        copy = outbox_queries.put_back()
        assert copy is not None
        first = ahead(copy, BACK, 10)
        assert (first.number, first.unwritten > 0) == (0, True)
        tick(site, BACK)
        db.session.rollback()
        then = ahead(copy, BACK, 10)
        assert ([row.recipient for row in then.rows], then.number, then.unwritten) == (["a.swede@umea.example"], 1, 0)
        assert then.left >= 4


def test_calendars_go_on_from_beyond_what_was_given_out(site: Flask, tmp_path: Path, smtp: tuple[Mailbox, int]) -> None:
    with site.app_context():
        day = Day(site, tmp_path / "copies")
        workshop, own = select(Workshop.sequence).where(Workshop.id == day.late_id), Registration.id == day.waits_id
        changed = select(CalendarRevision.changed_at).where(CalendarRevision.scope == f"person:{day.swede_id}")
        before = [db.session.scalars(one).one() for one in (workshop, select(Registration.sequence).where(own))]
        restore(day.file, BACK)
        after = [db.session.scalars(one).one() for one in (workshop, select(Registration.sequence).where(own))]
        beyond = 100 + int((BACK - NIGHT).total_seconds()) // 60  # so that the same copy put back later goes on beyond that again
        assert [new - old for new, old in zip(after, before, strict=True)] == [beyond, beyond]
        assert db.session.scalars(changed).one() == BACK
