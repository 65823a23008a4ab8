"""Staff: the list of organisations, a new one, other facts of one."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.audit import queries as audit
from app.audit.sentences import sentence
from app.audit.service import person as actor
from app.clock import now
from app.database import db
from app.errors import Conflict, Refused
from app.folding import words
from app.languages import LANGUAGES, moment
from app.languages import gettext as _
from app.membership.organisation import service
from app.membership.organisation.forms import OrganisationForm, data_of, kind_name
from app.organisations import queries
from app.organisations.models import Organisation
from app.organisations.service import Values
from app.web import PAGE, Door, get_me, page_number, pages, reader_zone
from app.web.differences import Difference

door = Door(__name__, "/staff/organisations")
Page = str | Response | tuple[str, int]


@door.get("/")
def organisations() -> str:
    """All of them, or those that a search finds."""
    text = request.args.get("q", "").strip()[:100]
    asked, page = words(text), page_number()
    number = db.session.scalar(select(queries.count_found(asked))) or 0
    shown = pages(number, page)
    rows = queries.found(asked, limit=PAGE, offset=(page - 1) * PAGE)
    return render_template("membership/organisation/list.html", rows=rows, q=text, pages=shown, kind_name=kind_name)


@door.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """One that the list does not have."""
    form = _form({"kind": "municipality"})
    if request.method == "POST" and (values := form.read()) is not None:
        try:
            row = service.found(values, by=actor(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("%(organisation)s stands in the list now.", organisation=row.name))
            return redirect(url_for(".organisations"), 303)
    return _page(form, None), 422 if request.method == "POST" else 200


@door.route("/<slug>/", methods=["GET", "POST"])
def edit(slug: str) -> Page:
    """Other facts of one. Its address stays."""
    row = queries.get_organisation(slug)
    kept = service.values_of(row)
    form = _form({**data_of(kept), "seen": service.sight(kept)}, kept)
    if request.method == "GET":
        return _page(form, row)
    if (values := form.read()) is not None:
        try:
            service.save(slug, values, form.seen.data or "", by=actor(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict:
            theirs = service.values_of(queries.get_organisation(slug))
            form.seen.data = service.sight(theirs)
            form.form_errors.append(_("Somebody else has changed this organisation meanwhile. Save once more to keep what you typed."))
            return _page(form, row, _differences(theirs, values)), 409
        else:
            flash(_("The organisation is saved."))
            return redirect(url_for(".edit", slug=slug), 303)
    return _page(form, queries.get_organisation(slug)), 422


def _form(data: dict[str, Any], kept: Values | None = None) -> OrganisationForm:
    form = OrganisationForm(formdata=request.form if request.method == "POST" else None, data=data)
    form.offer(kept.country if kept else "", kept.zone if kept else "")
    return form


def _differences(theirs: Values, mine: Values) -> list[Difference]:
    """What the other has saved otherwise, under the names of the fields."""
    form = OrganisationForm(formdata=None)
    saved, typed = data_of(theirs), data_of(mine)
    return [Difference(form[name].label.text, str(saved[name]), str(typed[name])) for name in saved if saved[name] != typed[name]]


def _page(form: OrganisationForm, row: Organisation | None, differences: list[Difference] | None = None) -> str:
    lines = audit.entries(f"organisation:{row.id}", 10) if row else []
    return render_template(
        "membership/organisation/edit.html",
        form=form,
        row=row,
        tongues=LANGUAGES,
        differences=differences or [],
        history=[(sentence(entry), entry.actor_name, moment(entry.at, reader_zone())) for entry in lines],
    )
