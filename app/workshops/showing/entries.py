"""A workshop as entries of a calendar, in one language: one bar for the whole, one entry a day, or one a session.

Feeds, the workshop's own file and the invitations in mails all take them from here, so that they never disagree.
Only fixed facts stand in the words, never live ones such as seats left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import func, select

from app.calendars import Address, Days, Entry, Hours, Status, Years
from app.clock import now
from app.database import db
from app.languages import city, country, hours, language, listed, moment, using, weekday_day, weekday_short
from app.languages import gettext as _
from app.organisations.models import Network
from app.workshops.models import Workshop, WorkshopDay, WorkshopSession
from app.workshops.showing.agenda import languages_words, title_of

NETWORK_ZONES = ("America/Guatemala", "America/Bogota", "Europe/Stockholm")
_YEARS = select(func.min(Network.starts_on), func.max(Network.ends_on))


def years() -> Years:
    """The years that calendars speak of: those of all networks' periods; this one while there is no network."""
    first, last = db.session.execute(_YEARS).one()
    today = now().date()
    return Years((first or today).year, (last or today).year)


def overview(workshop: Workshop, lang: str) -> Entry:
    """The whole workshop: one day with its hours, several as whole days. Its UID is the one invitations use."""
    days = workshop.days
    if len(days) == 1:
        when: Hours | Days = _hours(workshop, days[0])
    else:
        when = Days(days[0].on, days[-1].on)
    with using(lang):
        return _entry(workshop, lang, workshop.uid, workshop.sequence, workshop.changed_at, when, headline(workshop), days)


def daily(workshop: Workshop, lang: str) -> list[Entry]:
    """One entry a day, with its hours and a UID of its own."""
    entries = []
    with using(lang):
        for number, day in enumerate(workshop.days, 1):
            title = headline(workshop)
            if len(workshop.days) > 1:
                title = _("%(title)s (day %(number)s of %(total)s)", title=title, number=number, total=len(workshop.days))
            entries.append(_entry(workshop, lang, day.uid, day.sequence, day.changed_at, _hours(workshop, day), title, [day]))
    return entries


def sessions(workshop: Workshop, lang: str) -> list[Entry]:
    """One entry a session of the programme; a day of which no session is known has its own."""
    whole = {entry.uid: entry for entry in daily(workshop, lang)}
    found = []
    with using(lang):
        for day in workshop.days:
            if day.sessions:
                found += [_session(workshop, lang, day, session) for session in day.sessions]
            else:
                found.append(whole[day.uid])
    return found


def _session(workshop: Workshop, lang: str, day: WorkshopDay, session: WorkshopSession) -> Entry:
    title, _lang = title_of(session, workshop)
    lines = [headline(workshop)]
    if workshop.text.reason and workshop.state in {"cancelled", "postponed"}:
        lines.append(workshop.text.reason)
    lines += [*clock_lines(workshop, [session]), session.facilitators, languages_words(session)]
    lines.append(_("Register, change or cancel: %(url)s", url=page_url(workshop, lang)))
    return replace(
        _entry(workshop, lang, session.uid, day.sequence + session.sequence, day.changed_at, _hours(workshop, session), title, [day]),
        summary=_marked(workshop, title),
        changed=max(day.changed_at, session.changed_at),
        description="\n".join(line for line in lines if line),
        location=", ".join(part for part in (session.room, where(workshop)) if part) if workshop.format != "online" else where(workshop),
    )


def page_url(workshop: Workshop, lang: str) -> str:
    """Where the workshop's page is, for people outside."""
    return f"{current_app.config['CONFIG'].base_url}/{lang}/workshops/{quote(workshop.slug)}/"


def where(workshop: Workshop) -> str:
    """Venue, address, place and country on one line; 'Online' when there is no place."""
    nation = country(workshop.country) if workshop.country else ""
    parts = [workshop.venue, workshop.street_address, workshop.place, nation]
    line = ", ".join(dict.fromkeys(part for part in parts if part))
    if workshop.format == "online":
        return _("Online")
    return _("%(place)s and online", place=line) if workshop.format == "both" else line


