"""The mails about one's own seat: rows in, finished messages out. Nothing is read or sent here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from app import calendars, mailer
from app.crypto import decrypt
from app.languages import city, day, hours, moment, span, using, weekday_day, weekday_short
from app.languages import gettext as _
from app.mailer import Content
from app.outbox.service import Item, Mail
from app.registrations.models import Registration
from app.workshops import entries
from app.workshops.models import WorkshopDay

Wall = tuple[date, time, time]  # a day and its hours on the workshop's own clock
QUIET = timedelta(minutes=5)  # three edits within it are one mail
KEY_ROOM = 84  # letters of a key that may name the days of before


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


def answer(registration: Registration, *, promoted: bool = False) -> Mail:
    """'You have a seat', with the calendar entry, or 'you are on the waiting list'."""
    with using(registration.lang):
        title = registration.workshop.text.title
        when = _dates(registration)
        if registration.state == "confirmed":
            words = [
                _(
                    "The calendar entry comes with this mail. Answering it in your calendar does not reach us: "
                    "use the button to change or cancel."
                )
            ]
            if promoted:
                words.insert(0, _("Somebody gave a seat back, and you were next in line."))
            if registration.workshop.format != "online":
                words.append(_("Your check-in code is %(code)s. Show it at the door.", code=registration.check_in_code))
            letter = Letter(
                kind="promotion" if promoted else "confirmation",
                subject=_("You have a seat: %(title)s, %(when)s", title=title, when=when),
                heading=_("You have a seat"),
                words=tuple(words),
                button=_("See or change your registration"),
                method="REQUEST",
            )
        else:
            letter = Letter(
                kind="waiting",
                subject=_("You are on the waiting list: %(title)s, %(when)s", title=title, when=when),
                heading=_("You are on the waiting list"),
                words=(_("All seats are taken. When one becomes free, the first in line gets it, and we write to you at once."),),
                button=_("See your place in the line"),
            )
        return _mail(registration, letter)


def hold(registration: Registration) -> Mail:
    """'Press the button to get your seat', to a guest whose address we do not know yet."""
    with using(registration.lang):
        until = registration.held_until or registration.changed_at
        zone = registration.person.zone
        letter = Letter(
            kind="hold",
            subject=_("Confirm your registration: %(title)s", title=registration.workshop.text.title),
            heading=_("One more step"),
            words=(
                _("Somebody, hopefully you, asked for a seat with this address. Press the button to take it."),
                _("The seat is held until %(when)s. If it was not you, do nothing.", when=moment(until, zone)),
            ),
            button=_("Confirm my registration"),
        )
        return replace(_mail(registration, letter), expires_at=until)


def link_again(registration: Registration, *, now: datetime) -> Mail:
    """The link once more, for somebody who registers a second time. At most one in ten minutes."""
    with using(registration.lang):
        letter = Letter(
            kind="link",
            subject=_("Your registration: %(title)s", title=registration.workshop.text.title),
            heading=_("You are registered already"),
            words=(_("Somebody, hopefully you, registered once more with this address. Nothing has changed; here is your link."),),
            button=_("See or change your registration"),
            key=f"link:{registration.id}:{int(now.timestamp() // 600)}",
        )
        return _mail(registration, letter)


def goodbye(registration: Registration) -> Mail:
    """'You have left the workshop'; takes the entry off the calendar."""
    with using(registration.lang):
        title = registration.workshop.text.title
        letter = Letter(
            kind="cancelled_seat",
            subject=_("You are no longer registered: %(title)s, %(when)s", title=title, when=_dates(registration)),
            heading=_("You are no longer registered"),
            words=(_("Your seat is free for somebody else. You may register again as long as registration is open."),),
            button=_("See the workshop"),
            button_path=_page(registration),
            method="CANCEL",
        )
        return _mail(registration, letter)


def change(registration: Registration, before: Sequence[Wall], *, also_place: bool = False, now: datetime) -> Mail:
    """'The workshop has moved': the old days beside the new ones, on its own clock. Waits for five quiet minutes."""
    with using(registration.lang):
        title = registration.workshop.text.title
        old = "; ".join(f"{day(on)}, {hours(starts, ends)}" for on, starts, ends in before)
        letter = Letter(
            kind="change",
            subject=_("New time: %(title)s, %(when)s", title=title, when=_dates(registration)),
            heading=_("The workshop has a new time and place") if also_place else _("The workshop has a new time"),
            words=(_("It was: %(old)s.", old=old), _("Your seat is kept. If you cannot come now, please give it back.")),
            button=_("See or change your registration"),
            method="REQUEST" if registration.state == "confirmed" else None,
            key=f"{'both' if also_place else 'change'}:{registration.id}:{registration.workshop.version}:{pack(before)}",
        )
        return replace(_mail(registration, letter), due_at=now + QUIET)


def new_place(registration: Registration, *, now: datetime) -> Mail:
    """'The workshop meets somewhere else'."""
    with using(registration.lang):
        title = registration.workshop.text.title
        heading = _("The workshop has a new place")
        letter = Letter(
            kind="change",
            subject=_("New place: %(title)s, %(when)s", title=title, when=_dates(registration)),
            heading=heading,
            words=(_("Above you see when and where it is now."), _("Your seat is kept. If you cannot come now, please give it back.")),
            button=_("See or change your registration"),
            method="REQUEST" if registration.state == "confirmed" else None,
            key=f"place:{registration.id}:{registration.workshop.version}:",
        )
        return replace(_mail(registration, letter), due_at=now + QUIET)


def pack(days: Sequence[Wall]) -> str:
    """The days of before, as they stand in a mail's key until it leaves; nothing if they are too many for it."""
    words = ",".join(f"{on:%Y%m%d}{starts:%H%M}{ends:%H%M}" for on, starts, ends in days)
    return words if len(words) <= KEY_ROOM else ""


