"""The programme as pages show it: each day with its sessions, the venue's hours first, the reader's beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.languages import LANGUAGES, current, hours, language, listed, weekday_day, weekday_short
from app.languages import gettext as _
from app.workshops.models import Workshop, WorkshopDay, WorkshopSession
from app.workshops.showing.names import kind_name
from app.workshops.showing.shown import other_lang

ROOM = 24  # sessions that a page shows before it leads to the whole programme
QUIET = ("meal", "break")


@dataclass(frozen=True)
class AgendaSession:
    """One line; `quiet` ones, such as a break, need no weight."""

    here: str
    there: str
    title: str
    lang: str | None
    led_by: str
    facts: str
    quiet: bool


@dataclass(frozen=True)
class AgendaDay:
    """One day: its name and hours, and its sessions if it has any yet."""

    name: str
    here: str
    there: str
    sessions: list[AgendaSession]

    @property
    def one_clock(self) -> bool:
        """Whether the reader's clock shows the same hours all day."""
        return all(one.here == one.there for one in self.sessions)


def agenda(workshop: Workshop, reader_zone: str) -> list[AgendaDay]:
    """All days; empty while no session is known on any of them."""
    if not any(day.sessions for day in workshop.days):
        return []
    return [_day(workshop, day, reader_zone) for day in workshop.days]


def beginning(days: Sequence[AgendaDay]) -> list[AgendaDay]:
    """As many whole days as a page has room for, at least the first."""
    found: list[AgendaDay] = []
    number = 0
    for day in days:
        number += len(day.sessions)
        if found and number > ROOM:
            break
        found.append(day)
    return found


def title_of(session: WorkshopSession, workshop: Workshop) -> tuple[str, str]:
    """(title, its language): in the language in force, else in the original's, else in any."""
    for lang in (current(), workshop.original_lang, *LANGUAGES):
        if lang in session.titles:
            return session.titles[lang].title, lang
    return "", current()


def languages_words(session: WorkshopSession) -> str:
    """'In Spanish, interpreted into Swedish and English'."""
    spoken, into = (listed([language(code) for code in codes.split()]) for codes in (session.spoken, session.interpreted))
    if spoken and into:
        return _("In %(languages)s, interpreted into %(others)s", languages=spoken, others=into)
    if into:
        return _("Interpreted into %(languages)s", languages=into)
    return _("In %(languages)s", languages=spoken) if spoken else ""


def _day(workshop: Workshop, day: WorkshopDay, reader_zone: str) -> AgendaDay:
    name = weekday_day(day.on)
    sessions = [_session(workshop, day, session, reader_zone) for session in day.sessions]
    here = hours(day.starts, day.ends)
    return AgendaDay(name[:1].upper() + name[1:], here, _there(day, day.starts_at, day.ends_at, reader_zone), sessions)


def _session(workshop: Workshop, day: WorkshopDay, session: WorkshopSession, reader_zone: str) -> AgendaSession:
    title, lang = title_of(session, workshop)
    quiet = session.kind in QUIET
    spoken = "" if quiet or (session.spoken == workshop.spoken and not session.interpreted) else languages_words(session)
    facts = [kind_name(session.kind) if not quiet and session.kind != "talk" else "", session.room, spoken]
    return AgendaSession(
        here=hours(session.starts, session.ends),
        there=_there(day, session.starts_at, session.ends_at, reader_zone),
        title=title,
        lang=other_lang(lang),
        led_by=session.facilitators,
        facts=" · ".join(fact for fact in facts if fact),
        quiet=quiet,
    )


def _there(day: WorkshopDay, starts_at: datetime, ends_at: datetime, reader_zone: str) -> str:
    """The hours on the reader's wall, with the weekday where it is another date."""
    starts, ends = (at.astimezone(ZoneInfo(reader_zone)) for at in (starts_at, ends_at))
    words = hours(starts, ends)
    return f"{weekday_short(starts.date())} {words}" if starts.date() != day.on else words
