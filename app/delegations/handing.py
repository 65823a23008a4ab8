"""The page on which somebody is named to come instead of somebody else: the same for all who may name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.accounts import limits
from app.audit.service import Actor
from app.clock import now
from app.delegations import substitutes
from app.delegations.forms import SubstituteForm
from app.delegations.substitutes import Who
from app.errors import Missing, Refused, TooMany
from app.languages import gettext as _
from app.registrations.models import Registration


def page(registration: Registration, who: Who, back: str, *, by: Actor) -> str | Response | tuple[str, int]:
    """The form, and what it does. `back`: where one comes from, and goes to."""
    if registration.workshop.state == "draft":
        raise Missing
    form, name = SubstituteForm(), registration.person.name
    if request.method == "GET" or not form.validate_on_submit():
        return _shown(form, registration, who, back), 200 if request.method == "GET" else 422
    colleague = form.typed(0)
    try:
        if who != "staff":
            limits.for_mail(colleague.address, request.remote_addr, now())
        done = substitutes.substitute(registration.id, colleague, who=who, by=by, now=now())
    except Refused as refusal:
        form.refuse(refusal)
        return _shown(form, registration, who, back), 422
    except TooMany as refusal:
        form.refuse(Refused(refusal.message))
        return _shown(form, registration, who, back), 429
    called = colleague.name or done.person.name
    flash(_("%(substitute)s comes instead of %(name)s. Both are told by mail.", substitute=called, name=name))
    return redirect(back, 303)


def passes(rows: Sequence[Registration], at: datetime) -> frozenset[int]:
    """Which of these a coordinator can hand on."""
    return frozenset(row.id for row in rows if not substitutes.why_not(row, "coordinator", at))


def _shown(form: SubstituteForm, registration: Registration, who: Who, back: str) -> str:
    shut = substitutes.why_not(registration, who, now())
    return render_template("delegations/substitute.html", form=form, registration=registration, who=who, back=back, shut=shut)
