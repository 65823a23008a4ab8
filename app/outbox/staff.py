"""Staff: which mails went to whom, what waits, what needs a decision; pause and resume."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.announcements import announce
from app.audit.service import person
from app.clock import now
from app.errors import Missing
from app.languages import gettext as _
from app.outbox import queries, service, shown
from app.outbox.rules import OLD_COPY
from app.web import PAGE, Door, get_me, page_number, pages, reader_zone, safe_next

door = Door(__name__, "/staff")
HOME = "Europe/Stockholm"


@door.get("/mails")
def mails() -> str:
    """The outbox at a glance, and the mails that need a decision."""
    instant, page = now(), page_number()
    figures = queries.overview(instant)
    number = figures.failed + figures.uncertain + figures.held + figures.missed
    rows = queries.needing_staff(limit=PAGE, offset=(page - 1) * PAGE)
    return render_template(
        "outbox/mails.html",
        figures=figures,
        circuit=shown.told(figures.circuit),
        heartbeat=shown.ago(figures.heartbeat, instant),
        put_back=queries.put_back() if figures.paused else None,
        copies=_copies(instant),
        oldest=shown.ago(figures.oldest_due, instant) if figures.oldest_due else "",
        rows=[shown.row(message, HOME, reader_zone(), instant) for message in rows],
        pages=pages(number, page),
    )


@door.get("/workshops/<int:workshop_id>/mails")
def workshop_mails(workshop_id: int) -> str:
    """The mail log of one workshop: what went, what waits, what is still to be written."""
    instant, page, topic = now(), page_number(), f"workshop:{workshop_id}"
    tab = request.args.get("state", "all")
    if tab not in shown.FILTERS:
        raise Missing
    titles: list[queries.Topic] = []
    announce("topic_title", topic=topic, into=titles)
    if not titles:
        raise Missing
    about, zone = titles[0], reader_zone()
    planned: list[queries.Planned] = []
    if tab == "all" and page == 1:
        announce("planned_mails", topic=topic, into=planned)
        planned.sort(key=lambda row: row.due_at)
    counts = queries.counts(topic)
    numbers = {key: sum(counts.get(state, 0) for state in states or counts) for key, states in shown.FILTERS.items()}
    rows = queries.log(topic, shown.FILTERS[tab], limit=PAGE, offset=(page - 1) * PAGE)
    return render_template(
        "outbox/workshop_mails.html",
        about=about,
        workshop_id=workshop_id,
        tabs=[_tab(key, label, numbers[key], tab) for key, label in shown.filters().items() if key == "all" or numbers[key]],
        planned=[(row, shown.planned_tag(row), shown.clocks(row.due_at, about.zone, row.zone, zone)) for row in planned],
        rows=[shown.row(message, about.zone, zone, instant) for message in rows],
        pages=pages(numbers[tab], page),
    )


@door.post("/mails/pause")
def pause() -> Response:
    """Nothing leaves any more."""
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


def _tab(key: str, label: str, number: int, current: str) -> dict[str, Any]:
    view = dict(request.view_args or {})
    url = url_for(".workshop_mails", **view, state=None if key == "all" else key)
    return {"url": url, "label": f"{label} {number}", "current": key == current, "apart": False}
