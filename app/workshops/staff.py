"""Staff find, write, change and look at workshops."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, render_template, request
from markupsafe import Markup

from app.audit import queries as audit
from app.audit.service import person
from app.clock import now
from app.errors import Conflict, Missing, Refused
from app.languages import LANGUAGES, city, current, ngettext, using
from app.web import PAGE, Door, get_me, kept, page_number, pages, reader_zone, row_number
from app.workshops import above, queries, rules, service
from app.workshops.acts.asking import Page, keep, saved, version_of
from app.workshops.acts.forms import Act
from app.workshops.checking import checklist
from app.workshops.finding import lines, table, tabs
from app.workshops.finding.table import tab_names
from app.workshops.form import echo
from app.workshops.form.filling import filled_form, names_of, rows_only, typed
from app.workshops.form.forms import WorkshopForm
from app.workshops.models import Workshop
from app.workshops.past import changes, history
from app.workshops.showing import entries, facts, shown
from app.workshops.showing.agenda import agenda
from app.workshops.showing.names import language_name
from app.workshops.values import Values

door = Door(__name__, "/staff/workshops")


@door.get("/")
def workshops() -> str:
    """The table of all workshops: state, days, seats; tabs with counts, and a search."""
    instant = now()
    tab = request.args.get("tab", "all")
    if tab not in queries.TABS:
        raise Missing
    words = request.args.get("q", "").strip()[:100]
    page = page_number()

    def read() -> tabs.Listed:
        return tabs.listed(instant, tab, words, limit=PAGE, offset=(page - 1) * PAGE)

    return kept(
        read(),
        lambda listed: render_template(
            "workshops/staff_list.html",
            rows=lines.for_staff(listed.heads, instant),
            tab=tab,
            words=words,
            names=tab_names(),
            counts=dict(zip(queries.TABS, listed.counts, strict=True)),
            pages=pages(listed.number, page),
        ),
        again=read,
    )


@door.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """The empty page, and the first draft out of it."""
    form = filled_form(None)
    if request.method == "GET":
        form.days.append_entry()
        return _page(form, None)
    if rows_only(form):
        return _page(form, None)
    values = typed(form, None)
    if values is not None:
        try:
            workshop = service.save_draft(values, by=person(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return saved(workshop)
    return _page(form, None), 422


@door.route("/<int:workshop_id>/", methods=["GET", "POST"])
def edit(workshop_id: int) -> Page:
    """The page filled with what is saved. Two who edit at once both see what the other has done."""
    workshop = queries.get_written(workshop_id)
    form = filled_form(workshop)
    if request.method == "GET":
        return _page(form, workshop)
    if rows_only(form):
        return _page(form, workshop)
    values = typed(form, workshop)
    if values is not None:
        if form.carried:
            flash(
                ngettext(
                    "The day was moved as a whole: one session moves along with it.",
                    "The day was moved as a whole: %(num)s sessions move along with it.",
                    form.carried,
                )
            )
        try:
            return keep(workshop, values, version_of(form), names=names_of(form))
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict:
            return _conflict(form, queries.get_written(workshop_id), values), 409
        workshop = queries.get_written(workshop_id)
    return _page(form, workshop), 422


@door.get("/echo")
def other_clocks() -> Response:
    """What the other clocks show for the days being typed: {id of the place: lines}."""
    return jsonify(echo.lines(request.args, above.around(row_number(request.args.get("network")) or 0)))


@door.get("/<int:workshop_id>/preview")
def preview(workshop_id: int) -> str:
    """The page as readers of each language will see it, and what publishing waits for."""
    workshop = queries.get(workshop_id)
    lang = request.args.get("show", current())
    if lang not in LANGUAGES:
        raise Missing
    values = above.as_typed(workshop)
    ages = {code: text.changed_at for code, text in workshop.texts.items()}
    found = checklist.lines(values, ages, now(), around=above.around(workshop.network_id))
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
        "programme": (days := facts.programme(workshop, zone)),
        "later": facts.later_days(days),
        "venue_city": workshop.place or city(workshop.zone),
        "agenda_days": agenda(workshop, zone),
        "description": facts.description(workshop),
        "practical": facts.practical(workshop),
    }


def _conflict(form: WorkshopForm, workshop: Workshop, mine: Values) -> str:
    """What the other saved beside what was typed here; saving once more keeps what stands in the form."""
    form.version.data = str(workshop.version)
    last = next(iter(audit.last_of(f"workshop:{workshop.id}", history.CHANGES)), None)
    return _page(form, workshop, differences=changes.compare(queries.values_of(workshop), mine), other=last.actor_name if last else "")


def _page(form: WorkshopForm, workshop: Workshop | None, **others: Any) -> str:
    values = form.last if hasattr(form, "last") else form.peek()
    saved = {lang: text.changed_at for lang, text in workshop.texts.items()} if workshop else {}
    more = above.beside(workshop, values.network_id)
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
        language_name=language_name,
        stage=table.stage_tag(workshop, now()) if workshop else None,
        over=workshop is not None and rules.stage(workshop.state, workshop.starts_at, workshop.ends_at, now()) == "done",
        told=more.told,
        asking=more.asking,
        questions=more.questions,
        history=_history(workshop, form) if workshop else [],
        **others,
    )


def _history(workshop: Workshop, form: WorkshopForm) -> list[history.Happened]:
    """Out of what the form was filled with, unless somebody has read the workshop again since."""
    lines = audit.latest(f"workshop:{workshop.id}", history.STAFFS)
    values = form.kept if form.kept and form.kept_version == workshop.version else above.as_typed(workshop)
    return history.history(lines, reader_zone(), state=workshop.state, values=values, names=names_of(form))
