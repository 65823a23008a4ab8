"""What a public calendar shows."""

from __future__ import annotations

from sqlalchemy import ColumnElement, bindparam, select

from app.database import quick
from app.errors import Missing
from app.feeds.models import CalendarHorizon
from app.feeds.rules import COUNTRIES, PARTNERSHIP, PLACES
from app.membership.models import Partnership
from app.organisations.models import Network
from app.workshops.models import Workshop
from app.workshops.rules import LATIN_AMERICA

_NETWORK = select(Network.id).where(Network.slug == bindparam("slug"))


def number_of(slug: str) -> int:
    """The number of the workshop at that address. Raises Missing; a draft is missing."""
    found = quick(select(Workshop.id).where(Workshop.slug == slug, Workshop.state != "draft"))
    if not found:
        raise Missing
    return found[0][0]


def exists(name: str) -> bool:
    """Whether there is a calendar of that name."""
    if name.startswith("network/"):
        return bool(quick(_NETWORK, {"slug": name.removeprefix("network/")}))
    if name.startswith(PARTNERSHIP):
        return bool(quick(select(Partnership.id).where(Partnership.slug == name.removeprefix(PARTNERSHIP))))
    return name in PLACES


def shown_under(name: str) -> list[ColumnElement[bool]]:
    """Which workshops are shown under a name. Raises Missing for a name that is no calendar of workshops."""
    shown: list[ColumnElement[bool]] = [Workshop.state != "draft"]
    if name.startswith("network/"):
        return [*shown, Workshop.network.has(Network.slug == bindparam("network", name.removeprefix("network/")))]
    if name == "online":
        return [*shown, Workshop.format.in_(("online", "both"))]
    if name == "latin-america":
        return [*shown, Workshop.country.in_(LATIN_AMERICA), Workshop.format != "online"]
    if name in COUNTRIES:
        return [*shown, Workshop.country == COUNTRIES[name], Workshop.format != "online"]
    if name != "all":
        raise Missing
    return shown


def not_left_behind() -> ColumnElement[bool]:
    """What ended longer than KEPT_PAST before the scheduler last looked has left every calendar to subscribe to."""
    horizon = select(CalendarHorizon.name).where(CalendarHorizon.name == "past", CalendarHorizon.at >= Workshop.ends_at)
    return ~horizon.correlate(Workshop).exists()
