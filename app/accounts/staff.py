"""People: search, one person's page, places in organisations, invitations."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app.accounts import limits, places, queries, staffing
from app.accounts.forms import AffiliationForm, InvitationForm, RoleForm, role_name
from app.accounts.models import Person
from app.accounts.public import refused_for_now, show
from app.audit.queries import entries
from app.audit.sentences import sentence
from app.audit.service import person as actor
from app.clock import now
from app.errors import Missing, Refused, TooMany
from app.languages import current
from app.languages import gettext as _
from app.outbox.bounces.queries import find_mark
from app.web import PAGE, Door, get_me, page_number, pages

door = Door(__name__, "/staff/people")

FILTERS = ("", "asking", "staff", "administrator", "officer", "helper")


@door.get("")
def people() -> Answer:
    """Everybody, by name, address or organisation; or the staff alone."""
    text = request.args.get("q", "").strip()[:100]
    role = request.args.get("role", "")
    page = page_number()
    if role not in FILTERS:
        raise Missing
    found, total = queries.people(text, role, limit=PAGE, offset=(page - 1) * PAGE)
    invitations = queries.open_invitations(now()) if page == 1 and not text else []
    facts = {
        "q": text,
        "role": role,
        "pages": pages(total, page),
        "invitations": invitations,
        "may_staff": get_me().role == "administrator",
    }
    return render_template("accounts/people.html", people=found, role_name=role_name, current_place=current_place, **facts)


def current_place(person: Person) -> str:
    """Where somebody belongs today, out of what is loaded."""
    today = now().date()
    live = [row for row in person.affiliations if row.starts_on <= today and (row.ends_on is None or row.ends_on >= today)]
    names = [(row.organisation.name, row.confirmed_at) for row in sorted(live, key=lambda row: (row.role, row.id))]
    return ", ".join(name if confirmed else _("%(organisation)s (asks)", organisation=name) for name, confirmed in names)


@door.get("/<int:person_id>")
def person(person_id: int) -> Answer:
    """One person: details, places, role, what happened."""
    return person_page(person_id)


def person_page(person_id: int, role_form: RoleForm | None = None, place_form: AffiliationForm | None = None) -> Answer:
    """The page of one person, perhaps with a form that was refused (422)."""
    shown = queries.get_person(person_id)
    role_form = role_form or RoleForm(formdata=None, role=shown.role or "")
    place_form = place_form or AffiliationForm(formdata=None)
    wrong = bool(role_form.errors or place_form.errors)
    today = now().date()
    history = [(entry, sentence(entry)) for entry in entries(f"person:{shown.id}", 20)]
    page = render_template(
        "accounts/person.html",
        person=shown,
        role_form=role_form,
        place_form=place_form,
        history=history,
        today=today,
        role=role_name(shown.role),
        may_change_roles=get_me().role == "administrator",
        has_errors=wrong,
        mark=find_mark(shown.address),
    )
    return page, 422 if wrong else 200


@door.post("/<int:person_id>/places")
def add_place(person_id: int) -> Answer:
    """Puts somebody into an organisation, as member or coordinator."""
    queries.get_person(person_id)
    form = AffiliationForm()
    if form.validate_on_submit():
        try:
            changed = places.set_affiliation(
                person_id, int(form.organisation.data), form.organisation_role.data, by=actor(get_me()), now=now()
            )
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("Saved. %(name)s sees it at the next click.", name=changed.name))
            return redirect(url_for(".person", person_id=person_id), 303)
    return person_page(person_id, place_form=form)


@door.post("/<int:person_id>/places/<int:affiliation_id>/end")
def end_place(person_id: int, affiliation_id: int) -> Answer:
    """Somebody leaves an organisation."""
    changed = staffing.end_affiliation(person_id, affiliation_id, by=actor(get_me()), now=now())
    flash(_("%(name)s no longer belongs there.", name=changed.name))
    return redirect(url_for(".person", person_id=person_id), 303)


@door.post("/<int:person_id>/asks/<int:organisation_id>/confirm")
def confirm_place(person_id: int, organisation_id: int) -> Answer:
    """Somebody does belong where they say, as far as the staff know."""
    row = places.confirm(person_id, organisation_id, by=actor(get_me()), now=now())
    flash(_("%(name)s belongs to %(organisation)s from now on.", name=row.person.name, organisation=row.organisation.name))
    return redirect(url_for(".person", person_id=person_id), 303)


@door.post("/<int:person_id>/asks/<int:organisation_id>/decline")
def decline_place(person_id: int, organisation_id: int) -> Answer:
    """Somebody does not belong where they say."""
    changed = places.decline(person_id, organisation_id, by=actor(get_me()), now=now())
    flash(_("%(name)s does not belong there. That is written down.", name=changed.name))
    return redirect(url_for(".person", person_id=person_id), 303)


@door.post("/invitations/<int:invitation_id>/take-back")
def take_back_invitation(invitation_id: int) -> Answer:
    """The link that was mailed stops working. One to the staff is for administrators to take back, as it is to send."""
    me = get_me()
    row = staffing.take_back_invitation(invitation_id, by=actor(me), may_staff=me.role == "administrator", now=now())
    flash(_("The invitation to %(address)s is taken back: its link no longer works.", address=row.address))
    return redirect(url_for(".people"), 303)


@door.route("/invite", methods=["GET", "POST"])
def invite() -> Answer:
    """Invites somebody by mail. Only administrators invite staff: the form offers nothing else to others."""
    form = InvitationForm(by=get_me(), lang=current())
    if form.validate_on_submit():
        chosen = form.role.data
        in_organisation = chosen in {"member", "coordinator"}
        try:
            limits.for_mail(form.address.data or "", request.remote_addr, now())
            staffing.invite(
                form.address.data or "",
                lang=form.lang.data,
                role=None if in_organisation else chosen,
                organisation_id=int(form.organisation.data) if in_organisation else None,
                organisation_role=chosen if in_organisation else "member",
                by=actor(get_me()),
                now=now(),
            )
        except TooMany as refusal:
            return refused_for_now("accounts/invite.html", form, refusal)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("The invitation to %(address)s is on its way. It is good for a week.", address=form.address.data))
            return redirect(url_for(".people"), 303)
    return show("accounts/invite.html", form)
