"""The list of workshops and the page of each, for anybody."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.announcements import announce
from app.clock import now
from app.errors import Refused
from app.languages import city
from app.languages import gettext as _
from app.web import PAGE, ZONES, Door, find_me, last_page, page_number, pages, reader_zone, safe_next
from app.workshops import entries, facts, queries, rows, shown
from app.workshops.markdown import to_html
from app.workshops.rules import region, registration_state

door = Door(__name__)
YEAR = 365 * 24 * 3600


@door.get("/workshops/")
def workshops() -> str:
    """The agenda by month, narrowed by what stands in the address; what is over has its own tab."""
    instant, zone = now(), reader_zone()
    filters = queries.Filters.read(request.args)
    over = request.args.get("when") == "past"
    total, first, last = queries.count(instant, filters, over=over)
    page = min(page_number(), last_page(total))
    found = queries.heads(instant, filters, over=over, limit=PAGE, offset=(page - 1) * PAGE)
    address: dict[str, Any] = filters.address()
    return render_template(
        "workshops/list.html",
        months=rows.by_month(found, zone, instant),
        total=total,
        first=first,
        last=last,
        over=over,
        filters=filters,
        filtered=shown.filter_words(filters),
        options=shown.filter_options(queries.countries()),
        tabs=[
            {"url": url_for(".workshops", **address), "label": _("Upcoming"), "current": not over, "apart": False},
            {"url": url_for(".workshops", **address, when="past"), "label": _("Past"), "current": over, "apart": False},
        ],
        pages=pages(total, page),
    )


@door.get("/workshops/<slug>/")
def workshop(slug: str) -> str:
    """When, where, in which language, what for, who comes, and the way in. A draft is not there."""
    found, instant, zone = queries.get_public(slug), now(), reader_zone()
    state = registration_state(found, instant)
    coming: list[tuple[str, str, int]] = []
    announce("who_comes", workshop=found, into=coming)
    mine: list[facts.Mine] = []
    if (me := find_me()) is not None:
        announce("my_place", workshop=found, person_id=me.id, into=mine)
    text = found.text
    return render_template(
        "workshops/page.html",
        mine=mine[0] if mine else None,
        workshop=found,
        text=text,
        text_lang=shown.other_lang(text.lang),
        state=state,
        banner_state=facts.state_of(found, state, zone),
        tile=shown.tile(found),
        clocks=shown.clocks(found.days, found.zone, found.place, zone),
        when=facts.when(found),
        where=entries.where(found),
        spoken=shown.spoken(found),
        half=region(found.country, found.format),
        access=facts.access_words(found),
        seats_head=facts.seats_head(found, state),
        seats_sentence=facts.seats_sentence(found, state, zone),
        programme=facts.programme(found, zone),
        venue_city=found.place or city(found.zone),
        description=to_html(text.description),
        practical=to_html(text.practical),
        calendar=facts.calendar_links(found) if state not in {"cancelled", "postponed"} else [],
        groups=facts.coming_groups(coming),
        people=sum(number for _nation, _name, number in coming),
        organisations=len(coming),
        contact=found.contact or current_app.config["CONFIG"].sender[1],
        json_ld=facts.json_ld(found),
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
