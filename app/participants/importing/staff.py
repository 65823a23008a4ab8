"""Staff register a list of people, after a look at what will happen."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Refused
from app.exchange.forms import UploadForm
from app.exchange.reading import files
from app.exchange.reading.files import Upload
from app.languages import ngettext
from app.participants.importing import service
from app.participants.importing.rows import MOST_ROWS, Row
from app.web import Door, get_me
from app.workshops import queries as workshops

door = Door(__name__, "/staff/workshops/<int:workshop_id>/participants", name="participants_import_staff")
Page = str | Response | tuple[str, int]


@door.route("/import", methods=["GET", "POST"])
def bring_in(workshop_id: int) -> Page:
    """The empty form; the look at a file; and, when the look was sent back, the import."""
    form = UploadForm()
    if request.method == "GET":
        return _page(workshop_id, form)
    form.validate()
    upload = form.upload()
    if upload is None:
        return _page(workshop_id, form), 422
    try:
        if form.packed.data:
            made = service.bring_in(workshop_id, upload.text, by=person(get_me()), now=now())
            flash(ngettext("One person is registered.", "%(num)s people are registered.", len(made)))
            if waits := service.waiting(made):
                flash(ngettext("One person of them is on the waiting list.", "%(num)s of them are on the waiting list.", waits))
            return redirect(url_for("registrations_staff.participants", workshop_id=workshop_id), 303)
        return _page(workshop_id, form, upload, service.look(workshop_id, upload.text))
    except Refused as refusal:
        form.refuse(Refused(refusal.message) if form.packed.data else Refused(problems={"file": refusal.message}))
        form.packed.data = ""
        return _page(workshop_id, form), 422


def _page(workshop_id: int, form: UploadForm, upload: Upload | None = None, rows: list[Row] | None = None) -> str:
    form.packed.data = files.pack(upload.text) if upload else ""
    wrong, new = [row for row in rows or [] if row.wrong], [row for row in rows or [] if not row.there and not row.wrong]
    workshop = workshops.get_named(workshop_id)
    return render_template("participants/import.html", workshop=workshop, form=form, rows=rows, wrong=wrong, new=len(new), most=MOST_ROWS)
