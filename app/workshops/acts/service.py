"""What is done to a whole workshop: published, postponed, cancelled, taken up again, thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.announcements import announce
from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Refused
from app.languages import gettext as _
from app.workshops import queries, rules
from app.workshops.checking import problems
from app.workshops.models import Workshop
from app.workshops.past.told import days_fact, days_when_stopped
from app.workshops.writing import columns


def publish(workshop_id: int, *, by: Actor, now: datetime, version: int | None = None) -> Workshop:
    """A draft that lacks nothing becomes public. Raises Refused with all that it waits for, Conflict, Missing."""
    return retrying(lambda: _publish(workshop_id, version, by=by, now=now))


def _publish(workshop_id: int, version: int | None, *, by: Actor, now: datetime) -> Workshop:
    with transaction():
        workshop = _enter(workshop_id, "publish", version)
        _ready(workshop, now)
        workshop.state = "published"
        workshop.published_at = now
        columns.touch(workshop, now)
        for row in workshop.days:
            row.changed_at = now
        db.session.flush()
        stage = rules.stage(workshop.state, workshop.starts_at, workshop.ends_at, now)
        record("workshop.published", columns.topic(workshop), by=by, now=now, stage=stage, days=days_fact(workshop.days, workshop.zone))
        announce("workshop_published", workshop=workshop, now=now, by=by)
        return workshop


def postpone(workshop_id: int, reasons: Mapping[str, str], *, by: Actor, now: datetime, version: int | None = None) -> Workshop:
    """It does not take place on its days; a new date will come. `reasons` in all languages. Raises Refused, Conflict."""
    return retrying(lambda: _stop(workshop_id, "postpone", reasons, version, by=by, now=now))


def cancel(workshop_id: int, reasons: Mapping[str, str], *, by: Actor, now: datetime, version: int | None = None) -> Workshop:
    """It does not take place. `reasons` in all languages. Raises Refused, Conflict."""
    return retrying(lambda: _stop(workshop_id, "cancel", reasons, version, by=by, now=now))


def _stop(workshop_id: int, verb: str, reasons: Mapping[str, str], version: int | None, *, by: Actor, now: datetime) -> Workshop:
    with transaction():
        workshop = _enter(workshop_id, verb, version)
        if rules.stage(workshop.state, workshop.starts_at, workshop.ends_at, now) == "done":
            raise Refused(_("The workshop is over."))
        problems.refuse(problems.of_reasons(reasons))
        _change_state(workshop, verb, reasons, now)
        told = {"reasons": dict(reasons), "days": days_fact(workshop.days, workshop.zone)}
        record(f"workshop.{workshop.state}", columns.topic(workshop), by=by, now=now, **told)
        announce(f"workshop_{workshop.state}", workshop=workshop, now=now, by=by)
        return workshop


def restore(workshop_id: int, *, by: Actor, now: datetime, version: int | None = None) -> Workshop:
    """A postponed or cancelled workshop takes place after all, on the days it has now. Raises Refused, Conflict."""
    return retrying(lambda: _restore(workshop_id, version, by=by, now=now))


def _restore(workshop_id: int, version: int | None, *, by: Actor, now: datetime) -> Workshop:
    with transaction():
        workshop = _enter(workshop_id, "restore", version)
        if workshop.starts_at is None or workshop.starts_at <= now:
            raise Refused(_("Its days have passed. Enter the new days and save, then take it up again."))
        _ready(workshop, now)
        stopped = days_when_stopped(columns.topic(workshop))
        _change_state(workshop, "restore", {}, now)
        record("workshop.restored", columns.topic(workshop), by=by, now=now, days=days_fact(workshop.days, workshop.zone))
        announce("workshop_restored", workshop=workshop, now=now, by=by, stopped=stopped)
        return workshop


def delete_draft(workshop_id: int, *, by: Actor, now: datetime, version: int | None = None) -> None:
    """Throws a draft away; what was once public is cancelled instead. Raises Refused, Conflict, Missing."""
    with transaction():
        workshop = columns.locked(workshop_id, version)
        if workshop.state != "draft":
            raise Refused(_("Only a draft can be thrown away. Cancel the workshop instead."))
        record("workshop.deleted", columns.topic(workshop), by=by, now=now, title=workshop.text.title)
        db.session.delete(workshop)


def _change_state(workshop: Workshop, verb: str, reasons: Mapping[str, str], now: datetime) -> None:
    workshop.state = rules.next_state(workshop.state, verb) or workshop.state
    workshop.sequence += 1
    for lang, row in workshop.texts.items():
        row.reason = reasons.get(lang, "")
    for day in workshop.days:
        day.sequence += 1
        day.changed_at = now
    columns.touch(workshop, now)
    db.session.flush()


def _enter(workshop_id: int, verb: str, version: int | None) -> Workshop:
    workshop = columns.locked(workshop_id, version)
    if rules.next_state(workshop.state, verb) is None:
        raise Refused(_("That cannot be done any more: somebody has changed the state of the workshop."))
    return workshop


def _ready(workshop: Workshop, now: datetime) -> None:
    values = queries.values_of(workshop)
    zone = workshop.zone if workshop.published_at else ""
    found = problems.find(values, workshop.network, now, taken=workshop.taken, kept_zone=zone, kept_holds=workshop.holds)
    problems.refuse(found | problems.unready(values, {lang: text.changed_at for lang, text in workshop.texts.items()}, now))
