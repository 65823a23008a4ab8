"""A mail about one's own seat as an envelope: what all of them show, the invitation, the reader's own clock."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from app import calendars, mailer
from app.calendars import Entry, Years
from app.crypto import decrypt
from app.languages import city, hours, language, listed, span, weekday_day, weekday_short
from app.languages import gettext as _
from app.mailer import Content
from app.outbox.service import Item, Mail
from app.registrations.late import Dues, dues_of
from app.registrations.models import Registration
from app.registrations.waiting.leads import Lead, leads_of
from app.workshops.models import Workshop, WorkshopDay
from app.workshops.showing import entries
from app.workshops.showing.adding import in_short, on_the_web

KEY = "app.letters"
FRESH = 60.0  # seconds: the networks' names and years have no version
MOST_KEPT = 32


@dataclass(frozen=True)
class Letter:
    """What one mail says: the rest of it (facts, links, foot) is the same for all."""

    kind: str
    subject: str
    heading: str
    words: tuple[str, ...]
    button: str
    button_path: str = ""  # the manage page if empty
    method: Literal["REQUEST", "CANCEL"] | None = None
    key: str = ""
    reason: str = ""
    former: bool = False  # to an address that is the person's no more: without their link, and without the one to join
    begins: str = ""  # when, for whoever comes too late for a reminder: then what that says stands here


class Common:
    """What the mails of one moment share: each is written once for a language, a clock and a state, with a mark where the
    person's own link stands. Seats wait while hundreds of people are told of a move.
    """

    def __init__(self) -> None:
        self._mark = secrets.token_urlsafe(32)
        self.code = secrets.token_urlsafe(12)  # stands for the check-in code in what is shared
        self.made = time.monotonic()
        self._titles: dict[str, tuple[str, str]] = {}
        self._contents: dict[tuple[object, ...], Content] = {}
        self._entries: dict[tuple[int, str], Entry] = {}
        self._dues: dict[int, list[Dues]] = {}
        self._leads: dict[int, list[Lead]] = {}

    @cached_property
    def years(self) -> Years:
        """The years that calendars speak of."""
        return entries.years()

    def entry(self, workshop: Workshop, lang: str) -> Entry:
        """The workshop's calendar entry in a language."""
        key = workshop.id, lang
        if key not in self._entries:
            self._entries[key] = entries.overview(workshop, lang)
        return self._entries[key]

    def dues(self, workshop: Workshop) -> list[Dues]:
        """When its reminders fall due, read once: others wait while somebody registers."""
        if workshop.id not in self._dues:
            self._dues[workshop.id] = dues_of(workshop)
        return self._dues[workshop.id]

    def leads(self, workshop: Workshop) -> list[Lead]:
        """When somebody who has not answered an offer of a seat there is reminded of it."""
        if workshop.id not in self._leads:
            self._leads[workshop.id] = leads_of(workshop)
        return self._leads[workshop.id]

    def titled(self, registration: Registration) -> tuple[str, str]:
        """(title, dates) of the workshop, in the person's language, which must be in force."""
        if registration.lang not in self._titles:
            self._titles[registration.lang] = registration.workshop.text.title, dates(registration)
        return self._titles[registration.lang]

    def content(self, registration: Registration, letter: Letter) -> Content:
        """The words of one mail, with the person's own link and code in them."""
        own = manage_path(registration)
        seat = registration.state == "confirmed"
        key = (replace(letter, key=""), registration.workshop_id, registration.lang, registration.person.zone, seat)
        if key not in self._contents:
            added = self.entry(registration.workshop, registration.lang) if letter.method == "REQUEST" else None
            self._contents[key] = _content(registration, letter, letter.button_path if letter.former else f"/r/{self._mark}", added)
        found = self._contents[key]
        link = own.removeprefix("/r/")
        text, html = (words.replace(self._mark, link).replace(self.code, registration.check_in_code) for words in (found.text, found.html))
        return Content(found.subject, text, html)


def shared(workshop: Workshop) -> Common:
    """What the mails about one version of a workshop have shared within the last minute, in this process.

    Only for who changes nothing of the workshop: a rehearsal gives a version its number, and takes it back.
    """
    kept: OrderedDict[tuple[int, int], Common] = current_app.extensions.setdefault(KEY, OrderedDict())
    key = workshop.id, workshop.version
    found = kept.get(key)
    if found is None or time.monotonic() - found.made > FRESH:
        found = kept[key] = Common()
        while len(kept) > MOST_KEPT:
            kept.popitem(last=False)
    return found


def manage_path(registration: Registration) -> str:
    """The person's own link, without the host."""
    return f"/r/{decrypt(registration.manage_token).decode()}"


def problem_of(error: Exception) -> str:
    """Why a mail could not be written, for the staff who will see it as not delivered."""
    return f"{type(error).__name__} {error}".strip()


