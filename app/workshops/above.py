"""What higher features know about a workshop. They are asked by announcements, for nothing here imports them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, literal, select, union_all

from app.announcements import announce
from app.database import db
from app.organisations import queries as organisations
from app.workshops import queries, rules
from app.workshops.checking.advice import USUAL, Around
from app.workshops.models import Workshop
from app.workshops.values import Values

Asked = Select[str, str, str, int]
"""What it is, a word and a clock if it has them, and how many: answers to `network_reminds`, `who_is_told`, `questions_asked`."""


@dataclass(frozen=True)
class Beside:
    """What stands beside a workshop's form: what its days are held against, and how many people and questions it has."""

    around: Around
    told: int  # people whom a change reaches by mail
    asking: int  # those of them who wait for the staff to decide
    questions: int  # that whoever registers answers


def as_typed(workshop: Workshop, chosen: Sequence[str] | None = None) -> Values:
    """All that the form holds, the reminders too; `chosen`: those of the workshop alone, if they have been read."""
    chosen = reminders_of(workshop) if chosen is None else chosen
    return replace(queries.values_of(workshop), reminders=tuple(code for code in rules.REMINDERS if code in chosen))


def reminders_of(workshop: Workshop | None) -> list[str]:
    """The codes of the reminders chosen for this workshop alone; none if it follows its network."""
    into: list[str] = []
    announce("reminders_of", workshop=workshop, into=into)
    return into


def beside(workshop: Workshop | None, network_id: int) -> Beside:
    """All of it in one statement, out of what each feature asks; the usual clocks while the network has no members."""
    clocks = organisations.clocks_of_members(network_id).subquery()
    asked: list[Asked] = [select(literal("clock"), clocks.c.country, clocks.c.zone, literal(0))]
    announce("network_reminds", network_id=network_id, into=asked)
    if workshop is not None:
        announce("who_is_told", workshop=workshop, into=asked)
        announce("questions_asked", workshop=workshop, into=asked)
    members: set[tuple[str, str]] = set()
    reminds: set[str] = set()
    counts: dict[str, int] = {"told": workshop.taken if workshop else 0}
    for kind, word, zone, number in db.session.execute(union_all(*asked)):
        if kind == "clock":
            members.add((word, zone))
        elif kind == "reminds":
            reminds.add(word)
        else:
            counts[kind] = number
    around = Around(tuple(sorted(members, key=_place_in_line)) or USUAL, frozenset(reminds))
    return Beside(around, counts["told"], counts.get("asking", 0), counts.get("questions", 0))


def around(network_id: int) -> Around:
    """What the days of a network's workshops are held against."""
    return beside(None, network_id).around


def _place_in_line(member: tuple[str, str]) -> tuple[int, tuple[str, str]]:
    """The network's own countries in the order in which the form shows their clocks."""
    return (USUAL.index(member) if member in USUAL else len(USUAL)), member


def seated_without_hold(workshop: Workshop) -> dict[int, int]:
    """How many people of each organisation sit on seats that were held for it, whose line is gone."""
    into: dict[int, int] = {}
    announce("seated_without_hold", workshop=workshop, into=into)
    return into
