"""The list of workshops and the page of each, for anybody."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.announcements import announce
from app.clock import now
from app.errors import Missing, Refused
from app.languages import city
from app.languages import gettext as _
from app.web import PAGE, ZONES, Door, find_me, kept, last_page, page_number, pages, reader_zone, row_number, safe_next
from app.workshops import queries
from app.workshops.finding import crowd, heads, lines, months, towns, years
from app.workshops.finding.filters import Filters, options, words_of
from app.workshops.finding.heads import Head
from app.workshops.rules import RegistrationState, region, registration_state
from app.workshops.showing import adding, entries, facts, shown
from app.workshops.showing.agenda import agenda, beginning
from app.workshops.showing.schema_org import json_ld
from app.workshops.showing.series import series_of

door = Door(__name__)
YEAR = 365 * 24 * 3600


@door.get("/workshops/")
def workshops() -> str:
    """The agenda by month, narrowed by what stands in the address; what is over has its own tab."""
    instant, filters = now(), Filters.read(request.args)
    over = request.args.get("when") == "past"

    def read() -> Listed:
        return _listed(filters, instant, over=over)

    return kept(read(), lambda listed: _list(listed, filters, instant, over=over), again=read)


class Listed(NamedTuple):
    """What a page of the list shows, and which page it is."""

    signs: heads.Signs
    page: int
    states: tuple[RegistrationState, ...]
    heads: list[Head]


def _listed(filters: Filters, instant: datetime, *, over: bool) -> Listed:
    signs, page = heads.signs(instant, filters, over=over), page_number()
    found = heads.heads(instant, filters, over=over, limit=PAGE, offset=(page - 1) * PAGE)
    if page > 1 and not found:
        page = last_page(heads.count(instant, filters, over=over)[0])
        found = heads.heads(instant, filters, over=over, limit=PAGE, offset=(page - 1) * PAGE)
    return Listed(signs, page, tuple(registration_state(head, instant) for head in found), found)


def _list(listed: Listed, filters: Filters, instant: datetime, *, over: bool) -> str:
    total, first, last = heads.count(instant, filters, over=over)
    address = filters.address()
    return render_template(
        "workshops/list.html",
        months=lines.by_month(listed.heads, reader_zone(), instant, latest=over),
        total=total,
        first=first,
        last=last,
        over=over,
        filters=filters,
        filtered=words_of(filters),
        options=options(heads.kinds(), filters),
        tabs=[
            {"url": url_for(".workshops", **address), "label": _("Upcoming"), "current": not over, "apart": False},
            {"url": url_for(".workshops", **address, when="past"), "label": _("Past"), "current": over, "apart": False},
            *_views("workshops", filters),
        ],
        pages=pages(total, listed.page),
    )


@door.get("/workshops/month/")
def this_month() -> Response:
    """To this month if there is anything in it, else to the next one that has something."""
    instant, filters = now(), Filters.read(request.args)
    month = _today(instant).replace(day=1)
    _earlier, later = queries.around(month, month - timedelta(days=1), filters, instant)
    there = later.replace(day=1) if later and months.within(later.replace(day=1), entries.years(), month) else month
    return redirect(url_for(".month", month=months.code(there), **filters.address()))


@door.get("/workshops/month/<month>/")
def month(month: str) -> str:
    """One month as a table of weeks, on a phone as an agenda of its days."""
    instant, filters = now(), Filters.read(request.args)
    today, first, period = _today(instant), months.read(month), entries.years()
    if first is None or not months.within(first, period, today):
        raise Missing
    last = months.last_of(first)
    found = queries.during(first, last, filters, instant)
    earlier, later = queries.around(first, last, filters, instant)
    near, far, week = months.before(first), months.after(first), row_number(request.args.get("week"))
    weeks = months.weeks(first, found, week)
    if not weeks:
        raise Missing
    return render_template(
        "workshops/month.html",
        heading=_to_month(first, filters)[1],
        weeks=weeks,
        week=week,
        whole=_to_month(first, filters)[0],
        of_week=lambda number: url_for(".month", month=month, **filters.address(), week=number),
        total=len(found),
        today=today,
        before=_to_month(near, filters) if months.within(near, period, today) else None,
        after=_to_month(far, filters) if months.within(far, period, today) else None,
        earlier=_to_month(earlier.replace(day=1), filters) if earlier else None,
        later=_to_month(later.replace(day=1), filters) if later else None,
        **_narrowed("month", filters),
    )


@door.get("/workshops/years/")
def line_of_years() -> str:
    """Every gathering of the networks' years on one line: Latin America above it, Sweden below, online within."""
    instant, filters = now(), Filters.read(request.args)
    found, period = crowd.by_month(heads.heaps(filters, instant)), entries.years()
    total = sum(one.total for one in found)
    crowded = total > crowd.MOST
    single = [] if crowded else [years.gathering(workshop, instant) for workshop in queries.everything(filters, instant)]
    first = min([period.first, *(one.first.year for one in found)])
    last = max([period.last, *(one.first.year for one in found), *(one.last.year for one in single)])
    drawing, columns = crowd.draw(found if crowded else [], first, last, _today(instant))
    counts = {side: sum(getattr(one, side) for one in found) for side in ("west", "middle", "east")}
    return render_template(
        "workshops/years.html",
        heading=_("%(first)s to %(last)s on one line", first=first, last=last) if first != last else str(first),
        drawing=drawing if crowded else years.draw(single, first, last, _today(instant)),
        columns=[(column, _to_month(column.first, filters)[0]) for column in columns],
        groups=years.by_year(single),
        crowds=[(year, [(one, *_to_month(one.first, filters)) for one in those]) for year, those in crowd.by_year(found)],
        crowded=crowded,
        sides=years.sentence(counts),
        total=total,
        **_narrowed("line_of_years", filters),
    )


