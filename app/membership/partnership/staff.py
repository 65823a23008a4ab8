"""Staff: partnerships opened behind the gate, their people, dates and documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.announcements import announce
from app.audit import queries as audit
from app.audit.sentences import sentence
from app.audit.service import person as actor
from app.clock import now
from app.errors import Conflict, Missing, Refused
from app.languages import LANGUAGES, moment
from app.languages import gettext as _
from app.membership import line, told
from app.membership.models import Partnership
from app.membership.partnership import dates, queries, service
from app.membership.partnership.forms import Act, DateForm, DocumentForm, PartnershipForm, PersonForm, data_of, data_of_date
from app.membership.partnership.service import one_of
from app.membership.partnership.shown import date_shown, people_by_role
from app.organisations import queries as organisations
from app.organisations.models import Network, Organisation
from app.outbox.queries import Planned
from app.web import Door, get_me, reader_zone, row_number

door = Door(__name__, "/staff/partnerships")
Page = str | Response | tuple[str, int]


@door.get("/")
def partnerships() -> str:
    """All of them, those under way first."""
    return render_template("membership/partnership/list.html", rows=[told.partnership(one) for one in line.partnerships()])


@door.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Two members that have kept their commitment; else the page says what is missing."""
    network, networks = organisations.choice(request.args.get("network", ""), now().date())
    if network is None:
        raise Missing
    form = _form(network, {"phase": "preparation", "starts_on": now().date().isoformat()})
    lacking: list[Any] = []
    if request.method == "POST" and (values := form.read()) is not None:
        try:
            row = service.start(network.id, values, by=actor(get_me()), now=now())
        except service.NotYet as refusal:
            form.refuse(refusal)
            lacking = refusal.lacking
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("The partnership is open."))
            return redirect(url_for(".edit", slug=row.slug), 303)
    page = render_template("membership/partnership/new.html", form=form, network=network, networks=networks, lacking=lacking)
    return page, 422 if request.method == "POST" else 200


