"""When a reminder is due, until when it is of use, and whom it fits: decisions on plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MORNING = time(8)  # nobody is written to before this hour on the own wall
EVENING = time(20)  # nor after this one
NIGHT = time(20, 15)  # but what was due at eight in the evening and is a few minutes late does not wait for the morning
NOTICE_DAYS = timedelta(hours=2)  # a reminder in days is of no use later than this before the start
NOTICE_HOURS = timedelta(minutes=10)  # nor is one in hours
AFTERWARDS = timedelta(days=3)  # what follows a workshop may come this much late
FAR = timedelta(hours=12)  # a workshop that moves this far is reminded of again
DEADLINES = frozenset({"opens", "closes", "letters"})  # of a workshop, on which rules hang
MOST_PEOPLE = 500  # more than this at once waits for a second click by staff
MOST_GROWTH = 3  # so does more than this many times as many as the largest so far …
FEW_PEOPLE = 100  # … but no more than these: a network grows, and a mistake to so few is put right by hand


@dataclass(frozen=True)
class Rule:
    """Anchor, signed offset and unit (minus is before), perhaps an hour on the wall of the workshop or the person."""

    anchor: str
    offset: int
    unit: str
    at_local: time | None = None
    zone_of: str = "workshop"
    instant: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """How somebody stands to a workshop. `noted`: somebody was checked in there, so that who was not is known to be absent.
    `lacks_letter`: they come from another country and have not asked for a letter for a visa."""

    state: str
    there: bool
    noted: bool
    comes_as: str | None
    organisation_id: int | None
    lacks_letter: bool = False


@dataclass(frozen=True)
class Whom:
    """Whom a rule is for: by state, by having been there or not, perhaps only officials or politicians, or one organisation's.
    `letterless`: of those with a seat only whoever may have to ask for a letter for a visa, and has not."""

    audience: str
    absent: bool = False
    comes_as: str | None = None
    organisation_id: int | None = None
    letterless: bool = False

    @property
    def is_part(self) -> bool:
        """Whether some of the audience are left out."""
        return self.absent or self.letterless or self.comes_as is not None or self.organisation_id is not None

    def takes(self, one: Standing) -> bool:
        """Whether the rule is for somebody who stands so."""
        state = one.there if self.audience == "attended" else one.state == self.audience
        return (
            state
            and not (self.absent and (one.there or not one.noted))
            and (one.lacks_letter or not self.letterless)
            and self.comes_as in {None, one.comes_as}
            and self.organisation_id in {None, one.organisation_id}
        )


@dataclass(frozen=True)
class Times:
    """The instants of a workshop that a rule can hang on, and the zone of its clock."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    letters_until: datetime | None = None


@dataclass(frozen=True)
class Due:
    """When a reminder leaves, and the last instant at which it still helps."""

    at: datetime
    useful_until: datetime


def schedule(rule: Rule, times: Times, reader_zone: str) -> Due | None:
    """The whole answer for readers in one zone; None when the workshop lacks what the rule hangs on.

    A fixed instant is meant as it stands: it is the one anchor that no civil hour bends.
    """
    anchor = anchor_of(rule, times)
    if anchor is None:
        return None
    zone = times.zone if rule.zone_of == "workshop" else reader_zone
    at = due_instant(anchor, rule.offset, rule.unit, rule.at_local, zone)
    limit = useful_limit(rule, times, at)
    at = min(at, limit)
    return Due(at if rule.anchor == "instant" else civil_instant(at, reader_zone), limit)


def anchor_of(rule: Rule, times: Times) -> datetime | None:
    """The instant that the rule counts from.

    None for `offer_lapses`, whose mail is written with the offer, and `milestone`: partnerships have reminders of their own.
    """
    return {
        "start": times.starts_at,
        "end": times.ends_at,
        "opens": times.opens_at,
        "closes": times.closes_at,
        "letters": times.letters_until,
        "instant": rule.instant,
    }.get(rule.anchor)


