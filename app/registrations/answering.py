"""The page on which somebody changes the own answers, behind a mailed link as behind a sign-in."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.audit.service import Actor
from app.clock import now
from app.errors import Refused
from app.languages import gettext as _
from app.questions import queries as questions
from app.questions.forms import saved, with_questions
from app.questions.shown import conditions
from app.registrations import answers, shown
from app.registrations.forms import Act
from app.registrations.models import Registration


def page(registration: Registration, back: str, *, by: Actor) -> str | Response | tuple[str, int]:
    """GET shows the answers as fields, POST keeps what was typed. `back`: the page of the registration."""
    asked = questions.of_workshop(registration.workshop_id)
    if not asked or not shown.answering_is_open(registration, now()):
        return redirect(back, 303)
    form = with_questions(Act, asked)(data=saved(questions.answers([registration.id]).get(registration.id, ()), asked))
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                answers.change(registration.id, form.typed(request.form), by=by, now=now())
            except Refused as refusal:
                form.refuse(refusal)
            else:
                flash(_("Your answers are saved."))
                return redirect(back, 303)
    words = conditions(asked)
    return render_template(
        "registrations/answers.html", form=form, back=back, questions=asked, conditions=words, registration=registration
    ), status
