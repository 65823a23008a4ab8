"""Staff make, change, publish and stop workshops."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from flask import Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from app.audit import queries as audit
from app.audit.service import person
from app.clock import now
from app.errors import Conflict, Missing, Refused
from app.languages import LANGUAGES, city, current, ngettext, using
from app.languages import gettext as _
from app.organisations import queries as organisations
from app.web import PAGE, Door, get_me, kept_part, page_number, pages, reader_zone, row_number
from app.workshops import (
    beside,
    changes,
    checklist,
    copying,
    echo,
    entries,
    facts,
    heads,
    history,
    insertion,
    kept,
    lines,
    outcome,
    problems,
    queries,
    rehearsal,
    rows,
    rules,
    service,
    shown,
)  # fmt: skip
from app.workshops.agenda import agenda
from app.workshops.changes import NO_NAMES, Names
from app.workshops.forms import ROWS, Act, CopyForm, ReasonForm, WorkshopForm, data_of, reasons_of
from app.workshops.models import Workshop

ROW_FIELD = re.compile(r"(days|sessions|documents|holds)-[0-9]{1,3}-[a-z_]+")
ROW_ACT = re.compile(r"(add|remove)_(day|session|document|hold)(?::([0-9]{1,3}))?")
door = Door(__name__, "/staff/workshops")
Page = str | Answer | tuple[str, int]


@door.get("/")
def workshops() -> str:
    """The table of all workshops: state, days, seats; tabs with counts, and a search."""
    instant = now()
    tab = request.args.get("tab", "all")
    if tab not in queries.TABS:
        raise Missing
    words = request.args.get("q", "").strip()[:100]
    page = page_number()
    found = heads.heads_for_staff(instant, tab, words, limit=PAGE, offset=(page - 1) * PAGE)
    counts = heads.counts_for_staff(instant)
    number = heads.count_for_staff(instant, tab, words) if words else counts[tab]
    stages = tuple(rules.stage(head.state, head.starts_at, head.ends_at, instant) for head in found)
    main = kept_part(
        (number, *counts.values(), stages, *found),
        lambda: render_template(
            "workshops/_staff_list.html",
            rows=lines.for_staff(found, instant),
            tab=tab,
            words=words,
            names=shown.tab_names(),
            counts=counts,
            pages=pages(number, page),
        ),
    )
    return render_template("workshops/staff_list.html", main=main)


@door.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """The empty page, and the first draft out of it."""
    form = _form(None)
    if request.method == "GET":
        form.days.append_entry()
        return _page(form, None)
    if _rows_only(form):
        return _page(form, None)
    values = _typed(form, None)
    if values is not None:
        try:
            workshop = service.save_draft(values, by=person(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return _saved(workshop)
    return _page(form, None), 422


@door.route("/<int:workshop_id>/", methods=["GET", "POST"])
def edit(workshop_id: int) -> Page:
    """The page filled with what is saved. Two who edit at once both see what the other has done."""
    workshop = queries.get_written(workshop_id)
    form = _form(workshop)
    if request.method == "GET":
        return _page(form, workshop)
    if _rows_only(form):
        return _page(form, workshop)
    values = _typed(form, workshop)
    if values is not None:
        try:
            return _keep(workshop, values, _version(form), names=_names(form))
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict:
            return _conflict(form, queries.get_written(workshop_id), values), 409
        workshop = queries.get_written(workshop_id)
    return _page(form, workshop), 422


@door.route("/<int:workshop_id>/copy", methods=["GET", "POST"])
def copy(workshop_id: int) -> Page:
    """A new draft out of this workshop, on other days."""
    workshop = queries.get(workshop_id)
    form = CopyForm(data={"parts": list(copying.PARTS)} if request.method == "GET" else None)
    form.offer()
    if request.method == "POST":
        form.validate()
        first = form.read(needed=bool(workshop.days))
        if not (form.first.errors or form.parts.errors):
            try:
                made = copying.copy(workshop_id, first, form.parts.data or (), by=person(get_me()), now=now())
            except Refused as refusal:
                form.refuse(refusal)
            else:
                flash(_("The copy is made. Check what has to be different."))
                return redirect(url_for(".edit", workshop_id=made.id), 303)
    days = shown.days_words(workshop.days[0].on, workshop.days[-1].on) if workshop.days else ""
    page = render_template("workshops/copy.html", workshop=workshop, form=form, days=days)
    return page if request.method == "GET" else (page, 422)


@door.get("/echo")
def other_clocks() -> Response:
    """What the other clocks show for the days being typed: {id of the place: lines}."""
    return jsonify(echo.lines(request.args, beside.around(row_number(request.args.get("network")) or 0)))


@door.get("/<int:workshop_id>/preview")
def preview(workshop_id: int) -> str:
    """The page as readers of each language will see it, and what publishing waits for."""
    workshop = queries.get(workshop_id)
    lang = request.args.get("show", workshop.original_lang)
    if lang not in LANGUAGES:
        raise Missing
    values = service.as_typed(workshop)
    ages = {code: text.changed_at for code, text in workshop.texts.items()}
    found = checklist.lines(values, ages, now(), around=beside.around(workshop.network_id))
    with using(lang):
        shown_page = render_template("workshops/_preview.html", show=lang, **_preview(workshop))
    return render_template(
        "workshops/preview.html",
        workshop=workshop,
        page=Markup(shown_page),  # noqa: S704  a template of ours made it
        tongues=LANGUAGES,
        show=lang,
        form=Act(version=workshop.version),
        checks=found,
        foot=checklist.foot(found),
        ready=not checklist.crosses(found),
    )


def _preview(workshop: Workshop) -> dict[str, Any]:
    zone = reader_zone()
    text = workshop.text
    return {
        "workshop": workshop,
        "text": text,
        "tile": shown.tile(workshop) if workshop.days else None,
        "when": facts.when(workshop) if workshop.days else "–",  # noqa: RUF001
        "clocks": shown.clocks(workshop.days, workshop.zone, workshop.place, zone) if workshop.days else None,
        "where": entries.where(workshop),
        "spoken": shown.spoken(workshop),
        "half": rules.region(workshop.country, workshop.format),
        "access": facts.access_words(workshop),
        "programme": facts.programme(workshop, zone),
        "venue_city": workshop.place or city(workshop.zone),
        "agenda_days": agenda(workshop, zone),
        "description": facts.description(workshop),
        "practical": facts.practical(workshop),
    }


@door.post("/<int:workshop_id>/publish")
def publish(workshop_id: int) -> Page:
    """Public from now on, or back to the list of what is missing."""
    return _act(workshop_id, "publish", _("The workshop is published."), ".preview")


@door.post("/<int:workshop_id>/restore")
def restore(workshop_id: int) -> Page:
    """It takes place after all."""
    return _act(workshop_id, "restore", _("The workshop takes place again. Everybody registered is told."), ".edit")


@door.post("/<int:workshop_id>/delete")
def delete(workshop_id: int) -> Page:
    """Throws a draft away."""
    return _act(workshop_id, "delete_draft", _("The draft is thrown away."), ".edit")


def _act(workshop_id: int, verb: str, done: str, back: str) -> Page:
    form = Act()
    if not form.validate_on_submit():
        raise Refused
    if request.form.get("act") == "back":
        return redirect(url_for(back, workshop_id=workshop_id), 303)
    instant = now()
    act = partial(getattr(service, verb), workshop_id, version=_version(form), by=person(get_me()), now=instant)
    try:
        if verb != "delete_draft" and request.form.get("act") != "sure":
            return _what_happens(workshop_id, verb, act, instant)
        act()
    except Refused as refusal:
        return _back(refusal, back, workshop_id)
    flash(done)
    return redirect(url_for(".workshops") if verb == "delete_draft" else url_for(".edit", workshop_id=workshop_id), 303)


def _back(refusal: Refused, endpoint: str, workshop_id: int) -> Answer:
    for words in refusal.problems.values():
        flash(words, "error")
    return redirect(url_for(endpoint, workshop_id=workshop_id), 303)


@door.get("/<int:workshop_id>/<any(publish, postpone, cancel, restore, delete):verb>")
def ask(workshop_id: int, verb: str) -> str:
    """The question before a draft is thrown away; for the other acts what must be known before it can be seen what they do."""
    return _ask(workshop_id, verb, ReasonForm())


@door.post("/<int:workshop_id>/<any(postpone, cancel):verb>")
def stop(workshop_id: int, verb: str) -> Page:
    """Postponed or cancelled, with the reason in three languages."""
    form = ReasonForm()
    if request.form.get("act") == "back":
        return _ask(workshop_id, verb, form)
    if form.validate_on_submit():
        instant = now()
        reasons, version = reasons_of(form), _version(form)
        act = partial(getattr(service, verb), workshop_id, reasons, version=version, by=person(get_me()), now=instant)
        try:
            if request.form.get("act") != "sure":
                return _what_happens(workshop_id, verb, act, instant)
            act()
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict:
            form.version.data = ""  # pressed once more it is done to what stands there now
            form.refuse(Refused(_("Somebody else has changed the workshop meanwhile. Look at it, then press the button once more.")))
            return _ask(workshop_id, verb, form), 409
        else:
            flash(_("The workshop is cancelled.") if verb == "cancel" else _("The workshop is postponed."))
            return redirect(url_for(".edit", workshop_id=workshop_id), 303)
    return _ask(workshop_id, verb, form), 422


def _ask(workshop_id: int, verb: str, form: ReasonForm) -> str:
    workshop = queries.get(workshop_id)
    allowed = workshop.state == "draft" if verb == "delete" else rules.next_state(workshop.state, verb) is not None
    if not allowed:
        raise Refused(_("That cannot be done any more: somebody has changed the state of the workshop."))
    if not form.version.data:
        form.version.data = str(workshop.version)
    return render_template("workshops/ask.html", workshop=workshop, verb=verb, form=form, tongues=LANGUAGES)


@door.route("/<int:workshop_id>/undo/<int:entry_id>", methods=["GET", "POST"])
def undo(workshop_id: int, entry_id: int) -> Page:
    """Takes back what one line of the history changed, the way that the form would."""
    workshop = queries.get(workshop_id)
    entry = audit.get(f"workshop:{workshop_id}", entry_id)
    form = Act()
    if request.method == "GET" or request.form.get("act") == "back":
        return redirect(url_for(".edit", workshop_id=workshop_id), 303)
    if not form.validate():
        raise Refused
    values = kept.restored(service.as_typed(workshop), entry)
    if values is None:
        return _back(Refused(_("That cannot be undone any more: it has been changed since.")), ".edit", workshop_id)
    try:
        return _keep(workshop, values, _version(form), names=_names(_form(workshop)), takes_back=True)
    except Refused as refusal:
        return _back(refusal, ".edit", workshop_id)


def _names(form: WorkshopForm) -> Names:
    networks: Any = form.network.choices
    hosts: Any = form.organisation.choices
    return changes.row_names(networks, hosts)


def _what_happens(workshop_id: int, verb: str, act: Callable[[], object], instant: datetime, names: Names = NO_NAMES) -> str:
    """What an act will do, with all that was sent, so that one click does it, and another leads back."""
    found = rehearsal.rehearse(workshop_id, act, now=instant, names=names)
    sent = [(name, value) for name, values in request.form.lists() for value in values if name not in {"csrf_token", "act"}]
    tongues = {code: outcome.tongue(code) for code in LANGUAGES}
    return render_template(
        "workshops/what_happens.html", workshop=queries.get(workshop_id), verb=verb, effect=found, sent=sent, tongues=tongues
    )


def _version(form: WorkshopForm | ReasonForm | Act) -> int:
    """The version that the form was filled from; 0, which no workshop has, if that is lost."""
    return row_number(form.version.data) or 0


# The form ----------------------------------------------------------------------------------------------------------


def _form(workshop: Workshop | None) -> WorkshopForm:
    """The form with what was typed, else with what is saved, else with what most often holds."""
    chosen = service.reminders_of(workshop)
    kept = service.as_typed(workshop, chosen) if workshop else None
    known = organisations.networks()
    networks = [(str(row.id), row.name) for row in known]
    if workshop and kept:
        data = data_of(kept, workshop.version, chosen)
    else:
        data = {
            "network": networks[0][0] if networks else "",
            "zone": get_me().zone,
            "original_lang": current(),
            "format": "on_site",
            "access": "network",
            "reminder_choice": "usual",
            "spoken": ["es", "sv"],
            "in_series": True,
            "contact": current_app.config["CONFIG"].sender[1],
        }
    posted = request.form if request.method == "POST" else None
    form = WorkshopForm(formdata=_without_removed(posted) if posted else None, data=data)
    form.networks, form.kept, form.kept_version = known, kept, workshop.version if workshop else 0
    form.offer(networks, organisations.choices(), kept)
    form.recurring.choices = insertion.choices()
    if not form.days.entries:
        form.days.append_entry()
    return form


def _without_removed(posted: MultiDict[str, str]) -> MultiDict[str, str]:
    """What was typed without the row whose button takes it away, and without names that are none of a row's."""
    act = ROW_ACT.fullmatch(posted.get("act", ""))
    gone = f"{act[2]}s-{act[3]}-" if act and act[1] == "remove" and act[3] else None

    def stays(name: str) -> bool:
        if not name.startswith(tuple(f"{listed}-" for listed in ROWS)):
            return True
        return bool(ROW_FIELD.fullmatch(name)) and not (gone and name.startswith(gone))

    return MultiDict(rows.following([(name, value) for name, value in posted.items(multi=True) if stays(name)]))


