"""The page with the questions, behind a mailed link as behind a sign-in."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import Refused
from app.feedback import queries, rules, service
from app.feedback.forms import FeedbackForm, saved
from app.languages import gettext as _
from app.registrations.models import Registration


def page(registration: Registration, back: str) -> str | Response | tuple[str, int]:
    """GET shows where the form stands, and the form; POST keeps what was answered. `back`: the page of the registration."""
    instant = now()
    stage, workshop = queries.stage_of(registration, instant), registration.workshop
    before = queries.find(registration) if stage == "open" else None
    form, status = FeedbackForm(data=saved(before)), 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                service.answer(registration.id, form.given(), now=instant)
            except Refused as refusal:
                form.refuse(refusal)
            else:
                flash(_("Thank you. Your answers are saved."))
                return redirect(request.path, 303)
    closes = rules.closes_at(workshop.ends_at, queries.days_open()) if workshop.ends_at else None
    return render_template(
        "feedback/form.html", form=form, registration=registration, workshop=workshop, stage=stage, before=before, closes=closes, back=back
    ), status


def take_back(registration: Registration, here: str) -> Response:
    """The answers are gone; the form is open again. `here`: the page with the questions."""
    try:
        service.take_back(registration.id, now=now())
    except Refused as refusal:
        flash(refusal.message, "error")
    else:
        flash(_("Your answers are thrown away."))
    return redirect(here, 303)
