"""Which days are holidays where. The only importer of `holidays`, which is loaded when it is first asked: it takes a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from app.languages import current

YEARS = range(1970, 2100)  # what the rules of the countries are known for
LOCALES = {"sv": ("sv", "sv_FI"), "es": ("es",), "en": ("en_GB", "en_US", "en_KE")}
KINDS = ("public", "de_facto")  # Midsummer Eve is no public holiday, but nobody in Sweden works
MOVED = (" (observado)", " (observed)")  # by law, to the Monday: it is that day that people are off
BRITISH = {"Labor Day": "Labour Day"}


@dataclass(frozen=True)
class DayOff:
    """A holiday's name, in the reader's language if it is known there, else in the country's own; `lang` is which."""

    name: str
    lang: str


def find(on: date, country: str) -> DayOff | None:
    """What is celebrated in a country on a date, if people are off."""
    if on.year not in YEARS:
        return None
    lang, names = _year(country, on.year, current())
    return DayOff(names[on], lang) if on in names else None


@lru_cache(maxsize=256)
def _year(country: str, year: int, reader: str) -> tuple[str, dict[date, str]]:
    """The language of the names, and the names of a year's holidays. None for a country that the library does not know."""
    import holidays  # noqa: PLC0415  a tenth of a second and 10 MB that only staff's pages need

    try:
        known = holidays.country_holidays(country)
    except NotImplementedError:
        return reader, {}
    locale = next((name for name in LOCALES[reader] if name in known.supported_languages), known.default_language)
    kinds = tuple(kind for kind in KINDS if kind in known.supported_categories)
    found = holidays.country_holidays(country, years=year, language=locale, categories=kinds)
    return _tag(locale), {on: ", ".join(dict.fromkeys(_tidy(name) for name in found.get_list(on))) for on in found}


def _tag(locale: str | None) -> str:
    """As HTML names a language: 'sv' for 'sv_FI', 'pt-BR' for 'pt_BR'. What has no translations is in English."""
    own, _under, rest = (locale or "en").partition("_")
    return own if own in LOCALES or not rest else f"{own}-{rest}"


def _tidy(name: str) -> str:
    for words in MOVED:
        name = name.removesuffix(words)
    return BRITISH.get(name, name)
