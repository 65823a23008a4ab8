"""What public pages tell of members and partnerships: plain words from rows, in the language in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import url_for

from app.languages import country, ngettext
from app.languages import gettext as _
from app.membership.interest.models import Interest
from app.membership.line import Life
from app.membership.models import Partnership
from app.membership.queries import Progress
from app.membership.shown import number_word, period, side_name, where
from app.organisations.models import Organisation
from app.workshops.models import Workshop


@dataclass(frozen=True)
class PartnershipShown:
    """A partnership in words; `left` is the Latin American side, as on the map."""

    slug: str
    title: str
    area: str
    phase: str
    years: str
    under_way: bool
    left: Organisation
    right: Organisation


@dataclass(frozen=True)
class Event:
    """One point on an organisation's line of time."""

    on: date
    words: str
    url: str = ""
    lang: str | None = None


def partnership(row: Partnership) -> PartnershipShown:
    """A partnership in words; Sweden named first, as the network does."""
    first = row.starts_on.year
    years = _("since %(year)s", year=first) if row.ends_on is None else f"{first}–{row.ends_on.year}"  # noqa: RUF001
    return PartnershipShown(
        slug=row.slug,
        title=pair_name(row.right.place, row.left.place),
        area=area_name(row.area),
        phase=phase_name(row.phase),
        years=years,
        under_way=row.phase != "ended",
        left=row.left,
        right=row.right,
    )


def pair_name(one: str, other: str) -> str:
    """What the two are called together."""
    return _("%(one)s and %(other)s", one=one, other=other)


def fits(row: Partnership, *, country: str, network: str) -> bool:
    """Whether it is one of a country and of a network, where these are asked for."""
    return (not country or country in {row.left.country, row.right.country}) and (not network or row.network.slug == network)


def choices(rows: Sequence[Partnership], wanted: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """(address, words, whether it is this page) of all, of each country, and of each network where there are several."""
    codes = sorted({code for row in rows for code in (row.left.country, row.right.country)}, key=lambda code: (code == "SE", country(code)))
    found = [("", "", _("All"))] + [("country", code, country(code)) for code in codes]
    networks = {row.network.slug: row.network.name for row in rows}
    found += [("network", slug, name) for slug, name in networks.items()] if len(networks) > 1 else []
    here = next(((name, value) for name, value in wanted.items() if value), ("", ""))
    every = url_for("membership_public.partnerships")
    return [(f"{every}?{urlencode({name: value})}" if name else every, words, (name, value) == here) for name, value, words in found]


def members_words(members: int, partnerships: int) -> str:
    """'Fifteen local governments, one partnership under way'."""
    words = number_word(members)
    first = ngettext("One local government", "%(number)s local governments", members, number=words[0].upper() + words[1:])
    if not partnerships:
        return first
    second = ngettext("one partnership under way", "%(num)s partnerships under way", partnerships)
    return _("%(members)s, %(partnerships)s", members=first, partnerships=second)


def by_country(members: Sequence[Organisation]) -> list[tuple[str, list[Organisation]]]:
    """The members under their countries, Latin America first."""
    codes = sorted({member.country for member in members}, key=lambda code: (code == "SE", country(code)))
    return [(country(code), [member for member in members if member.country == code]) for code in codes]


def line_of(organisation: Organisation, life: Life, progress: Progress | None = None) -> list[Event]:
    """An organisation's networks, gatherings and partnerships in the order of time; with `progress`, when it kept its commitment."""
    events = [event for interest in life.interests for event in _came(interest)]
    events += _kept(progress) if progress else []
    for row in life.memberships:
        name, url = row.network.name, url_for("membership_public.network", slug=row.network.slug)
        events.append(Event(row.joined_on, _("Member of %(network)s", network=name), url))
        if row.left_on:
            events.append(Event(row.left_on, _("Left %(network)s", network=name)))
    events += [event for workshop in life.workshops for event in _gathered(organisation, workshop, life.seats.get(workshop.id, 0))]
    for shared in life.partnerships:
        other = shared.left if shared.right_id == organisation.id else shared.right
        words = _("Partnership with %(other)s: %(area)s", other=other.name, area=area_name(shared.area))
        events.append(Event(shared.starts_on, words, url_for("membership_public.partnership", slug=shared.slug)))
    return sorted(events, key=lambda event: event.on)


def _gathered(organisation: Organisation, workshop: Workshop, seats: int) -> list[Event]:
    """That it was the host, that its people were there, or that so many will be."""
    facts = {"title": workshop.text.title, "place": where(workshop)}
    words = []
    if workshop.organisation_id == organisation.id:
        words.append(_("Host of “%(title)s”", title=facts["title"]))
    elif not seats:
        words.append(_("Took part in “%(title)s”, %(place)s", **facts))
    if seats:
        words.append(
            ngettext(
                "%(num)s person has a seat at “%(title)s”, %(place)s",
                "%(num)s people have seats at “%(title)s”, %(place)s",
                seats,
                **facts,
            )
        )
    url = url_for("workshops_public.workshop", slug=workshop.slug)
    return [Event(workshop.days[0].on, one, url) for one in words]


def _kept(progress: Progress) -> list[Event]:
    """With which workshop each half of what is asked of the organisation was met."""
    events = []
    for side, half in progress.halves.items() if progress.rule.scope == "organisation" else ():
        days = sorted(progress.workshops[key].days[-1].on for key in half.met)
        asked = getattr(progress.rule, side)
        if half.state == "met" and len(days) >= asked:
            words = _("Kept its commitment for %(period)s: %(side)s", period=period(progress.rule), side=side_name(side))
            events.append(Event(days[asked - 1], words))
    return events


def _came(row: Interest) -> list[Event]:
    """How it asked to join, and what became of it."""
    network, zone = row.network.name, ZoneInfo(row.zone)
    events = []
    if row.sent_at is not None:
        events.append(Event(row.sent_at.astimezone(zone).date(), _("Sent its expression of interest in %(network)s", network=network)))
    words = {
        "accepted": _("The expression of interest in %(network)s was accepted", network=network),
        "declined": _("The expression of interest in %(network)s was declined", network=network),
        "withdrawn": _("The expression of interest in %(network)s was withdrawn", network=network),
    }
    if row.decided_at is not None and row.state in words:
        events.append(Event(row.decided_at.astimezone(zone).date(), words[row.state]))
    return events


def phase_name(code: str) -> str:
    """'In preparation'."""
    return {"preparation": _("In preparation"), "project": _("Project under way"), "ended": _("Ended")}.get(code, code)


def area_name(code: str) -> str:
    """What a partnership works on."""
    names = {
        "representation": _("women's political representation"),
        "violence": _("gender-based violence"),
        "economy": _("economic empowerment"),
        "services": _("equal access to education and health"),
        "urban_planning": _("urban planning"),
        "care": _("care work"),
        "education": _("education"),
        "health": _("health"),
    }
    return names.get(code, code)
