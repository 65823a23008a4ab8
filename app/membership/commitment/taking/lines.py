"""Commitments as rows of a sheet: organisation, rule, half, state; by the same functions as the staff's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.exchange.cells import Cell
from app.languages import country, pgettext
from app.languages import gettext as _
from app.membership import queries, shown
from app.membership.commitment import table
from app.membership.models import CommitmentRule
from app.membership.queries import Progress
from app.membership.rules import HALVES
from app.organisations.models import Network


def under(rules: Iterable[CommitmentRule], network: Network, now: datetime) -> list[Progress]:
    """How far everybody is with each of these rules; two or three statements a rule, however many members."""
    return [one for rule in rules for one in queries.progress_of(rule, queries.members_under(rule, network, now), now)]


def heads() -> list[tuple[str, int]]:
    """The columns, with their widths."""
    names = [(_("Municipality or region"), 34), (_("Country"), 16), (_("Period"), 14), (_("What is asked"), 44)]
    return [*names, (_("Half"), 16), (_("State"), 14), (_("How"), 40)]


def rows(progresses: Sequence[Progress]) -> list[list[Cell]]:
    """A row for each organisation and half, in the order of the page: at risk first under each rule."""
    found: list[list[Cell]] = []
    for rule in dict.fromkeys(one.rule for one in progresses):
        asked = [shown.period(rule), shown.asked(rule)]
        for row in table.table([one for one in progresses if one.rule is rule], {}):
            of = row.progress.organisation
            for side in HALVES:
                half = row.halves[side]
                found.append([of.name, country(of.country), *asked, shown.side_name(side), state_name(half.state), half.short])
    return found


def state_name(state: str) -> str:
    """'Met'."""
    return {
        "met": pgettext("commitment", "Met"),
        "booked": pgettext("commitment", "Booked"),
        "open": pgettext("commitment", "Open"),
        "risk": pgettext("commitment", "At risk"),
        "missed": pgettext("commitment", "Missed"),
        "waived": pgettext("commitment", "Waived"),
    }[state]