@door.route("/<slug>/", methods=["GET", "POST"])
def edit(slug: str) -> Page:
    """One partnership with all that it has."""
    row = queries.get(slug)
    form = _form(row.network, data_of(row), row.area, row.left, row.right)
    if request.method == "GET":
        return _page(row, form)
    if (values := form.read()) is not None:
        try:
            service.save(slug, values, row_number(form.version.data) or 0, by=actor(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict:
            form.version.data = str(queries.get(slug).version)
            form.form_errors.append(_("Somebody else has changed this partnership meanwhile. Save once more to keep what you typed."))
            return _page(queries.get(slug), form), 409
        else:
            flash(_("The partnership is saved."))
            return redirect(url_for(".edit", slug=slug), 303)
    return _page(queries.get(slug), form), 422


@door.post("/<slug>/people")
def add_person(slug: str) -> Page:
    """Somebody gets a part."""
    form = PersonForm()
    form.offer()
    return _done(
        slug, form, lambda: service.add_person(slug, form.who.data or "", form.role.data or "", by=actor(get_me()), now=now()), person=form
    )


@door.post("/<slug>/people/<int:number>/remove")
def remove_person(slug: str, number: int) -> Page:
    """The part is taken back."""
    return _done(slug, Act(), lambda: service.remove_person(slug, number, by=actor(get_me()), now=now()))


@door.post("/<slug>/documents")
def add_document(slug: str) -> Page:
    """A link to something to read."""
    form = DocumentForm()
    return _done(
        slug, form, lambda: service.add_link(slug, form.title.data or "", form.url.data or "", by=actor(get_me()), now=now()), document=form
    )


@door.post("/<slug>/documents/<int:number>/remove")
def remove_document(slug: str, number: int) -> Page:
    """The link is taken away."""
    return _done(slug, Act(), lambda: service.remove_link(slug, number, by=actor(get_me()), now=now()))


@door.route("/<slug>/dates/new", methods=["GET", "POST"])
def new_date(slug: str) -> Page:
    """A visit, a meeting, a milestone, a report."""
    row = queries.get(slug)
    return _date(row, None, {"kind": "meeting", "zone": row.left.zone, "public": True})


@door.route("/<slug>/dates/<int:number>/", methods=["GET", "POST"])
def edit_date(slug: str, number: int) -> Page:
    """Other facts of one: its calendar entry follows."""
    row = queries.get(slug)
    event = next((one for one in row.events if one.id == number), None)
    if event is None:
        raise Missing
    return _date(row, number, data_of_date(event))


@door.get("/<slug>/dates/<int:number>/call-off")
def ask_call_off(slug: str, number: int) -> str:
    """What it does, before it is done: there is no way back."""
    row = queries.get(slug)
    event = service.one_of(row.events, number)
    date = date_shown(event, row, reader_zone(), now())
    return render_template("membership/partnership/call_off.html", row=row, date=date, title=told.partnership(row).title)


@door.post("/<slug>/dates/<int:number>/call-off")
def call_off(slug: str, number: int) -> Page:
    """It does not take place."""
    return _done(slug, Act(), lambda: dates.call_off(slug, number, by=actor(get_me()), now=now()))


@door.post("/<slug>/dates/<int:number>/done")
def done(slug: str, number: int) -> Page:
    """A milestone is reached, a report is in; or not after all."""
    form = Act()
    return _done(slug, form, lambda: dates.mark_done(slug, number, done=form.done.data == "y", by=actor(get_me()), now=now()))


def _form(network: Network, data: dict[str, Any], former: str = "", *pair: Organisation) -> PartnershipForm:
    form = PartnershipForm(formdata=request.form if request.method == "POST" else None, data=data)
    _offer(form, network, former, *pair)
    return form


def _offer(form: PartnershipForm, network: Network, former: str, *pair: Organisation) -> None:
    """The members of today, and the two whose partnership it is."""
    members = organisations.members(network, max(min(now().date(), network.ends_on), network.starts_on))
    form.offer([*members, *(one for one in pair if one.id not in {member.id for member in members})], former)


def _done(slug: str, form: Any, act: Callable[[], object], **shown: Any) -> Page:
    """Does one small thing and goes back; what is refused stands on the page, with what was typed."""
    if form.validate_on_submit():
        try:
            act()
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("Saved."))
            return redirect(url_for(".edit", slug=slug), 303)
    row = queries.get(slug)
    main = PartnershipForm(formdata=None, data=data_of(row))
    _offer(main, row.network, row.area, row.left, row.right)
    if not shown:
        main.form_errors.extend(form.form_errors)
    return _page(row, main, **shown), 422


def _date(row: Partnership, number: int | None, data: dict[str, Any]) -> Page:
    form = DateForm(formdata=request.form if request.method == "POST" else None, data=data)
    form.offer(list(dict.fromkeys([row.left.zone, row.right.zone, data["zone"]])))
    status, newest = 422 if request.method == "POST" else 200, None
    if request.method == "POST" and (values := form.read()) is not None:
        version = row_number(form.version.data) if number else None
        try:
            dates.write(row.slug, number, values, version or 0 if number else None, by=actor(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict:
            status, newest = 409, one_of(queries.get(row.slug).events, number or 0)
            form.version.data = str(newest.sequence)
            form.form_errors.append(_("Somebody else has changed this date meanwhile. Save once more to keep what you typed."))
        else:
            flash(_("The date is saved."))
            return redirect(url_for(".edit", slug=row.slug, _anchor="dates"), 303)
    page = render_template(
        "membership/partnership/date.html",
        form=form,
        row=row,
        number=number,
        title=told.partnership(row).title,
        tongues=LANGUAGES,
        newest=date_shown(newest, row, reader_zone(), now()) if newest else None,
    )
    return page, status


def _page(row: Partnership, form: PartnershipForm, person: PersonForm | None = None, document: DocumentForm | None = None) -> str:
    instant = now()
    planned: list[Planned] = []
    announce("planned_mails", topic=service.topic(row), into=planned)
    if person is None:
        person = PersonForm(formdata=None)
        person.offer()
    return render_template(
        "membership/partnership/edit.html",
        row=row,
        one=told.partnership(row),
        form=form,
        person=person,
        document=document or DocumentForm(formdata=None),
        people=people_by_role(row.people, closed=True),
        dates=[date_shown(event, row, reader_zone(), instant) for event in row.events],
        planned=_by_what(planned),
        history=[(sentence(entry), entry.actor_name, moment(entry.at, reader_zone())) for entry in audit.entries(service.topic(row), 10)],
    )


def _by_what(planned: list[Planned]) -> dict[str, list[tuple[str, str]]]:
    """(to how many, when) of each mail, on each clock that its readers live by; what leaves first stands first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in planned:
        found.setdefault(one.what, []).append((one.who, moment(one.due_at, one.zone)))
    return found
