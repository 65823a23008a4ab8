"""Staff register a list of people, after a look at what will happen."""

from __future__ import annotations

from flask import Response as File
from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Refused
from app.exchange import rules
from app.exchange.forms import UploadForm
from app.exchange.reading import files
from app.exchange.reading.files import Upload
from app.languages import current, language, listed, ngettext
from app.languages import gettext as _
from app.participants.importing import rows, service
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
            made = service.bring_in(workshop_id, upload.text, leave_out=form.chosen_lines(), by=person(get_me()), now=now())
            flash(ngettext("One person is registered.", "%(num)s people are registered.", len(made)))
            if waits := service.waiting(made):
                flash(ngettext("One person of them is on the waiting list.", "%(num)s of them are on the waiting list.", waits))
            if left_out := form.chosen_lines():
                flash(_("Lines left out: %(lines)s.", lines=listed([str(line) for line in left_out])), "warning")
            return redirect(url_for("registrations_staff.participants", workshop_id=workshop_id), 303)
        return _page(workshop_id, form, upload, service.look(workshop_id, upload.text))
    except Refused as refusal:
        form.refuse(Refused(refusal.message) if form.packed.data else Refused(problems={"file": refusal.message}))
        form.packed.data = ""
        return _page(workshop_id, form), 422


@door.get("/import/template.csv")
def template(workshop_id: int) -> Response:
    """The empty table, to be filled in with a spreadsheet program."""
    workshops.get_named(workshop_id)
    answer = File(rows.template(), content_type="text/csv; charset=utf-8")
    name = {"sv": "deltagare-mall", "es": "participantes-plantilla"}.get(current(), "participants-template")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _page(workshop_id: int, form: UploadForm, upload: Upload | None = None, found: list[Row] | None = None) -> str:
    form.packed.data = files.pack(upload.text) if upload else ""
    wrong, new = [row for row in found or [] if row.wrong], [row for row in found or [] if not row.there and not row.wrong]
    form.seen.data, lines = rules.numbered([row.line for row in wrong]), listed([str(row.line) for row in wrong])
    return render_template(
        "participants/import.html",
        workshop=workshops.get_named(workshop_id),
        form=form,
        rows=found,
        wrong=wrong,
        wrong_lines=lines,
        new=len(new),
        most=MOST_ROWS,
        kinds=rows.kinds(),
        tongues=[language(code) for code in rows.LANGS],
    )
