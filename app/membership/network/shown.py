"""A network in words, in the language in force: its texts, how its call stands, which texts lack, what two versions say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import url_for

from app.languages import LANGUAGES, current, day_short, language, listed, ngettext
from app.languages import gettext as _
from app.membership.network.links import title_of
from app.membership.network.rules import LIMITS, NEEDED, Standing, Text, Values, lacks, standing
from app.membership.told import area_name
from app.organisations.models import Network, NetworkMember
from app.texts.shown import Mark
from app.web.differences import Difference
from app.workshops.showing.facts import Passage
from app.workshops.showing.markdown import to_html

ORIGINAL = "en"  # what readers get whose language is missing


@dataclass(frozen=True)
class Purpose:
    """What a network is for, in paragraphs; `lang` where it is not the reader's."""

    paragraphs: Sequence[str]
    lang: str | None = None


@dataclass(frozen=True)
class CallShown:
    """How a network's call stands, in words; `url`: where one answers an open one."""

    state: str
    title: str
    words: str
    url: str = ""


@dataclass(frozen=True)
class Membership:
    """One organisation in the network, with its days in words. `over`: it has left."""

    id: int
    name: str
    slug: str
    country: str
    words: str
    over: bool
    ends: bool


def purpose(row: Network) -> Purpose:
    """What it is for: plain paragraphs, with an empty line between them."""
    lang, text = _said(row, "purpose")
    return Purpose([part.strip() for part in text.split("\n\n") if part.strip()], None if lang == current() else lang)


def passage(row: Network, part: str) -> Passage | None:
    """A text of Markdown, if anybody has written it in any language."""
    lang, text = _said(row, part)
    if not text:
        return None
    if lang == current():
        return Passage(to_html(text))
    return Passage(to_html(text), lang, _("So far, this text is only in %(language)s.", language=language(lang)))


def _said(row: Network, part: str) -> tuple[str, str]:
    """(language, text) in the reader's language, else in the original one, else in any."""
    texts = {lang: text for lang, name in row.names.items() if (text := getattr(name, part))}
    lang = next((lang for lang in (current(), ORIGINAL, *LANGUAGES) if lang in texts), current())
    return lang, texts.get(lang, "")


def name_lang(row: Network) -> str | None:
    """The language of the name, where it is not the reader's."""
    return None if current() in row.names else ORIGINAL if ORIGINAL in row.names else next(iter(row.names), None)


def themes(row: Network) -> list[str]:
    """'Urban planning'."""
    return [capital(area_name(code)) for code in row.themes]


def capital(words: str) -> str:
    """With a capital letter, as an item of a list."""
    return words[:1].upper() + words[1:]


def documents(row: Network) -> list[tuple[str, str | None, str]]:
    """(title, its language where it is not the reader's, address)."""
    found = [(*title_of(link, current()), link.url) for link in row.links]
    return [(title, None if lang == current() else lang, url) for title, lang, url in found]


def stands(row: Network, now: datetime, zone: str) -> Standing:
    """How the call stands on the reader's wall."""
    return standing(((call.opens_on, call.closes_on) for call in row.calls), now.astimezone(ZoneInfo(zone)).date())


def call(row: Network, now: datetime, zone: str) -> CallShown:
    """Open until when, opening when, or none."""
    found = stands(row, now, zone)
    if found.opens_on is None or found.closes_on is None:
        words = _("Write to us if your municipality would like to join: we tell you when the next call opens.")
        return CallShown("none", _("There is no open call right now"), words)
    days = {"first": day_short(found.opens_on), "last": day_short(found.closes_on)}
    if found.state == "coming":
        words = _("It is open until %(last)s, that day included.", **days)
        return CallShown("coming", _("The next call opens on %(first)s", **days), words)
    url = url_for("interest_member.interest", slug=row.slug)
    words = _("Municipalities and regions may say now that they want to join.")
    return CallShown("open", _("The call is open until %(last)s", **days), words, url)


def call_line(row: Network, now: datetime, zone: str) -> str:
    """'Open until 29 January 2027', for lists."""
    found = stands(row, now, zone)
    if found.opens_on is None or found.closes_on is None:
        return _("No open call")
    if found.state == "open":
        return _("Call open until %(day)s", day=day_short(found.closes_on))
    return _("Call opens on %(day)s", day=day_short(found.opens_on))


def open_calls(rows: Sequence[Network], now: datetime, zone: str) -> str:
    """'Call open until 29 January 2027', or how many are open; empty where none is."""
    calls = [call_line(one, now, zone) for one in rows if stands(one, now, zone).state == "open"]
    if not calls:
        return ""
    return calls[0] if len(rows) == 1 else ngettext("One call is open", "%(num)s calls are open", len(calls))


def years(row: Network) -> str:
    """'2024–2026'."""
    first, last = row.starts_on.year, row.ends_on.year
    return str(first) if first == last else f"{first}–{last}"  # noqa: RUF001  an en dash between years


def part_name(part: str) -> str:
    """What a text is called on the form."""
    return {
        "name": _("Name"),
        "purpose": _("What it is for"),
        "why": _("Why it exists"),
        "joining": _("Who may join, and what is asked"),
        "call": _("What the open call says"),
    }[part]


def marks(texts: Mapping[str, Text]) -> dict[str, Mark]:
    """How complete each language is."""
    return {lang: _mark(texts[lang]) for lang in LANGUAGES}


def _mark(text: Text) -> Mark:
    missing = lacks(text)
    if not missing:
        return Mark("tick", "check", _("Complete"))
    words = _("Missing: %(texts)s", texts=listed([part_name(part) for part in missing]))
    return Mark("cross", "x", words) if set(missing) & set(NEEDED) else Mark("warn", "alert", words)


def compare(theirs: Values, mine: Values) -> list[Difference]:
    """What somebody else saved beside what was typed here."""
    found = [
        Difference(f"{part_name(part)} ({language(lang)})", getattr(theirs.texts[lang], part), getattr(mine.texts[lang], part))
        for part in LIMITS
        for lang in LANGUAGES
    ]
    found += [Difference(_("Themes"), *(listed([area_name(code) for code in one.themes]) for one in (theirs, mine)))]
    found += [Difference(_("First day"), day_short(theirs.starts_on), day_short(mine.starts_on))]
    found += [Difference(_("Last day"), day_short(theirs.ends_on), day_short(mine.ends_on))]
    found += [Difference(_("Contact"), theirs.contact, mine.contact)]
    return [one for one in found if one.theirs != one.mine]


def memberships(rows: Sequence[NetworkMember], today: date) -> list[Membership]:
    """Who belongs or has belonged, with their days in words."""
    return [
        Membership(
            id=row.id,
            name=row.organisation.name,
            slug=row.organisation.slug,
            country=row.organisation.country,
            words=days_of(row),
            over=row.left_on is not None and row.left_on < today,
            ends=row.left_on is not None,
        )
        for row in rows
    ]


def days_of(row: NetworkMember) -> str:
    """'Since 1 January 2024', or from when to when."""
    if row.left_on is None:
        return _("Since %(day)s", day=day_short(row.joined_on))
    return _("From %(first)s to %(last)s", first=day_short(row.joined_on), last=day_short(row.left_on))
