"""The first page, the networks, their partnerships and their organisations, for anybody."""

from __future__ import annotations

from flask import current_app, render_template, request

from app.accounts.queries import belongs
from app.clock import now
from app.languages import current
from app.membership import line, queries, shown, told
from app.membership.drawing import draw_network
from app.membership.network import page
from app.membership.network import queries as networks
from app.membership.network.shown import open_calls
from app.membership.partnership import queries as shared
from app.membership.partnership.shown import date_shown
from app.membership.queries import Progress
from app.organisations import queries as organisations
from app.organisations.models import Organisation
from app.web import Door, acts_as_staff, find_me, reader_zone
from app.workshops import queries as workshops
from app.workshops.showing.shown import row

door = Door(__name__)
NEXT = 3


@door.get("/")
def home() -> str:
    """The promise, the next three workshops, the map, and the calendar's address."""
    instant = now()
    coming = [workshop for workshop in workshops.coming(instant) if workshop.state == "published"]
    here = organisations.in_force(instant.date())
    numbers = {network.id for network in here}
    members = organisations.members_of(numbers, instant.date())
    under_way = [told.partnership(one) for one in line.partnerships() if one.network_id in numbers and one.phase != "ended"]
    countries = len({member.country for member in members})
    base = current_app.config["CONFIG"].base_url
    feed = f"{base}/feeds/all.ics?lang={current()}"
    return render_template(
        "membership/home.html",
        rows=[row(workshop, reader_zone(), instant) for workshop in coming[:NEXT]],
        total=len(coming),
        last=shown.month_year(coming[-1].starts_at) if coming and coming[-1].starts_at else "",
        countries=shown.number_word(countries),
        members=told.members_words(len(members), len(under_way)),
        drawing=draw_network(here[0], members, under_way, beside=here[1:]) if here else None,
        several=len(here) > 1,
        calls=open_calls([one for one in networks.every() if one.id in numbers], instant, reader_zone()),
        slug=here[0].slug if here else "",
        feed=feed,
        webcal=f"webcal://{feed.split('://', 1)[1]}",
    )


@door.get("/network/<slug>/")
def network(slug: str) -> str:
    """What a network is for and why, whom it calls, what it asks, who belongs to it, and what is coming."""
    return render_template("membership/network/page.html", **page.facts(networks.get(slug), now()))


@door.get("/partnerships/")
def partnerships() -> str:
    """Which municipalities work together, on what, since when; of one country or network, if the address says so."""
    instant = now()
    found = organisations.find_current(instant.date())
    every = line.partnerships()
    wanted = {name: request.args.get(name, "") for name in ("country", "network")}
    rows = [told.partnership(one) for one in every if told.fits(one, **wanted)]
    under_way = [one for one in rows if one.under_way]
    places = {place.id: place for one in under_way for place in (one.left, one.right)}
    drawing = draw_network(found, list(places.values()), under_way, with_countries=False) if found and under_way else None
    return render_template("membership/partnerships.html", partnerships=rows, drawing=drawing, choices=told.choices(every, wanted))


@door.get("/partnerships/<slug>/")
def partnership(slug: str) -> str:
    """One of them: on what, since when, and its public dates."""
    instant, row = now(), shared.get(slug)
    dates = [date_shown(event, row, reader_zone(), instant) for event in row.events if event.public]
    me = find_me()
    one = told.partnership(row)
    host = current_app.config["CONFIG"].base_url.split("://", 1)[1]
    return render_template(
        "membership/partnership/page.html",
        row=row,
        one=one,
        webcal=f"webcal://{host}/feeds/partnership/{row.slug}.ics?lang={current()}",
        drawing=draw_network(row.network, [row.left, row.right], [one], with_countries=False) if one.under_way else None,
        coming=[date for date in dates if not date.over],
        past=[date for date in reversed(dates) if date.over and not date.cancelled],
        mine=me is not None and shared.is_of(row.id, me.id, instant.date()),
    )


@door.get("/organisations/<slug>/")
def organisation(slug: str) -> str:
    """A municipality's line of time: networks, workshops it received and went to, partnerships. Its commitment is for
    its own people and the staff."""
    instant = now()
    found = organisations.get_organisation(slug)
    me = find_me()
    insider = acts_as_staff() or (me is not None and belongs(me.id, found.id, instant.date()))
    progress = _progress(found) if insider else None
    return render_template(
        "membership/organisation.html",
        organisation=found,
        line=told.line_of(found, line.line_of(found.id, instant, insider=insider), progress),
        progress={side: shown.half_of(progress, side) for side in progress.halves} if progress else None,
    )


def _progress(found: Organisation) -> Progress | None:
    instant = now()
    network = organisations.find_own(found.id, instant.date())
    rule = queries.rule_on(queries.rules_of(network.id), instant.date()) if network else None
    return queries.progress_of(rule, [found], instant)[0] if rule else None