def mail(registration: Registration, letter: Letter, common: Common | None = None) -> Mail:
    """The finished mail; nobody is invited to what does not take place.

    One that cannot be written (an unknown zone, a link sealed under another key) says why instead: one such row must not keep a
    workshop from being cancelled, or a seat from those who wait behind it.
    """
    workshop, person = registration.workshop, registration.person
    common = common or Common()
    if letter.method == "REQUEST" and workshop.state != "published":
        letter = replace(letter, method=None)
    problem, calendar = "", None
    try:
        content = common.content(registration, letter)
        calendar = _invitation(registration, letter.method, common) if letter.method else None
    except SQLAlchemyError:  # the database's trouble is not this mail's
        raise
    except Exception as error:
        current_app.logger.exception("the mail %s of registration %s could not be written", letter.kind, registration.id)
        content, problem = Content(letter.subject, "", ""), problem_of(error)
    subject = f"registration:{registration.id}"
    key = letter.key or f"{letter.kind}:{registration.id}:{registration.generation}"
    return Mail(
        kind=letter.kind,
        person_id=person.id,
        lang=registration.lang,
        recipient=person.address,
        recipient_name=person.name,
        content=content,
        items=[Item(key, subject, f"workshop:{workshop.id}")],
        rank_at=workshop.starts_at,
        calendar=calendar,
        calendar_method=letter.method or "REQUEST",
        problem=problem,
    )


def _content(registration: Registration, letter: Letter, manage_path: str, added: Entry | None) -> Content:
    workshop, person = registration.workshop, registration.person
    manage = mailer.link(manage_path)
    return mailer.render(
        "registration",
        registration.lang,
        letter=letter,
        title=workshop.text.title,
        title_lang=workshop.text.lang,
        off={"cancelled": "all", "postponed": "days"}.get(workshop.state, ""),
        first=workshop.days[0].on,
        last=workshop.days[-1].on,
        dates=dates(registration),
        clocks=one_clock(workshop.days, workshop.zone, workshop.place, person.zone),
        rows=clocks(workshop.days, workshop.zone, workshop.place, person.zone),
        place=entries.where(workshop),
        join_url=workshop.join_url if registration.state == "confirmed" and not letter.former else "",
        button_url=mailer.link(letter.button_path) if letter.button_path else manage,
        manage_url=manage,
        calendar_url=mailer.link(f"/workshops/{workshop.slug}.ics?lang={registration.lang}"),
        calendar_ways=on_the_web(added) if added else [],
        short_ways=in_short(added) if added else [],
        page_url=mailer.link(page(registration)),
        spoken=listed([language(code) for code in workshop.spoken.split()]) if letter.begins else "",
    )


def _invitation(registration: Registration, method: Literal["REQUEST", "CANCEL"], common: Common) -> bytes | None:
    """The calendar part: the overview's UID, the registration's own SEQUENCE, this one person as attendee (RFC 6047).
    None for whoever reads the organizer's own mailbox: nobody is invited by themselves.
    """
    if is_organizer(registration.person.address):
        return None
    entry = common.entry(registration.workshop, registration.lang)
    entry = replace(entry, sequence=registration.sequence, changed=registration.changed_at.astimezone(UTC))
    if registration.state == "offered":
        entry = replace(entry, status=calendars.Status.TENTATIVE)
    if method == "CANCEL":
        entry = replace(entry, status=calendars.Status.CANCELLED)
    attendee = calendars.Address(registration.person.name, registration.person.address)
    return calendars.invitation(entry, method, attendee=attendee, years=common.years)


def is_organizer(address: str) -> bool:
    """Whether invitations come from this address."""
    return address.casefold() == str(current_app.config["CONFIG"].sender[1]).casefold()


def dates(registration: Registration) -> str:
    """'3-4 June 2025'."""
    days = registration.workshop.days
    return span(days[0].on, days[-1].on)


def page(registration: Registration) -> str:
    """The path of the workshop's page, in the person's language."""
    return f"/{registration.lang}/workshops/{registration.workshop.slug}/"


def one_clock(days: Sequence[WorkshopDay], zone: str, place: str, own_zone: str) -> list[tuple[str | None, str]]:
    """(hours, city) on the venue's wall and on the reader's, where every day has the same; else nothing."""
    seen = {_walls(one, own_zone) for one in days}
    if len(seen) != 1:
        return []
    here, there = seen.pop()
    return [(here, place or city(zone)), (there, city(own_zone)) if there else (None, _same_hour(own_zone))]


def clocks(days: Sequence[WorkshopDay], zone: str, place: str, own_zone: str) -> list[tuple[str, str, str]]:
    """(day, 'hours in the place', 'hours in the reader's city' or nothing if they are the same), a row for each day."""
    rows: list[tuple[str, str, str]] = []
    for one in days:
        here, there = _walls(one, own_zone)
        first = _("%(hours)s in %(city)s", hours=here, city=place or city(zone))
        rows.append((weekday_day(one.on), first, _("%(hours)s in %(city)s", hours=there, city=city(own_zone)) if there else ""))
    return rows


def _walls(day: WorkshopDay, own_zone: str) -> tuple[str, str]:
    """The hours on the venue's wall, and on the reader's where that is another."""
    starts, ends = (instant.astimezone(ZoneInfo(own_zone)) for instant in (day.starts_at, day.ends_at))
    if starts.replace(tzinfo=None) == datetime.combine(day.on, day.starts):
        return hours(day.starts, day.ends), ""
    wall = hours(starts, ends)
    if starts.date() != day.on:
        wall = f"{weekday_short(starts.date())} {wall}"
    return hours(day.starts, day.ends), wall


def _same_hour(zone: str) -> str:
    return _("The same hour in %(city)s", city=city(zone))
