"""A row of a table or an entry of a calendar as the values of a draft, with all that is wrong with it in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import cached_property, lru_cache
from typing import TypeVar

from app.exchange import rules
from app.languages import LANGUAGES, city, country, language, using
from app.languages import gettext as _
from app.organisations.models import Network
from app.web import UNWANTED, tidy
from app.web.forms import is_piled
from app.workshops.checking import problems
from app.workshops.form.forms import COUNTRIES, LIMITS
from app.workshops.models import ACCESS, FORMATS, THEMES
from app.workshops.rules import ZONES
from app.workshops.showing.names import access_name, format_name, theme_name
from app.workshops.values import Values

T = TypeVar("T")

LENGTHS = {**LIMITS, "venue": 200, "street_address": 300, "place": 120, "join_url": 500, "contact": 320}
ZONE_OF_COUNTRY = {
    "SE": "Europe/Stockholm", "CO": "America/Bogota", "GT": "America/Guatemala", "MX": "America/Mexico_City",
    "HN": "America/Tegucigalpa", "SV": "America/El_Salvador", "NI": "America/Managua", "CR": "America/Costa_Rica",
    "PA": "America/Panama", "PE": "America/Lima", "EC": "America/Guayaquil", "BO": "America/La_Paz", "VE": "America/Caracas",
    "CL": "America/Santiago", "PY": "America/Asuncion", "AR": "America/Argentina/Buenos_Aires", "UY": "America/Montevideo",
    "BR": "America/Sao_Paulo", "DO": "America/Santo_Domingo", "CU": "America/Havana", "GB": "Europe/London", "ES": "Europe/Madrid",
    "BE": "Europe/Brussels", "FI": "Europe/Helsinki", "UA": "Europe/Kyiv", "KE": "Africa/Nairobi", "ZA": "Africa/Johannesburg",
}  # fmt: skip
FIELD_TO_COLUMN = {"organisation": "host", "network": "network", "spoken": "spoken"}
_FIRST_NUMBER = re.compile(r"^\D*1: ")


@dataclass(frozen=True)
class Place:
    """An organisation as rows name it: its names in every language, folded, and where it is."""

    id: int
    names: tuple[str, ...]
    shown: str
    place: str
    country: str
    zone: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Choices:
    """What the person chose for the whole file: what counts where a row or entry says nothing."""

    network_id: int
    zone: str
    lang: str
    starts: time
    ends: time
    contact: str = ""


@dataclass(frozen=True)
class World:
    """What rows may name."""

    networks: Sequence[Network]
    places: Sequence[Place]
    choices: Choices
    now: datetime

    def network(self, network_id: int) -> Network | None:
        """One of the networks."""
        return next((row for row in self.networks if row.id == network_id), None)

    @cached_property
    def by_name(self) -> dict[str, Place]:
        """Organisations by each of their names."""
        return {name: place for place in reversed(self.places) for name in place.names}

    @cached_property
    def by_town(self) -> dict[str, list[Place]]:
        """Organisations by their town."""
        found: dict[str, list[Place]] = {}
        for place in self.places:
            found.setdefault(rules.fold(place.place), []).append(place)
        return found

    def organisation(self, name: str) -> Place | None:
        """The organisation of that name in any language, else the one that alone is in the town of that name."""
        return self.by_name.get(rules.fold(name)) or self.town(name)

    def town(self, name: str) -> Place | None:
        """Where a town is, if exactly one place of the network's organisations has that name."""
        there = self.by_town.get(rules.fold(name), [])
        return there[0] if len({(place.country, place.zone) for place in there}) == 1 else None

    def nearest(self, name: str) -> str:
        """The name of an organisation that looks most like it, by its town or as a whole; empty if none does."""
        wanted = rules.fold(name)[:100]
        for word in wanted.split()[:8]:
            if found := get_close_matches(word, self.by_town, 1, 0.85):
                return self.by_town[found[0]][0].shown
        found = get_close_matches(wanted, self.by_name, 1, 0.8)
        return self.by_name[found[0]].shown if found else ""


@dataclass(frozen=True)
class Wrong:
    """What is wrong, and in which column or property."""

    where: str
    words: str


