"""Staff write the rules of reminders: a network's usual ones, and those of one workshop. Each is seen before it is saved."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Conflict, Missing, Refused
from app.languages import gettext as _
from app.organisations import queries as organisations
from app.organisations.models import Organisation
from app.reminders import queries as reads
from app.reminders.editing import queries, service, shown, words
from app.reminders.editing.forms import RuleForm, data_of
from app.reminders.editing.queries import Place
from app.reminders.editing.rules import Values
from app.reminders.models import ReminderRule
from app.web import Door, get_me, reader_zone, row_number
from app.workshops import queries as workshops

network_door = Door(__name__, "/staff/networks/<slug>/reminders", name="network_rules_staff")
door = Door(__name__, "/staff/workshops/<int:workshop_id>/reminders", name="workshop_rules_staff")
Page = str | Response | tuple[str, int]


@network_door.get("/")
def rules(slug: str) -> str:
    """A network's usual rules."""
    return _list(_network(slug))


@network_door.route("/new", methods=["GET", "POST"])
def new(slug: str) -> Page:
    """An empty page, and the rule out of it."""
    return _edit(_network(slug), None)


@network_door.route("/<int:rule_id>/", methods=["GET", "POST"])
def edit(slug: str, rule_id: int) -> Page:
    """One rule, and what it does."""
    return _edit(_network(slug), rule_id)


@door.get("/")
def workshop_rules(workshop_id: int) -> str:
    """A workshop's own rules, and those of its network."""
    return _list(_workshop(workshop_id))


@door.route("/new", methods=["GET", "POST"])
def workshop_new(workshop_id: int) -> Page:
    """An empty page, and the rule out of it."""
    return _edit(_workshop(workshop_id), None)


@door.route("/<int:rule_id>/", methods=["GET", "POST"])
def workshop_edit(workshop_id: int, rule_id: int) -> Page:
    """One rule of its own, and what it does."""
    return _edit(_workshop(workshop_id), rule_id)


@door.post("/network/<int:rule_id>")
def skip(workshop_id: int, rule_id: int) -> Response:
    """Without a rule of the network, or with it again."""
    off = request.form.get("act") == "off"
    service.skip(workshops.get_named(workshop_id), rule_id, off=off, by=person(get_me()), now=now())
    flash(
        _("The network's rule does not hold for this workshop any more.") if off else _("The network's rule holds for this workshop again.")
    )
    return redirect(url_for(".workshop_rules", workshop_id=workshop_id), 303)


def _network(slug: str) -> Place:
    return Place(organisations.get_network(slug))


def _workshop(workshop_id: int) -> Place:
    workshop = workshops.get_named(workshop_id)
    return Place(workshop.network, workshop)


def _list(place: Place) -> str:
    own, theirs = shown.lines(place, {one.id: one for one in _members(place)}, now())
    usual_offers = not any(line.is_of_offers for line in [*own, *theirs])
    return render_template("reminders/rules.html", place=place, address=_address(place), own=own, theirs=theirs, usual_offers=usual_offers)


def _edit(place: Place, rule_id: int | None) -> Page:
    """GET shows it; `act=look` shows what was typed would do, and writes nothing; any other POST saves."""
    rule = queries.get(place, rule_id) if rule_id is not None else None
    if rule is not None and reads.is_ticked(rule):
        raise Missing
    members = _members(place)
    form = _form(place, rule, members)
    if request.method == "GET":
        return _page(place, form, rule, rule)
    values = form.read() if form.validate() else None
    if values is None:
        return _page(place, form, rule, None), 422
    try:
        if request.form.get("act") == "look":
            service.refuse(place, values, now(), but=rule_id)
            return _page(place, form, rule, _typed(place, values, rule_id))
        saved = _save(place, rule_id, values, row_number(form.version.data) or 0)
    except Refused as refusal:
        form.refuse(refusal)
        return _page(place, form, rule, None), 422
    except Conflict:
        return _conflict(place, form, rule_id)
    flash(_("The rule is saved. Below stands when it goes."))
    return redirect(_address(place, saved.id), 303)


def _save(place: Place, rule_id: int | None, values: Values, version: int) -> ReminderRule:
    by, instant = person(get_me()), now()
    if rule_id is None:
        return service.add(place, values, by=by, now=instant)
    return service.save(place, rule_id, values, version, by=by, now=instant)


def _typed(place: Place, values: Values, rule_id: int | None) -> ReminderRule:
    """A row that is never written, to see what it would do."""
    return ReminderRule(id=rule_id, **place.columns, **service.columns(values), beside=place.workshop is not None)


def _conflict(place: Place, form: RuleForm, rule_id: int | None) -> Page:
    """What was typed stays; what the other has saved stands above it. Saving once more keeps what stands in the form."""
    rule = queries.get(place, rule_id or 0)
    form.version.data = str(rule.version)
    form.form_errors.append(
        _(
            "Somebody else has changed this rule meanwhile. It reads now: “%(rule)s”. Save once more to keep what you typed.",
            rule=words.rule(rule),
        )
    )
    return _page(place, form, rule, None), 409


def _form(place: Place, rule: ReminderRule | None, members: list[Organisation]) -> RuleForm:
    zone = place.workshop.zone if place.workshop else reader_zone()
    values, version = (service.values_of(rule), rule.version) if rule else (Values("start", -7), 0)
    form = RuleForm(formdata=request.form if request.method == "POST" else None, data=data_of(values, version, zone))
    form.offer(members, zone)
    return form


def _members(place: Place) -> list[Organisation]:
    return organisations.members(place.network, now().date())


def _page(place: Place, form: RuleForm, rule: ReminderRule | None, looked_at: ReminderRule | None) -> str:
    coming = shown.preview(place, looked_at, now(), saved=looked_at is rule) if looked_at is not None else []
    return render_template(
        "reminders/rule.html",
        place=place,
        form=form,
        heading=words.rule(rule) if rule else _("New rule"),
        address=_address(place),
        looked_at=words.rule(looked_at) if looked_at is not None else "",
        saved=looked_at is rule,
        coming=coming,
    )


def _address(place: Place, rule_id: int | None = None) -> str:
    """Of the list, or of one rule."""
    if place.workshop is not None:
        home = url_for("workshop_rules_staff.workshop_rules", workshop_id=place.workshop.id)
    else:
        home = url_for("network_rules_staff.rules", slug=place.network.slug)
    return home if rule_id is None else f"{home}{rule_id}/"
