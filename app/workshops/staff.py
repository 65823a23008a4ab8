"""Staff make, change, publish and stop workshops."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from app.audit import queries as audit
from app.audit.service import person
from app.clock import now
from app.errors import Conflict, Missing, Refused
from app.languages import LANGUAGES, city, current, using
from app.languages import gettext as _
from app.organisations import queries as organisations
from app.web import PAGE, Door, get_me, page_number, pages, reader_zone, row_number
from app.workshops import changes, checklist, echo, entries, facts, problems, queries, rows, rules, service, shown
from app.workshops.forms import Act, ReasonForm, WorkshopForm, data_of, reasons_of
from app.workshops.markdown import to_html
from app.workshops.models import Workshop

DAY_FIELD = re.compile(r"days-[0-9]{1,2}-[a-z]+")
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
    found = queries.heads_for_staff(instant, tab, words, limit=PAGE, offset=(page - 1) * PAGE)
    counts = queries.counts_for_staff(instant)
    return render_template(
        "workshops/staff_list.html",
        rows=rows.for_staff(found, instant),
        tab=tab,
        words=words,
        names=shown.tab_names(),
        counts=counts,
        pages=pages(queries.count_for_staff(instant, tab, words) if words else counts[tab], page),
    )


@door.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """The empty page, and the first draft out of it."""
    form = _form(None)
    if request.method == "GET":
        form.days.append_entry()
        return _page(form, None)
    if _days_only(form):
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
    workshop = queries.get(workshop_id)
    form = _form(workshop)
    if request.method == "GET":
        return _page(form, workshop)
    if _days_only(form):
        return _page(form, workshop)
    values = _typed(form, workshop)
    if values is not None:
        try:
            return _saved(service.save(workshop_id, values, _version(form), by=person(get_me()), now=now()))
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict:
            return _conflict(form, queries.get(workshop_id), values), 409
    return _page(form, queries.get(workshop_id)), 422


@door.get("/echo")
def other_clocks() -> Response:
    """What the other clocks show for the days being typed: {id of the place: lines}."""
    return jsonify(echo.lines(request.args))


@door.get("/<int:workshop_id>/preview")
def preview(workshop_id: int) -> str:
    """The page as readers of each language will see it, and what publishing waits for."""
    workshop = queries.get(workshop_id)
    lang = request.args.get("show", workshop.original_lang)
    if lang not in LANGUAGES:
        raise Missing
    values = queries.values_of(workshop)
    ages = {code: text.changed_at for code, text in workshop.texts.items()}
    found = checklist.lines(values, ages, now())
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
        "description": to_html(text.description),
        "practical": to_html(text.practical),
    }


@door.post("/<int:workshop_id>/publish")
def publish(workshop_id: int) -> Answer:
    """Public from now on, or back to the list of what is missing."""
    return _act(workshop_id, "publish", _("The workshop is published."), ".preview")


@door.post("/<int:workshop_id>/restore")
def restore(workshop_id: int) -> Answer:
    """It takes place after all."""
    return _act(workshop_id, "restore", _("The workshop takes place again. Everybody registered is told."), ".edit")


@door.post("/<int:workshop_id>/delete")
def delete(workshop_id: int) -> Answer:
    """Throws a draft away."""
    return _act(workshop_id, "delete_draft", _("The draft is thrown away."), ".edit")


def _act(workshop_id: int, verb: str, done: str, back: str) -> Answer:
    form = Act()
    if not form.validate_on_submit():
        raise Refused
    try:
        getattr(service, verb)(workshop_id, version=_version(form), by=person(get_me()), now=now())
    except Refused as refusal:
        for words in refusal.problems.values():
            flash(words, "error")
        return redirect(url_for(back, workshop_id=workshop_id), 303)
    flash(done)
    return redirect(url_for(".workshops") if verb == "delete_draft" else url_for(".edit", workshop_id=workshop_id), 303)


@door.route("/<int:workshop_id>/<any(postpone, cancel, restore, delete):verb>", methods=["GET"])
def ask(workshop_id: int, verb: str) -> str:
    """What an act will do and whom it will reach, before it is done."""
    return _ask(workshop_id, verb, ReasonForm())


@door.post("/<int:workshop_id>/<any(postpone, cancel):verb>")
def stop(workshop_id: int, verb: str) -> Page:
    """Postponed or cancelled, with the reason in three languages."""
    form = ReasonForm()
    if form.validate_on_submit():
        act = service.cancel if verb == "cancel" else service.postpone
        try:
            act(workshop_id, reasons_of(form), version=_version(form), by=person(get_me()), now=now())
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
    told = service.people_told(workshop)
    return render_template("workshops/ask.html", workshop=workshop, verb=verb, form=form, told=told, tongues=LANGUAGES)


def _version(form: WorkshopForm | ReasonForm | Act) -> int:
    """The version that the form was filled from; 0, which no workshop has, if that is lost."""
    return row_number(form.version.data) or 0


# The form ----------------------------------------------------------------------------------------------------------


def _form(workshop: Workshop | None) -> WorkshopForm:
    """The form with what was typed, else with what is saved, else with what most often holds."""
    kept = queries.values_of(workshop) if workshop else None
    networks = [(str(row.id), row.name) for row in organisations.networks()]
    if workshop and kept:
        data = data_of(kept, workshop.version, service.reminders_of(workshop))
    else:
        data = {
            "network": networks[0][0] if networks else "",
            "zone": get_me().zone,
            "original_lang": current(),
            "format": "on_site",
            "access": "network",
            "reminder_choice": "usual",
            "spoken": ["es", "sv"],
            "contact": current_app.config["CONFIG"].sender[1],
        }
    posted = request.form if request.method == "POST" else None
    form = WorkshopForm(formdata=_without_removed(posted) if posted else None, data=data)
    form.offer(networks, organisations.choices(), kept)
    if not form.days.entries:
        form.days.append_entry()
    return form


def _without_removed(posted: MultiDict[str, str]) -> MultiDict[str, str]:
    posted = MultiDict(
        [(name, value) for name, value in posted.items(multi=True) if not name.startswith("days-") or DAY_FIELD.fullmatch(name)]
    )
    act, _colon, number = posted.get("act", "").partition(":")
    if act != "remove_day":
        return posted
    return MultiDict([(name, value) for name, value in posted.items(multi=True) if not name.startswith(f"days-{number}-")])


def _days_only(form: WorkshopForm) -> bool:
    """Whether only a day was added or taken away: nothing is saved, and nothing is wrong yet."""
    act = request.form.get("act", "")
    if act == "add_day" and len(form.days) < rules.MOST_DAYS:
        form.days.append_entry()
    return act == "add_day" or act.startswith("remove_day:")


def _typed(form: WorkshopForm, workshop: Workshop | None) -> rules.Values | None:
    """The values, if nothing is wrong with them; else all that is wrong stands in the form."""
    form.validate()
    values = form.read()
    network = next((row for row in organisations.networks() if row.id == values.network_id), None)
    if network is None:
        form.refuse(Refused(problems={"network": _("Choose a network from the list")}))
        return None
    found = problems.find(values, network, taken=workshop.taken if workshop else 0, kept_zone=workshop.zone if workshop else "")
    if "zone" not in found and (request.form.get("act") == "look" or (workshop is not None and workshop.state != "draft")):
        found = problems.unready(values, {}, now()) | found
    if found:
        form.refuse(Refused(problems=found))
    return None if form.wrong() or form.form_errors else values


def _saved(workshop: Workshop) -> Answer:
    if request.form.get("act") == "look":
        return redirect(url_for(".preview", workshop_id=workshop.id), 303)
    flash(_("The draft is saved.") if workshop.state == "draft" else _("The changes are saved."))
    return redirect(url_for(".edit", workshop_id=workshop.id), 303)


def _conflict(form: WorkshopForm, workshop: Workshop, mine: rules.Values) -> str:
    """What the other saved beside what was typed here; saving once more keeps what stands in the form."""
    form.version.data = str(workshop.version)
    last = next(iter(audit.entries(f"workshop:{workshop.id}", 1)), None)
    return _page(form, workshop, differences=changes.compare(queries.values_of(workshop), mine), other=last.actor_name if last else "")


def _page(form: WorkshopForm, workshop: Workshop | None, **more: Any) -> str:
    values = form.last if hasattr(form, "last") else form.peek()
    saved = {lang: text.changed_at for lang, text in workshop.texts.items()} if workshop else {}
    found = checklist.lines(values, saved, now(), wrong=form.wrong())
    return render_template(
        "workshops/form.html",
        form=form,
        tongues=LANGUAGES,
        workshop=workshop,
        checks=found,
        foot=checklist.foot(found),
        marks=checklist.marks(values, saved),
        echoes=echo.of_form(form),
        stage=shown.stage_tag(workshop, now()) if workshop else None,
        over=workshop is not None and rules.stage(workshop.state, workshop.starts_at, workshop.ends_at, now()) == "done",
        told=service.people_told(workshop) if workshop else 0,
        history=changes.history(audit.entries(f"workshop:{workshop.id}"), reader_zone()) if workshop else [],
        **more,
    )
