"""All recurring work on one page: name, when, and the functions it calls."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from sqlalchemy.exc import DBAPIError

from app.accounts import service as accounts
from app.backups import service as backups
from app.backups.rules import BackupError
from app.clock import now as clock_now
from app.config import Config
from app.database import db, scour
from app.errors import Busy
from app.feedback.service import forget_whose
from app.feeds import leaving
from app.feeds.personal import closing
from app.membership.commitment import risk
from app.membership.interest.deciding import forget as forget_colleagues
from app.membership.partnership import clocks as partnership_clocks
from app.needs import service as needs
from app.outbox import service as outbox
from app.outbox.bounces import mailbox
from app.outbox.bounces import service as bounces
from app.papers import service as papers
from app.registrations import guests, holds
from app.registrations.coming import service as coming
from app.registrations.retention import forget_guests
from app.registrations.waiting import offers
from app.reminders import service as reminders
from app.reminders.digest import service as digests
from app.reminders.holding import service as holding
from app.reminders.partnership import service as partnerships
from app.workshops.writing import clocks

logger = logging.getLogger("scheduler")
Counts = Counter[str]


@dataclass
class Shift:
    """One process at work: its app, its number among the workers, and whether it was asked to stop.

    `at` is the instant that --at tells it to take for the present; else the clock counts.
    """

    app: Flask
    worker: UUID | None = None
    at: datetime | None = None
    at_most: int | None = None
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def now(self) -> datetime:
        return self.at or clock_now()

    @property
    def never_ahead(self) -> datetime:
        """For what destroys: however far --at looks ahead, nothing is thrown away before its real time."""
        return min(self.now, clock_now())


@dataclass(frozen=True)
class Job:
    """One line of the table."""

    name: str
    when: Callable[[Config], BaseTrigger]
    work: Callable[[Shift], Counts]


def release_seats(shift: Shift) -> Counts:
    """Seats held for guests who did not confirm, for organisations that did not use them, and for those who did not answer an
    offer, go to those who wait."""
    released = guests.expire_held(now=shift.now) + holds.lapse(now=shift.now) + offers.lapse(now=shift.now)
    outbox.finished("seats", now=clock_now())
    return Counts(released=released)


def plan_reminders(shift: Shift) -> Counts:
    """Reminders go on the clock; what is due goes into the outbox, who has not answered is asked once more, coordinators are
    reminded of held seats, who belongs to a partnership of its dates, and who wants it gets the digest of the week."""
    plan = reminders.keep_planned if shift.at is None else reminders.plan
    done = plan(shift.now) + reminders.queue_due(shift.now)
    asked = coming.chase(now=shift.now) + holding.remind(now=shift.now) + digests.write(now=shift.now) + partnerships.remind(now=shift.now)
    outbox.finished("plan", now=clock_now())
    return Counts(planned=done.planned, queued=done.queued + asked, missed=done.missed, held=done.held)


def deliver(shift: Shift) -> Counts:
    """What is due in the outbox leaves, until nothing is due; the heartbeat."""
    if shift.worker is None:
        shift.worker = outbox.start_worker(now=clock_now())
    once = shift.at is not None or shift.at_most is not None
    tally = outbox.deliver_pending(shift.at, worker=shift.worker, stop=shift.stopping.is_set, at_most=shift.at_most, probe=once)
    return Counts(
        sent=tally.sent,
        failed=tally.failed,
        uncertain=tally.uncertain,
        missed=tally.expired,
        again=tally.again,
        held=tally.held,
        stopped=tally.stopped,
    )


def read_bounces(shift: Shift) -> Counts:
    """Reports of non-delivery out of their mailbox, if there is one."""
    seen = mailbox.collect(now=shift.never_ahead, stop=shift.stopping.is_set)
    return Counts(bounced=seen[bounces.COUNTED]) if seen else Counts()


def issue_certificates(shift: Shift) -> Counts:
    """What staff asked for, batch by batch."""
    return Counts(issued=papers.work(now=shift.never_ahead, stop=shift.stopping.is_set))


def mind_the_commitment(shift: Shift) -> Counts:
    """Whoever can still close a half that is at risk hears of it, and whoever can close one finds in the own calendar until when."""
    renewed = closing.keep(now=shift.now)
    return Counts(queued=risk.remind(now=shift.now), renewed=renewed)


def mind_the_clocks(shift: Shift) -> Counts:
    """After an update of the zones' rules: the instants of what is to come follow from the wall anew."""
    return Counts(recomputed=clocks.recompute(shift.now) + partnership_clocks.recompute(shift.now))


