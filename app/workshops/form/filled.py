"""A saved workshop as the data that its form is filled with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.languages import LANGUAGES
from app.workshops.form import rows
from app.workshops.form.forms import LIMITS
from app.workshops.values import Text, Values


def data_of(values: Values, version: int, reminders: Sequence[str]) -> dict[str, Any]:
    """A workshop as the form's data."""
    plain = ("original_lang", "zone", "format", "venue", "street_address", "place", "join_url", "access", "contact")
    flat = {name: getattr(values, name) for name in plain}
    for lang in LANGUAGES:
        text = values.texts.get(lang, Text())
        flat |= {f"{name}_{lang}": getattr(text, name) for name in LIMITS}
    for name, wall in (("opens", values.opens), ("closes", values.closes), ("letters", values.letters)):
        flat |= {f"{name}_on": f"{wall:%Y-%m-%d}" if wall else "", f"{name}_time": f"{wall:%H:%M}" if wall else ""}
    return flat | {
        "version": str(version),
        "network": str(values.network_id),
        "organisation": str(values.organisation_id or ""),
        "country": values.country or "",
        "theme": values.theme or "",
        "latitude": "" if values.latitude is None else str(values.latitude),
        "longitude": "" if values.longitude is None else str(values.longitude),
        "capacity": str(values.capacity or ""),
        "invitees": [str(row) for row in values.invitees],
        "spoken": list(values.spoken),
        "reminder_choice": "own" if reminders else "usual",
        "reminders": list(reminders),
        "in_series": values.in_series,
        "days": [rows.data_of_day(day) for day in values.days],
        "sessions": [rows.data_of_session(session) for session in sorted(values.sessions)],
        "approval": values.approval,
        "waitlist": values.waitlist,
        "offer_hours": "" if values.offer_hours is None else str(values.offer_hours),
        "promotion_ends_hours": "" if values.promotion_ends_hours is None else str(values.promotion_ends_hours),
        "holds": [
            {"organisation": str(hold.organisation_id), "seats": str(hold.seats), "until": hold.until.isoformat()} for hold in values.holds
        ],
        "documents": [{"title": one.title, "url": one.url, "lang": one.lang or ""} for one in values.documents],
    }
