"""Staff publish, postpone, cancel, copy a workshop, take it up again, throw it away, and undo what was changed."""

from __future__ import annotations

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from app.audit import queries as audit
from app.audit.service import person
from app.clock import now
from app.errors import Conflict, Refused
from app.languages import LANGUAGES
from app.languages import gettext as _
from app.web import Door, get_me
from app.workshops import above, queries, rules
from app.workshops.acts import copying, service
from app.workshops.acts.asking import Page, keep, version_of, what_happens
from app.workshops.acts.forms import Act, CopyForm, ReasonForm, reasons_of
from app.workshops.form.filling import filled_form, names_of
from app.workshops.past import kept
from app.workshops.showing import shown

door = Door(__name__, "/staff/workshops", name="workshops_acts_staff")


@door.post("/<int:workshop_id>/publish")
def publish(workshop_id: int) -> Page:
    """Public from now on, or back to the list of what is missing."""
    return _act(workshop_id, "publish", _("The workshop is published."), "workshops_staff.preview")


@door.post("/<int:workshop_id>/restore")
def restore(workshop_id: int) -> Page:
    """It takes place after all."""
    return _act(workshop_id, "restore", _("The workshop takes place again. Everybody registered is told."), "workshops_staff.edit")


@door.post("/<int:workshop_id>/delete")
def delete(workshop_id: int) -> Page:
    """Throws a draft away."""
    return _act(workshop_id, "delete_draft", _("The draft is thrown away."), "workshops_staff.edit")


def _act(workshop_id: int, verb: str, done: str, back: str) -> Page:
    form = Act()
    if not form.validate_on_submit():
        raise Refused
    if request.form.get("act") == "back":
        return redirect(url_for(back, workshop_id=workshop_id), 303)
    instant = now()
    act = partial(getattr(service, verb), workshop_id, version=version_of(form), by=person(get_me()), now=instant)
    try:
        if verb != "delete_draft" and request.form.get("act") != "sure":
            return what_happens(workshop_id, verb, act, instant)
        act()
    except Refused as refusal:
        return _back(refusal, back, workshop_id)
    flash(done)
    return redirect(
        url_for("workshops_staff.workshops") if verb == "delete_draft" else url_for("workshops_staff.edit", workshop_id=workshop_id), 303
    )


def _back(refusal: Refused, endpoint: str, workshop_id: int) -> Answer:
    for words in refusal.problems.values():
        flash(words, "error")
    return redirect(url_for(endpoint, workshop_id=workshop_id), 303)


@door.get("/<int:workshop_id>/<any(publish, postpone, cancel, restore, delete):verb>")
def ask(workshop_id: int, verb: str) -> str:
    """The question before a draft is thrown away; for the other acts what must be known before it can be seen what they do."""
    return _ask(workshop_id, verb, ReasonForm())


@door.post("/<int:workshop_id>/<any(postpone, cancel):verb>")
def stop(workshop_id: int, verb: str) -> Page:
    """Postponed or cancelled, with the reason in three languages."""
    form = ReasonForm()
    if request.form.get("act") == "back":
        return _ask(workshop_id, verb, form)
    if form.validate_on_submit():
        instant = now()
        reasons, version = reasons_of(form), version_of(form)
        act = partial(getattr(service, verb), workshop_id, reasons, version=version, by=person(get_me()), now=instant)
        try:
            if request.form.get("act") != "sure":
                return what_happens(workshop_id, verb, act, instant)
            act()
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict:
            form.version.data = ""  # pressed once more it is done to what stands there now
            form.refuse(Refused(_("Somebody else has changed the workshop meanwhile. Look at it, then press the button once more.")))
            return _ask(workshop_id, verb, form), 409
        else:
            flash(_("The workshop is cancelled.") if verb == "cancel" else _("The workshop is postponed."))
            return redirect(url_for("workshops_staff.edit", workshop_id=workshop_id), 303)
    return _ask(workshop_id, verb, form), 422


def _ask(workshop_id: int, verb: str, form: ReasonForm) -> str:
    workshop = queries.get(workshop_id)
    allowed = workshop.state == "draft" if verb == "delete" else rules.next_state(workshop.state, verb) is not None
    if not allowed:
        raise Refused(_("That cannot be done any more: somebody has changed the state of the workshop."))
    if not form.version.data:
        form.version.data = str(workshop.version)
    return render_template("workshops/ask.html", workshop=workshop, verb=verb, form=form, tongues=LANGUAGES)


@door.route("/<int:workshop_id>/undo/<int:entry_id>", methods=["GET", "POST"])
def undo(workshop_id: int, entry_id: int) -> Page:
    """Takes back what one line of the history changed, the way that the form would."""
    workshop = queries.get(workshop_id)
    entry = audit.get(f"workshop:{workshop_id}", entry_id)
    form = Act()
    if request.method == "GET" or request.form.get("act") == "back":
        return redirect(url_for("workshops_staff.edit", workshop_id=workshop_id), 303)
    if not form.validate():
        raise Refused
    values = kept.restored(above.as_typed(workshop), entry)
    if values is None:
        return _back(Refused(_("That cannot be undone any more: it has been changed since.")), "workshops_staff.edit", workshop_id)
    try:
        return keep(workshop, values, version_of(form), names=names_of(filled_form(workshop)), takes_back=True)
    except Refused as refusal:
        return _back(refusal, "workshops_staff.edit", workshop_id)


@door.route("/<int:workshop_id>/copy", methods=["GET", "POST"])
def copy(workshop_id: int) -> Page:
    """A new draft out of this workshop, on other days."""
    workshop = queries.get(workshop_id)
    form = CopyForm(data={"parts": list(copying.PARTS)} if request.method == "GET" else None)
    form.offer()
    if request.method == "POST":
        form.validate()
        first = form.read(needed=bool(workshop.days))
        if not (form.first.errors or form.parts.errors):
            try:
                made = copying.copy(workshop_id, first, form.parts.data or (), by=person(get_me()), now=now())
            except Refused as refusal:
                form.refuse(refusal)
            else:
                flash(_("The copy is made. Check what has to be different."))
                return redirect(url_for("workshops_staff.edit", workshop_id=made.id), 303)
    days = shown.days_words(workshop.days[0].on, workshop.days[-1].on) if workshop.days else ""
    page = render_template("workshops/copy.html", workshop=workshop, form=form, days=days)
    return page if request.method == "GET" else (page, 422)
