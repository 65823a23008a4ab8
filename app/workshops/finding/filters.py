"""What readers narrow workshops to: read from an address, said in words, asked of the database, offered as options."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_

from app.languages import country, sort_key
from app.languages import gettext as _
from app.workshops.models import FORMATS, STATES, THEMES, Workshop
from app.workshops.rules import LANGUAGES, LATIN_AMERICA, region
from app.workshops.showing.names import Options, format_name, language_name, theme_name

REGIONS = ("latin_america", "sweden", "online")
MOST_TOWNS = 40  # that a select offers
LONGEST_PLACE = 120
ANY = ""


@dataclass(frozen=True)
class Filters:
    """What the reader wants to see; empty is everything. Words we do not know count as empty."""

    region: str = ANY
    country: str = ANY
    place: str = ANY
    language: str = ANY
    theme: str = ANY
    format: str = ANY
    open: bool = False

    @classmethod
    def read(cls, words: dict[str, str]) -> Filters:
        """Out of an address."""
        code, place = words.get("country", ""), " ".join(words.get("place", "").split())
        return cls(
            region=_known(words, "region", REGIONS),
            country=code.upper() if len(code) == 2 and code.isascii() and code.isalpha() else ANY,
            place=place if len(place) <= LONGEST_PLACE else ANY,
            language=_known(words, "language", LANGUAGES),
            theme=_known(words, "theme", THEMES),
            format=_known(words, "format", FORMATS),
            open=bool(words.get("open")),
        )

    def __bool__(self) -> bool:
        return bool(self.address())

    def address(self) -> dict[str, Any]:
        """As it stands in an address."""
        return {name: "1" if value is True else value for name, value in asdict(self).items() if value}


NO_FILTERS = Filters()


@dataclass(frozen=True)
class Kind:
    """What some public workshop is like: the filters offer nothing that no workshop is."""

    country: str | None
    place: str
    spoken: str
    theme: str | None
    format: str


def conditions(filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    """What the database is asked for. A country and a place are where people meet: not where an online one is hosted."""
    found: list[ColumnElement[bool]] = []
    if filters.region:
        found.append(_in_region(filters.region))
    if filters.country:
        found.append((Workshop.country == filters.country) & (Workshop.format != "online"))
    if filters.place:
        found.append(_in_town(filters.place) & (Workshop.format != "online"))
    if filters.theme:
        found.append(Workshop.theme == filters.theme)
    if filters.format:
        found.append(Workshop.format.in_((filters.format, "both")))
    if filters.open:
        found += [
            *(Workshop.state != state for state in STATES if state != "published"),  # by time, not state by state
            Workshop.taken < Workshop.capacity,
            func.coalesce(Workshop.closes_at, Workshop.starts_at) > now,
            or_(Workshop.opens_at.is_(None), Workshop.opens_at <= now),
        ]
    if filters.language:  # the dearest comes last
        found.append(Workshop.spoken.contains(filters.language))  # two letters stand in no two codes
    return found


def town(place: str, code: str | None) -> str:
    """A town as an address names it: two countries may have one of the same name."""
    return f"{place}, {code}" if code else place


def _in_town(words: str) -> ColumnElement[bool]:
    """'San José, CR' is that one; 'San José', as older addresses have it, is any."""
    place, _comma, code = words.rpartition(", ")
    return or_(Workshop.place == words, (Workshop.place == place) & (Workshop.country == code))


def town_words(words: str) -> str:
    """'San José, Costa Rica'."""
    place, comma, code = words.rpartition(", ")
    return f"{place}, {country(code)}" if comma and country(code) != code else words


def options(kinds: Sequence[Kind], chosen: Filters) -> dict[str, Options]:
    """What each select offers, everything first: what some workshop is, and what is chosen already. A select that would
    offer nothing is left out."""
    met = [kind for kind in kinds if kind.format != "online"]
    codes = {kind.country for kind in met if kind.country} | _own(chosen.country)
    places = _places(met, chosen)
    twice = {name for name, number in Counter(places.values()).items() if number > 1}
    spoken = {code for kind in kinds for code in kind.spoken.split()} | _own(chosen.language)
    themes = {kind.theme for kind in kinds if kind.theme} | _own(chosen.theme)
    formats = {form for kind in kinds for form in _formats(kind.format)} | _own(chosen.format)
    regions = {region(kind.country, kind.format) for kind in kinds} | _own(chosen.region)
    if "online" in formats:
        regions.add("online")
    offered = {
        "region": [(ANY, _("All regions")), *((code, region_name(code)) for code in REGIONS if code in regions)],
        "country": [(ANY, _("All countries")), *_sorted((code, country(code)) for code in codes)],
        "place": [(ANY, _("All towns")), *_sorted(_named_towns(places, twice, chosen.place))],
        "language": [(ANY, _("Any language")), *((code, language_name(code)) for code in LANGUAGES if code in spoken)],
        "theme": [(ANY, _("All themes")), *((code, theme_name(code)) for code in THEMES if code in themes)],
        "format": [(ANY, _("On site and online")), *((code, format_name(code)) for code in FORMATS if code in formats)],
    }
    return {name: found for name, found in offered.items() if len(found) > 1}


def _places(met: Sequence[Kind], chosen: Filters) -> dict[str, str]:
    """The towns by their names in an address; of very many those of the chosen country, and where there is most to choose from."""
    found = Counter((town(kind.place, kind.country), kind.place, kind.country) for kind in met if kind.place)
    if len(found) > MOST_TOWNS and chosen.country:
        found = Counter({one: number for one, number in found.items() if one[2] == chosen.country})
    return {address: place for (address, place, _country), _number in found.most_common(MOST_TOWNS)}


def _named_towns(places: Mapping[str, str], twice: AbstractSet[str], chosen: str) -> list[tuple[str, str]]:
    """(as an address names it, its words): with its country where two countries have one of the name, or the address says it."""
    named = {}
    for address, place in places.items():
        value = address if place in twice or chosen == address else place
        named[value] = town_words(address) if place in twice else place
    return list(({chosen: town_words(chosen)} | named if chosen else named).items())


def words_of(filters: Filters) -> str:
    """What the list was narrowed to: 'Guatemala, Care work, with open seats'."""
    words = [
        region_name(filters.region) if filters.region else "",
        country(filters.country) if filters.country else "",
        town_words(filters.place),
        language_name(filters.language) if filters.language else "",
        theme_name(filters.theme) if filters.theme else "",
        format_name(filters.format) if filters.format else "",
        _("with open seats") if filters.open else "",
    ]
    return ", ".join(dict.fromkeys(word for word in words if word))


def region_name(code: str) -> str:
    """'Latin America', 'Sweden', 'Online'; whatever is none of them is 'Elsewhere'."""
    names = {"latin_america": _("Latin America"), "sweden": _("Sweden"), "online": _("Online")}
    return names.get(code) or _("Elsewhere")


def _in_region(code: str) -> ColumnElement[bool]:
    """As the public calendars of the regions have it: what is in a place and online too is in both."""
    if code == "online":
        return Workshop.format.in_(("online", "both"))
    here = Workshop.country == "SE" if code == "sweden" else Workshop.country.in_(LATIN_AMERICA)
    return here & (Workshop.format != "online")


def _known(words: dict[str, str], name: str, wanted: Sequence[str]) -> str:
    value = words.get(name, "")
    return value if value in wanted else ANY


def _own(value: str) -> set[str]:
    return {value} if value else set()


def _formats(code: str) -> tuple[str, ...]:
    return ("on_site", "online") if code == "both" else (code,)


def _sorted(pairs: Iterable[tuple[str, str]]) -> Options:
    return sorted(pairs, key=lambda pair: sort_key(pair[1]))