def unpack(key: str) -> tuple[Wall, ...]:
    """What pack() wrote at the end of a key."""
    words = key.rsplit(":", 1)[1]
    return tuple(
        (datetime.strptime(one[:8], "%Y%m%d").date(), time.fromisoformat(one[8:12]), time.fromisoformat(one[12:]))  # noqa: DTZ007  a wall
        for one in words.split(",")
        if one
    )


def news(registration: Registration, state: Literal["cancelled", "postponed", "restored"]) -> Mail:
    """The workshop is cancelled, postponed, or takes place after all."""
    with using(registration.lang):
        title, when = registration.workshop.text.title, _dates(registration)
        confirmed = registration.state == "confirmed"
        if state == "cancelled":
            subject, heading = _("Cancelled: %(title)s, %(when)s", title=title, when=when), _("The workshop is cancelled")
            words = [_("We are sorry. The entry in your calendar is withdrawn.")]
        elif state == "postponed":
            subject, heading = _("Postponed: %(title)s", title=title), _("The workshop is postponed")
            words = [_("There is no new date yet. Your place is kept, and we write as soon as there is one.")]
        else:
            subject, heading = _("It takes place: %(title)s, %(when)s", title=title, when=when), _("The workshop takes place after all")
            words = [_("Your place is kept. If you cannot come now, please give it back.")]
        method: Literal["REQUEST", "CANCEL"] = "REQUEST" if state == "restored" else "CANCEL"
        letter = Letter(
            kind=f"workshop_{state}",
            subject=subject,
            heading=heading,
            words=tuple(words),
            button=_("See the workshop"),
            button_path=_page(registration),
            method=method if confirmed else None,
            key=f"{state}:{registration.id}:{registration.workshop.version}",
            reason=registration.workshop.text.reason if state != "restored" else "",
        )
        return _mail(registration, letter)


def manage_path(registration: Registration) -> str:
    """The person's own link, without the host."""
    return f"/r/{decrypt(registration.manage_token).decode()}"


def problem_of(error: Exception) -> str:
    """Why a mail could not be written, for the staff who will see it as not delivered."""
    return f"could not be written: {type(error).__name__} {error}".strip()


def _mail(registration: Registration, letter: Letter) -> Mail:
    """The finished mail; one that cannot be written (an unknown zone, a link sealed under another key) says why instead.

    One such row must not keep a workshop from being cancelled, or a seat from those who wait behind it.
    """
    workshop, person = registration.workshop, registration.person
    problem, calendar = "", None
    try:
        content = _content(registration, letter)
        calendar = _invitation(registration, letter.method) if letter.method else None
    except SQLAlchemyError:  # the database's trouble is not this mail's
        raise
    except Exception as error:
        current_app.logger.exception("the mail %s of registration %s could not be written", letter.kind, registration.id)
        content, problem = Content(letter.subject, "", ""), problem_of(error)
    subject = f"registration:{registration.id}"
    key = letter.key or f"{letter.kind}:{registration.id}:{registration.generation}"
    return Mail(
        kind=letter.kind,
        topic=f"workshop:{workshop.id}",
        person_id=person.id,
        lang=registration.lang,
        recipient=person.address,
        recipient_name=person.name,
        content=content,
        items=[Item(key, subject, workshop.version)],
        rank_at=workshop.starts_at,
        calendar=calendar,
        calendar_method=letter.method or "REQUEST",
        problem=problem,
    )


def _content(registration: Registration, letter: Letter) -> Content:
    workshop, person = registration.workshop, registration.person
    manage = mailer.link(manage_path(registration))
    return mailer.render(
        "registration",
        registration.lang,
        letter=letter,
        title=workshop.text.title,
        title_lang=workshop.text.lang,
        first=workshop.days[0].on,
        last=workshop.days[-1].on,
        dates=_dates(registration),
        clocks=one_clock(workshop.days, workshop.zone, workshop.place, person.zone),
        rows=clocks(workshop.days, workshop.zone, workshop.place, person.zone),
        place=entries.where(workshop),
        join_url=workshop.join_url if registration.state == "confirmed" else "",
        button_url=mailer.link(letter.button_path) if letter.button_path else manage,
        manage_url=manage,
        calendar_url=mailer.link(f"/workshops/{workshop.slug}.ics?lang={registration.lang}"),
        page_url=mailer.link(_page(registration)),
    )


def _invitation(registration: Registration, method: Literal["REQUEST", "CANCEL"]) -> bytes | None:
    """The calendar part: the overview's UID, the registration's own SEQUENCE, this one person as attendee (RFC 6047).
    None for whoever reads the organizer's own mailbox: nobody is invited by themselves.
    """
    if registration.person.address.casefold() == current_app.config["CONFIG"].sender[1].casefold():
        return None
    entry = entries.overview(registration.workshop, registration.lang)
    entry = replace(entry, sequence=registration.sequence, changed=registration.changed_at.astimezone(UTC))
    if method == "CANCEL":
        entry = replace(entry, status=calendars.Status.CANCELLED)
    attendee = calendars.Address(registration.person.name, registration.person.address)
    return calendars.invitation(entry, method, attendee=attendee, years=entries.years())


def _dates(registration: Registration) -> str:
    days = registration.workshop.days
    return span(days[0].on, days[-1].on)


def _page(registration: Registration) -> str:
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
