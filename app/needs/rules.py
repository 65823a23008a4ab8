"""What can be needed, and whether what was typed may be kept; plain values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KINDS = ("food", "access", "interpretation", "visa")
OTHER = "other"
CHOICES: dict[str, tuple[str, ...]] = {
    "food": ("vegetarian", "vegan", "gluten_free", "lactose_free", "halal", "kosher", OTHER),
    "access": (),
    "interpretation": ("sv", "es", "en", OTHER),
    "visa": ("letter",),
}
LONGEST = {"food": 200, "access": 500, "interpretation": 100, "visa": 500}
OVER = ("cancelled", "declined")  # states of a registration in which nobody needs anything any more


@dataclass(frozen=True)
class Said:
    """One need: what was chosen from the list, and the own words."""

    choices: tuple[str, ...] = ()
    words: str = ""

    def __bool__(self) -> bool:
        return bool(self.choices or self.words)


Needs = Mapping[str, Said]  # by kind


@dataclass(frozen=True)
class Given:
    """What somebody typed, and whether the box under it was ticked."""

    needs: Needs = field(default_factory=dict)
    agreed: bool = False


@dataclass(frozen=True)
class Whose:
    """A registration, as far as its needs must know."""

    registration_id: int
    person_id: int
    workshop_id: int


def judge(given: Given, *, standing: bool = False) -> tuple[dict[str, Said], dict[str, str]]:
    """({kind: need}, {kind, or `consent`: code of what is wrong}). `standing`: the person has agreed before, and still does.

    Words without a choice are a choice of their own: an allergy is not lost because a box was not ticked.
    """
    needs: dict[str, Said] = {}
    wrong: dict[str, str] = {}
    for kind in KINDS:
        said = _with_choice(kind, given.needs.get(kind, Said()))
        if problem := _problem(kind, said):
            wrong[kind] = problem
        if said:
            needs[kind] = said
    if needs and not (given.agreed or standing):
        wrong["consent"] = "missing"
    return needs, wrong


def _with_choice(kind: str, said: Said) -> Said:
    offered = CHOICES[kind]
    known = tuple(code for code in offered if code in said.choices)
    said = Said(known + tuple(sorted(set(said.choices) - set(offered))), said.words)
    if not said.words or said.choices or not offered:
        return said
    return Said((offered[-1],), said.words)


def _problem(kind: str, said: Said) -> str:
    if not set(said.choices) <= set(CHOICES[kind]) or (kind != "food" and len(said.choices) > 1):
        return "choice"
    if OTHER in said.choices and not said.words:
        return "words"
    return "long" if len(said.words) > LONGEST[kind] else ""


@dataclass(frozen=True)
class Traveller:
    """A registration, as far as a letter for a visa goes: its state, the country of whom they come for, and that of the venue."""

    state: str
    home: str | None
    venue: str | None
    format: str
    asked: bool


def may_need_letter(home: str | None, venue: str | None, form: str) -> bool:
    """Whether somebody from there may have to cross a border to come: also if nobody knows where from."""
    return form != "online" and venue is not None and home != venue


def lacks_letter(one: Traveller) -> bool:
    """Whether somebody is reminded to ask for a letter: has a seat, surely comes from another country, and has not asked."""
    return one.state == "confirmed" and one.home is not None and may_need_letter(one.home, one.venue, one.format) and not one.asked


def is_too_late(until: datetime, now: datetime) -> bool:
    """Whether letters are not written any more; whoever asks in the last moment has asked in time."""
    return now > until


def erased_from(ends_at: datetime, kept: int, agreed: int | None) -> datetime:
    """When needs are to be gone: so many days after the workshop's end as is set, and never more than the person agreed to."""
    return ends_at + timedelta(days=kept if agreed is None else min(kept, agreed))
