"""The reminder: what and when, both clocks, the place, one button, and how to stop. Rows in, a finished message out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app import mailer
from app.languages import city, day, hours, language, listed, moment, ngettext, span, using, weekday_day, weekday_short
from app.languages import gettext as _
from app.mailer import Content
from app.outbox.service import Mail
from app.registrations.letters import manage_path
from app.registrations.models import Registration
from app.wording import render, say
from app.workshops.models import Workshop, WorkshopDay
from app.workshops.showing import entries

WEEK = 7


@dataclass(frozen=True)
class Besides:
    """What else there is to say to somebody: that they were missed, where the certificate is, to ask for a letter for a visa."""

    absent: bool = False
    certificate: bool = False
    letter: bool = False


@dataclass(frozen=True)
class Gathering:
    """One workshop in the mail, in the recipient's words and on the recipient's wall."""

    title: str
    title_lang: str
    eyebrow: str
    first: date
    last: date
    when: str
    clocks: Sequence[tuple[str | None, str]]  # hours and city, the venue's first; no hours: the city is a whole line
    lines: Sequence[str]
    quiet: Sequence[str]
    words: Sequence[str]
    join_url: str
    manage_url: str
    calendar_url: str
    letter_url: str  # where a letter for a visa is asked for, if this reminds of that
    over: bool
    feedback_url: str  # only once it is over, for whoever was there


def reminder(registrations: Sequence[Registration], *, now: datetime, besides: Mapping[int, Besides] | None = None) -> Mail:
    """One mail to one person about one or several workshops. `now`: when it leaves; `besides`: by registration. Its items and times
    are the caller's."""
    first, besides = registrations[0], besides or {}
    lang, absent = first.lang, besides.get(first.id, Besides()).absent
    with using(lang):
        gatherings = [_gathering(registration, now, besides.get(registration.id, Besides())) for registration in registrations]
        stop_url = mailer.link(f"{manage_path(first)}/reminders")
        content = render(
            "reminder",
            lang,
            gatherings=gatherings,
            name=first.person.name,
            seated=not _is_over(first.workshop, now) and any(one.state == "confirmed" for one in registrations),
            headline=_headline(first, gatherings, after=_is_over(first.workshop, now), absent=absent),
            stop_url=stop_url,
        )
    return replace(_envelope(first), content=content, unsubscribe=stop_url)


def unwritten(registration: Registration, problem: str) -> Mail:
    """In the place of a reminder that could not be written: staff see to whom it was to go, and why it does not."""
    return replace(_envelope(registration), problem=problem)


def _envelope(registration: Registration) -> Mail:
    person, workshop = registration.person, registration.workshop
    return Mail(
        kind="reminder",
        person_id=person.id,
        lang=registration.lang,
        recipient=person.address,
        recipient_name=person.name,
        content=Content("", "", ""),
        rank_at=workshop.starts_at,
        zone=person.zone,
    )


def _headline(first: Registration, gatherings: Sequence[Gathering], *, after: bool, absent: bool) -> str:
    one, last = gatherings[0], first.workshop.letters_until
    if one.letter_url and last is not None and len(gatherings) == 1:
        return say("reminder.subject_letter", title=one.title, when=day(last.astimezone(ZoneInfo(first.person.zone)).date()))
    if after and absent:
        return say("reminder.subject_absent", title=one.title, when=one.when)
    if after:
        return say("reminder.subject_after", title=one.title, when=one.when)
    if len(gatherings) == 1:
        return say("reminder.subject", title=one.title, when=one.when)
    when = day(one.first)
    return say("reminder.subject_several", num=len(gatherings), when=when)


