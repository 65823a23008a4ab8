"""The demo's partnership and all that it has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.audit.service import DEMO
from app.database import db
from app.demo import content
from app.membership.models import Partnership, PartnershipLink, PartnershipPerson
from app.membership.partnership import dates
from app.organisations.models import Network, Organisation


def write(facts: content.Partnership, organisations: Mapping[str, Organisation], network: Network, now: datetime) -> None:
    """A partnership with its people, dates and documents."""
    row = Partnership(
        slug=facts.slug,
        network_id=network.id,
        left=organisations[facts.left],
        right=organisations[facts.right],
        area=facts.area,
        phase=facts.phase(now.date()),
        starts_on=facts.phases[0].starts_on,
        project_on=next(each.starts_on for each in facts.phases if each.name == "project"),
        ends_on=facts.phases[-1].ends_on,
        people=[PartnershipPerson(name=facts.mentor, role="mentor")],
        links=[PartnershipLink(title=title, url=url) for title, url in facts.documents],
    )
    db.session.add(row)
    db.session.flush()
    for each in facts.dates:
        first = each.on or now.date() + timedelta(days=each.in_days)
        place = organisations[each.at]
        begins, ends = each.hours or (None, None)
        last = first + timedelta(days=each.days - 1)
        dates.write(
            row.slug,
            None,
            dates.Values(each.kind, each.titles, place.zone, first, last, begins, ends, place.place, public=each.public),
            by=DEMO,
            now=now,
        )
