"""What pages say of needs: to the person, to the kitchen, and to those who must act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from app.languages import gettext as _
from app.languages import language, listed, moment
from app.needs import rules
from app.needs.queries import Opened
from app.needs.rules import OTHER, Said
from app.workshops.models import Workshop


@dataclass(frozen=True)
class Seat:
    """Who sits on it, for those who may know."""

    person_id: int
    name: str
    address: str
    organisation: str
    home: str | None = None  # the country of that


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


@dataclass(frozen=True)
class Letters:
    """Until when a letter for a visa can be asked for at one workshop, on the reader's clock; and to whom one writes after that."""

    until: str
    over: bool
    contact: str

    @property
    def words(self) -> str:
        """What stands beside the box."""
        if self.over:
            return _(
                "It is too late: letters could be asked for until %(when)s. Write to us at %(address)s, and we see what can be done.",
                when=self.until,
                address=self.contact,
            )
        return _("Ask for it by %(when)s: after that we write no more letters.", when=self.until)

    @property
    def head(self) -> str:
        """The same, in a few words."""
        return _("It is too late for a letter for a visa") if self.over else _("Letters for a visa until %(when)s", when=self.until)


def find_letters(workshop: Workshop, zone: str, now: datetime, home: str | None = None) -> Letters | None:
    """None where no letter is needed, or nobody has said until when. `home`: the country that the reader comes from, if known."""
    until = workshop.letters_until
    if until is None or not rules.may_need_letter(home, workshop.country, workshop.format):
        return None
    contact = workshop.contact or current_app.config["CONFIG"].sender[1]
    return Letters(moment(until, zone), rules.is_too_late(until, now), contact)


def without_letter(opened: Iterable[Opened], seats: Mapping[int, Seat], workshop: Workshop) -> int:
    """How many with a seat come from another country and have not asked for a letter."""
    asked = {row.registration_id for row in _seated(opened, seats) if row.kind == "visa"}
    seated = (("confirmed", seat.home, number in asked) for number, seat in seats.items())
    facts = workshop.country, workshop.format
    return sum(rules.lacks_letter(rules.Traveller(state, home, *facts, asked=known)) for state, home, known in seated)


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
