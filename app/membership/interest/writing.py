"""What a municipality says becomes rows; what cannot be said, and what is still missing, is refused beside its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm.attributes import flag_modified

from app.database import db
from app.errors import Refused
from app.languages import LANGUAGES, day_short
from app.languages import gettext as _
from app.membership.interest import queries, rules
from app.membership.interest.models import Interest, InterestColleague, InterestWorkshop
from app.membership.interest.rules import Values
from app.membership.partnership.rules import AREAS
from app.organisations.models import Network, Organisation


def themes_of(network: Network) -> Sequence[str]:
    """What can be chosen: the network's own themes, else all areas."""
    return [code for code in AREAS if code in network.themes] or list(AREAS)


def call_for(row: Interest, now: datetime) -> int | None:
    """The open call that it falls into. Raises Refused, with the day on which it closed or opens."""
    calls = queries.calls(row.network.id)
    zone = row.organisation.zone if row.organisation else row.zone
    if (found := rules.open_call(calls, zone, now)) is not None:
        return found.id
    if (coming := rules.next_call(calls, zone, now)) is not None:
        raise Refused(_("The call opens on %(day)s. What you have written is kept until then.", day=day_short(coming.opens_on)))
    if (past := rules.last_call(calls, zone, now)) is not None:
        on = day_short(past.closes_on)
        raise Refused(_("The call closed on %(day)s. A draft is kept, but can only be sent in another call.", day=on))
    raise Refused(_("The network has no open call."))


def refuse_incomplete(row: Interest, values: Values, now: datetime) -> None:
    found = rules.missing(values, [one for _row, one in queries.offered(row.network.id, now, values.workshops)])
    words = {
        "challenge": _("Describe the equality challenge that you want to work on"),
        "themes": _("Choose at least one theme"),
        "support": _("Say who stands behind it politically"),
        "languages": _("Choose at least one language"),
        "number": _("Enter a number, also if it is 0"),
        "nobody": _("At least one person must take part"),
        "both": _("Choose a workshop in Latin America and one in Sweden, or say why you cannot"),
        "sweden": _("Choose a workshop in Sweden too, or say why you cannot"),
        "latin_america": _("Choose a workshop in Latin America too, or say why you cannot"),
    }
    if found:
        raise Refused(problems={name: words[code] for name, code in found.items()})


def _refuse_unfit(row: Interest, values: Values, now: datetime) -> None:
    offered = {one.id for _row, one in queries.offered(row.network.id, now, [one.workshop_id for one in row.workshops])}
    themes = {*themes_of(row.network), *row.themes}
    found = rules.unfit(values, themes=themes, languages=LANGUAGES, offered=offered)
    words = {
        "list": _("Choose from the list"),
        "number": _("Enter a number from 0 to %(max)s", max=rules.MOST_PEOPLE),
        "many": _("Name at most %(max)s colleagues", max=rules.MOST_COLLEAGUES),
        "twice": _("Somebody is named twice"),
    }
    if values.partner_id is not None and db.session.get(Organisation, values.partner_id) is None:
        found["partner_id"] = "list"
    if found:
        raise Refused(problems={name: words[code] for name, code in found.items()})


def write(row: Interest, values: Values, lang: str, now: datetime) -> bool:
    """Whether anything was new. Raises Refused."""
    _refuse_unfit(row, values, now)
    if values == values_of(row):
        return False
    row.challenge, row.support, row.why, row.partner = values.challenge, values.support, values.why, values.partner
    row.themes, row.languages = list(values.themes), list(values.languages)
    row.politicians, row.officials, row.partner_id = values.politicians, values.officials, values.partner_id
    row.lang, row.changed_at = lang, now
    flag_modified(row, "changed_at")  # the version rises though a colleague alone is another
    there = {one.workshop_id: one for one in row.workshops}
    row.workshops = [there.get(number) or InterestWorkshop(workshop_id=number) for number in values.workshops]
    row.colleagues = [InterestColleague(name=one.name, address=one.address, comes_as=one.comes_as) for one in values.colleagues]
    db.session.flush()
    return True


def values_of(row: Interest) -> Values:
    """What it says, as plain values."""
    return Values(
        challenge=row.challenge,
        themes=tuple(row.themes),
        politicians=row.politicians,
        officials=row.officials,
        support=row.support,
        languages=tuple(row.languages),
        workshops=tuple(sorted(one.workshop_id for one in row.workshops)),
        why=row.why,
        partner_id=row.partner_id,
        partner=row.partner,
        colleagues=tuple(rules.Colleague(one.name, one.address, one.comes_as) for one in row.colleagues),
    )


def kept(values: Values) -> dict[str, Any]:
    """The same, as a row keeps it."""
    return asdict(values)


def read(kept: Mapping[str, Any]) -> Values:
    """What kept() wrote."""
    lists = {name: tuple(kept[name]) for name in ("themes", "languages", "workshops")}
    return Values(**{**kept, **lists, "colleagues": tuple(rules.Colleague(**one) for one in kept["colleagues"])})