def due_instant(anchor: datetime, offset: int, unit: str, at_local: time | None, zone: str) -> datetime:
    """The unclamped instant, in UTC.

    Days are calendar days on the wall of `zone`, at `at_local` or else the anchor's own hour: two days before a Monday
    09:00 is Saturday 09:00, whatever summer time does in between. A time that the clocks jump over moves forward by the
    gap; of a time that comes twice the first counts. Hours and minutes are counted as instants.
    """
    if unit != "days":
        return anchor + timedelta(**{unit: offset})
    wall = anchor.astimezone(ZoneInfo(zone))
    on = wall.date() + timedelta(days=offset)
    hour = at_local or wall.time().replace(fold=0)
    return datetime.combine(on, hour, ZoneInfo(zone)).astimezone(UTC)


def civil_instant(due: datetime, zone: str) -> datetime:
    """`due`, or the nearest earlier instant at which it is between 08:00 and 20:00 on the wall of `zone`; in UTC."""
    wall = due.astimezone(ZoneInfo(zone))
    if MORNING <= wall.time() <= EVENING:
        return due
    on = wall.date() - timedelta(days=1) if wall.time() < MORNING else wall.date()
    return datetime.combine(on, EVENING, ZoneInfo(zone)).astimezone(UTC)


def leaving_instant(now: datetime, zone: str, useful_until: datetime) -> datetime:
    """When a reminder that is due leaves: now, or next morning at 08:00 on the wall of `zone` if it is night there.

    A move, an outage or a second click may come at any hour. What would be of no use in the morning leaves at night.
    """
    wall = now.astimezone(ZoneInfo(zone))
    if MORNING <= wall.time() < NIGHT:
        return now
    on = wall.date() if wall.time() < MORNING else wall.date() + timedelta(days=1)
    morning = datetime.combine(on, MORNING, ZoneInfo(zone)).astimezone(UTC)
    return morning if morning < useful_until else now


def useful_limit(rule: Rule, times: Times, due: datetime) -> datetime:
    """The last instant at which the reminder still helps: before the start, or a few days after it fell due.

    Only what is meant for afterwards may come after the start: a reminder on the day at nine of a workshop at half past
    eight is one before it. That registration closes soon is of no use once it has closed, nor is it of
    use to ask for a letter for a visa when none is written any more.
    """
    afterwards = rule.anchor in {"end", "instant"} or rule.offset > 0
    if afterwards and due >= times.starts_at:
        return due + AFTERWARDS
    limit = times.starts_at - (NOTICE_DAYS if rule.unit == "days" else NOTICE_HOURS)
    last = {"closes": times.closes_at, "letters": times.letters_until}.get(rule.anchor)
    return min(limit, last) if last is not None and rule.offset < 0 else limit


def known_zone(zone: str, otherwise: str) -> str:
    """`zone`, or the other one if this machine does not know it: its tz database may be older than the row."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return otherwise
    return zone


def fits(applies_to: str, workshop_format: str) -> bool:
    """Whether a rule for online or on-site workshops is meant for one of this format."""
    return applies_to == "all" or workshop_format in {applies_to, "both"}


def moved_far(before: datetime, after: datetime) -> bool:
    """Whether those who were reminded of the old time need to be reminded of the new one too."""
    return abs(after - before) >= FAR


def is_brake(people: int, largest: int | None) -> bool:
    """Whether so many mails at once wait until staff have looked twice; `largest`: for how many one was so far, None if none was."""
    grows = largest is not None and people > max(FEW_PEOPLE, MOST_GROWTH * largest)
    return people > MOST_PEOPLE or grows


def code_of(offset: int, unit: str, at_local: time | None) -> str:
    """The short name under which staff choose a reminder before the start: 'days:7@09:00', 'hours:1'."""
    hour = f"@{at_local:%H:%M}" if at_local else ""
    return f"{unit}:{-offset}{hour}"


def read_code(code: str) -> tuple[int, str, time | None]:
    """Offset, unit and hour of such a name. Raises ValueError for any other text."""
    amount, _at, hour = code.partition("@")
    unit, _colon, number = amount.partition(":")
    if unit not in {"days", "hours", "minutes"} or not number.isdecimal():
        message = f"no reminder is called {code!r}"
        raise ValueError(message)
    return -int(number), unit, time.fromisoformat(hour) if hour else None
