"""How many members have met each half, by the periods of the rules: as a drawing, its table, and a sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.languages import gettext as _
from app.membership import queries
from app.membership.commitment.taking import lines
from app.membership.queries import Progress
from app.membership.rules import HALVES
from app.membership.shown import period, side_name
from app.organisations.models import Network
from app.reports.shown import STEP, WIDTH, Bar

LABEL = 300  # room for years and a half


@dataclass(frozen=True)
class Kept:
    """One half under one rule: of so many members so many have met it, so many were let off."""

    period: str
    whom: str
    half: str
    met: int
    waived: int
    members: int


def read(network: Network, now: datetime, year: int | None = None) -> list[Progress]:
    """Everybody under each rule that has begun, the oldest first; or under those of one year. A few statements a rule."""
    begun = [rule for rule in reversed(queries.rules_of(network.id)) if rule.starts_on <= now.date()]
    return lines.under([rule for rule in begun if year is None or rule.starts_on.year <= year <= rule.ends_on.year], network, now)


def kept(progresses: Sequence[Progress]) -> list[Kept]:
    """The numbers of each rule and half that it asks for, by the states that the page of commitments shows."""
    found = []
    for rule in dict.fromkeys(one.rule for one in progresses):
        whom = _("Each of its people") if rule.scope == "person" else _("Each organisation")
        for side in HALVES:
            if getattr(rule, side):
                states = Counter(one.halves[side].state for one in progresses if one.rule is rule)
                found.append(Kept(period(rule), whom, side_name(side), states["met"], states["waived"], states.total()))
    return found


def bars(rows: Sequence[Kept]) -> list[Bar]:
    """How many have met each half, on one scale: the full width is every member."""
    most = max((row.members for row in rows), default=0) or 1
    room = WIDTH - LABEL - 60
    return [Bar(number * STEP, round(room * row.met / most), f"{row.period}, {row.half}", row.met) for number, row in enumerate(rows)]
