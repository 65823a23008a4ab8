"""The page on which somebody sees, changes and takes back the own needs, behind a mailed link as behind a sign-in."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.audit.service import Actor
from app.clock import now
from app.errors import Refused
from app.languages import gettext as _
from app.needs import queries
from app.needs import service as keeping
from app.needs.asking import consent
from app.needs.asking.forms import saved, with_needs
from app.needs.rules import Given
from app.needs.shown import kind_names, said_in_words
from app.registrations import answers, shown
from app.registrations.forms import Act
from app.registrations.models import Registration


def page(registration: Registration, back: str, *, by: Actor) -> str | Response | tuple[str, int]:
    """GET shows the needs as fields, or as words once it has begun; POST keeps what was typed, or erases all. `back`: its page."""
    needs = queries.of_person(answers.whose(registration))
    may_change = shown.answering_is_open(registration, now())
    if not may_change and not needs:
        return redirect(back, 303)
    form = with_needs(Act)(data=saved(needs))
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate_on_submit():
            try:
                flash(_act(registration.id, form, by))
            except Refused as refusal:
                form.refuse(refusal)
            else:
                return redirect(back, 303)
    return _shown(registration, form, back, status)


def _act(registration_id: int, form: Act, by: Actor) -> str:
    """Does what the pressed button says; words for it. Raises Missing, Refused."""
    if request.form.get("act") == "withdraw":
        answers.withdraw_needs(registration_id, by=by, now=now())
        return _("What you had told us is erased.")
    answers.change_needs(registration_id, form.given() or Given(), by=by, now=now())
    return _("What you need is saved.")


def _shown(registration: Registration, form: Act, back: str, status: int) -> Response:
    whose = answers.whose(registration)
    needs = queries.of_person(whose)
    agreed = next((one for one in queries.consents(whose) if one.ended_at is None), None)
    names = kind_names()
    response = make_response(
        render_template(
            "registrations/needs.html",
            registration=registration,
            form=form,
            letters=shown.letters_for(registration, now()),
            back=back,
            lines=[(names[kind], said_in_words(kind, said)) for kind, said in needs.items()],
            may_change=shown.answering_is_open(registration, now()),
            agreed=agreed,
            agreed_words=consent.words(agreed.version, agreed.lang, agreed.days) if agreed else "",
            consent_words=None if agreed is not None and agreed.version == consent.NEWEST.name else keeping.newest_words(),
        ),
        status,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