def _rows_only(form: WorkshopForm) -> bool:
    """Whether only a row was added or taken away, a recurring text put in, or staff go back to the form: nothing is saved, and
    nothing is wrong yet."""
    wanted = request.form.get("act", "")
    if wanted == "insert_text":
        form.said = insertion.put_into(form, row_number(form.recurring.data)) or _("Choose a text first.")
        return True
    act = ROW_ACT.fullmatch(wanted)
    if act is not None and act[1] == "add":
        form.add_row(act[2], act[3])
    return act is not None or wanted == "back"


def _typed(form: WorkshopForm, workshop: Workshop | None) -> rules.Values | None:
    """The values, if nothing is wrong with them; else all that is wrong stands in the form."""
    form.validate()
    values = form.read()
    network = next((row for row in form.networks if row.id == values.network_id), None)
    if network is None:
        form.refuse(Refused(problems={"network": _("Choose a network from the list")}))
        return None
    taken, zone, holds = (workshop.taken, workshop.zone, workshop.holds) if workshop else (0, "", ())
    found = problems.find(values, network, now(), taken=taken, kept_zone=zone, kept_holds=holds)
    if "zone" not in found and (request.form.get("act") == "look" or (workshop is not None and workshop.state != "draft")):
        found = problems.unready(values, {}, now()) | found
    if found:
        form.refuse(Refused(problems=found))
    return None if form.wrong() or form.form_errors else values


