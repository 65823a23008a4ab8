"""What has happened to the demo's workshops, as the audit would have kept it: the news of a feed come from there."""

from __future__ import annotations

from datetime import date

from app.audit.service import DEMO, record
from app.workshops.models import Workshop
from app.workshops.past.told import days_fact
from app.workshops.values import Day


def write(row: Workshop, before: tuple[date, date] | None) -> None:
    """Published, and what came after: moved from the days `before`, postponed or cancelled."""
    if row.published_at is None:
        return
    topic, days = f"workshop:{row.id}", [Day(day.on, day.starts, day.ends) for day in row.days]
    shift = days[0].on - before[0] if before else None
    old = [Day(day.on - shift, day.starts, day.ends) for day in days] if shift else days
    record("workshop.published", topic, by=DEMO, now=row.published_at, stage="published", days=days_fact(old, row.zone))
    if shift:
        words = {"before": _interval(old), "after": _interval(days)}
        told = {"days_before": days_fact(old, row.zone), "days": days_fact(days, row.zone)}
        record("workshop.moved", topic, by=DEMO, now=row.changed_at, stage="published", **words, **told)
    if row.state in {"postponed", "cancelled"}:
        reasons = {lang: text.reason for lang, text in row.texts.items()}
        record(f"workshop.{row.state}", topic, by=DEMO, now=row.changed_at, reasons=reasons, days=days_fact(days, row.zone))


def _interval(days: list[Day]) -> str:
    return f"{days[0].on.isoformat()}/{days[-1].on.isoformat()}"