def forget(shift: Shift) -> Counts:
    """What we no longer may or need to keep."""
    gone = outbox.forget(now=shift.never_ahead) + accounts.forget_old(shift.never_ahead) + forget_guests(now=shift.never_ahead)
    gone += forget_colleagues(now=shift.never_ahead)
    return Counts(purged=gone + forget_whose(now=shift.never_ahead))


def turn_calendars(shift: Shift) -> Counts:
    """What leaves calendars by time leaves them, and their revisions move."""
    return Counts(renewed=leaving.move_on(now=shift.now))


def close_letters(shift: Shift) -> Counts:
    """The last moment for letters for a visa leaves calendars soon after it has passed."""
    return Counts(renewed=leaving.close_letters(now=shift.now))


def purge_needs(shift: Shift) -> Counts:
    """What people needed is no longer kept, not even in the database's files."""
    gone = needs.purge(now=shift.never_ahead)
    if not scour("need"):
        logger.warning("what was erased may still stand in the database's files, for somebody reads or writes: the next night tries again")
    return Counts(purged=gone)


def back_up(shift: Shift) -> Counts:
    """A copy of the database, where BACKUP_FOLDER says so, when the night's or the hour's is due."""
    return Counts(copied=backups.work(now=shift.never_ahead))


JOBS = (
    Job("tick", lambda config: _soon_and(IntervalTrigger(seconds=config.number("tick_seconds"), timezone=UTC), 0), deliver),
    Job("seats", lambda config: _soon_and(IntervalTrigger(seconds=config.number("tick_seconds"), timezone=UTC), 1), release_seats),
    Job("papers", lambda config: _soon_and(IntervalTrigger(seconds=config.number("tick_seconds"), timezone=UTC), 1), issue_certificates),
    Job("plan", lambda config: _soon_and(IntervalTrigger(seconds=config.number("plan_seconds"), timezone=UTC), 1), plan_reminders),
    Job("commitment", lambda _config: _soon_and(IntervalTrigger(minutes=30, timezone=UTC), 20), mind_the_commitment),
    Job("letters", lambda _config: _soon_and(IntervalTrigger(minutes=15, timezone=UTC), 40), close_letters),
    Job("bounces", lambda _config: _soon_and(IntervalTrigger(minutes=5, timezone=UTC), 20), read_bounces),
    Job("clocks", lambda _config: _soon_and(CronTrigger(hour=1, minute=50, timezone=UTC), 30), mind_the_clocks),
    Job("nightly", lambda _config: _soon_and(CronTrigger(hour=2, minute=10, timezone=UTC), 60), forget),
    Job("calendars", lambda _config: _soon_and(CronTrigger(hour=2, minute=20, timezone=UTC), 45), turn_calendars),
    Job("needs", lambda _config: _soon_and(CronTrigger(hour=2, minute=30, timezone=UTC), 90), purge_needs),
    Job("backup", lambda _config: _soon_and(CronTrigger(minute=10, timezone=UTC), 120), back_up),
)


def run(shift: Shift, work: Callable[[Shift], Counts]) -> Counts:
    """One run of one job. Nothing escapes: the next run finds everything in the tables and goes on."""
    with shift.app.app_context():
        try:
            return work(shift)
        except Busy:
            logger.warning("%s: the database is busy; the next run goes on", work.__name__)
        except DBAPIError as error:
            logger.error("%s: the database does not do its part (%s); the next run goes on", work.__name__, error.orig)  # noqa: TRY400  one line
        except BackupError as error:
            logger.error("no copy of the database was made: %s", error)  # noqa: TRY400  its words say it all
        except Exception:
            logger.exception("%s did not finish; the next run goes on", work.__name__)
        finally:
            db.session.remove()
    return Counts(errors=1)


def _soon_and(trigger: BaseTrigger, seconds: int) -> BaseTrigger:
    """Once shortly after the start, and then as the trigger says."""
    return OrTrigger([DateTrigger(clock_now() + timedelta(seconds=seconds), timezone=UTC), trigger])
