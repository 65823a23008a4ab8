"""One's own calendar: its secret addresses, one a device, and what each shows."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Refused
from app.feeds.models import FeedToken
from app.feeds.personal import making, queries, service
from app.feeds.personal.devices import shown
from app.feeds.personal.devices.forms import DeviceForm
from app.feeds.personal.devices.shown import Made
from app.feeds.personal.queries import Owner
from app.languages import current
from app.languages import gettext as _
from app.web import Door, get_me, reader_zone

door = Door(__name__, "/me/calendar")
Page = str | Response | tuple[str, int]


@door.get("/")
def calendar() -> str:
    """The devices, when each was last seen, what comes next, and a form for one more."""
    return _page(_fresh())


@door.post("/")
def make() -> Page:
    """A new address: shown on this page, once."""
    form, me = DeviceForm(), get_me()
    if not form.validate_on_submit():
        return _page(form), 422
    device = form.device.data or ""
    try:
        token = service.make_token(me.id, device, form.options(), by=person(me), now=now())
    except Refused as refusal:
        form.refuse(refusal)
        return _page(form), 422
    return _page(_fresh(), shown.made(token, device))


@door.post("/<int:token_id>/renew")
def renew(token_id: int) -> str:
    """Another address for the same device, shown once; the old one ends."""
    me = get_me()
    token, device = service.renew(me.id, token_id, by=person(me), now=now())
    return _page(_fresh(), shown.made(token, device))


@door.route("/<int:token_id>/", methods=["GET", "POST"])
def device(token_id: int) -> Page:
    """What one device shows; its address stays."""
    me = get_me()
    row = queries.get_token(me.id, token_id)
    form = DeviceForm(data={"device": row.device, "lang": row.lang, "level": row.level, "deadlines": row.deadlines})
    if form.validate_on_submit():
        service.choose(me.id, token_id, form.device.data or "", form.options(), by=person(me), now=now())
        flash(_("Saved. The program shows it when it fetches the calendar the next time."))
        return redirect(url_for(".calendar"), 303)
    page = render_template("feeds/device.html", form=form, row=row)
    return (page, 422) if form.is_submitted() else page


@door.post("/<int:token_id>/revoke")
def revoke(token_id: int) -> Response:
    """That device's calendar stops at once."""
    me = get_me()
    service.revoke(me.id, token_id, by=person(me), now=now())
    flash(_("The address no longer works. Take the calendar away in that program too."))
    return redirect(url_for(".calendar"), 303)


def _fresh() -> DeviceForm:
    return DeviceForm(formdata=None, data={"lang": current(), "level": "days"})


def _page(form: DeviceForm, made: Made | None = None) -> str:
    me = get_me()
    tokens = queries.tokens(me.id)
    return render_template(
        "feeds/calendar.html",
        form=form,
        devices=shown.devices(tokens, reader_zone()),
        made=made,
        coming=shown.coming(making.shown(_as_shown(me.id, tokens[0] if tokens else None)), now(), reader_zone()),
    )


def _as_shown(person_id: int, row: FeedToken | None) -> Owner:
    """What the newest device shows, in the language of the page."""
    return Owner(0, person_id, current(), row.level if row else "days", deadlines=row.deadlines if row else False)
