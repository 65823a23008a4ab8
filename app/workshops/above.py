"""What higher features know about a workshop. They are asked by announcements, for nothing here imports them."""

from __future__ import annotations

from dataclasses import replace

from app.announcements import announce
from app.organisations import queries as organisations
from app.workshops import queries, rules
from app.workshops.checking.advice import USUAL, Around
from app.workshops.models import Workshop
from app.workshops.values import Values


def as_typed(workshop: Workshop) -> Values:
    """All that the form holds, the reminders too."""
    chosen = reminders_of(workshop)
    return replace(queries.values_of(workshop), reminders=tuple(code for code in rules.REMINDERS if code in chosen))


def reminders_of(workshop: Workshop | None) -> list[str]:
    """The codes of the reminders chosen for this workshop alone; none if it follows its network."""
    into: list[str] = []
    announce("reminders_of", workshop=workshop, into=into)
    return into


def around(network_id: int) -> Around:
    """What the days of a network's workshops are held against; the usual clocks while it has no members."""
    reminds: set[str] = set()
    announce("network_reminds", network_id=network_id, into=reminds)
    members = {*organisations.clocks_of_members(network_id)}
    return Around(tuple(sorted(members, key=_place_in_line)) or USUAL, frozenset(reminds))


def _place_in_line(member: tuple[str, str]) -> tuple[int, tuple[str, str]]:
    """The network's own countries in the order in which the form shows their clocks."""
    return (USUAL.index(member) if member in USUAL else len(USUAL)), member


def people_told(workshop: Workshop) -> int:
    """How many people a change of this workshop reaches by mail."""
    return people(workshop)[0]


def people(workshop: Workshop) -> tuple[int, int]:
    """How many people a change of this workshop reaches by mail, and how many of them wait for the staff to decide."""
    into: list[int] = []
    asking: list[int] = []
    announce("who_is_told", workshop=workshop, into=into, asking=asking)
    return sum(into) if into else workshop.taken, sum(asking)


def questions_asked(workshop: Workshop) -> int:
    """How many questions whoever registers answers."""
    into: list[int] = []
    announce("questions_asked", workshop=workshop, into=into)
    return sum(into)
