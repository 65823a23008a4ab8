"""A partnership opens when both have kept their commitment, or were let off; this says what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.membership import queries
from app.membership.models import CommitmentRule
from app.membership.shown import HalfShown, half_of, period
from app.organisations.models import Organisation

KEPT = frozenset({"met", "waived"})


@dataclass(frozen=True)
class Lack:
    """A half that one of the two has not closed."""

    organisation: Organisation
    rule: CommitmentRule
    half: HalfShown

    @property
    def period(self) -> str:
        """'2024'."""
        return period(self.rule)


def lacking(network_id: int, organisations: Sequence[Organisation], on: date, now: datetime) -> list[Lack]:
    """What the two lack of what was asked when the partnership begins: the rules in force on that day, else the last before it.

    A network that asks for nothing keeps nobody waiting. What is asked of each person is between the network and its members.
    """
    rules = [rule for rule in queries.rules_of(network_id) if rule.scope == "organisation"]
    found = []
    for rule in queries.rules_on(rules, on):
        for progress in queries.progress_of(rule, organisations, now):
            halves = [half_of(progress, side) for side in progress.halves]
            found += [Lack(progress.organisation, rule, half) for half in halves if half.state not in KEPT]
    return found
