"""What the public page of a network shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.membership import line, queries, told
from app.membership import shown as commitment
from app.membership.drawing import draw_network
from app.membership.network import shown
from app.organisations import queries as organisations
from app.organisations.models import Network
from app.web import acts_as_staff, reader_zone
from app.workshops import queries as workshops
from app.workshops.showing.shown import row


def facts(network: Network, now: datetime) -> dict[str, Any]:
    """All of it, as what the template asks for; as many statements for a hundred members as for one."""
    today = now.date()
    members = organisations.members(network, max(min(today, network.ends_on), network.starts_on))
    partnerships = [told.partnership(one) for one in line.partnerships(network.id)]
    under_way = [one for one in partnerships if one.under_way]
    rules = queries.rules_on(queries.rules_of(network.id), today)
    coming = [one for one in workshops.coming(now) if one.network_id == network.id]
    return {
        "network": network,
        "years": shown.years(network),
        "name_lang": shown.name_lang(network),
        "purpose": shown.purpose(network),
        "why": shown.passage(network, "why"),
        "joining": shown.passage(network, "joining"),
        "themes": shown.themes(network),
        "call": shown.call(network, now, reader_zone()),
        "call_text": shown.passage(network, "call"),
        "asked": [commitment.asked(rule) for rule in rules],
        "asks": {side: any(getattr(rule, side) for rule in rules) for side in ("latin_america", "sweden")},
        "members_words": told.members_words(len(members), len(under_way)) if members else "",
        "groups": told.by_country(members),
        "drawing": draw_network(network, members, under_way) if members else None,
        "partnerships": partnerships,
        "rows": [row(workshop, reader_zone(), now) for workshop in coming],
        "documents": shown.documents(network),
        "edits": acts_as_staff(),
        "others": len(organisations.networks()) > 1,
    }
