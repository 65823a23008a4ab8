"""The rehearsal in words: each reminder with its clocks, its readers and whatever is special about it; acts and held seats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app

from app.languages import LANGUAGES, city, moment, ngettext
from app.languages import gettext as _
from app.outbox.shown import Tag, clocks, kinds
from app.registrations.coming.rules import by_day
from app.reminders.models import ReminderRule
from app.reminders.rehearsing import samples
from app.reminders.rehearsing.lineup import Line
from app.reminders.rehearsing.queries import Coordinator, Written
from app.reminders.rules import EVENING, MORNING, known_zone
from app.reminders.shown import why_held, words_of
from app.workshops.models import Workshop


@dataclass(frozen=True)
class Row:
    """One line of the page. `numbers`: how many in each language; `key` opens its text, if it has one to show."""

    key: str
    what: str
    who: str
    numbers: Mapping[str, int]
    when: Sequence[str]
    tag: Tag | None
    notes: Sequence[str]
    at: datetime | None = None


def rows(workshop: Workshop, lines: Sequence[Line], reader_zone: str, now: datetime) -> list[Row]:
    """The reminders, in the order of time."""
    return [_row(workshop, line, reader_zone, now) for line in lines]


def called(rule: ReminderRule) -> str:
    """The rule in words, and for whom if not for those with a seat."""
    words = words_of(rule)
    if rule.audience == "waitlisted":
        return _("%(reminder)s (waiting list)", reminder=words)
    if rule.whom.letterless:
        return _("%(reminder)s (who comes from another country and has not asked for one)", reminder=words)
    if rule.absent:
        return _("%(reminder)s (who has not attended)", reminder=words)
    return _("%(reminder)s (who has attended)", reminder=words) if rule.audience == "attended" else words


def who(line: Line) -> str:
    """'12 people on the clock of Stockholm'."""
    if line.state == "nobody":
        return _("Nobody would get it today")
    if line.might and not line.total:
        return ngettext(
            "Up to %(num)s person on the clock of %(city)s",
            "Up to %(num)s people on the clock of %(city)s",
            line.might,
            city=city(line.wall),
        )
    return ngettext("%(num)s person on the clock of %(city)s", "%(num)s people on the clock of %(city)s", line.total, city=city(line.wall))


def _row(workshop: Workshop, line: Line, reader_zone: str, now: datetime) -> Row:
    return Row(
        key=f"rule:{line.key}:{line.generation}",
        what=called(line.rule),
        who=who(line),
        numbers={lang: line.readers.get(lang, 0) for lang in LANGUAGES},
        when=clocks(line.leaves_at, workshop.zone, line.wall, reader_zone),
        tag=_tag(workshop, line, now),
        notes=_notes(line, line.wall, now),
        at=line.leaves_at,
    )


def _tag(workshop: Workshop, line: Line, now: datetime) -> Tag:
    done = {
        "sent": Tag("quiet", _("In the mail log"), "check"),
        "missed": Tag("cancelled", _("Missed"), "x"),
    }
    stands = {"postponed": Tag("outline", _("Stands still"), "clock"), "cancelled": Tag("outline", _("Does not leave"), "x")}
    if found := done.get(line.state) or stands.get(workshop.state):
        return found
    if line.state == "held":
        return Tag("asks", _("Waits for a second look"), "alert")
    if line.state == "nobody":
        return Tag("outline", _("Nobody yet") if line.due_at > now else _("Has passed"), "circle")
    return Tag("outline", _("Planned") if line.due_at > now else _("Leaves now"), "clock")


def _notes(line: Line, zone: str, now: datetime) -> list[str]:
    """What somebody who plans would ask about."""
    found = []
    if line.unbent is not None and line.unbent != line.due_at and not MORNING <= _wall(line.unbent, zone) <= EVENING:
        found.append(_("It would be night there: %(when)s. It comes earlier.", when=moment(line.unbent, zone)))
    if line.state == "planned" and line.leaves_at > max(line.due_at, now):
        found.append(_("It is due when it is night there, and leaves in the morning."))
    for title, number in line.shared.items():
        found.append(
            ngettext(
                "One of them reads of “%(title)s” of the same day in the same mail.",
                "%(num)s of them read of “%(title)s” of the same day in the same mail.",
                number,
                title=title,
            )
        )
    if line.state == "held":
        found.append(why_held(line.crowd))
    if line.state == "missed":
        found.append(_("It was of use until %(when)s, and does not go out late.", when=moment(line.useful_until, zone)))
    if line.state == "nobody" and line.due_at <= now and line.rule.anchor == "start" and line.rule.offset <= 0:
        found.append(_("Whoever registers from now on finds in the confirmation what it says."))
    return found


def _wall(instant: datetime, zone: str) -> time:
    return instant.astimezone(ZoneInfo(zone)).time()


def held(workshop: Workshop, found: Sequence[Coordinator], reader_zone: str, now: datetime) -> list[Row]:
    """The reminders of held seats, one for each hold and clock of its coordinators."""
    before = timedelta(days=current_app.config["CONFIG"].number("hold_reminder_days"))
    holds = {hold.id: hold for hold in workshop.holds}
    groups: dict[tuple[int, str], list[str]] = {}
    for one in found:
        groups.setdefault((one.hold_id, known_zone(one.zone, workshop.zone)), []).append(one.lang)
    made = []
    for (number, zone), langs in groups.items():
        at = by_day(max(now, holds[number].lapses_at - before), zone)
        if at < holds[number].lapses_at and (workshop.starts_at is None or at < workshop.starts_at):
            made.append(
                Row(
                    key=f"held:{number}",
                    what=kinds()["hold_reminder"],
                    who=ngettext("%(num)s coordinator", "%(num)s coordinators", len(langs)),
                    numbers={lang: langs.count(lang) for lang in LANGUAGES},
                    when=clocks(at, workshop.zone, zone, reader_zone),
                    tag=Tag("outline", _("Planned"), "clock"),
                    notes=[_("Only if seats are still unused then.")],
                    at=at,
                )
            )
    return made


def waiting(workshop: Workshop, found: Sequence[Written], reader_zone: str, now: datetime) -> list[Row]:
    """Mails that are written and wait for their time, those of one kind and minute together, all that is due in one."""
    groups: dict[tuple[datetime, str], Counter[str]] = {}
    for one in found:
        if one.waits:
            at = max(one.leaves_at.replace(second=0, microsecond=0), now)
            groups.setdefault((at, one.kind), Counter())[one.lang] += 1
    return [
        Row(
            key="",
            what=kinds().get(kind, kind),
            who=ngettext("%(num)s person", "%(num)s people", numbers.total()),
            numbers={lang: numbers[lang] for lang in LANGUAGES},
            when=clocks(at, workshop.zone, reader_zone),
            tag=Tag("quiet", _("In the mail log"), "check"),
            notes=[],
            at=at,
        )
        for (at, kind), numbers in groups.items()
    ]


def acts(workshop: Workshop, told: Mapping[tuple[str, str], int], *, over: bool) -> list[Row]:
    """What is mailed when something happens, and to whom as things stand."""
    whole = {lang: sum(number for (_state, mine), number in told.items() if mine == lang) for lang in LANGUAGES}
    found = []
    for code in samples.acts_of(workshop, over=over):
        act = samples.ACTS[code]
        everybody = ngettext("%(num)s person", "%(num)s people", sum(whole.values())) if act.tells else _("That person alone")
        notes = [_("Here as if it had been two days earlier until now.")] if code == "moved" else []
        if code in {"postponed", "cancelled"}:
            notes = [_("The reason that you give stands in it.")]
        found.append(Row(code, _happens()[code], everybody, whole if act.tells else {}, [kinds()[act.kind]], None, notes))
    return found


def _happens() -> dict[str, str]:
    return {
        "registered": _("Somebody registers and gets a seat"),
        "requested": _("Somebody asks for a seat"),
        "hold": _("A guest registers"),
        "waiting": _("Somebody registers when all seats are taken"),
        "promoted": _("A seat becomes free, and somebody waits"),
        "offered": _("A seat becomes free, and somebody waits"),
        "left": _("Somebody gives up the seat"),
        "moved": _("The workshop moves"),
        "silent": _("Somebody does not answer whether the new date suits"),
        "postponed": _("The workshop is postponed"),
        "cancelled": _("The workshop is cancelled"),
        "restored": _("The workshop is taken up again"),
    }
