"""Roles and closed accounts: what only administrators decide."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue as Answer

from app.accounts import queries, second_factor, staffing
from app.accounts.forms import RoleForm
from app.accounts.staff import person_page
from app.audit.service import person as actor
from app.clock import now
from app.errors import Missing, Refused
from app.languages import gettext as _
from app.web import Door, get_me

door = Door(__name__, "/staff/people")


@door.post("/<int:person_id>/role")
def change_role(person_id: int) -> Answer:
    """Gives or takes a staff role."""
    queries.get_person(person_id)
    form = RoleForm()
    if form.validate_on_submit():
        try:
            changed = staffing.change_role(person_id, form.role.data or None, by=actor(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("Saved. %(name)s has been signed out everywhere.", name=changed.name))
            return _back(person_id)
    return person_page(person_id, role_form=form)


@door.post("/<int:person_id>/disable")
def disable(person_id: int) -> Answer:
    """Closes an account."""
    form = RoleForm(formdata=None)
    try:
        changed = staffing.disable(person_id, by=actor(get_me()), now=now())
    except Refused as refusal:
        form.role.errors = []
        form.refuse(refusal)
        return person_page(person_id, role_form=form)
    flash(_("The account of %(name)s is closed.", name=changed.name))
    return _back(person_id)


@door.post("/<int:person_id>/enable")
def enable(person_id: int) -> Answer:
    """Opens a closed account again."""
    changed = staffing.enable(person_id, by=actor(get_me()), now=now())
    flash(_("The account of %(name)s is open again.", name=changed.name))
    return _back(person_id)


@door.post("/<int:person_id>/second-factor/off")
def second_factor_off(person_id: int) -> Answer:
    """For somebody who has lost the telephone and the recovery codes."""
    person = queries.get_person(person_id)
    if person.totp_secret is None:
        raise Missing
    second_factor.turn_off(person, by=actor(get_me()), now=now())
    flash(_("The second factor of %(name)s is off.", name=person.name))
    return _back(person_id)


def _back(person_id: int) -> Answer:
    return redirect(url_for("accounts_staff.person", person_id=person_id), 303)
