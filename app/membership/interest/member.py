"""How a municipality asks to join a network: begun, written, sent, talked about, withdrawn. What is somebody else's does not exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.audit.service import person as actor
from app.clock import now
from app.errors import Conflict, Missing, Refused
from app.languages import current
from app.languages import gettext as _
from app.membership.interest import joining, queries, rules, service, shown, writing
from app.membership.interest.forms import Act, BodyForm, InterestForm, WordsForm, data_of
from app.membership.interest.models import Interest
from app.membership.interest.rules import Values
from app.membership.interest.service import Body
from app.membership.interest.steps import Begun, behind
from app.organisations import queries as organisations
from app.organisations.models import Network
from app.web import Door, get_me, reader_zone, row_number

door = Door(__name__, "/network/<slug>/interest")
Page = str | Response | tuple[str, int]


@door.route("", methods=["GET", "POST"])
def interest(slug: str) -> Page:
    """One's own, to read, to write and to send; the question which municipality it is for who has none."""
    network, me = organisations.get_network(slug), get_me()
    row = queries.find_own(network.id, me.id)
    if row is None or (row.state not in rules.LIVE and "new" in request.args):
        return _start(network)
    if me.id not in behind(row):
        return render_template("membership/interest/waiting.html", network=network, row=row)
    return _write(row) if request.method == "POST" else _own(row)


@door.post("/join")
def join(slug: str) -> Page:
    """Asks to join what a colleague has begun."""
    network, form = organisations.get_network(slug), BodyForm()
    if (body := form.read()) is None:
        return _start(network, form)
    try:
        mine = joining.ask(network.id, body, person_id=get_me().id, by=actor(get_me()), now=now())
    except Refused as refusal:
        form.refuse(refusal)
        return _start(network, form)
    flash(_("You have joined it.") if mine.agreed_at else _("You have asked to join it. We write to you when somebody has answered."))
    return redirect(url_for(".interest", slug=slug), 303)


@door.post("/leave")
def leave(slug: str) -> Page:
    """Asks no longer."""
    row = _find(slug)
    joining.leave(row.id, person_id=get_me().id, by=actor(get_me()), now=now())
    flash(_("You no longer ask to join it."))
    return redirect(url_for(".interest", slug=slug), 303)


@door.post("/people/<int:number>/<any(agree, refuse):verb>")
def answer(slug: str, number: int, verb: str) -> Page:
    """Somebody of the same municipality asks to join: yes or no."""
    row, me = _find(slug), get_me()
    person = joining.answer(row.id, number, agree=verb == "agree", by=actor(me), now=now(), person_id=me.id)
    flash(_("%(name)s has joined.", name=person.name) if verb == "agree" else _("%(name)s has not joined.", name=person.name))
    return redirect(url_for(".interest", slug=slug), 303)