@door.get("/workshops/map/")
def places() -> str:
    """Where people meet and have met, on the map and in words."""
    instant, filters = now(), Filters.read(request.args)
    found = queries.towns(filters, instant)
    return render_template(
        "workshops/map.html",
        drawing=towns.draw(found, filters),
        countries=towns.by_country(found, filters),
        total=towns.words(found) if found else _("No workshops"),
        **_narrowed("places", filters),
    )


def _narrowed(view: str, filters: Filters) -> dict[str, Any]:
    """What the other views show of the filters, which are chosen in the list."""
    address = filters.address()
    return {
        "tabs": _views(view, filters),
        "filtered": words_of(filters),
        "everything": url_for(f".{view}", **(request.view_args or {})),
        "choose": url_for(".workshops", **address),
    }


def _views(view: str, filters: Filters) -> list[dict[str, Any]]:
    """The ways to look at the same workshops, with the same filters."""
    address = filters.address()
    ways = {"workshops": _("List"), "month": _("Month"), "line_of_years": _("Years"), "places": _("Map")}
    ends = {"month": "this_month"}
    return [
        {"url": url_for(f".{ends.get(way, way)}", **address), "label": label, "current": way == view, "apart": True}
        for way, label in ways.items()
    ]


def _to_month(month: date, filters: Filters) -> tuple[str, str, str]:
    """The address of a month, its name as a label, and within a sentence."""
    address, words = filters.address(), months.name(month)
    return url_for(".month", month=months.code(month), **address), words[:1].upper() + words[1:], words


def _today(instant: datetime) -> date:
    """What day it is where the reader is."""
    return instant.astimezone(ZoneInfo(reader_zone())).date()


