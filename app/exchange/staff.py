"""Staff import workshops from a file, after a look at what will happen, and take the list of workshops along."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as Answer

from app.audit.service import person
from app.clock import now
from app.errors import Missing, Refused
from app.exchange import queries, rules, service, shown, writing
from app.exchange.forms import ImportForm
from app.exchange.reading import files
from app.exchange.reading.drafts import Choices
from app.exchange.reading.files import Upload
from app.exchange.service import Plan
from app.languages import current, ngettext
from app.languages import gettext as _
from app.organisations import queries as organisations
from app.web import Door, acts_as_staff, get_me
from app.web.refusals import page_of
from app.workshops.queries import TABS

MOST_BODY = 3_000_000  # a file of MOST_BYTES also when it comes packed, which makes it longer by a third at the most
MOST_DRAINED = 60_000_000  # of a body that is too large: read and thrown away, so that the answer reaches its sender
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
door = Door(__name__, "/staff/workshops")
Page = str | Answer | tuple[str, int]


@door.url_value_preprocessor
def take_files(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """Before anybody looks into the form: these doors take more than others."""
    request.max_content_length = MOST_BODY
    request.max_form_memory_size = MOST_BODY


@door.errorhandler(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
def too_large(_error: HTTPException) -> tuple[str, int]:
    """Says so on the page of the import. A server that answers before it has read everything may cut the line, and the
    browser then shows a fault of the network instead: so the rest is read and thrown away."""
    if not acts_as_staff():
        return page_of(HTTPStatus.REQUEST_ENTITY_TOO_LARGE), HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    drained, most = 0, min(request.content_length or 0, MOST_DRAINED)
    while drained < most and (piece := request.input_stream.read(min(65_536, most - drained))):
        drained += len(piece)
    form = _form(empty=True)
    form.refuse(Refused(problems={"file": files.too_large()}))
    return _page(form), HTTPStatus.REQUEST_ENTITY_TOO_LARGE


@door.route("/import", methods=["GET", "POST"])
def bring_in() -> Page:
    """The empty form; the look at a file; and, when the look was sent back, the import."""
    form = _form()
    if request.method == "GET":
        return _page(form)
    form.validate()
    choices = form.choices(current_app.config["CONFIG"].sender[1])
    upload = form.upload() if choices else None
    if choices is None or upload is None:
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        if form.packed.data:
            return _bring_in(form, upload, choices)
        plan = service.look(upload, choices, now=now())
    except Refused as refusal:
        form.refuse(Refused(problems={"pasted" if form.pasted.data and not upload.name else "file": refusal.message}))
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _look(form, plan)


def _bring_in(form: ImportForm, upload: Upload, choices: Choices) -> Page:
    try:
        plan, number = service.bring_in(upload, choices, leave_out=form.chosen_lines(), by=person(get_me()), now=now())
    except Refused as refusal:
        plan = service.look(upload, choices, now=now())
        form.refuse(Refused(refusal.message))
        return _look(form, plan), HTTPStatus.UNPROCESSABLE_ENTITY
    if number:
        flash(ngettext("One draft is imported.", "%(num)s drafts are imported.", number))
    else:
        flash(_("Nothing was new: everything in the file is there already."))
    if plan.wrong_lines:
        flash(_("Lines left out: %(lines)s.", lines=shown.lines(plan.wrong_lines)), "warning")
    return redirect(url_for("workshops_staff.workshops", tab="draft"), HTTPStatus.SEE_OTHER)


@door.get("/import/template.csv")
def template() -> Response:
    """The empty table, to be filled in with a spreadsheet program."""
    suffix = {"sv": "mall", "es": "plantilla"}.get(current(), "template")
    return _file(writing.template(), CSV, f"{_file_name()}-{suffix}.csv")


@door.post("/export.csv")
def export_csv() -> Response:
    """The list as it stands on the page, as a table. By a button, because it is written down who took it along."""
    return _export("csv", CSV, writing.as_csv)


@door.post("/export.xlsx")
def export_xlsx() -> Response:
    """The same as a workbook."""
    return _export("xlsx", XLSX, writing.as_workbook)


def _export(kind: str, content_type: str, write: Callable[..., bytes]) -> Response:
    tab, words = request.form.get("tab", "all"), request.form.get("q", "").strip()[:100]
    if tab not in TABS:
        raise Missing
    instant = now()
    data = service.written_out(kind, tab, words, lambda rows: write(rows, instant), by=person(get_me()), now=instant)
    return _file(data, content_type, f"{_file_name()}-{instant:%Y-%m-%d}.{kind}")


def _file(data: bytes, content_type: str, name: str) -> Response:
    answer = Response(data, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _file_name() -> str:
    return {"sv": "workshoppar", "es": "talleres"}.get(current(), "workshops")


def _form(*, empty: bool = False) -> ImportForm:
    """The form with what was sent, else with what most often holds; `empty` if what was sent could not be read."""
    networks = organisations.networks()
    here = organisations.find_current(now().date())
    usual = {"network": str(here.id) if here else "", "zone": get_me().zone, "lang": current(), "starts": "09:00", "ends": "16:00"}
    form = ImportForm(formdata=None, data=usual) if empty else ImportForm(data=usual)
    form.offer(networks)
    return form


def _page(form: ImportForm) -> str:
    form.packed.data = ""
    return render_template("exchange/import.html", form=form, columns=shown.columns(current()), most=rules.MOST_ROWS)


def _look(form: ImportForm, plan: Plan) -> str:
    """What will happen; the file travels in the page, packed, and comes back with the button."""
    form.packed.data, form.name.data = files.pack(plan.upload.text), plan.upload.name
    form.seen.data = rules.numbered(plan.wrong_lines)
    rows = [shown.row(step) for step in plan.steps]
    return render_template(
        "exchange/look.html",
        form=form,
        rows=rows,
        wrong=[row for row in rows if row.wrong],
        new=len(plan.of("new")),
        import_words=shown.import_words(len(plan.of("new")), len(plan.wrong_lines)),
        wrong_lines=shown.lines(plan.wrong_lines),
        sums=shown.sums(plan),
        said=shown.said_of_file(plan),
        name=plan.upload.name,
        networks={str(row.id): row.name for row in queries.networks()},
    )
