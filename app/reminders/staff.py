"""Reminders that need a second look: held because very many would get them, or missed because the clock stood still."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.languages import gettext as _
from app.languages import ngettext
from app.organisations.queries import networks
from app.reminders import hurrying, queries, service
from app.reminders.shown import wall_of, why_held, words_of
from app.web import Door, get_me, row_number

door = Door(__name__, "/staff/reminders")


@door.get("/")
def reminders() -> str:
    """What is held and what was missed in the last fortnight."""
    rows = queries.watched(now())
    people = queries.readers([row.workshop_id for row in rows])
    counts = {row.id: found.people for row in rows if (found := people.get((row.workshop_id, row.rule.audience), {}).get(row.zone))}
    words = {row.id: words_of(row.rule) for row in rows}
    walls = {row.id: wall_of(row) for row in rows}
    facts = {"rows": rows, "counts": counts, "words": words, "walls": walls, "why_held": why_held}
    return render_template("reminders/watched.html", networks=networks(), **facts)


@door.post("/<int:occurrence_id>/release")
def release(occurrence_id: int) -> Response:
    """The second click: it goes."""
    counts = service.release(occurrence_id, by=person(get_me()), now=now())
    flash(_("The reminder is on its way: %(number)s mails.", number=counts.queued))
    return redirect(url_for(".reminders"), 303)


@door.get("/<int:occurrence_id>/now")
def ask_now(occurrence_id: int) -> str | Response:
    """Before a planned reminder goes ahead of its hour: which, to how many."""
    row, number = hurrying.look(occurrence_id, now())
    if not number:  # written, missed or taken back; or nobody is left
        return redirect(url_for("outbox_staff.workshop_mails", workshop_id=row.workshop_id), 303)
    return render_template("reminders/now.html", row=row, number=number, words=words_of(row.rule), wall=wall_of(row))


@door.post("/<int:occurrence_id>/now")
def send_now(occurrence_id: int) -> Response:
    """It goes now."""
    seen = row_number(request.form.get("seen", "")) or 0
    row, _number = hurrying.look(occurrence_id, now())
    counts = hurrying.send_now(occurrence_id, seen=seen, by=person(get_me()), now=now())
    flash(ngettext("One mail is on its way.", "%(num)s mails are on their way.", counts.queued))
    return redirect(url_for("outbox_staff.workshop_mails", workshop_id=row.workshop_id), 303)
