"""The members of a network as places, arcs and countries of the map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flask import url_for

from app.languages import country, listed, ngettext
from app.languages import gettext as _
from app.membership.line import workshops_by_country
from app.membership.told import PartnershipShown
from app.organisations import map as drawn
from app.organisations.models import Network, Organisation

CROWDED = 3  # so many places of a country stand in its words when the drawing has no room for their names


def draw_network(
    network: Network,
    members: Sequence[Organisation],
    partnerships: Sequence[PartnershipShown],
    *,
    with_countries: bool = True,
    beside: Sequence[Network] = (),
) -> drawn.Drawing:
    """The map: members as dots, partnerships as arcs, each country with its counts. `beside`: other networks on the same map."""
    places = {member.place: drawn.Place(member.place, member.latitude, member.longitude) for member in members}
    arcs = [
        drawn.Partnership(
            one.right.place,
            one.left.place,
            one.title,
            _("%(area)s, %(years)s", area=one.area, years=one.years),
            url_for("membership_public.partnership", slug=one.slug),
        )
        for one in partnerships
    ]
    held = workshops_by_country([network.id, *(one.id for one in beside)]) if with_countries else {}
    codes = Counter(member.country for member in members)
    countries = [
        drawn.Country(
            code,
            country(code),
            _lines([member for member in members if member.country == code], held.get(code, 0)),
            url_for("workshops_public.workshops", country=code),
        )
        for code in sorted(codes, key=lambda code: min(member.longitude for member in members if member.country == code))
    ]
    return drawn.draw(places.values(), arcs, countries if with_countries else [])


def _lines(members: Sequence[Organisation], workshops: int) -> list[str]:
    """'5 municipalities, 2 regions' and '6 workshops'; the names themselves when they stand too close for the drawing."""
    kinds = Counter(member.kind for member in members)
    parts = []
    if number := kinds["municipality"]:
        parts.append(ngettext("%(num)s municipality", "%(num)s municipalities", number))
    if number := kinds["region"]:
        parts.append(ngettext("%(num)s region", "%(num)s regions", number))
    spread = max(m.latitude for m in members) - min(m.latitude for m in members)
    words = listed([member.place for member in members]) if len(members) >= CROWDED and spread < 1 else listed(parts)
    lines = [words] if words else []
    if workshops:
        lines.append(ngettext("%(num)s workshop", "%(num)s workshops", workshops))
    return lines
