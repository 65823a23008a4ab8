"""Staff: who has kept the commitment, what if a workshop falls away, who is written to, the rules, and who is let off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit.service import person as actor
from app.clock import now
from app.errors import Conflict, Missing, Refused
from app.languages import gettext as _
from app.languages import ngettext
from app.membership import people, queries, shown
from app.membership.commitment import risk, service, table, what_if
from app.membership.commitment.forms import Act, RuleForm, WaiverForm, data_of
from app.membership.models import CommitmentRule
from app.membership.rules import HALVES
from app.organisations import queries as organisations
from app.organisations.models import Network, Organisation
from app.web import Door, get_me, row_number

door = Door(__name__, "/staff/commitments")
Page = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Place:
    """The network that a page is about, all that there are, what it asks, and the rule that the page is about."""

    network: Network | None
    networks: Sequence[Network]
    rules: Sequence[CommitmentRule]
    rule: CommitmentRule | None


@door.get("")
def commitments() -> str:
    """A chart and a table of all members under one rule, what each rule asks, and what would change without a workshop."""
    instant = now()
    here = _place(instant)
    network, rules, rule = here.network, here.rules, here.rule
    found = queries.progress_of(rule, queries.members_under(rule, network, instant), instant) if network and rule else []
    rows = table.table(found, people.coordinators([one.organisation.id for one in found], instant.date()))
    wanted = {name: request.args.get(name, "") for name in ("only", "half", "state")}
    return render_template(
        "membership/commitments.html",
        network=network,
        networks=here.networks,
        rule=rule,
        period=shown.period(rule) if rule else "",
        rules=[(one.id, shown.period(one), shown.asked(one), one is rule) for one in rules],
        asked=shown.asked(rule) if rule else "",
        summary=table.summary(rows) if rows else "",
        units=table.units(found),
        tab_items=[{**tab, "url": _url(rule, wanted, only=tab["key"])} for tab in table.filters(rows, wanted["only"])],
        states=table.state_links(rows, wanted, lambda side, state: _url(rule, wanted, half=side, state=state)),
        every=_url(rule, wanted, half="", state="") if wanted["state"] else "",
        rows=table.filtered(rows, **wanted),
        number_at_risk=sum(row.at_risk for row in rows),
        coming=[(one.id, shown.where(one), shown.when(one)) for one in what_if.coming(found, instant)],
    )


@door.get("/what-if")
def without() -> str:
    """Who would fall short if a workshop did not take place; nothing is done."""
    instant = now()
    here, workshop_id = _place(instant), row_number(request.args.get("workshop"))
    network, rule = here.network, here.rule
    if network is None or rule is None or workshop_id is None:
        raise Missing
    found = what_if.without(rule, queries.members_under(rule, network, instant), workshop_id, instant)
    return render_template("membership/what_if.html", rule=rule, period=shown.period(rule), asked=shown.asked(rule), outcome=found)


@door.route("/<int:commitment_id>/write", methods=["GET", "POST"])
def write(commitment_id: int) -> Page:
    """Whom a mail reaches that are at risk, what it says, and the button."""
    instant, rule = now(), queries.get_rule(commitment_id)
    form = Act()
    status = 200
    if form.validate_on_submit():
        try:
            number = risk.write(rule.id, seen=form.seen.data or "", by=actor(get_me()), now=instant)
        except Refused as refusal:
            form.refuse(refusal)
            form.seen.data, status = None, 422
        else:
            flash(
                ngettext("One mail is on its way.", "%(num)s mails are on their way.", number)
                if number
                else _("They have had this mail today.")
            )
            return redirect(url_for(".commitments", period=commitment_id), 303)
    found = risk.concerned(rule, instant)
    form.seen.data = risk.sight(found)
    facts = {"rule": rule, "period": shown.period(rule), "readers": found, "people": len({one.person.id for one in found})}
    return render_template("membership/write.html", form=form, samples=risk.sample(found, instant), **facts), status


@door.route("/rules/new", methods=["GET", "POST"])
def new() -> Page:
    """The empty form, and the rule out of it."""
    network = _place(now()).network
    if network is None:
        raise Missing
    usual = {"scope": "organisation", "latin_america": "1", "sweden": "1", "people": "1"}
    form = _form(usual)
    if request.method == "POST":
        if (values := form.read()) is not None:
            try:
                rule = service.create(network.id, values, by=actor(get_me()), now=now())
            except Refused as refusal:
                form.refuse(refusal)
            else:
                return _saved(rule.id)
        return _rule_page(form, None, network), 422
    return _rule_page(form, None, network)


@door.route("/rules/<int:commitment_id>/", methods=["GET", "POST"])
def edit(commitment_id: int) -> Page:
    """A rule. Two who edit at once: the second sees what the first has saved."""
    rule = queries.get_rule(commitment_id)
    form = _form(data_of(rule))
    if request.method == "POST":
        if (values := form.read()) is not None:
            try:
                service.save(commitment_id, values, row_number(form.version.data) or 0, by=actor(get_me()), now=now())
            except Refused as refusal:
                form.refuse(refusal)
            except Conflict:
                return _conflict(form, queries.get_rule(commitment_id)), 409
            else:
                return _saved(commitment_id)
        return _rule_page(form, rule, rule.network), 422
    return _rule_page(form, rule, rule.network)


@door.post("/rules/<int:commitment_id>/delete")
def delete(commitment_id: int) -> Page:
    """Throws a rule away that nobody was let off from."""
    form, rule = Act(), queries.get_rule(commitment_id)
    if not form.validate_on_submit():
        raise Refused
    try:
        service.delete(commitment_id, row_number(form.version.data) or 0, by=actor(get_me()), now=now())
    except Refused as refusal:
        again = _form(data_of(rule), read=False)
        again.form_errors.append(refusal.message)
        return _rule_page(again, rule, rule.network), 422
    flash(_("The rule is thrown away."))
    return redirect(url_for(".commitments"), 303)


@door.route("/<int:commitment_id>/let-off/<slug>", methods=["GET", "POST"])
def waive(commitment_id: int, slug: str) -> Page:
    """Why a member is let off one half."""
    rule, organisation = queries.get_rule(commitment_id), organisations.get_organisation(slug)
    form = WaiverForm(data={"half": request.args.get("half")} if request.method == "GET" else None)
    form.offer()
    if form.validate_on_submit():
        try:
            service.waive(commitment_id, organisation.id, form.half.data or "", form.reason.data or "", by=actor(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(_("%(organisation)s is let off.", organisation=organisation.name))
            return redirect(url_for(".commitments", period=commitment_id), 303)
    return _waiver_page(form, rule, organisation), 422 if request.method == "POST" else 200


@door.post("/waivers/<int:waiver_id>/take-back")
def ask_again(waiver_id: int) -> Response:
    """The member is asked again."""
    if not Act().validate_on_submit():
        raise Refused
    commitment_id = service.ask_again(waiver_id, by=actor(get_me()), now=now()).rule_id
    flash(_("They are asked for it again."))
    return redirect(url_for(".commitments", period=commitment_id), 303)


def _place(instant: datetime) -> Place:
    """The network and the rule of the address, else the first network in force and its rule in force. Raises Missing for what is none."""
    asked = request.args.get("period", "")
    rule = queries.get_rule(row_number(asked) or 0) if asked else None
    network, networks = organisations.choice(rule.network.slug if rule else request.args.get("network", ""), instant.date())
    rules = queries.rules_of(network.id) if network else []
    return Place(network, networks, rules, rule or queries.rule_on(rules, instant.date()))


def _url(rule: CommitmentRule | None, wanted: dict[str, str], **changed: str) -> str:
    period = str(rule.id) if rule and "period" in request.args else ""
    arguments = {"network": "" if period else request.args.get("network", ""), "period": period, **wanted, **changed}
    query = urlencode({name: value for name, value in arguments.items() if value})
    return url_for(".commitments") + (f"?{query}" if query else "")


def _form(data: dict[str, Any], *, read: bool = True) -> RuleForm:
    form = RuleForm(formdata=request.form if read and request.method == "POST" else None, data=data)
    form.offer()
    return form


def _saved(commitment_id: int) -> Response:
    flash(_("The rule is saved."))
    return redirect(url_for(".commitments", period=commitment_id), 303)


def _conflict(form: RuleForm, rule: CommitmentRule) -> str:
    form.version.data = str(rule.version)
    form.form_errors.append(_("Somebody else has changed this rule meanwhile. Save once more to keep what you typed."))
    return _rule_page(form, rule, rule.network, theirs=shown.asked(rule))


def _rule_page(form: RuleForm, rule: CommitmentRule | None, network: Network, **more: Any) -> str:
    return render_template("membership/rule.html", form=form, rule=rule, network=network, period=shown.period(rule) if rule else "", **more)


def _waiver_page(form: WaiverForm, rule: CommitmentRule, organisation: Organisation) -> str:
    given = [one for one in rule.waivers if one.organisation_id == organisation.id]
    return render_template(
        "membership/waiver.html", form=form, rule=rule, organisation=organisation, asked=shown.asked(rule), given=given, halves=HALVES
    )
