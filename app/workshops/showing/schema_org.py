"""A workshop as search engines read it: schema.org's Event as JSON-LD, with the facts that we know and no others."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from markupsafe import Markup

from app.languages import current
from app.workshops import queries
from app.workshops.models import Workshop
from app.workshops.rules import RegistrationState
from app.workshops.showing import entries

Thing = dict[str, Any]
TERMS = "https://schema.org/"
MODES = {"on_site": "OfflineEventAttendanceMode", "online": "OnlineEventAttendanceMode", "both": "MixedEventAttendanceMode"}
OURS = "icld"
RUNNER = {"@type": "Organization", "name": "ICLD", "url": "https://icld.se"}
UNSAFE = "<>&\u2028\u2029"  # what ends a script, begins a comment in one, or ends a line in old JavaScript


def json_ld(workshop: Workshop, state: RegistrationState) -> Markup:
    """The Event, to stand in a script element: nothing that somebody typed can leave it."""
    text = json.dumps(event(workshop, state), ensure_ascii=False, separators=(",", ":"))
    for sign in UNSAFE:
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  no sign that ends a script is left in it


def event(workshop: Workshop, state: RegistrationState) -> Thing:
    """The Event in the language in force. The way to join, and what is not so, are left out: the empty ones at the end."""
    first, last = workshop.days[0], workshop.days[-1]
    facts = {
        "@context": TERMS.rstrip("/"),
        "@type": "Event",
        "identifier": workshop.uid,  # the same as in calendars, in every language
        "name": workshop.text.title,
        "description": workshop.text.summary,
        "url": entries.page_url(workshop, current()),
        "inLanguage": workshop.spoken.split(),
        "startDate": _at(first.starts_at, workshop),
        "endDate": _at(last.ends_at, workshop),
        **_status(workshop),
        "eventAttendanceMode": TERMS + MODES[workshop.format],
        "location": _location(workshop),
        "organizer": [RUNNER, *_host(workshop)],
        "isAccessibleForFree": True,  # this service knows no price
        "maximumAttendeeCapacity": workshop.capacity or None,
        "remainingAttendeeCapacity": workshop.seats_left if workshop.capacity and state in {"open", "full"} else None,
        "offers": _offer(workshop, state),
    }
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def _status(workshop: Workshop) -> Thing:
    """Whether it takes place. One that is postponed keeps its old start (so Google); one that starts at another time says which."""
    if workshop.state in {"cancelled", "postponed"}:
        return {"eventStatus": TERMS + ("EventCancelled" if workshop.state == "cancelled" else "EventPostponed")}
    if workshop.moved_from is None:
        return {"eventStatus": TERMS + "EventScheduled"}
    first, before = workshop.days[0], queries.find_old_start(workshop)
    if before == first.starts_at or (before is None and workshop.moved_from == first.on):
        return {"eventStatus": TERMS + "EventScheduled"}
    return {"eventStatus": TERMS + "EventRescheduled", "previousStartDate": (before or workshop.moved_from).isoformat()}


def _location(workshop: Workshop) -> Thing | list[Thing]:
    """The place, the page that leads on to the meeting (its link is for those with a seat), or both."""
    online = {"@type": "VirtualLocation", "url": entries.page_url(workshop, current())}
    if workshop.format == "online":
        return online
    address = {
        "@type": "PostalAddress",
        "streetAddress": workshop.street_address,
        "addressLocality": workshop.place,
        "addressCountry": workshop.country,
    }
    place: Thing = {"@type": "Place", "name": workshop.venue or workshop.place}
    place["address"] = {name: value for name, value in address.items() if value}
    if workshop.latitude is not None and workshop.longitude is not None:
        place["geo"] = {"@type": "GeoCoordinates", "latitude": workshop.latitude, "longitude": workshop.longitude}
    return [place, online] if workshop.format == "both" else place


def _host(workshop: Workshop) -> list[Thing]:
    """Who else organises it: the host performs nothing. Where we are the host, nobody."""
    host = workshop.organisation
    if host is None or host.slug == OURS:
        return []
    page = f"{current_app.config['CONFIG'].base_url}/{current()}/organisations/{host.slug}/"
    kind = "Organization" if host.kind == "other" else "GovernmentOrganization"
    return [{"@type": kind, "name": host.name, "url": page}]


def _offer(workshop: Workshop, state: RegistrationState) -> Thing | None:
    """The way in, where anybody may take it: what members alone may do is no offer to those who search."""
    if workshop.access != "open" or state not in {"open", "full", "not_yet"}:
        return None
    opens, closes = workshop.opens_at or workshop.published_at, workshop.closes_at or workshop.starts_at
    facts = {
        "@type": "Offer",
        "url": entries.page_url(workshop, current()) + "register",
        "price": 0,
        "priceCurrency": "SEK",
        "availability": {"open": TERMS + "InStock", "full": TERMS + "SoldOut"}.get(state),
        "validFrom": _at(opens, workshop) if opens else None,
        "validThrough": _at(closes, workshop) if closes else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _at(instant: datetime, workshop: Workshop) -> str:
    """An instant on the wall of the workshop, with its distance from UTC."""
    return instant.astimezone(ZoneInfo(workshop.zone)).isoformat(timespec="seconds")
