"""A new draft out of an old workshop: other dates, and the parts that are wanted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

from app.audit.service import Actor, record
from app.database import transaction
from app.errors import Refused
from app.languages import gettext as _
from app.workshops import queries, service
from app.workshops.models import Workshop
from app.workshops.rules import Text, Values

PARTS = ("texts", "programme", "place", "registration", "documents", "reminders")


def copy(workshop_id: int, first: date, parts: Collection[str], *, by: Actor, now: datetime) -> Workshop:
    """The draft, on the same days of the count from `first`. Raises Missing, Refused for days that cannot be."""
    with transaction():
        source = queries.get(workshop_id)
        reminders = tuple(service.reminders_of(source)) if "reminders" in parts else ()
        try:
            values = copied(queries.values_of(source), first, parts, reminders)
        except OverflowError:
            raise Refused(problems={"days-0-on": _("Enter a real day")}) from None
        workshop = service.save_draft(values, by=by, now=now)
        record("workshop.copied", f"workshop:{workshop.id}", by=by, now=now, title=source.text.title, workshop=source.id)
        return workshop


def copied(values: Values, first: date, parts: Collection[str], reminders: tuple[str, ...]) -> Values:
    """What the copy says. Days, clock, languages and theme always come along, and the titles: a draft needs a name."""
    days = sorted(values.days)
    shift = first - days[0].on if days else timedelta()
    fresh = replace(
        values,
        days=tuple(replace(day, on=day.on + shift, id=None) for day in days),
        sessions=tuple(replace(session, id=None) for session in values.sessions) if "programme" in parts else (),
        documents=values.documents if "documents" in parts else (),
        reminders=reminders,
    )
    if "texts" not in parts:
        fresh = replace(fresh, texts={lang: Text(title=text.title) for lang, text in values.texts.items()})
    if "place" not in parts:
        fresh = replace(fresh, organisation_id=None, venue="", street_address="", latitude=None, longitude=None, join_url="")
    if "registration" not in parts:
        return replace(fresh, capacity=0, access="network", invitees=frozenset(), opens=None, closes=None)
    opens, closes = (wall and wall + shift for wall in (values.opens, values.closes))
    return replace(fresh, opens=opens, closes=closes)
