"""What pages say of the commitment: plain words from rows, in the language in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from zoneinfo import ZoneInfo

from app.languages import city, day, listed, month_name, ngettext, pgettext, span, weekdayless
from app.languages import gettext as _
from app.membership.judging import NOBODY
from app.membership.models import CommitmentRule
from app.membership.queries import PersonProgress, Progress
from app.membership.rules import HALVES, Half, State
from app.registrations.elsewhere import overlap
from app.workshops.models import Workshop

LACKING: tuple[State, ...] = ("risk", "open")


@dataclass(frozen=True)
class HalfShown:
    """One half in words: a sentence for its own people, a short line for the table."""

    side: str
    state: State
    words: str
    short: str
    lacking: Sequence[str] = ()  # who, where each person is asked: for those who may know


@dataclass(frozen=True)
class Missing:
    """What would close a half: the workshop to choose, and until when."""

    side: str
    workshop: Workshop
    closes_on: str  # on the workshop's wall, the city named
    closes_here: str  # on the reader's wall; empty when it is the same
    days_left: int
    urgent: bool


@dataclass(frozen=True)
class Task:
    """Something that waits for staff: on the overview. Answers the announcement `staff_tasks(into=, now=)`."""

    words: str
    detail: str
    url: str
    label: str


def number_word(number: int) -> str:
    """Small numbers in words, for headings: 'fifteen'; larger ones in digits."""
    words = {
        2: pgettext("number", "two"), 3: pgettext("number", "three"), 4: pgettext("number", "four"), 5: pgettext("number", "five"),
        6: pgettext("number", "six"), 7: pgettext("number", "seven"), 8: pgettext("number", "eight"), 9: pgettext("number", "nine"),
        10: pgettext("number", "ten"), 11: pgettext("number", "eleven"), 12: pgettext("number", "twelve"),
        13: pgettext("number", "thirteen"), 14: pgettext("number", "fourteen"), 15: pgettext("number", "fifteen"),
        16: pgettext("number", "sixteen"), 17: pgettext("number", "seventeen"), 18: pgettext("number", "eighteen"),
    }  # fmt: skip
    return words.get(number, str(number))


def side_name(side: str) -> str:
    """'Latin America' or 'Sweden'."""
    return _("Sweden") if side == "sweden" else _("Latin America")


def where(workshop: Workshop) -> str:
    """The town a workshop is in."""
    return workshop.place or city(workshop.zone)


def when(workshop: Workshop) -> str:
    """'3–6 June 2024'."""
    return span(workshop.days[0].on, workshop.days[-1].on)


def when_short(workshop: Workshop) -> str:
    """'3–6 June' or '30 September – 2 October': the year stands above the table."""
    first, last = workshop.days[0].on, workshop.days[-1].on
    if first == last:
        return weekdayless(first)
    if (first.year, first.month) != (last.year, last.month):
        return f"{weekdayless(first)} – {weekdayless(last)}"  # noqa: RUF001  an en dash between dates
    return f"{first.day}–{weekdayless(last)}"  # noqa: RUF001


def period(rule: CommitmentRule) -> str:
    """'2024', '2025–2026'."""
    first, last = rule.starts_on.year, rule.ends_on.year
    return str(first) if first == last else f"{first}–{last}"  # noqa: RUF001


def asked(rule: CommitmentRule) -> str:
    """The commitment as one sentence."""
    parts = []
    for side in HALVES:
        number = getattr(rule, side)
        if number and side == "sweden":
            parts.append(ngettext("at least one workshop in Sweden", "at least %(num)s workshops in Sweden", number))
        elif number:
            parts.append(ngettext("at least one workshop in Latin America", "at least %(num)s workshops in Latin America", number))
    facts = {"workshops": listed(parts), "period": period(rule)}
    if rule.scope == "person":
        sentence = _("Each of its people attends %(workshops)s during %(period)s.", **facts)
    else:
        sentence = _("Each member attends %(workshops)s during %(period)s.", **facts)
        if rule.people > 1:
            sentence += " " + ngettext("It counts when %(num)s person attends.", "It counts when %(num)s people attend.", rule.people)
    return f"{sentence} " + _("Taking part online counts too.") if rule.online else sentence


def half_of(progress: Progress, side: str) -> HalfShown:
    """One half of an organisation in words."""
    found = progress.halves[side]
    if progress.rule.scope == "person" and progress.each and found.state != "waived":
        words, short = _of_each(progress, side)
        lacking = [one.name for one in progress.each if one.halves[side].state in {"risk", "open", "missed"}]
        return HalfShown(side, found.state, words, short, lacking)
    if found.state in {"met", "booked"}:
        words, short = _counted(progress, (found.met if found.state == "met" else found.booked)[0], attended=found.state == "met")
    else:
        words, short = _words(progress, found, side)
    return HalfShown(side, found.state, words, short)


def own_half(progress: Progress, one: PersonProgress, side: str) -> HalfShown:
    """One half of one of its people, said to that person."""
    found = one.halves[side]
    if found.state not in {"met", "booked"}:
        return HalfShown(side, found.state, *_words(progress, found, side))
    workshop = progress.workshops[(found.met if found.state == "met" else found.booked)[0]]
    place = {"place": where(workshop), "dates": when(workshop)}
    words = (
        _("%(place)s, %(dates)s. You attended.", **place) if found.state == "met" else _("%(place)s, %(dates)s. You have a seat.", **place)
    )
    return HalfShown(side, found.state, words, f"{when_short(workshop)}, {where(workshop)}")


def _of_each(progress: Progress, side: str) -> tuple[str, str]:
    """How many of its people have come how far."""
    states = Counter(one.halves[side].state for one in progress.each)
    number = len(progress.each)
    words = ngettext("%(met)s of %(num)s person has attended.", "%(met)s of %(num)s people have attended.", number, met=states["met"])
    if states["booked"]:
        words += " " + ngettext("%(num)s more has a seat.", "%(num)s more have a seat.", states["booked"])
    return words, ngettext("%(met)s of %(num)s person", "%(met)s of %(num)s people", number, met=states["met"])


def _words(progress: Progress, found: Half, side: str) -> tuple[str, str]:
    if found.state == "waived":
        waiver = progress.waivers.get(side)
        return (waiver.reason, waiver.reason) if waiver else (_("Nothing is asked here in this period."), _("Nothing asked"))
    if found.state == "missed":
        return _("No workshop is left that could close it."), _("None left")
    first = progress.workshops[found.choices[0]]
    begun = bool(found.met or found.booked or any(progress.people.get(key, NOBODY).registered for key in found.choices))
    if found.state == "risk" and len(found.choices) == 1:
        place = {"place": where(first), "dates": when(first)}
        nobody = _("Not enough yet.") if begun else _("Nobody is registered.")
        last = (
            _("%(place)s, %(dates)s, is the last workshop in Sweden.", **place)
            if side == "sweden"
            else _("%(place)s, %(dates)s, is the last workshop in Latin America.", **place)
        )
        return f"{nobody} {last}", _("Too few booked for %(place)s", **place) if begun else _("Nobody booked for %(place)s", **place)
    names = listed([f"{where(w)} ({when_short(w)})" for w in (progress.workshops[key] for key in found.choices[:3])])
    nobody = _("Not enough yet.") if begun else _("Nobody is registered yet.")
    choose = _("You can choose: %(workshops)s.", workshops=names)
    return f"{nobody} {choose}", _("Choose by %(date)s", date=weekdayless(turning_day(progress, found)))


def turning_day(progress: Progress, found: Half) -> date:
    """The day on which a half with choices turns missed, on the clock of the workshop that closes then."""
    first = progress.workshops[found.choices[0]]
    turning = next((w for w in (progress.workshops[key] for key in found.choices) if _closes(w) == found.closes_at), first)
    return (found.closes_at or first.created_at).astimezone(ZoneInfo(turning.zone)).date()


def _closes(workshop: Workshop) -> datetime | None:
    return workshop.closes_at or workshop.starts_at


def _counted(progress: Progress, key: int, *, attended: bool) -> tuple[str, str]:
    workshop, people = progress.workshops[key], progress.people.get(key, NOBODY)
    place = {"place": where(workshop), "dates": when(workshop)}
    if attended:
        words = ngettext(
            "%(place)s, %(dates)s. One person attended.",
            "%(place)s, %(dates)s. %(num)s people attended.",
            people.attended,
            **place,
        )
    else:
        words = ngettext(
            "%(place)s, %(dates)s. One person is registered.",
            "%(place)s, %(dates)s. %(num)s people are registered.",
            people.registered,
            **place,
        )
    return words, f"{when_short(workshop)}, {where(workshop)}"


def missing(
    progress: Progress, now: datetime, reader_zone: str, busy: Sequence[Workshop] = (), *, halves: Mapping[str, Half] | None = None
) -> list[Missing]:
    """What still lacks and can be done, the most urgent first; if there is a choice, not while the reader is at a `busy` one.

    `halves`: of one of its people, instead of the organisation's.
    """
    found = []
    for side in HALVES:
        half = (halves or progress.halves)[side]
        if half.state not in LACKING:
            continue
        choices = [progress.workshops[key] for key in half.choices]
        workshop = next((one for one in choices if not any(overlap(one, other) for other in busy)), choices[0])
        closes = _closes(workshop)
        if closes is None:
            continue
        there, here = wall(closes, workshop.zone, where(workshop)), wall(closes, reader_zone, city(reader_zone), only_time=True)
        same = closes.astimezone(ZoneInfo(workshop.zone)).utcoffset() == closes.astimezone(ZoneInfo(reader_zone)).utcoffset()
        left = ceil((closes - now).total_seconds() / 86400)
        found.append(Missing(side, workshop, there, "" if same else here, left, half.state == "risk"))
    return sorted(found, key=lambda one: (not one.urgent, one.days_left))


def wall(instant: datetime, zone: str, place: str, *, only_time: bool = False) -> str:
    """'Friday 30 August 2024 at 09:00 in Panajachel', or only '17:00 in Stockholm'."""
    local = instant.astimezone(ZoneInfo(zone))
    time = f"{local:%H:%M}"
    if only_time:
        return _("%(time)s in %(city)s", time=time, city=place)
    return _("%(day)s at %(time)s in %(city)s", day=day(local.date()), time=time, city=place)


def month_year(moment: datetime) -> str:
    """'June 2026'."""
    return _("%(month)s %(year)s", month=month_name(moment.date()), year=moment.year)
