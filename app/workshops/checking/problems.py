"""What is wrong with what staff typed, field by field, in words that say what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time

from app.errors import Refused
from app.languages import LANGUAGES, country, day_short, language, ngettext, zone
from app.languages import gettext as _
from app.organisations.models import Network
from app.workshops import rules, walltime
from app.workshops.checking import checks
from app.workshops.checking.walls import of_wall
from app.workshops.models import ACCESS, FORMATS, THEMES, WAITLISTS, SeatHold, WorkshopDay
from app.workshops.values import Day, Values
from app.workshops.writing import holds, programme

MOST_HOURS = 720  # thirty days


def find(
    values: Values,
    network: Network,
    now: datetime,
    *,
    taken: int = 0,
    kept_zone: str = "",
    kept_holds: Sequence[SeatHold] = (),
    seated: Mapping[int, int] = holds.NOBODY,
) -> dict[str, str]:
    """What no draft may have either: {field: words}. A clock that is no longer offered may be kept."""
    found: dict[str, str] = {}
    if not any(text.title for text in values.texts.values()):
        found[f"title_{values.original_lang}"] = _("Enter a title in at least one language")
    found |= _choices(values)
    if values.zone not in {*rules.ZONES, kept_zone} - {""}:
        return found | {"zone": _("Choose a time zone from the list")}
    found |= _of_days(values, network)
    if len(values.days) > rules.MOST_DAYS:
        found["days-0-on"] = _("A workshop has at most %(number)s days", number=rules.MOST_DAYS)
    found |= programme.find(values)
    found |= _of_window(values)
    found |= _of_place(values)
    found |= holds.find(values, taken, kept_holds, now.astimezone(zone(values.zone)).date(), seated=seated)
    found |= _of_seats(values.capacity, taken - sum(row.unused for row in kept_holds))
    return found


def refuse(found: Mapping[str, str]) -> None:
    """Nothing is written while anything is wrong. Raises Refused."""
    if found:
        raise Refused(problems=dict(found))


def unready(values: Values, ages: Mapping[str, datetime], now: datetime) -> dict[str, str]:
    """What a published workshop may not lack: {field: words}."""
    today = now.astimezone(zone(values.zone)).date()
    return {check.field: words_of(check) for check in checks.blocking(checks.checks(values, ages, today))}


def words_of(check: checks.Check) -> str:
    """What to do about a cross."""
    words = {
        ("place", "no_place"): _("Enter the town where it takes place"),
        ("place", "no_country"): _("Choose the country where it takes place"),
        ("days", "missing"): _("Enter at least one day"),
        ("seats", "missing"): _("Enter how many seats there are, as a number such as 36"),
        ("access", "nobody"): _("Choose who is invited, or open it to the network"),
        ("window", "opens_after_start"): _("Registration must open before the workshop begins"),
        ("window", "closes_before_opens"): _("Registration must close after it opens"),
        ("window", "closes_after_end"): _("Registration must close before the workshop is over"),
    }
    if check.what == "text":
        return title_missing(check.lang) if check.why == "no_title" else summary_missing(check.lang)
    return words[check.what, check.why]


def title_missing(lang: str) -> str:
    """'Enter the title in Spanish'."""
    return _("Enter the title in %(language)s", language=language(lang))


def summary_missing(lang: str) -> str:
    """'Enter the summary in Spanish'."""
    return _("Enter the summary in %(language)s", language=language(lang))


def of_held_days(held: Sequence[WorkshopDay], matched: Mapping[int, tuple[int, Day]]) -> dict[str, str]:
    """Days that must stay on their date and do not. `matched`: {row: (place in the form, day)}."""
    found: dict[str, str] = {}
    for row in held:
        place, day = matched.get(row.id, (0, None))
        if day is None:
            found["days-0-on"] = _("%(day)s has begun, or people are checked in: it cannot be taken away", day=day_short(row.on))
        elif day.on != row.on:
            words = _("%(day)s has begun, or people are checked in: it keeps its date", day=day_short(row.on))
            found[f"days-{place}-on"] = _("Day %(number)s: %(problem)s", number=day.number or place + 1, problem=words)
    return found


def of_reasons(reasons: Mapping[str, str]) -> dict[str, str]:
    """Whoever is told reads it in the own language, so that all three are needed."""
    return {f"reason_{lang}": _("Enter the reason in %(language)s", language=language(lang)) for lang in LANGUAGES if not reasons.get(lang)}


def _choices(values: Values) -> dict[str, str]:
    found = {}
    if values.original_lang not in LANGUAGES:
        found["original_lang"] = _("Choose the language of the original")
    if values.format not in FORMATS:
        found["format"] = _("Choose whether it is on site, online or both")
    if values.access not in ACCESS:
        found["access"] = _("Choose who may register")
    if values.waitlist not in WAITLISTS:
        found["waitlist"] = _("Choose what happens when a seat becomes free")
    if values.offer_hours is not None and not 1 <= values.offer_hours <= MOST_HOURS:
        found["offer_hours"] = _("Enter whole hours from 1 to 720, such as 48")
    if values.promotion_ends_hours is not None and values.promotion_ends_hours > MOST_HOURS:
        found["promotion_ends_hours"] = _("Enter whole hours from 0 to 720, such as 24")
    if values.country and country(values.country) == values.country:
        found["country"] = _("Choose the country from the list")
    if values.theme and values.theme not in THEMES:
        found["theme"] = _("Choose a theme from the list")
    if values.reminders is not None and not set(values.reminders) <= set(rules.REMINDERS):
        found["reminders"] = _("Choose reminders from the list")
    return found


def _of_days(values: Values, network: Network) -> dict[str, str]:
    found: dict[str, str] = {}
    seen = set()
    for index, day in enumerate(values.days):
        number = {"number": day.number or index + 1}
        if not network.starts_on <= day.on <= network.ends_on:
            found[f"days-{index}-on"] = _("Day %(number)s: %(problem)s", **number, problem=_outside(day, network))
        elif day.on in seen:
            found[f"days-{index}-on"] = _("Day %(number)s: this date stands there already. Choose another one", **number)
        elif day.ends <= day.starts:
            found[f"days-{index}-ends"] = _("Day %(number)s: the end must be later than the start", **number)
        else:
            for name, wall in (("starts", day.starts), ("ends", day.ends)):
                if words := _wall_words(day, wall, values.zone):
                    found[f"days-{index}-{name}"] = _("Day %(number)s: %(problem)s", **number, problem=words)
        seen.add(day.on)
    return found


def _outside(day: Day, network: Network) -> str:
    return _(
        "%(day)s is outside the period of the network %(network)s, which is %(first)s to %(last)s",
        day=day_short(day.on),
        network=network.name,
        first=day_short(network.starts_on),
        last=day_short(network.ends_on),
    )


def _wall_words(day: Day, wall: time, zone_name: str) -> str:
    try:
        walltime.instant(day.on, wall, zone_name)
    except walltime.WallProblem as problem:
        return of_wall(problem)
    return ""


def _of_window(values: Values) -> dict[str, str]:
    found = {}
    instants = {}
    for name, wall in (("opens", values.opens), ("closes", values.closes), ("letters", values.letters)):
        if wall is None:
            continue
        try:
            instants[name] = walltime.instant(wall.date(), wall.time(), values.zone)
        except walltime.WallProblem as problem:
            words = of_wall(problem)
            found[name] = {
                "opens": _("Registration opens: %(problem)s", problem=words),
                "closes": _("Registration closes: %(problem)s", problem=words),
                "letters": _("Letters for a visa: %(problem)s", problem=words),
            }[name]
        except OverflowError:
            found[name] = _("Enter a real day")
    if {"opens", "closes"} <= set(instants) and instants["closes"] <= instants["opens"]:
        found["closes"] = _("Registration must close after it opens")
    if values.letters is not None and "letters" in instants and values.days and values.letters > _start(values):
        found["letters"] = _("The last moment to ask for a letter for a visa must not be after the workshop begins")
    return found


def _start(values: Values) -> datetime:
    first = min(values.days)
    return datetime.combine(first.on, first.starts)


def _of_place(values: Values) -> dict[str, str]:
    found = {}
    if values.join_url and not rules.is_https(values.join_url):
        found["join_url"] = _("The link must be a whole address that begins with https://")
    if (values.latitude is None) != (values.longitude is None):
        missing = "latitude" if values.latitude is None else "longitude"
        found[missing] = _("Enter both latitude and longitude, or neither")
    if values.latitude is not None and not -90 <= values.latitude <= 90:
        found["latitude"] = _("The latitude is a number from -90 to 90, such as 14.7409")
    if values.longitude is not None and not -180 <= values.longitude <= 180:
        found["longitude"] = _("The longitude is a number from -180 to 180, such as -91.1595")
    return found


def _of_seats(capacity: int, taken: int) -> dict[str, str]:
    if not 0 <= capacity <= rules.MOST_CAPACITY:
        return {"capacity": _("Enter how many seats there are, as a number such as 36")}
    if capacity < taken:
        return {
            "capacity": ngettext(
                "One seat is taken already: enter at least %(num)s", "%(num)s seats are taken already: enter at least %(num)s", taken
            )
        }
    return {}
