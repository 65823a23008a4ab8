"""The workshop's form filled with what was typed or saved, and read: out of a request, into values."""

from __future__ import annotations

import re
from typing import Any

from flask import current_app, request
from werkzeug.datastructures import MultiDict

from app.clock import now
from app.errors import Refused
from app.languages import current
from app.languages import gettext as _
from app.organisations import queries as organisations
from app.web import get_me, row_number
from app.workshops import above
from app.workshops.checking import problems
from app.workshops.form import insertion, rows
from app.workshops.form.filled import data_of
from app.workshops.form.forms import ROWS, WorkshopForm
from app.workshops.models import Workshop
from app.workshops.past import changes
from app.workshops.past.changes import Names
from app.workshops.values import Values
from app.workshops.writing import programme

ROW_FIELD = re.compile(r"(days|sessions|documents|holds)-[0-9]{1,3}-[a-z_]+")
ROW_ACT = re.compile(r"(add|remove)_(day|session|document|hold)(?::([0-9]{1,3}))?")


def filled_form(workshop: Workshop | None) -> WorkshopForm:
    """The form with what was typed, else with what is saved, else with what most often holds."""
    chosen = above.reminders_of(workshop)
    kept = above.as_typed(workshop, chosen) if workshop else None
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
            "waitlist": "at_once",
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


def rows_only(form: WorkshopForm) -> bool:
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


def typed(form: WorkshopForm, workshop: Workshop | None) -> Values | None:
    """The values, if nothing is wrong with them; else all that is wrong stands in the form."""
    form.validate()
    values = form.read()
    if form.kept:
        as_typed, values = values, programme.carried(values, form.kept)
        form.carried = sum(one != other for one, other in zip(as_typed.sessions, values.sessions, strict=True))
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


def names_of(form: WorkshopForm) -> Names:
    """What the networks and organisations are called that the form's lists offer."""
    networks: Any = form.network.choices
    hosts: Any = form.organisation.choices
    return changes.row_names(networks, hosts)
