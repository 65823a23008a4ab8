"""What stands in the head of every page: where one can go from here, whose network this is, whether the clock runs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Any, cast

from flask import Flask, current_app, g, request, url_for
from sqlalchemy.exc import DBAPIError

from app.clock import now
from app.languages import LANGUAGES, current, using
from app.languages import gettext as _
from app.organisations.queries import in_force
from app.outbox import queries as outbox
from app.web import acts_as_staff, everywhere, find_me, shown_name

KEEP = 60.0  # seconds that the network's name is kept in memory
STAFF = ("_helper", "_staff", "_admin")


@dataclass
class Shelf:
    """The network's name in each language, as it was read last."""

    names: dict[str, str] = field(default_factory=dict)
    until: float = 0.0


def init_app(app: Flask) -> None:
    """Gives the templates nav, staff_nav, network_name, and what staff must know at once."""
    app.extensions["navigation"] = Shelf()
    app.context_processor(_context)
    everywhere(app, network_name)
    everywhere(app, _alarms)


def _context() -> dict[str, Any]:
    staff = _for_staff()
    return {
        "nav": [] if staff else _links(_public()),
        "staff_nav": _links(_staff()) if staff else [],
        "network_name": network_name(),
        "alarms": _alarms(),
    }


def _for_staff() -> bool:
    return (request.blueprint or "").endswith(STAFF)


def _alarms() -> outbox.Alarms:
    return alarms() if _for_staff() else outbox.Alarms(silent=False, paused=False)


def network_name() -> str:
    """The name of the network in force, in the reader's language, or of all where there are several; empty when the database is gone."""
    shelf: Shelf = current_app.extensions["navigation"]
    if monotonic() >= shelf.until:
        with suppress(DBAPIError):
            networks = in_force(now().date())
            shelf.names = {}
            for code in LANGUAGES:
                with using(code):
                    shelf.names[code] = _("Networks of ICLD") if len(networks) > 1 else "".join(one.name for one in networks)
            shelf.until = monotonic() + KEEP
    return shelf.names.get(current(), "")


def alarms() -> outbox.Alarms:
    """Whether the scheduler has been silent for too long, and whether mail is paused. Asked once, however many templates make a page."""
    asked, found = g.get("alarms", ("", None))
    if asked != g.request_id:  # an app context may outlive a request
        found = outbox.Alarms(silent=True, paused=False)
        with suppress(DBAPIError):
            found = outbox.alarms(now(), timedelta(seconds=current_app.config["CONFIG"].number("silence_seconds")))
        g.alarms = g.request_id, found
    return cast("outbox.Alarms", found)


def _door() -> tuple[str, str]:
    return "attendance_near_helper.near", _("Check-in")


def _public() -> list[tuple[str, str]]:
    """(endpoint, label) for visitors and members."""
    me = find_me()
    both = [("workshops_public.workshops", _("Workshops"))]
    if me is None:
        return [
            *both,
            ("subscribing_public.subscribe", _("Calendar")),
            ("membership_public.partnerships", _("Partnerships")),
            ("accounts_public.sign_in", _("Sign in")),
        ]
    links = [("membership_member.home", _("My page")), *both, ("personal_member.calendar", _("Calendar"))]
    if me.role == "helper":
        links.append(_door())
    if acts_as_staff():
        links.append(("membership_staff.overview", _("Staff")))
    return [*links, ("accounts_member.account", shown_name())]


def _staff() -> list[tuple[str, str]]:
    """(endpoint, label) for the staff's pages."""
    me = find_me()
    if me and me.role == "helper":  # sees nothing else of the staff's
        return [_door(), ("accounts_member.account", shown_name())]
    return [
        ("membership_staff.overview", _("Overview")),
        ("workshops_staff.workshops", _("Workshops")),
        ("commitment_staff.commitments", _("Commitments")),
        ("accounts_staff.people", _("People")),
        ("outbox_staff.mails", _("Mails")),
        *([("accounts_member.account", shown_name())] if find_me() else []),
    ]


def _below(url: str) -> str:
    return url.rstrip("/") + "/"


def _links(wanted: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """The links with their addresses; the current one is the longest that the page's own address begins with, the first page of
    the staff only if it is that page."""
    links = [{"url": url_for(endpoint), "label": label} for endpoint, label in wanted if endpoint in current_app.view_functions]
    home = f"/{current()}/staff/"
    fitting = [url for link in links if request.path == (url := link["url"]) or (url != home and request.path.startswith(_below(url)))]
    here = max(fitting, key=len, default="")
    return [{**link, "current": link["url"] == here} for link in links]
