"""Staff: what people thought of a workshop, in numbers and in their own words, without names; and the same as a file."""

from __future__ import annotations

from flask import Response as File
from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Refused
from app.feedback import queries, rules, service, shown, writing
from app.languages import current
from app.web import Door, get_me
from app.workshops import queries as workshops

door = Door(__name__, "/staff/workshops/<int:workshop_id>/feedback")
FILES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@door.get("/")
def feedback(workshop_id: int) -> str:
    """How many have answered and what; of too few only how many."""
    workshop = workshops.get_named(workshop_id)
    instant = now()
    closes = rules.closes_at(workshop.ends_at, queries.days_open()) if workshop.ends_at else None
    return render_template(
        "feedback/results.html",
        workshop=workshop,
        results=shown.results(queries.of_workshop(workshop_id)),
        asked=queries.asked(workshop_id),
        closes=closes,
        over=workshop.state == "published" and workshop.ends_at is not None and workshop.ends_at <= instant,
        closed=closes is not None and closes <= instant,
        least=rules.LEAST,
    )


@door.post("/export.csv")
def export_csv(workshop_id: int) -> File | Response:
    """The numbers and the words as a table. By a button, because it is written down who took them along."""
    return _export(workshop_id, "csv")


@door.post("/export.xlsx")
def export_xlsx(workshop_id: int) -> File | Response:
    """The same as a workbook."""
    return _export(workshop_id, "xlsx")


def _export(workshop_id: int, kind: str) -> File | Response:
    instant = now()
    try:
        data = service.taken_along(
            kind.upper(),
            workshop_id,
            lambda rows: writing.as_csv(rows) if kind == "csv" else writing.as_workbook(rows, instant),
            by=person(get_me()),
            now=instant,
        )
    except Refused as refusal:
        flash(refusal.message, "error")
        return redirect(url_for(".feedback", workshop_id=workshop_id), 303)
    answer = File(data, content_type=FILES[kind])
    name = {"sv": "utvardering", "es": "evaluacion"}.get(current(), "feedback")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{workshop_id}-{instant:%Y-%m-%d}.{kind}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
