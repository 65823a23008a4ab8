"""Swedish, Spanish, English: choose one, switch for a block, translate, and write dates as an official would.

Catalogues are read from the `.po` files themselves, so there is nothing to build. No request is needed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, tzinfo
from functools import cache, lru_cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast
from unicodedata import normalize
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, get_timezone_location
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import LazyProxy, NullTranslations, Translations
from flask import Flask
from jinja2 import Environment
from werkzeug.http import parse_accept_header
from wtforms.meta import DefaultMeta

from app.folding import fold

LANGUAGES: dict[str, str] = {"sv": "Svenska", "es": "Español", "en": "English"}
DEFAULT = "en"
CATALOGUES = Path(__file__).parent / "translations"
_SOUND_OF_I = re.compile(r"h?[ií](?![aeo])", re.IGNORECASE)
_NEIGHBOURS = dict.fromkeys(("nb", "nn", "no", "da"), "sv")  # who read Swedish sooner than English
LOCALES = {"sv": Locale("sv", "SE"), "es": Locale("es", "419"), "en": Locale("en", "GB")}

_current: ContextVar[str] = ContextVar("language", default=DEFAULT)
_loaded: dict[str, NullTranslations] = {}
_loading = threading.Lock()


class Texts(Protocol):
    """A row of texts in one language."""

    lang: str


Row = TypeVar("Row", bound=Texts)


def current() -> str:
    """The language in force: the reader's in a request, the recipient's while a mail is written."""
    return _current.get()


@contextmanager
def using(lang: str) -> Iterator[None]:
    """The language for a block."""
    token = _current.set(known(lang))
    try:
        yield
    finally:
        _current.reset(token)


def switch(lang: str) -> None:
    """The language from here to the end of the request."""
    _current.set(known(lang))


def known(lang: str | None) -> str:
    """`lang` if we speak it, else the default."""
    return lang if lang in LANGUAGES else DEFAULT


def choose(header: str, cookie: str | None = None) -> str:
    """The language for a reader who has not said: the cookie, else the first we speak of Accept-Language (RFC 9110)."""
    if cookie in LANGUAGES:
        return str(cookie)
    wishes = sorted(parse_accept_header(header), key=lambda wish: -wish[1])
    codes = [name.lower().partition("-")[0] for name, quality in wishes if quality > 0]
    return next((code for name in codes if (code := _NEIGHBOURS.get(name, name)) in LANGUAGES), DEFAULT)


@cache
def fingerprint(folder: Path = CATALOGUES) -> str:
    """Changes with any catalogue: for what is made of their words and kept."""
    return sha256(b"".join(path.read_bytes() for path in sorted(folder.rglob("*.po")))).hexdigest()


def gettext(message: str, /, **values: object) -> str:
    """The message in the language in force, with its %(name)s filled in."""
    found = _catalogue(current()).ugettext(message)
    return str(found % values if values else found)


def ngettext(one: str, many: str, num: int, /, **values: object) -> str:
    """The message in the right number; %(num)s is filled in."""
    return str(_catalogue(current()).ungettext(one, many, num) % {"num": num, **values})


def pgettext(context: str, message: str, /, **values: object) -> str:
    """A message that means different things in different places."""
    found = _catalogue(current()).upgettext(context, message)
    return str(found % values if values else found)


def lazy_gettext(message: str, /, **values: object) -> str:
    """A message that is translated when it is shown: for the labels of forms and for constants."""
    return cast(str, LazyProxy(gettext, message, enable_cache=False, **values))


def in_language(rows: Mapping[str, Row], original: str, lang: str | None = None) -> Row:
    """The row in `lang` (the language in force), else in the original language, else any; its `.lang` says which."""
    wanted = lang or current()
    return rows.get(wanted) or rows.get(original) or next(iter(rows.values()))


def _plural(one: str, many: str, num: int) -> str:
    """The message in the right number, its placeholders left as they are."""
    return _catalogue(current()).ungettext(one, many, num)


def _catalogue(lang: str) -> NullTranslations:
    """The catalogue of one language, read once a process. English is the language of the messages themselves."""
    if lang not in _loaded:
        with _loading:
            path = CATALOGUES / lang / "LC_MESSAGES" / "messages.po"
            if path.exists():
                compiled = BytesIO()
                with path.open("rb") as file:
                    write_mo(compiled, read_po(file, locale=lang))
                compiled.seek(0)
                _loaded[lang] = Translations(compiled)
            else:
                _loaded[lang] = NullTranslations()
    return _loaded[lang]


# Dates, times and names ------------------------------------------------------------------------------------------


def _locale(lang: str | None = None) -> Locale:
    return LOCALES[known(lang or current())]


def day(value: date) -> str:
    """'Tuesday 19 March 2024', 'martes 19 de marzo de 2024', 'tisdag 19 mars 2024'."""
    patterns = {"es": "EEEE d 'de' MMMM 'de' y"}
    return format_date(value, patterns.get(current(), "EEEE d MMMM y"), locale=_locale())


def day_short(value: date) -> str:
    """'19 March 2024'."""
    patterns = {"es": "d 'de' MMMM 'de' y"}
    return format_date(value, patterns.get(current(), "d MMMM y"), locale=_locale())


def weekday_day(value: date) -> str:
    """'Tuesday 19 March', for lists under a heading that has the year."""
    patterns = {"es": "EEEE d 'de' MMMM"}
    return format_date(value, patterns.get(current(), "EEEE d MMMM"), locale=_locale())


def weekday(value: date) -> str:
    """'Tuesday', 'martes', 'tisdag'."""
    return format_date(value, "EEEE", locale=_locale())


def weekday_short(value: date) -> str:
    """'Wed', 'mié', 'ons'."""
    return format_date(value, "EEE", locale=_locale()).rstrip(".")


def month_short(value: date) -> str:
    """'Mar', 'mar', 'mars', without a full stop."""
    return format_date(value, "LLL", locale=_locale()).rstrip(".")


def month_name(value: date) -> str:
    """'March', 'marzo', 'mars'."""
    return format_date(value, "LLLL", locale=_locale())


def span(first: date, last: date) -> str:
    """'18–21 March 2024', '30 September – 2 October 2024', or one day with its weekday."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        days = f"{first.day}–{last.day}"  # noqa: RUF001  an en dash between numbers
        month = month_name(first)
        return f"{days} de {month} de {first.year}" if current() == "es" else f"{days} {month} {first.year}"
    start = weekdayless(first) if first.year == last.year else day_short(first)
    return f"{start} – {day_short(last)}"  # noqa: RUF001


