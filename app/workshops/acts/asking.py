"""What an act will do is shown first; what was sent travels along, so that one more click does it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from app.audit import queries as audit
from app.audit.service import person
from app.clock import now
from app.database import end_reading
from app.languages import LANGUAGES, ngettext
from app.languages import gettext as _
from app.web import get_me, reader_zone, row_number
from app.workshops import above, queries, service
from app.workshops.acts import outcome, rehearsal
from app.workshops.acts.forms import Act, ReasonForm
from app.workshops.form.forms import WorkshopForm
from app.workshops.models import Workshop
from app.workshops.past import history
from app.workshops.past.changes import NO_NAMES, Names
from app.workshops.values import Values
from app.workshops.writing.differences import asks_first

MOST_CHANGES = 5  # of others, that one page tells
Page = str | Answer | tuple[str, int]


def what_happens(workshop_id: int, verb: str, act: Callable[[], object], instant: datetime, names: Names = NO_NAMES) -> str:
    """What an act will do, with all that was sent, so that one click does it, and another leads back."""
    found = rehearsal.rehearse(workshop_id, act, now=instant, names=names)
    sent = [(name, value) for name, values in request.form.lists() for value in values if name not in {"csrf_token", "act"}]
    tongues = {code: outcome.tongue(code) for code in LANGUAGES}
    return render_template(
        "workshops/what_happens.html", workshop=queries.get(workshop_id), verb=verb, effect=found, sent=sent, tongues=tongues
    )


def keep(workshop: Workshop, values: Values, version: int, *, names: Names, takes_back: bool = False) -> Page:
    """Saved; but before people are told and calendars follow, what saving will do."""
    instant = now()
    save = partial(service.save, workshop.id, values, version, by=person(get_me()), now=instant, takes_back=takes_back)
    if request.form.get("act") != "sure" and asks_first(workshop, values):
        return what_happens(workshop.id, "undo" if takes_back else "save", save, instant, names)
    return saved(save())


def saved(workshop: Workshop) -> Answer:
    """Back to the form, or on to the preview, with a word about it."""
    if request.form.get("act") == "look":
        return redirect(url_for("workshops_staff.preview", workshop_id=workshop.id), 303)
    flash(_("The draft is saved.") if workshop.state == "draft" else _("The changes are saved."))
    if not workshop.approval and (asking := above.beside(workshop, workshop.network_id).asking):
        words = ngettext(
            "One request stays open until you decide about it.", "%(num)s requests stay open until you decide about them.", asking
        )
        flash(words)
    return redirect(url_for("workshops_staff.edit", workshop_id=workshop.id), 303)


def overtaken(workshop_id: int, verb: str, version: int) -> Page:
    """What somebody else has changed meanwhile, who and when; the same button does the act to what stands there now."""
    end_reading()
    workshop = queries.get(workshop_id)
    changes = max(1, min(workshop.version - version, MOST_CHANGES)) if version else 1
    lines = audit.last_of(f"workshop:{workshop_id}", history.CHANGES, changes)
    sent = [(name, value) for name, values in request.form.lists() for value in values if name not in {"csrf_token", "act", "version"}]
    happened = history.history(lines, reader_zone(), state=workshop.state, values=queries.values_of(workshop))
    page = render_template("workshops/overtaken.html", workshop=workshop, verb=verb, happened=happened, sent=sent)
    return page, HTTPStatus.CONFLICT


def version_of(form: WorkshopForm | ReasonForm | Act) -> int:
    """The version that the form was filled from; 0, which no workshop has, if that is lost."""
    return row_number(form.version.data) or 0
