"""Staff: what a workshop asks of whoever registers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Conflict, Refused
from app.languages import LANGUAGES
from app.languages import gettext as _
from app.questions import queries, rules, service, shown
from app.questions.forms import Act, QuestionForm, data_of
from app.questions.models import Question
from app.web import Door, get_me, row_number
from app.web.differences import Difference
from app.workshops import queries as workshops
from app.workshops.models import Workshop

OPTION_FIELD = re.compile(r"options-[0-9]{1,2}-[a-z]+")
door = Door(__name__, "/staff/workshops/<int:workshop_id>/questions")
Page = str | Response | tuple[str, int]


@door.get("/")
def questions(workshop_id: int) -> str:
    """What is asked, in its order, and how many have answered."""
    workshop = workshops.get_named(workshop_id)
    asked = queries.of_workshop(workshop_id)
    return render_template(
        "questions/list.html",
        workshop=workshop,
        questions=asked,
        conditions=shown.conditions(asked),
        counts=queries.answer_counts(workshop_id),
        names=shown.kind_names(),
        form=Act(),
        most=rules.MOST_QUESTIONS,
    )


@door.route("/new", methods=["GET", "POST"])
def new(workshop_id: int) -> Page:
    """The empty page, and the question out of it."""
    workshop = workshops.get_named(workshop_id)
    asked = queries.of_workshop(workshop_id)
    form = _form(None, asked)
    if request.method == "GET" or _options_only(form):
        return _page(form, workshop, None)
    if form.validate_on_submit():
        try:
            service.add(workshop_id, form.read(), by=person(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return _saved(workshop_id)
    return _page(form, workshops.get_named(workshop_id), None), 422


@door.route("/<int:question_id>/", methods=["GET", "POST"])
def edit(workshop_id: int, question_id: int) -> Page:
    """The page filled with what is asked now."""
    workshop, question = workshops.get_named(workshop_id), queries.get(workshop_id, question_id)
    form = _form(question, queries.of_workshop(workshop_id))
    if request.method == "GET" or _options_only(form):
        return _page(form, workshop, question)
    status, differences = 422, list[Difference]()
    if form.validate_on_submit():
        try:
            service.change(workshop_id, question_id, form.read(), row_number(form.version.data) or 0, by=person(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict:
            status, question = 409, queries.get(workshop_id, question_id)
            form.version.data = str(question.version)
            differences = shown.compare(service.values_of(question), form.read(), queries.of_workshop(workshop_id))
            form.refuse(Refused(_("Somebody else has changed this question meanwhile. Look at it, then save once more to keep yours.")))
        else:
            return _saved(workshop_id)
    return _page(form, workshops.get_named(workshop_id), queries.get(workshop_id, question_id), differences), status


@door.get("/<int:question_id>/remove")
def ask_remove(workshop_id: int, question_id: int) -> str:
    """What becomes of the answers, before it is taken away."""
    workshop, question = workshops.get_named(workshop_id), queries.get(workshop_id, question_id)
    count = queries.answer_counts(workshop_id).get(question_id, 0)
    return render_template("questions/remove.html", workshop=workshop, question=question, count=count, form=Act())


@door.post("/<int:question_id>/remove")
def remove(workshop_id: int, question_id: int) -> Response:
    """It is asked of nobody any more."""
    try:
        service.remove(workshop_id, question_id, by=person(get_me()), now=now())
    except Refused as refusal:
        flash(refusal.message, "error")
    else:
        flash(_("The question is not asked any more."))
    return redirect(url_for(".questions", workshop_id=workshop_id), 303)


@door.post("/<int:question_id>/<any(up, down):where>")
def move(workshop_id: int, question_id: int, where: str) -> Response:
    """One place up or down."""
    try:
        service.move(workshop_id, question_id, up=where == "up", by=person(get_me()), now=now())
    except Refused as refusal:
        flash(refusal.message, "error")
    return redirect(url_for(".questions", workshop_id=workshop_id, _anchor=f"question-{question_id}"), 303)


def _form(question: Question | None, asked: Sequence[Question]) -> QuestionForm:
    """The form with what was typed, else with what is saved, else empty."""
    data = data_of(service.values_of(question), question.version) if question else {"kind": "text"}
    posted = request.form if request.method == "POST" else None
    form = QuestionForm(formdata=_without_removed(posted) if posted else None, data=data)
    form.offer(asked[: asked.index(question)] if question in asked else asked)
    while len(form.options) < 2:
        form.options.append_entry()
    return form


def _without_removed(posted: MultiDict[str, str]) -> MultiDict[str, str]:
    kept = [(name, value) for name, value in posted.items(multi=True) if not name.startswith("options-") or OPTION_FIELD.fullmatch(name)]
    act, _colon, number = posted.get("act", "").partition(":")
    if act == "remove_option":
        kept = [(name, value) for name, value in kept if not name.startswith(f"options-{number}-")]
    return MultiDict(kept)


def _options_only(form: QuestionForm) -> bool:
    """Whether only an answer to choose was added or taken away: nothing is saved, and nothing is wrong yet."""
    act = request.form.get("act", "")
    if act == "add_option" and len(form.options) < rules.MOST_OPTIONS:
        form.options.append_entry()
    return act == "add_option" or act.startswith("remove_option:")


def _saved(workshop_id: int) -> Response:
    flash(_("The question is saved."))
    return redirect(url_for(".questions", workshop_id=workshop_id), 303)


def _page(form: QuestionForm, workshop: Workshop, question: Question | None, differences: Sequence[Difference] = ()) -> str:
    """`differences`: what somebody else has saved beside what was typed here."""
    counts = queries.answer_counts(workshop.id) if question else {}
    return render_template(
        "questions/form.html",
        form=form,
        workshop=workshop,
        question=question,
        differences=differences,
        tongues=LANGUAGES,
        answered=counts.get(question.id, 0) if question else 0,
        chosen=form.kind.data in rules.CHOSEN,
    )
