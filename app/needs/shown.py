"""What pages say of needs: to the person, to the kitchen, and to those who must act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.languages import gettext as _
from app.languages import language, listed
from app.needs import rules
from app.needs.queries import Opened
from app.needs.rules import OTHER, Said


@dataclass(frozen=True)
class Seat:
    """Who sits on it, for those who may know."""

    person_id: int
    name: str
    address: str
    organisation: str


@dataclass(frozen=True)
class Counts:
    """How many need what: no names, and no order that would give them away."""

    seats: int
    asking: int
    food: list[tuple[str, int]]
    together: list[tuple[str, int]]  # several at once, on one plate
    food_words: list[str]
    access: list[str]
    interpretation: list[tuple[str, int]]
    letters: int
    unreadable: int


@dataclass(frozen=True)
class Line:
    """One person, and what to do for them: (what it is about, what was said)."""

    seat: Seat
    needs: list[tuple[str, str]]


def kind_names() -> dict[str, str]:
    """What each kind is called."""
    return {"food": _("Food"), "access": _("Access"), "interpretation": _("Interpretation"), "visa": _("Letter for a visa")}


def name_of(kind: str, code: str) -> str:
    """A choice in words."""
    if kind == "interpretation":
        return _("Another language") if code == OTHER else language(code)[:1].upper() + language(code)[1:]
    foods = {
        "vegetarian": _("Vegetarian"),
        "vegan": _("Vegan"),
        "gluten_free": _("Without gluten"),
        "lactose_free": _("Without lactose"),
        "halal": _("Halal"),
        "kosher": _("Kosher"),
        OTHER: _("An allergy, or something else"),
    }
    return foods.get(code, code)


def said_in_words(kind: str, said: Said) -> str:
    """'Vegan and without gluten. No nuts': what was chosen, then the own words."""
    if kind == "visa":
        return said.words or _("Yes")
    chosen = [code for code in said.choices if code != OTHER]
    return ". ".join(part for part in (_together(kind, chosen), said.words) if part)


def _together(kind: str, codes: Sequence[str]) -> str:
    names = [name_of(kind, code) for code in codes]
    return listed([*names[:1], *(name[:1].lower() + name[1:] for name in names[1:])]) if names else ""


def counts(opened: Iterable[Opened], seats: Mapping[int, Seat]) -> Counts:
    """Of those with a seat only; whoever waits eats nothing yet."""
    rows = _seated(opened, seats)
    of = {kind: [row.said for row in rows if row.kind == kind and row.said is not None] for kind in rules.KINDS}
    plates = Counter(said.choices for said in of["food"] if len(said.choices) > 1)
    tongues = Counter(_tongue(said) for said in of["interpretation"])
    return Counts(
        seats=len(seats),
        asking=len({row.registration_id for row in rows}),
        food=_tally("food", of["food"]),
        together=sorted((_together("food", codes), number) for codes, number in plates.items()),
        food_words=_words(of["food"]),
        access=_words(of["access"]),
        interpretation=sorted(tongues.items(), key=lambda one: (-one[1], one[0])),
        letters=len(of["visa"]),
        unreadable=sum(row.said is None for row in rows),
    )


def names(opened: Iterable[Opened], seats: Mapping[int, Seat]) -> list[Line]:
    """Everybody with a seat who needs something, by name."""
    called = kind_names()
    found: dict[int, Line] = {}
    for row in _seated(opened, seats):
        words = said_in_words(row.kind, row.said) if row.said is not None else _("cannot be read")
        line = found.setdefault(row.registration_id, Line(seats[row.registration_id], []))
        line.needs.append((called[row.kind], words))
    order = list(called.values())
    for line in found.values():
        line.needs.sort(key=lambda one: order.index(one[0]))
    return sorted(found.values(), key=lambda line: (line.seat.name.casefold(), line.seat.person_id))


def _seated(opened: Iterable[Opened], seats: Mapping[int, Seat]) -> list[Opened]:
    return [row for row in opened if (seat := seats.get(row.registration_id)) is not None and seat.person_id == row.person_id]


def _tally(kind: str, all_said: Sequence[Said]) -> list[tuple[str, int]]:
    numbers = Counter(code for said in all_said for code in said.choices)
    return [(name_of(kind, code), numbers[code]) for code in rules.CHOICES[kind] if numbers[code]]


def _tongue(said: Said) -> str:
    return said.words if OTHER in said.choices else name_of("interpretation", said.choices[0])


def _words(all_said: Sequence[Said]) -> list[str]:
    return sorted((said.words for said in all_said if said.words), key=str.casefold)
