"""Staff write the texts that recur."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from app.audit import queries as audit
from app.audit.service import person
from app.clock import now
from app.errors import Conflict, Refused
from app.languages import LANGUAGES, current
from app.languages import gettext as _
from app.texts import queries, service, shown
from app.texts.forms import Act, TextForm, changed_meanwhile, data_of
from app.texts.models import RecurringText
from app.web import Door, get_me, reader_zone, row_number

door = Door(__name__, "/staff/texts")
Page = str | Answer | tuple[str, int]


@door.get("/")
def texts() -> str:
    """All of them, and how complete each is in each language."""
    return render_template("texts/list.html", rows=[shown.row(text) for text in queries.every()], tongues=LANGUAGES)


@door.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """The empty page, and the text out of it."""
    form = _form(None)
    if request.method == "GET":
        return _page(form, None)
    if form.validate():
        try:
            service.create(form.values(), by=person(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return _saved()
    return _page(form, None), 422


@door.route("/<int:text_id>/", methods=["GET", "POST"])
def edit(text_id: int) -> Page:
    """The page filled with what is saved. Two who edit at once both see what the other has done."""
    text = queries.get(text_id)
    form = _form(text)
    if request.method == "GET":
        return _page(form, text)
    if form.validate():
        try:
            service.save(text_id, form.values(), row_number(form.version.data) or 0, by=person(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict:
            return _conflict(form, queries.get(text_id)), 409
        else:
            return _saved()
    return _page(form, queries.get(text_id)), 422


@door.get("/<int:text_id>/delete")
def ask_delete(text_id: int) -> str:
    """What throwing it away means, before it is done."""
    text = queries.get(text_id)
    return render_template("texts/delete.html", text=text, name=text.named, form=Act(version=text.version))


@door.post("/<int:text_id>/delete")
def delete(text_id: int) -> Answer:
    """Throws it away."""
    form = Act()
    if not form.validate_on_submit():
        raise Refused
    service.delete(text_id, version=row_number(form.version.data) or 0, by=person(get_me()), now=now())
    flash(_("The recurring text is thrown away. Workshops keep what they have."))
    return redirect(url_for(".texts"), 303)


def _form(text: RecurringText | None) -> TextForm:
    data = data_of(queries.values_of(text), text.version) if text else {"original_lang": current()}
    form = TextForm(formdata=request.form if request.method == "POST" else None, data=data)
    form.offer()
    return form


def _saved() -> Answer:
    flash(_("The recurring text is saved."))
    return redirect(url_for(".texts"), 303)


def _conflict(form: TextForm, text: RecurringText) -> str:
    """What the other saved beside what was typed here; saving once more keeps what stands in the form."""
    form.version.data = str(text.version)
    form.refuse(changed_meanwhile())
    return _page(form, text, differences=shown.compare(queries.values_of(text), form.values()))


def _page(form: TextForm, text: RecurringText | None, **more: Any) -> str:
    return render_template(
        "texts/form.html",
        form=form,
        text=text,
        name=text.named if text else None,
        tongues=LANGUAGES,
        marks=shown.marks(form.values(), shown.ages(text) if text else {}),
        history=shown.history(audit.entries(f"text:{text.id}", 10), reader_zone()) if text else [],
        **more,
    )
