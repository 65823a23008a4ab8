"""What an act does, in finished words: how a workshop looked before it and looks after it, and the mails written in between."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.languages import LANGUAGES, day_short, language, listed, moment, ngettext
from app.languages import gettext as _
from app.outbox.queries import Written
from app.outbox.shown import kinds

OWN_LINK = re.compile(r"(?<=/r/)[\w-]+")  # whoever has it is that person
MOST_ENTRIES = 8  # of a calendar in one list
SHORT_NOTICE = timedelta(hours=48)
GOES = ("planned", "held")
Day = tuple[str, Sequence[str]]  # and its hours on each clock, the workshop's own first


@dataclass(frozen=True)
class OnClock:
    """A reminder as it stands, told by whoever owns reminders: answers `reminders_on_clock(workshop=, into=)`.

    `key` stays while the rest changes; `state` is planned, held, expanded (it has left), missed, stopped or cancelled.
    """

    key: str
    what: str
    who: str
    zone: str
    due_at: datetime
    state: str


@dataclass(frozen=True)
class Line:
    """What a calendar shows of one entry. `off`: it stands there as cancelled, and the time is free."""

    title: str
    when: str
    where: str
    sequence: int
    off: bool


@dataclass(frozen=True)
class Picture:
    """A workshop at one moment: its days with their clocks, its calendar entries by UID, its title there in each language."""

    state: str
    starts_at: datetime | None
    ends_at: datetime | None
    days: Sequence[Day]
    lines: Mapping[str, Line]
    titles: Mapping[str, str]
    reminders: Mapping[str, OnClock]
    told: int  # how many people a change reaches as a rule
    withdrawn: int  # mails that were taken back so far
    holds: Sequence[date] = ()  # the last days of seats held for organisations


@dataclass(frozen=True)
class Readers:
    """Those who stand alike to the workshop and get a mail: how many in each language."""

    who: str
    numbers: Mapping[str, int]
    total: int


@dataclass(frozen=True)
class Sample:
    """One mail as one of its readers gets it, word for word but for that reader's own link."""

    what: str
    who: str
    lang: str
    number: int
    name: str
    subject: str
    text: str


@dataclass(frozen=True)
class Reminder:
    """What becomes of a reminder; `lost` if it does not go any more."""

    what: str
    who: str
    words: str
    lost: bool = False


@dataclass(frozen=True)
class Outcome:
    """All that an act does. `entries`: (before, after) of each calendar entry that changes; `titles`: (language, before, after)."""

    changes: Sequence[str]
    days: tuple[Sequence[Day], Sequence[Day]] | None
    readers: Sequence[Readers]
    people: int
    moving_up: int
    withdrawn: int
    leaves: str
    samples: Sequence[Sample]
    reminders: Sequence[Reminder]
    reminders_kept: int
    entries: Sequence[tuple[Line | None, Line | None]]
    more_entries: int
    titles: Sequence[tuple[str, str, str]]
    warnings: Sequence[str]


def readers(mails: Sequence[Written], stand: Mapping[str, str]) -> list[Readers]:
    """How many people get a mail, by how they stand and in which language; whoever gets two is one."""
    people = {mail.about: mail.lang for mail in mails}
    found = []
    for who in dict.fromkeys(stand[about] for about in sorted(people, key=list(stand).index) if about in stand):
        counted = Counter(lang for about, lang in people.items() if stand.get(about) == who)
        found.append(Readers(who, {lang: counted[lang] for lang in LANGUAGES}, counted.total()))
    return found


def kinds_of(mails: Sequence[Written], stand: Mapping[str, str]) -> dict[tuple[str, str, str], list[Written]]:
    """The mails that say the same but for the name: of one kind, to people who stand alike, in one language."""
    tongues = list(LANGUAGES)
    groups: dict[tuple[str, str, str], list[Written]] = {}
    for mail in sorted(mails, key=lambda mail: tongues.index(mail.lang)):
        groups.setdefault((mail.kind, stand.get(mail.about, ""), mail.lang), []).append(mail)
    order = ["", *dict.fromkeys(stand.values())]
    return dict(sorted(groups.items(), key=lambda pair: (_rank(pair[0][0]), order.index(pair[0][1]))))


def _rank(kind: str) -> tuple[int, str]:
    """The news first, then who gets a seat by it, then what is written anew because of it."""
    return (0 if kind == "change" or kind.startswith("workshop_") else 1 if kind == "promotion" else 2), kind


def samples(groups: Mapping[tuple[str, str, str], Sequence[Written]], texts: Mapping[UUID, str]) -> list[Sample]:
    """The first mail of each kind, with its text."""
    names = kinds()
    return [
        Sample(names.get(kind, kind), who, lang, len(group), group[0].recipient_name, group[0].subject, _veiled(texts.get(group[0].id, "")))
        for (kind, who, lang), group in groups.items()
    ]


