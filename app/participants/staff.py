"""Staff: one person's registration with all that is known of it, a mail to many, and the list on paper and as a file."""

from __future__ import annotations

from dataclasses import replace

from flask import Response as File
from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import sessions
from app.attendance import queries as attendance
from app.audit.sentences import sentence
from app.audit.service import person
from app.clock import now
from app.errors import Refused
from app.languages import LANGUAGES, current, ngettext
from app.languages import gettext as _
from app.outbox import shown as mail_shown
from app.participants import queries, service, writing
from app.participants.forms import BulletinForm, NoteForm
from app.participants.mails import Press, Written
from app.questions import queries as questions
from app.questions.shown import lines
from app.registrations import queries as registrations
from app.registrations.listing import bulk, filters, shown
from app.registrations.listing.filters import Selection
from app.registrations.shown import leaving_is_open
from app.web import Door, get_me, reader_zone
from app.workshops import queries as workshops

door = Door(__name__, "/staff/workshops/<int:workshop_id>/participants")
Page = str | Response | tuple[str, int]
FILES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@door.get("/<int:registration_id>/")
def one(workshop_id: int, registration_id: int) -> str:
    """Everything about one registration, and what can be done about it."""
    return _one(workshop_id, registration_id)


@door.post("/<int:registration_id>/note")
def note(workshop_id: int, registration_id: int) -> Page:
    """Keeps the note; an empty one takes it away."""
    form = NoteForm()
    queries.get(workshop_id, registration_id)
    if form.validate_on_submit():
        try:
            service.note(workshop_id, registration_id, form.words.data or "", by=person(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("The note is saved.") if form.words.data else _("The note is gone."))
            return redirect(url_for(".one", workshop_id=workshop_id, registration_id=registration_id), 303)
    return _one(workshop_id, registration_id, form), 422


def _one(workshop_id: int, registration_id: int, form: NoteForm | None = None) -> str:
    registration, instant = queries.get(workshop_id, registration_id), now()
    (note, marked), past = queries.beside(registration), queries.history(registration)
    workshop = registration.workshop
    there = {row.registration_id: row for row in attendance.summary(workshop_id, instant)} if registration.state == "confirmed" else {}
    return render_template(
        "participants/one.html",
        registration=registration,
        workshop=workshop,
        state=shown.states()[registration.state],
        kind=shown.kinds().get(registration.person.kind or ""),
        place=registrations.place_in_line(registration) if registration.state == "waitlisted" else 0,
        answers=lines(questions.answers([registration_id]).get(registration_id, ())),
        there=there.get(registration_id),
        history=[(entry, sentence(entry)) for entry in past.entries],
        unclear=past.unclear,
        mails=[mail_shown.row(mail, workshop.zone, reader_zone(), instant, back) for mail, back in queries.mails(registration_id)],
        marked=marked,
        note=note,
        may_leave=leaving_is_open(registration, instant),
        form=form or NoteForm(formdata=None, data={"words": note.words if note else ""}),
    )


@door.get("/act")
@door.get("/mail")
@door.get("/print")
def back(workshop_id: int) -> Response:
    """These pages come from a button; whoever loads them by their address is led to the list."""
    return redirect(url_for("registrations_staff.participants", workshop_id=workshop_id), 303)


@door.post("/mail")
def write(workshop_id: int) -> Page:
    """The form; the look at what was written; a mail to oneself; and, with who was seen, the mails."""
    selection = filters.read_selection(request.form, request.form.getlist("chosen"))
    workshops.get_named(workshop_id)
    act, form = request.form.get("act", ""), BulletinForm()
    form.offer()
    if act not in {"look", "sample", "send"}:
        fresh = BulletinForm(formdata=None, data={"original": workshops.get_named(workshop_id).original_lang})
        fresh.offer()
        return _writing(workshop_id, selection, fresh)
    written = form.written()
    if written is None:
        return _writing(workshop_id, selection, form)
    if act == "sample":
        service.send_sample(workshop_id, written, sessions.me(), current(), now=now())
        flash(_("The mail is on its way to you."))
    if act == "send":
        try:
            seen, sure = request.form.get("seen", "")[:80], bool(form.sure.data)
            number = service.send(workshop_id, selection, written, seen=seen, sure=sure, by=person(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(ngettext("One person gets the mail.", "%(num)s people get the mail.", number))
            return redirect(url_for("registrations_staff.participants", workshop_id=workshop_id, **selection.filter.arguments()), 303)
    return _writing(workshop_id, selection, form, written)


def _writing(workshop_id: int, selection: Selection, form: BulletinForm, written: Written | None = None) -> Page:
    """The page on which the mail is written; with `written`, what each reader will see, and the button."""
    necessary = bool(form.necessary.data)
    try:
        everybody = service.readers(workshop_id, selection, necessary=True)
    except Refused as refusal:
        flash(refusal.message, "error")
        return redirect(url_for("registrations_staff.participants", workshop_id=workshop_id, **selection.filter.arguments()), 303)
    found = [one for one in everybody if necessary or not one.person.bulletins_off]
    workshop = workshops.get(workshop_id)
    press = Press(written) if written else None
    reading = {code: sum(one.lang == code for one in found) for code in LANGUAGES}
    page = render_template(
        "participants/write.html",
        workshop=workshop,
        selection=selection,
        form=form,
        number=len(found),
        skipped=len(everybody) - len(found),
        may_be_necessary=service.may_be_necessary(workshop, now()),
        seen=bulk.sight(selection, found),
        reading=reading,
        many=len(found) > service.MANY,
        written=written,
        looks=[(code, press.sample(workshop, code), press.words(code)) for code in LANGUAGES if reading[code]] if press else [],
    )
    return (page, 422) if form.form_errors or any(field.errors for field in form) else page


@door.post("/print")
def printed(workshop_id: int) -> Response:
    """Names, organisations, and room for signatures: the list as it is narrowed, and under *All* those with a seat, for nobody else signs
    at the door. By a button, as the files are: paper leaves the house too."""
    wanted = filters.read(request.form)
    if wanted.tab == "all":
        wanted = replace(wanted, tab="confirmed")
    workshop, tab = workshops.get(workshop_id), shown.tabs()[wanted.tab]
    page = service.taken_along(
        "paper",
        workshop_id,
        wanted,
        lambda rows: render_template("participants/print.html", workshop=workshop, rows=rows, filter=wanted, tab=tab),
        by=person(get_me()),
        now=now(),
    )
    return make_response(page)


@door.post("/export.csv")
def export_csv(workshop_id: int) -> File:
    """The list as it is narrowed, as a table. By a button, because it is written down who took it along."""
    return _export(workshop_id, "csv")


@door.post("/export.xlsx")
def export_xlsx(workshop_id: int) -> File:
    """The same as a workbook."""
    return _export(workshop_id, "xlsx")


def _export(workshop_id: int, kind: str) -> File:
    wanted, zone, instant = filters.read(request.form), reader_zone(), now()
    data = service.taken_along(
        kind,
        workshop_id,
        wanted,
        lambda rows: writing.as_csv(rows, zone) if kind == "csv" else writing.as_workbook(rows, zone, instant),
        by=person(get_me()),
        now=instant,
    )
    answer = File(data, content_type=FILES[kind])
    name = {"sv": "deltagare", "es": "participantes"}.get(current(), "participants")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{workshop_id}-{instant:%Y-%m-%d}.{kind}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