def clock_lines(workshop: Workshop, days: Sequence[WorkshopDay | WorkshopSession]) -> list[str]:
    """The hours on the wall of the workshop first, then on the network's other walls, the city named; a line a day if they differ."""
    lines = [" · ".join(clocks(workshop, day)) for day in days]
    if len(set(lines)) == 1:
        return lines[:1]
    return [f"{weekday_day(_on(day))}: {line}" for day, line in zip(days, lines, strict=True)]


def _on(one: WorkshopDay | WorkshopSession) -> date:
    return one.day.on if isinstance(one, WorkshopSession) else one.on


def clocks(workshop: Workshop, day: WorkshopDay | WorkshopSession) -> list[str]:
    """A day's, or a session's, hours on each of those walls."""
    zones = [workshop.zone, *(zone for zone in NETWORK_ZONES if zone != workshop.zone)]
    return [_clock(workshop, day, zone) for zone in zones]


def _clock(workshop: Workshop, day: WorkshopDay | WorkshopSession, zone: str) -> str:
    starts, ends = (instant.astimezone(ZoneInfo(zone)) for instant in (day.starts_at, day.ends_at))
    name = workshop.place if zone == workshop.zone and workshop.place else city(zone)
    span = hours(starts, ends)
    if starts.date() != _on(day):
        span = f"{weekday_short(starts.date())} {span}"
    return _("%(hours)s in %(city)s", hours=span, city=name)


def _hours(workshop: Workshop, day: WorkshopDay | WorkshopSession) -> Hours:
    zone = ZoneInfo("UTC" if workshop.format == "online" else workshop.zone)
    return Hours(day.starts_at.astimezone(zone), day.ends_at.astimezone(zone))


def headline(workshop: Workshop) -> str:
    """Its title, with its state before it if it does not take place: also where a page is only linked to."""
    return _marked(workshop, workshop.text.title)


def _marked(workshop: Workshop, title: str) -> str:
    """A title as the workshop's state asks for it: 'CANCELLED: …'; Outlook shows no other sign of it."""
    if workshop.state == "cancelled":
        return _("CANCELLED: %(title)s", title=title)
    return _("POSTPONED: %(title)s", title=title) if workshop.state == "postponed" else title


def _entry(  # noqa: PLR0917  its lines in the order of the calendar's
    workshop: Workshop,
    lang: str,
    uid: str,
    sequence: int,
    changed: datetime,
    when: Hours | Days,
    title: str,
    days: list[WorkshopDay],
) -> Entry:
    off = workshop.state in {"cancelled", "postponed"}
    url = page_url(workshop, lang)
    on_site = workshop.format != "online" and workshop.latitude is not None and workshop.longitude is not None
    return Entry(
        uid=uid,
        sequence=sequence,
        created=workshop.published_at or workshop.created_at,
        changed=changed,
        status=Status.CANCELLED if off else Status.CONFIRMED,
        when=when,
        summary=title,
        url=url,
        lang=lang,
        organizer=Address(*current_app.config["CONFIG"].sender),
        description=_description(workshop, url, days),
        location=where(workshop),
        geo=(workshop.latitude or 0.0, workshop.longitude or 0.0) if on_site else None,
        categories=(workshop.network.name.replace(",", ""),),
        transparent=off,
    )


def without_way_in(entry: Entry) -> str:
    """What it says but for its last line, which tells anybody how to register: for whoever has registered."""
    return entry.description.rpartition("\n")[0]


def _description(workshop: Workshop, url: str, days: list[WorkshopDay]) -> str:
    text = workshop.text
    lines = [text.reason] if text.reason and workshop.state in {"cancelled", "postponed"} else []
    lines += clock_lines(workshop, days)
    lines += [text.summary]
    if spoken := workshop.spoken.split():
        lines.append(_("Languages: %(languages)s", languages=listed([language(code) for code in spoken])))
    if workshop.closes_at and workshop.state == "published":
        lines.append(_("Registration closes on %(when)s", when=moment(workshop.closes_at, workshop.zone)))
    lines.append(_("Register, change or cancel: %(url)s", url=url))
    return "\n".join(line for line in lines if line)