@door.post("/message")
def message(slug: str) -> Page:
    """Writes to the staff."""
    row, form = _find(slug), WordsForm()
    form.offer()
    if form.validate_on_submit():
        try:
            service.write(row.id, form.words.data or "", lang=current(), person_id=get_me().id, by=actor(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict as conflict:
            form.form_errors.append(conflict.message)
            return _own(queries.get(row.id), words=form), 409
        else:
            flash(_("Your message is sent."))
            return redirect(url_for(".interest", slug=slug, _anchor="dialogue"), 303)
    return _own(queries.get(row.id), words=form), 422


@door.post("/withdraw")
def withdraw(slug: str) -> Page:
    """Takes it back."""
    return _act(slug, service.withdraw, _("It is withdrawn."))


@door.post("/again")
def take_up(slug: str) -> Page:
    """What was withdrawn is a draft again."""
    return _act(slug, service.take_up, _("It is a draft again."))


def _act(slug: str, verb: Callable[..., object], words: str) -> Page:
    row, form = _find(slug), Act()
    if form.validate_on_submit():
        try:
            verb(row.id, person_id=get_me().id, by=actor(get_me()), now=now())
        except Refused as refusal:
            form.refuse(refusal)
        else:
            flash(words)
            return redirect(url_for(".interest", slug=slug), 303)
    return _own(queries.get(row.id), act=form), 422


def _find(slug: str) -> Interest:
    """Where one stands, or asks to. Raises Missing."""
    row = queries.find_own(organisations.get_network(slug).id, get_me().id)
    if row is None:
        raise Missing
    return row


# Beginning -----------------------------------------------------------------------------------------------------------


def _start(network: Network, form: BodyForm | None = None) -> Page:
    """Which municipality; whether one can, and what to do if not."""
    instant, me = now(), get_me()
    mine = queries.organisations_of(me.id, instant.date())
    begun: Body | None = None
    if form is None:
        first = next(iter(mine), None)
        data = {"organisation": str(first.id) if first else "", "kind": "municipality"}
        form = BodyForm(formdata=request.form if request.method == "POST" else None, data=data)
        if request.method == "POST" and (body := form.read()) is not None:
            try:
                service.start(network.id, body, lang=current(), person_id=me.id, by=actor(me), now=instant)
            except Begun:
                begun = body
            except Refused as refusal:
                form.refuse(refusal)
            else:
                flash(_("The draft is made. You can leave it at any time and come back."))
                return redirect(url_for(".interest", slug=network.slug), 303)
    form.offer(organisations.choices())
    numbers = [one.id for one in mine]
    members, known = queries.members_among(network.id, numbers, instant.date()), queries.begun_among(network.id, numbers)
    if begun is None and known and request.method == "GET":
        begun = Body(next(number for number in numbers if number in known))
    calls = queries.calls(network.id)
    page = render_template(
        "membership/interest/start.html",
        network=network,
        form=form,
        begun=begun,
        members=[one for one in mine if one.id in members],
        call=rules.may_be_open(calls, instant),
        coming=rules.next_call(calls, reader_zone(), instant),
        past=rules.last_call(calls, reader_zone(), instant),
        older=queries.find_own(network.id, me.id) is not None,
    )
    return page, 422 if request.method == "POST" else 200


# Writing -------------------------------------------------------------------------------------------------------------


def _write(row: Interest) -> Page:
    """What was typed is saved, or saved and sent; what cannot be stands beside its field."""
    act, me = request.form.get("act", ""), get_me()
    form = _form(row)
    if act == "row":
        form.more()
        return _own(row, form=form)
    values, words = form.read(), form.words.data or ""
    if values is not None:
        seen = row_number(form.version.data) or 0
        mine: dict[str, Any] = {"lang": current(), "person_id": me.id, "by": actor(me), "now": now()}
        try:
            if act == "send":
                service.send(row.id, values, seen, words=words, **mine)
            else:
                service.save(row.id, values, seen, words=words if act == "message" else None, **mine)
        except Refused as refusal:
            form.refuse(refusal)
        except Conflict as conflict:
            return _clash(queries.get(row.id), form, values, conflict), 409
        else:
            return _written(row, act, words)
    return _own(queries.get(row.id), form=form), 422


def _written(row: Interest, act: str, words: str) -> Page:
    """Back to the page; a message that was typed and not sent still stands there."""
    said = {"send": _("It is sent."), "message": _("Your message is sent, and what you have changed is saved. Our staff can see both.")}
    flash(said.get(act) or _saved(row.state))
    if words and act not in said:
        flash(_("Your message is not sent yet: it stands below."))
        return _own(queries.get(row.id), words=_message(words))
    return redirect(url_for(".interest", slug=row.network.slug), 303)


def _message(words: str) -> WordsForm:
    """The form of a message with these words in it."""
    form = WordsForm(formdata=None, data={"words": words})
    form.offer()
    return form


def _saved(state: str) -> str:
    """Staff read what they have asked about, sent or not."""
    if state == "asked":
        return _("It is saved, and our staff can see it. Send your answer when it is complete.")
    return _("It is saved. Only you and those who have joined you can read it.")


def _clash(row: Interest, form: InterestForm, values: Values, conflict: Conflict) -> str:
    """Two wrote at once: what the other has saved beside what was typed, and nothing overwritten."""
    if "save" not in rules.verbs(rules.APPLICANT, row.state):
        return _own(row, typed=values, words=_message(form.words.data or ""))
    theirs, mine = data_of(writing.values_of(row), row.version), data_of(values, row.version)
    labels = {field.name: field.label.text for field in form if field.name in mine and field.name != "version"}
    form.version.data = str(row.version)
    words = _("Somebody else has written in it meanwhile. Send once more to keep what you typed.")
    form.form_errors.append(conflict.message or words)
    return _own(row, form=form, differences=shown.differences(theirs, mine, labels))


def _may_begin_again(row: Interest, calls: list[rules.Call], instant: datetime) -> bool:
    """While a call is open: it is over, or they have left the network since."""
    if row.state in rules.LIVE or rules.may_be_open(calls, instant) is None:
        return False
    return (
        row.state in rules.CLOSED or row.organisation is None or not queries.is_member(row.network_id, row.organisation.id, instant.date())
    )


def _form(row: Interest) -> InterestForm:
    values = writing.values_of(row)
    form = InterestForm(formdata=request.form if request.method == "POST" else None, data=data_of(values, row.version))
    _offer(form, row)
    return form


def _offer(form: InterestForm, row: Interest) -> None:
    offered = queries.offered(row.network_id, now(), [one.workshop_id for one in row.workshops])
    workshops = [(one.id, shown.choice(workshop, one)) for workshop, one in offered]
    own_country = row.organisation.country if row.organisation else row.country
    partners = [(str(one.id), one.name) for one in organisations.members(row.network, now().date()) if one.country != own_country]
    if row.wished is not None and str(row.partner_id) not in dict(partners):
        partners.append((str(row.partner_id), row.wished.name))
    form.offer(list(dict.fromkeys([*writing.themes_of(row.network), *row.themes])), workshops, partners)


def _own(row: Interest, form: InterestForm | None = None, **more: Any) -> str:
    """The page of those behind it."""
    instant = now()
    verbs = rules.verbs(rules.APPLICANT, row.state)
    plain = "save" in verbs and form is None
    if plain and not more.get("typed"):
        form = InterestForm(formdata=None, data=data_of(writing.values_of(row), row.version))
        _offer(form, row)
    words = more.get("words") or _message("")
    if form is not None and words.words.data:  # where there is a form of the rest, a message is written in that
        form.words.data, form.words.errors = words.words.data, words.words.errors
    calls = queries.calls(row.network_id)
    zone = row.organisation.zone if row.organisation else row.zone
    offered = queries.offered(row.network_id, instant, [one.workshop_id for one in row.workshops])
    return render_template(
        "membership/interest/own.html",
        row=row,
        network=row.network,
        form=form,
        words=words,
        act=more.get("act") or Act(formdata=None),
        differences=more.get("differences", []),
        typed=shown.lines_of(row, more["typed"], offered) if "typed" in more else [],
        verbs=verbs,
        tag_=shown.tag_of(row.state),
        meaning=shown.meaning(row),
        where_from=shown.where_from(row),
        lines=shown.lines_of(row, writing.values_of(row), offered),
        said=shown.messages(row.messages, reader_zone(), notes=False),
        asking=[one for one in row.people if one.agreed_at is None],
        together=[one for one in row.people if one.agreed_at is not None],
        call=rules.open_call(calls, zone, instant),
        coming=rules.next_call(calls, zone, instant),
        past=rules.last_call(calls, zone, instant),
        may_write=row.sent_at is not None and row.state != "withdrawn",
        open_again=_may_begin_again(row, calls, instant),
    )