def weekdayless(value: date) -> str:
    """'30 September'."""
    return format_date(value, "d 'de' MMMM" if current() == "es" else "d MMMM", locale=_locale())


def hours(start: time | datetime, end: time | datetime) -> str:
    """'16:00–18:00', in 24 hours everywhere."""
    return f"{start.hour:02}:{start.minute:02}–{end.hour:02}:{end.minute:02}"  # noqa: RUF001  strftime takes ten times as long


def moment(value: datetime, zone: str) -> str:
    """'8 March 2024, 17:00 in Bogotá': an instant on the wall of a zone, with the zone named."""
    local = value.astimezone(ZoneInfo(zone))
    return gettext("%(day)s, %(time)s in %(city)s", day=day_short(local.date()), time=f"{local:%H:%M}", city=city(zone))


def city(zone: str) -> str:
    """The city that names a zone, in the language in force: 'Stockholm', 'Estocolmo'. Ciudad de Guatemala is a city."""
    if zone == "America/Guatemala":
        return gettext("Guatemala City")
    if zone == "America/Bogota":
        return "Bogotá"
    if zone in {"UTC", "Etc/UTC"}:
        return "UTC"
    return _location(zone, known(current()))


@cache
def _location(zone: str, lang: str) -> str:
    """Babel takes half a millisecond for what never changes, and each entry of a calendar names two cities."""
    return str(get_timezone_location(ZoneInfo(zone), locale=LOCALES[lang], return_city=True)).rpartition("/")[2]  # not 'Argentina/…'