def _gathering(registration: Registration, now: datetime, besides: Besides) -> Gathering:
    workshop, zone = registration.workshop, registration.person.zone
    first, last = workshop.days[0].on, workshop.days[-1].on
    spoken = [language(code) for code in workshop.spoken.split()]
    rows = [_clocks(workshop, on, zone) for on in workshop.days]
    same = len({tuple(row) for row in rows}) == 1
    confirmed = registration.state == "confirmed"
    return Gathering(
        title=workshop.text.title,
        title_lang="" if workshop.text.lang == registration.lang else workshop.text.lang,
        eyebrow=_countdown(workshop, now, zone),
        first=first,
        last=last,
        when=span(first, last),
        clocks=rows[0] if same else [],
        lines=[*([] if same else _by_day(workshop.days, rows)), entries.where(workshop)],
        quiet=[*([] if same else _same_everywhere(rows)), *([listed(spoken)] if spoken else [])],
        words=_words(registration, now, besides),
        join_url=workshop.join_url if confirmed and not _is_over(workshop, now) else "",
        manage_url=mailer.link(manage_path(registration)),
        calendar_url=mailer.link(f"/workshops/{workshop.slug}.ics?lang={registration.lang}"),
        letter_url=mailer.link(f"{manage_path(registration)}/needs") if besides.letter and not _is_over(workshop, now) else "",
        over=_is_over(workshop, now),
        feedback_url=mailer.link(f"{manage_path(registration)}/feedback") if _is_over(workshop, now) and not besides.absent else "",
    )


def _words(registration: Registration, now: datetime, besides: Besides) -> list[str]:
    workshop = registration.workshop
    if _is_over(workshop, now):
        return _afterwards(besides)
    if registration.state == "waitlisted":
        return [say("reminder.waits")]
    words = [say("reminder.seat")]
    if besides.letter and workshop.letters_until is not None:
        words.insert(0, say("reminder.letter", when=moment(workshop.letters_until, registration.person.zone)))
    if workshop.format != "online":
        words.append(say("reminder.code", code=registration.check_in_code))
    return words


def _afterwards(besides: Besides) -> list[str]:
    if besides.absent:
        return [say("reminder.absent")]
    words = [say("reminder.after")]
    if besides.certificate:
        words.append(say("reminder.certificate"))
    return words


def _is_over(workshop: Workshop, now: datetime) -> bool:
    return workshop.ends_at is not None and workshop.ends_at <= now


def _countdown(workshop: Workshop, now: datetime, zone: str) -> str:
    """How long it is, in days of the reader's calendar."""
    starts, today = (instant.astimezone(ZoneInfo(zone)).date() for instant in (workshop.days[0].starts_at, now))
    left = (starts - today).days
    if _is_over(workshop, now):
        return _("It is over")
    if left <= 0:
        return _("Today") if left == 0 else _("It has begun")
    if left == WEEK:
        return _("In one week")
    return _("Tomorrow") if left == 1 else ngettext("In %(num)s day", "In %(num)s days", left)


def _clocks(workshop: Workshop, on: WorkshopDay, zone: str) -> list[tuple[str | None, str]]:
    """The venue's hours, and the reader's with the weekday when it is another day there."""
    place = workshop.place or city(workshop.zone)
    starts, ends = (instant.astimezone(ZoneInfo(zone)) for instant in (on.starts_at, on.ends_at))
    if starts.replace(tzinfo=None) == datetime.combine(on.on, on.starts):
        own = city(zone)
        same = [] if own == place else [(None, _("The same hour in %(city)s", city=own))]
        return [(hours(on.starts, on.ends), place), *same]
    wall = hours(starts, ends)
    if starts.date() != on.on:
        wall = f"{weekday_short(starts)} {wall}"
    return [(hours(on.starts, on.ends), place), (wall, city(zone))]


def _by_day(days: Sequence[WorkshopDay], rows: Sequence[Sequence[tuple[str | None, str]]]) -> list[str]:
    """One line a day, when their hours differ."""
    return [
        f"{weekday_day(on.on)}: " + " · ".join(_("%(hours)s in %(city)s", hours=wall, city=place) for wall, place in row if wall)
        for on, row in zip(days, rows, strict=True)
    ]


def _same_everywhere(rows: Sequence[Sequence[tuple[str | None, str]]]) -> list[str]:
    """'The same hour in Stockholm', once for all days; nothing if any day has other hours there."""
    words = [words for wall, words in rows[0] if wall is None]
    return words if all((None, word) in row for row in rows for word in words) else []