def _keep(workshop: Workshop, values: rules.Values, version: int, *, names: Names, takes_back: bool = False) -> Page:
    """Saved; but before people are told and calendars follow, what saving will do."""
    instant = now()
    save = partial(service.save, workshop.id, values, version, by=person(get_me()), now=instant, takes_back=takes_back)
    if request.form.get("act") != "sure" and service.asks_first(workshop, values):
        return _what_happens(workshop.id, "undo" if takes_back else "save", save, instant, names)
    return _saved(save())


def _saved(workshop: Workshop) -> Answer:
    if request.form.get("act") == "look":
        return redirect(url_for(".preview", workshop_id=workshop.id), 303)
    flash(_("The draft is saved.") if workshop.state == "draft" else _("The changes are saved."))
    if not workshop.approval and (asking := beside.read(workshop, workshop.network_id).asking):
        words = ngettext(
            "One request stays open until you decide about it.", "%(num)s requests stay open until you decide about them.", asking
        )
        flash(words)
    return redirect(url_for(".edit", workshop_id=workshop.id), 303)


def _conflict(form: WorkshopForm, workshop: Workshop, mine: rules.Values) -> str:
    """What the other saved beside what was typed here; saving once more keeps what stands in the form."""
    form.version.data = str(workshop.version)
    last = next(iter(audit.entries(f"workshop:{workshop.id}", 1)), None)
    return _page(form, workshop, differences=changes.compare(queries.values_of(workshop), mine), other=last.actor_name if last else "")


