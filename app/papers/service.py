"""Issuing certificates in batches that can be killed anywhere, and withdrawing one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Literal

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import joinedload

from app.attendance.queries import Summary
from app.audit.service import SCHEDULER, Actor, record
from app.config import CONTROLS
from app.crypto import hash_token
from app.database import db, is_passing, retrying, transaction
from app.errors import Busy, Missing, Refused
from app.languages import gettext as _
from app.outbox import service as outbox
from app.papers import mails, queries
from app.papers.models import Certificate, PaperRun
from app.papers.rules import LENGTH, pause
from app.registrations import seats
from app.registrations.log import note
from app.registrations.models import Registration
from app.registrations.queries import chosen
from app.registrations.rules import CODE_LETTERS
from app.workshops.models import Workshop

BATCH = 25  # certificates in one transaction: others wait for the workshop's row no longer than that
REASON = 600  # letters
Kind = Literal["certificates", "badges", "sheet"]


def start(workshop_id: int, *, by: Actor, now: datetime) -> PaperRun:
    """All who have attended are to have their certificate; asked twice is once, and a run that rests goes on now.

    Raises Missing, Refused.
    """
    return retrying(lambda: _start(workshop_id, by=by, now=now))


def _start(workshop_id: int, *, by: Actor, now: datetime) -> PaperRun:
    with transaction():
        workshop = seats.lock(workshop_id)
        if workshop is None or workshop.state == "draft":
            raise Missing
        if not is_over(workshop, now):
            raise Refused(_("Certificates are issued once the workshop is over."))
        run = queries.newest_run(workshop_id)
        if run is not None and run.finished_at is None:
            run.next_at = None
            return run
        total = len(queries.standing(workshop_id, now).wanted)
        if not total:
            raise Refused(_("Everybody who has attended has a certificate."))
        run = PaperRun(workshop_id=workshop_id, total=total, started_at=now, actor=by.code, actor_name=by.name)
        db.session.add(run)
        record("certificates.started", f"workshop:{workshop_id}", by=by, now=now, number=total)
        return run


def is_over(workshop: Workshop, now: datetime) -> bool:
    """Whether there can be certificates."""
    return workshop.state == "published" and workshop.ends_at is not None and workshop.ends_at <= now


def work(*, now: datetime, stop: Callable[[], bool] = lambda: False) -> int:
    """Goes on with every run under way, batch by batch; how many certificates were issued.

    A batch is one transaction under the workshop's lock, and what is still to do is asked anew each time: whoever dies in
    between leaves whole batches, and two workers never issue the same. A run that fails rests, longer each time, and is given up
    in the end, for staff to see.
    """
    issued = 0
    for run_id in queries.open_runs(now):
        try:
            while not stop() and (number := retrying(partial(_batch, run_id, now))):
                issued += number
        except Busy:  # the next run would wait as long
            raise
        except Exception:  # one that fails must not keep the others
            current_app.logger.exception("the certificates of run %s could not be issued", run_id)
            retrying(partial(_put_off, run_id, now))
    return issued


def _put_off(run_id: int, now: datetime) -> None:
    with transaction():
        run = db.session.get(PaperRun, run_id, with_for_update=True, populate_existing=True)
        if run is None or run.finished_at is not None or (run.next_at is not None and run.next_at > now):
            return
        run.tries += 1
        rest = pause(run.tries)
        if rest is not None:
            run.next_at = now + rest
            return
        run.finished_at = run.failed_at = now
        record("certificates.failed", f"workshop:{run.workshop_id}", by=SCHEDULER, now=now, number=run.done, total=run.total)


def _batch(run_id: int, now: datetime) -> int:
    with transaction():
        run = db.session.get_one(PaperRun, run_id)
        workshop = seats.lock(run.workshop_id)
        db.session.refresh(run)
        if run.finished_at is not None:
            return 0
        wanted = queries.standing(run.workshop_id, now).wanted if workshop is not None and is_over(workshop, now) else []
        these = wanted[:BATCH]
        by = Actor(run.actor, run.actor_name)
        people = {row.id: row for row in chosen(run.workshop_id, [one.registration_id for one in these])}
        issued = sum(_issue_apart(people[one.registration_id], one, by, now, alone=run.tries > 0) for one in these)
        if these and not issued:
            message = "none of the certificates that are left could be made"
            raise RuntimeError(message)
        run.done += issued
        run.total = max(run.total, run.done)
        if issued == len(these):
            run.tries, run.next_at = 0, None
        if issued == len(wanted):
            run.total, run.finished_at = run.done, now
        return issued


def _issue_apart(registration: Registration, found: Summary, by: Actor, now: datetime, *, alone: bool) -> bool:
    """Whether it was issued. `alone`: after an error each stands for itself, so that one that cannot be made keeps no other waiting."""
    if not alone:
        _issue(registration, found, by=by, now=now)
        return True
    try:
        with db.session.begin_nested():
            _issue(registration, found, by=by, now=now)
    except Exception as error:  # whatever it is, it must not keep the others waiting; but what passes is tried again
        if isinstance(error, DBAPIError) and is_passing(error):
            raise
        current_app.logger.exception("the certificate of registration %s could not be issued", registration.id)
        return False
    return True


def _issue(registration: Registration, found: Summary, *, by: Actor, now: datetime) -> None:
    """A new one is told by mail; other hours of one that is there are written into it."""
    certificate = queries.find_of(registration.id)
    action = "certificate.changed" if certificate else "certificate.issued"
    if certificate is None:
        code = "".join(secrets.choice(CODE_LETTERS) for _letter in range(LENGTH))
        certificate = Certificate(registration_id=registration.id, code=code, code_hash=hash_token(code))
    certificate.minutes, certificate.issued_at, certificate.issued_by = found.minutes, now, by.name
    if action == "certificate.issued":
        db.session.add(certificate)
        outbox.queue(mails.ready(registration, now=now), now=now)
    note(action, registration, by=by, now=now, minutes=found.minutes)


def withdraw(workshop_id: int, certificate_id: int, reason: str, *, by: Actor, now: datetime) -> None:
    """It counts no more, and whoever checks it is told so. Twice is once. Raises Missing, Refused."""
    reason = reason.strip()
    if not reason or len(reason) > REASON or CONTROLS.search(reason):
        raise Refused(_("Say why, on one line of at most 600 letters. Only staff read it."))
    retrying(lambda: _set_revoked(workshop_id, certificate_id, reason, by=by, now=now))


def give_back(workshop_id: int, certificate_id: int, *, by: Actor, now: datetime) -> None:
    """A withdrawn certificate counts again, under the same code. Twice is once. Raises Missing."""
    retrying(lambda: _set_revoked(workshop_id, certificate_id, "", by=by, now=now))


def _set_revoked(workshop_id: int, certificate_id: int, reason: str, *, by: Actor, now: datetime) -> None:
    with transaction():
        seats.lock(workshop_id)
        found = _get(workshop_id, certificate_id)
        if (found.revoked_at is not None) == bool(reason):
            return
        found.revoked_at, found.reason = (now, reason) if reason else (None, "")
        if reason:
            outbox.withdraw(f"registration:{found.registration_id}", kinds=("certificate",))
        action = "certificate.withdrawn" if reason else "certificate.given_back"
        note(action, found.registration, by=by, now=now)


def note_taken(kind: Kind, workshop_id: int, number: int, *, by: Actor, now: datetime) -> None:
    """Writes down who takes which paper of so many people along; by itself, once the file is made, for making it takes long."""

    def work() -> None:
        with transaction():
            record(f"papers.{kind}", f"workshop:{workshop_id}", by=by, now=now, number=number)

    retrying(work)


def _get(workshop_id: int, certificate_id: int) -> Certificate:
    about = joinedload(Certificate.registration).joinedload(Registration.person)
    wanted = select(Certificate).options(about).join(Certificate.registration).execution_options(populate_existing=True)
    wanted = wanted.where(Certificate.id == certificate_id, Registration.workshop_id == workshop_id)
    found = db.session.scalars(wanted).one_or_none()
    if found is None:
        raise Missing
    return found
