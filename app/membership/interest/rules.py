"""What becomes of an expression of interest, on plain values: states and verbs, open calls, what must be said before it is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app.accounts.rules import canonical

STATES = ("draft", "sent", "asked", "accepted", "declined", "withdrawn")
LIVE = ("draft", "sent", "asked")  # one of these at a time for an organisation and a network
WAITING = ("sent",)  # for the staff
CLOSED = ("declined", "withdrawn")
KINDS = ("municipality", "region", "other")
COMES_AS = ("official", "politician")
HALVES = ("latin_america", "sweden")
MOST_PEOPLE = 99  # politicians, or officials, that a municipality sends
MOST_COLLEAGUES = 8
MOST_MESSAGES = 300  # of each side
LONGEST_CHALLENGE, LONGEST_SUPPORT, LONGEST_WHY, LONGEST_PARTNER = 4000, 2000, 1000, 300
LONGEST_NAME, LONGEST_PLACE, LONGEST_WORDS = 200, 120, 3000
WIDEST = timedelta(hours=14)  # the clock that is furthest ahead; none is further behind than twelve hours

APPLICANT, STAFF = "applicant", "staff"
_TABLE: dict[tuple[str, str, str], str] = {  # (who, verb, state): the state after it
    (APPLICANT, "save", "draft"): "draft",
    (APPLICANT, "save", "asked"): "asked",
    (APPLICANT, "send", "draft"): "sent",
    (APPLICANT, "answer", "asked"): "sent",
    (APPLICANT, "withdraw", "draft"): "withdrawn",
    (APPLICANT, "withdraw", "sent"): "withdrawn",
    (APPLICANT, "withdraw", "asked"): "withdrawn",
    (APPLICANT, "take_up", "withdrawn"): "draft",
    (STAFF, "ask", "sent"): "asked",
    (STAFF, "accept", "sent"): "accepted",
    (STAFF, "accept", "asked"): "accepted",
    (STAFF, "decline", "sent"): "declined",
    (STAFF, "decline", "asked"): "declined",
    (STAFF, "take_up", "declined"): "sent",
}


def after(who: str, verb: str, state: str) -> str | None:
    """The state that a verb leads to; None where it cannot be done."""
    return _TABLE.get((who, verb, state))


def verbs(who: str, state: str) -> frozenset[str]:
    """What can be done in a state."""
    return frozenset(verb for side, verb, before in _TABLE if (side, before) == (who, state))


# Calls ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """A round: from a day to a day, both included."""

    opens_on: date
    closes_on: date
    id: int = 0


def open_call(calls: Iterable[Call], zone: str, now: datetime) -> Call | None:
    """The call that is open on a wall."""
    on = _today(zone, now)
    return next((call for call in calls if call.opens_on <= on <= call.closes_on), None)


def may_be_open(calls: Iterable[Call], now: datetime) -> Call | None:
    """A call that is open on some wall of the world: the form is shown, and the organisation's own clock decides."""
    first, last = (now - timedelta(hours=12)).date(), (now + WIDEST).date()
    return next((call for call in calls if call.opens_on <= last and call.closes_on >= first), None)


def next_call(calls: Iterable[Call], zone: str, now: datetime) -> Call | None:
    """The call that opens next on a wall."""
    return min((call for call in calls if call.opens_on > _today(zone, now)), key=lambda call: call.opens_on, default=None)


def last_call(calls: Iterable[Call], zone: str, now: datetime) -> Call | None:
    """The call that closed last on a wall."""
    return max((call for call in calls if call.closes_on < _today(zone, now)), key=lambda call: call.closes_on, default=None)


def _today(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


# What is said --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Colleague:
    """Somebody who would take part."""

    name: str
    address: str
    comes_as: str


@dataclass(frozen=True)
class Values:
    """All that a municipality says of itself; any of it may be missing in a draft."""

    challenge: str = ""
    themes: tuple[str, ...] = ()
    politicians: int | None = None
    officials: int | None = None
    support: str = ""
    languages: tuple[str, ...] = ()
    workshops: tuple[int, ...] = ()
    why: str = ""  # not a workshop in each half
    partner_id: int | None = None
    partner: str = ""
    colleagues: tuple[Colleague, ...] = ()


@dataclass(frozen=True)
class Offered:
    """A workshop that one could say to attend."""

    id: int
    half: str


def half_of(country: str | None) -> str | None:
    """Which half a workshop there counts for; None for one without a place."""
    return None if country is None else "sweden" if country == "SE" else "latin_america"


def lacking_halves(chosen: Collection[int], offered: Sequence[Offered]) -> list[str]:
    """The halves of which workshops are offered and none is chosen."""
    return [half for half in HALVES if (there := [one.id for one in offered if one.half == half]) and not set(there) & set(chosen)]


def unfit(values: Values, *, themes: Collection[str], languages: Collection[str], offered: Collection[int]) -> dict[str, str]:
    """What can be kept in no state, as codes by field."""
    found = {}
    if not set(values.themes) <= set(themes):
        found["themes"] = "list"
    if not set(values.languages) <= set(languages):
        found["languages"] = "list"
    if not set(values.workshops) <= set(offered):
        found["workshops"] = "list"
    for name in ("politicians", "officials"):
        if (number := getattr(values, name)) is not None and not 0 <= number <= MOST_PEOPLE:
            found[name] = "number"
    if len(values.colleagues) > MOST_COLLEAGUES:
        found["colleagues"] = "many"
    elif len({canonical(one.address) for one in values.colleagues}) < len(values.colleagues):
        found["colleagues"] = "twice"
    return found


def missing(values: Values, offered: Sequence[Offered]) -> dict[str, str]:
    """What must still be said before it is sent, as codes by field."""
    found = {name: name for name in ("challenge", "themes", "support", "languages") if not getattr(values, name)}
    if values.politicians is None:
        found["politicians"] = "number"
    if values.officials is None:
        found["officials"] = "number"
    elif values.politicians == values.officials == 0:
        found["politicians"] = "nobody"
    if not values.why and (lacking := lacking_halves(values.workshops, offered)):
        found["why"] = "both" if len(lacking) > 1 else lacking[0]
    return found


def zone_among(zones: Sequence[str], known: Sequence[str]) -> str:
    """The clock of a municipality that nobody has placed yet: of its country's zones one that we know, else the first."""
    return next((zone for zone in known if zone in zones), zones[0] if zones else "UTC")
