"""What pages say of the commitment: plain words from rows, in the language in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from app.accounts.models import Affiliation
from app.languages import city, country, day, listed, month_name, ngettext, pgettext, span, weekdayless
from app.languages import gettext as _
from app.membership.models import CommitmentRule
from app.membership.queries import NOBODY, Progress
from app.membership.rules import HALVES, STATES, State, urgency
from app.workshops.models import Workshop

LACKING: tuple[State, ...] = ("risk", "open")


@dataclass(frozen=True)
class HalfShown:
    """One half in words: a sentence for its own people, a short line for the table."""

    side: str
    state: State
    words: str
    short: str


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
class OrganisationShown:
    """A row of the staff's table."""

    progress: Progress
    halves: dict[str, HalfShown]
    contact: Affiliation | None
    at_risk: bool


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
    sentence = _("Each member attends %(workshops)s during %(period)s.", workshops=listed(parts), period=period(rule))
    if rule.people > 1:
        sentence += " " + ngettext("It counts when %(num)s person attends.", "It counts when %(num)s people attend.", rule.people)
    return sentence


def half_of(progress: Progress, side: str) -> HalfShown:
    """One half in words."""
    found = progress.halves[side]
    words, short = _words(progress, side)
    return HalfShown(side, found.state, words, short)


def _words(progress: Progress, side: str) -> tuple[str, str]:
    found = progress.halves[side]
    if found.state in {"met", "booked"}:
        return _counted(progress, (*found.met, *found.booked)[0], attended=found.state == "met")
    if found.state == "waived":
        waiver = progress.waivers.get(side)
        return (waiver.reason, waiver.reason) if waiver else (_("Nothing is asked here in this period."), _("Nothing asked"))
    if found.state == "missed":
        return _("No workshop is left that could close it."), _("None left")
    first = progress.workshops[found.choices[0]]
    by = weekdayless((found.closes_at or first.created_at).date())
    if found.state == "risk" and len(found.choices) == 1:
        place = {"place": where(first), "dates": when(first)}
        words = (
            _("Nobody is registered. %(place)s, %(dates)s, is the last workshop in Sweden.", **place)
            if side == "sweden"
            else _("Nobody is registered. %(place)s, %(dates)s, is the last workshop in Latin America.", **place)
        )
        return words, _("Nobody booked for %(place)s", place=where(first))
    names = listed([f"{where(w)} ({when_short(w)})" for w in (progress.workshops[key] for key in found.choices[:3])])
    return _("Nobody is registered yet. You can choose: %(workshops)s.", workshops=names), _("Choose by %(date)s", date=by)


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


def missing(progress: Progress, now: datetime, reader_zone: str, busy: Sequence[Workshop] = ()) -> list[Missing]:
    """What still lacks and can be done, the most urgent first; if there is a choice, not while the reader is at a `busy` one."""
    found = []
    for side in HALVES:
        half = progress.halves[side]
        if half.state not in LACKING:
            continue
        choices = [progress.workshops[key] for key in half.choices]
        workshop = next((one for one in choices if not any(overlap(one, other) for other in busy)), choices[0])
        closes = workshop.closes_at or workshop.starts_at
        if closes is None:
            continue
        there, here = wall(closes, workshop.zone, where(workshop)), wall(closes, reader_zone, city(reader_zone), only_time=True)
        same = closes.astimezone(ZoneInfo(workshop.zone)).utcoffset() == closes.astimezone(ZoneInfo(reader_zone)).utcoffset()
        left = ceil((closes - now).total_seconds() / 86400)
        found.append(Missing(side, workshop, there, "" if same else here, left, half.state == "risk"))
    return sorted(found, key=lambda one: (not one.urgent, one.days_left))


def overlap(one: Workshop, other: Workshop) -> bool:
    """Whether they have a day in common, each on its own clock: nobody travels between them in an hour."""
    return bool({day.on for day in one.days} & {day.on for day in other.days})


def wall(instant: datetime, zone: str, place: str, *, only_time: bool = False) -> str:
    """'Friday 30 August 2024 at 09:00 in Panajachel', or only '17:00 in Stockholm'."""
    local = instant.astimezone(ZoneInfo(zone))
    time = f"{local:%H:%M}"
    if only_time:
        return _("%(time)s in %(city)s", time=time, city=place)
    return _("%(day)s at %(time)s in %(city)s", day=day(local.date()), time=time, city=place)


def table(progresses: Iterable[Progress], contacts: dict[int, Affiliation]) -> list[OrganisationShown]:
    """The staff's table: at risk first, then missed, open, booked, met."""
    rows = []
    for progress in sorted(progresses, key=lambda p: urgency(*(p.halves[side].state for side in HALVES))):
        halves = {side: half_of(progress, side) for side in HALVES}
        at_risk = any(half.state == "risk" for half in halves.values())
        rows.append(OrganisationShown(progress, halves, contacts.get(progress.organisation.id), at_risk))
    return rows


def filters(rows: Sequence[OrganisationShown], wanted: str) -> list[dict[str, Any]]:
    """Tabs over the table: all, at risk, each country, with counts."""
    counts = Counter(row.progress.organisation.country for row in rows)
    tabs = [("", _("All %(num)s", num=len(rows))), ("risk", _("At risk %(num)s", num=sum(row.at_risk for row in rows)))]
    tabs += [(code, f"{country(code)} {counts[code]}") for code in sorted(counts, key=lambda code: (code == "SE", country(code)))]
    return [{"key": key, "label": label, "current": key == wanted, "apart": False} for key, label in tabs]


def filtered(rows: Sequence[OrganisationShown], wanted: str) -> list[OrganisationShown]:
    """The rows of one tab."""
    if wanted == "risk":
        return [row for row in rows if row.at_risk]
    return [row for row in rows if not wanted or row.progress.organisation.country == wanted]


def units(progresses: Sequence[Progress]) -> dict[str, list[State]]:
    """The states of each half over all organisations, for the unit chart."""
    return {side: sorted((p.halves[side].state for p in progresses), key=STATES.index) for side in HALVES}


def summary(rows: Sequence[OrganisationShown]) -> str:
    """'Three of fifteen are at risk. The workshop in Sweden is missing.'."""
    number, total = sum(row.at_risk for row in rows), len(rows)
    if not number:
        return _("Nobody is at risk.")
    if number == 1:
        sentence = _("One of %(total)s is at risk.", total=number_word(total))
    else:
        words = number_word(number)
        sentence = _("%(number)s of %(total)s are at risk.", number=words[0].upper() + words[1:], total=number_word(total))
    halves = [(half, side) for row in rows for side, half in row.progress.halves.items()]
    closing = [(half.closes_at, side) for half, side in halves if half.state == "risk" and half.closes_at is not None]
    if closing and len({side for _at, side in closing}) == 1:
        side = closing[0][1]
        lacks = _("The workshop in Sweden is missing.") if side == "sweden" else _("The workshop in Latin America is missing.")
        sentence = f"{sentence} {lacks}"
    if closing:
        sentence += " " + _("The first registration closes on %(day)s.", day=day(min(at for at, _side in closing).date()))
    return sentence


def month_year(moment: datetime) -> str:
    """'June 2026'."""
    return _("%(month)s %(year)s", month=month_name(moment.date()), year=moment.year)
