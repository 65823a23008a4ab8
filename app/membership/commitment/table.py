"""The staff's table of all members and their halves, and what stands above it; finished words, in the language in force."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.accounts.models import Affiliation
from app.languages import country, day
from app.languages import gettext as _
from app.membership.queries import Progress
from app.membership.rules import HALVES, STATES, State, urgency
from app.membership.shown import HalfShown, half_of, number_word, turning_day


@dataclass(frozen=True)
class OrganisationShown:
    """A row of the staff's table."""

    progress: Progress
    halves: dict[str, HalfShown]
    contact: Affiliation | None
    at_risk: bool


@dataclass(frozen=True)
class StateLink:
    """How many there are in a state, and where they stand alone; `here` if that is this page."""

    state: State
    number: int
    url: str
    here: bool


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


def filtered(rows: Sequence[OrganisationShown], *, only: str, half: str, state: str) -> list[OrganisationShown]:
    """The rows of one tab, and of those the ones with a half in this state."""
    if only == "risk":
        rows = [row for row in rows if row.at_risk]
    elif only:
        rows = [row for row in rows if row.progress.organisation.country == only]
    return [row for row in rows if not state or half not in row.halves or row.halves[half].state == state]


def state_links(rows: Sequence[OrganisationShown], wanted: Mapping[str, str], url: Callable[[str, str], str]) -> dict[str, list[StateLink]]:
    """For each half the states that there are, with how many and the address of the table of these alone."""
    found = {}
    for side in HALVES:
        counts = Counter(row.halves[side].state for row in rows)
        here = wanted["state"] if wanted["half"] == side else ""
        found[side] = [StateLink(state, counts[state], url(side, state), state == here) for state in STATES if counts[state]]
    return found


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
    days = [turning_day(row.progress, half) for row in rows for half in row.progress.halves.values() if half.state == "risk"]
    if closing and len({side for _at, side in closing}) == 1:
        side = closing[0][1]
        lacks = _("The workshop in Sweden is missing.") if side == "sweden" else _("The workshop in Latin America is missing.")
        sentence = f"{sentence} {lacks}"
    if closing:
        sentence += " " + _("The first of them is missed after %(day)s.", day=day(min(days)))
    return sentence
