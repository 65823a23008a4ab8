"""The report in words and as a drawing, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.languages import country, ngettext, sort_key, span
from app.languages import gettext as _
from app.membership.shown import side_name, where
from app.reports.queries import Facts
from app.reports.rules import Group, K, Tables, groups

WIDTH, STEP, LABEL = 760, 40, 190


@dataclass(frozen=True)
class Line:
    """A row of a table. `women` and `men` are empty where they would tell of somebody."""

    name: str
    people: int
    times: int
    hours: int
    women: int | None = None
    men: int | None = None
    other: int | None = None
    under: str = ""  # the country of an organisation


@dataclass(frozen=True)
class Bar:
    """A bar of the drawing: how far it reaches, and its words."""

    y: int
    width: int
    name: str
    number: int


@dataclass(frozen=True)
class Held:
    """A workshop of the report."""

    title: str
    title_lang: str
    when: str
    place: str
    people: int
    hours: int
    id: int


def countries(tables: Tables) -> list[Line]:
    """By the country that people come from."""
    names = {code: country(code) if code else _("Outside the network") for code in tables.countries}
    return _lines("country", tables.countries, names, tables)


def organisations(tables: Tables, facts: Facts) -> list[Line]:
    """By organisation, under its country."""
    names = {key: facts.organisations[key[1]].name if key[1] else _("Outside the network") for key in tables.organisations}
    under = {key: country(key[0]) if key[0] else "" for key in tables.organisations}
    return _lines("organisation", tables.organisations, names, tables, under)


def years(tables: Tables) -> list[Line]:
    """By the year of the workshop."""
    return [_line("year", key, group, str(key), tables) for key, group in sorted(tables.years.items())]


def roles(tables: Tables) -> list[Line]:
    """As what they came."""
    names = {"official": _("Officials"), "politician": _("Elected representatives"), "": _("Not said")}
    return [_line("role", key, tables.roles[key], names[key], tables) for key in names if key in tables.roles]


def regions(tables: Tables) -> list[Line]:
    """Where the workshops were."""
    names = {"latin_america": side_name("latin_america"), "sweden": side_name("sweden"), "online": _("Online"), "other": _("Elsewhere")}
    return [_line("region", key, tables.regions[key], names[key], tables) for key in names if key in tables.regions]


def whole(tables: Tables) -> Line:
    """All of it."""
    return _line("whole", "", tables.whole, _("Total"), tables)


def held(facts: Facts) -> list[Held]:
    """The workshops that have been, with who attended them."""
    counted = groups(facts.took, lambda one: one.workshop)
    rows = [one for one in facts.workshops.values() if one.state == "published" or one.id in counted]
    return [
        Held(
            one.text.title,
            one.text.lang,
            span(one.days[0].on, one.days[-1].on),
            where(one),
            counted.get(one.id, Group()).people,
            _hours(counted.get(one.id, Group())),
            one.id,
        )
        for one in rows
    ]


def for_funder(facts: Facts) -> list[list[str | int]]:
    """A line for each year, country and role, in this order."""
    names = {"official": _("Officials"), "politician": _("Elected representatives"), "": _("Not said")}
    counted = groups(facts.took, lambda one: (one.year, one.country, one.role))
    return [
        [year, country(code) if code else _("Outside the network"), names[role], group.people, group.times, _hours(group)]
        for (year, code, role), group in sorted(counted.items())
    ]


def bars(lines: Sequence[Line]) -> list[Bar]:
    """How many people each line stands for, as bars that share one scale."""
    most = max((line.people for line in lines), default=0) or 1
    return [
        Bar(number * STEP, round((WIDTH - LABEL - 60) * line.people / most), line.name, line.people) for number, line in enumerate(lines)
    ]


def lede(line: Line, workshops: int) -> str:
    """'142 people took part 301 times in 12 workshops: 2,105 hours together.'."""
    people = ngettext("%(num)s person has taken part", "%(num)s people have taken part", line.people)
    number = ngettext("in %(num)s workshop", "in %(num)s workshops", workshops)
    together = ngettext("%(num)s hour together", "%(num)s hours together", line.hours)
    return _("%(people)s %(workshops)s, %(hours)s.", people=people, workshops=number, hours=together)


def _lines(kind: str, found: Mapping[K, Group], names: Mapping[K, str], tables: Tables, under: Mapping[K, str] | None = None) -> list[Line]:
    order = sorted(found, key=lambda key: (sort_key(under[key]) if under else "", sort_key(names[key])))
    return [_line(kind, key, found[key], names[key], tables, under[key] if under else "") for key in order]


def _line(kind: str, key: object, group: Group, name: str, tables: Tables, under: str = "") -> Line:
    told = (kind, key) in tables.told
    women, men, other = (group.split[gender] for gender in ("woman", "man", "")) if told else (None, None, None)
    return Line(name, group.people, group.times, _hours(group), women, men, other, under)


def _hours(group: Group) -> int:
    return round(group.minutes / 60)