def _veiled(text: str) -> str:
    return OWN_LINK.sub("…", text)


def leaves(mails: Sequence[Written], now: datetime) -> str:
    """When the mails leave."""
    wait = max((mail.due_at - now for mail in mails if mail.kind != "reminder"), default=timedelta())
    if wait <= timedelta():
        return _("The mails leave at once.")
    minutes = round(wait / timedelta(minutes=1))
    return ngettext(
        "The mails leave one minute after the last change, so that several changes make one mail.",
        "The mails leave %(num)s minutes after the last change, so that several changes make one mail.",
        minutes,
    )


def reminders(before: Mapping[str, OnClock], after: Mapping[str, OnClock], now: datetime) -> tuple[list[Reminder], int]:
    """What becomes of each reminder, and how many stay as they are."""
    found, kept = [], 0
    for key in dict.fromkeys([*after, *before]):
        old, new = before.get(key), after.get(key)
        one = new or old
        if one is None:
            continue
        if old and new and old.state in GOES and new.state in GOES and old.due_at == new.due_at:
            kept += 1
        elif words := _becomes(old, new, now):
            found.append(Reminder(one.what, one.who, words, lost=new is None or new.state not in GOES))
    return found, kept


def _becomes(old: OnClock | None, new: OnClock | None, now: datetime) -> str:
    """'Moves from 12 March 2024, 09:00 in Bogotá to 14 March 2024, 09:00 in Bogotá'; nothing if it never was to go."""
    was = moment(old.due_at, old.zone) if old and old.state in GOES else ""
    if new is not None and new.state in GOES:
        at = moment(new.due_at, new.zone)
        if new.due_at <= now:
            return _("Is due now, and goes out at once")
        if was:
            return _("Moves from %(before)s to %(after)s", before=was, after=at)
        if old is not None and old.state == "expanded":
            return _("Has gone out already, and goes out once more on %(when)s", when=at)
        return _("Goes out on %(when)s", when=at)
    if new is not None and new.state == "missed" and (old is None or old.state != "missed"):
        return (
            _("Was to go out on %(when)s. It is too late for that now, and it does not go out", when=was)
            if was
            else _("Is too late, and does not go out")
        )
    return _("Was to go out on %(when)s, and does not go out", when=was) if was else ""


def entries(before: Picture, after: Picture) -> list[tuple[Line | None, Line | None]]:
    """The calendar entries of which people see something new, in the order of days."""
    pairs = [(before.lines.get(uid), after.lines.get(uid)) for uid in dict.fromkeys([*after.lines, *before.lines])]
    return [(old, new) for old, new in pairs if old != new]


def titles(before: Picture, after: Picture) -> list[tuple[str, str, str]]:
    """The title as calendars show it in each language, where it changes."""
    pairs = [(lang, before.titles.get(lang, ""), title) for lang, title in after.titles.items()]
    return [(lang, old, new) for lang, old, new in pairs if old != new]


def warnings(before: Picture, after: Picture, mails: Sequence[Written], now: datetime, *, paused: bool) -> list[str]:
    """What staff should think of before they press the button."""
    found = []
    if before.days != after.days and (stay := sorted({*before.holds} & {*after.holds})):
        days = listed([day_short(day) for day in stay])
        found.append(_("Seats held for organisations keep their last day, although the days of the workshop move: %(days)s.", days=days))
    broken = [mail for mail in mails if mail.state == "failed"]
    if after.ends_at is not None and after.ends_at <= now and after.state == "published":
        corrects = before.ends_at is None or before.ends_at <= now
        found.append(
            _("The workshop is over. This corrects what is said of it, and nobody is told.")
            if corrects
            else _("The new days have passed already. Is the year right?")
        )
    elif after.told and not mails and after.state != "published":
        found.append(_("Nobody is told yet: a mail goes to everybody when the workshop is taken up again."))
    if after.state == "published" and mails and after.starts_at is not None and now < after.starts_at < now + SHORT_NOTICE:
        found.append(_("It begins in less than two days. Whoever does not read mail every day will hear of it too late: think of calling."))
    if paused and mails:
        found.append(_("All mail is paused. These wait until somebody lets mail go out again."))
    if broken:
        found.append(
            ngettext("One mail cannot be written: %(names)s", "%(num)s mails cannot be written: %(names)s", len(broken),
                     names=", ".join(mail.recipient_name for mail in broken[:5]))
        )  # fmt: skip
    return found


def tongue(code: str) -> str:
    """A language as the head of a column."""
    name = language(code)
    return name[:1].upper() + name[1:]