def _page(form: WorkshopForm, workshop: Workshop | None, **others: Any) -> str:
    values = form.last if hasattr(form, "last") else form.peek()
    saved = {lang: text.changed_at for lang, text in workshop.texts.items()} if workshop else {}
    more = beside.read(workshop, values.network_id)
    found = checklist.lines(values, saved, now(), form.wrong(), more.around)
    return render_template(
        "workshops/form.html",
        form=form,
        tongues=LANGUAGES,
        workshop=workshop,
        checks=found,
        foot=checklist.foot(found),
        marks=checklist.marks(values, saved),
        echoes=echo.of_form(form),
        hints=echo.hints_of(form, more.around),
        language_name=shown.language_name,
        stage=shown.stage_tag(workshop, now()) if workshop else None,
        over=workshop is not None and rules.stage(workshop.state, workshop.starts_at, workshop.ends_at, now()) == "done",
        told=more.told,
        asking=more.asking,
        questions=more.questions,
        history=_history(workshop, form) if workshop else [],
        **others,
    )


def _history(workshop: Workshop, form: WorkshopForm) -> list[history.Happened]:
    """Out of what the form was filled with, unless somebody has read the workshop again since."""
    lines = audit.entries(f"workshop:{workshop.id}")
    values = form.kept if form.kept and form.kept_version == workshop.version else service.as_typed(workshop)
    return history.history(lines, reader_zone(), state=workshop.state, values=values, names=_names(form))