@door.get("/workshops/<slug>/")
def workshop(slug: str) -> str:
    """When, where, in which language, what for, who comes, and the way in. A draft is not there."""
    instant = now()
    seen = _seen(slug, instant)
    mine: list[facts.Mine | facts.Held] = []
    sends: list[str] = []  # where a coordinator registers colleagues
    if (me := find_me()) is not None:
        announce("my_place", workshop_id=seen.found.head.id, person_id=me.id, into=mine)
        if seen.state in {"open", "full"}:
            if not mine:
                announce("my_seats", workshop_id=seen.found.head.id, person_id=me.id, now=instant, into=mine)
            announce("my_delegation", workshop_id=seen.found.head.id, person_id=me.id, now=instant, into=sends)
    if mine or sends:
        return _workshop(slug, seen, mine[0] if mine else None, sends)
    return kept(seen, lambda seen: _workshop(slug, seen, None, []), again=lambda: _seen(slug, instant))


class Seen(NamedTuple):
    """What the page of a workshop shows to whoever has no place in it."""

    found: heads.PublicHead
    state: RegistrationState
    coming: list[tuple[str, str, int]]
    others: heads.Signs | None  # its place among the network's gatherings, and its neighbours' titles


def _seen(slug: str, instant: datetime) -> Seen:
    found = heads.get_public(slug)
    coming: list[tuple[str, str, int]] = []
    announce("who_comes", workshop_id=found.head.id, into=coming)
    others = heads.signs(instant, over=False) if found.in_series else None
    return Seen(found, registration_state(found.head, instant), coming, others)


def _workshop(slug: str, seen: Seen, mine: facts.Mine | facts.Held | None, sends: list[str]) -> str:
    state, coming = seen.state, seen.coming
    found, zone = queries.get_public(slug), reader_zone()
    held = mine if isinstance(mine, facts.Held) else None
    way_in: RegistrationState = "open" if held else state
    text, days = found.text, agenda(found, zone)
    return render_template(
        "workshops/page.html",
        series=series_of(found),
        agenda_days=beginning(days),
        agenda_more=len(beginning(days)) < len(days),
        mine=mine if held is None else None,
        held=held,
        sends=sends,
        way_in=way_in,
        workshop=found,
        text=text,
        text_lang=shown.other_lang(text.lang),
        headline=entries.headline(found),
        state=state,
        banner_state=facts.state_of(found, way_in, zone),
        tile=shown.tile(found),
        clocks=shown.clocks(found.days, found.zone, found.place, zone),
        when=facts.when(found),
        where=entries.where(found),
        spoken=shown.spoken(found),
        half=region(found.country, found.format),
        access=facts.access_words(found),
        seats_head=facts.held_words(held) if held else facts.seats_head(found, state),
        seats_sentence=facts.seats_sentence(found, state, zone),
        programme=(hours := facts.programme(found, zone)),
        later=facts.later_days(hours),
        venue_city=found.place or city(found.zone),
        description=facts.description(found),
        way=facts.way_there(found),
        practical=facts.practical(found),
        calendar=adding.ways(found, state),
        groups=facts.coming_groups(coming),
        people=sum(number for _nation, _name, number in coming),
        organisations=len(coming),
        contact=found.contact or current_app.config["CONFIG"].sender[1],
        json_ld=json_ld(found, state),
    )


@door.get("/workshops/<slug>/programme")
def programme(slug: str) -> str:
    """The whole programme, as it is to be printed: both clocks, all days."""
    found, zone = queries.get_public(slug), reader_zone()
    text = found.text
    return render_template(
        "workshops/programme.html",
        workshop=found,
        text=text,
        text_lang=shown.other_lang(text.lang),
        banner_state=facts.state_of(found, registration_state(found, now()), zone),
        when=facts.when(found),
        where=entries.where(found),
        clock_words=facts.clock_words(found, zone),
        days=agenda(found, zone),
        programme=facts.programme(found, zone),
        venue_city=found.place or city(found.zone),
    )


@door.post("/clock")
def clock() -> Response:
    """Whose clock stands second on every page: kept in a cookie for a year."""
    zone = request.form.get("zone", "")
    if zone not in ZONES:
        raise Refused(_("Choose a clock from the list."))
    response = redirect(safe_next(request.form.get("next")), 303)
    secure = current_app.config["CONFIG"].https
    response.set_cookie("zone", zone, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return response
