"""What publishing waits for, and what it could do without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from app.workshops.rules import LANGUAGES
from app.workshops.values import Text, Values

Verdict = Literal["tick", "cross", "warn"]
BOXES = {  # south, north, west, east of a country, islands included, a little too large
    "SE": (55.0, 69.5, 10.5, 24.5),
    "CO": (-4.5, 13.6, -82.0, -66.6),
    "GT": (13.5, 18.0, -92.5, -88.0),
}


@dataclass(frozen=True)
class Check:
    """One line of the list before publishing. `what` and `why` are codes; `field` is where to put it right."""

    what: str
    verdict: Verdict
    why: str = ""
    field: str = ""
    lang: str = ""


def checks(values: Values, ages: Mapping[str, datetime], today: date, hour: time = time()) -> list[Check]:
    """What publishing waits for (cross), what it could do without (warn), and what is well (tick).

    `today` and `hour` are what the clock of the place shows.
    """
    found = [_place(values), *_join(values), *_point(values), _days(values, today), *_programme(values), _seats(values), *_access(values)]
    found += [text_state(values, lang, ages) for lang in LANGUAGES]
    found += _practical(values)
    found.append(_window(values, datetime.combine(today, hour)))
    found += _letters(values, datetime.combine(today, hour))
    if not values.contact:
        found.append(Check("contact", "warn", "missing", "contact"))
    return found


def blocking(found: Iterable[Check]) -> list[Check]:
    """The crosses."""
    return [check for check in found if check.verdict == "cross"]


def _place(values: Values) -> Check:
    if values.format == "online":
        return Check("place", "tick", "online", "join_url") if values.join_url else Check("place", "warn", "no_link", "join_url")
    if not values.place:
        return Check("place", "cross", "no_place", "place")
    if not values.country:
        return Check("place", "cross", "no_country", "country")
    if not values.venue:
        return Check("place", "warn", "no_venue", "venue")
    return Check("place", "tick", "place", "place")


def _join(values: Values) -> list[Check]:
    """The link of a workshop that has a venue too, whose line says the venue."""
    return [Check("join", "warn", "no_link", "join_url")] if values.format == "both" and not values.join_url else []


def _point(values: Values) -> list[Check]:
    """A slip such as latitude and longitude changed about, or a minus left out."""
    if values.format == "online" or values.latitude is None or values.longitude is None or values.country not in BOXES:
        return []
    south, north, west, east = BOXES[values.country]
    inside = south <= values.latitude <= north and west <= values.longitude <= east
    return [] if inside else [Check("point", "warn", "outside", "latitude")]


def _window(values: Values, wall: datetime) -> Check:
    first, last = min(values.days, default=None), max(values.days, default=None)
    if values.opens is not None and values.closes is not None and values.closes <= values.opens:
        return Check("window", "cross", "closes_before_opens", "closes")
    if values.opens is not None and first is not None and values.opens >= datetime.combine(first.on, first.starts):
        return Check("window", "cross", "opens_after_start", "opens")
    if values.closes is None:
        return Check("window", "tick", "closes_at_start", "closes")
    if values.days and values.closes > max(datetime.combine(day.on, day.ends) for day in values.days):
        return Check("window", "cross", "closes_after_end", "closes")
    if values.closes <= wall and not (last and last.on < wall.date()):  # that all days have passed is said already
        return Check("window", "warn", "closed", "closes")
    return Check("window", "tick", "closes", "closes")


def _letters(values: Values, wall: datetime) -> list[Check]:
    """The last moment for a letter for a visa, where there is one; that it lies after the start is refused wherever it is typed."""
    if values.letters is None:
        return []
    if values.format == "online":
        return [Check("letters", "warn", "no_place", "letters")]
    if values.opens is not None and values.letters <= values.opens:
        return [Check("letters", "warn", "before_opening", "letters")]
    return [Check("letters", "warn", "gone", "letters") if values.letters <= wall else Check("letters", "tick", "until", "letters")]


def _days(values: Values, today: date) -> Check:
    if not values.days:
        return Check("days", "cross", "missing", "days-0-on")
    past = max(values.days).on < today
    return Check("days", "warn" if past else "tick", "past" if past else "span", "days-0-on")


def _programme(values: Values) -> list[Check]:
    """Whoever travels for several days wants to know what for."""
    missing = len(values.days) > 1 and not values.sessions
    return [Check("programme", "warn", "missing", "programme")] if missing else []


def _practical(values: Values) -> list[Check]:
    """If one language has it, the others are told that they lack it."""
    there = any(text.practical for text in values.texts.values())
    return [] if there else [Check("practical", "warn", "missing", f"practical_{values.original_lang}")]


def reminded(chosen: Sequence[str] | None, usual: Iterable[str], form: str) -> bool:
    """Whether any reminder goes out. `usual`: whom those of the network are for (all, on_site, online), which own ones replace."""
    whom = {"online" if code.startswith("hours") else "all" for code in chosen} if chosen else set(usual)
    return "all" in whom or form in whom or (form == "both" and bool(whom))


def _seats(values: Values) -> Check:
    return Check("seats", "tick", "number", "capacity") if values.capacity > 0 else Check("seats", "cross", "missing", "capacity")


def _access(values: Values) -> list[Check]:
    if values.access != "invited" or values.invitees:
        return []
    return [Check("access", "cross", "nobody", "invitees")]


def text_state(values: Values, lang: str, ages: Mapping[str, datetime]) -> Check:
    """How complete the words in one language are: also the mark under its heading in the form."""
    text, original = values.texts.get(lang, Text()), values.original
    for name in ("title", "summary"):
        if not getattr(text, name):
            return Check("text", "cross", f"no_{name}", f"{name}_{lang}", lang)
    for name in ("description", "practical"):
        if getattr(original, name) and not getattr(text, name):
            return Check("text", "warn", f"no_{name}", f"{name}_{lang}", lang)
    if is_older(lang, values.original_lang, ages):
        return Check("text", "warn", "older", f"title_{lang}", lang)
    return Check("text", "tick", "complete", f"title_{lang}", lang)


def is_older(lang: str, original: str, ages: Mapping[str, datetime]) -> bool:
    """Whether the original was changed after this language was."""
    return lang in ages and original in ages and ages[lang] < ages[original]
