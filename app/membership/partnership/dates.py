"""The dates of a partnership: visits, meetings, milestones, reports due; each is an entry of its calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from app.announcements import announce
from app.audit.service import Actor, record
from app.database import db, retrying, transaction
from app.errors import Conflict, Refused
from app.languages import LANGUAGES
from app.languages import gettext as _
from app.membership.models import Partnership, PartnershipEvent
from app.membership.partnership.entries import Dated
from app.membership.partnership.rules import KINDS, MOST_EVENTS, Stand
from app.membership.partnership.service import locked, one_of, topic
from app.workshops import walltime
from app.workshops.writing.columns import new_uid

LONGEST = timedelta(days=60)
EARLIEST, LATEST = 2000, 2199  # years


@dataclass(frozen=True)
class Values:
    """A date of a partnership: days on the wall of a zone, with hours or for the whole days."""

    kind: str
    titles: Mapping[str, str]
    zone: str
    starts_on: date
    ends_on: date
    starts: time | None = None
    ends: time | None = None
    place: str = ""
    public: bool = True


def write(slug: str, number: int | None, values: Values, version: int | None = None, *, by: Actor, now: datetime) -> PartnershipEvent:
    """A new date, or other facts of one: its calendar entry keeps its UID and counts up. `version`: the sequence of what was read.

    Raises Conflict if that is not the newest, Refused, Missing.
    """

    def work() -> PartnershipEvent:
        with transaction():
            row = locked(slug)
            starts_at, ends_at = _instants(values)
            event, before, stood = _event(row, number, version, now), None, None
            if number is not None:
                stood = stand(event)
                before = (event.starts_on, event.ends_on, _hours(event), event.public)
            facts = {**vars(values), "titles": dict(values.titles), "starts_at": starts_at, "ends_at": ends_at}
            changed = [name for name, value in facts.items() if getattr(event, name) != value]
            for name, value in facts.items():
                setattr(event, name, value)
            if changed and before is not None:
                event.sequence, event.changed_at = event.sequence + 1, now
                if {"starts_on", "ends_on"} & {*changed}:
                    event.moved_at = now
            db.session.flush()
            if changed:
                announce("partnership_date_news", event=event, before=stood, now=now)  # first: it holds people, and the other mails
                _note(row, event, before, by=by, now=now)
            return event

    return retrying(work)


def call_off(slug: str, number: int, *, by: Actor, now: datetime) -> None:
    """A date does not take place: calendars show it as cancelled. Raises Missing."""

    def work() -> None:
        with transaction():
            row = locked(slug)
            event = one_of(row.events, number)
            if not event.cancelled:
                event.cancelled, event.sequence, event.changed_at = True, event.sequence + 1, now
                announce("partnership_date_news", event=event, before=stand(event), now=now)
                _record("partnership.date_called_off", row, event, by=by, now=now)

    retrying(work)


def mark_done(slug: str, number: int, *, done: bool, by: Actor, now: datetime) -> None:
    """A milestone is reached, a report is in; or not after all. Raises Missing."""

    def work() -> None:
        with transaction():
            row = locked(slug)
            event = one_of(row.events, number)
            if event.done != done:
                event.done, event.changed_at = done, now
                _record("partnership.date_done" if done else "partnership.date_undone", row, event, by=by, now=now)

    retrying(work)


def stand(event: PartnershipEvent | Dated) -> Stand:
    """When it is, and a mark of where."""
    place = f"{crc32(event.place.encode()):08x}"
    return Stand(event.starts_on, event.ends_on, event.starts, event.ends, event.zone, place)


def _event(row: Partnership, number: int | None, version: int | None, now: datetime) -> PartnershipEvent:
    """A new one, or the one with that number. Raises Conflict, Refused, Missing."""
    if number is None:
        if len(row.events) >= MOST_EVENTS:
            raise Refused(problems={"title_sv": _("There are %(max)s dates already", max=MOST_EVENTS)})
        event = PartnershipEvent(uid=new_uid(), created_at=now, changed_at=now, sequence=0)
        row.events.append(event)
        return event
    event = one_of(row.events, number)
    if event.cancelled:
        raise Refused(_("It is called off. Make a new date instead."))
    if version is not None and version != event.sequence:
        raise Conflict
    return event


def _note(row: Partnership, event: PartnershipEvent, before: tuple[Any, ...] | None, *, by: Actor, now: datetime) -> None:
    """What happened, for the history, and for whoever reads the news of it."""
    if before is None:
        _record("partnership.date_added", row, event, by=by, now=now)
        return
    first, last, hours, public = before
    facts: dict[str, Any] = {"was_public": public}
    if (first, last, hours) != (event.starts_on, event.ends_on, _hours(event)):
        facts["days_before"] = [first.isoformat(), last.isoformat()]
    _record("partnership.date_changed", row, event, by=by, now=now, **facts)


def _hours(event: PartnershipEvent) -> tuple[datetime, datetime] | None:
    """Its instants; whole days are the same days on any clock."""
    return None if event.starts is None else (event.starts_at, event.ends_at)


def _record(action: str, row: Partnership, event: PartnershipEvent, *, by: Actor, now: datetime, **facts: Any) -> None:
    """The line in the audit; and whoever shows or remembers the date is told."""
    days = [event.starts_on.isoformat(), event.ends_on.isoformat()]
    title = _any(event.titles)
    record(action, topic(row), by=by, now=now, title=title, event=event.id, public=event.public, days=days, **facts)
    announce("partnership_date_changed", event=event, now=now)


def _wrong(values: Values) -> dict[str, str]:
    wrong = {}
    if values.kind not in KINDS:
        wrong["kind"] = _("Choose what it is")
    if not any(values.titles.get(lang) for lang in LANGUAGES):
        wrong["title_sv"] = _("Enter a title in at least one language")
    if values.starts_on.year < EARLIEST or values.ends_on.year > LATEST:
        wrong["ends_on"] = _("Enter a real date, such as 2026-06-03")
    elif values.ends_on < values.starts_on:
        wrong["ends_on"] = _("The last day lies before the first")
    elif values.ends_on - values.starts_on > LONGEST:
        wrong["ends_on"] = _("A date lasts at most %(max)s days", max=LONGEST.days)
    if (values.starts is None) != (values.ends is None):
        wrong["ends"] = _("Enter both hours or none")
    return wrong


def _instants(values: Values) -> tuple[datetime, datetime]:
    """When it begins and ends; without hours from midnight to midnight. Raises Refused."""
    if wrong := _wrong(values):
        raise Refused(problems=wrong)
    zone = ZoneInfo(values.zone)
    if values.starts is None or values.ends is None:
        after = values.ends_on + timedelta(days=1)
        return datetime.combine(values.starts_on, time(), zone).astimezone(UTC), datetime.combine(after, time(), zone).astimezone(UTC)
    try:
        first = walltime.instant(values.starts_on, values.starts, values.zone)
        last = walltime.instant(values.ends_on, values.ends, values.zone)
    except walltime.WallProblem as problem:
        raise Refused(problems={"starts": _("The clocks are changed then. Choose another hour.")}) from problem
    if last <= first:
        raise Refused(problems={"ends": _("It ends before it begins")})
    return first, last


def _any(titles: Mapping[str, str]) -> str:
    return next((titles[lang] for lang in LANGUAGES if titles.get(lang)), "")