@dataclass
class Draft:
    """A row on its way to become a draft. Without `values` it cannot."""

    line: int
    title: str
    title_lang: str = ""
    values: Values | None = None
    uid: str = ""
    wrong: list[Wrong] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cancelled: bool = False

    @property
    def key(self) -> str:
        """What it is remembered by."""
        if self.uid:
            return rules.key_of_uid(self.uid)
        titles = [text.title for text in self.values.texts.values() if text.title] if self.values else [self.title]
        return rules.key_of_row(sorted(titles), self.first_day.isoformat() if self.first_day else "")

    @property
    def first_day(self) -> date | None:
        return min(self.values.days).on if self.values and self.values.days else None

    def complain(self, where: str, words: str) -> None:
        """Adds what is wrong, once a column."""
        if all(one.where != where for one in self.wrong):
            self.wrong.append(Wrong(where, words))


def check(draft: Draft, values: Values, world: World, label: Callable[[str], str]) -> None:
    """Completes a draft: the places' defaults, lengths, signs, and all that the form would say of the same values.

    `label` gives what the file calls the column of a field.
    """
    network = world.network(values.network_id)
    for name, text in _texts(values):
        kind = name.rpartition("_")[0] if name[-3:-2] == "_" and name[-2:] in LANGUAGES else name
        if UNWANTED.search(text) or is_piled(text):
            draft.complain(label(name), _("%(field)s has characters that cannot be shown. Type it again.", field=label(name)))
        elif len(text) > LENGTHS[kind]:
            draft.complain(label(name), _("%(field)s must be %(max)s characters or fewer", field=label(name), max=LENGTHS[kind]))
    if network is None:
        draft.complain(label("network"), _("Choose a network from the list"))
        return
    for name, words in problems.find(values, network, world.now).items():
        days, _hyphen, rest = name.partition("-")
        day_columns = {"starts": "starts", "ends": "ends"}
        column = day_columns.get(rest.rpartition("-")[2], "first_day") if days == "days" and rest else name
        said = _FIRST_NUMBER.sub("", words) if len(values.days) == 1 or name.startswith("days-0") else words
        draft.complain(label(FIELD_TO_COLUMN.get(column, column)), said[:1].upper() + said[1:])
    draft.values = values


def _texts(values: Values) -> list[tuple[str, str]]:
    """(field, text) of everything that was typed as words."""
    found = [(f"{name}_{lang}", getattr(text, name)) for lang, text in values.texts.items() for name in rules.TEXTS]
    return [*found, *((name, getattr(values, name)) for name in ("venue", "street_address", "place", "join_url", "contact"))]


def located(values: Values, host: Place | None, world: World, zone: str) -> Values:
    """Town, country, point and clock completed from the host and from the town; `zone` is what the row itself says.

    A host elsewhere does not move a workshop whose town is named.
    """
    near = world.town(values.place) if values.place else host if values.format != "online" else None
    if near is not None:
        fits = values.country in {None, near.country}
        point = (near.latitude, near.longitude) if fits and values.latitude is None and values.longitude is None else None
        values = replace(values, place=near.place if fits else values.place, country=values.country or near.country)
        if point:
            values = replace(values, latitude=point[0], longitude=point[1])
        if not zone and fits:
            zone = near.zone
    if not zone and values.country:
        zone = ZONE_OF_COUNTRY.get(values.country, "")
    if not zone and host is not None and not values.country:
        zone = host.zone
    return replace(values, zone=zone or world.choices.zone)


# Words of the file, in any language --------------------------------------------------------------------------------


def _in_all_languages(codes: Sequence[str], name: Callable[[str], str]) -> dict[str, str]:
    found = {rules.fold(code): code for code in codes}
    for lang in LANGUAGES:
        with using(lang):
            found |= {rules.fold(name(code)): code for code in reversed(codes)}
    return found


@lru_cache(maxsize=1)
def words() -> Mapping[str, Mapping[str, str]]:
    """{kind: {folded word: code}} of formats, themes, access, languages, countries and clocks, in the three languages."""
    return {
        "format": _in_all_languages(FORMATS, format_name),
        "theme": _in_all_languages(THEMES, theme_name),
        "access": _in_all_languages(ACCESS, access_name),
        "language": _in_all_languages(tuple(LANGUAGES), language),
        "country": _in_all_languages(COUNTRIES, country),
        "zone": _in_all_languages(ZONES, city),
    }


def code_of(kind: str, text: str) -> str | None:
    """The code that a word stands for, in whichever language it is."""
    return words()[kind].get(rules.fold(text))


def plain(text: str) -> str:
    """One line: a line break typed into a cell becomes a blank."""
    return " ".join(tidy(text).split())


def moment(on: date, at: time) -> datetime:
    """A time on the wall."""
    return datetime.combine(on, at)
