"""A new draft out of an old workshop: other dates, and the parts that are wanted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from app.announcements import announce
from app.audit.service import Actor
from app.database import transaction
from app.errors import Refused
from app.languages import gettext as _
from app.workshops import above, queries, rules, service
from app.workshops.models import Workshop
from app.workshops.values import Text, Values
from app.workshops.writing import columns

PARTS = ("texts", "programme", "place", "registration", "questions", "holds", "documents", "reminders")
LINE: dict[str, Any] = {"waitlist": "at_once", "offer_hours": None, "promotion_ends_hours": None}


def copy(workshop_id: int, first: date | None, parts: Collection[str], *, by: Actor, now: datetime) -> Workshop:
    """The draft, with as many days between its days, from `first` on. Raises Missing, Refused for days that cannot be."""
    return columns.named(lambda: _copy(workshop_id, first, parts, by=by, now=now))


def _copy(workshop_id: int, first: date | None, parts: Collection[str], *, by: Actor, now: datetime) -> Workshop:
    with transaction():
        source = queries.get(workshop_id)
        chosen = above.reminders_of(source) if "reminders" in parts else []
        reminders = tuple(code for code in rules.REMINDERS if code in chosen)
        try:
            values = copied(queries.values_of(source), first, parts, reminders)
        except OverflowError:
            raise Refused(problems={"days-0-on": _("Enter a real day")}) from None
        workshop = service.make_draft(values, by=by, now=now, copy_of=source)
        announce("workshop_copied", source=source, workshop=workshop, parts=frozenset(parts), now=now)
        return workshop


def copied(values: Values, first: date | None, parts: Collection[str], reminders: tuple[str, ...]) -> Values:
    """What the copy says. Days, clock, languages and theme always come along, and the titles: a draft needs a name."""
    days = sorted(values.days)
    shift = first - days[0].on if first and days else timedelta()
    fresh = replace(
        values,
        days=tuple(replace(day, on=day.on + shift, id=None) for day in days),
        sessions=tuple(replace(session, id=None) for session in values.sessions) if "programme" in parts else (),
        documents=values.documents if "documents" in parts else (),
        reminders=reminders,
        holds=tuple(replace(hold, until=hold.until + shift) for hold in values.holds) if {"holds", "registration"} <= {*parts} else (),
    )
    if "texts" not in parts:
        fresh = replace(fresh, texts={lang: Text(title=text.title) for lang, text in values.texts.items()})
    if "place" not in parts:
        fresh = replace(fresh, organisation_id=None, venue="", street_address="", latitude=None, longitude=None, join_url="")
    if "registration" not in parts:
        window: dict[str, Any] = {"opens": None, "closes": None, "letters": None}
        return replace(fresh, capacity=0, access="network", approval=False, invitees=frozenset(), **window, **LINE)
    opens, closes, letters = (wall and wall + shift for wall in (values.opens, values.closes, values.letters))
    return replace(fresh, opens=opens, closes=closes, letters=letters)
