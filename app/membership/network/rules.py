"""What a network may be, on plain values: its texts, its period, its calls; and how its call stands on a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.accounts.rules import is_address
from app.membership.partnership.rules import AREAS

LIMITS = {"name": 200, "purpose": 2000, "why": 4000, "joining": 4000, "call": 2000}  # characters of each text
NEEDED = ("name", "purpose")  # in every language, as a workshop's title and summary are
EARLIEST, LATEST = 2000, 2199  # years
MOST_YEARS = 20
LONGEST_CALL = 366  # days
MOST_CALLS, MOST_LINKS = 100, 50
LONGEST_TITLE, LONGEST_URL = 160, 500
State = Literal["open", "coming", "none"]
Days = tuple[date, date]  # both included


@dataclass(frozen=True)
class Text:
    """All that is said of a network in one language."""

    name: str = ""
    purpose: str = ""
    why: str = ""
    joining: str = ""
    call: str = ""


@dataclass(frozen=True)
class Values:
    """All that staff say of a network but for its members, calls and documents; `texts` by language, all of them."""

    texts: Mapping[str, Text]
    themes: tuple[str, ...]
    starts_on: date
    ends_on: date
    contact: str


@dataclass(frozen=True)
class Standing:
    """How the call stands: open, coming or none; its days unless there is none."""

    state: State
    opens_on: date | None = None
    closes_on: date | None = None


def problems(values: Values) -> dict[str, str]:
    """What is wrong, as codes by field (texts as `name_sv`): none means that it can be."""
    found: dict[str, str] = {}
    for lang, text in values.texts.items():
        for name, most in LIMITS.items():
            words = getattr(text, name)
            if name in NEEDED and not words:
                found[f"{name}_{lang}"] = f"no_{name}"
            elif len(words) > most:
                found[f"{name}_{lang}"] = "long"
    if not set(values.themes) <= set(AREAS):
        found["themes"] = "themes"
    if not is_address(values.contact):
        found["contact"] = "contact"
    return found | _of_days(values)


def _of_days(values: Values) -> dict[str, str]:
    found: dict[str, str] = {}
    if values.starts_on.year < EARLIEST:
        found["starts_on"] = "no_date"
    if values.ends_on.year > LATEST:
        found["ends_on"] = "no_date"
    elif values.ends_on <= values.starts_on:
        found["ends_on"] = "backwards"
    elif values.ends_on.year - values.starts_on.year > MOST_YEARS:
        found["ends_on"] = "too_long"
    return found


def lacks(text: Text) -> list[str]:
    """The names of the texts that are not written, in the order of the page."""
    return [name for name in LIMITS if not getattr(text, name)]


def call_problems(days: Days, others: Collection[Days], today: date, ends_on: date) -> dict[str, str]:
    """What keeps a call from being opened for these days, as codes by field. `ends_on`: the network's last day."""
    opens, closes = days
    if closes < opens:
        return {"closes_on": "backwards"}
    if closes < today:
        return {"closes_on": "past"}
    if (closes - opens).days >= LONGEST_CALL:
        return {"closes_on": "long"}
    if closes > ends_on:
        return {"closes_on": "after_end"}
    if any(opens <= last and first <= closes for first, last in others):
        return {"opens_on": "overlaps"}
    return {}


def standing(calls: Iterable[Days], today: date) -> Standing:
    """The call that is open on a day, else the next one to come."""
    ahead = sorted(days for days in calls if days[1] >= today)
    if not ahead:
        return Standing("none")
    opens, closes = ahead[0]
    return Standing("open" if opens <= today else "coming", opens, closes)
