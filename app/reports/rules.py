"""Who took part, counted in groups; and which groups' women and men may be told without telling of anybody. Plain values only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

FEWEST = 5  # so many women, or men, or others, or none at all: fewer are somebody
GENDERS = ("woman", "man", "")  # of who said something else, and of who said nothing, one number: each alone would be few
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Took:
    """One person at one workshop that they attended."""

    person: int
    workshop: int
    year: int
    organisation: int  # 0: none of the network's
    country: str
    region: str  # of the workshop: latin_america, sweden, online, other
    role: str  # official, politician or nothing
    gender: str
    minutes: int


@dataclass
class Group:
    """A group in numbers: people once each, times that they took part, how long together."""

    people: int = 0
    times: int = 0
    minutes: int = 0
    split: Counter[str] = field(default_factory=Counter)  # people by gender


def groups(took: Iterable[Took], key: Callable[[Took], K]) -> dict[K, Group]:
    """The groups by a key, in the order in which they come up."""
    found: dict[K, Group] = {}
    seen: dict[K, set[int]] = defaultdict(set)
    for one in took:
        name = key(one)
        group = found.setdefault(name, Group())
        group.times, group.minutes = group.times + 1, group.minutes + one.minutes
        if one.person not in seen[name]:
            seen[name].add(one.person)
            group.people += 1
            group.split[one.gender if one.gender in GENDERS else ""] += 1
    return found


def is_safe(split: Mapping[str, int]) -> bool:
    """Whether nobody in particular can be meant: no number from one to four."""
    return all(not split.get(gender, 0) or split[gender] >= FEWEST for gender in GENDERS)


def told(parts: Mapping[K, Group], whole: Mapping[str, int] | None) -> frozenset[K]:
    """Of which parts of a whole women and men may be told, if the whole is told (else None): those that are safe, less so many more,
    the smallest first, that what is left over when they are taken from the whole is safe too.
    """
    if whole is None or not is_safe(whole):
        return frozenset()
    shown = [key for key, group in parts.items() if is_safe(group.split)]
    shown.sort(key=lambda key: -parts[key].people)
    while shown:
        left = Counter(dict(whole))
        for key in shown:
            left.subtract(parts[key].split)
        if is_safe({gender: abs(number) for gender, number in left.items()}):
            break
        shown.pop()
    return frozenset(shown)


@dataclass(frozen=True)
class Tables:
    """All that the report counts, and of which groups the genders are told."""

    whole: Group
    countries: Mapping[str, Group]
    organisations: Mapping[tuple[str, int], Group]
    years: Mapping[int, Group]
    roles: Mapping[str, Group]
    regions: Mapping[str, Group]
    told: frozenset[tuple[str, Hashable]]


def tables(took: Sequence[Took], *, with_genders: bool) -> Tables:
    """The whole report. Genders are told for the whole period alone: of two periods that differ by a workshop, the difference is few.

    Countries are parts of the whole, organisations of their country: of one that is not told, no part is.
    """
    whole = groups(took, lambda _one: "").get("", Group())
    countries, organisations = groups(took, lambda one: one.country), groups(took, lambda one: (one.country, one.organisation))
    years, roles, regions = groups(took, lambda one: one.year), groups(took, lambda one: one.role), groups(took, lambda one: one.region)
    shown: set[tuple[str, Hashable]] = set()
    if with_genders and is_safe(whole.split):
        shown.add(("whole", ""))
        of_countries = told(countries, whole.split)
        shown |= {("country", key) for key in of_countries}  # not of roles: what a role has and a country has not may be one person
        for country in of_countries:
            parts = {key: group for key, group in organisations.items() if key[0] == country}
            shown |= {("organisation", key) for key in told(parts, countries[country].split)}
    return Tables(whole, countries, organisations, years, roles, regions, frozenset(shown))
