"""What has changed between two versions of a workshop, and which of it others have to hear of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from app.workshops import queries
from app.workshops.models import Workshop
from app.workshops.values import Day, Session, Text, Values

COLUMNS = (
    "network_id", "organisation_id", "format", "original_lang", "theme", "venue", "street_address", "place", "country",
    "latitude", "longitude", "join_url", "zone", "capacity", "access", "approval", "waitlist", "offer_hours",
    "promotion_ends_hours", "contact", "in_series",
)  # fmt: skip
PLACE = frozenset({"format", "venue", "street_address", "place", "country", "latitude", "longitude"})
SHOWN = PLACE | {"network_id", "original_lang", "texts", "spoken", "closes", "zone"}  # what every calendar entry shows
# what staff are asked about before it is changed: people are told, calendars follow
ASKED = PLACE | {"days", "sessions", "zone", "join_url"}


def asks_first(workshop: Workshop, values: Values) -> bool:
    """Whether saving these values changes the time or place of something public."""
    return workshop.state != "draft" and bool(differences(queries.values_of(workshop), values) & ASKED)


def differences(before: Values, after: Values) -> set[str]:
    """The names of what has changed, but for the reminders."""
    found = {name for name in (*COLUMNS, "opens", "closes", "letters") if getattr(before, name) != getattr(after, name)}
    if invited(before) != invited(after):
        found.add("invitees")
    if set(before.spoken) != set(after.spoken):
        found.add("spoken")
    if _said(before) != _said(after):
        found.add("texts")
    if set(before.holds) != set(after.holds):
        found.add("holds")
    if _on_rows(before, before) != _on_rows(before, after):
        found.add("sessions")
    if before.documents != after.documents:
        found.add("documents")
    if [(*_wall(day), day.id) for day in before.days] != [(*_wall(day), day.id or _id_of(before, day)) for day in sorted(after.days)]:
        found.add("days")
    return found


def _on_rows(before: Values, values: Values) -> list[Session]:
    """The sessions by the rows of their days, so that a day put before others does not change what is on those."""
    numbers = [day.id or _id_of(before, day) or -place for place, day in enumerate(sorted(values.days), 1)]
    return sorted(replace(session, day=numbers[session.day]) for session in values.sessions)


def ages_of(workshop: Workshop, before: Values, after: Values, now: datetime) -> dict[str, datetime]:
    """When each language was last changed, counting what is about to be saved."""
    ages = {lang: text.changed_at for lang, text in workshop.texts.items()}
    return ages | {lang: now for lang, text in after.texts.items() if text != before.texts.get(lang, Text())}


def invited(values: Values) -> frozenset[int]:
    return values.invitees if values.access == "invited" else frozenset()


def _said(values: Values) -> dict[str, Text]:
    return {lang: text for lang, text in values.texts.items() if text}


def _wall(day: Day) -> tuple[date, time, time]:
    return day.on, day.starts, day.ends


def _id_of(values: Values, day: Day) -> int | None:
    return next((other.id for other in values.days if other.on == day.on), None)
