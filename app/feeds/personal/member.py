"""One's own calendar: its secret addresses, one a device."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.audit.service import person
from app.clock import now
from app.errors import Refused
from app.feeds.personal import queries, service
from app.feeds.personal.forms import DeviceForm
from app.languages import current
from app.languages import gettext as _
from app.web import Door, get_me

door = Door(__name__, "/me/calendar")


@door.get("/")
def calendar() -> str:
    """The devices, when each was last seen, and a field for one more."""
    return _page(DeviceForm())


@door.post("/")
def make() -> str | tuple[str, int]:
    """A new address: shown on this page, once."""
    form, me = DeviceForm(), get_me()
    if not form.validate_on_submit():
        return _page(form), 422
    device = form.device.data or ""
    try:
        token = service.make_token(me.id, device, current(), by=person(me), now=now())
    except Refused as refusal:
        form.refuse(refusal)
        return _page(form), 422
    url = f"{current_app.config['CONFIG'].base_url}/feeds/me/{token}.ics"
    return _page(DeviceForm(formdata=None), made=url, made_for=device)


@door.post("/<int:token_id>/revoke")
def revoke(token_id: int) -> Response:
    """That device's calendar stops at once."""
    me = get_me()
    service.revoke(me.id, token_id, by=person(me), now=now())
    flash(_("The address no longer works. Take the calendar away in that program too."))
    return redirect(url_for(".calendar"), 303)


def _page(form: DeviceForm, made: str = "", made_for: str = "") -> str:
    me = get_me()
    return render_template("feeds/calendar.html", form=form, tokens=queries.tokens(me.id), made=made, made_for=made_for)