def country(code: str) -> str:
    """The name of a country (ISO 3166-1 alpha-2)."""
    return _named("territories", code, known(current()))


@lru_cache(2_000)
def _named(what: str, code: str, lang: str) -> str:
    """What CLDR calls it; Babel looks through several layers each time."""
    return str(getattr(LOCALES[lang], what).get(code, code))


def countries_named(word: str) -> list[str]:
    """The codes of the countries whose name, in any of the three languages, holds this folded word."""
    return [code for code, names in _folded_countries().items() if word in names]


@cache
def _folded_countries() -> dict[str, str]:
    codes = [str(code) for code in LOCALES[DEFAULT].territories if len(str(code)) == 2]
    return {code: "\n".join(fold(locale.territories.get(code, code)) for locale in LOCALES.values()) for code in codes}


def zones_of(code: str) -> tuple[str, ...]:
    """The zones of a country by CLDR, none if it is unknown."""
    return tuple(get_global("territory_zones").get(code, ()))


def language(code: str) -> str:
    """The name of a language in the language in force."""
    return _named("languages", code, known(current()))


def listed(words: Sequence[str]) -> str:
    """'Spanish, Swedish and English'. Spanish says 'e' before the sound of an i: 'español e inglés', but 'nieve y hielo'."""
    return _listed(tuple(words), known(current()))


@lru_cache(200)
def _listed(words: tuple[str, ...], lang: str) -> str:
    text = format_list(list(words), locale=LOCALES[lang])
    if lang == "es" and len(words) > 1 and _SOUND_OF_I.match(words[-1]):
        return f"{text.removesuffix(f' y {words[-1]}')} e {words[-1]}"
    return text


def decimal(value: float) -> str:
    """'4.3', '4,3': with one digit after the sign that the language has there."""
    return format_decimal(value, "0.0", locale=_locale())


def zone(name: str) -> tzinfo:
    """The zone of that name in the tz database. Raises ValueError for any other text."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"unknown time zone {name!r}"
        raise ValueError(message) from error


def sort_key(text: str) -> tuple[str, ...]:
    """Orders names as the language does: å ä ö after z in Swedish only, ñ after n in Spanish; accents else do not count."""
    if text.isascii():
        return tuple(text.casefold())
    special = {"sv": {"å": "z1", "ä": "z2", "ö": "z3"}, "es": {"ñ": "n~"}}.get(current(), {})
    return tuple(special.get(c) or normalize("NFD", c)[0] for c in normalize("NFC", text).casefold())


def init_app(app: Flask) -> None:
    """Gives the templates the words and the dates."""
    prepare(app.jinja_env)


def prepare(env: Environment) -> None:
    """Installs translation and the filters into any Jinja environment (pages and mails)."""
    env.add_extension("jinja2.ext.i18n")
    install: Callable[..., None] = env.install_gettext_callables  # type: ignore[attr-defined]  # added by the extension
    install(gettext, _plural, newstyle=True, pgettext=pgettext)  # Jinja fills the placeholders itself
    env.policies["ext.i18n.trimmed"] = True
    for function in (day, day_short, weekday_day, weekday, weekday_short, month_short, month_name, moment, city, country, language, listed):
        env.filters[function.__name__] = function
    env.filters["clock_hours"] = hours
    env.globals["format_range"] = span


class FormMeta(DefaultMeta):
    """WTForms' own messages in our words and languages; every form's Meta derives from it."""

    def get_translations(self, form: Any) -> Any:  # noqa: ARG002  WTForms' signature
        return self

    def gettext(self, string: str) -> str:
        return gettext("Choose from the list") if "choice" in string.lower() else gettext(string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        if "longer than" in singular:
            return gettext("Use at most %(most)s characters.", most=n)
        return _catalogue(current()).ungettext(singular, plural, n)
