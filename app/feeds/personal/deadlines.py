"""What is awaited of somebody, as short entries that ring a day before; only on devices that ask for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app import mailer
from app.calendars import Entry, Hours, Status
from app.languages import gettext as _
from app.languages import moment, using
from app.registrations.coming.rules import chase_at, is_awaited
from app.registrations.models import Registration
from app.registrations.queries import AHEAD
from app.workshops.models import Workshop
from app.workshops.showing import entries

LENGTH = timedelta(minutes=15)  # an entry ends with its deadline
RINGS = (timedelta(days=1),)
RINGS_FOR_LETTERS = (timedelta(days=7), timedelta(days=1))  # a passport may have to be found first


class Due(NamedTuple):
    """Something is to be done by then. `kind` makes its UID, so it stays as it is."""

    kind: str
    at: datetime
    title: str
    path: str  # of the page on which it is done, under that of the registration
    note: str = ""
    rings: tuple[timedelta, ...] = RINGS


class Owed(NamedTuple):
    """What somebody has not done yet about one workshop: questions answered, a letter for a visa asked for that they may need."""

    asks: bool = False
    letter: bool = False


def of_registration(registration: Registration, lang: str, chase_days: int, owed: Owed) -> list[Entry]:
    """What is awaited of the person about one workshop; nothing while it does not take place."""
    if registration.workshop.state != "published" or registration.state not in AHEAD:
        return []
    with using(lang):
        return [_entry(registration, due, lang) for due in _awaited(registration, chase_days, owed)]


def _awaited(registration: Registration, chase_days: int, owed: Owed) -> list[Due]:
    workshop = registration.workshop
    title, starts_at, last = workshop.text.title, workshop.starts_at, _last_day(registration)
    found = []
    if registration.state == "offered" and registration.held_until is not None:
        found.append(Due("offer", registration.held_until, _("Accept the offered seat: %(title)s", title=title), ""))
    if is_awaited(registration.state, registration.asked_at, registration.answered_at) and registration.asked_at and starts_at:
        by = chase_at(registration.asked_at, starts_at, chase_days)
        found.append(Due("answer", by, _("Say whether you can come: %(title)s", title=title), ""))
    if last is not None and owed.asks:
        found.append(Due("questions", last, _("Answer the questions: %(title)s", title=title), "/answers"))
    if last is not None and workshop.format != "online":
        found.append(Due("needs", last, _("Say what you need: %(title)s", title=title), "/needs", _needs()))
    if owed.letter and workshop.letters_until is not None:
        words = _("Ask for a letter for a visa: %(title)s", title=title)
        found.append(Due("letter", workshop.letters_until, words, "/needs", _letter(), RINGS_FOR_LETTERS))
    return found


def _needs() -> str:
    return _("Food, access, interpretation, or a letter for a visa. You can skip this if you need nothing.")


def _letter() -> str:
    return _("Only if you need one to come. After that we do not write any more. You can skip this if you need none.")


def _last_day(registration: Registration) -> datetime | None:
    """When the hosts begin to plan with what is known: as registration closes, or at the start for whoever came later."""
    workshop = registration.workshop
    closes = workshop.closes_at
    return closes if closes is not None and closes > registration.queued_at else workshop.starts_at


def _entry(registration: Registration, due: Due, lang: str) -> Entry:
    """SEQUENCE: the person's and the workshop's numbers only rise, and a deadline moves with one of them."""
    workshop = registration.workshop
    whole = entries.overview(workshop, lang)
    url = mailer.link(f"/{lang}/me/registrations/{registration.id}")
    lines = [due.note, _("Until %(when)s", when=moment(due.at, workshop.zone)), f"{url}{due.path}"]
    return Entry(
        uid=f"{due.kind}-{registration.id}-{workshop.uid}",
        sequence=registration.sequence + workshop.version,
        created=registration.created_at,
        changed=max(workshop.changed_at, registration.changed_at),
        status=Status.CONFIRMED,
        when=hours_until(workshop, due.at),
        summary=due.title,
        url=f"{url}{due.path}",
        lang=lang,
        organizer=whole.organizer,
        description="\n".join(line for line in lines if line),
        categories=whole.categories,
        transparent=True,
        alarms=due.rings,
    )


def hours_until(workshop: Workshop, at: datetime) -> Hours:
    """The quarter of an hour before something ends, on the workshop's clock."""
    zone = UTC if workshop.format == "online" else ZoneInfo(workshop.zone)
    ends = at.replace(second=0, microsecond=0)
    return Hours((ends - LENGTH).astimezone(zone), ends.astimezone(zone))
