"""Staff: which mails went to whom, what waits, what needs a decision; pause and resume."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.languages import gettext as _
from app.outbox import queries, service, shown
from app.outbox.bounces.queries import last_words, marked
from app.outbox.log import queries as log
from app.outbox.log.pages import HOME, log_facts, told_about
from app.outbox.rules import OLD_COPY, rate
from app.web import PAGE, Door, get_me, page_number, pages, reader_zone, safe_next

door = Door(__name__, "/staff")


@door.get("/mails")
def mails() -> str:
    """The outbox at a glance, and the mails that need a decision."""
    instant, page = now(), page_number()
    figures = queries.overview(instant)
    number = figures.failed + figures.uncertain + figures.held + figures.missed
    marks = marked()
    rows = queries.needing_staff(limit=PAGE, offset=(page - 1) * PAGE)
    return render_template(
        "outbox/mails.html",
        figures=figures,
        circuit=shown.told(figures.circuit),
        rate=rate(current_app.config["CONFIG"].number("mail_per_minute"), figures.halved),
        heartbeat=shown.ago(figures.heartbeat, instant),
        put_back=queries.put_back() if figures.paused else None,
        copies=_copies(instant),
        oldest=shown.ago(figures.oldest_due, instant) if figures.oldest_due else "",
        bounces=figures.bounces,
        marks=marks,
        said=last_words(mark.address for mark in marks),
        rows=shown.rows(rows, HOME, reader_zone(), instant),
        pages=pages(number, page),
    )


@door.get("/workshops/<int:workshop_id>/mails")
def workshop_mails(workshop_id: int) -> str:
    """The mail log of one workshop: what went, what waits, what is still to be written."""
    topic = f"workshop:{workshop_id}"
    about, planned = told_about(topic)
    facts = log_facts(log.of_topic(topic), about.zone)
    return render_template("outbox/workshop_mails.html", about=about, workshop_id=workshop_id, planned=planned, **facts)


@door.post("/mails/pause")
def pause() -> Response:
    """Nothing leaves any more, but codes and what else somebody waits for at this moment."""
    service.pause(by=person(get_me()), now=now())
    flash(_("Mail is paused. What is due waits until you let it go."), "warning")
    return redirect(url_for(".mails"), 303)


@door.post("/mails/resume")
def resume() -> Response:
    """Mail goes out again; after a copy was put back, not before staff have seen what would go."""
    if queries.put_back():
        return redirect(url_for("backups_staff.look"), 303)
    service.resume(by=person(get_me()), now=now())
    flash(_("Mail goes out again."))
    return redirect(url_for(".mails"), 303)


@door.post("/mails/<uuid:message_id>/resend")
def resend(message_id: UUID) -> Response:
    """One mail gets another chance."""
    message = service.resend(message_id, by=person(get_me()), now=now())
    flash(_("The mail to %(name)s goes once more.", name=message.recipient_name or message.recipient))
    return redirect(safe_next(request.form.get("next") or url_for(".mails")), 303)


@door.post("/mails/<uuid:message_id>/set-aside")
def set_aside(message_id: UUID) -> Response:
    """One mail is left as it is."""
    message = service.set_aside(message_id, by=person(get_me()), now=now())
    flash(_("The mail to %(name)s is set aside.", name=message.recipient_name or message.recipient))
    return redirect(safe_next(request.form.get("next") or url_for(".mails")), 303)


def _copies(instant: datetime) -> tuple[str, bool] | None:
    """How old the last good copy of the database is, and whether that is too old; None where nothing makes any by itself."""
    if not current_app.config["CONFIG"].settings.backup_folder:
        return None
    last = queries.last_end("backup")
    return shown.ago(last, instant), last is None or instant - last > OLD_COPY
