"""Staff: the board of all expressions of interest, one of them beside what is said about it, the same answer to many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit import queries as audit
from app.audit.sentences import sentence
from app.audit.service import person as actor
from app.clock import now
from app.errors import Conflict, Missing, Refused
from app.languages import LANGUAGES, current, moment, ngettext
from app.languages import gettext as _
from app.membership.interest import accepting, deciding, joining, queries, rules, shown, steps, writing
from app.membership.interest.forms import AcceptForm, Act, AssignForm, ManyForm, WordsForm
from app.membership.interest.models import Interest
from app.membership.interest.queries import Wanted
from app.membership.organisation.forms import OrganisationForm
from app.organisations import queries as organisations
from app.web import PAGE, Door, get_me, page_number, pages, reader_zone, row_number

door = Door(__name__, "/staff/interests")
Page = str | Response | tuple[str, int]


@door.get("/")
def interests() -> str:
    """All of them: who has waited longest first, by state, country and network."""
    wanted = Wanted(*(request.args.get(name, "")[:80] for name in ("state", "country", "network")))
    if wanted.state and wanted.state not in rules.STATES:
        raise Missing
    counts, page, instant = queries.numbers(wanted), page_number(), now()
    number = counts.get(wanted.state, 0) if wanted.state else sum(counts.values())
    shown_pages = pages(number, page)
    rows = queries.board(wanted, limit=PAGE, offset=(page - 1) * PAGE)
    return render_template(
        "membership/interest/board.html",
        rows=[(row, shown.tag_of(row.state), shown.where_from(row), shown.since(row, instant)) for row in rows],
        wanted=wanted,
        pages=shown_pages,
        tabs_=_tabs(wanted, counts),
        countries=queries.countries(),
        networks=organisations.networks(),
    )


@door.post("/answer")
def answer_many() -> Page:
    """Several at once: who they are and what they read, then the button."""
    ids = [number for text in request.form.getlist("chosen") if (number := row_number(text)) is not None]
    chosen, form = queries.chosen(ids[: deciding.MOST_AT_ONCE]), ManyForm()
    if not chosen:
        flash(_("Choose at least one."))
        return redirect(url_for(".interests"), 303)
    status = 200
    if form.act.data in {"ask", "decline"}:
        status = 422
        if form.validate():
            texts = {lang: form[f"words_{lang}"].data or "" for lang in LANGUAGES}
            try:
                done, left = deciding.answer_many([row.id for row in chosen], form.act.data, texts, by=actor(get_me()), now=now())
            except Refused as refusal:
                form.refuse(refusal)
            else:
                return _answered(done, left)
    rows = [(row, shown.tag_of(row.state), shown.where_from(row)) for row in chosen]
    return render_template("membership/interest/many.html", rows=rows, form=form, tongues=LANGUAGES), status


@door.get("/<int:interest_id>/")
def interest(interest_id: int) -> str:
    """What was said, beside notes, dialogue and decision."""
    return _page(queries.get(interest_id))


@door.post("/<int:interest_id>/<any(write, note, ask, decline):verb>")
def words(interest_id: int, verb: str) -> Page:
    """Something written: a message, a note, a question that opens it again, a no with its reason."""
    row, form = queries.get(interest_id), WordsForm()
    form.offer(_reader(row) if verb != "note" else current(), verb)
    if form.validate_on_submit():
        said, lang, me = form.words.data or "", form.lang.data, actor(get_me())
        seen = row_number(form.version.data) or 0
        acts: dict[str, Callable[[], object]] = {
            "write": lambda: deciding.write(interest_id, said, lang=lang, by=me, now=now()),
            "note": lambda: deciding.note(interest_id, said, lang=lang, by=me, now=now()),
            "ask": lambda: deciding.ask(interest_id, {lang: said}, version=seen, by=me, now=now()),
            "decline": lambda: deciding.decline(interest_id, {lang: said}, version=seen, by=me, now=now()),
        }
        try:
            acts[verb]()
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict as conflict:
            form.form_errors.append(conflict.message)
            return _page(queries.get(interest_id), **{verb: form}), 409
        else:
            flash({"note": _("The note is kept."), "write": _("The message is sent.")}.get(verb, _("It is done, and they are told.")))
            return redirect(url_for(".interest", interest_id=interest_id), 303)
    return _page(queries.get(interest_id), **{verb: form}), 422


@door.post("/<int:interest_id>/assign")
def assign(interest_id: int) -> Page:
    """Somebody of the staff looks after it."""
    form = AssignForm()
    form.offer([])
    chosen = (row_number(form.person.data) or 0) if form.person.data else None
    return _small(interest_id, form, lambda: deciding.assign(interest_id, chosen, by=actor(get_me()), now=now()))


@door.post("/<int:interest_id>/again")
def take_up(interest_id: int) -> Page:
    """What was declined is read once more."""
    form = Act()
    seen = row_number(form.version.data) or 0
    return _small(interest_id, form, lambda: deciding.take_up(interest_id, version=seen, by=actor(get_me()), now=now()))


@door.post("/<int:interest_id>/people/<int:number>/<any(agree, refuse):verb>")
def answer(interest_id: int, number: int, verb: str) -> Page:
    """Somebody asks to join those behind it: yes or no."""
    return _small(interest_id, Act(), lambda: joining.answer(interest_id, number, agree=verb == "agree", by=actor(get_me()), now=now()))


@door.route("/<int:interest_id>/accept", methods=["GET", "POST"])
def accept(interest_id: int) -> Page:
    """Yes: from which day, and of a new organisation its facts, looked at before they are public."""
    row = queries.get(interest_id)
    form, facts = _accept_forms(row)
    status = 200
    if request.method == "POST":
        status = 422
        decision = _decision(row, form, facts)
        if decision is not None:
            try:
                accepting.accept(interest_id, decision, version=row_number(form.version.data) or 0, by=actor(get_me()), now=now())
            except Refused as refusal:
                _refuse(refusal, form, facts)
            except Conflict as conflict:
                row = queries.get(interest_id)
                form.version.data, status = str(row.version), 409
                form.form_errors.append(conflict.message or _("Somebody has changed it meanwhile. Read it again before you accept it."))
            else:
                flash(_("It is accepted: they are members, and are told."))
                return redirect(url_for(".interest", interest_id=interest_id), 303)
    page = render_template(
        "membership/interest/accept.html",
        row=row,
        form=form,
        facts=facts,
        tongues=LANGUAGES,
        where_from=shown.where_from(row),
        may=rules.after(rules.STAFF, "accept", row.state) is not None,
        people=[one for one in row.people if one.agreed_at is not None],
    )
    return page, status


def _accept_forms(row: Interest) -> tuple[AcceptForm, OrganisationForm | None]:
    sent = request.form if request.method == "POST" else None
    day = max(min(now().date(), row.network.ends_on), row.network.starts_on)
    form = AcceptForm(formdata=sent, data={"version": str(row.version), "on": day.isoformat()})
    if row.organisation is not None:
        form.offer([])
        return form, None
    form.offer(organisations.choices())
    data = {
        "kind": row.kind,
        "country": row.country,
        "place": row.place,
        "zone": row.zone,
        **{f"name_{lang}": row.name for lang in LANGUAGES},
    }
    facts = OrganisationForm(formdata=sent, data=data)
    facts.offer(row.country, row.zone)
    return form, facts


def _decision(row: Interest, form: AcceptForm, facts: OrganisationForm | None) -> accepting.Decision | None:
    """What was typed; None, with the words beside the fields, when it cannot be read."""
    valid, on = form.validate(), None
    try:
        on = date.fromisoformat(form.on.data or "")
    except ValueError:
        form.on.errors = [*form.on.errors, _("Enter a real date, such as 2026-06-03")]
    same = row_number(form.same_as.data) if form.same_as.data else None
    values = facts.read() if facts is not None and same is None and row.organisation is None else None
    if on is None or not valid or (facts is not None and same is None and values is None):
        return None
    return accepting.Decision(on, same, values)


def _refuse(refusal: Refused, form: AcceptForm, facts: OrganisationForm | None) -> None:
    """Each word beside its field, in whichever of the two forms that is."""
    of_facts = {name: words for name, words in refusal.problems.items() if facts is not None and name in facts and name not in form}
    others = {name: words for name, words in refusal.problems.items() if name not in of_facts}
    if facts is not None and of_facts:
        facts.refuse(Refused(problems=of_facts))
    if others:
        form.refuse(Refused(problems=others))


def _answered(done: int, left: list[int]) -> Response:
    """How many have it, and which could not."""
    flash(ngettext("%(num)s was answered.", "%(num)s were answered.", done))
    if left:
        names = ", ".join(row.called for row in queries.chosen(left))
        words = ngettext("%(num)s was left as it is: %(names)s", "%(num)s were left as they are: %(names)s", len(left), names=names)
        flash(words)
    return redirect(url_for(".interests"), 303)


def _small(interest_id: int, form: Any, act: Callable[[], object]) -> Page:
    """Does one small thing and goes back; what is refused stands on the page."""
    queries.get(interest_id)
    if form.validate_on_submit():
        try:
            act()
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict as conflict:
            form.form_errors.append(conflict.message)
            return _page(queries.get(interest_id), small=form), 409
        else:
            flash(_("Saved."))
            return redirect(url_for(".interest", interest_id=interest_id), 303)
    return _page(queries.get(interest_id), small=form), 422


def _tabs(wanted: Wanted, counts: dict[str, int]) -> list[dict[str, Any]]:
    """The states with their numbers, and all."""
    rest: dict[str, Any] = {name: value for name, value in (("country", wanted.country), ("network", wanted.network)) if value}
    every = [("", _("All"), sum(counts.values()))] + [(code, name, counts.get(code, 0)) for code, name in shown.states()]
    return [
        {
            "url": url_for(".interests", **(rest | ({"state": code} if code else {}))),
            "label": f"{name} {number}",
            "current": code == wanted.state,
            "apart": False,
        }
        for code, name, number in every
    ]


def _reader(row: Interest) -> str:
    """The language of the applicant."""
    return next((one.person.lang for one in row.people if one.role == "applicant"), row.lang)


def _page(row: Interest, small: Any = None, **typed: WordsForm) -> str:
    instant, zone = now(), reader_zone()
    values, before = writing.values_of(row), writing.read(row.before) if row.before and row.sent_at is not None else None
    offered = queries.offered(row.network_id, instant, [*values.workshops, *(before.workshops if before else ())])
    changes = shown.changes(row, before, values, offered, queries.name_of(before.partner_id)) if before else None
    forms = {}
    for verb in ("write", "note", "ask", "decline"):
        form = typed.get(verb) or WordsForm(formdata=None)
        form.offer(current() if verb == "note" else _reader(row), verb)
        forms[verb] = form
    assigned = AssignForm(formdata=None, data={"person": str(row.assigned_id or "")})
    assigned.offer([(str(person.id), person.name) for person in queries.colleagues()])
    problems = [*((small.form_errors + [words for field in small for words in field.errors]) if small else [])]
    return render_template(
        "membership/interest/read.html",
        row=row,
        network=row.network,
        tag_=shown.tag_of(row.state),
        where_from=shown.where_from(row),
        since=shown.since(row, instant),
        lines=shown.lines_of(row, values, offered) if row.sent_at is not None else [],
        changes=changes,
        said=shown.messages(row.messages, zone, notes=False),
        notes=shown.messages(row.messages, zone, notes=True),
        verbs=rules.verbs(rules.STAFF, row.state),
        forms=forms,
        opened=next(iter(typed), ""),
        assigned=assigned,
        problems=[("main", words) for words in problems],
        people=[one for one in row.people if one.agreed_at is not None],
        asking=[one for one in row.people if one.agreed_at is None],
        reader=_reader(row),
        history=[(sentence(entry), entry.actor_name, moment(entry.at, zone)) for entry in audit.entries(steps.topic(row), 20)],
    )
