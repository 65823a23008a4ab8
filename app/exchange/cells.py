"""A workshop as the cells of a row: facts in the language in force, hours as on the workshop's own wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from app.exchange import rules
from app.languages import LANGUAGES, city, country, current, language, listed
from app.languages import gettext as _
from app.questions.models import Question
from app.questions.shown import kind_names
from app.workshops.finding.table import stage_tag
from app.workshops.models import Workshop, WorkshopDay, WorkshopSession
from app.workshops.showing.agenda import languages_words, title_of
from app.workshops.showing.entries import page_url
from app.workshops.showing.names import access_name, format_name, kind_name, theme_name

Cell = str | int | float | date | time | datetime | None


@dataclass(frozen=True)
class Whole:
    """A workshop with all that its row says."""

    workshop: Workshop
    asked: Sequence[Question] = ()


def cells(whole: Whole, now: datetime) -> list[Cell]:
    """One row, a cell a column. The workshop's clock stands in a column of its own."""
    workshop = whole.workshop
    zone = ZoneInfo(workshop.zone)
    facts: dict[str, Cell] = {
        **_days(workshop.days),
        "country": country(workshop.country) if workshop.country else "",
        "format": format_name(workshop.format),
        "host": workshop.organisation.name if workshop.organisation else "",
        "theme": theme_name(workshop.theme) if workshop.theme else "",
        "spoken": ", ".join(language(code) for code in workshop.spoken.split()),
        "capacity": workshop.capacity or None,
        "access": access_name(workshop.access),
        "approval": _("Yes") if workshop.approval else _("No"),
        "opens": workshop.opens_at.astimezone(zone).replace(tzinfo=None) if workshop.opens_at else None,
        "closes": workshop.closes_at.astimezone(zone).replace(tzinfo=None) if workshop.closes_at else None,
        "letters": workshop.letters_until.astimezone(zone).replace(tzinfo=None) if workshop.letters_until else None,
        "original_lang": language(workshop.original_lang),
        "network": workshop.network.name,
        "programme": "\n".join(_line(workshop, day, session) for day in workshop.days for session in day.sessions),
        "documents": "\n".join(f"{row.title}: {row.url}" for row in workshop.documents),
        "questions": "\n".join(_question(one) for one in whole.asked),
        "holds": "\n".join(f"{row.organisation.name}: {row.seats} – {row.until}" for row in workshop.holds),  # noqa: RUF001
        "state": stage_tag(workshop, now).text,
        "taken": workshop.taken,
        "page": page_url(workshop, current()) if workshop.state != "draft" else "",
    }
    for lang in LANGUAGES:
        text = workshop.texts.get(lang)
        facts |= {f"{kind}_{lang}": getattr(text, kind) if text else "" for kind in rules.TEXTS}
    return [facts[column.key] if column.key in facts else getattr(workshop, column.key) for column in rules.COLUMNS]


def session_heads() -> list[str]:
    """The columns of the sheet of sessions."""
    named = {column.key: column.name(current()) for column in rules.COLUMNS}
    titles = [named[column.key] for column in rules.TITLES]
    names = [_("Day"), named["starts"], named["ends"], named["zone"], *titles, _("Kind"), _("Room"), _("Led by"), _("Languages")]
    return [_("Workshop"), *names]


def sessions(workshop: Workshop) -> list[list[Cell]]:
    """A row for each session of the programme."""
    return [
        [
            workshop.text.title, day.on, one.starts, one.ends, city(workshop.zone),
            *(one.titles[lang].title if lang in one.titles else "" for lang in LANGUAGES),
            kind_name(one.kind), one.room, one.facilitators, languages_words(one),
        ]
        for day in workshop.days
        for one in day.sessions
    ]  # fmt: skip


def _days(days: Sequence[WorkshopDay]) -> dict[str, Cell]:
    if not days:
        return dict.fromkeys(("first_day", "last_day", "starts", "ends", "days"))
    return {
        "first_day": days[0].on,
        "last_day": days[-1].on,
        "starts": days[0].starts,
        "ends": days[0].ends,
        "days": "" if _is_plain(days) else "; ".join(f"{day.on} {day.starts:%H:%M}-{day.ends:%H:%M}" for day in days),
    }


def _is_plain(days: Sequence[WorkshopDay]) -> bool:
    """Whether first and last day and one pair of hours say it all."""
    in_a_row = (days[-1].on - days[0].on).days == len(days) - 1
    return in_a_row and len({(day.starts, day.ends) for day in days}) == 1


def _line(workshop: Workshop, day: WorkshopDay, session: WorkshopSession) -> str:
    """'2025-06-03 09:00-10:30 Seguridad y cuidado · Panel · Sala 2 · Ana Ruiz · In Spanish'."""
    kind = kind_name(session.kind) if session.kind != "talk" else ""
    facts = [title_of(session, workshop)[0], kind, session.room, session.facilitators, languages_words(session)]
    return f"{day.on} {session.starts:%H:%M}-{session.ends:%H:%M} " + " · ".join(fact for fact in facts if fact)


def _question(question: Question) -> str:
    """'Do you stay overnight? (Yes or no)'."""
    options = listed([str(one["words"].get(current(), "")) for one in question.options])
    return f"{question.text.label} ({options or kind_names()[question.kind]})"
