"""What the numbers of a delegation are, and which advice they call for; plain values only."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

BATCH = 5  # people who have said so are counted in fives: with every one, what the last has said would show as the difference
LEAST_EACH = 2  # women or men fewer than this are not shown: the number would speak of one person, or of all
MOST = 99
WOMEN = frozenset({"woman", "female", "kvinna", "kvinnlig", "mujer", "femenino", "femenina"})
MEN = frozenset({"man", "male", "manlig", "hombre", "masculino", "varon"})


@dataclass(frozen=True)
class Counted:
    """A delegation in numbers. `majority` and `opposition` are what the coordinator typed, None if nothing; `balance` is women and men
    among those who have said so of themselves, None where that is too few to show."""

    people: int = 0
    politicians: int = 0
    officials: int = 0
    majority: int | None = None
    opposition: int | None = None
    balance: tuple[int, int] | None = None

    @property
    def unsaid(self) -> int:
        """Of how many nobody has said as what they come."""
        return self.people - self.politicians - self.officials


def balance(said: Iterable[str | None]) -> tuple[int, int] | None:
    """Women and men, by their own words in any of the three languages; other words, and none, are counted nowhere.

    `said`: in the order in which people came, of whom the first five, ten, … who have said so are counted.
    """
    plain = [words for one in said if one and (words := _plain(one)) in WOMEN | MEN]
    counted = plain[: len(plain) - len(plain) % BATCH]
    women = sum(words in WOMEN for words in counted)
    men = len(counted) - women
    return (women, men) if min(women, men) >= LEAST_EACH else None


def gender_of(said: str | None) -> str:
    """woman, man, other or nothing, by somebody's own words in any of the three languages."""
    words = _plain(said or "")
    return "woman" if words in WOMEN else "man" if words in MEN else "other" if words else ""


def advice(counted: Counted) -> str:
    """The one thing worth saying, by its name: what the network suggests and is not yet there, the first first."""
    sides = (counted.majority, counted.opposition)
    if counted.people == 0:
        return "nobody"
    if counted.politicians < 2:
        return "politicians"
    if None not in sides and 0 in sides and sum(side or 0 for side in sides) > 1:
        return "sides"
    if counted.officials == 0:
        return "officials"
    if counted.balance is not None and max(counted.balance) > 2 * min(counted.balance):
        return "balance"
    return "fine"


def _plain(words: str) -> str:
    apart = unicodedata.normalize("NFKD", words.strip().casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
