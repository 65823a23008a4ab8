"""Staff: networks are founded, their page is changed, calls opened and closed, documents added; who belongs since when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit import queries as audit
from app.audit.sentences import sentence
from app.audit.service import person as actor
from app.clock import now
from app.errors import Conflict, Missing, Refused
from app.languages import LANGUAGES, current, moment, sort_key
from app.languages import gettext as _
from app.membership.network import calls, links, members, queries, service, shown
from app.membership.network.forms import USUAL_CONTACT, Act, CallForm, LeaveForm, LinkForm, MemberForm, NetworkForm, data_of
from app.membership.network.rules import LIMITS, standing
from app.organisations import queries as organisations
from app.organisations.models import Network
from app.web import Door, get_me, reader_zone, row_number

door = Door(__name__, "/staff/networks")
Page = str | Response | tuple[str, int]


@door.get("/")
def networks() -> str:
    """All of them, the newest first."""
    instant, zone = now(), reader_zone()
    rows = [(one.slug, one.name, shown.years(one), shown.call_line(one, instant, zone)) for one in queries.every()]
    return render_template("membership/network/staff_list.html", rows=rows)


@door.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """The empty form, and the network out of it."""
    form = _form({"contact": USUAL_CONTACT})
    if request.method == "GET":
        return _new_page(form)
    if (values := form.read()) is not None:
        try:
            row = service.create(values, by=actor(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("The network is there now, with the usual reminders. Members are added on a page of their own."))
            return redirect(url_for(".edit", slug=row.slug), 303)
    return _new_page(form), 422


@door.route("/<slug>/", methods=["GET", "POST"])
def edit(slug: str) -> Page:
    """One network. Two who edit at once: the second sees what the first has saved, and what they typed themselves."""
    row = queries.get(slug)
    form = _form(data_of(row, queries.values_of(row)))
    if request.method == "GET":
        return _page(row, form)
    if (values := form.read()) is not None:
        try:
            service.save(slug, values, row_number(form.version.data) or 0, by=actor(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict:
            row = queries.get(slug)
            form.version.data = str(row.version)
            form.form_errors.append(_("Somebody else has changed this network meanwhile. Save once more to keep what you typed."))
            return _page(row, form, differences=shown.compare(queries.values_of(row), values)), 409
        else:
            flash(_("The network is saved."))
            return redirect(url_for(".edit", slug=slug), 303)
    return _page(queries.get(slug), form), 422


@door.post("/<slug>/calls")
def open_call(slug: str) -> Page:
    """A call is opened for some days."""
    form = CallForm()
    days = form.read()
    act = None if days is None else lambda: calls.open_call(slug, *days, by=actor(get_me()), now=now())
    return _done(slug, form, act, _("The call is set."), "calls", call_form=form)


@door.post("/<slug>/calls/<int:number>/close")
def close_call(slug: str, number: int) -> Page:
    """A call is closed early, or taken back before it opens."""
    form = Act()
    act = (lambda: calls.close(slug, number, by=actor(get_me()), now=now())) if form.validate() else None
    return _done(slug, form, act, _("Done. See below how the call stands now."), "calls")


@door.post("/<slug>/documents")
def add_link(slug: str) -> Page:
    """A link to something to read."""
    form = LinkForm()
    valid = form.validate()
    act = (lambda: links.add(slug, form.titles(), form.url.data or "", by=actor(get_me()), now=now())) if valid else None
    return _done(slug, form, act, _("Saved."), "documents", link_form=form)


@door.post("/<slug>/documents/<int:number>/remove")
def remove_link(slug: str, number: int) -> Page:
    """The link is taken away."""
    form = Act()
    act = (lambda: links.remove(slug, number, by=actor(get_me()), now=now())) if form.validate() else None
    return _done(slug, form, act, _("Saved."), "documents")


@door.route("/<slug>/members/", methods=["GET", "POST"])
def belonging(slug: str) -> Page:
    """Who belongs since when; an organisation becomes a member."""
    row = queries.get(slug)
    form = MemberForm(formdata=request.form if request.method == "POST" else None, data={"joined_on": _usual_day(row)})
    form.offer(organisations.choices())
    if request.method == "POST" and (typed := form.read()) is not None:
        try:
            members.admit(slug, *typed, by=actor(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("It is a member now."))
            return redirect(url_for(".belonging", slug=slug), 303)
    rows = sorted(shown.memberships(queries.belonging(row.id), now().date()), key=lambda one: (one.over, sort_key(one.name)))
    page = render_template("membership/network/members.html", row=queries.get(slug), form=form, rows=rows)
    return page, 422 if request.method == "POST" else 200


@door.route("/<slug>/members/<int:number>/leave", methods=["GET", "POST"])
def leave(slug: str, number: int) -> Page:
    """The last day of a membership."""
    row = queries.get(slug)
    member = next((one for one in queries.belonging(row.id) if one.id == number), None)
    if member is None:
        raise Missing
    data = {"left_on": member.left_on.isoformat() if member.left_on else ""}
    form = LeaveForm(formdata=request.form if request.method == "POST" else None, data=data)
    if request.method == "POST" and (on := form.read()) is not None:
        try:
            members.let_leave(slug, number, on, by=actor(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("The last day is saved."))
            return redirect(url_for(".belonging", slug=slug), 303)
    page = render_template("membership/network/leave.html", row=row, form=form, name=member.organisation.name, days=shown.days_of(member))
    return page, 422 if request.method == "POST" else 200


def _usual_day(row: Network) -> str:
    """Today, or the network's first day while that lies ahead."""
    return max(now().date(), row.starts_on).isoformat()


def _done(slug: str, form: Any, act: Callable[[], object] | None, words: str, anchor: str, **kept: Any) -> Page:
    """Does one small thing and goes back to where it stands; what is refused stands on the page, with what was typed."""
    if act is not None:
        try:
            act()
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(words)
            return redirect(url_for(".edit", slug=slug, _anchor=anchor), 303)
    row = queries.get(slug)
    main = NetworkForm(formdata=None, data=data_of(row, queries.values_of(row)))
    main.offer()
    if not kept:
        main.form_errors.extend(form.form_errors)
    return _page(row, main, **kept), 422


def _form(data: dict[str, Any]) -> NetworkForm:
    form = NetworkForm(formdata=request.form if request.method == "POST" else None, data=data)
    form.offer()
    return form


def _new_page(form: NetworkForm) -> str:
    return render_template(
        "membership/network/new.html", form=form, tongues=LANGUAGES, marks=shown.marks(form.texts()), limits=LIMITS, differences=[]
    )


def _page(row: Network, form: NetworkForm, call_form: CallForm | None = None, link_form: LinkForm | None = None, **more: Any) -> str:
    instant, zone = now(), reader_zone()
    today = instant.astimezone(ZoneInfo(zone)).date()
    states = [(one, standing([(one.opens_on, one.closes_on)], today).state) for one in row.calls]
    return render_template(
        "membership/network/edit.html",
        row=row,
        form=form,
        call_form=call_form or CallForm(formdata=None),
        link_form=link_form or LinkForm(formdata=None),
        tongues=LANGUAGES,
        limits=LIMITS,
        marks=shown.marks(form.texts()),
        years=shown.years(row),
        stands=shown.call_line(row, instant, zone),
        calls=list(reversed(states)),
        documents=[(link.id, *links.title_of(link, current()), link.url) for link in row.links],
        history=[(sentence(entry), entry.actor_name, moment(entry.at, zone)) for entry in audit.entries(service.topic(row), 10)],
        **{"differences": [], **more},
    )
